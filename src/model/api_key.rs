//! API keys, without their secrets.

use uuid::Uuid;

use crate::{
    description::AppDescription,
    expiry::Millis,
    id::{ApiKeyId, TeamId, UserId},
    key_status::KeyStatus,
    owner::{KeyOwner, OwnerKind},
};

/// The scope of an operation: one owner's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// The caller's own keys.
    Own,
    /// This user's keys. Only a server may name a user other than the caller.
    OfUser(UserId),
    /// This team's keys. Needs the permission `$manage_api_keys` in the team.
    OfTeam(TeamId),
}

impl KeyScope {
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

/// The scope in which a key is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLookup {
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

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub owner: KeyOwner,
    /// The owner's display name; only in lists with several owners.
    pub owner_name: Option<String>,
    /// The owner's e-mail address; only in lists with several owners.
    pub owner_email: Option<String>,
    pub description: String,
    /// Begins with `pk_` rather than `sk_`.
    pub is_public: bool,
    pub last_four: String,
    pub created_at: Millis,
    /// The creator's display name or e-mail address, if they still exist.
    pub created_by: Option<String>,
    pub expires_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
    /// The display name or e-mail address of the person who revoked it, if they still exist; only in lists.
    pub revoked_by: Option<String>,
    /// The project does not allow keys of this kind at the moment; only in lists.
    pub is_paused: bool,
    /// When a check last accepted the key.
    pub last_used_at: Option<Millis>,
}

impl ApiKey {
    pub fn status(&self, now: Millis) -> KeyStatus {
        KeyStatus::at(now, self.expires_at, self.revoked_at)
    }
}

/// How far an owner is from the limit of valid keys that people can create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLimit {
    pub most: i64,
    /// The owner's valid keys; not counted beyond `most`.
    pub valid: i64,
}

impl KeyLimit {
    pub const fn is_reached(self) -> bool {
        self.valid >= self.most
    }

    /// Whether the rest is a fifth or less.
    pub const fn is_near(self) -> bool {
        self.valid >= self.most - self.most / 5
    }
}

/// How many keys of a project work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingKeys {
    /// Users' keys; not counted far beyond [`Self::MOST`].
    pub of_users: i64,
    /// Teams' keys; not counted far beyond [`Self::MOST`].
    pub of_teams: i64,
}

impl WorkingKeys {
    /// More are not counted.
    pub const MOST: i64 = 10_000;
}

#[derive(Debug, Clone)]
pub struct KeyPage {
    pub keys: Vec<ApiKey>,
    /// Number of keys that match the view, on all pages, as far as the list looks at them.
    pub matching: i64,
    /// Number of keys that match the search and are expired or revoked.
    pub inactive: i64,
    /// Number of all keys in the scope; not counted far beyond what the list looks at.
    pub total: i64,
    /// The number of keys that the list looked at, the newest, where there are more.
    pub partial: Option<i64>,
    /// Where the owner's keys are limited.
    pub limit: Option<KeyLimit>,
    /// The database's time.
    pub now: Millis,
}

#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    pub description: Option<AppDescription>,
    /// A revocation cannot be undone.
    pub revoke: bool,
}

/// Why the check of an API key fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckFailure {
    /// The project has no such key, or the text is not a key.
    Unknown,
    /// The key is of this kind instead.
    WrongKind(OwnerKind),
    Revoked,
    Expired,
}
