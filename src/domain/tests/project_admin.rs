//! Whoever administers a project, and everybody else: its switches, and all keys in it.

use latchkey_domain::{api_keys::CreatedKey, clock::Clock, random};
use latchkey_model::{
    api_key::{KeyPage, KeyScope},
    caller::{Caller, CallerKind},
    project::{ProjectChange, SettingsChange},
};
use latchkey_model::{
    id::{ApiKeyId, TeamId},
    key_list::{KeyListView, StatusFilter},
};
use sqlx::PgPool;

use crate::outcome::{
    KEY_NOT_FOUND, Outcome, REVOKED, TEAM_KEYS_OFF, USER_KEYS_OFF, VALID, outcome,
};
use crate::world::{ALL_ON, Person, World};

/// A project with an admin, and a key of a user's and one of a team's, neither of them the admin's.
pub struct Ground {
    pub world: World,
    pub admin: Person,
    pub owner: Person,
    pub team: TeamId,
    pub team_admin: Person,
    pub users: CreatedKey,
    pub teams: CreatedKey,
}

impl Ground {
    pub async fn new(pool: PgPool) -> Self {
        let world = World::new(pool).await;
        let admin = world.project_admin("Root").await;
        let owner = world.user("Grace").await;
        let team = world.team("Compilers").await;
        let team_admin = world.member("Ada", team, &["team_admin"]).await;
        let users = world.key(&owner.caller, KeyScope::Own, "Laptop").await;
        let teams = world
            .key(&team_admin.caller, KeyScope::OfTeam(team), "Warehouse")
            .await;
        Self {
            world,
            admin,
            owner,
            team,
            team_admin,
            users,
            teams,
        }
    }

    /// What switching, listing and revoking say.
    pub async fn all(&self, caller: &Caller) -> [Outcome; 3] {
        let domain = &self.world.domain;
        [
            outcome(&domain.change_project(caller, &user_keys(false)).await),
            outcome(&domain.list_all_keys(caller, &KeyListView::default()).await),
            outcome(&domain.revoke_any_key(caller, self.users.id).await),
        ]
    }

    /// Turns a switch, and returns what is on now, what checks of the two keys say, and what the
    /// lists of them.
    pub async fn turn(&self, change: ProjectChange) -> ((bool, bool), [Outcome; 2], [Outcome; 2]) {
        let world = &self.world;
        let domain = &world.domain;
        let project = domain.change_project(&self.admin.caller, &change).await;
        let settings = project.expect("the project").settings;
        let checked = [
            world.check(self.users.secret.expose()).await,
            world.check(self.teams.secret.expose()).await,
        ];
        let own = domain
            .list_keys(&self.owner.caller, KeyScope::Own, &KeyListView::default())
            .await;
        let team = domain
            .list_keys(
                &self.team_admin.caller,
                KeyScope::OfTeam(self.team),
                &KeyListView::default(),
            )
            .await;
        let allowed = (settings.allow_user_api_keys, settings.allow_team_api_keys);
        (allowed, checked, [outcome(&own), outcome(&team)])
    }

    pub async fn inventory(&self, view: &KeyListView) -> KeyPage {
        let page = self
            .world
            .domain
            .list_all_keys(&self.admin.caller, view)
            .await;
        page.unwrap_or_else(|error| panic!("{view:?}: {error}"))
    }

    pub async fn shown(&self, view: &KeyListView) -> Vec<String> {
        let keys = self.inventory(view).await.keys;
        keys.into_iter().map(|key| key.description).collect()
    }
}

impl World {
    pub async fn project_admin(&self, name: &str) -> Person {
        let person = self.user(name).await;
        let email = format!("{}@example.com", name.to_lowercase());
        self.domain
            .set_project_admin(self.project, &email, true)
            .await
            .expect("an admin");
        person
    }
}

pub fn user_keys(allowed: bool) -> ProjectChange {
    ProjectChange {
        settings: SettingsChange {
            allow_user_api_keys: Some(allowed),
            ..SettingsChange::default()
        },
        ..ProjectChange::default()
    }
}

pub fn team_keys(allowed: bool) -> ProjectChange {
    ProjectChange {
        settings: SettingsChange {
            allow_team_api_keys: Some(allowed),
            ..SettingsChange::default()
        },
        ..ProjectChange::default()
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_admin_may_do_it_all_and_it_is_written_down(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    assert_eq!(ground.all(&ground.admin.caller).await, [Outcome::Done; 3]);
    assert_eq!(
        world.audit(world.project.uuid()).await,
        ["project.created", "project.configured"]
    );
    let by = "SELECT count(*) FROM audit_events
        WHERE actor_user_id = $1 AND action IN ('project.configured', 'api_key.revoked')";
    assert_eq!(world.number(by, &[ground.admin.id.uuid()]).await, 2);
    // So may a program with the project's admin key.
    let third = world.domain.create_project("Third", ALL_ON).await;
    let (third, keys) = third.expect("a project");
    let key = keys.super_secret_admin_key.digest();
    let program = Caller::program(third, CallerKind::Admin, Some(key), None);
    assert_eq!(
        ground.all(&program).await,
        [Outcome::Done, Outcome::Done, KEY_NOT_FOUND]
    );
    // A key that does not exist is not found, and one that has ended stays as it is.
    let missing = ApiKeyId::new(random::id(Clock::System));
    let before = world.dump().await;
    let again = world
        .domain
        .revoke_any_key(&ground.admin.caller, ground.users.id)
        .await;
    assert_eq!(outcome(&again), Outcome::Done);
    let none = world
        .domain
        .revoke_any_key(&ground.admin.caller, missing)
        .await;
    assert_eq!(outcome(&none), KEY_NOT_FOUND);
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_switch_puts_keys_to_rest_and_wakes_them(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let turn = async |change| ground.turn(change).await;
    assert_eq!(
        turn(user_keys(false)).await,
        (
            (false, true),
            [USER_KEYS_OFF, VALID],
            [USER_KEYS_OFF, Outcome::Done]
        )
    );
    assert_eq!(
        turn(team_keys(false)).await,
        (
            (false, false),
            [USER_KEYS_OFF, TEAM_KEYS_OFF],
            [USER_KEYS_OFF, TEAM_KEYS_OFF]
        )
    );
    // The admin sees and ends them all the same.
    assert_eq!(ground.inventory(&KeyListView::default()).await.total, 2);
    let revoked = world
        .domain
        .revoke_any_key(&ground.admin.caller, ground.teams.id)
        .await;
    assert_eq!(outcome(&revoked), Outcome::Done);
    assert_eq!(
        turn(user_keys(true)).await,
        (
            (true, false),
            [VALID, TEAM_KEYS_OFF],
            [Outcome::Done, TEAM_KEYS_OFF]
        )
    );
    assert_eq!(
        turn(team_keys(true)).await,
        (
            (true, true),
            [VALID, REVOKED],
            [Outcome::Done, Outcome::Done]
        )
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_the_admin_revokes_its_owner_sees_revoked(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    for key in [&ground.users, &ground.teams] {
        let revoked = world
            .domain
            .revoke_any_key(&ground.admin.caller, key.id)
            .await;
        assert_eq!(outcome(&revoked), Outcome::Done);
        assert_eq!(world.check(key.secret.expose()).await, REVOKED);
        assert_eq!(
            world.audit(key.id.uuid()).await,
            ["api_key.created", "api_key.revoked"]
        );
    }
    let view = KeyListView {
        status: StatusFilter::Revoked,
        ..KeyListView::default()
    };
    for (caller, keys) in [
        (ground.owner.caller, KeyScope::Own),
        (ground.team_admin.caller, KeyScope::OfTeam(ground.team)),
    ] {
        let page = world.domain.list_keys(&caller, keys, &view).await;
        assert_eq!(page.expect("a page").matching, 1);
    }
}
