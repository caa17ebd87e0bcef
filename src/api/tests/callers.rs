//! Who asks: the order of the checks, and the headers that they read.

use latchkey_api::Code::*;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, As, row},
    project_keys::wrong_client_key,
    tokens::issued_by,
    told::{Told, known, schema},
};

pub const WRONG: &str = "ssk_wrong";
const SERVERS_ONLY: &str =
    "The x-stack-access-type header must be 'server' or 'admin', but was 'client'.";

pub fn unknown_project(id: &str) -> Told {
    known(CurrentProjectNotFound, format!("The current project with ID {id} was not found. Please check the value of the x-stack-project-id header."))
        .with(json!({ "project_id": id }))
}

pub fn insufficient() -> Told {
    known(InsufficientAccessType, SERVERS_ONLY).with(json!({
        "actual_access_type": "client",
        "allowed_access_types": ["server", "admin"],
    }))
}

fn no_type() -> Told {
    known(
        AccessTypeRequired,
        "The x-stack-access-type header must be 'client', 'server' or 'admin'.",
    )
}

fn key_without_type() -> Told {
    known(
        ProjectKeyWithoutAccessType,
        "A project key was sent without the x-stack-access-type header, which says what it is for.",
    )
}

fn invalid_type(shown: &str) -> Told {
    known(
        InvalidAccessType,
        format!(
            "The x-stack-access-type header must be 'client', 'server' or 'admin', but was '{shown}'."
        ),
    )
}

fn no_project(access_type: &str) -> Told {
    known(AccessTypeWithoutProjectId, format!("The x-stack-access-type header was '{access_type}', but there is no x-stack-project-id header."))
        .with(json!({ "request_type": access_type }))
}

pub fn unparsable() -> Told {
    known(UnparsableAccessToken, "Access token is not parsable.")
}

fn unknown_branch(id: &str) -> Told {
    known(
        BranchDoesNotExist,
        format!("The branch with ID {id} does not exist."),
    )
    .with(json!({ "branch_id": id }))
}

/// A request that is wrong in every way, mended step by step: each time the next thing is told.
#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_several_wrong_things_the_earliest_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let login = other.user("Foreigner").await;
    let expired = issued_by(&other, &login, -601_000).await;
    let foreign = issued_by(&other, &login, 0).await;
    let ends_at = super::tokens::ends_at(&expired);
    let unknown = Uuid::from_u128(7).to_string();
    let project = api.project().to_string();

    let keyed = As::default()
        .with("secret-server-key", WRONG)
        .with("branch-id", "dev")
        .with("access-token", "garbage");
    let nothing = keyed.without("secret-server-key");
    let typed = nothing.with("access-type", "god");
    let client = typed
        .with("access-type", "client")
        .with("publishable-client-key", "pck_wrong");
    let aimed = client.with("project-id", &unknown);
    let old_token = aimed.with("access-token", &expired);
    let foreign_token = aimed.with("access-token", &foreign);
    let no_token = aimed.without("access-token");
    let known_project = no_token.with("project-id", &project);
    let right_key = known_project.with(
        "publishable-client-key",
        api.keys.publishable_client_key.expose(),
    );
    let right_branch = right_key.with("branch-id", "main");
    let what = "GET /users?limit=no";
    let details = json!({
        "expired_at_millis": ends_at,
        "project_id": other.project(),
        "user_id": login.id,
        "refresh_token_id": super::tokens::session_of(&expired),
    });
    api.refuses(vec![
        row(&keyed, what, (), key_without_type()),
        row(&nothing, what, (), no_type()),
        row(&typed, what, (), invalid_type("god")),
        row(&client, what, (), no_project("client")),
        row(&aimed, what, (), unparsable()),
        row(&old_token, what, (), super::tokens::expired().with(details)),
        row(&foreign_token, what, (), known(
            InvalidProjectForAccessToken,
            format!("Access token is for project {}, but the request is for project {unknown}.", other.project()),
        ).with(json!({ "expected_project_id": unknown, "actual_project_id": other.project() }))),
        row(&no_token, what, (), unknown_project(&unknown)),
        row(&known_project, what, (), wrong_client_key(&api)),
        row(&right_key, what, (), unknown_branch("dev")),
        row(&right_branch, what, (), insufficient()),
        row(&api.server(), what, (), schema(what, &[
            "query.limit must be a `number` type, but the final value was: `NaN` (cast from the value `\"no\"`).",
        ])),
    ])
    .await;
    assert_eq!(api.ask(&api.server(), "GET /users", ()).await.status, 200);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_in_the_headers_may_be_anything(pool: PgPool) {
    let api = Api::new(pool).await;
    let what = "GET /projects/current";
    let (none, client) = (As::default(), api.client());
    let mut rows = vec![
        row(&none, what, (), no_type()),
        row(&none.with("access-type", ""), what, (), no_type()),
        row(
            &none
                .with("access-type", "")
                .with("publishable-client-key", "a"),
            what,
            (),
            key_without_type(),
        ),
        row(
            &none.with("admin-access-token", "a"),
            what,
            (),
            key_without_type(),
        ),
        row(
            &none.with("super-secret-admin-key", "a"),
            what,
            (),
            key_without_type(),
        ),
        // A user's token alone is no key.
        row(
            &none.with("access-token", "a").with("refresh-token", "a"),
            what,
            (),
            no_type(),
        ),
        row(
            &client.with("access-type", "Client"),
            what,
            (),
            invalid_type("Client"),
        ),
        row(
            &client.with("access-type", "client "),
            what,
            (),
            invalid_type("client "),
        ),
        row(
            &client.with("access-type", "browser"),
            what,
            (),
            invalid_type("browser"),
        ),
        row(
            &client.with("access-type", "clïent"),
            what,
            (),
            invalid_type("clïent"),
        ),
        row(
            &client.with("access-type", b"\xff"),
            what,
            (),
            invalid_type("\u{fffd}"),
        ),
        row(
            &client.without("project-id"),
            what,
            (),
            no_project("client"),
        ),
        row(
            &client.with("project-id", ""),
            what,
            (),
            no_project("client"),
        ),
        row(
            &api.server().without("project-id"),
            what,
            (),
            no_project("server"),
        ),
        row(
            &api.admin().without("project-id"),
            what,
            (),
            no_project("admin"),
        ),
        row(
            &client.with("access-token", "a.b.c"),
            what,
            (),
            unparsable(),
        ),
        row(
            &client.with("access-token", "tökén"),
            what,
            (),
            unparsable(),
        ),
        row(
            &client.with("access-token", b"\xf0\x28\x8c\xbc"),
            what,
            (),
            unparsable(),
        ),
        row(
            &client.with("admin-access-token", "a.b.c"),
            what,
            (),
            unparsable(),
        ),
        row(
            &client.with("branch-id", "Main"),
            what,
            (),
            unknown_branch("Main"),
        ),
        row(
            &client.with("branch-id", "brañch"),
            what,
            (),
            unknown_branch("brañch"),
        ),
    ];
    let simple = api.project().uuid().simple().to_string();
    for id in [
        "internal",
        "1",
        "projekt-ü",
        "' OR 1=1 --",
        &simple,
        &Uuid::nil().to_string(),
    ] {
        rows.push(row(
            &client.with("project-id", id),
            what,
            (),
            unknown_project(id),
        ));
    }
    api.refuses(rows).await;
    for who in [
        client.with("access-token", ""),
        client.with("branch-id", "main"),
        client.with("branch-id", ""),
        client.with("project-id", api.project().to_string().to_uppercase()),
        client
            .with("allow-anonymous-user", "true")
            .with("random-nonce", "ü")
            .with("client-version", "js @stackframe/js@2.8.108")
            .with("disable-artificial-development-delay", "yes")
            .with("development-disable-extended-logging", "yes")
            .header("ngrok-skip-browser-warning", "true"),
    ] {
        assert_eq!(api.ask(&who, what, ()).await.status, 200, "{who:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn either_prefix_will_do_and_both_together(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let server = api.server().with("access-token", &login.access);
    let me = "GET /users/me";
    for mask in 0..16_usize {
        let mixed = server.hexclave(|at| mask >> at & 1 == 1);
        let user = api.ask(&mixed, me, ()).await.ok();
        assert_eq!(user["id"], json!(login.id), "{mask:04b}");
    }
    // An empty header says nothing; where both speak, the first prefix does.
    let empty = server
        .hexclave(|_| true)
        .with("access-type", "")
        .with("secret-server-key", "");
    assert_eq!(api.ask(&empty, me, ()).await.status, 200);
    let both = server.header("x-hexclave-secret-server-key", WRONG);
    assert_eq!(api.ask(&both, me, ()).await.status, 200);
    // What is answered has the one prefix.
    let refused = api
        .ask(
            &As::default()
                .header("x-hexclave-access-type", "god")
                .header("x-hexclave-override-error-status", "true"),
            me,
            (),
        )
        .await;
    assert_eq!(refused.status, 200);
    assert_eq!(refused.header("x-stack-actual-status"), Some("400"));
    assert_eq!(
        refused.header("x-stack-known-error"),
        Some("INVALID_ACCESS_TYPE")
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn me_needs_a_user_whoever_asks(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = Uuid::from_u128(1);
    let no_user = known(
        CannotGetOwnUser,
        "You have specified 'me' as a userId, but did not provide authentication for a user.",
    );
    let key = json!({ "description": "", "expires_at_millis": null, "user_id": "me" });
    let id = Uuid::from_u128(2);
    let mut rows = Vec::new();
    for who in [api.client(), api.server(), api.admin()] {
        for (what, body) in [
            ("GET /users/me".to_owned(), Value::Null),
            ("PATCH /users/me".to_owned(), json!({})),
            ("DELETE /users/me".to_owned(), Value::Null),
            ("GET /teams?user_id=me".to_owned(), Value::Null),
            ("GET /team-permissions?user_id=me".to_owned(), Value::Null),
            ("GET /auth/sessions?user_id=me".to_owned(), Value::Null),
            ("POST /user-api-keys".to_owned(), key.clone()),
            ("GET /user-api-keys?user_id=me".to_owned(), Value::Null),
            (format!("GET /user-api-keys/{id}?user_id=me"), Value::Null),
            (format!("PATCH /user-api-keys/{id}?user_id=me"), json!({})),
            (format!("DELETE /team-memberships/{team}/me"), Value::Null),
        ] {
            rows.push(row(&who, what, body, no_user.clone()));
        }
    }
    for who in [api.server(), api.admin()] {
        for (what, body) in [
            (format!("POST /team-memberships/{team}/me"), json!({})),
            (
                format!("POST /team-permissions/{team}/me/team_admin"),
                json!({}),
            ),
            (
                format!("DELETE /team-permissions/{team}/me/team_admin"),
                json!({}),
            ),
            ("POST /auth/sessions".to_owned(), json!({ "user_id": "me" })),
            (
                "POST /teams".to_owned(),
                json!({ "display_name": "T", "creator_user_id": "me" }),
            ),
        ] {
            rows.push(row(&who, what, body, no_user.clone()));
        }
    }
    api.refuses(rows).await;
}
