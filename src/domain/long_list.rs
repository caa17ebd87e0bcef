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
use latchkey_store::{CallerBusy, CallerKey, Callers, Turn};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Domain, Error};

/// Rows of the first part, which is read at once: a list that ends with it waits for no other.
const FIRST: u32 = 100;
/// Rows of each further part, which is read in some ten milliseconds.
const PART: u32 = 1_000;
/// The same for one user's teams or sessions, and for permissions: each part looks at all of them.
const PART_OF_USER: u32 = 5_000;

/// Long lists that are being sent at once, in all, for the servers of a project, and for a user. Each
/// holds a part in memory until its client has read it.
const OPEN: usize = 64;
const OPEN_OF_SERVERS: usize = 32;
const OPEN_OF_USER: usize = 4;

/// Maximum wait for one's turn. Users have few lists to wait for, and are told to.
const QUEUE: Duration = Duration::from_secs(5);
const QUEUE_OF_USER: Duration = Duration::from_millis(500);

/// The turns of long lists.
#[derive(Clone)]
pub(super) struct Turns {
    /// Half of the processors read parts at once, so that many lists take longer and others do not
    /// wait for them. One caller reads one part at a time, so that callers take turns.
    parts: Arc<Semaphore>,
    parts_of_caller: Arc<Callers>,
    open: Arc<Semaphore>,
    open_of_servers: Arc<Callers>,
    open_of_user: Arc<Callers>,
}

impl Default for Turns {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self {
            parts: Arc::new(Semaphore::new((processors / 2).max(1))),
            parts_of_caller: Callers::new(1),
            open: Arc::new(Semaphore::new(OPEN)),
            open_of_servers: Callers::new(OPEN_OF_SERVERS),
            open_of_user: Callers::new(OPEN_OF_USER),
        }
    }
}

/// A turn of a caller, and one of all.
struct Place {
    _turn: Option<Turn>,
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    /// The right to send a list that is longer than its first part.
    async fn open(&self, caller: &Caller) -> Result<Place, Error> {
        let (callers, queue) = if caller.is_privileged() {
            (&self.open_of_servers, QUEUE)
        } else {
            (&self.open_of_user, QUEUE_OF_USER)
        };
        place(caller, callers, queue, &self.open).await
    }

    /// The right to read a part of it.
    async fn part(&self, caller: &Caller) -> Result<Place, Error> {
        place(caller, &self.parts_of_caller, QUEUE, &self.parts).await
    }
}

async fn place(
    caller: &Caller,
    of_caller: &Arc<Callers>,
    queue: Duration,
    of_all: &Arc<Semaphore>,
) -> Result<Place, Error> {
    let turn = match CallerKey::of(caller) {
        Some(key) => {
            let turn = of_caller.enter(key, queue).await;
            Some(turn.map_err(|_: CallerBusy| Error::CallerBusy)?)
        }
        None => None,
    };
    match timeout(QUEUE, Arc::clone(of_all).acquire_owned()).await {
        Ok(Ok(permit)) => Ok(Place {
            _turn: turn,
            _permit: permit,
        }),
        Ok(Err(_)) | Err(_) => Err(Error::TooManyLists),
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
    is_first: bool,
    has_ended: bool,
    /// From the first part to the last.
    open: Option<Place>,
}

impl<Position> Reader<Position> {
    fn new(domain: &Domain, caller: &Caller, limit: Option<u32>) -> Self {
        Self {
            domain: domain.clone(),
            caller: *caller,
            after: None,
            left: limit.unwrap_or(u32::MAX),
            is_first: true,
            has_ended: false,
            open: None,
        }
    }

    /// The number of rows to read next.
    fn most(&self, part: u32) -> u32 {
        self.left.min(if self.is_first { FIRST } else { part })
    }

    /// Reads when it is this list's turn.
    async fn read<T>(
        &self,
        read: impl Future<Output = Result<T, latchkey_store::Error>>,
    ) -> Result<T, Error> {
        let _place = if self.is_first {
            None
        } else {
            Some(self.domain.turns.part(&self.caller).await?)
        };
        Ok(read.await?)
    }

    /// Notes what was read of a part of at most this size, and where it ended.
    async fn advance(
        &mut self,
        read: usize,
        most: u32,
        last: Option<Position>,
    ) -> Result<(), Error> {
        let read = u32::try_from(read).unwrap_or(u32::MAX);
        self.left -= read.min(self.left);
        self.has_ended = read < most || self.left == 0;
        self.after = last;
        if self.has_ended {
            self.open = None;
        } else if self.is_first {
            self.open = Some(self.domain.turns.open(&self.caller).await?);
        }
        self.is_first = false;
        Ok(())
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
            ..
        } = &self.reader;
        let most = self.reader.most(part);
        let read = domain
            .store
            .teams_after(caller, &self.listing, *after, most);
        let teams = self.reader.read(read).await?;
        let last = teams.last().map(|team| (team.created_at_millis, team.id));
        self.reader.advance(teams.len(), most, last).await?;
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
        let most = self.reader.most(PART);
        let read = domain.store.keys_after(caller, self.keys, *after, most);
        let keys = self.reader.read(read).await?;
        let last = keys.last().map(|key| (key.created_at, key.id));
        self.reader.advance(keys.len(), most, last).await?;
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
        let most = self.reader.most(PART);
        self.listing.limit = Some(most);
        let read = domain.store.users(caller, &self.listing);
        let mut users = self.reader.read(read).await?;
        // One more, which shows that there is another part.
        let read = users.len();
        users.truncate(most as usize);
        self.listing.after = users.last().map(|user| user.id);
        self.reader.advance(read, most + 1, None).await?;
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
        let most = self.reader.most(PART_OF_USER);
        let read = domain
            .store
            .permissions_after(caller, &self.listing, after.as_ref(), most);
        let held = self.reader.read(read).await?;
        let last = held.last().cloned();
        self.reader.advance(held.len(), most, last).await?;
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
        let most = self.reader.most(PART_OF_USER);
        let read = domain.store.sessions_after(caller, self.who, *after, most);
        let sessions = self.reader.read(read).await?;
        let last = sessions
            .last()
            .map(|session| (session.created_at, session.id));
        self.reader.advance(sessions.len(), most, last).await?;
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
            listing,
        }
    }
}
