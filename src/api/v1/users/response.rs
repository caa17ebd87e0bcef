//! Responses about users.

use latchkey_model::{
    id::{TeamId, UserId},
    user::User,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::v1::teams::TeamResponse;

/// A user, as returned to clients. Constant fields belong to features that this server does not
/// have.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields that clients expect"
)]
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

/// Likelihood of an abusive sign-up. Always 0: this server does not measure it.
#[derive(Serialize, ToSchema)]
pub struct SignUpRisk {
    bot: u8,
    free_trial_abuse: u8,
}

#[derive(Serialize, ToSchema)]
pub struct RiskScores {
    sign_up: SignUpRisk,
}

/// A user, as returned to servers.
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

/// A user, with the fields that the caller may see.
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
