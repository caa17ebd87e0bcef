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
