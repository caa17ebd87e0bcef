//! What answers look like: exactly these fields and no other.

use latchkey_model::{
    id::{ApiKeyId, ProjectId, SessionId, TeamId, UserId},
    owner::KeyOwner,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use latchkey_model::{
    api_key::ApiKey,
    permission::{HeldPermission, PermissionDefinition},
    project::{Project, TrustedDomain},
    session::Session,
    team::TeamBody,
    user::User,
};

/// The secret of a key just made, or what may be seen of it afterwards.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum KeyValue {
    /// The key itself, this one time.
    Whole(String),
    /// Its visible end.
    Hidden {
        /// Four characters.
        last_four: String,
    },
}

/// An API key. It has a `user_id` or a `team_id`, as its `type` says.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct KeyBody {
    #[schema(value_type = Uuid)]
    id: ApiKeyId,
    description: String,
    is_public: bool,
    created_at_millis: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at_millis: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    manually_revoked_at_millis: Option<i64>,
    value: KeyValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>, nullable = false)]
    user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>, nullable = false)]
    team_id: Option<TeamId>,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl KeyBody {
    /// A key that was just made.
    pub fn made(key: ApiKey, secret: &str) -> Self {
        Self {
            value: KeyValue::Whole(secret.to_owned()),
            ..Self::from(key)
        }
    }
}

impl From<ApiKey> for KeyBody {
    fn from(key: ApiKey) -> Self {
        let (user_id, team_id) = match key.owner {
            KeyOwner::User(user) => (Some(user), None),
            KeyOwner::Team(team) => (None, Some(team)),
        };
        Self {
            id: key.id,
            description: key.description,
            is_public: key.is_public,
            created_at_millis: key.created_at,
            expires_at_millis: key.expires_at,
            manually_revoked_at_millis: key.revoked_at,
            value: KeyValue::Hidden {
                last_four: key.last_four,
            },
            user_id,
            team_id,
            kind: key.owner.kind().as_str(),
        }
    }
}

/// A whole list.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    items: Vec<T>,
    is_paginated: bool,
}

impl<T> List<T> {
    /// All there is.
    pub fn of<U: Into<T>>(items: Vec<U>) -> Self {
        Self {
            items: items.into_iter().map(Into::into).collect(),
            is_paginated: false,
        }
    }
}

/// Where the next page begins.
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
    /// These users.
    pub fn new(users: Vec<User>, next_cursor: Option<UserId>) -> Self {
        Self {
            items: users.into_iter().map(ServerUser::from).collect(),
            is_paginated: true,
            pagination: Pagination { next_cursor },
        }
    }
}

/// It is done.
#[derive(Serialize, ToSchema)]
pub struct Success {
    success: bool,
}

/// It is done.
pub const SUCCESS: Success = Success { success: true };

/// A team, as its members' applications see it.
#[derive(Serialize, ToSchema)]
pub struct ClientTeam {
    #[schema(value_type = Uuid)]
    id: TeamId,
    display_name: String,
    profile_image_url: Option<String>,
    client_metadata: Option<Value>,
    client_read_only_metadata: Option<Value>,
}

/// A team, as servers see it.
#[derive(Serialize, ToSchema)]
pub struct ServerTeam {
    #[serde(flatten)]
    client: ClientTeam,
    created_at_millis: i64,
    server_metadata: Option<Value>,
}

impl From<TeamBody> for ClientTeam {
    fn from(team: TeamBody) -> Self {
        Self {
            id: team.id,
            display_name: team.display_name,
            profile_image_url: team.profile_image_url,
            client_metadata: team.client_metadata,
            client_read_only_metadata: team.client_read_only_metadata,
        }
    }
}

impl From<TeamBody> for ServerTeam {
    fn from(mut team: TeamBody) -> Self {
        Self {
            created_at_millis: team.created_at_millis,
            server_metadata: team.server_metadata.take(),
            client: team.into(),
        }
    }
}

/// A team, for whoever asks.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Team)]
pub enum AnyTeam {
    /// For a server.
    Server(ServerTeam),
    /// For a client.
    Client(ClientTeam),
}

impl AnyTeam {
    /// As much as the caller may see.
    pub fn seen(team: TeamBody, sees_all: bool) -> Self {
        if sees_all {
            Self::Server(team.into())
        } else {
            Self::Client(team.into())
        }
    }
}

/// A user, as their own application sees them. Most of what is constant here is of features that
/// this server does not have.
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
    selected_team: Option<AnyTeam>,
    requires_totp_mfa: bool,
    otp_auth_enabled: bool,
    passkey_auth_enabled: bool,
    is_anonymous: bool,
    is_restricted: bool,
    restricted_reason: Option<()>,
    restricted_by_admin: bool,
    restricted_by_admin_reason: Option<()>,
}

/// How likely it is that an account was not made by a person; always 0 here.
#[derive(Serialize, ToSchema)]
pub struct SignUpRisk {
    bot: u8,
    free_trial_abuse: u8,
}

/// See [`SignUpRisk`].
#[derive(Serialize, ToSchema)]
pub struct RiskScores {
    sign_up: SignUpRisk,
}

/// A user, as servers see them.
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
    fn seen(user: User, sees_all: bool) -> Self {
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
            selected_team: user.selected_team.map(|team| AnyTeam::seen(team, sees_all)),
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
            client: ClientUser::seen(user, true),
        }
    }
}

/// A user, for whoever asks.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = User)]
pub enum AnyUser {
    /// For a server.
    Server(Box<ServerUser>),
    /// For a client.
    Client(Box<ClientUser>),
}

impl AnyUser {
    /// As much as the caller may see.
    pub fn seen(user: User, sees_all: bool) -> Self {
        if sees_all {
            Self::Server(Box::new(user.into()))
        } else {
            Self::Client(Box::new(ClientUser::seen(user, false)))
        }
    }
}

/// Tokens of a session that has just begun, with its user.
#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    /// A JWT that lasts ten minutes.
    pub access_token: String,
    /// Lasts as long as the session.
    pub refresh_token: String,
    /// Who.
    #[schema(value_type = Uuid)]
    pub user_id: UserId,
}

/// Tokens of a session that a server began.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// Lasts as long as the session.
    pub refresh_token: String,
    /// A JWT that lasts ten minutes.
    pub access_token: String,
}

/// A fresh access token.
#[derive(Serialize, ToSchema)]
pub struct AccessToken {
    /// A JWT that lasts ten minutes.
    pub access_token: String,
}

/// The answer of the OAuth token endpoint (RFC 6749, 5.1).
#[derive(Serialize, ToSchema)]
pub struct OauthTokens {
    /// A JWT that lasts ten minutes.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Seconds; programs that know this protocol go by the token itself.
    pub expires_in: u32,
    /// The one that was sent: it stays the same.
    pub refresh_token: String,
    /// `legacy`.
    pub scope: &'static str,
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionBody {
    #[schema(value_type = Uuid)]
    id: SessionId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    created_at: i64,
    is_impersonation: bool,
    last_used_at: i64,
    is_current_session: bool,
}

impl From<Session> for SessionBody {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            user_id: session.user,
            created_at: session.created_at,
            is_impersonation: session.is_impersonation,
            last_used_at: session.last_used_at,
            is_current_session: session.is_current,
        }
    }
}

/// A membership.
#[derive(Serialize, ToSchema)]
pub struct Membership {
    /// Where.
    #[schema(value_type = Uuid)]
    pub team_id: TeamId,
    /// Who.
    #[schema(value_type = Uuid)]
    pub user_id: UserId,
}

/// A permission that a member holds.
#[derive(Serialize, ToSchema)]
pub struct Permission {
    id: String,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    #[schema(value_type = Uuid)]
    team_id: TeamId,
}

impl From<HeldPermission> for Permission {
    fn from(held: HeldPermission) -> Self {
        Self {
            id: held.id,
            user_id: held.user,
            team_id: held.team,
        }
    }
}

/// A permission that the project or the system defines.
#[derive(Serialize, ToSchema)]
pub struct Definition {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    description: Option<String>,
    contained_permission_ids: Vec<String>,
}

impl From<PermissionDefinition> for Definition {
    fn from(definition: PermissionDefinition) -> Self {
        Self {
            id: definition.id,
            description: definition.description,
            contained_permission_ids: definition.contained_permission_ids,
        }
    }
}

/// What a project lets people do.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the fields of the contract")]
pub struct ProjectConfig {
    sign_up_enabled: bool,
    credential_enabled: bool,
    magic_link_enabled: bool,
    passkey_enabled: bool,
    client_team_creation_enabled: bool,
    client_user_deletion_enabled: bool,
    allow_user_api_keys: bool,
    allow_team_api_keys: bool,
    allow_localhost: bool,
    #[schema(value_type = Vec<String>)]
    enabled_oauth_providers: [(); 0],
    domains: Vec<DomainBody>,
}

/// A place of the application's where links in messages may lead.
#[derive(Serialize, ToSchema)]
#[schema(as = TrustedDomain)]
pub struct DomainBody {
    domain: String,
    handler_path: String,
}

impl From<TrustedDomain> for DomainBody {
    fn from(domain: TrustedDomain) -> Self {
        Self {
            domain: domain.domain,
            handler_path: domain.handler_path,
        }
    }
}

/// A project.
#[derive(Serialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectBody {
    #[schema(value_type = Uuid)]
    id: ProjectId,
    display_name: String,
    config: ProjectConfig,
}

impl From<Project> for ProjectBody {
    fn from(project: Project) -> Self {
        let settings = project.settings;
        Self {
            id: project.id,
            display_name: project.display_name,
            config: ProjectConfig {
                sign_up_enabled: settings.sign_up_enabled,
                credential_enabled: settings.credential_enabled,
                magic_link_enabled: false,
                passkey_enabled: false,
                client_team_creation_enabled: settings.client_team_creation_enabled,
                client_user_deletion_enabled: settings.client_user_deletion_enabled,
                allow_user_api_keys: settings.allow_user_api_keys,
                allow_team_api_keys: settings.allow_team_api_keys,
                allow_localhost: settings.allow_localhost,
                enabled_oauth_providers: [],
                domains: project.domains.into_iter().map(Into::into).collect(),
            },
        }
    }
}

/// A public key (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct Jwk {
    /// `EC`.
    pub kty: &'static str,
    /// `P-256`.
    pub crv: &'static str,
    /// `ES256`.
    pub alg: &'static str,
    /// The key's id.
    pub kid: Uuid,
    /// First coordinate, in base64url.
    pub x: String,
    /// Second coordinate, in base64url.
    pub y: String,
}

/// The public keys that access tokens are verified with.
#[derive(Serialize, ToSchema)]
pub struct Jwks {
    /// All of them.
    pub keys: Vec<Jwk>,
}

/// That the server runs.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
}

/// Where else this server is reached.
#[derive(Serialize, ToSchema)]
pub struct BackendUrls {
    /// Its base.
    pub urls: Vec<String>,
}
