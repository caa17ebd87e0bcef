//! What server functions return.

use serde::{Deserialize, Serialize};

/// What has been done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// For the person, in their language.
    pub message: String,
    /// Where to go from here; empty to stay.
    pub to: String,
}

/// The one answer that holds a secret. The browser shows it and keeps it nowhere.
#[derive(Serialize, Deserialize)]
pub struct CreatedApiKey {
    pub id: String,
    pub secret: String,
    /// The token for the form's next key.
    pub next_token: String,
    /// For the person, in their language.
    pub message: String,
}
