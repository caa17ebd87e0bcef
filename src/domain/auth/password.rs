//! Passwords: Argon2id with 19 MiB and two passes (OWASP Password Storage Cheat Sheet). The number
//! of concurrent hashes is limited, so that a flood of sign-ins exhausts neither memory nor
//! processors.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use bcrypt::HashParts;
use latchkey_model::digest::Digest;

use super::queue::{Place, Queue};
use crate::Error;

/// A hash that no password matches.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGF0Y2hrZXktbm9ib2R5IQ$tYvvJIM65o9HhYEd9VMlzb12bTZtfVbzBlFZsXUkpyI";
/// The import refuses hashes of a higher cost.
const MAX_BCRYPT_COST: u32 = 15;

#[derive(Debug, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct PasswordBusy;

impl From<PasswordBusy> for Error {
    fn from(PasswordBusy: PasswordBusy) -> Self {
        Self::Busy
    }
}

/// The work done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordWork {
    /// Argon2id hashes.
    pub argon2id: u64,
    /// Rounds of bcrypt: two to the power of the cost.
    pub bcrypt_rounds: u64,
    /// Comparisons with the hash of an account.
    pub compared: u64,
}

#[derive(Default)]
struct Work {
    argon2id: AtomicU64,
    bcrypt_rounds: AtomicU64,
    compared: AtomicU64,
}

/// Hashes and verifies passwords.
#[derive(Clone, Default)]
pub struct Passwords {
    queue: Queue,
    work: Arc<Work>,
}

/// A place in the queue for hashing, and what is done when its turn comes.
pub struct PasswordPlace {
    place: Place,
    work: Arc<Work>,
}

/// What a password is compared with.
pub struct StoredPassword {
    /// `None` if there is none; the work is the same.
    pub hash: Option<String>,
    /// The highest cost of the project's bcrypt hashes. Every comparison costs that much, so that
    /// the time tells nothing about the account.
    pub bcrypt_cost: Option<u32>,
}

impl Passwords {
    /// `lane` is who asks, and `account` for which account; see [`Queue::enter`].
    ///
    /// # Errors
    /// [`PasswordBusy`] when too many others wait.
    pub fn enter(&self, lane: Digest, account: Digest) -> Result<PasswordPlace, PasswordBusy> {
        Ok(PasswordPlace {
            place: self.queue.enter(lane, account)?,
            work: Arc::clone(&self.work),
        })
    }

    /// With another deadline for a turn, for tests.
    #[cfg(feature = "testing")]
    pub fn with_deadline(deadline: std::time::Duration) -> Self {
        Self {
            queue: Queue::with_deadline(deadline),
            ..Self::default()
        }
    }

    /// Whether [`PasswordPlace::hash`] created this hash, rather than another server.
    pub fn is_ours(hash: &str) -> bool {
        hash.starts_with("$argon2id$")
    }

    pub fn work(&self) -> PasswordWork {
        PasswordWork {
            argon2id: self.work.argon2id.load(Ordering::Relaxed),
            bcrypt_rounds: self.work.bcrypt_rounds.load(Ordering::Relaxed),
            compared: self.work.compared.load(Ordering::Relaxed),
        }
    }
}

impl PasswordPlace {
    /// Returns the password's hash in PHC string format, with a fresh salt.
    ///
    /// # Errors
    /// [`PasswordBusy`] when the turn does not come in time.
    pub async fn hash(&self, password: String) -> Result<String, PasswordBusy> {
        self.in_turn(move |work| {
            work.argon2id.fetch_add(1, Ordering::Relaxed);
            argon2()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .ok()
        })
        .await?
        .ok_or(PasswordBusy)
    }

    /// # Errors
    /// [`PasswordBusy`] when the turn does not come in time.
    pub async fn verify(
        &self,
        password: String,
        stored: StoredPassword,
    ) -> Result<bool, PasswordBusy> {
        self.in_turn(move |work| work.verify(&password, &stored))
            .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Work) -> T + Send + 'static,
    ) -> Result<T, PasswordBusy> {
        let turn = self.place.turn().await?;
        let work = Arc::clone(&self.work);
        // The turn moves into the blocking task, which cannot be cancelled: a dropped request passes
        // it on only when the hash is done.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            task(&work)
        })
        .await
        .map_err(|_| PasswordBusy)
    }
}

impl Work {
    /// One Argon2id, and bcrypt of the project's highest cost in all, whatever is stored.
    fn verify(&self, password: &str, stored: &StoredPassword) -> bool {
        let hash = stored.hash.as_deref();
        if hash.is_some() {
            self.compared.fetch_add(1, Ordering::Relaxed);
        }
        let argon2id = hash.and_then(|hash| PasswordHash::new(hash).ok());
        let bcrypt = hash
            .filter(|_| argon2id.is_none())
            .and_then(|hash| Some((hash, hash.parse::<HashParts>().ok()?.get_cost())))
            .filter(|(_, cost)| *cost <= MAX_BCRYPT_COST);
        let is_argon2id = self.verify_argon2id(password, argon2id);
        let is_bcrypt = self.verify_bcrypt(password, bcrypt, stored.bcrypt_cost);
        is_argon2id || is_bcrypt
    }

    fn verify_argon2id(&self, password: &str, hash: Option<PasswordHash>) -> bool {
        self.argon2id.fetch_add(1, Ordering::Relaxed);
        let is_known = hash.is_some();
        hash.map_or_else(|| PasswordHash::new(NOBODY), Ok)
            .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
            && is_known
    }

    fn verify_bcrypt(
        &self,
        password: &str,
        hash: Option<(&str, u32)>,
        highest: Option<u32>,
    ) -> bool {
        let highest = highest.filter(|cost| *cost <= MAX_BCRYPT_COST);
        let is_right = hash.is_some_and(|(hash, cost)| {
            self.bcrypt_rounds.fetch_add(1 << cost, Ordering::Relaxed);
            bcrypt::verify(password, hash).unwrap_or(false)
        });
        // A hash of cost c, and then of c, c + 1 and so on, takes as long as one of the highest.
        let costs = match (hash, highest) {
            (Some((_, cost)), Some(highest)) => cost..highest,
            (None, Some(highest)) => highest..highest + 1,
            (_, None) => 0..0,
        };
        for cost in costs {
            self.bcrypt_rounds.fetch_add(1 << cost, Ordering::Relaxed);
            std::hint::black_box(bcrypt::hash_with_salt(password, cost, [0; 16]).is_ok());
        }
        is_right
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published test vector of the `crypt_blowfish` suite, "U*U" with cost 5.
    const BCRYPT: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    fn place(passwords: &Passwords) -> PasswordPlace {
        passwords
            .enter(Digest::of("lane"), Digest::of("account"))
            .expect("a place")
    }

    async fn verify(
        passwords: &Passwords,
        password: &str,
        hash: Option<&str>,
        bcrypt_cost: Option<u32>,
    ) -> bool {
        let stored = StoredPassword {
            hash: hash.map(str::to_owned),
            bcrypt_cost,
        };
        place(passwords)
            .verify(password.to_owned(), stored)
            .await
            .expect("a turn")
    }

    #[tokio::test]
    async fn only_the_password_opens_its_hash() {
        let passwords = Passwords::default();
        let hash = place(&passwords)
            .hash("correct horse".to_owned())
            .await
            .expect("a turn");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(&passwords, "correct horse", Some(&hash), None).await);
        assert!(!verify(&passwords, "correct horse ", Some(&hash), None).await);
    }

    #[tokio::test]
    async fn nobody_can_sign_in_without_a_hash() {
        let passwords = Passwords::default();
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert!(!verify(&passwords, "", None, None).await);
        assert!(!verify(&passwords, "x", Some("not a hash"), None).await);
    }

    #[tokio::test]
    async fn a_bcrypt_hash_from_elsewhere_opens_too() {
        let passwords = Passwords::default();
        assert!(!Passwords::is_ours(BCRYPT));
        for (password, right) in [("U*U", true), ("U*V", false)] {
            for highest in [None, Some(5), Some(7)] {
                assert_eq!(
                    verify(&passwords, password, Some(BCRYPT), highest).await,
                    right
                );
            }
        }
    }

    #[tokio::test]
    async fn every_comparison_in_a_project_is_the_same_work() {
        let passwords = Passwords::default();
        let ours = place(&passwords)
            .hash("x".to_owned())
            .await
            .expect("a turn");
        for highest in [None, Some(5), Some(8)] {
            let mut works = Vec::new();
            for hash in [
                None,
                Some(&*ours),
                Some("not a hash"),
                Some("$2a$05$short"),
                Some(BCRYPT),
            ] {
                // Where there is a bcrypt hash, there is a highest cost.
                if hash == Some(BCRYPT) && highest.is_none() {
                    continue;
                }
                for password in ["", "x", "U*U", &"é".repeat(70)] {
                    let before = passwords.work();
                    verify(&passwords, password, hash, highest).await;
                    let after = passwords.work();
                    works.push((
                        after.argon2id - before.argon2id,
                        after.bcrypt_rounds - before.bcrypt_rounds,
                    ));
                }
            }
            let expected = (1, highest.map_or(0, |cost| 1 << cost));
            assert!(
                works.iter().all(|work| *work == expected),
                "{highest:?}: {works:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let passwords = Passwords::default();
        let enter = |n| passwords.enter(Digest::of("lane"), Digest::of(&format!("account {n}")));
        let places: Vec<_> = (0..40).map(enter).collect();
        assert_eq!(places.iter().filter(|place| place.is_ok()).count(), 32);
    }
}
