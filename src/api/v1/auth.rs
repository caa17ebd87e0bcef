//! Signing up and in with a password.

use axum::Json;
use utoipa::ToSchema;

use crate::{
    call::{ANYBODY, Call},
    error::{ApiError, Code},
    schema::Input,
    wire::SignedIn,
};
use latchkey_domain::{
    Error, Field, Invalid,
    accounts::{self, Credentials},
    sessions::Lifetime,
};
use latchkey_model::project::Project;

/// Somebody new.
#[derive(ToSchema)]
pub struct SignUp {
    /// Their address.
    #[schema(format = "email")]
    pub email: String,
    /// 8 to 70 characters.
    #[schema(min_length = 8, max_length = 70)]
    pub password: String,
    /// Where a link in a message would lead; it must be the application's.
    pub verification_callback_url: Option<String>,
}

/// Somebody who comes back.
#[derive(ToSchema)]
pub struct SignIn {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
}

fn read_sign_up(input: &mut Input) -> Option<SignUp> {
    let mut body = input.body();
    let email = body.email("email");
    let password = body.text("password");
    let password = body.new_password("password", password);
    let callback = body.nullable_text("verification_callback_url").flatten();
    body.ignore("bot_challenge_");
    body.end();
    Some(SignUp {
        email: email?,
        password: password?,
        verification_callback_url: callback,
    })
}

fn read_sign_in(input: &mut Input) -> Option<SignIn> {
    let mut body = input.body();
    let email = body.text("email");
    let password = body.text("password");
    body.ignore("bot_challenge_");
    body.end();
    Some(SignIn {
        email: email?,
        password: password?,
    })
}

fn credentials(call: &Call, email: String, password: String) -> Credentials {
    Credentials {
        email,
        password,
        address: call.state.address(&call.parts),
        former: None,
        lifetime: Lifetime::Application,
    }
}

async fn answer(call: &Call, signed_in: accounts::SignedIn) -> Result<Json<SignedIn>, ApiError> {
    let project = call.caller.project();
    let access_token = call
        .state
        .tokens
        .issue(project, signed_in.session, &signed_in.user)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(SignedIn {
        access_token,
        refresh_token: signed_in.token.expose().to_owned(),
        user_id: signed_in.user.id,
    }))
}

/// Whether a link in a message may lead there.
fn leads_home(project: &Project, url: &str) -> bool {
    let Ok(uri) = url.parse::<axum::http::Uri>() else {
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

/// Makes an account and signs it in.
#[utoipa::path(post, path = "/auth/password/sign-up", tag = "Authentication", request_body = SignUp,
    responses((status = 200, description = "Who they are now, and the tokens", body = SignedIn)))]
pub async fn sign_up(mut call: Call) -> Result<Json<SignedIn>, ApiError> {
    let new = call.input(ANYBODY, read_sign_up).await?;
    // The caller is checked by this statement; the ones that follow do not see its keys.
    let project = call
        .state
        .domain
        .current_project(&call.caller)
        .await
        .map_err(|error| call.told(error))?;
    if let Some(url) = &new.verification_callback_url
        && !leads_home(&project, url)
    {
        return Err(ApiError::known(
            Code::RedirectUrlNotWhitelisted,
            "Redirect URL not whitelisted. Did you forget to add this domain to the trusted domains of the project?",
        ));
    }
    let email = new.email.clone();
    let credentials = credentials(&call, new.email, new.password);
    let signed_in = call
        .state
        .domain
        .sign_up(project.id, credentials)
        .await
        .map_err(|error| match error {
            Error::Invalid {
                field: Field::Email,
                why: Invalid::Taken,
            } => email_taken(&email),
            error => call.told(error),
        })?;
    answer(&call, signed_in).await
}

/// Somebody signs in by this address already.
pub fn email_taken(email: &str) -> ApiError {
    ApiError::known(
        Code::UserEmailAlreadyExists,
        format!("A user with email \"{email}\" already exists."),
    )
    .with(serde_json::json!({ "email": email, "would_work_if_email_was_verified": false }))
}

/// Signs in.
#[utoipa::path(post, path = "/auth/password/sign-in", tag = "Authentication", request_body = SignIn,
    responses((status = 200, description = "Who they are, and the tokens", body = SignedIn)))]
pub async fn sign_in(mut call: Call) -> Result<Json<SignedIn>, ApiError> {
    let SignIn { email, password } = call.input(ANYBODY, read_sign_in).await?;
    call.state
        .domain
        .authenticate(&call.caller)
        .await
        .map_err(|error| call.told(error))?;
    let credentials = credentials(&call, email, password);
    let signed_in = call
        .state
        .domain
        .sign_in(call.caller.project(), credentials)
        .await
        .map_err(|error| call.told(error))?;
    answer(&call, signed_in).await
}
