//! The domain: authentication, authorization and the operations.
//!
//! One [`Domain`] serves the API, the pages and the command line. Requests come with a [`Caller`];
//! the statement that acts on its behalf authorizes it, so any operation can fail with [`Denied`].
//! [`operator`] contains the operations of the command line.

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
pub mod long_list;
mod new_secret;
pub mod operator;
pub mod own_password;
pub mod password_reset;
pub mod permissions;
pub mod projects;
pub mod random;
pub mod restore;
pub mod secret;
mod session_uses;
pub mod sessions;
pub mod signing_keys;
pub mod source;
pub mod teams;
#[cfg(feature = "testing")]
pub mod testing;
pub mod users;
mod uses;
mod viewer;
pub mod wal_mark;

use latchkey_model::{caller::Caller, expiry::Millis, id::CreationToken};
use latchkey_store::{Connections, Store};

use crate::{
    auth::Passwords,
    clock::{Clock, DatabaseClock},
    long_list::Turns,
    secret::MasterKey,
    session_uses::SessionUses,
    uses::Uses,
};

pub use error::{Denied, Error, Field, Invalid, Subject, Switch, Unauthenticated};

/// Denies an operation to clients and browsers.
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
    database_clock: DatabaseClock,
    uses: Uses,
    session_uses: SessionUses,
    turns: Turns,
}

impl Domain {
    pub fn new(connections: impl Into<Connections>, master_key: MasterKey, clock: Clock) -> Self {
        Self {
            store: Store::new(connections.into()),
            passwords: Passwords::default(),
            master_key,
            clock,
            database_clock: DatabaseClock::default(),
            uses: Uses::default(),
            session_uses: SessionUses::default(),
            turns: Turns::default(),
        }
    }

    /// With another deadline for the turn to check a password, for tests.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_password_deadline(self, deadline: std::time::Duration) -> Self {
        Self {
            passwords: Passwords::with_deadline(deadline),
            ..self
        }
    }

    /// Hashes done so far, for tests and measurements.
    #[cfg(feature = "testing")]
    pub fn password_work(&self) -> auth::PasswordWork {
        self.passwords.work()
    }

    /// Hashes a new password on behalf of an operator or of a project's server, whose name the lane
    /// is.
    async fn hash_password(&self, lane: &str, password: String) -> Result<String, Error> {
        let lane = self.master_key.digest(&["server lane", lane]);
        // Not for one account, so each is an account of its own.
        let account = self
            .master_key
            .digest(&["new password", &self.id().to_string()]);
        Ok(self.passwords.enter(lane, account)?.hash(password).await?)
    }

    fn id(&self) -> uuid::Uuid {
        random::id(self.clock)
    }

    /// Returns the time by the database's clock, in milliseconds since 1970, UTC.
    pub(crate) async fn database_now(&self) -> Result<Millis, Error> {
        self.database_clock
            .now_millis(&self.store, self.clock)
            .await
    }

    /// Returns by how many milliseconds the program's clock is ahead of the database's.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not respond.
    pub async fn clock_difference(&self) -> Result<Millis, Error> {
        self.database_clock
            .difference(&self.store, self.clock)
            .await
    }

    /// How long a statement may take that reads whole tables.
    pub const fn scan_deadline(&self) -> std::time::Duration {
        self.store.scan_deadline()
    }

    /// Returns a token that makes a form's creation idempotent.
    pub fn form_token(&self) -> CreationToken {
        CreationToken::new(self.id())
    }

    /// Writes the uses that are still in memory.
    pub async fn write_last_uses(&self) {
        if let Err(error) = self.write_uses().await {
            tracing::warn!(%error, "could not record when keys were last used");
        }
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Checks within a second whether the database responds.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.store.ping().await?)
    }
}
