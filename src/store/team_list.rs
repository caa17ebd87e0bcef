//! Lists of teams, in parts: however many there are, no statement reads many of them.

use latchkey_model::{
    caller::{Caller, UserRef},
    expiry::Millis,
    id::{TeamId, UserId},
    team::{TeamBody, TeamListing},
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;

use crate::{
    caller::CallerParameter,
    error::{Denial, Error, authorize},
    pool::Store,
};

#[derive(sqlx::FromRow)]
struct ListedRow {
    denial: Option<Denial>,
    team_id: Option<Uuid>,
    display_name: Option<String>,
    profile_image_url: Option<String>,
    client_metadata: Option<Json<Value>>,
    client_read_only_metadata: Option<Json<Value>>,
    server_metadata: Option<Json<Value>>,
    created_at_millis: Option<Millis>,
}

impl ListedRow {
    /// `None` for the one row that says that there are no teams.
    fn into_team(self) -> Option<TeamBody> {
        Some(TeamBody {
            id: TeamId::new(self.team_id?),
            display_name: self.display_name?,
            profile_image_url: self.profile_image_url,
            client_metadata: self.client_metadata.map(|json| json.0),
            client_read_only_metadata: self.client_read_only_metadata.map(|json| json.0),
            server_metadata: self.server_metadata.map(|json| json.0),
            created_at_millis: self.created_at_millis?,
        })
    }
}

/// Its text consists of constants; input is bound. Each part begins where the one before ended, in
/// the order of an index.
fn list_sql(listing: &TeamListing, is_first: bool) -> String {
    let (source, of) = match listing.of {
        None => ("teams t", ""),
        Some(_) => (
            "memberships m JOIN teams t ON t.project_id = m.project_id AND t.team_id = m.team_id",
            "AND m.project_id = $1.project_id AND m.user_id = g.subject_user_id",
        ),
    };
    let (direction, beyond) = if listing.descending {
        ("DESC", "<")
    } else {
        ("ASC", ">")
    };
    let after = if is_first {
        String::new()
    } else {
        format!("AND (t.created_at_millis, t.team_id) {beyond} ($5, $6)")
    };
    let found = if listing.search.is_empty() {
        ""
    } else {
        "AND (strpos(t.display_name_folded, (SELECT fold_text($7))) > 0 OR t.team_id::text = lower($7))"
    };
    format!(
        "SELECT g.denial, l.*
        FROM user_gate($1, $2, $3) g
        LEFT JOIN LATERAL (
            SELECT t.team_id, t.display_name, t.profile_image_url, t.client_metadata,
                t.client_read_only_metadata, t.server_metadata, t.created_at_millis
            FROM {source}
            WHERE g.denial IS NULL AND t.project_id = $1.project_id {of} {after} {found}
            ORDER BY t.created_at_millis {direction}, t.team_id {direction}
            LIMIT $4
        ) l ON true
        ORDER BY l.created_at_millis {direction}, l.team_id {direction}"
    )
}

impl Store {
    /// Returns the next teams of a list after this one, at most `most`.
    pub async fn teams_after(
        &self,
        caller: &Caller,
        listing: &TeamListing,
        after: Option<(Millis, TeamId)>,
        most: u32,
    ) -> Result<Vec<TeamBody>, Error> {
        let (created_at, team) = after.unzip();
        let rows: Vec<ListedRow> =
            sqlx::query_as(AssertSqlSafe(list_sql(listing, after.is_none())))
                .bind(CallerParameter::from(caller))
                .bind(listing.of.and_then(UserRef::id).map(UserId::uuid))
                .bind(listing.of.is_none())
                .bind(i64::from(most))
                .bind(created_at)
                .bind(team.map(TeamId::uuid))
                .bind(&listing.search)
                .fetch_all(self.read(caller))
                .await?;
        authorize(rows.first().and_then(|row| row.denial))?;
        Ok(rows.into_iter().filter_map(ListedRow::into_team).collect())
    }
}
