//! The caller as the request describes it. The statement that acts for it decides whether that is true.

use crate::{
    digest::Digest,
    expiry::Millis,
    id::{ProjectId, SessionId, UserId},
};

/// The kind of a caller, which says what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// A browser with a session cookie, on our own pages.
    Browser,
    /// An application on somebody's device: may do what its signed-in user may.
    Client,
    /// An application's server: may do everything in its project.
    Server,
    /// Whoever administers the project.
    Admin,
}

impl CallerKind {
    /// The word in the request header and in the database's functions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Client => "client",
            Self::Server => "server",
            Self::Admin => "admin",
        }
    }
}

/// What a verified access token says: it is ours, and was meant for this session of this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSubject {
    /// The session, which ends the token when it ends.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// When the token ends.
    pub ends_at: Millis,
}

/// The caller of an operation.
#[derive(Clone, Copy)]
pub struct Caller {
    pub project: ProjectId,
    access: CallerKind,
    digest: Option<Digest>,
    token: Option<TokenSubject>,
}

impl Caller {
    /// A browser with this session cookie.
    pub const fn browser(project: ProjectId, session_digest: Digest) -> Self {
        Self {
            project,
            access: CallerKind::Browser,
            digest: Some(session_digest),
            token: None,
        }
    }

    /// A program that shows a key of the project, an access token, both or neither.
    pub const fn program(
        project: ProjectId,
        access: CallerKind,
        key_digest: Option<Digest>,
        token: Option<TokenSubject>,
    ) -> Self {
        Self {
            project,
            access,
            digest: key_digest,
            token,
        }
    }

    /// The project that the caller says it belongs to.
    pub const fn project(&self) -> ProjectId {
        self.project
    }

    pub const fn kind(&self) -> CallerKind {
        self.access
    }

    /// Whether this is a server or an administrator, who may do everything in the project.
    pub const fn is_privileged(&self) -> bool {
        matches!(self.access, CallerKind::Server | CallerKind::Admin)
    }

    /// Whether this is a server without an access token.
    pub const fn is_server_alone(&self) -> bool {
        matches!(self.access, CallerKind::Server) && self.token.is_none()
    }

    /// What the access token says.
    pub const fn token(&self) -> Option<TokenSubject> {
        self.token
    }

    /// The same, without the access token.
    #[must_use]
    pub const fn without_token(self) -> Self {
        Self {
            token: None,
            ..self
        }
    }

    /// The user that the access token names.
    pub const fn token_user(&self) -> Option<UserId> {
        match self.token {
            Some(token) => Some(token.user),
            None => None,
        }
    }

    /// The user that is meant, as far as the caller's access token says.
    pub const fn user_of(&self, who: UserRef) -> Option<UserId> {
        match who {
            UserRef::Me => self.token_user(),
            UserRef::Id(user) => Some(user),
        }
    }

    /// Of the session cookie or of the project's key, whichever this kind shows.
    pub fn digest(&self) -> Option<&[u8]> {
        self.digest.as_ref().map(Digest::as_bytes)
    }
}

/// The user that an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserRef {
    /// The caller's own.
    Me,
    Id(UserId),
}

impl UserRef {
    pub const fn id(self) -> Option<UserId> {
        match self {
            Self::Me => None,
            Self::Id(user) => Some(user),
        }
    }
}
