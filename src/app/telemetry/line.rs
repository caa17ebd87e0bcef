//! Lines without secrets, which nobody can forge.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, Write},
};

use tracing_subscriber::fmt::MakeWriter;

use super::redact;

/// Makes writers that take one line at a time.
pub struct Lines<W>(pub W);

pub struct LineWriter<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Lines<W> {
    type Writer = LineWriter<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        LineWriter(self.0.make_writer())
    }

    fn make_writer_for(&'a self, metadata: &tracing::Metadata<'_>) -> Self::Writer {
        LineWriter(self.0.make_writer_for(metadata))
    }
}

impl<W: Write> Write for LineWriter<W> {
    /// Writes one line, always whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut safe = escape(&redact(text)).into_owned();
        safe.push('\n');
        self.0.write_all(safe.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Escapes characters that end a line, control a terminal or change the direction of text. The colours
/// of the formatter stay; it escapes those in values itself.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return text.into();
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = color(rest).unwrap_or(character.len_utf8());
        let (this, after) = rest.split_at(length);
        match character {
            '\n' => safe.push_str("\\n"),
            _ if is_unsafe(character) && length == character.len_utf8() => {
                write!(safe, "\\u{{{:x}}}", u32::from(character)).ok();
            }
            _ => safe.push_str(this),
        }
        rest = after;
    }
    safe.into()
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The length of the colour sequence at the start of a text.
fn color(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    parameters[end..].starts_with('m').then_some(end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_colours_stay() {
        assert_eq!(escape("plain \u{e4}"), "plain \u{e4}");
        assert_eq!(escape("a\nb\rc\0"), "a\\nb\\u{d}c\\u{0}");
        assert_eq!(escape("\u{1b}[2mdim\u{1b}[0m"), "\u{1b}[2mdim\u{1b}[0m");
        assert_eq!(escape("\u{1b}[2J\u{1b}"), "\\u{1b}[2J\\u{1b}");
        assert_eq!(
            escape("\u{202e}\u{2028}\u{85}"),
            "\\u{202e}\\u{2028}\\u{85}"
        );
    }

    #[test]
    fn a_line_is_written_at_once_with_one_end() {
        let mut lines = LineWriter(Vec::new());
        lines.write_all(b"one\ntwo\n").expect("a line");
        assert_eq!(lines.0, b"one\\ntwo\n");
    }
}
