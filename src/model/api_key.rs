//! API keys, without their secrets.

use uuid::Uuid;

use crate::{
    expiry::Millis,
    id::{ApiKeyId, TeamId, UserId},
    owner::{Owner, OwnerKind},
    status::KeyStatus,
};

/// Whose keys are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The caller's own.
    Own,
    /// This user's: the caller's own, or anybody's for a server.
    OfUser(UserId),
    /// A team's. Needs `$manage_api_keys` there.
    OfTeam(TeamId),
}

impl Keys {
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

/// Where one key is looked for. Whoever may not have it there does not find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// These keys.
    Keys(Keys),
    /// All users' keys. One that is another's is refused with [`Error::NotOwn`], except to a server.
    Users,
}

impl Among {
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Keys(keys) => keys.kind(),
            Self::Users => OwnerKind::User,
        }
    }

    pub const fn own(self) -> bool {
        matches!(self, Self::Keys(Keys::Own))
    }

    pub const fn owner(self) -> Option<Uuid> {
        match self {
            Self::Keys(keys) => keys.owner(),
            Self::Users => None,
        }
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whom it acts for.
    pub owner: Owner,
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
    /// When it was made.
    pub created_at: Millis,
    /// Who made it, if they are still there: their name or else their address.
    pub created_by: Option<String>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When somebody ended it.
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
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyChange<'a> {
    /// What it is for.
    pub description: Option<&'a str>,
    /// Whether it ends, for ever.
    pub revoke: bool,
}

/// Why a check refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such key in the project, or it is no key at all.
    Unknown,
    /// It is a key of the other kind.
    WrongKind(OwnerKind),
    /// Somebody ended it.
    Revoked,
    /// It has come to the end of its time.
    Expired,
}
