//! Why something was not done, for the person and for the island that asked.

use serde::{Deserialize, Serialize};

/// What an island does about a problem depends on its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&str", from = "String")]
pub enum ProblemKind {
    /// The session has ended.
    SignedOut,
    /// What the page shows is not there any longer, or not for this person.
    Outdated,
    /// Something typed cannot be accepted, or is not now.
    Refused,
    /// It may work a moment later.
    Unavailable,
    /// No answer came, so nobody knows whether it was done. Only an island finds this.
    NoAnswer,
}

impl From<ProblemKind> for &'static str {
    fn from(kind: ProblemKind) -> Self {
        match kind {
            ProblemKind::SignedOut => "signed-out",
            ProblemKind::Outdated => "outdated",
            ProblemKind::Refused => "refused",
            ProblemKind::Unavailable => "unavailable",
            ProblemKind::NoAnswer => "no-answer",
        }
    }
}

impl From<String> for ProblemKind {
    fn from(name: String) -> Self {
        [
            Self::SignedOut,
            Self::Outdated,
            Self::Refused,
            Self::Unavailable,
        ]
        .into_iter()
        .find(|kind| <&str>::from(*kind) == name)
        .unwrap_or(Self::NoAnswer)
    }
}

/// What a page shows instead of doing what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub kind: ProblemKind,
    /// The name of the form's field that is meant; empty for the form as a whole.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub field: String,
    /// What is wrong and what to do, in the reader's language.
    pub message: String,
}

impl Problem {
    /// A field cannot be accepted.
    pub fn invalid(field: &str, message: String) -> Self {
        Self {
            kind: ProblemKind::Refused,
            field: field.to_owned(),
            message,
        }
    }

    /// The request did not arrive, or what came back is not an answer of ours.
    pub fn no_answer() -> Self {
        Self {
            kind: ProblemKind::NoAnswer,
            field: String::new(),
            message: String::new(),
        }
    }

    /// Whether it is about the field with this name.
    pub fn is_about(&self, field: &str) -> bool {
        self.field == field
    }

    /// Whether the page shows something that it should not show any longer.
    pub fn is_outdated(&self) -> bool {
        self.kind == ProblemKind::Outdated
    }
}
