//! What server functions return.

use serde::{Deserialize, Serialize};

/// The result of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// In the reader's language.
    pub message: String,
    /// The page to open next; empty to stay.
    pub to: String,
}

/// The only response that contains a secret. The browser shows it and stores it nowhere.
#[derive(Serialize, Deserialize)]
pub struct CreatedApiKey {
    pub id: String,
    pub secret: String,
    /// The token for the form's next key.
    pub next_token: String,
    /// In the reader's language.
    pub message: String,
}
