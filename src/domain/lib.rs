//! The domain: who is calling, what they may do, and what follows.
//!
//! One [`Domain`] serves the API, the pages and the command line. Every request comes with a [`Caller`], and
//! the statement that acts on its behalf decides whether it may; any can fail with [`Denied`].
//! [`operator`] holds what only the operator can do, at the command line.

pub mod accounts;
pub mod api_keys;
pub mod auth;
pub mod clock;
pub mod demo;
pub mod doctor;
mod error;
mod housekeeping;
pub mod import;
mod inventory;
pub mod operator;
pub mod permissions;
pub mod projects;
pub mod random;
pub mod secret;
pub mod sessions;
pub mod signing_keys;
pub mod teams;
#[cfg(feature = "testing")]
pub mod testing;
pub mod users;
mod uses;

use latchkey_model::{caller::Caller, id::CreationToken};
use latchkey_store::{Pool, Store};

use crate::{auth::Passwords, clock::Clock, secret::MasterKey, uses::Uses};

pub use error::{Denied, Error, Field, Invalid, Subject, Switch, Unauthenticated};

/// Denies to clients and browsers what only servers may do.
fn authorize_server_only(caller: &Caller, is_for_servers: bool) -> Result<(), Denied> {
    if is_for_servers && !caller.is_privileged() {
        Err(Denied::OtherUser)
    } else {
        Ok(())
    }
}

/// The operations of Latchkey. Cheap to clone.
#[derive(Clone)]
pub struct Domain {
    store: Store,
    passwords: Passwords,
    master_key: MasterKey,
    clock: Clock,
    uses: Uses,
}

impl Domain {
    pub fn new(pool: Pool, master_key: MasterKey, clock: Clock) -> Self {
        Self {
            store: Store::new(pool),
            passwords: Passwords::default(),
            master_key,
            clock,
            uses: Uses::default(),
        }
    }

    fn id(&self) -> uuid::Uuid {
        random::id(self.clock)
    }

    /// A token that makes a form's creation idempotent.
    pub fn form_token(&self) -> CreationToken {
        CreationToken::new(self.id())
    }

    /// Writes what is pending and closes the pool.
    pub async fn close(&self) {
        if let Err(error) = self.write_uses().await {
            tracing::warn!(%error, "could not record when keys were last used");
        }
        self.store.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.store.ping().await?)
    }
}
