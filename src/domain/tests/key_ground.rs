//! A project with every kind of caller in it, and what operations on keys answer them.

use latchkey_domain::{clock::Clock, random};
use latchkey_model::{api_key::KeyScope, caller::Caller};
use latchkey_model::{
    id::{ApiKeyId, TeamId},
    key_list::KeyListView,
};
use sqlx::PgPool;

use crate::{
    outcome::{Outcome, SIGNED_OUT, outcome},
    world::{Person, World},
};

/// A project with a team, and one key of a user's and one of the team's.
pub struct Ground {
    pub world: World,
    pub team: TeamId,
    pub owner: Person,
    pub admin: Person,
    /// Everybody else, and what they are.
    pub others: Vec<(&'static str, Caller)>,
    pub own_key: ApiKeyId,
    pub team_key: ApiKeyId,
}

impl Ground {
    pub async fn new(pool: PgPool) -> Self {
        let world = World::new(pool).await;
        let team = world.team("Team").await;
        let owner = world.user("Owner").await;
        let admin = world.member("Admin", team, &["team_admin"]).await;
        let member = world
            .member("Member", team, &["team_member", "$read_members"])
            .await;
        let outsider = world.user("Outsider").await;
        let other_team = world.team("Other team").await;
        let other_admin = world
            .member("Other admin", other_team, &["team_admin"])
            .await;
        let gone = world.user("Gone").await;
        world
            .domain
            .sign_out(&gone.caller)
            .await
            .expect("signed out");

        let foreign = world.another_project().await;
        let foreigner = foreign.user("Foreigner").await;
        let foreign_team = foreign.team("Foreign").await;
        foreign
            .join(foreign_team, foreigner.id, &["team_admin"])
            .await;

        let own_key = world.key(&owner.caller, KeyScope::Own, "own").await.id;
        let team_key = world
            .key(&admin.caller, KeyScope::OfTeam(team), "team's")
            .await
            .id;
        let others = vec![
            ("member without the permission", member.caller),
            ("outsider", outsider.caller),
            ("admin of another team", other_admin.caller),
            ("user of another project", foreigner.caller),
            ("signed out", gone.caller),
            ("unknown session", world.stranger()),
            (
                "unknown project",
                crate::world::caller(
                    latchkey_model::id::ProjectId::new(random::id(Clock::System)),
                    &random::secret_text(),
                ),
            ),
        ];
        Self {
            world,
            team,
            owner,
            admin,
            others,
            own_key,
            team_key,
        }
    }

    pub fn of_team(&self) -> KeyScope {
        KeyScope::OfTeam(self.team)
    }

    /// Everybody but the user who owns `own_key`.
    pub fn not_the_owner(&self) -> impl Iterator<Item = (&'static str, Caller)> {
        self.others
            .iter()
            .copied()
            .chain([("team admin", self.admin.caller)])
    }

    /// Everybody but the one who may manage the team's keys.
    pub fn not_the_admin(&self) -> impl Iterator<Item = (&'static str, Caller)> {
        self.others
            .iter()
            .copied()
            .chain([("owner of another key", self.owner.caller)])
    }

    /// What list, create, rename and revoke say.
    pub async fn all(&self, caller: &Caller, keys: KeyScope, key: ApiKeyId) -> [Outcome; 4] {
        let domain = &self.world.domain;
        [
            outcome(
                &domain
                    .list_keys(caller, keys, &KeyListView::default())
                    .await,
            ),
            outcome(
                &domain
                    .create_key(caller, keys, self.world.form("new"))
                    .await,
            ),
            outcome(&domain.rename_key(caller, keys, key, "renamed").await),
            outcome(&domain.revoke_key(caller, keys, key).await),
        ]
    }

    /// Rename and revoke, which name one key.
    pub async fn both(&self, caller: &Caller, keys: KeyScope, key: ApiKeyId) -> [Outcome; 2] {
        let domain = &self.world.domain;
        [
            outcome(&domain.rename_key(caller, keys, key, "renamed").await),
            outcome(&domain.revoke_key(caller, keys, key).await),
        ]
    }
}

/// Who has no session is told so, everybody else something else.
pub fn refusal_of(who: &str, otherwise: Outcome) -> Outcome {
    if is_signed_out(who) {
        SIGNED_OUT
    } else {
        otherwise
    }
}

pub fn is_signed_out(who: &str) -> bool {
    ["signed out", "unknown session", "unknown project"].contains(&who)
}
