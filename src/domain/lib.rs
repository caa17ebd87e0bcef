//! The domain: who asks, what they may do, and what follows.
//!
//! One [`Domain`] serves the pages and the command line. What a browser asks for comes with a
//! [`Caller`](latchkey_model::caller::Caller), and the statement that acts on it decides whether it may;
//! `operator` holds what only somebody at the machine's command line can ask for.

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

/// Denies what only servers may do to anybody else.
fn authorize_server_only(caller: &Caller, is_for_servers: bool) -> Result<(), Denied> {
    if is_for_servers && !caller.is_privileged() {
        Err(Denied::OtherUser)
    } else {
        Ok(())
    }
}

/// Everything that can be asked of Latchkey. Cheap to clone.
#[derive(Clone)]
pub struct Domain {
    store: Store,
    passwords: Passwords,
    master_key: MasterKey,
    clock: Clock,
    uses: Uses,
}

impl Domain {
    /// Puts the parts together.
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

    /// A token for a form that makes something: the same form makes it once.
    pub fn form_token(&self) -> CreationToken {
        CreationToken::new(self.id())
    }

    /// Writes what is pending and closes the pool.
    pub async fn close(&self) {
        if let Err(error) = self.write_uses().await {
            tracing::warn!(%error, "could not write when keys were last used");
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
