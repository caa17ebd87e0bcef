//! Users.

mod request;
mod response;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use latchkey_domain::Domain;
use latchkey_model::{caller::UserRef, user::UserListing};

use self::{
    request::{CreateUser, ListUsers, UpdateUser, UserPath},
    response::{ServerUser, UserPage, UserResponse},
};
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
    long_list::{self, ONLY_PAGE},
    request::{Body, OptionalBody, PathParams, QueryParams},
    response::{SUCCESS, Success},
};

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
) -> Result<Response, ApiError> {
    let listing = UserListing::from(query);
    if listing.limit.is_none() {
        let users = domain.all_users(&caller, listing);
        return long_list::send(users, ServerUser::from, ONLY_PAGE).await;
    }
    let page = domain.users(&caller, &listing).await?;
    Ok(Json(UserPage::new(page.users, page.next)).into_response())
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

/// Deletes the signed-in user and their keys, sessions and memberships.
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

/// Deletes a user and their keys, sessions and memberships.
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
