//! Checking a key, and what a minted key looks like.

use latchkey_api::Code::*;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    callers::insufficient,
    http::{Api, Login, row},
    refusals::{Row, broken},
    told::{Told, known},
    user_keys::{hidden, new_key, not_found},
};
use crate::snapshots::Snapshots;

const STRICT: &str =
    "^(sk|pk)_[0-9a-hjkmnp-tv-z]{45}[0-9a-f]{32}(user|team)[13]574ck4u7h[0-9a-f]{8}$";
const CHECKS: [&str; 2] = ["POST /user-api-keys/check", "POST /team-api-keys/check"];

pub struct Ground {
    pub api: Api,
    pub ada: Login,
    pub user_key: Value,
    pub team_key: Value,
}

impl Ground {
    pub async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let ada = api.user("Ada").await;
        let team = api.world.team("Team").await;
        let user_key = api
            .ask(
                &api.server(),
                "POST /user-api-keys",
                new_key("user_id", ada.id),
            )
            .await
            .ok();
        let team_key = api
            .ask(
                &api.server(),
                "POST /team-api-keys",
                new_key("team_id", team),
            )
            .await
            .ok();
        Self {
            api,
            ada,
            user_key,
            team_key,
        }
    }

    /// Each key with its own route.
    pub fn keys(&self) -> [(&Value, &'static str); 2] {
        [(&self.user_key, CHECKS[0]), (&self.team_key, CHECKS[1])]
    }

    /// Each key with the other's route.
    fn wrong_types(&self) -> [Row; 2] {
        let server = self.api.server();
        let user = wrong_type("user", "team");
        let team = wrong_type("team", "user");
        [
            row(&server, CHECKS[0], checking(&self.team_key), user),
            row(&server, CHECKS[1], checking(&self.user_key), team),
        ]
    }
}

/// The route by which this key is changed.
fn change(key: &Value) -> String {
    let id = key["id"].as_str().expect("an id");
    match key.get("team_id") {
        Some(team) => format!(
            "PATCH /team-api-keys/{id}?team_id={}",
            team.as_str().expect("an id")
        ),
        None => format!("PATCH /user-api-keys/{id}"),
    }
}

pub fn checking(key: &Value) -> Value {
    json!({ "api_key": key["value"] })
}

fn revoked() -> Told {
    known(ApiKeyRevoked, "API key has been revoked.")
}

fn expired() -> Told {
    known(ApiKeyExpired, "API key has expired.")
}

fn wrong_type(expected: &str, actual: &str) -> Told {
    known(
        WrongApiKeyType,
        format!("This endpoint is for {expected} API keys, but a {actual} API key was provided."),
    )
    .with(json!({ "actual_type": actual, "expected_type": expected }))
}

/// CRC-32 as zlib has it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_key_has_the_documented_form(pool: PgPool) {
    let Ground {
        api, ada, team_key, ..
    } = Ground::new(pool).await;
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    for (what, owner, id) in [
        ("POST /user-api-keys", "user_id", json!(ada.id)),
        (
            "POST /team-api-keys",
            "team_id",
            team_key["team_id"].clone(),
        ),
    ] {
        for is_public in [false, true] {
            let mut body = new_key(owner, &id);
            body["is_public"] = json!(is_public);
            let key = api.ask(&api.server(), what, body).await.ok();
            let text = key["value"].as_str().expect("a key");
            let fits: bool = sqlx::query_scalar("SELECT $1 ~ $2")
                .bind(text)
                .bind(STRICT)
                .fetch_one(&api.world.pool)
                .await
                .expect("an answer");
            assert!(fits, "{text}");
            assert_eq!(text.len(), 102);
            assert_eq!(&text[..3], if is_public { "pk_" } else { "sk_" });
            assert_eq!(
                text[48..80],
                key["id"].as_str().expect("an id").replace('-', "")
            );
            assert_eq!(text[80..84], key["type"]);
            assert_eq!(&text[84..85], if is_public { "3" } else { "1" });
            assert_eq!(text[94..], format!("{:08x}", crc32(&text.as_bytes()[..94])));
            assert_eq!(hidden(&key)["value"]["last_four"], text[98..]);
            // Nothing stored contains the secret.
            let secret = &text[3..48];
            let dump = api.world.dump().await;
            assert!(dump.values().flatten().all(|row| !row.contains(secret)));
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_works_is_shown_without_its_secret(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let eve = api.user("Eve").await;
    let before = api.dump().await;
    let as_eve = api.server().with("access-token", &eve.access);
    for (key, what) in ground.keys() {
        let kind = key["type"].as_str().expect("a kind");
        for who in [&api.server(), &api.admin(), &as_eve] {
            let checked = api.ask(who, what, checking(key)).await;
            Snapshots::default().check(&format!("{kind}_key_checked"), &checked);
            assert_eq!(checked.ok(), hidden(key));
        }
    }
    let after = api.dump().await;
    assert_eq!(after, before, "a check writes nothing before its answer");
    api.world.domain.write_uses().await.expect("written");
    let used = "SELECT count(*) FROM api_key_uses WHERE last_used_at_millis > now_millis() - 60000";
    assert_eq!(api.world.number(used, &[]).await, 2);
}

/// Texts that are no key, some of them nearly this one.
fn no_keys(text: &str) -> Vec<String> {
    let mut forged = text.to_owned();
    forged.replace_range(3..4, if &text[3..4] == "0" { "1" } else { "0" });
    let crc = format!("{:08x}", crc32(&forged.as_bytes()[..94]));
    forged.replace_range(94.., &crc);
    vec![
        String::new(),
        "a".to_owned(),
        "me".to_owned(),
        "sk_".to_owned(),
        "ü\u{202e}".to_owned(),
        "x".repeat(10_000),
        text[..101].to_owned(),
        format!("{text}0"),
        format!(" {text}"),
        format!("{text}\n"),
        text.to_uppercase(),
        text.replace("sk_", "pk_"),
        text.replace("574ck4u7h", "574ck4u7i"),
        forged,
    ]
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_does_not_work_is_refused(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, server) = (&ground.api, ground.api.server());
    let other = api.another_project().await;
    let mut rows = Vec::new();
    for (key, what) in ground.keys() {
        for junk in no_keys(key["value"].as_str().expect("a key")) {
            rows.push(row(&server, what, json!({ "api_key": junk }), not_found()));
        }
        rows.push(row(&server, what, json!({ "api_key": 5 }), not_found()));
        rows.push(row(&other.server(), what, checking(key), not_found()));
    }
    rows.extend(ground.wrong_types());
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_check_that_breaks_a_rule_or_comes_from_a_client_is_refused(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, server) = (&ground.api, ground.api.server());
    let mut rows = Vec::new();
    for (key, what) in ground.keys() {
        let unknown = "body contains unknown properties: b";
        rows.extend(broken(
            &server,
            what,
            [
                (json!({}), "body.api_key must be defined"),
                (json!({ "api_key": null }), "body.api_key cannot be null"),
                (json!({ "api_key": "a", "b": 1 }), unknown),
            ],
        ));
        rows.extend(broken(&server, what, [((), "body must be defined")]));
        for who in [api.client(), api.as_user(&ground.ada)] {
            rows.push(row(&who, what, checking(key), insufficient()));
            rows.push(row(&who, what, json!({}), insufficient()));
        }
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_wrong_type_is_told_first_then_the_revocation_then_the_end(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, server) = (&ground.api, ground.api.server());
    let all_told = |told: Told| {
        let each = |(key, what)| row(&server, what, checking(key), told.clone());
        let rows = ground.keys().map(each);
        rows.into_iter()
            .chain(ground.wrong_types())
            .collect::<Vec<_>>()
    };
    // Of two ends the database's clock decides: it is not before the end, so it has ended.
    api.world
        .sql("UPDATE api_keys SET expires_at_millis = now_millis()", &[])
        .await;
    api.refuses(all_told(expired())).await;
    for (key, _) in ground.keys() {
        api.ask(&server, &change(key), json!({ "revoked": true }))
            .await
            .ok();
    }
    api.refuses(all_told(revoked())).await;
    api.world
        .sql("UPDATE api_keys SET expires_at_millis = NULL", &[])
        .await;
    api.refuses(all_told(revoked())).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_check_after_a_revocation_fails_on_every_instance(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    // Its own pool, its own memory.
    let second = Api::of(api.world.as_served()).await;
    let server = second.server();
    for (key, what) in ground.keys() {
        for instance in [api, &second] {
            assert_eq!(instance.ask(&server, what, checking(key)).await.status, 200);
        }
        api.ask(&server, &change(key), json!({ "revoked": true }))
            .await
            .ok();
        for instance in [&second, api] {
            assert_eq!(
                instance.ask(&server, what, checking(key)).await.told(),
                revoked()
            );
        }
    }
    second.world.domain.close().await;
}
