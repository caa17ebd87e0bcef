//! Whom a page was rendered for.

use std::fmt::Write as _;

use latchkey_model::id::{ProjectId, UserId};

use super::Domain;

/// The bytes of the digest. It tells users apart; it does not authenticate anybody.
const DIGEST_BYTES: usize = 8;

impl Domain {
    /// Returns a digest of the user for whom a page is rendered. What the page sends carries it, so
    /// that a page of one user does nothing for another who has signed in since. It has a key, so
    /// that a page that is saved or shared does not reveal the user's id.
    pub fn viewer_digest(&self, project: ProjectId, user: UserId) -> String {
        let digest = self
            .master_key
            .digest(&["viewer", &project.to_string(), &user.to_string()]);
        digest
            .as_bytes()
            .iter()
            .take(DIGEST_BYTES)
            .fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").ok();
                text
            })
    }
}
