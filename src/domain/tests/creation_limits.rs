//! How many keys people create for an owner within 24 hours, and how many teams.

use latchkey_domain::api_keys::{NewKey, RequestedKey};
use latchkey_model::{
    account::DisplayName,
    api_key::KeyScope,
    description::AppDescription,
    id::TeamId,
    patch::Patch,
    project::SettingsChange,
    team::{NewTeam, TeamCreator},
};
use sqlx::PgPool;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    key_limit::client,
    list_plan::{Step, explained, explaining_nested, many_keys, of_keys},
    outcome::{Outcome, outcome, times},
    world::{Person, World},
};

const DAY: i64 = 24 * 60 * 60 * 1000;

impl World {
    async fn limit_keys(&self, limit: Patch<u32>) {
        self.configure(SettingsChange {
            max_api_keys_per_owner: limit,
            ..SettingsChange::default()
        })
        .await;
    }

    /// Keys that people created so many milliseconds ago and have revoked.
    async fn created_by_people(&self, owner: &str, id: Uuid, keys: i64, millis_ago: i64) {
        let statement = format!(
            "INSERT INTO api_keys (
                project_id, api_key_id, {owner}, description, digest, last_four, created_at_millis, revoked_at_millis,
                created_by_person
             )
             SELECT $1, new_id(), $2, 'key', sha256((new_id()::text)::bytea), '0000',
                now_millis() - {millis_ago}, now_millis(), true
             FROM generate_series(1, {keys})"
        );
        self.sql(&statement, &[self.project.uuid(), id]).await;
    }

    async fn create_and_revoke(&self, user: &Person, keys: KeyScope) -> Outcome {
        let made = self
            .domain
            .create_key(&user.caller, keys, self.form("key"))
            .await;
        if let Ok(made) = &made {
            self.domain
                .revoke_key(&user.caller, keys, made.id)
                .await
                .expect("revoked");
        }
        outcome(&made)
    }

    async fn create_teams(&self, creator: &Person, teams: u32) {
        let statement = format!(
            "INSERT INTO teams (project_id, team_id, display_name, created_by_user_id)
             SELECT $1, new_id(), 'Team', $2 FROM generate_series(1, {teams})"
        );
        self.sql(&statement, &[self.project.uuid(), creator.id.uuid()])
            .await;
    }
}

fn requested() -> RequestedKey {
    RequestedKey {
        description: AppDescription::parse("key".to_owned()).expect("a description"),
        expires_at: None,
        is_public: false,
    }
}

fn team_named(name: &str) -> NewTeam {
    NewTeam::named(DisplayName::parse(name).expect("a name"))
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn creating_and_revoking_by_turns_ends_at_ten_times_the_limit_in_24_hours(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit_keys(Patch::Set(2)).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    let client = client(&world, &user).await;
    for (keys, column, owner) in [
        (KeyScope::Own, "owner_user_id", user.id.uuid()),
        (KeyScope::OfTeam(team), "owner_team_id", team.uuid()),
    ] {
        // Those of the day before no longer count.
        world.created_by_people(column, owner, 50, DAY).await;
        for _ in 0..19 {
            assert_eq!(world.create_and_revoke(&user, keys).await, Outcome::Done);
        }
        let by_client = world.domain.request_key(&client, keys, requested()).await;
        let by_client = by_client.expect("the twentieth");
        world
            .domain
            .revoke_key(&user.caller, keys, by_client.id)
            .await
            .expect("revoked");
        let before = world.dump().await;
        let full = Outcome::TooManyKeysCreated(20);
        assert_eq!(world.create_and_revoke(&user, keys).await, full);
        let by_client = world.domain.request_key(&client, keys, requested()).await;
        assert_eq!(outcome(&by_client), full);
        assert_eq!(world.dump().await, before);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_can_be_created_again_when_24_hours_have_passed(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit_keys(Patch::Set(1)).await;
    let user = world.user("ada").await;
    let minute = 60_000;
    world
        .created_by_people("owner_user_id", user.id.uuid(), 10, DAY - minute)
        .await;
    let create = async || world.create_and_revoke(&user, KeyScope::Own).await;
    assert_eq!(create().await, Outcome::TooManyKeysCreated(10));
    world
        .sql(
            "UPDATE api_keys SET created_at_millis = created_at_millis - 60000",
            &[],
        )
        .await;
    assert_eq!(create().await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn servers_and_projects_without_a_limit_create_as_many_keys_as_they_like(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit_keys(Patch::Set(1)).await;
    let (user, other) = (world.user("ada").await, world.user("eve").await);
    let of_user = KeyScope::OfUser(user.id);
    let mut last = None;
    for _ in 0..12 {
        let made = world
            .domain
            .request_key(&world.server, of_user, requested())
            .await;
        last = Some(made.expect("a server's key").id);
    }
    // What servers create is not counted, except among valid keys.
    let create = async |user: &Person| world.create_and_revoke(user, KeyScope::Own).await;
    assert_eq!(create(&user).await, Outcome::TooManyKeys(1));
    world
        .sql("UPDATE api_keys SET revoked_at_millis = now_millis()", &[])
        .await;
    assert!(last.is_some());
    assert_eq!(create(&user).await, Outcome::Done);

    world
        .created_by_people("owner_user_id", other.id.uuid(), 10, 0)
        .await;
    assert_eq!(create(&other).await, Outcome::TooManyKeysCreated(10));
    world.limit_keys(Patch::Clear).await;
    assert_eq!(create(&other).await, Outcome::Done);
    // One's own count is nobody else's.
    world.limit_keys(Patch::Set(1)).await;
    assert_eq!(create(&other).await, Outcome::TooManyKeysCreated(10));
    assert_eq!(create(&user).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_32_creations_at_once_as_many_succeed_as_the_day_has_left(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit_keys(Patch::Set(40)).await;
    let served = world.as_served();
    let user = world.user("ada").await;
    world
        .created_by_people("owner_user_id", user.id.uuid(), 397, 0)
        .await;
    let mut storm = JoinSet::new();
    for _ in 0..32 {
        let (domain, new) = (served.domain.clone(), world.form("key"));
        storm.spawn(async move { domain.create_key(&user.caller, KeyScope::Own, new).await });
    }
    let outcomes: Vec<_> = storm.join_all().await.iter().map(outcome).collect();
    let full = Outcome::TooManyKeysCreated(400);
    assert_eq!(times(&outcomes, Outcome::Done), 3, "{outcomes:?}");
    assert_eq!(times(&outcomes, full), 29, "{outcomes:?}");
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_form_that_is_sent_again_at_the_end_of_the_day_still_gets_its_key(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit_keys(Patch::Set(1)).await;
    let user = world.user("ada").await;
    world
        .created_by_people("owner_user_id", user.id.uuid(), 9, 0)
        .await;
    let form = world.form("CI");
    let again = |retry| NewKey {
        description: form.description.clone(),
        retry,
        ..form
    };
    let made = world.create(&user.caller, again(false)).await;
    assert_eq!(outcome(&made), Outcome::Done);
    let twice = world.create(&user.caller, again(false)).await;
    assert_eq!(outcome(&twice), Outcome::AlreadyCreated);
    let kept = world.create(&user.caller, again(true)).await;
    assert_eq!(outcome(&kept), Outcome::Done);
    let keys = "SELECT count(*) FROM api_keys WHERE revoked_at_millis IS NULL";
    assert_eq!(world.number(keys, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_keys_of_a_day_are_counted_from_an_index_and_no_further_than_the_limit(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit_keys(Patch::Set(100)).await;
    let team = world.team("T").await;
    let (user, other) = (world.user("ada").await, world.user("eve").await);
    many_keys(&world, other.id, team).await;
    world
        .created_by_people("owner_user_id", user.id.uuid(), 5_000, 0)
        .await;
    world.sql("ANALYZE api_keys", &[]).await;
    let watched = explaining_nested(&world);
    let plans = explained(8, async || {
        let refused = watched.create(&user.caller, world.form("key")).await;
        assert_eq!(outcome(&refused), Outcome::TooManyKeysCreated(1_000));
    })
    .await;
    let steps: Vec<_> = plans.iter().flat_map(|steps| of_keys(steps)).collect();
    let counted = |step: &&&Step| step.index.as_deref() == Some("api_keys_created_by_people");
    assert_eq!(steps.iter().filter(counted).count(), 8, "{steps:#?}");
    let reads = steps.iter().filter(|step| step.kind != "ModifyTable");
    for step in reads {
        assert!(
            step.kind.starts_with("Index") && step.rows <= 1_000,
            "{step:#?}"
        );
    }
    watched.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_user_creates_a_hundred_teams_and_no_more_until_one_is_deleted(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let client = client(&world, &user).await;
    world.create_teams(&user, 98).await;
    let by_page = async || world.domain.create_team(&user.caller, "Team", None).await;
    let by_client = async || {
        let domain = &world.domain;
        domain
            .create_team_as(&client, team_named("Team"), TeamCreator::Caller)
            .await
    };
    let last = by_page().await.expect("a team");
    assert_eq!(outcome(&by_client().await), Outcome::Done);
    // Leaving a team does not make room: the team stays.
    world
        .domain
        .remove_member(&user.caller, last, latchkey_model::caller::UserRef::Me)
        .await
        .expect("left");
    let before = world.dump().await;
    let full = Outcome::TooManyTeams(100);
    assert_eq!(outcome(&by_page().await), full);
    assert_eq!(outcome(&by_client().await), full);
    assert_eq!(world.dump().await, before);

    world
        .domain
        .delete_team(&world.server, last)
        .await
        .expect("deleted");
    assert_eq!(outcome(&by_page().await), Outcome::Done);
    assert_eq!(outcome(&by_page().await), full);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn teams_that_servers_create_or_that_one_is_added_to_count_for_nobody(pool: PgPool) {
    let world = World::new(pool).await;
    let (user, other) = (world.user("ada").await, world.user("eve").await);
    world.create_teams(&user, 99).await;
    for _ in 0..3 {
        let creator = TeamCreator::User(user.id);
        let made = world
            .domain
            .create_team_as(&world.server, team_named("Team"), creator)
            .await;
        assert_eq!(outcome(&made), Outcome::Done);
        let foreign = world.team("Foreign").await;
        world.join(foreign, user.id, &["team_admin"]).await;
    }
    let create = async |user: &Person| {
        let made = world.domain.create_team(&user.caller, "Team", None).await;
        outcome(&made)
    };
    assert_eq!(create(&user).await, Outcome::Done);
    assert_eq!(create(&user).await, Outcome::TooManyTeams(100));
    let creator = TeamCreator::User(user.id);
    let by_server = world
        .domain
        .create_team_as(&world.server, team_named("Team"), creator)
        .await;
    assert_eq!(outcome(&by_server), Outcome::Done);
    assert_eq!(create(&other).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_32_teams_created_at_once_as_many_succeed_as_there_is_room(pool: PgPool) {
    let world = World::new(pool).await;
    let served = world.as_served();
    let user = world.user("ada").await;
    world.create_teams(&user, 98).await;
    let mut storm = JoinSet::new();
    for _ in 0..32 {
        let domain = served.domain.clone();
        storm.spawn(async move { domain.create_team(&user.caller, "Team", None).await });
    }
    let outcomes: Vec<_> = storm.join_all().await.iter().map(outcome).collect();
    assert_eq!(times(&outcomes, Outcome::Done), 2, "{outcomes:?}");
    let full = Outcome::TooManyTeams(100);
    assert_eq!(times(&outcomes, full), 30, "{outcomes:?}");
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_form_sent_many_times_at_once_makes_one_team_also_at_the_last_place(pool: PgPool) {
    let world = World::new(pool).await;
    let served = world.as_served();
    let user = world.user("ada").await;
    world.create_teams(&user, 99).await;
    let token = Some(world.domain.form_token());
    let mut storm = JoinSet::new();
    for _ in 0..16 {
        let domain = served.domain.clone();
        storm.spawn(async move { domain.create_team(&user.caller, "Mine", token).await });
    }
    let made: Vec<TeamId> = storm
        .join_all()
        .await
        .into_iter()
        .map(|made| made.expect("the team"))
        .collect();
    assert!(made.iter().all(|team| *team == made[0]), "{made:?}");
    let teams = "SELECT count(*) FROM teams WHERE display_name = 'Mine'";
    assert_eq!(world.number(teams, &[]).await, 1);
    assert_eq!(world.audit(made[0].uuid()).await, ["team.created"]);
    let members = "SELECT count(*) FROM memberships WHERE team_id = $1";
    assert_eq!(world.number(members, &[made[0].uuid()]).await, 1);
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_old_form_makes_another_team_for_another_name_or_another_person(pool: PgPool) {
    let world = World::new(pool).await;
    let (user, other) = (world.user("ada").await, world.user("eve").await);
    let token = Some(world.domain.form_token());
    let create = async |user: &Person, name: &str| {
        let made = world.domain.create_team(&user.caller, name, token).await;
        made.expect("a team")
    };
    let first = create(&user, "One").await;
    world
        .domain
        .rename_team(&user.caller, first, "Renamed")
        .await
        .expect("renamed");
    assert_eq!(create(&user, " One ").await, first);
    assert_ne!(create(&user, "Two").await, first);
    assert_ne!(create(&other, "One").await, first);
    let renamed = "SELECT count(*) FROM teams WHERE display_name = 'Renamed'";
    assert_eq!(world.number(renamed, &[]).await, 1);
}
