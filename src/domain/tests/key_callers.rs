//! Every kind of caller against every operation on keys: what is answered, and that what is
//! refused changes nothing at all.

use latchkey_domain::{clock::Clock, random};
use latchkey_model::{api_key::KeyScope, caller::Caller, project::SettingsChange};
use latchkey_model::{
    id::{ApiKeyId, TeamId},
    key_list::KeyListView,
};
use sqlx::PgPool;

use crate::world::{Person, World, said};

/// A project with a team, and one key of a user's and one of the team's.
struct Ground {
    world: World,
    team: TeamId,
    owner: Person,
    admin: Person,
    /// Everybody else, and what they are.
    others: Vec<(&'static str, Caller)>,
    own_key: ApiKeyId,
    team_key: ApiKeyId,
}

const NOT_FOUND: &str = "NotFound(ApiKey)";
const SIGNED_OUT: &str = "Denied(SignedOut)";

impl Ground {
    async fn new(pool: PgPool) -> Self {
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

    fn of_team(&self) -> KeyScope {
        KeyScope::OfTeam(self.team)
    }

    /// Everybody but the user who owns `own_key`.
    fn not_the_owner(&self) -> impl Iterator<Item = (&'static str, Caller)> {
        self.others
            .iter()
            .copied()
            .chain([("team admin", self.admin.caller)])
    }

    /// Everybody but the one who may manage the team's keys.
    fn not_the_admin(&self) -> impl Iterator<Item = (&'static str, Caller)> {
        self.others
            .iter()
            .copied()
            .chain([("owner of another key", self.owner.caller)])
    }

    /// What list, create, rename and revoke say.
    async fn all(&self, caller: &Caller, keys: KeyScope, key: ApiKeyId) -> [String; 4] {
        let domain = &self.world.domain;
        [
            said(
                &domain
                    .list_keys(caller, keys, &KeyListView::default())
                    .await,
            ),
            said(
                &domain
                    .create_key(caller, keys, self.world.form("new"))
                    .await,
            ),
            said(&domain.rename_key(caller, keys, key, "renamed").await),
            said(&domain.revoke_key(caller, keys, key).await),
        ]
    }

    /// Rename and revoke, which name one key.
    async fn both(&self, caller: &Caller, keys: KeyScope, key: ApiKeyId) -> [String; 2] {
        let domain = &self.world.domain;
        [
            said(&domain.rename_key(caller, keys, key, "renamed").await),
            said(&domain.revoke_key(caller, keys, key).await),
        ]
    }
}

fn refusal_of(who: &str, otherwise: &'static str) -> &'static str {
    match who {
        "signed out" | "unknown session" | "unknown project" => SIGNED_OUT,
        _ => otherwise,
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn owners_and_admins_may_do_it_all(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let own = ground
        .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
        .await;
    assert_eq!(own, ["Ok"; 4]);
    let of_team = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(of_team, ["Ok"; 4]);
    for key in [ground.own_key, ground.team_key] {
        let audit = ground.world.audit(key.uuid()).await;
        assert_eq!(
            audit,
            ["api_key.created", "api_key.renamed", "api_key.revoked"]
        );
        assert!(ground.world.revoked_at(key).await.is_some());
    }
    let renamed = "SELECT count(*) FROM api_keys WHERE description = 'renamed'";
    assert_eq!(ground.world.number(renamed, &[]).await, 2);
    assert_eq!(
        ground
            .world
            .number("SELECT count(*) FROM api_keys", &[])
            .await,
        4
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_permission_alone_is_enough_without_a_role(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let holder = ground
        .world
        .member("Holder", ground.team, &["$manage_api_keys"])
        .await;
    assert_eq!(
        ground
            .all(&holder.caller, ground.of_team(), ground.team_key)
            .await,
        ["Ok"; 4]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nobody_else_touches_a_users_key(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    for (who, caller) in ground.not_the_owner() {
        let answers = ground.both(&caller, KeyScope::Own, ground.own_key).await;
        assert_eq!(answers, [refusal_of(who, NOT_FOUND); 2], "{who}");
    }
    // Nor does its owner, or an admin, by way of a team.
    for caller in [&ground.owner.caller, &ground.admin.caller] {
        let answers = ground.both(caller, ground.of_team(), ground.own_key).await;
        assert_eq!(answers, [NOT_FOUND; 2]);
    }
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nobody_without_the_permission_learns_of_a_teams_keys_or_touches_them(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    for (who, caller) in ground.not_the_admin() {
        let answers = ground.all(&caller, ground.of_team(), ground.team_key).await;
        assert_eq!(answers, [refusal_of(who, NOT_FOUND); 4], "{who}");
        let nowhere = KeyScope::OfTeam(TeamId::new(random::id(Clock::System)));
        let answers = ground.all(&caller, nowhere, ground.team_key).await;
        assert_eq!(
            answers,
            [refusal_of(who, NOT_FOUND); 4],
            "{who}, no such team"
        );
    }
    // Not even its admin reaches a team's key as one of their own.
    let answers = ground
        .both(&ground.admin.caller, KeyScope::Own, ground.team_key)
        .await;
    assert_eq!(answers, [NOT_FOUND; 2]);
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn who_is_signed_out_can_do_nothing(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    for (who, caller) in ground
        .others
        .iter()
        .filter(|(who, _)| refusal_of(who, "") == SIGNED_OUT)
    {
        for (keys, key) in [
            (KeyScope::Own, ground.own_key),
            (ground.of_team(), ground.team_key),
        ] {
            assert_eq!(
                ground.all(caller, keys, key).await,
                [SIGNED_OUT; 4],
                "{who}"
            );
        }
    }
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_does_not_exist_is_not_found(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    let missing = ApiKeyId::new(random::id(Clock::System));
    assert_eq!(
        ground
            .both(&ground.owner.caller, KeyScope::Own, missing)
            .await,
        [NOT_FOUND; 2]
    );
    assert_eq!(
        ground
            .both(&ground.admin.caller, ground.of_team(), missing)
            .await,
        [NOT_FOUND; 2]
    );
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_list_shows_the_callers_keys_and_no_others(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let view = KeyListView::default();
    let ids = async |caller: &Caller, keys| {
        let page = ground
            .world
            .domain
            .list_keys(caller, keys, &view)
            .await
            .expect("a page");
        let ids: Vec<_> = page.keys.iter().map(|key| key.id).collect();
        assert_eq!(page.total, i64::try_from(ids.len()).expect("few"));
        ids
    };
    assert_eq!(
        ids(&ground.owner.caller, KeyScope::Own).await,
        [ground.own_key]
    );
    assert_eq!(
        ids(&ground.admin.caller, ground.of_team()).await,
        [ground.team_key]
    );
    assert_eq!(ids(&ground.admin.caller, KeyScope::Own).await, []);
    for (who, caller) in &ground.others {
        if refusal_of(who, "") != SIGNED_OUT {
            assert_eq!(ids(caller, KeyScope::Own).await, [], "{who}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_taken_to_another_project_is_nobody_there(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let other = ground.world.another_project().await;
    let token = random::secret_text();
    let session = "INSERT INTO sessions SELECT project_id, new_id(), user_id, sha256(convert_to($1, 'UTF8')), 0,
        now_millis() + 1000000 FROM users WHERE user_id = $2";
    sqlx::query(session)
        .bind(&token)
        .bind(ground.owner.id.uuid())
        .execute(&ground.world.pool)
        .await
        .expect("a session");
    let before = ground.world.dump().await;
    let here = crate::world::caller(ground.world.project, &token);
    let there = crate::world::caller(other.project, &token);
    assert!(ground.world.viewer(&here).await.is_some());
    assert_eq!(
        ground.all(&there, KeyScope::Own, ground.own_key).await,
        [SIGNED_OUT; 4]
    );
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn where_keys_are_switched_off_nobody_sees_makes_or_changes_any(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let off = SettingsChange {
        allow_user_api_keys: Some(false),
        allow_team_api_keys: Some(false),
        ..SettingsChange::default()
    };
    ground.world.configure(off).await;
    let before = ground.world.dump().await;
    let own = ground
        .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
        .await;
    assert_eq!(own, ["Denied(KeysOff(User))"; 4]);
    let of_team = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(of_team, ["Denied(KeysOff(Team))"; 4]);
    // Everybody is told the same, so the switch tells nobody whether there is such a team.
    for (who, caller) in ground
        .not_the_admin()
        .filter(|(who, _)| *who != "user of another project")
    {
        let answers = ground.all(&caller, ground.of_team(), ground.team_key).await;
        assert_eq!(
            answers,
            [refusal_of(who, "Denied(KeysOff(Team))"); 4],
            "{who}"
        );
        let answers = ground.all(&caller, KeyScope::Own, ground.own_key).await;
        assert_eq!(
            answers,
            [refusal_of(who, "Denied(KeysOff(User))"); 4],
            "{who}"
        );
    }
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn each_switch_is_about_its_own_kind_of_key(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let change = SettingsChange {
        allow_user_api_keys: Some(false),
        ..SettingsChange::default()
    };
    ground.world.configure(change).await;
    assert_eq!(
        ground
            .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
            .await,
        ["Denied(KeysOff(User))"; 4]
    );
    assert_eq!(
        ground
            .all(&ground.admin.caller, ground.of_team(), ground.team_key)
            .await,
        ["Ok"; 4]
    );

    let change = SettingsChange {
        allow_user_api_keys: Some(true),
        allow_team_api_keys: Some(false),
        ..SettingsChange::default()
    };
    ground.world.configure(change).await;
    assert_eq!(
        ground
            .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
            .await,
        ["Ok"; 4]
    );
    assert_eq!(
        ground
            .all(&ground.admin.caller, ground.of_team(), ground.team_key)
            .await,
        ["Denied(KeysOff(Team))"; 4]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_taken_away_counts_from_the_next_call(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (world, team) = (&ground.world, ground.team);
    for (taken, answer) in [
        (
            "DELETE FROM team_permission_grants WHERE user_id = $1",
            NOT_FOUND,
        ),
        ("DELETE FROM memberships WHERE user_id = $1", NOT_FOUND),
        ("DELETE FROM sessions WHERE user_id = $1", SIGNED_OUT),
        ("DELETE FROM users WHERE user_id = $1", SIGNED_OUT),
    ] {
        let admin = world.member("Next admin", team, &["team_admin"]).await;
        assert_eq!(
            ground
                .all(&admin.caller, ground.of_team(), ground.team_key)
                .await,
            ["Ok"; 4]
        );
        world.sql(taken, &[admin.id.uuid()]).await;
        let before = world.dump().await;
        let answers = ground
            .all(&admin.caller, ground.of_team(), ground.team_key)
            .await;
        assert_eq!(answers, [answer; 4], "{taken}");
        assert_eq!(world.dump().await, before, "{taken}");
        world
            .sql("DELETE FROM users WHERE user_id = $1", &[admin.id.uuid()])
            .await;
    }
    world
        .sql(
            "DELETE FROM permission_definitions WHERE project_id = $1",
            &[world.project.uuid()],
        )
        .await;
    let answers = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(answers, [NOT_FOUND; 4], "the role has gone");
    world.grant(team, ground.admin.id, "$manage_api_keys").await;
    assert_eq!(
        ground
            .all(&ground.admin.caller, ground.of_team(), ground.team_key)
            .await,
        ["Ok"; 4]
    );
    world
        .sql("DELETE FROM teams WHERE team_id = $1", &[team.uuid()])
        .await;
    let answers = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(answers, [NOT_FOUND; 4], "the team has gone");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_member_who_leaves_leaves_the_teams_keys(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let leaver = world.member("Leaver", ground.team, &["team_admin"]).await;
    let key = world.key(&leaver.caller, ground.of_team(), "stays").await;
    world
        .sql("DELETE FROM users WHERE user_id = $1", &[leaver.id.uuid()])
        .await;
    assert_eq!(world.check(key.secret.expose()).await, "valid");
    let page = world
        .domain
        .list_keys(
            &ground.admin.caller,
            ground.of_team(),
            &KeyListView::default(),
        )
        .await;
    let page = page.expect("a page");
    let kept = page
        .keys
        .iter()
        .find(|listed| listed.id == key.id)
        .expect("the key");
    assert_eq!(kept.created_by, None);
}
