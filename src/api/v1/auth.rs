//! Sign-up and sign-in with a password.

use axum::{Json, extract::State, http::Uri};
use latchkey_domain::{
    Domain, Error,
    accounts::{Credentials, SignedIn},
    auth::token::Tokens,
    source::Source,
};
use latchkey_model::{
    account::Email,
    caller::Caller,
    id::{ProjectId, UserId},
    patch::Patch,
    project::Project,
    session_lifetime::SessionLifetime,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    client_address::ClientAddress,
    documented::{Errors, Plain},
    error::{
        ApiError, Code,
        code::{
            EmailPasswordMismatch, PasswordAuthenticationNotEnabled, PasswordTooShort,
            RedirectUrlNotWhitelisted, SignUpNotEnabled, UserEmailAlreadyExists,
        },
    },
    extract::Anyone,
    request::{Body, request},
    values::NewPassword,
};

request! {
    /// A new account.
    #[ignore = "bot_challenge_"]
    pub struct SignUp {
        /// The user's e-mail address.
        email: Email,
        /// 8 to 70 characters.
        password: NewPassword,
        /// The callback URL for a verification link. Its domain must be one of the project's trusted domains.
        verification_callback_url: Patch<String>,
    }
}

request! {
    /// The credentials of an account.
    #[ignore = "bot_challenge_"]
    pub struct SignIn {
        /// The user's e-mail address.
        email: String,
        /// The user's password.
        password: String,
    }
}

/// A new session and its user.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub struct SignedInResponse {
    /// A JWT, valid for ten minutes.
    pub access_token: String,
    /// Valid for as long as the session.
    pub refresh_token: String,
    #[schema(value_type = Uuid)]
    pub user_id: UserId,
}

/// A server asks on behalf of its users, so its own address does not count.
fn credentials(caller: &Caller, email: String, password: String, source: Source) -> Credentials {
    let source = if caller.is_privileged() {
        Source::Server
    } else {
        source
    };
    Credentials {
        email,
        password,
        source,
        browser: None,
        former: None,
        user_agent: None,
        lifetime: SessionLifetime::Application,
    }
}

async fn issue_tokens(
    tokens: &Tokens,
    project: ProjectId,
    signed_in: SignedIn,
) -> Result<Json<SignedInResponse>, Error> {
    let SignedIn {
        token,
        session,
        user,
        ..
    } = signed_in;
    Ok(Json(SignedInResponse {
        access_token: tokens.issue(project, session, &user).await?,
        refresh_token: token.expose().to_owned(),
        user_id: user.id,
    }))
}

/// Whether the callback URL is on a trusted domain.
fn is_trusted(project: &Project, url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    let local = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    let origin = format!("{scheme}://{authority}");
    matches!(scheme, "http" | "https")
        && !authority.as_str().contains('@')
        && ((local && project.settings.allow_localhost)
            || project
                .domains
                .iter()
                .any(|trusted| trusted.domain.trim_end_matches('/') == origin))
}

/// Creates an account and signs the user in.
#[utoipa::path(post, path = "/auth/password/sign-up", tag = "Authentication", request_body = SignUp,
    responses(
        (status = 200, description = "The session's tokens and the new user's ID", body = SignedInResponse),
        Errors<Anyone, (
            PasswordAuthenticationNotEnabled, PasswordTooShort, RedirectUrlNotWhitelisted,
            SignUpNotEnabled, UserEmailAlreadyExists, Plain<403>, Plain<429>,
        )>,
    ))]
pub async fn sign_up(
    State(domain): State<Domain>,
    State(tokens): State<Tokens>,
    ClientAddress(source): ClientAddress,
    Anyone(caller, Body(new)): Anyone<Body<SignUp>>,
) -> Result<Json<SignedInResponse>, ApiError> {
    // This statement authenticates the caller; the one that signs up checks only the project.
    let project = domain.current_project(&caller).await?;
    let callback = new.verification_callback_url.set();
    if callback.is_some_and(|url| !is_trusted(&project, &url)) {
        return Err(ApiError::known(
            Code::RedirectUrlNotWhitelisted,
            "Redirect URL not whitelisted. Did you forget to add this domain to the trusted domains of the project?",
        ));
    }
    let credentials = credentials(
        &caller,
        new.email.as_str().to_owned(),
        new.password.0,
        source,
    );
    let signed_in = domain.sign_up(project.id, credentials).await?;
    Ok(issue_tokens(&tokens, project.id, signed_in).await?)
}

/// Signs a user in.
#[utoipa::path(post, path = "/auth/password/sign-in", tag = "Authentication", request_body = SignIn,
    responses(
        (status = 200, description = "The session's tokens and the user's ID", body = SignedInResponse),
        Errors<Anyone, (
            EmailPasswordMismatch, PasswordAuthenticationNotEnabled, Plain<403>, Plain<429>,
        )>,
    ))]
pub async fn sign_in(
    State(domain): State<Domain>,
    State(tokens): State<Tokens>,
    ClientAddress(source): ClientAddress,
    Anyone(caller, Body(sent)): Anyone<Body<SignIn>>,
) -> Result<Json<SignedInResponse>, ApiError> {
    domain.authenticate(&caller).await?;
    let credentials = credentials(&caller, sent.email, sent.password, source);
    let signed_in = domain.sign_in(caller.project(), credentials).await?;
    Ok(issue_tokens(&tokens, caller.project(), signed_in).await?)
}
