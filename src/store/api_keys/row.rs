//! The columns of a key and their row types, declared once for all statements that read keys.

/// Calls a macro with the columns of the key `k`, which may be absent, followed by these arguments.
macro_rules! with_key_columns {
    ($macro:ident!($($argument:tt)*)) => {
        $macro!(
            r#"k.api_key_id AS "api_key_id?", k.owner_user_id AS "owner_user_id?",
                k.owner_team_id AS "owner_team_id?", k.description AS "description?", k.is_public AS "is_public?",
                k.last_four AS "last_four?", k.created_at_millis AS "created_at_millis?",
                k.expires_at_millis AS "expires_at_millis?", k.revoked_at_millis AS "revoked_at_millis?""#,
            $($argument)*
        )
    };
}

/// The same columns, for a statement that is not checked at compile time.
pub(super) const KEY_COLUMNS: &str =
    "k.api_key_id, k.owner_user_id, k.owner_team_id, k.description, k.is_public, k.last_four,
    k.created_at_millis, k.expires_at_millis, k.revoked_at_millis";

/// Declares a row type with these columns followed by a key's columns.
macro_rules! key_row {
    ($(#[$attribute:meta])* struct $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$attribute])*
        pub(super) struct $name {
            $(pub(super) $field: $type,)*
            pub(super) api_key_id: Option<uuid::Uuid>,
            pub(super) owner_user_id: Option<uuid::Uuid>,
            pub(super) owner_team_id: Option<uuid::Uuid>,
            pub(super) description: Option<String>,
            pub(super) is_public: Option<bool>,
            pub(super) last_four: Option<String>,
            pub(super) created_at_millis: Option<latchkey_model::expiry::Millis>,
            pub(super) expires_at_millis: Option<latchkey_model::expiry::Millis>,
            pub(super) revoked_at_millis: Option<latchkey_model::expiry::Millis>,
        }

        impl $name {
            /// Returns the key without the columns that only pages show; `None` if there is none. A
            /// constraint of the table guarantees an owner.
            pub(super) fn into_key(self) -> Option<latchkey_model::api_key::ApiKey> {
                use latchkey_model::{
                    api_key::ApiKey,
                    id::{ApiKeyId, TeamId, UserId},
                    owner::KeyOwner,
                };
                let user = self.owner_user_id.map(|id| KeyOwner::User(UserId::new(id)));
                let team = self.owner_team_id.map(|id| KeyOwner::Team(TeamId::new(id)));
                Some(ApiKey {
                    id: ApiKeyId::new(self.api_key_id?),
                    owner: user.or(team)?,
                    owner_name: None,
                    owner_email: None,
                    description: self.description?,
                    is_public: self.is_public?,
                    last_four: self.last_four?,
                    created_at: self.created_at_millis?,
                    created_by: None,
                    expires_at: self.expires_at_millis,
                    revoked_at: self.revoked_at_millis,
                    revoked_by: None,
                    is_paused: false,
                    last_used_at: None,
                })
            }
        }
    };
}

/// A statement that returns keys with the decision of the gate `g`. Its arguments: the text before
/// its `SELECT`, the text after its columns, and its parameters.
macro_rules! key_query {
    ($columns:tt, $before:tt, $after:tt, $($parameter:tt)*) => {
        sqlx::query_as!(
            KeyRow,
            $before + r#"SELECT g.denial AS "denial: Denial", "# + $columns + $after,
            $($parameter)*
        )
    };
}

key_row! {
    #[derive(sqlx::FromRow)]
    struct KeyRow {
        denial: Option<crate::Denial>,
    }
}
