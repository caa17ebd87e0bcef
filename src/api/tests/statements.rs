//! How many SQL statements a request takes: a count, so it is asserted.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use serde_json::json;
use sqlx::PgPool;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use super::{
    http::{Answer, Api, As, Sent},
    key_check::{Ground, checking},
    user_keys::new_key,
};

/// Collects what sqlx logs: one event for each statement.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        #[derive(Default)]
        struct Statement {
            summary: String,
            is_of_catalogue: bool,
        }
        impl Visit for Statement {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                let text = format!("{value:?}");
                self.is_of_catalogue |= text.contains("pg_catalog.");
                if field.name() == "summary" {
                    self.summary = text;
                }
            }
        }
        if event.metadata().target() == "sqlx::query" {
            let mut statement = Statement::default();
            event.record(&mut statement);
            // A new connection looks up the database's own types once.
            if !statement.is_of_catalogue {
                self.0.lock().expect("not poisoned").push(statement.summary);
            }
        }
    }
}

async fn count(api: &Api, who: &As, what: &str, sent: impl Into<Sent>) -> (usize, Answer) {
    let statements = Statements::default();
    let subscriber = tracing_subscriber::registry().with(statements.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    let answer = api.ask(who, what, sent).await;
    drop(guard);
    let seen = statements.0.lock().expect("not poisoned").len();
    (seen, answer)
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_check_takes_one_statement_and_junk_none(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let server = api.server();
    for (key, what) in ground.keys() {
        let (seen, answer) = count(api, &server, what, checking(key)).await;
        assert_eq!((seen, answer.status), (1, 200), "{what}");
        let text = key["value"].as_str().expect("a key");
        for junk in [
            "",
            "junk",
            "sk_",
            &text[1..],
            &text.to_uppercase(),
            &"x".repeat(102),
        ] {
            let (seen, answer) = count(api, &server, what, json!({ "api_key": junk })).await;
            assert_eq!(
                (seen, answer.short()),
                (0, "404 API_KEY_NOT_FOUND".to_owned()),
                "{what} {junk}"
            );
        }
    }
    api.world
        .sql("UPDATE api_keys SET revoked_at_millis = 1", &[])
        .await;
    for (key, what) in ground.keys() {
        let (seen, answer) = count(api, &server, what, checking(key)).await;
        assert_eq!((seen, answer.status), (1, 401), "{what}");
        let (seen, answer) = count(
            api,
            &api.another_project().await.server(),
            what,
            checking(key),
        )
        .await;
        assert_eq!((seen, answer.status), (1, 404), "{what}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_clients_ask_most_takes_one_statement(pool: PgPool) {
    let Ground {
        api, ada, user_key, ..
    } = Ground::new(pool).await;
    let who = api.as_user(&ada);
    // The signing keys are looked up once.
    count(&api, &who, "GET /users/me", ()).await;
    let one = format!("/user-api-keys/{}", user_key["id"].as_str().expect("an id"));
    for (what, body) in [
        ("GET /users/me".to_owned(), Sent::Nothing),
        (
            "PATCH /users/me".to_owned(),
            json!({ "display_name": "Ada" }).into(),
        ),
        ("GET /projects/current".to_owned(), Sent::Nothing),
        ("GET /teams?user_id=me".to_owned(), Sent::Nothing),
        (
            "GET /team-permissions?user_id=me&recursive=true".to_owned(),
            Sent::Nothing,
        ),
        (
            "POST /user-api-keys".to_owned(),
            new_key("user_id", "me").into(),
        ),
        ("GET /user-api-keys?user_id=me".to_owned(), Sent::Nothing),
        (format!("GET {one}"), Sent::Nothing),
        (format!("PATCH {one}"), json!({ "revoked": true }).into()),
    ] {
        let (seen, answer) = count(&api, &who, &what, body).await;
        assert_eq!((seen, answer.status), (1, 200), "{what}");
    }
    for what in [
        "GET /health",
        "GET /nowhere",
        "PUT /users",
        "OPTIONS /users",
    ] {
        assert_eq!(count(&api, &who, what, ()).await.0, 0, "{what}");
    }
}
