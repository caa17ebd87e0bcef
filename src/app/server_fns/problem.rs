//! The error of a server function, for the visitor and for the island that called it.

use serde::{Deserialize, Serialize};

/// Determines how an island reacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&str", from = "String")]
pub enum ProblemKind {
    /// The session has ended.
    SignedOut,
    /// The page shows something that no longer exists, or that the visitor may no longer see.
    Outdated,
    /// The input is invalid, or cannot be accepted now.
    Refused,
    /// The request may succeed later.
    Unavailable,
    /// There was no response, so it is unknown whether the change was made. Only created in the
    /// browser.
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

/// An error to show on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub kind: ProblemKind,
    /// The name of the invalid field; empty if the problem is not about a field.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub field: String,
    /// Describes the problem and how to solve it, in the reader's language.
    pub message: String,
}

impl Problem {
    /// A problem with a field.
    pub fn invalid(field: &str, message: String) -> Self {
        Self {
            kind: ProblemKind::Refused,
            field: field.to_owned(),
            message,
        }
    }

    /// The request failed, or the response did not come from this server.
    pub fn no_answer() -> Self {
        Self {
            kind: ProblemKind::NoAnswer,
            field: String::new(),
            message: String::new(),
        }
    }

    pub fn is_about(&self, field: &str) -> bool {
        self.field == field
    }

    /// Whether the page shows something that it should no longer show.
    pub fn is_outdated(&self) -> bool {
        self.kind == ProblemKind::Outdated
    }
}
