//! API keys, without their secrets.

use uuid::Uuid;

use crate::{
    description::AppDescription,
    expiry::Millis,
    id::{ApiKeyId, TeamId, UserId},
    owner::{KeyOwner, OwnerKind},
    status::KeyStatus,
};

/// The user or team whose keys are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// The caller's own.
    Own,
    /// This user's: the caller's own, or anybody's for a server.
    OfUser(UserId),
    /// A team's. Needs `$manage_api_keys` there.
    OfTeam(TeamId),
}

impl KeyScope {
    /// Whether these are a user's or a team's.
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Own | Self::OfUser(_) => OwnerKind::User,
            Self::OfTeam(_) => OwnerKind::Team,
        }
    }

    pub const fn own(self) -> bool {
        matches!(self, Self::Own)
    }

    pub const fn owner(self) -> Option<Uuid> {
        match self {
            Self::Own => None,
            Self::OfUser(user) => Some(user.uuid()),
            Self::OfTeam(team) => Some(team.uuid()),
        }
    }
}

/// Where one API key is looked up. A key outside is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLookup {
    /// These keys.
    Scope(KeyScope),
    /// All users' keys. Only a server may look up another user's.
    AnyUser,
}

impl KeyLookup {
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Scope(keys) => keys.kind(),
            Self::AnyUser => OwnerKind::User,
        }
    }

    pub const fn own(self) -> bool {
        matches!(self, Self::Scope(KeyScope::Own))
    }

    pub const fn owner(self) -> Option<Uuid> {
        match self {
            Self::Scope(keys) => keys.owner(),
            Self::AnyUser => None,
        }
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whom it acts for.
    pub owner: KeyOwner,
    /// What the owner is called, where the keys of several stand together.
    pub owner_name: Option<String>,
    /// The owner's address, there, if it is a user who has one.
    pub owner_email: Option<String>,
    /// What it is for, in its owner's words.
    pub description: String,
    /// `pk_` rather than `sk_`.
    pub is_public: bool,
    /// The visible end of the key string.
    pub last_four: String,
    /// When it was created.
    pub created_at: Millis,
    /// Who made it, if they are still there: their name or else their address.
    pub created_by: Option<String>,
    /// When it expires.
    pub expires_at: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
    /// When it was last checked.
    pub last_used_at: Option<Millis>,
}

impl ApiKey {
    /// Whether it works at this instant.
    pub fn status(&self, now: Millis) -> KeyStatus {
        KeyStatus::at(now, self.expires_at, self.revoked_at)
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct KeyPage {
    /// The keys on this page.
    pub keys: Vec<ApiKey>,
    /// How many keys the view shows on all its pages.
    pub matching: i64,
    /// How many of those found by the search no longer work.
    pub inactive: i64,
    /// How many keys there are in all.
    pub total: i64,
    /// The database's time at which all this was so.
    pub now: Millis,
}

/// What to change about a key. What is `None` or `false` stays.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    pub description: Option<AppDescription>,
    /// Whether it is revoked, which cannot be undone.
    pub revoke: bool,
}

/// Why the check of an API key fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckFailure {
    /// There is no such key in the project, or it is no key at all.
    Unknown,
    /// It is a key of the other kind.
    WrongKind(OwnerKind),
    /// It was revoked.
    Revoked,
    /// It has expired.
    Expired,
}
