//! What a key is for, in its owner's words.

use crate::line::{self, InvalidLine};

/// Most characters (Unicode scalar values) of a description that a person types.
pub const MAX_DESCRIPTION: usize = 255;

/// A description that a person typed: trimmed, 1 to [`MAX_DESCRIPTION`] visible characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The first rule of [`line::clean`] that is broken.
    pub fn parse(text: &str) -> Result<Self, InvalidLine> {
        line::clean(text, MAX_DESCRIPTION).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Most characters (Unicode scalar values) of a description that a program sends.
pub const MAX_APP_DESCRIPTION: usize = 1000;

/// A description that a program sent: up to [`MAX_APP_DESCRIPTION`] characters, kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppDescription(String);

/// The first rule that a program's description breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAppDescription {
    /// More than [`MAX_APP_DESCRIPTION`] characters.
    #[error("must be at most {MAX_APP_DESCRIPTION} characters")]
    TooLong,
    /// The character NUL, which no database text can hold.
    #[error("must not contain the character NUL")]
    Nul,
}

/// Whatever a person may type, a program may send.
impl From<Description> for AppDescription {
    fn from(description: Description) -> Self {
        Self(description.0)
    }
}

impl AppDescription {
    /// Checks what was sent.
    ///
    /// # Errors
    /// When it is too long or contains NUL.
    pub fn parse(text: String) -> Result<Self, InvalidAppDescription> {
        if text.chars().count() > MAX_APP_DESCRIPTION {
            Err(InvalidAppDescription::TooLong)
        } else if text.contains('\0') {
            Err(InvalidAppDescription::Nul)
        } else {
            Ok(Self(text))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_describe_a_key_as_it_likes() {
        for text in ["", " spaced ", "two\nlines", &"é".repeat(1000)] {
            let parsed = AppDescription::parse(text.to_owned());
            assert_eq!(parsed.as_ref().map(AppDescription::as_str), Ok(text));
        }
        assert_eq!(
            AppDescription::parse("x".repeat(1001)),
            Err(InvalidAppDescription::TooLong)
        );
        assert_eq!(
            AppDescription::parse("a\0b".to_owned()),
            Err(InvalidAppDescription::Nul)
        );
    }
}
