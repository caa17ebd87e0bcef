//! What a browser keeps to be recognized by the accounts that have signed in there, so that the
//! failures of strangers do not lock them out (OWASP, "device cookies").
//!
//! For each account there is a random number and its keyed digest together with the account's
//! address. The server stores nothing, and whoever reads it learns nothing of the accounts.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use latchkey_model::{account::Email, digest::Digest, id::ProjectId};

use crate::{random, secret::MasterKey};

/// 16 random bytes in base64, and then 32 of a digest.
const NUMBER_LENGTH: usize = 22;
const ENTRY_LENGTH: usize = NUMBER_LENGTH + 43;
/// Of the accounts that share a browser, the latest are known.
const ACCOUNTS: usize = 8;

fn entries(kept: Option<&str>) -> impl Iterator<Item = &str> {
    let is_entry = |entry: &&str| {
        entry.len() == ENTRY_LENGTH
            && entry
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    kept.into_iter()
        .flat_map(|kept| kept.split('.'))
        .filter(is_entry)
        .take(ACCOUNTS)
}

fn parts<'a>(project: &'a str, email: &'a Email, number: &'a str) -> [&'a str; 4] {
    ["browser", project, email.as_str(), number]
}

fn write_entry(number: &str, digest: Digest) -> String {
    format!("{number}{}", URL_SAFE_NO_PAD.encode(digest.as_bytes()))
}

impl MasterKey {
    /// The number in an entry of this account, and which of the secrets the entry was made with.
    fn read_entry<'a>(
        &self,
        project: ProjectId,
        email: &Email,
        entry: &'a str,
    ) -> Option<(&'a str, usize)> {
        let number = entry.get(..NUMBER_LENGTH)?;
        // Compares digests, so that the time it takes reveals nothing about the entry.
        let secret = self
            .digests(&parts(&project.to_string(), email, number))
            .position(|digest| Digest::of(entry) == Digest::of(&write_entry(number, digest)))?;
        Some((number, secret))
    }

    /// Returns the subject of the counter of this browser and this account, if the browser knows it.
    pub(crate) fn recognize_browser(
        &self,
        project: ProjectId,
        email: &Email,
        kept: Option<&str>,
    ) -> Option<Digest> {
        let (number, secret) =
            entries(kept).find_map(|entry| self.read_entry(project, email, entry))?;
        let subject = [
            "browser attempts",
            &project.to_string(),
            email.as_str(),
            number,
        ];
        // With the same secret, so that the counter goes on when the secret is replaced.
        self.digests(&subject).nth(secret)
    }

    /// Returns what the browser keeps after the account has signed in there.
    pub(crate) fn remember_browser(
        &self,
        project: ProjectId,
        email: &Email,
        kept: Option<&str>,
    ) -> String {
        let number = URL_SAFE_NO_PAD.encode(random::bytes::<16>());
        let digest = self.digest(&parts(&project.to_string(), email, &number));
        let mut all = write_entry(&number, digest);
        let others = entries(kept)
            .filter(|entry| self.read_entry(project, email, entry).is_none())
            .take(ACCOUNTS - 1);
        for other in others {
            all.push('.');
            all.push_str(other);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn project(number: u128) -> ProjectId {
        ProjectId::new(Uuid::from_u128(number))
    }

    fn email(name: &str) -> Email {
        Email::parse(&format!("{name}@example.com")).expect("an address")
    }

    #[test]
    fn a_browser_is_known_to_the_accounts_that_have_signed_in_there() {
        let key = MasterKey::new("a");
        let (ada, eve) = (email("ada"), email("eve"));
        let first = key.remember_browser(project(1), &ada, None);
        let both = key.remember_browser(project(1), &eve, Some(&first));
        for (account, kept, is_known) in [
            (&ada, Some(&*first), true),
            (&eve, Some(&*first), false),
            (&ada, Some(&*both), true),
            (&eve, Some(&*both), true),
            (&ada, None, false),
        ] {
            let known = key.recognize_browser(project(1), account, kept);
            assert_eq!(known.is_some(), is_known);
        }
        assert!(
            key.recognize_browser(project(2), &ada, Some(&both))
                .is_none()
        );
        let other = MasterKey::new("b").recognize_browser(project(1), &ada, Some(&both));
        assert!(other.is_none());
    }

    #[test]
    fn a_browser_stays_known_and_its_counter_goes_on_when_the_secret_is_replaced() {
        let (old, ada, eve) = (MasterKey::new("old"), email("ada"), email("eve"));
        let rotated = MasterKey::with_former("new", ["older", "old"]);
        let kept = old.remember_browser(project(1), &ada, None);
        let before = old.recognize_browser(project(1), &ada, Some(&kept));
        let after = rotated.recognize_browser(project(1), &ada, Some(&kept));
        assert!(before.is_some() && before == after);
        let kept = rotated.remember_browser(project(1), &eve, Some(&kept));
        let kept = rotated.remember_browser(project(1), &ada, Some(&kept));
        assert_eq!(kept.len(), 2 * ENTRY_LENGTH + 1, "each once");
        let alone = MasterKey::new("new");
        for account in [&ada, &eve] {
            let known = alone.recognize_browser(project(1), account, Some(&kept));
            assert!(known.is_some());
        }
        let gone = old.remember_browser(project(1), &ada, None);
        let known = alone.recognize_browser(project(1), &ada, Some(&gone));
        assert!(known.is_none());
    }

    #[test]
    fn what_was_altered_is_not_recognized() {
        let key = MasterKey::new("a");
        let ada = email("ada");
        let kept = key.remember_browser(project(1), &ada, None);
        for at in 0..kept.len() {
            let mut altered = kept.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII");
            assert!(
                key.recognize_browser(project(1), &ada, Some(&altered))
                    .is_none(),
                "{at}"
            );
            assert!(
                key.recognize_browser(project(1), &ada, Some(&kept[..at]))
                    .is_none()
            );
        }
        let long = "x".repeat(100_000);
        for kept in ["", ".", "....", "é", &long] {
            assert!(
                key.recognize_browser(project(1), &ada, Some(kept))
                    .is_none()
            );
        }
    }

    #[test]
    fn the_latest_eight_accounts_are_known_each_once() {
        let key = MasterKey::new("a");
        let mut kept = String::new();
        for n in 0..20 {
            kept = key.remember_browser(project(1), &email(&format!("user{n}")), Some(&kept));
        }
        for _ in 0..3 {
            kept = key.remember_browser(project(1), &email("user15"), Some(&kept));
        }
        assert_eq!(kept.len(), 8 * ENTRY_LENGTH + 7);
        for n in 0..20 {
            let known = key.recognize_browser(project(1), &email(&format!("user{n}")), Some(&kept));
            assert_eq!(known.is_some(), n >= 12, "{n}");
        }
    }
}
