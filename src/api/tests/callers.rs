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

pub fn no_type() -> Told {
    known(
        AccessTypeRequired,
        "The x-stack-access-type header must be 'client', 'server' or 'admin'.",
    )
}

pub fn key_without_type() -> Told {
    known(
        ProjectKeyWithoutAccessType,
        "A project key was sent without the x-stack-access-type header, which says what it is for.",
    )
}

pub fn invalid_type(shown: &str) -> Told {
    known(
        InvalidAccessType,
        format!(
            "The x-stack-access-type header must be 'client', 'server' or 'admin', but was '{shown}'."
        ),
    )
}

pub fn no_project(access_type: &str) -> Told {
    known(AccessTypeWithoutProjectId, format!("The x-stack-access-type header was '{access_type}', but there is no x-stack-project-id header."))
        .with(json!({ "request_type": access_type }))
}

pub fn unparsable() -> Told {
    known(UnparsableAccessToken, "Access token is not parsable.")
}

pub fn unknown_branch(id: &str) -> Told {
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
