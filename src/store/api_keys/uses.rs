//! The times at which keys were last used.

use std::time::Duration;

use latchkey_model::{
    expiry::Millis,
    id::{ApiKeyId, ProjectId},
};

use crate::{error::Error, pool::Store};

/// The program writes them once more before it ends, which must not keep it.
const USES_DEADLINE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub project: ProjectId,
    pub key: ApiKeyId,
    pub at: Millis,
}

impl Store {
    /// Writes many uses at once, in the order of their IDs, which prevents deadlocks between
    /// instances. An earlier use does not overwrite a later one; keys that no longer exist are
    /// skipped.
    pub async fn write_uses(&self, uses: &[Use]) -> Result<(), Error> {
        let projects: Vec<_> = uses.iter().map(|used| used.project.uuid()).collect();
        let keys: Vec<_> = uses.iter().map(|used| used.key.uuid()).collect();
        let times: Vec<_> = uses.iter().map(|used| used.at).collect();
        sqlx::query!(
            "INSERT INTO api_key_uses AS u (project_id, api_key_id, last_used_at_millis)
            SELECT k.project_id, k.api_key_id, n.at
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS n (project_id, api_key_id, at)
            JOIN api_keys k USING (project_id, api_key_id)
            ORDER BY k.project_id, k.api_key_id
            FOR KEY SHARE OF k
            ON CONFLICT (project_id, api_key_id) DO UPDATE SET
                last_used_at_millis = GREATEST(u.last_used_at_millis, excluded.last_used_at_millis)",
            &projects,
            &keys,
            &times,
        )
        .execute(self.background.write().within(USES_DEADLINE))
        .await?;
        Ok(())
    }
}
