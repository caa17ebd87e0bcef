//! The keys by which applications show what they are.

use latchkey_api::Code::{self, *};
use latchkey_domain::clock::Clock;
use latchkey_model::project::SettingsChange;
use serde_json::json;
use sqlx::PgPool;

use super::{
    callers::{WRONG, insufficient, unparsable},
    http::{Api, ask, row},
    tokens::{ends_at, expired, issued_by, session_of},
    told::{Told, known},
};

fn wrong_key(api: &Api, code: Code, what: &str) -> Told {
    let project = api.project();
    known(code, format!("The {what} is not valid for the project \"{project}\". Does the project and/or the key exist?"))
        .with(json!({ "project_id": project }))
}

pub fn wrong_client_key(api: &Api) -> Told {
    wrong_key(api, InvalidPublishableClientKey, "publishable client key")
}

fn wrong_server_key(api: &Api) -> Told {
    wrong_key(api, InvalidSecretServerKey, "secret server key")
}

fn wrong_admin_key(api: &Api) -> Told {
    wrong_key(api, InvalidSuperSecretAdminKey, "super secret admin key")
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_kind_of_caller_shows_its_own_key(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let no_server_key = known(
        ServerAuthenticationRequired,
        "The secret server key must be provided.",
    );
    let no_admin_key = known(
        AdminAuthenticationRequired,
        "The super secret admin key must be provided.",
    );
    let what = "GET /projects/current";
    let (server, admin) = (api.server(), api.admin());
    let keys = &api.keys;
    let pck = keys.publishable_client_key.expose();
    let (ssk, sak) = (
        keys.secret_server_key.expose(),
        keys.super_secret_admin_key.expose(),
    );
    api.refuses(vec![
        row(
            &server.without("secret-server-key"),
            what,
            (),
            no_server_key.clone(),
        ),
        row(
            &server.with("secret-server-key", ""),
            what,
            (),
            no_server_key.clone(),
        ),
        row(
            &server.with("secret-server-key", WRONG),
            what,
            (),
            wrong_server_key(&api),
        ),
        row(
            &server.with("secret-server-key", "schlüssel"),
            what,
            (),
            wrong_server_key(&api),
        ),
        row(
            &server.with("secret-server-key", b"\xff\xfe"),
            what,
            (),
            wrong_server_key(&api),
        ),
        row(
            &server.with("secret-server-key", sak),
            what,
            (),
            wrong_server_key(&api),
        ),
        row(
            &server.with("secret-server-key", pck),
            what,
            (),
            wrong_server_key(&api),
        ),
        row(
            &server.with("secret-server-key", other.keys.secret_server_key.expose()),
            what,
            (),
            wrong_server_key(&api),
        ),
        row(
            &server.with("secret-server-key", ssk.to_uppercase()),
            what,
            (),
            wrong_server_key(&api),
        ),
        // A key of another kind is no key for this one.
        row(
            &server
                .without("secret-server-key")
                .with("super-secret-admin-key", sak),
            what,
            (),
            no_server_key,
        ),
        row(
            &admin.without("super-secret-admin-key"),
            what,
            (),
            no_admin_key.clone(),
        ),
        row(
            &admin.with("super-secret-admin-key", ""),
            what,
            (),
            no_admin_key.clone(),
        ),
        row(
            &admin.with("super-secret-admin-key", WRONG),
            what,
            (),
            wrong_admin_key(&api),
        ),
        row(
            &admin.with("super-secret-admin-key", ssk),
            what,
            (),
            wrong_admin_key(&api),
        ),
        row(
            &admin.with(
                "super-secret-admin-key",
                other.keys.super_secret_admin_key.expose(),
            ),
            what,
            (),
            wrong_admin_key(&api),
        ),
        row(
            &admin
                .without("super-secret-admin-key")
                .with("secret-server-key", ssk),
            what,
            (),
            no_admin_key,
        ),
        row(
            &api.client().with("publishable-client-key", "pck_wrong"),
            what,
            (),
            wrong_client_key(&api),
        ),
        row(
            &api.client().with("publishable-client-key", ssk),
            what,
            (),
            wrong_client_key(&api),
        ),
        row(
            &api.client().with(
                "publishable-client-key",
                other.keys.publishable_client_key.expose(),
            ),
            what,
            (),
            wrong_client_key(&api),
        ),
    ])
    .await;
    for who in [
        api.client(),
        api.client().with("publishable-client-key", pck),
        api.client().with("publishable-client-key", ""),
        api.client()
            .with("publishable-client-key", "__stack_public_client__"),
        server.with("publishable-client-key", "pck_wrong"),
        server.with("refresh-token", "anything"),
        admin.with("secret-server-key", WRONG),
    ] {
        assert_eq!(api.ask(&who, what, ()).await.status, 200, "{who:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_can_require_the_publishable_client_key(pool: PgPool) {
    let api = Api::new(pool).await;
    api.world
        .configure(SettingsChange {
            require_publishable_client_key: Some(true),
            ..SettingsChange::default()
        })
        .await;
    let project = api.project();
    let required = known(PublishableClientKeyRequired, format!("Publishable client keys are required for this project ({project}). Create one in the project's settings, or switch the requirement off."))
        .with(json!({ "project_id": project }));
    let what = "GET /projects/current";
    let client = api.client();
    api.refuses(vec![
        row(&client, what, (), required.clone()),
        row(
            &client.with("publishable-client-key", ""),
            what,
            (),
            required.clone(),
        ),
        row(
            &client.with("publishable-client-key", "__stack_public_client__"),
            what,
            (),
            required,
        ),
        row(
            &client.with("publishable-client-key", "pck_wrong"),
            what,
            (),
            wrong_client_key(&api),
        ),
    ])
    .await;
    let keyed = client.with(
        "publishable-client-key",
        api.keys.publishable_client_key.expose(),
    );
    for who in [keyed, api.server(), api.admin()] {
        assert_eq!(api.ask(&who, what, ()).await.status, 200, "{who:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_admins_token_takes_the_place_of_every_key(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (boss, user, foreign) = (
        api.user("Boss").await,
        api.user("User").await,
        other.user("Boss").await,
    );
    let promote = "UPDATE users SET is_project_admin = true WHERE user_id = $1";
    for id in [boss.id, foreign.id] {
        api.world.sql(promote, &[id.uuid()]).await;
    }
    let what = "GET /team-permission-definitions";
    let by = |access_type: &str, token: &str| {
        api.client()
            .with("access-type", access_type)
            .with("admin-access-token", token)
    };
    for access_type in ["client", "server", "admin"] {
        let who = by(access_type, &boss.access);
        assert_eq!(
            api.ask(&who, "GET /projects/current", ()).await.status,
            200,
            "{access_type}"
        );
        // Also where a key comes along that is wrong.
        let who = who
            .with("secret-server-key", WRONG)
            .with("publishable-client-key", "pck_wrong");
        assert_eq!(
            api.ask(&who, "GET /projects/current", ()).await.status,
            200,
            "{access_type}"
        );
    }
    assert_eq!(
        api.ask(&by("admin", &boss.access), what, ()).await.status,
        200
    );
    assert_eq!(
        api.ask(&by("server", &boss.access), "GET /users", ())
            .await
            .status,
        200
    );
    let no_admin = known(
        AdminAuthenticationRequired,
        "The super secret admin key must be provided.",
    );
    let old = issued_by(&api, &boss, -601_000).await;
    let details = json!({
        "expired_at_millis": ends_at(&old),
        "project_id": api.project(),
        "user_id": boss.id,
        "refresh_token_id": session_of(&old),
    });
    api.refuses(vec![
        row(&by("admin", &user.access), what, (), no_admin.clone()),
        row(&by("client", &user.access), "GET /projects/current", (), no_admin.clone()),
        row(&by("admin", "garbage"), what, (), unparsable()),
        row(&by("admin", &old), what, (), expired().with(details)),
        row(&by("admin", &foreign.access), what, (), known(
            InvalidProjectForAccessToken,
            format!("Access token is for project {}, but the request is for project {}.", other.project(), api.project()),
        ).with(json!({ "expected_project_id": api.project(), "actual_project_id": other.project() }))),
        // The access type stays what the request says.
        row(&by("client", &boss.access), "GET /users", (), insufficient()),
    ])
    .await;
    api.world
        .sql(
            "UPDATE users SET is_project_admin = false WHERE user_id = $1",
            &[boss.id.uuid()],
        )
        .await;
    api.refuses(vec![row(&by("admin", &boss.access), what, (), no_admin)])
        .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_key_set_ends_the_old_one_at_once(pool: PgPool) {
    let api = Api::new(pool).await;
    let old = api.server();
    assert_eq!(api.ask(&old, "GET /users", ()).await.status, 200);
    api.world
        .domain
        .rotate_keys(api.project())
        .await
        .expect("keys");
    let router = api.with_clock(Clock::System);
    let told = ask(&router, &old, "GET /users", ().into()).await.told();
    assert_eq!(told, wrong_server_key(&api));
}
