//! Passwords: Argon2id with 19 MiB and two passes (OWASP Password Storage Cheat Sheet). The number
//! of concurrent hashes is limited, so that a flood of sign-ins exhausts neither memory nor
//! processors.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::Error;

/// Each takes 19 MiB and a processor for some 20 milliseconds.
const AT_ONCE: usize = 2;
const WAITING: usize = 32;

/// A hash that no password matches. Verifying it makes an unknown account take as long as a known
/// one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGF0Y2hrZXktbm9ib2R5IQ$tYvvJIM65o9HhYEd9VMlzb12bTZtfVbzBlFZsXUkpyI";

#[derive(Debug, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct PasswordBusy;

impl From<PasswordBusy> for Error {
    fn from(PasswordBusy: PasswordBusy) -> Self {
        Self::Busy
    }
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Passwords {
    /// Returns the password's hash in PHC string format, with a fresh salt.
    ///
    /// # Errors
    /// [`PasswordBusy`] when the queue is full.
    pub async fn hash(&self, password: String) -> Result<String, PasswordBusy> {
        self.in_turn(move || {
            argon2()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .ok()
        })
        .await?
        .ok_or(PasswordBusy)
    }

    /// Takes the same time without a hash to compare with.
    ///
    /// # Errors
    /// [`PasswordBusy`] when the queue is full.
    pub async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, PasswordBusy> {
        self.in_turn(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            is_password_of(&password, &hash) && known
        })
        .await
    }

    /// Whether [`Self::hash`] created this hash, rather than another server.
    pub fn is_ours(hash: &str) -> bool {
        hash.starts_with("$argon2id$")
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordBusy> {
        let _place = self.queue.try_acquire().map_err(|_| PasswordBusy)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| PasswordBusy)?;
        // The permit moves into the blocking task, which cannot be cancelled: a dropped request
        // frees its slot only when the hash is done.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| PasswordBusy)
    }
}

fn is_password_of(password: &str, hash: &str) -> bool {
    if Passwords::is_ours(hash) {
        PasswordHash::new(hash)
            .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    } else {
        bcrypt::verify(password, hash).unwrap_or(false)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_opens_its_hash() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash("correct horse".to_owned())
            .await
            .expect("a turn");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            passwords
                .verify("correct horse".to_owned(), Some(hash.clone()))
                .await
                .expect("a turn")
        );
        assert!(
            !passwords
                .verify("correct horse ".to_owned(), Some(hash))
                .await
                .expect("a turn")
        );
    }

    #[tokio::test]
    async fn nobody_can_sign_in_without_a_hash() {
        let passwords = Passwords::default();
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert!(!passwords.verify(String::new(), None).await.expect("a turn"));
        assert!(
            !passwords
                .verify("x".to_owned(), Some("not a hash".to_owned()))
                .await
                .expect("a turn")
        );
    }

    #[tokio::test]
    async fn a_bcrypt_hash_from_elsewhere_opens_too() {
        // The published test vector of the `crypt_blowfish` suite, "U*U" with cost 5.
        let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        let passwords = Passwords::default();
        assert!(!Passwords::is_ours(hash));
        for (password, right) in [("U*U", true), ("U*V", false)] {
            let verified = passwords
                .verify(password.to_owned(), Some(hash.to_owned()))
                .await;
            assert_eq!(verified.expect("a turn"), right);
        }
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let passwords = Passwords::default();
        let _places = passwords
            .queue
            .clone()
            .acquire_many_owned(34)
            .await
            .expect("places");
        assert!(passwords.verify("x".to_owned(), None).await.is_err());
    }
}
