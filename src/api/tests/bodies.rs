//! Bodies of requests: their size, JSON and forms.

use latchkey_api::{Code::*, MAX_BODY};
use serde_json::json;
use sqlx::PgPool;

use super::{
    callers::insufficient,
    http::{Api, As, Sent, row},
    told::{known, plain, schema},
};
use crate::{envelope::JSON, users::MAKE};

const FORM: &str = "application/x-www-form-urlencoded";

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_body_may_have_64_kb(pool: PgPool) {
    let api = Api::new(pool).await;
    let server = api.server();
    let body = |bytes: usize| {
        let (start, end) = ("{\"client_metadata\":\"", "\"}");
        format!(
            "{start}{}{end}",
            "x".repeat(bytes - start.len() - end.len())
        )
    };
    let fine = api
        .ask(&server, "POST /users", (JSON, &body(MAX_BODY)[..]))
        .await;
    assert_eq!(fine.status, 201);
    let large = body(MAX_BODY + 1);
    let told = plain(413, "The request body is larger than 64 KB.");
    // Whoever asks, whatever it is said to be: it is not looked at.
    let mut rows = Vec::new();
    for who in [&server, &api.client(), &As::default()] {
        for kind in [JSON, FORM, "text/plain", ""] {
            rows.push(row(who, "POST /users", (kind, &large[..]), told.clone()));
        }
        rows.push(row(
            who,
            "POST /auth/oauth/token",
            (FORM, &large[..]),
            told.clone(),
        ));
    }
    api.refuses(rows).await;
    let ignored = api.ask(&server, "GET /users", (JSON, &large[..])).await;
    assert_eq!(ignored.status, 200, "the body of a GET is not read");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_body_that_cannot_be_read_is_told_so(pool: PgPool) {
    let api = Api::new(pool).await;
    let server = api.server();
    let invalid = known(BodyParsingError, "Invalid JSON in request body");
    let deep = "[".repeat(2000) + &"]".repeat(2000);
    let mut rows = Vec::new();
    for text in [
        "",
        "{",
        "{}}",
        "{\"a\":1,}",
        "{'a':1}",
        "NaN",
        "undefined",
        "\u{feff}{}",
        "{\"a\":\"\u{1}\"}",
        "\"\\ud800\"",
        &deep,
    ] {
        for what in [
            MAKE,
            "PATCH /users/me",
            "DELETE /users/me",
            "POST /user-api-keys",
        ] {
            rows.push(row(&server, what, (JSON, text), invalid.clone()));
        }
        let what = "POST /auth/oauth/token";
        rows.push(row(&As::default(), what, (JSON, text), invalid.clone()));
    }
    let no_utf8 = Sent::Raw(JSON.to_owned(), b"{\"a\":\"\xff\"}".to_vec());
    rows.push(row(&server, MAKE, no_utf8, invalid));
    api.refuses(rows).await;
    let what = "POST /user-api-keys";
    let no_body = schema(what, &["body must be defined"]);
    api.refuses(vec![row(&server, what, (), no_body)]).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_body_of_an_unknown_type_is_told_so(pool: PgPool) {
    let api = Api::new(pool).await;
    let kinds = [
        "text/plain",
        "text/json",
        "application/xml; charset=utf-8",
        "multipart/form-data; boundary=a",
        "nonsense",
        "application/jsonp",
    ];
    let rows = kinds.map(|kind| {
        let message = format!("Unknown content type in request body: {kind}");
        let unknown = known(BodyParsingError, message);
        row(&api.server(), MAKE, (kind, "{}"), unknown)
    });
    api.refuses(rows.into()).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_body_is_looked_at_after_the_caller_and_before_anything_else(pool: PgPool) {
    let api = Api::new(pool).await;
    let no_user = known(
        CannotGetOwnUser,
        "You have specified 'me' as a userId, but did not provide authentication for a user.",
    );
    api.refuses(vec![
        row(&api.client(), MAKE, (JSON, "{"), insufficient()),
        row(&api.client(), "GET /users/me", (), no_user),
    ])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_body_may_be_json_or_a_form_by_any_spelling_of_its_type(pool: PgPool) {
    let api = Api::new(pool).await;
    for (kind, text) in [
        (JSON, "{}"),
        (JSON, " {\n} "),
        ("application/json; charset=utf-8", "{}"),
        ("APPLICATION/JSON", "{}"),
        ("application/json ;charset=x", "{}"),
        (FORM, ""),
        (FORM, "display_name=Ada&client_metadata=x"),
        ("", "{"),
    ] {
        let answer = api.ask(&api.server(), MAKE, (kind, text)).await;
        assert_eq!(answer.status, 201, "{kind}: {answer:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn forms_are_read_like_json(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let who = api.as_user(&login);
    let form = "description=a+b%26c%C3%BC&expires_at_millis=1893456000000&is_public=true&user_id=me&description=second";
    let key = api
        .ask(&who, "POST /user-api-keys", (FORM, form))
        .await
        .ok();
    assert_eq!(key["expires_at_millis"], 1_893_456_000_000_i64);
    assert_eq!(key["is_public"], true);
    assert_eq!(key["user_id"], json!(login.id));
    let what = "POST /user-api-keys";
    let told = schema(
        what,
        &[
            "body.expires_at_millis must be a `number` type, but the final value was: `NaN` (cast from the value `\"\"`).",
            "body contains unknown properties: more",
        ],
    );
    let broken = "description=&expires_at_millis=&user_id=me&more=1";
    api.refuses(vec![row(&who, what, (FORM, broken), told)])
        .await;
}
