//! The caller as described by the request. The statement that acts on its behalf authenticates it.

use crate::{
    digest::Digest,
    expiry::Millis,
    id::{ProjectId, SessionId, UserId},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// A browser with a session cookie, on the pages of this server.
    Browser,
    /// An application on a user's device. It may do what its user may do.
    Client,
    /// An application's server. It may do everything in its project.
    Server,
    /// An administrator of the project.
    Admin,
}

impl CallerKind {
    /// The name in the request header and in the database's functions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Client => "client",
            Self::Server => "server",
            Self::Admin => "admin",
        }
    }
}

/// The subject of a verified access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSubject {
    /// The token ends with this session.
    pub session: SessionId,
    pub user: UserId,
    pub ends_at: Millis,
}

#[derive(Clone, Copy)]
pub struct Caller {
    pub project: ProjectId,
    access: CallerKind,
    digest: Option<Digest>,
    token: Option<TokenSubject>,
}

impl Caller {
    /// A browser with a session cookie.
    pub const fn browser(project: ProjectId, session_digest: Digest) -> Self {
        Self {
            project,
            access: CallerKind::Browser,
            digest: Some(session_digest),
            token: None,
        }
    }

    /// A program with a key of the project, an access token, both or neither.
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

    pub const fn project(&self) -> ProjectId {
        self.project
    }

    pub const fn kind(&self) -> CallerKind {
        self.access
    }

    /// Whether the caller may do everything in the project: servers and administrators.
    pub const fn is_privileged(&self) -> bool {
        matches!(self.access, CallerKind::Server | CallerKind::Admin)
    }

    /// Whether the caller is a server without an access token.
    pub const fn is_server_alone(&self) -> bool {
        matches!(self.access, CallerKind::Server) && self.token.is_none()
    }

    pub const fn token(&self) -> Option<TokenSubject> {
        self.token
    }

    #[must_use]
    pub const fn without_token(self) -> Self {
        Self {
            token: None,
            ..self
        }
    }

    pub const fn token_user(&self) -> Option<UserId> {
        match self.token {
            Some(token) => Some(token.user),
            None => None,
        }
    }

    /// The user that is referred to; `None` for [`UserRef::Me`] without an access token.
    pub const fn user_of(&self, who: UserRef) -> Option<UserId> {
        match who {
            UserRef::Me => self.token_user(),
            UserRef::Id(user) => Some(user),
        }
    }

    /// The digest of the session cookie or of the project's key.
    pub fn digest(&self) -> Option<&[u8]> {
        self.digest.as_ref().map(Digest::as_bytes)
    }
}

/// The user that an operation refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserRef {
    /// The caller's own user.
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
