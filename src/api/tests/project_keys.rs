//! The keys by which applications show what they are.

use latchkey_api::Code::{self, *};
use latchkey_domain::clock::Clock;
use latchkey_model::project::SettingsChange;
use serde_json::json;
use sqlx::PgPool;

use super::{
    callers::WRONG,
    http::{Api, ask, row},
    refusals::by_each,
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

pub const WHAT: &str = "GET /projects/current";

fn no_server_key() -> Told {
    known(
        ServerAuthenticationRequired,
        "The secret server key must be provided.",
    )
}

pub fn no_admin_key() -> Told {
    known(
        AdminAuthenticationRequired,
        "The super secret admin key must be provided.",
    )
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_shows_the_secret_server_key(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (keys, wrong) = (&api.keys, wrong_server_key(&api));
    let ssk = keys.secret_server_key.expose();
    let sak = keys.super_secret_admin_key.expose();
    let keyless = api.server().without("secret-server-key");
    let with = |key: &[u8]| keyless.with("secret-server-key", key);
    api.refuses(by_each(
        WHAT,
        [
            (keyless.clone(), no_server_key()),
            (with(b""), no_server_key()),
            (with(WRONG.as_bytes()), wrong.clone()),
            (with("schlüssel".as_bytes()), wrong.clone()),
            (with(b"\xff\xfe"), wrong.clone()),
            (with(sak.as_bytes()), wrong.clone()),
            (
                with(keys.publishable_client_key.expose().as_bytes()),
                wrong.clone(),
            ),
            (
                with(other.keys.secret_server_key.expose().as_bytes()),
                wrong.clone(),
            ),
            (with(ssk.to_uppercase().as_bytes()), wrong),
            // A key of another kind is no key for this one.
            (keyless.with("super-secret-admin-key", sak), no_server_key()),
        ],
    ))
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_shows_the_super_secret_admin_key(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let ssk = api.keys.secret_server_key.expose();
    let foreign = other.keys.super_secret_admin_key.expose();
    let keyless = api.admin().without("super-secret-admin-key");
    let with = |key: &str| keyless.with("super-secret-admin-key", key);
    api.refuses(by_each(
        WHAT,
        [
            (keyless.clone(), no_admin_key()),
            (with(""), no_admin_key()),
            (with(WRONG), wrong_admin_key(&api)),
            (with(ssk), wrong_admin_key(&api)),
            (with(foreign), wrong_admin_key(&api)),
            (keyless.with("secret-server-key", ssk), no_admin_key()),
        ],
    ))
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_shows_the_publishable_client_key_or_none(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let ssk = api.keys.secret_server_key.expose();
    let foreign = other.keys.publishable_client_key.expose();
    let with = |key: &str| api.client().with("publishable-client-key", key);
    let wrong = ["pck_wrong", ssk, foreign];
    let rows = wrong.map(|key| (with(key), wrong_client_key(&api)));
    api.refuses(by_each(WHAT, rows)).await;
    for who in [
        api.client(),
        with(api.keys.publishable_client_key.expose()),
        with(""),
        with("__stack_public_client__"),
    ] {
        assert_eq!(api.ask(&who, WHAT, ()).await.status, 200, "{who:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_for_another_kind_of_caller_is_not_looked_at(pool: PgPool) {
    let api = Api::new(pool).await;
    for who in [
        api.server().with("publishable-client-key", "pck_wrong"),
        api.server().with("refresh-token", "anything"),
        api.admin().with("secret-server-key", WRONG),
    ] {
        assert_eq!(api.ask(&who, WHAT, ()).await.status, 200, "{who:?}");
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
