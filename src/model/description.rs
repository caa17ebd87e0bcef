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
