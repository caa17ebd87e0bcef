//! One line of text that a person types and others read.
//!
//! Everything visible is allowed, including emoji and HTML, which is shown as typed. Control
//! characters, characters that reorder the surrounding text, and invisible characters are rejected:
//! they deceive readers or break storage.

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLine {
    /// Nothing is left after trimming.
    #[error("empty")]
    Empty,
    /// More characters than allowed.
    #[error("at most {max} characters are allowed")]
    TooLong {
        /// Maximum number of Unicode scalar values.
        max: usize,
    },
    /// A character that is invisible or changes how others are displayed.
    #[error("invisible or control characters are not allowed")]
    Invisible,
}

/// Trims the text and checks it: not empty, at most `max` Unicode scalar values, nothing invisible.
///
/// # Errors
/// The first rule that is broken.
pub fn clean(text: &str, max: usize) -> Result<String, InvalidLine> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidLine::Empty);
    }
    if text.chars().count() > max {
        return Err(InvalidLine::TooLong { max });
    }
    if has_invisible(text) {
        return Err(InvalidLine::Invisible);
    }
    Ok(text.to_owned())
}

/// Removes everything that [`clean`] rejects, and truncates to `max` Unicode scalar values. `None`
/// if nothing is left.
pub fn salvage(text: &str, max: usize) -> Option<String> {
    let mut kept = text.to_owned();
    // Removing characters can bring others together that are then invalid, so this repeats until
    // nothing changes.
    loop {
        let less = visible(kept.trim()).chars().take(max).collect();
        if less == kept {
            return (!kept.is_empty()).then_some(kept);
        }
        kept = less;
    }
}

/// Returns a text as one line without what [`clean`] rejects, of any length. Empty if nothing is left.
pub fn shown(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    visible(line.trim()).trim().to_owned()
}

fn has_invisible(text: &str) -> bool {
    visible(text).len() < text.len()
}

/// Returns the text without characters that are invisible or change how others are displayed.
fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let refused = match c {
            // Joiners hold emoji together and are spelling in Persian and Indic scripts; next to
            // ASCII or a space they can only be there to deceive.
            '\u{200c}' | '\u{200d}' => {
                !(before.is_some_and(joins) && chars.peek().copied().is_some_and(joins))
            }
            // Tags encode the region of a flag; they follow the flag or another tag.
            '\u{e0020}'..='\u{e007f}' => {
                !matches!(before, Some('\u{1f3f4}' | '\u{e0020}'..='\u{e007e}'))
            }
            c => c.is_control() || is_zero_width(c) || is_reordering(c),
        };
        if !refused {
            kept.push(c);
            before = Some(c);
        }
    }
    kept
}

/// Whether a joiner next to this character can be part of the spelling.
fn joins(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && !is_zero_width(c)
}

/// Whether the character has no width: soft hyphen, fillers, zero-width spaces, invisible
/// operators, shorthand and annotation controls, the byte order mark, and line and paragraph
/// separators.
const fn is_zero_width(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether the character changes the direction of the surrounding text (Unicode Bidirectional
/// Algorithm, UAX 9).
const fn is_reordering(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_person_can_see_is_kept_as_typed() {
        for text in [
            "CI/CD",
            "<script>alert(1)</script>",
            "👩‍💻 laptop",
            "❤️ 🏳️‍🌈",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "می‌خواهم",
            "مفتاح الإنتاج",
            "キー",
        ] {
            assert_eq!(clean(text, 255).as_deref(), Ok(text));
        }
        assert_eq!(clean("  spaced\t", 255).as_deref(), Ok("spaced"));
    }

    #[test]
    fn what_deceives_is_refused() {
        for text in [
            "nul\0",
            "bell\u{7}x",
            "line\nbreak",
            "del\u{7f}x",
            "c1\u{85}x",
            "over\u{202e}ride",
            "iso\u{2066}late",
            "mark\u{200f}x",
            "zero\u{200b}width",
            "join\u{200d}er",
            "non\u{200c}joiner",
            "bom\u{feff}x",
            "word\u{2060}joiner",
            "soft\u{ad}hyphen",
            "tag\u{e0041}x",
            "\u{3164}",
            "sep\u{2028}x",
        ] {
            assert_eq!(clean(text, 255), Err(InvalidLine::Invisible), "{text:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_after_trimming() {
        assert_eq!(clean("", 255), Err(InvalidLine::Empty));
        assert_eq!(clean(" \u{3000}\u{a0} ", 255), Err(InvalidLine::Empty));
        assert!(clean(&"é".repeat(255), 255).is_ok());
        assert!(clean(&format!(" {} ", "😀".repeat(255)), 255).is_ok());
        assert_eq!(
            clean(&"x".repeat(256), 255),
            Err(InvalidLine::TooLong { max: 255 })
        );
    }

    #[test]
    fn a_text_of_a_program_is_shown_as_a_line() {
        for (text, line) in [
            ("Ada", "Ada"),
            (" two\r\nlines\u{7}\n", "two  lines"),
            ("gpj\u{202e}.exe", "gpj.exe"),
            ("\u{200b}\u{2066}", ""),
            ("", ""),
        ] {
            assert_eq!(shown(text), line, "{text:?}");
        }
    }

    #[test]
    fn what_deceives_can_be_taken_out() {
        for (text, left) in [
            ("Ada", Some("Ada")),
            (" Ada\u{202e}\n ", Some("Ada")),
            ("a\u{200d}\u{200b}b", Some("ab")),
            ("👩\u{200d}💻", Some("👩\u{200d}💻")),
            ("👩\u{200d}\u{7}", Some("👩")),
            ("\u{200b} \0", None),
            ("", None),
        ] {
            assert_eq!(salvage(text, 255).as_deref(), left, "{text:?}");
        }
        assert_eq!(salvage("ab c", 3).as_deref(), Some("ab"));
    }

    proptest! {
        #[test]
        fn what_can_be_salvaged_is_clean(
            text in prop_oneof![
                any::<String>(),
                "[a é\u{200b}\u{200c}\u{200d}\u{202e}\u{1f3f4}\u{e0067}\u{e007f}]{0,40}",
            ],
            max in 1usize..300,
        ) {
            let cleaned = clean(&text, max);
            match salvage(&text, max) {
                Some(left) => {
                    prop_assert_eq!(clean(&left, max), Ok(left.clone()));
                    if let Ok(cleaned) = cleaned {
                        prop_assert_eq!(left, cleaned);
                    }
                }
                None => prop_assert!(cleaned.is_err()),
            }
        }

        #[test]
        fn what_is_accepted_stays_the_same_when_cleaned_again(text in any::<String>(), max in 0usize..300) {
            if let Ok(once) = clean(&text, max) {
                prop_assert!(once.chars().count() <= max);
                prop_assert!(!once.chars().any(char::is_control));
                prop_assert_eq!(clean(&once, max), Ok(once.clone()));
            }
        }
    }
}
