//! The database's composite type `caller`, which is the parameter of every statement that acts for
//! a caller.

use latchkey_model::{
    caller::{Caller, CallerKind},
    expiry::Millis,
};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "caller_kind", rename_all = "snake_case")]
enum KindParameter {
    Browser,
    Client,
    Server,
    Admin,
}

impl From<CallerKind> for KindParameter {
    fn from(kind: CallerKind) -> Self {
        match kind {
            CallerKind::Browser => Self::Browser,
            CallerKind::Client => Self::Client,
            CallerKind::Server => Self::Server,
            CallerKind::Admin => Self::Admin,
        }
    }
}

/// The database's type `caller`.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "caller")]
pub(crate) struct CallerParameter {
    project_id: Uuid,
    kind: KindParameter,
    digest: Option<Vec<u8>>,
    session_id: Option<Uuid>,
    user_id: Option<Uuid>,
    token_ends_at_millis: Option<Millis>,
}

impl From<&Caller> for CallerParameter {
    fn from(caller: &Caller) -> Self {
        let token = caller.token();
        Self {
            project_id: caller.project().uuid(),
            kind: caller.kind().into(),
            digest: caller.digest().map(<[u8]>::to_vec),
            session_id: token.map(|token| token.session.uuid()),
            user_id: token.map(|token| token.user.uuid()),
            token_ends_at_millis: token.map(|token| token.ends_at),
        }
    }
}
