//! Users.

use axum::{Json, http::StatusCode};
use latchkey_model::id::{TeamId, UserId};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::auth::email_taken;
use crate::{
    call::{ANYBODY, Call, SERVERS},
    error::ApiError,
    schema::{Fields, Input},
    wire::{AnyUser, SUCCESS, ServerUser, Success, UserPage},
};
use latchkey_domain::{Error, Field, Invalid};
use latchkey_model::user::{UserChange, UserListing, UserRef};

/// Most users on a page.
const MOST: i64 = 1000;

/// A user to be made, or what to change about one. A client may change only the first four.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct WriteUser {
    /// Their name; null or empty for none.
    #[schema(max_length = 255)]
    display_name: Option<String>,
    /// A picture; null for none.
    #[schema(format = "uri", max_length = 2000)]
    profile_image_url: Option<String>,
    /// What the application keeps of them, and they may change.
    client_metadata: Option<Value>,
    /// The team they work in; null for none. Only for a user who is there already.
    selected_team_id: Option<Uuid>,
    /// What the application keeps of them, and they may see.
    client_read_only_metadata: Option<Value>,
    /// What the application keeps of them for itself.
    server_metadata: Option<Value>,
    /// Their address; null for none.
    #[schema(format = "email")]
    primary_email: Option<String>,
    /// Whether they have shown that it is theirs.
    #[schema(nullable = false)]
    primary_email_verified: Option<bool>,
    /// Whether they may sign in by it.
    #[schema(nullable = false)]
    primary_email_auth_enabled: Option<bool>,
    /// A password; all their sessions end.
    #[schema(min_length = 8, max_length = 70)]
    password: Option<String>,
}

/// What a client may change about its user, and what servers may besides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Client,
    Server,
    New,
}

/// Puts a field into the change, where it was sent.
pub fn put(fields: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value);
    }
}

fn name(body: &mut Fields<'_>) -> Option<Value> {
    match body.nullable_text("display_name")? {
        Some(text) if !text.trim().is_empty() => {
            body.display_name("display_name", &text).map(Value::from)
        }
        _ => Some(Value::Null),
    }
}

fn read_change(input: &mut Input, reach: Reach) -> UserChange {
    let mut body = if reach == Reach::New {
        input.optional_body()
    } else {
        input.body()
    };
    let mut change = UserChange::default();
    let fields = &mut change.fields;
    put(fields, "display_name", name(&mut body));
    let url = body.nullable_url("profile_image_url").map(Value::from);
    put(fields, "profile_image_url", url);
    put(fields, "client_metadata", body.json("client_metadata"));
    if reach != Reach::New {
        let team = body.nullable_uuid("selected_team_id");
        put(
            fields,
            "selected_team_id",
            team.map(|team| team.map(|team| team.to_string()).into()),
        );
    }
    if reach != Reach::Client {
        for name in ["client_read_only_metadata", "server_metadata"] {
            put(fields, name, body.json(name));
        }
        let email = body.nullable_email("primary_email").map(Value::from);
        put(fields, "primary_email", email);
        for name in ["primary_email_verified", "primary_email_auth_enabled"] {
            put(fields, name, body.truth(name).map(Value::from));
        }
        let password = body.nullable_text("password").flatten();
        change.password = body.new_password("password", password);
        for name in ["otp_auth_enabled", "passkey_auth_enabled", "is_anonymous"] {
            body.only_false(name);
        }
        body.only_null("totp_secret_base64");
    }
    body.end();
    change
}

/// The user that the path names.
fn named(input: &mut Input) -> Option<UserRef> {
    let mut params = input.params();
    let who = params.who("user_id");
    params.end();
    who
}

fn told(call: &Call, error: Error, email: Option<&Value>) -> ApiError {
    match error {
        Error::Invalid {
            field: Field::Email,
            why: Invalid::Taken,
        } => email_taken(email.and_then(Value::as_str).unwrap_or_default()),
        error => call.told(error),
    }
}

/// Makes a user.
#[utoipa::path(post, path = "/users", tag = "Users", request_body = WriteUser,
    responses((status = 201, description = "The user", body = ServerUser)))]
pub async fn create(mut call: Call) -> Result<(StatusCode, Json<ServerUser>), ApiError> {
    let new = call
        .input(SERVERS, |input| Some(read_change(input, Reach::New)))
        .await?;
    let email = new.fields.get("primary_email").cloned();
    let user = call
        .state
        .domain
        .add_user(&call.caller, new)
        .await
        .map_err(|error| told(&call, error, email.as_ref()))?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Lists the project's users, a page at a time.
#[utoipa::path(get, path = "/users", tag = "Users",
    params(
        ("cursor" = Option<Uuid>, Query, description = "Where the page begins: `next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Most users on the page, up to 1000; all where it is absent"),
        ("query" = Option<String>, Query, description = "Part of a name or an address, or an id"),
        ("team_id" = Option<Uuid>, Query, description = "Only members of this team"),
        ("order_by" = Option<String>, Query, description = "`signed_up_at`"),
        ("desc" = Option<bool>, Query, description = "Whether the latest come first"),
    ),
    responses((status = 200, description = "The users", body = UserPage)))]
pub async fn list(mut call: Call) -> Result<Json<UserPage>, ApiError> {
    let listing = call
        .input(SERVERS, |input| Some(read_listing(input)))
        .await?;
    let page = call
        .state
        .domain
        .users(&call.caller, &listing)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(UserPage::new(page.users, page.next)))
}

fn read_listing(input: &mut Input) -> UserListing {
    let mut query = input.query();
    let listing = UserListing {
        search: query.optional_text("query").unwrap_or_default(),
        team: query.optional_uuid("team_id").map(TeamId::new),
        descending: query.truth("desc").unwrap_or_default(),
        after: query.optional_uuid("cursor").map(UserId::new),
        limit: query
            .whole("limit", 1, MOST)
            .and_then(|limit| u32::try_from(limit).ok()),
    };
    if query
        .optional_text("order_by")
        .is_some_and(|by| by != "signed_up_at")
    {
        query.problem(
            "order_by",
            "must be one of the following values: signed_up_at",
        );
    }
    for name in ["include_anonymous", "include_restricted", "only_anonymous"] {
        query.truth(name);
    }
    query.end();
    listing
}

async fn show(call: &Call, who: UserRef) -> Result<Json<AnyUser>, ApiError> {
    let user = call
        .state
        .domain
        .user(&call.caller, who)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(AnyUser::seen(user, call.sees_all())))
}

async fn change(call: &Call, who: UserRef, change: UserChange) -> Result<Json<AnyUser>, ApiError> {
    let email = change.fields.get("primary_email").cloned();
    let user = call
        .state
        .domain
        .change_user(&call.caller, who, change)
        .await
        .map_err(|error| told(call, error, email.as_ref()))?;
    Ok(Json(AnyUser::seen(user, call.sees_all())))
}

async fn remove(call: &Call, who: UserRef) -> Result<Json<Success>, ApiError> {
    call.state
        .domain
        .delete_user(&call.caller, who)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(SUCCESS))
}

fn reach(call: &Call) -> Reach {
    if call.sees_all() {
        Reach::Server
    } else {
        Reach::Client
    }
}

/// Shows the user of the access token.
#[utoipa::path(get, path = "/users/me", tag = "Users",
    responses((status = 200, description = "The user", body = AnyUser)))]
pub async fn read_me(mut call: Call) -> Result<Json<AnyUser>, ApiError> {
    call.input(ANYBODY, nothing).await?;
    show(&call, UserRef::Me).await
}

/// Changes the user of the access token.
#[utoipa::path(patch, path = "/users/me", tag = "Users", request_body = WriteUser,
    responses((status = 200, description = "What the user is now", body = AnyUser)))]
pub async fn update_me(mut call: Call) -> Result<Json<AnyUser>, ApiError> {
    let reach = reach(&call);
    let wanted = call
        .input(ANYBODY, |input| Some(read_change(input, reach)))
        .await?;
    change(&call, UserRef::Me, wanted).await
}

/// Deletes the user of the access token, with everything that is theirs.
#[utoipa::path(delete, path = "/users/me", tag = "Users",
    responses((status = 200, description = "They have gone", body = Success)))]
pub async fn delete_me(mut call: Call) -> Result<Json<Success>, ApiError> {
    call.input(ANYBODY, nothing).await?;
    remove(&call, UserRef::Me).await
}

#[expect(clippy::unnecessary_wraps, reason = "the form of a reader")]
fn nothing(_: &mut Input) -> Option<()> {
    Some(())
}

/// Shows a user.
#[utoipa::path(get, path = "/users/{user_id}", tag = "Users",
    params(("user_id" = Uuid, Path, description = "The user")),
    responses((status = 200, description = "The user", body = ServerUser)))]
pub async fn read(mut call: Call) -> Result<Json<AnyUser>, ApiError> {
    let who = call.input(SERVERS, named).await?;
    show(&call, who).await
}

/// Changes a user.
#[utoipa::path(patch, path = "/users/{user_id}", tag = "Users", request_body = WriteUser,
    params(("user_id" = Uuid, Path, description = "The user")),
    responses((status = 200, description = "What the user is now", body = ServerUser)))]
pub async fn update(mut call: Call) -> Result<Json<AnyUser>, ApiError> {
    let (who, wanted) = call
        .input(SERVERS, |input| {
            let who = named(input);
            let change = read_change(input, Reach::Server);
            Some((who?, change))
        })
        .await?;
    change(&call, who, wanted).await
}

/// Deletes a user, with everything that is theirs.
#[utoipa::path(delete, path = "/users/{user_id}", tag = "Users",
    params(("user_id" = Uuid, Path, description = "The user")),
    responses((status = 200, description = "They have gone", body = Success)))]
pub async fn delete(mut call: Call) -> Result<Json<Success>, ApiError> {
    let who = call.input(SERVERS, named).await?;
    remove(&call, who).await
}
