//! Names and descriptions inside a sentence, a title or a label, where there is no markup around them: what
//! somebody typed, or a program sent, must not change how the sentence reads.

use latchkey_model::line;

use super::text;

/// First strong isolate and pop directional isolate (Unicode Bidirectional Algorithm, UAX 9): the plain-text
/// form of `<bdi>`.
const ISOLATE: char = '\u{2068}';
const POP: char = '\u{2069}';
/// What a mark that has no letter is shown on.
const DOTTED_CIRCLE: char = '\u{25cc}';

/// Returns a name for use in a sentence: one line without invisible characters, isolated if it is written
/// from right to left.
pub fn in_sentence(name: &str) -> String {
    let mut name = line::shown(name);
    if name.starts_with(is_mark) {
        name.insert(0, DOTTED_CIRCLE);
    }
    if name.chars().any(is_right_to_left) {
        name.insert(0, ISOLATE);
        name.push(POP);
    }
    name
}

/// The same for the description of a key, which a program may have left empty.
pub fn key_name(description: &str) -> String {
    match in_sentence(description) {
        name if name.is_empty() => text().keys.untitled.to_owned(),
        name => name,
    }
}

/// Whether the character is drawn on the one before it.
const fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether the character belongs to a script that is written from right to left: the blocks that the
/// standard reserves for them.
const fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_change_the_sentence_around_it() {
        for (name, shown) in [
            ("Deploy bot", "Deploy bot"),
            ("<b>é 👩‍💻 キー", "<b>é 👩‍💻 キー"),
            ("gpj\u{202e}.exe", "gpj.exe"),
            ("a\u{2066}b\u{200f}c\u{200b}d\u{7}e\u{85}f", "abcde f"),
            ("two\nlines", "two lines"),
            ("מפתח", "\u{2068}מפתח\u{2069}"),
            ("CI \u{202e}مفتاح", "\u{2068}CI مفتاح\u{2069}"),
            ("\u{301}lone", "\u{25cc}\u{301}lone"),
        ] {
            assert_eq!(in_sentence(name), shown, "{name:?}");
            assert_eq!(key_name(name), shown, "{name:?}");
        }
    }

    #[test]
    fn a_key_of_which_nothing_can_be_read_is_untitled() {
        for description in ["", " ", "\n", "\u{200b}\u{202e}", "\u{3164}"] {
            assert_eq!(key_name(description), "Untitled key", "{description:?}");
        }
    }
}
