//! A user's own teams, for the page that lists them.

use latchkey_model::{
    caller::Caller,
    id::TeamId,
    viewer::{TeamName, TeamPage},
};

use crate::{
    caller::CallerParameter,
    error::{Denial, Error, authorize},
    pool::Store,
};

/// How many of their teams are searched, those joined first. That takes a part of a second.
const SEARCHED: i64 = 50_000;

impl Store {
    /// Returns a page of the caller's own teams whose names contain `search`, those joined first.
    pub async fn team_names(
        &self,
        caller: &Caller,
        search: &str,
        offset: i64,
        size: i64,
    ) -> Result<TeamPage, Error> {
        let rows = sqlx::query!(
            r#"SELECT g.denial AS "denial: Denial", l.team_id AS "team_id?", l.display_name AS "display_name?",
                EXISTS (
                    SELECT FROM memberships b
                    WHERE b.project_id = $1.project_id AND b.user_id = g.subject_user_id AND g.denial IS NULL
                    OFFSET $5
                ) AS "has_more!"
            FROM user_gate($1, NULL) g
            LEFT JOIN LATERAL (
                SELECT t.team_id, t.display_name, m.created_at_millis
                FROM (
                    SELECT f.team_id, f.created_at_millis FROM memberships f
                    WHERE f.project_id = $1.project_id AND f.user_id = g.subject_user_id AND g.denial IS NULL
                    ORDER BY f.created_at_millis, f.team_id LIMIT $5
                ) m
                JOIN teams t ON t.project_id = $1.project_id AND t.team_id = m.team_id
                WHERE $2 = '' OR strpos(t.display_name_folded, (SELECT fold_text($2))) > 0
                ORDER BY m.created_at_millis, m.team_id
                LIMIT $3::bigint + 1 OFFSET $4
            ) l ON true
            ORDER BY l.created_at_millis, l.team_id"#,
            CallerParameter::from(caller) as _,
            search,
            size,
            offset,
            SEARCHED,
        )
        .fetch_all(self.read(caller))
        .await?;
        let first = rows.first().ok_or_else(Error::no_row)?;
        authorize(first.denial)?;
        let partial = first.has_more.then_some(SEARCHED);
        let mut teams: Vec<_> = rows
            .into_iter()
            .filter_map(|row| {
                Some(TeamName {
                    team_id: TeamId::new(row.team_id?),
                    display_name: row.display_name?,
                })
            })
            .collect();
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let has_more = teams.len() > size;
        teams.truncate(size);
        Ok(TeamPage {
            teams,
            has_more,
            partial,
        })
    }
}
