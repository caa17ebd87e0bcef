//! The times at which sessions were last used.

use std::time::Duration;

use latchkey_model::{
    expiry::Millis,
    id::{ProjectId, SessionId},
};

use crate::{error::Error, pool::Store};

/// The program writes them once more before it ends, which must not keep it.
const USES_DEADLINE: Duration = Duration::from_secs(1);
/// A session's row is written at most once in this time.
const PAUSE_MILLIS: Millis = 60 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionUse {
    pub project: ProjectId,
    pub session: SessionId,
}

impl Store {
    /// Records that sessions were just used. Leaves out those whose last use is less than a minute ago, and those that another
    /// statement is changing.
    pub async fn write_session_uses(&self, uses: &[SessionUse]) -> Result<(), Error> {
        let projects: Vec<_> = uses.iter().map(|used| used.project.uuid()).collect();
        let sessions: Vec<_> = uses.iter().map(|used| used.session.uuid()).collect();
        sqlx::query!(
            "UPDATE sessions s SET last_used_at_millis = now_millis()
            FROM (
                SELECT l.project_id, l.session_id
                FROM unnest($1::uuid[], $2::uuid[]) AS n (project_id, session_id)
                JOIN sessions l USING (project_id, session_id)
                WHERE l.last_used_at_millis < now_millis() - $3
                ORDER BY l.project_id, l.session_id
                FOR NO KEY UPDATE OF l SKIP LOCKED
            ) u
            WHERE s.project_id = u.project_id AND s.session_id = u.session_id",
            &projects,
            &sessions,
            PAUSE_MILLIS,
        )
        .execute(self.background.write().within(USES_DEADLINE))
        .await?;
        Ok(())
    }
}
