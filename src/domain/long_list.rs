//! Lists that are as long as a project is large, read in parts.
//!
//! Nothing is held from one part to the next: neither a connection, while a slow client reads, nor
//! what was sent already. Each part is authorized anew. What is created or deleted meanwhile may be
//! left out.

use std::{num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};

use latchkey_model::{
    api_key::{ApiKey, KeyScope},
    caller::{Caller, UserRef},
    expiry::Millis,
    id::{ApiKeyId, SessionId, TeamId},
    permission::{HeldPermission, PermissionListing},
    session::Session,
    team::{TeamBody, TeamListing},
    user::{User, UserListing},
};
use tokio::{sync::Semaphore, time::timeout};

use super::{Domain, Error};

/// Maximum wait for one's turn.
const QUEUE: Duration = Duration::from_secs(5);
/// In rows. A part is read in some ten milliseconds.
const PART: u32 = 2_500;
/// Of one user's teams or sessions, and of permissions: each part looks at all of them.
const PART_OF_USER: u32 = 10_000;

/// The turns of long lists: half of the processors read parts of them at once, so that many lists
/// take longer and others do not wait for them.
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new((processors / 2).max(1))))
    }
}

impl Turns {
    /// Runs this when it is its turn.
    async fn run<T>(
        &self,
        read: impl Future<Output = Result<T, latchkey_store::Error>>,
    ) -> Result<T, Error> {
        let Ok(Ok(_turn)) = timeout(QUEUE, self.0.acquire()).await else {
            return Err(Error::Unavailable("too many long lists at once".into()));
        };
        Ok(read.await?)
    }
}

pub trait LongList: Send + 'static {
    type Item: Send;

    fn has_ended(&self) -> bool;

    /// Returns the next part.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Self::Item>, Error>> + Send;
}

/// Who reads a list, and how far it is read.
struct Reader<Position> {
    domain: Domain,
    caller: Caller,
    after: Option<Position>,
    left: u32,
    has_ended: bool,
}

impl<Position> Reader<Position> {
    fn new(domain: &Domain, caller: &Caller, limit: Option<u32>) -> Self {
        Self {
            domain: domain.clone(),
            caller: *caller,
            after: None,
            left: limit.unwrap_or(u32::MAX),
            has_ended: false,
        }
    }

    /// Notes what was read of a part of at most this size, and where it ended.
    fn advance(&mut self, read: usize, most: u32, last: Option<Position>) {
        let read = u32::try_from(read).unwrap_or(u32::MAX);
        self.left -= read.min(self.left);
        self.has_ended = read < most || self.left == 0;
        self.after = last;
    }
}

pub struct TeamList {
    reader: Reader<(Millis, TeamId)>,
    listing: TeamListing,
}

impl LongList for TeamList {
    type Item = TeamBody;

    fn has_ended(&self) -> bool {
        self.reader.has_ended
    }

    async fn next(&mut self) -> Result<Vec<TeamBody>, Error> {
        let part = match self.listing.of {
            None => PART,
            Some(_) => PART_OF_USER,
        };
        let Reader {
            domain,
            caller,
            after,
            left,
            ..
        } = &self.reader;
        let most = part.min(*left);
        let read = domain
            .store
            .teams_after(caller, &self.listing, *after, most);
        let teams = domain.turns.run(read).await?;
        let last = teams.last().map(|team| (team.created_at_millis, team.id));
        self.reader.advance(teams.len(), most, last);
        Ok(teams)
    }
}

pub struct KeyList {
    reader: Reader<(Millis, ApiKeyId)>,
    keys: KeyScope,
}

impl LongList for KeyList {
    type Item = ApiKey;

    fn has_ended(&self) -> bool {
        self.reader.has_ended
    }

    async fn next(&mut self) -> Result<Vec<ApiKey>, Error> {
        let Reader {
            domain,
            caller,
            after,
            ..
        } = &self.reader;
        let read = domain.store.keys_after(caller, self.keys, *after, PART);
        let keys = domain.turns.run(read).await?;
        let last = keys.last().map(|key| (key.created_at, key.id));
        self.reader.advance(keys.len(), PART, last);
        Ok(keys)
    }
}

/// All users that a listing selects, whatever its limit.
pub struct UserList {
    reader: Reader<()>,
    listing: UserListing,
}

impl LongList for UserList {
    type Item = User;

    fn has_ended(&self) -> bool {
        self.reader.has_ended
    }

    async fn next(&mut self) -> Result<Vec<User>, Error> {
        let Reader { domain, caller, .. } = &self.reader;
        let read = domain.store.users(caller, &self.listing);
        let mut users = domain.turns.run(read).await?;
        let read = users.len();
        users.truncate(PART as usize);
        self.listing.after = users.last().map(|user| user.id);
        self.reader.advance(read, PART + 1, None);
        Ok(users)
    }
}

/// The permissions of members, sorted by name.
pub struct PermissionList {
    reader: Reader<HeldPermission>,
    listing: PermissionListing,
}

impl LongList for PermissionList {
    type Item = HeldPermission;

    fn has_ended(&self) -> bool {
        self.reader.has_ended
    }

    async fn next(&mut self) -> Result<Vec<HeldPermission>, Error> {
        let Reader {
            domain,
            caller,
            after,
            ..
        } = &self.reader;
        let most = PART_OF_USER;
        let read = domain
            .store
            .permissions_after(caller, &self.listing, after.as_ref(), most);
        let held = domain.turns.run(read).await?;
        let last = held.last().cloned();
        self.reader.advance(held.len(), most, last);
        Ok(held)
    }
}

/// A user's sessions, newest first.
pub struct SessionList {
    reader: Reader<(Millis, SessionId)>,
    who: UserRef,
}

impl LongList for SessionList {
    type Item = Session;

    fn has_ended(&self) -> bool {
        self.reader.has_ended
    }

    async fn next(&mut self) -> Result<Vec<Session>, Error> {
        let Reader {
            domain,
            caller,
            after,
            ..
        } = &self.reader;
        let most = PART_OF_USER;
        let read = domain.store.sessions_after(caller, self.who, *after, most);
        let sessions = domain.turns.run(read).await?;
        let last = sessions
            .last()
            .map(|session| (session.created_at, session.id));
        self.reader.advance(sessions.len(), most, last);
        Ok(sessions)
    }
}

impl Domain {
    /// Returns the list of the permissions of members, sorted by name.
    ///
    /// # Errors
    /// When it is read: `Denied::OwnUserMissing`; `Denied::OtherUser` if a client names another user.
    pub fn held_permissions(&self, caller: &Caller, listing: PermissionListing) -> PermissionList {
        PermissionList {
            reader: Reader::new(self, caller, None),
            listing,
        }
    }

    /// Returns the list of a user's sessions, newest first: the caller's own or, for a server, any user's.
    ///
    /// # Errors
    /// When it is read: `Denied::OwnUserMissing`; `Denied::OtherUser`.
    pub fn sessions(&self, caller: &Caller, who: UserRef) -> SessionList {
        SessionList {
            reader: Reader::new(self, caller, None),
            who,
        }
    }

    /// Returns the list of the caller's teams or, for a server, any user's or all; oldest first
    /// unless it is asked for the other way.
    ///
    /// # Errors
    /// When it is read: `Denied::OwnUserMissing`; `Denied::OtherUser`.
    pub fn teams(&self, caller: &Caller, listing: TeamListing) -> TeamList {
        TeamList {
            reader: Reader::new(self, caller, listing.limit),
            listing,
        }
    }

    /// Returns the list of all keys of a user or a team, newest first.
    ///
    /// # Errors
    /// When it is read: as [`Self::list_keys`]; `Denied::OtherUser`.
    pub fn all_keys(&self, caller: &Caller, keys: KeyScope) -> KeyList {
        KeyList {
            reader: Reader::new(self, caller, None),
            keys,
        }
    }

    /// Returns the list of the project's users, without pages. For servers.
    pub fn all_users(&self, caller: &Caller, listing: UserListing) -> UserList {
        UserList {
            reader: Reader::new(self, caller, None),
            listing: UserListing {
                limit: Some(PART),
                ..listing
            },
        }
    }
}
