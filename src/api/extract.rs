//! The extractors: a handler's signature declares who may call it and what the request contains.

use axum::extract::{FromRequest, Request};
use latchkey_model::caller::{Caller, CallerKind};
use serde_json::json;

use super::{
    ApiState,
    authenticate::{Authenticated, authenticate},
    error::{ApiError, Code},
    received::Received,
    request::FromInput,
    subject::RequestContext,
};

/// Clients, servers and administrators.
pub struct Anyone<T = ()>(pub Caller, pub T);

/// Servers and administrators.
pub struct Server<T = ()>(pub Caller, pub T);

/// Administrators.
pub struct Admin<T = ()>(pub Caller, pub T);

/// Anyone. Authentication headers are ignored.
pub struct Public<T>(pub T);

macro_rules! callers {
    ($($extractor:ident: $($access:ident),+;)+) => {
        $(impl<T: FromInput> FromRequest<ApiState> for $extractor<T> {
            type Rejection = ApiError;

            async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
                let (caller, input) = receive(request, state, &[$(CallerKind::$access),+]).await?;
                Ok(Self(caller, input))
            }
        })+
    };
}

callers! {
    Anyone: Client, Server, Admin;
    Server: Server, Admin;
    Admin: Admin;
}

impl<T: FromInput> FromRequest<ApiState> for Public<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &ApiState) -> Result<Self, ApiError> {
        let context = context_of(&request);
        let (mut parts, body) = request.into_parts();
        let received = Received::new(&mut parts, body).await?;
        received.read(false, &context).map(Self)
    }
}

fn context_of(request: &Request) -> RequestContext {
    request.extensions().get().cloned().unwrap_or_default()
}

/// Reads the caller and the input. The handler's statement authenticates the caller. If the input
/// is invalid no statement runs, so this authenticates the caller first: errors about the caller
/// take precedence.
async fn receive<T: FromInput>(
    request: Request,
    state: &ApiState,
    allowed: &[CallerKind],
) -> Result<(Caller, T), ApiError> {
    let context = context_of(&request);
    let (mut parts, body) = request.into_parts();
    let received = Received::new(&mut parts, body).await?;
    let Authenticated {
        mut caller,
        access,
        unknown_branch,
    } = authenticate(state, &parts.headers).await?;
    if T::IGNORES_ACCESS_TOKEN {
        caller = caller.without_token();
    }
    context.set_caller(caller);
    let input = if let Some(error) = unknown_branch {
        Err(error)
    } else if allowed.contains(&access) {
        received.read(caller.is_privileged(), &context)
    } else {
        Err(insufficient(access, allowed))
    };
    match input {
        Ok(input) => Ok((caller, input)),
        Err(error) => {
            state.domain.authenticate(&caller).await?;
            Err(error)
        }
    }
}

fn insufficient(access: CallerKind, allowed: &[CallerKind]) -> ApiError {
    let names: Vec<_> = allowed.iter().map(|access| access.as_str()).collect();
    let listed: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    let message = format!(
        "The x-stack-access-type header must be {}, but was '{}'.",
        listed.join(" or "),
        access.as_str()
    );
    ApiError::known(Code::InsufficientAccessType, message).with(json!({
        "actual_access_type": access.as_str(),
        "allowed_access_types": names,
    }))
}
