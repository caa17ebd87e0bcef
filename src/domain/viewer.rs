//! Whom a page was rendered for.

use std::fmt::Write as _;

use latchkey_model::{
    digest::Digest,
    id::{ProjectId, UserId},
};

use super::Domain;

/// The bytes of the digest. It tells users apart; it does not authenticate anybody.
const DIGEST_BYTES: usize = 8;
const PURPOSE: &str = "viewer";

impl Domain {
    /// Returns a digest of the user for whom a page is rendered. What the page sends carries it, so
    /// that a page of one user does nothing for another who has signed in since. It has a key, so
    /// that a page that is saved or shared does not reveal the user's id.
    pub fn viewer_digest(&self, project: ProjectId, user: UserId) -> String {
        let [project, user] = [project.to_string(), user.to_string()];
        shorten(self.master_key.digest(&[PURPOSE, &project, &user]))
    }

    /// Whether a page with this digest was rendered for the user, perhaps before the secret was replaced.
    pub fn is_viewer(&self, project: ProjectId, user: UserId, digest: &str) -> bool {
        let [project, user] = [project.to_string(), user.to_string()];
        self.master_key
            .digests(&[PURPOSE, &project, &user])
            .any(|own| shorten(own) == digest)
    }
}

fn shorten(digest: Digest) -> String {
    digest
        .as_bytes()
        .iter()
        .take(DIGEST_BYTES)
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").ok();
            text
        })
}
