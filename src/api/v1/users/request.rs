//! Requests about users.

use latchkey_model::{
    account::Email,
    caller::UserRef,
    id::{TeamId, UserId},
    patch::Patch,
    user::{NewUser, UserChange, UserListing},
};
use serde_json::Value;

use crate::{
    field::{OnlyNull, ServerOnly, Unsupported},
    request::request,
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
        /// The user's display name; null or blank for none.
        display_name: Patch<PersonName>,
        /// The URL of a profile image; null for none.
        profile_image_url: Patch<Url>,
        /// Application data that the user can read and change.
        client_metadata: Patch<Value>,
        /// Application data that the user can read.
        client_read_only_metadata: Patch<Value>,
        /// Application data that only servers can read.
        server_metadata: Patch<Value>,
        /// The user's e-mail address; null for none.
        primary_email: Patch<Email>,
        /// Whether the e-mail address is verified.
        primary_email_verified: Option<bool>,
        /// Whether the user can sign in with the e-mail address.
        primary_email_auth_enabled: Option<bool>,
        /// The user's password.
        password: Patch<NewPassword>,
        ;
        otp_auth_enabled: Unsupported,
        passkey_auth_enabled: Unsupported,
        is_anonymous: Unsupported,
        totp_secret_base64: OnlyNull,
    }
}

request! {
    /// Changes to a user. Absent fields are left unchanged. Clients can send only the first four
    /// fields.
    pub struct UpdateUser {
        /// The user's display name; null or blank for none.
        display_name: Patch<PersonName>,
        /// The URL of a profile image; null for none.
        profile_image_url: Patch<Url>,
        /// Application data that the user can read and change.
        client_metadata: Patch<Value>,
        /// The user's selected team; null for none.
        selected_team_id: Patch<TeamId>,
        /// Application data that the user can read.
        client_read_only_metadata: ServerOnly<Patch<Value>>,
        /// Application data that only servers can read.
        server_metadata: ServerOnly<Patch<Value>>,
        /// The user's e-mail address; null for none.
        primary_email: ServerOnly<Patch<Email>>,
        /// Whether the e-mail address is verified.
        primary_email_verified: ServerOnly<Option<bool>>,
        /// Whether the user can sign in with the e-mail address.
        primary_email_auth_enabled: ServerOnly<Option<bool>>,
        /// A new password. Setting it ends all of the user's sessions.
        password: ServerOnly<Patch<NewPassword>>,
        ;
        otp_auth_enabled: ServerOnly<Unsupported>,
        passkey_auth_enabled: ServerOnly<Unsupported>,
        is_anonymous: ServerOnly<Unsupported>,
        totp_secret_base64: ServerOnly<OnlyNull>,
    }
}

word! {
    /// The field by which users are sorted.
    SignedUpAt = "signed_up_at"
}

request! {
    /// Filters, order and paging of the list.
    pub struct ListUsers {
        /// Only users whose name or e-mail address contains this text, or whose ID equals it
        query: Option<String>,
        /// Only members of this team
        team_id: Option<TeamId>,
        /// Whether to list the newest first
        desc: Option<bool>,
        /// The `next_cursor` of the previous page
        cursor: Option<UserId>,
        /// The maximum number of users on the page; all if absent
        limit: Option<Whole<1, 1000>>,
        ;
        /// The field to sort by
        order_by: Option<SignedUpAt>,
        /// Accepted for compatibility
        include_anonymous: Option<bool>,
        /// Accepted for compatibility
        include_restricted: Option<bool>,
        /// Accepted for compatibility
        only_anonymous: Option<bool>,
    }
}

impl From<CreateUser> for NewUser {
    fn from(new: CreateUser) -> Self {
        Self {
            display_name: new.display_name.set().and_then(|name| name.0),
            profile_image_url: new.profile_image_url.set().map(|url| url.0),
            client_metadata: new.client_metadata.set(),
            client_read_only_metadata: new.client_read_only_metadata.set(),
            server_metadata: new.server_metadata.set(),
            primary_email: new.primary_email.set(),
            primary_email_verified: new.primary_email_verified,
            primary_email_auth_enabled: new.primary_email_auth_enabled,
            password: new.password.set().map(|password| password.0),
        }
    }
}

impl From<UpdateUser> for UserChange {
    fn from(change: UpdateUser) -> Self {
        Self {
            display_name: match change.display_name {
                Patch::Keep => Patch::Keep,
                Patch::Clear | Patch::Set(PersonName(None)) => Patch::Clear,
                Patch::Set(PersonName(Some(name))) => Patch::Set(name),
            },
            profile_image_url: change.profile_image_url.map(|url| url.0),
            client_metadata: change.client_metadata,
            client_read_only_metadata: change.client_read_only_metadata.0,
            server_metadata: change.server_metadata.0,
            primary_email: change.primary_email.0,
            primary_email_verified: change.primary_email_verified.0,
            primary_email_auth_enabled: change.primary_email_auth_enabled.0,
            selected_team_id: change.selected_team_id,
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
