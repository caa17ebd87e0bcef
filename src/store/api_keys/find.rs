//! Finding a key by the digest of its text, for who may list it.

use latchkey_model::{api_key::KeyScope, caller::Caller, digest::Digest, id::ApiKeyId};

use crate::{
    caller::CallerParameter,
    error::{Denial, Error, authorize},
    pool::Store,
};

impl Store {
    /// Returns the key of this owner; somebody else's is as unknown as one that does not exist.
    pub async fn find_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        digest: Digest,
    ) -> Result<Option<ApiKeyId>, Error> {
        let row = sqlx::query!(
            r#"SELECT g.denial AS "denial: Denial", k.api_key_id AS "api_key_id?"
            FROM key_gate($1, $2, $3, $4) g
            LEFT JOIN api_keys k ON g.denial IS NULL AND k.project_id = $1.project_id AND k.digest = $5
                AND k.owner_user_id IS NOT DISTINCT FROM g.owner_user_id
                AND k.owner_team_id IS NOT DISTINCT FROM g.owner_team_id"#,
            CallerParameter::from(caller) as _,
            keys.kind().as_str(),
            keys.own(),
            keys.owner(),
            digest.as_bytes(),
        )
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.api_key_id.map(ApiKeyId::new))
    }

    /// Returns the key of any owner in the project.
    pub async fn find_any_key(
        &self,
        caller: &Caller,
        digest: Digest,
    ) -> Result<Option<ApiKeyId>, Error> {
        let row = sqlx::query!(
            r#"SELECT g.denial AS "denial: Denial", k.api_key_id AS "api_key_id?"
            FROM project_gate($1) g
            LEFT JOIN api_keys k ON g.denial IS NULL AND k.project_id = $1.project_id AND k.digest = $2"#,
            CallerParameter::from(caller) as _,
            digest.as_bytes(),
        )
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.api_key_id.map(ApiKeyId::new))
    }
}
