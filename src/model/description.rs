//! Descriptions of API keys.

use crate::line::{self, InvalidLine};

/// In Unicode scalar values.
pub const MAX_DESCRIPTION: usize = 255;

/// A description that a person types: trimmed, 1 to [`MAX_DESCRIPTION`] visible characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// # Errors
    /// The first rule of [`line::clean`] that is broken.
    pub fn parse(text: &str) -> Result<Self, InvalidLine> {
        line::clean(text, MAX_DESCRIPTION).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// In Unicode scalar values.
pub const MAX_APP_DESCRIPTION: usize = 1000;

/// A description that a program sends: up to [`MAX_APP_DESCRIPTION`] characters, stored unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppDescription(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAppDescription {
    /// More than [`MAX_APP_DESCRIPTION`] characters.
    #[error("must be at most {MAX_APP_DESCRIPTION} characters")]
    TooLong,
    /// Postgres cannot store NUL in a text.
    #[error("must not contain the character NUL")]
    Nul,
}

/// Every description that a person may type is valid for programs too.
impl From<Description> for AppDescription {
    fn from(description: Description) -> Self {
        Self(description.0)
    }
}

impl AppDescription {
    pub fn parse(text: String) -> Result<Self, InvalidAppDescription> {
        if text.chars().count() > MAX_APP_DESCRIPTION {
            Err(InvalidAppDescription::TooLong)
        } else if text.contains('\0') {
            Err(InvalidAppDescription::Nul)
        } else {
            Ok(Self(text))
        }
    }

    /// Salvages a text from another system: removes NUL and truncates to [`MAX_APP_DESCRIPTION`]
    /// characters.
    pub fn salvage(text: &str) -> Self {
        Self(
            text.chars()
                .filter(|c| *c != '\0')
                .take(MAX_APP_DESCRIPTION)
                .collect(),
        )
    }

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
