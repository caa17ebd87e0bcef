//! Users.

use axum::{Json, extract::State, http::StatusCode};
use latchkey_domain::Domain;
use latchkey_model::{
    account::Email,
    id::{TeamId, UserId},
    user::{User, UserChange, UserListing, UserRef},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::teams::TeamResponse;
use crate::{
    documented::{Errors, Plain},
    error::{
        ApiError,
        code::{
            CannotGetOwnUser, PasswordTooShort, TeamMembershipNotFound, UserEmailAlreadyExists,
            UserNotFound,
        },
    },
    extract::{Anyone, Server},
    field::{OnlyNull, Patch, ServerOnly, Unsupported, set_columns},
    request::{Body, OptionalBody, PathParams, QueryParams, request},
    response::{SUCCESS, Success},
    values::{NewPassword, PersonName, Url, Whole, word},
};

request! {
    /// The user in the path.
    pub struct UserPath {
        /// The user's ID, or `me`
        user_id: UserRef,
    }
}

request! {
    /// A user to create.
    pub struct CreateUser {
        /// The user's name; null or blank for none.
        display_name: Patch<PersonName>,
        /// The address of a picture; null for none.
        profile_image_url: Patch<Url>,
        /// The application's data about the user, which they may change.
        client_metadata: Patch<Value>,
        /// The application's data about the user, which they may read.
        client_read_only_metadata: Patch<Value>,
        /// The application's own data about the user.
        server_metadata: Patch<Value>,
        /// The user's e-mail address; null for none.
        primary_email: Patch<Email>,
        /// Whether the address is known to be theirs.
        primary_email_verified: Option<bool>,
        /// Whether they may sign in with the address.
        primary_email_auth_enabled: Option<bool>,
        /// A password.
        password: Patch<NewPassword>,
        ;
        otp_auth_enabled: Unsupported,
        passkey_auth_enabled: Unsupported,
        is_anonymous: Unsupported,
        totp_secret_base64: OnlyNull,
    }
}

request! {
    /// What to change about a user. Absent fields stay as they are. A client may send only the first
    /// four.
    pub struct UpdateUser {
        /// The user's name; null or blank for none.
        display_name: Patch<PersonName>,
        /// The address of a picture; null for none.
        profile_image_url: Patch<Url>,
        /// The application's data about the user, which they may change.
        client_metadata: Patch<Value>,
        /// The team that the user works in; null for none.
        selected_team_id: Patch<TeamId>,
        /// The application's data about the user, which they may read.
        client_read_only_metadata: ServerOnly<Patch<Value>>,
        /// The application's own data about the user.
        server_metadata: ServerOnly<Patch<Value>>,
        /// The user's e-mail address; null for none.
        primary_email: ServerOnly<Patch<Email>>,
        /// Whether the address is known to be theirs.
        primary_email_verified: ServerOnly<Option<bool>>,
        /// Whether they may sign in with the address.
        primary_email_auth_enabled: ServerOnly<Option<bool>>,
        /// A new password. All the user's sessions end.
        password: ServerOnly<Patch<NewPassword>>,
        ;
        otp_auth_enabled: ServerOnly<Unsupported>,
        passkey_auth_enabled: ServerOnly<Unsupported>,
        is_anonymous: ServerOnly<Unsupported>,
        totp_secret_base64: ServerOnly<OnlyNull>,
    }
}

word! {
    /// The order of users.
    SignedUpAt = "signed_up_at"
}

request! {
    /// Which users to list.
    pub struct ListUsers {
        /// Only users whose name or address contains this, or whose ID is this
        query: Option<String>,
        /// Only members of this team
        team_id: Option<TeamId>,
        /// Whether the newest come first
        desc: Option<bool>,
        /// Where the page begins: `next_cursor` of the page before
        cursor: Option<UserId>,
        /// The most users on the page; all where it is absent
        limit: Option<Whole<1, 1000>>,
        ;
        /// What the users are sorted by
        order_by: Option<SignedUpAt>,
        /// Accepted for compatibility
        include_anonymous: Option<bool>,
        /// Accepted for compatibility
        include_restricted: Option<bool>,
        /// Accepted for compatibility
        only_anonymous: Option<bool>,
    }
}

/// A user, as a client sees them. What is constant belongs to features that this server does not
/// have.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the fields of the contract")]
pub struct ClientUser {
    #[schema(value_type = Uuid)]
    id: UserId,
    primary_email: Option<String>,
    primary_email_verified: bool,
    display_name: Option<String>,
    client_metadata: Option<Value>,
    client_read_only_metadata: Option<Value>,
    profile_image_url: Option<String>,
    signed_up_at_millis: i64,
    has_password: bool,
    auth_with_email: bool,
    #[schema(value_type = Vec<String>)]
    oauth_providers: [(); 0],
    #[schema(value_type = Option<Uuid>)]
    selected_team_id: Option<TeamId>,
    selected_team: Option<TeamResponse>,
    requires_totp_mfa: bool,
    otp_auth_enabled: bool,
    passkey_auth_enabled: bool,
    is_anonymous: bool,
    is_restricted: bool,
    restricted_reason: Option<()>,
    restricted_by_admin: bool,
    restricted_by_admin_reason: Option<()>,
}

/// How likely it is that no person created the account. Always 0 here.
#[derive(Serialize, ToSchema)]
pub struct SignUpRisk {
    bot: u8,
    free_trial_abuse: u8,
}

#[derive(Serialize, ToSchema)]
pub struct RiskScores {
    sign_up: SignUpRisk,
}

/// A user, as a server sees them.
#[derive(Serialize, ToSchema)]
pub struct ServerUser {
    #[serde(flatten)]
    client: ClientUser,
    primary_email_auth_enabled: bool,
    server_metadata: Option<Value>,
    last_active_at_millis: i64,
    restricted_by_admin_private_details: Option<()>,
    country_code: Option<()>,
    risk_scores: RiskScores,
}

impl ClientUser {
    fn new(user: User, is_privileged: bool) -> Self {
        Self {
            id: user.id,
            primary_email: user.primary_email,
            primary_email_verified: user.primary_email_verified,
            display_name: user.display_name,
            client_metadata: user.client_metadata,
            client_read_only_metadata: user.client_read_only_metadata,
            profile_image_url: user.profile_image_url,
            signed_up_at_millis: user.signed_up_at_millis,
            has_password: user.has_password,
            auth_with_email: user.has_password && user.primary_email_auth_enabled,
            oauth_providers: [],
            selected_team_id: user.selected_team.as_ref().map(|team| team.id),
            selected_team: user
                .selected_team
                .map(|team| TeamResponse::new(team, is_privileged)),
            requires_totp_mfa: false,
            otp_auth_enabled: false,
            passkey_auth_enabled: false,
            is_anonymous: false,
            is_restricted: false,
            restricted_reason: None,
            restricted_by_admin: false,
            restricted_by_admin_reason: None,
        }
    }
}

impl From<User> for ServerUser {
    fn from(mut user: User) -> Self {
        Self {
            primary_email_auth_enabled: user.primary_email_auth_enabled,
            server_metadata: user.server_metadata.take(),
            last_active_at_millis: user.last_active_at_millis,
            restricted_by_admin_private_details: None,
            country_code: None,
            risk_scores: RiskScores {
                sign_up: SignUpRisk {
                    bot: 0,
                    free_trial_abuse: 0,
                },
            },
            client: ClientUser::new(user, true),
        }
    }
}

/// A user, as far as the caller may see them.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = User)]
pub enum UserResponse {
    Server(Box<ServerUser>),
    Client(Box<ClientUser>),
}

impl UserResponse {
    pub fn new(user: User, is_privileged: bool) -> Self {
        if is_privileged {
            Self::Server(Box::new(user.into()))
        } else {
            Self::Client(Box::new(ClientUser::new(user, false)))
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Pagination {
    #[schema(value_type = Option<Uuid>)]
    next_cursor: Option<UserId>,
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub struct UserPage {
    items: Vec<ServerUser>,
    is_paginated: bool,
    pagination: Pagination,
}

impl UserPage {
    pub fn new(users: Vec<User>, next_cursor: Option<UserId>) -> Self {
        Self {
            items: users.into_iter().map(ServerUser::from).collect(),
            is_paginated: true,
            pagination: Pagination { next_cursor },
        }
    }
}

impl From<CreateUser> for UserChange {
    fn from(new: CreateUser) -> Self {
        UpdateUser {
            display_name: new.display_name,
            profile_image_url: new.profile_image_url,
            client_metadata: new.client_metadata,
            selected_team_id: Patch::Keep,
            client_read_only_metadata: ServerOnly(new.client_read_only_metadata),
            server_metadata: ServerOnly(new.server_metadata),
            primary_email: ServerOnly(new.primary_email),
            primary_email_verified: ServerOnly(new.primary_email_verified),
            primary_email_auth_enabled: ServerOnly(new.primary_email_auth_enabled),
            password: ServerOnly(new.password),
        }
        .into()
    }
}

impl From<UpdateUser> for UserChange {
    fn from(change: UpdateUser) -> Self {
        let name = |PersonName(name)| name.map(|name| name.as_str().to_owned()).into();
        let columns = [
            ("display_name", change.display_name.map_json(name)),
            (
                "profile_image_url",
                change.profile_image_url.map_json(|url| url.0.into()),
            ),
            (
                "client_metadata",
                change.client_metadata.map_json(|data| data),
            ),
            (
                "selected_team_id",
                change
                    .selected_team_id
                    .map_json(|team| team.to_string().into()),
            ),
            (
                "client_read_only_metadata",
                change.client_read_only_metadata.0.map_json(|data| data),
            ),
            (
                "server_metadata",
                change.server_metadata.0.map_json(|data| data),
            ),
            (
                "primary_email",
                change
                    .primary_email
                    .0
                    .map_json(|email| email.as_str().into()),
            ),
            (
                "primary_email_verified",
                change.primary_email_verified.0.map(Value::from),
            ),
            (
                "primary_email_auth_enabled",
                change.primary_email_auth_enabled.0.map(Value::from),
            ),
        ];
        Self {
            fields: set_columns(columns),
            password: change.password.0.set().map(|password| password.0),
        }
    }
}

impl From<ListUsers> for UserListing {
    fn from(query: ListUsers) -> Self {
        Self {
            search: query.query.unwrap_or_default(),
            team: query.team_id,
            descending: query.desc.unwrap_or_default(),
            after: query.cursor,
            limit: query.limit.and_then(|limit| u32::try_from(limit.0).ok()),
        }
    }
}

/// Creates a user.
#[utoipa::path(post, path = "/users", tag = "Users", request_body = CreateUser,
    responses(
        (status = 201, description = "The user", body = ServerUser),
        Errors<Server, (PasswordTooShort, UserEmailAlreadyExists)>,
    ))]
pub async fn create(
    State(domain): State<Domain>,
    Server(caller, OptionalBody(new)): Server<OptionalBody<CreateUser>>,
) -> Result<(StatusCode, Json<ServerUser>), ApiError> {
    let user = domain.add_user(&caller, new.into()).await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Lists the project's users, one page at a time.
#[utoipa::path(get, path = "/users", tag = "Users", params(QueryParams<ListUsers>),
    responses((status = 200, description = "The users", body = UserPage), Errors<Server>))]
pub async fn list(
    State(domain): State<Domain>,
    Server(caller, QueryParams(query)): Server<QueryParams<ListUsers>>,
) -> Result<Json<UserPage>, ApiError> {
    let page = domain.users(&caller, &query.into()).await?;
    Ok(Json(UserPage::new(page.users, page.next)))
}

/// Returns the signed-in user.
#[utoipa::path(get, path = "/users/me", tag = "Users",
    responses((status = 200, description = "The user", body = UserResponse), Errors<Anyone, CannotGetOwnUser>))]
pub async fn read_me(
    State(domain): State<Domain>,
    Anyone(caller, ()): Anyone,
) -> Result<Json<UserResponse>, ApiError> {
    let user = domain.user(&caller, UserRef::Me).await?;
    Ok(Json(UserResponse::new(user, caller.is_privileged())))
}

/// Changes the signed-in user.
#[utoipa::path(patch, path = "/users/me", tag = "Users", request_body = UpdateUser,
    responses(
        (status = 200, description = "The changed user", body = UserResponse),
        Errors<Anyone, (CannotGetOwnUser, PasswordTooShort, TeamMembershipNotFound, UserEmailAlreadyExists)>,
    ))]
pub async fn update_me(
    State(domain): State<Domain>,
    Anyone(caller, Body(change)): Anyone<Body<UpdateUser>>,
) -> Result<Json<UserResponse>, ApiError> {
    let user = domain
        .change_user(&caller, UserRef::Me, change.into())
        .await?;
    Ok(Json(UserResponse::new(user, caller.is_privileged())))
}

/// Deletes the signed-in user with their keys, sessions and memberships.
#[utoipa::path(delete, path = "/users/me", tag = "Users",
    responses(
        (status = 200, description = "The user is deleted", body = Success),
        Errors<Anyone, (CannotGetOwnUser, Plain<400>)>,
    ))]
pub async fn delete_me(
    State(domain): State<Domain>,
    Anyone(caller, ()): Anyone,
) -> Result<Json<Success>, ApiError> {
    domain.delete_user(&caller, UserRef::Me).await?;
    Ok(Json(SUCCESS))
}

/// Returns a user.
#[utoipa::path(get, path = "/users/{user_id}", tag = "Users", params(PathParams<UserPath>),
    responses(
        (status = 200, description = "The user", body = ServerUser),
        Errors<Server, (CannotGetOwnUser, UserNotFound)>,
    ))]
pub async fn read(
    State(domain): State<Domain>,
    Server(caller, PathParams(path)): Server<PathParams<UserPath>>,
) -> Result<Json<ServerUser>, ApiError> {
    Ok(Json(domain.user(&caller, path.user_id).await?.into()))
}

/// Changes a user.
#[utoipa::path(patch, path = "/users/{user_id}", tag = "Users",
    params(PathParams<UserPath>), request_body = UpdateUser,
    responses(
        (status = 200, description = "The changed user", body = ServerUser),
        Errors<Server, (
            CannotGetOwnUser, PasswordTooShort, TeamMembershipNotFound, UserEmailAlreadyExists, UserNotFound,
        )>,
    ))]
pub async fn update(
    State(domain): State<Domain>,
    Server(caller, (PathParams(path), Body(change))): Server<(
        PathParams<UserPath>,
        Body<UpdateUser>,
    )>,
) -> Result<Json<ServerUser>, ApiError> {
    let user = domain
        .change_user(&caller, path.user_id, change.into())
        .await?;
    Ok(Json(user.into()))
}

/// Deletes a user with their keys, sessions and memberships.
#[utoipa::path(delete, path = "/users/{user_id}", tag = "Users", params(PathParams<UserPath>),
    responses(
        (status = 200, description = "The user is deleted", body = Success),
        Errors<Server, (CannotGetOwnUser, UserNotFound)>,
    ))]
pub async fn delete(
    State(domain): State<Domain>,
    Server(caller, PathParams(path)): Server<PathParams<UserPath>>,
) -> Result<Json<Success>, ApiError> {
    domain.delete_user(&caller, path.user_id).await?;
    Ok(Json(SUCCESS))
}
