//! Who may administer a project, and who may not.

use latchkey_domain::{Denied, Subject, Unauthenticated, clock::Clock, random};
use latchkey_model::{
    caller::{Caller, CallerKind},
    key_list::KeyListView,
};
use sqlx::PgPool;

use crate::{
    outcome::{KEY_NOT_FOUND, Outcome, PROJECT_NOT_FOUND, SIGNED_OUT, outcome},
    project_admin::Ground,
    world::ALL_ON,
};

const ADMIN_KEY_MISSING: Outcome =
    Outcome::Denied(Denied::Unauthenticated(Unauthenticated::AdminKeyMissing));
const ADMIN_KEY_WRONG: Outcome =
    Outcome::Denied(Denied::Unauthenticated(Unauthenticated::AdminKeyWrong));

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nobody_else_switches_lists_or_revokes(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let gone = world.project_admin("Gone").await;
    world
        .domain
        .sign_out(&gone.caller)
        .await
        .expect("signed out");
    let former = world.project_admin("Former").await;
    world
        .domain
        .set_project_admin(world.project, "former@example.com", false)
        .await
        .expect("no admin any more");
    let nowhere = latchkey_model::id::ProjectId::new(random::id(Clock::System));
    let callers = [
        ("owner of the key", ground.owner.caller, PROJECT_NOT_FOUND),
        (
            "admin of a team",
            ground.team_admin.caller,
            PROJECT_NOT_FOUND,
        ),
        ("former admin", former.caller, PROJECT_NOT_FOUND),
        ("signed out", gone.caller, SIGNED_OUT),
        ("unknown session", world.stranger(), SIGNED_OUT),
        (
            "unknown project",
            crate::world::caller(nowhere, &random::secret_text()),
            SIGNED_OUT,
        ),
    ];
    let before = world.dump().await;
    for (who, caller, answer) in callers {
        assert_eq!(ground.all(&caller).await, [answer; 3], "{who}");
    }
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_program_without_the_projects_admin_key_switches_lists_or_revokes(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let publishable = Caller::program(world.project, CallerKind::Client, None, None);
    let third = world.domain.create_project("Third", ALL_ON).await;
    let elsewhere = third.expect("a project").1.super_secret_admin_key.digest();
    let wrong = Caller::program(world.project, CallerKind::Admin, Some(elsewhere), None);
    let keyless = Caller::program(world.project, CallerKind::Admin, None, None);
    let callers = [
        ("client", publishable, ADMIN_KEY_MISSING),
        ("server", world.server, ADMIN_KEY_MISSING),
        ("admin with another project's key", wrong, ADMIN_KEY_WRONG),
        ("admin with no key", keyless, ADMIN_KEY_MISSING),
    ];
    let before = world.dump().await;
    for (who, caller, answer) in callers {
        assert_eq!(ground.all(&caller).await, [answer; 3], "{who}");
    }
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_admin_of_another_project_neither_lists_nor_revokes_keys_of_this_one(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let foreign = world.another_project().await;
    let foreign_admin = foreign.project_admin("Foreign").await;
    let before = world.dump().await;
    let domain = &world.domain;
    assert_eq!(
        outcome(
            &domain
                .revoke_any_key(&foreign_admin.caller, ground.users.id)
                .await
        ),
        KEY_NOT_FOUND
    );
    let listed = domain
        .list_all_keys(&foreign_admin.caller, &KeyListView::default())
        .await;
    assert_eq!(listed.expect("their own").total, 0);
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn administering_ends_with_the_next_statement(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let set = async |admin| {
        world
            .domain
            .set_project_admin(world.project, "root@example.com", admin)
            .await
            .expect("somebody");
    };
    set(true).await;
    set(false).await;
    set(false).await;
    let before = world.dump().await;
    assert_eq!(
        ground.all(&ground.admin.caller).await,
        [PROJECT_NOT_FOUND; 3]
    );
    assert_eq!(world.dump().await, before);
    // What changed nothing is not written down.
    assert_eq!(
        world.audit(ground.admin.id.uuid()).await,
        ["user.project_admin_granted", "user.project_admin_revoked"]
    );
    let nobody = world
        .domain
        .set_project_admin(world.project, "nobody@example.com", true)
        .await;
    assert_eq!(outcome(&nobody), Outcome::NotFound(Subject::User));
}
