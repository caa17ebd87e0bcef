//! Signing up and in with a password.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    forge::parts,
    http::{Api, PASSWORD, row},
    told::{Told, known, schema},
};
use crate::snapshots::Snapshots;

pub const UP: &str = "POST /auth/password/sign-up";
pub const IN: &str = "POST /auth/password/sign-in";

pub fn with_email(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

fn mismatch() -> Told {
    known(EmailPasswordMismatch, "Wrong e-mail or password.")
}

fn off() -> Told {
    known(
        PasswordAuthenticationNotEnabled,
        "Password authentication is not enabled for this project.",
    )
}

pub fn taken(email: &str) -> Told {
    known(
        UserEmailAlreadyExists,
        format!("A user with email \"{email}\" already exists."),
    )
    .with(json!({ "email": email, "would_work_if_email_was_verified": false }))
}

pub fn too_short() -> Told {
    known(PasswordTooShort, "Password too short. Minimum length is 8.")
        .with(json!({ "min_length": 8 }))
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn somebody_signs_up_and_in_and_is_the_same(pool: PgPool) {
    let api = Api::new(pool).await;
    let mut users = Vec::new();
    for (what, email) in [
        (UP, "  Ada@Example.COM "),
        (IN, "ada@example.com"),
        (IN, " ADA@EXAMPLE.com"),
    ] {
        let body = json!({ "email": email, "password": PASSWORD, "bot_challenge_token": "x", "bot_challenge_phase": null });
        let answer = api.ask(&api.client(), what, body).await;
        Snapshots::default().check("signed_up_or_in", &answer);
        let signed_in = answer.ok();
        let access = signed_in["access_token"].as_str().expect("a token");
        assert_eq!(parts(access)[1]["sub"], signed_in["user_id"]);
        let me = api
            .ask(
                &api.client().with("access-token", access),
                "GET /users/me",
                (),
            )
            .await
            .ok();
        assert_eq!(me["primary_email"], "ada@example.com");
        assert_eq!(
            (&me["has_password"], &me["auth_with_email"]),
            (&json!(true), &json!(true))
        );
        users.push(signed_in["user_id"].clone());
    }
    assert!(users.iter().all(|user| *user == users[0]));
    let years = "SELECT (expires_at_millis - created_at_millis) / 86400000 FROM sessions LIMIT 1";
    assert_eq!(
        api.world.number(years, &[]).await,
        365,
        "a session lasts a year"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_wrong_sign_in_says_nothing_of_accounts(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    api.ask(&api.client(), UP, with_email("ada@example.com"))
        .await
        .ok();
    other
        .ask(&other.client(), UP, with_email("foreign@example.com"))
        .await
        .ok();
    let server = api.server();
    let quiet = json!({ "primary_email": "quiet@example.com", "password": PASSWORD, "primary_email_auth_enabled": false });
    api.ask(&server, "POST /users", quiet).await.ok();
    api.ask(
        &server,
        "POST /users",
        json!({ "primary_email": "none@example.com" }),
    )
    .await
    .ok();
    let client = api.client();
    let with = |password: &str| json!({ "email": "ada@example.com", "password": password });
    let mut rows = vec![
        row(&client, IN, with("wrong password"), mismatch()),
        row(&client, IN, with(""), mismatch()),
        row(&client, IN, with(&PASSWORD.to_uppercase()), mismatch()),
        row(&client, IN, with(&format!("{PASSWORD} ")), mismatch()),
        row(&client, IN, with(&"x".repeat(60_000)), mismatch()),
        row(
            &client,
            IN,
            json!({}),
            schema(
                IN,
                &[
                    "body.email must be defined",
                    "body.password must be defined",
                ],
            ),
        ),
        row(
            &client,
            IN,
            json!({ "email": "", "password": "", "more": 1 }),
            schema(IN, &["body contains unknown properties: more"]),
        ),
    ];
    for email in [
        "unknown@example.com",
        "foreign@example.com",
        "quiet@example.com",
        "none@example.com",
        "no address",
        "",
    ] {
        rows.push(row(&client, IN, with_email(email), mismatch()));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_switches_sign_up_and_passwords_off(pool: PgPool) {
    let api = Api::new(pool).await;
    api.ask(&api.client(), UP, with_email("ada@example.com"))
        .await
        .ok();
    let client = api.client();
    let no_sign_up = known(
        SignUpNotEnabled,
        "Creation of new accounts is not enabled for this project. Please ask the project owner to enable it.",
    );
    let switch = |sign_up, credential| SettingsChange {
        sign_up_enabled: Some(sign_up),
        credential_enabled: Some(credential),
        ..SettingsChange::default()
    };
    api.world.configure(switch(false, true)).await;
    api.refuses(vec![
        row(
            &client,
            UP,
            with_email("new@example.com"),
            no_sign_up.clone(),
        ),
        row(&client, UP, with_email("ada@example.com"), no_sign_up),
    ])
    .await;
    api.ask(&client, IN, with_email("ada@example.com"))
        .await
        .ok();
    api.world.configure(switch(true, false)).await;
    api.refuses(vec![
        row(&client, UP, with_email("new@example.com"), off()),
        row(&client, IN, with_email("ada@example.com"), off()),
        row(&client, IN, with_email("unknown@example.com"), off()),
    ])
    .await;
    api.world.configure(switch(false, false)).await;
    api.refuses(vec![row(&client, UP, with_email("new@example.com"), off())])
        .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_a_server_signs_in_does_not_count_for_its_address(pool: PgPool) {
    let api = Api::new(pool).await;
    let rows = "SELECT count(*) FROM sign_in_attempts";
    for (who, expected) in [(api.server(), 0), (api.admin(), 0), (api.client(), 1)] {
        let name = format!(
            "{}@example.com",
            api.world.number(rows, &[]).await + expected
        );
        let up = json!({ "email": format!("{expected}{name}"), "password": PASSWORD });
        let before = api.world.number(rows, &[]).await;
        api.ask(&who, UP, up).await.ok();
        let after = api.world.number(rows, &[]).await;
        // A client's sign-up is counted, and the user is known at the address.
        assert_eq!(after - before, 2 * expected);
        api.world.sql("DELETE FROM users", &[]).await;
    }
    api.world.sql("DELETE FROM sign_in_attempts", &[]).await;
    api.ask(&api.server(), UP, with_email("ada@example.com"))
        .await
        .ok();
    let wrong = json!({ "email": "ada@example.com", "password": "wrong password" });
    for (who, counted) in [(api.server(), 1), (api.admin(), 1), (api.client(), 3)] {
        api.world.sql("DELETE FROM sign_in_attempts", &[]).await;
        let answer = api.ask(&who, IN, wrong.clone()).await;
        assert_eq!(answer.short(), "400 EMAIL_PASSWORD_MISMATCH");
        assert_eq!(api.world.number(rows, &[]).await, counted);
    }
    // Nor does a key that is wrong make anybody a server.
    let impostor = api.server().with("secret-server-key", "ssk_wrong");
    let answer = api.ask(&impostor, IN, wrong).await;
    assert_eq!(answer.short(), "401 INVALID_SECRET_SERVER_KEY");
    assert_eq!(api.world.number(rows, &[]).await, 3);
}
