//! Access tokens: what they say, when they end, and that nobody can make one up.

use latchkey_api::Code::*;
use latchkey_domain::{auth::token::Tokens, clock::Clock};
use latchkey_model::caller::UserRef;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    forge::{decode, parts},
    http::{Api, As, Login, ORIGIN, ask, row},
    told::{Told, known},
};

pub const ME: &str = "GET /users/me";

pub fn expired() -> Told {
    known(
        AccessTokenExpired,
        "Access token has expired. Please refresh it and try again.",
    )
}

pub fn no_user() -> Told {
    known(
        CannotGetOwnUser,
        "You have specified 'me' as a userId, but did not provide authentication for a user.",
    )
}

/// A token for the session of this login, as issued so many milliseconds after the database's now.
pub async fn issued_by(api: &Api, login: &Login, after: i64) -> String {
    let now = api.world.number("SELECT now_millis()", &[]).await;
    let tokens = Tokens::new(api.world.domain.clone(), ORIGIN);
    let user = api
        .world
        .domain
        .user(&api.world.server, UserRef::Id(login.id))
        .await
        .expect("the user");
    let session = session_of(&login.access).parse().expect("an id");
    tokens
        .issue_as_of(now + after, api.project(), session, &user)
        .await
        .expect("a token")
}

pub fn ends_at(token: &str) -> i64 {
    parts(token)[1]["exp"].as_i64().expect("a number") * 1000
}

pub fn session_of(token: &str) -> String {
    parts(token)[1]["refresh_token_id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

pub fn details(api: &Api, login: &Login, token: &str) -> Value {
    json!({
        "expired_at_millis": ends_at(token),
        "project_id": api.project(),
        "user_id": login.id,
        "refresh_token_id": session_of(token),
    })
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_has_exactly_the_documented_claims(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = api.world.team("Team").await;
    let plain = api.ask(&api.server(), "POST /users", json!({})).await.ok();
    let plain = api
        .login(plain["id"].as_str().expect("an id").parse().expect("an id"))
        .await;
    let ada = api.member("Ada", team, &[]).await;
    let change = json!({ "selected_team_id": team, "primary_email_verified": true });
    api.ask(&api.server(), &format!("PATCH /users/{}", ada.id), change)
        .await
        .ok();
    let ada = api.login(ada.id).await;
    let project = api.project();
    for (login, name, email, verified, selected) in [
        (&plain, Value::Null, Value::Null, false, Value::Null),
        (
            &ada,
            json!("Ada"),
            json!("ada@example.com"),
            true,
            json!(team),
        ),
    ] {
        let shown = api.ask(&api.as_user(login), ME, ()).await.ok();
        let [header, claims] = parts(&login.access);
        let issued = claims["iat"].as_i64().expect("a number");
        assert_eq!(header["alg"], "ES256");
        assert_eq!(
            claims,
            json!({
                "sub": login.id,
                "iat": issued,
                "exp": issued + 600,
                "iss": format!("{ORIGIN}/api/v1/projects/{project}"),
                "aud": project,
                "project_id": project,
                "branch_id": "main",
                "refresh_token_id": session_of(&login.access),
                "role": "authenticated",
                "name": name,
                "email": email,
                "email_verified": verified,
                "selected_team_id": selected,
                "signed_up_at": shown["signed_up_at_millis"].as_i64().expect("a number") / 1000,
                "is_anonymous": false,
                "is_restricted": false,
                "restricted_reason": null,
                "requires_totp_mfa": false,
            })
        );
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_published_keys_verify_a_token(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let what = format!("GET /projects/{}/.well-known/jwks.json", api.project());
    let answer = api.ask(&As::default(), &what, ()).await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
    let keys = answer.ok();
    let [header, _] = parts(&login.access);
    let key = &keys["keys"][0];
    let (x, y) = (key["x"].as_str().expect("x"), key["y"].as_str().expect("y"));
    assert_eq!(
        keys,
        json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": header["kid"], "x": x, "y": y,
    }] })
    );
    let public = [&[4], &decode(x)[..], &decode(y)].concat();
    let (message, signature) = login.access.rsplit_once('.').expect("a signature");
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public);
    key.verify(message.as_bytes(), &decode(signature))
        .expect("verified");
    key.verify(b"else", &decode(signature))
        .expect_err("another message");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_ends_by_the_databases_clock(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let old = issued_by(&api, &login, -601_000).await;
    let fresh = issued_by(&api, &login, -540_000).await;
    let told = expired().with(details(&api, &login, &old));
    // Whatever the program's own clock shows: an hour ago, now, an hour hence.
    for off in [-3_600_000, 0, 3_600_000] {
        let now = api.world.number("SELECT now_millis()", &[]).await;
        let router = api.with_clock(Clock::Fixed(now + off));
        let who = api.client();
        let answer = ask(&router, &who.with("access-token", &fresh), ME, ().into()).await;
        assert_eq!(answer.status, 200, "{off}: {answer:?}");
        let answer = ask(&router, &who.with("access-token", &old), ME, ().into()).await;
        assert_eq!(answer.told(), told, "{off}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_is_issued_by_the_databases_clock(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    for off in [-3_600_000, 3_600_000] {
        let router = api.with_clock(Clock::Skewed(off));
        let session = json!({ "user_id": ada.id });
        let what = "POST /auth/sessions";
        let answer = ask(&router, &api.server(), what, session.into()).await.ok();
        let access = answer["access_token"].as_str().expect("a token");
        let now = api.world.number("SELECT now_millis()", &[]).await / 1000;
        let issued = parts(access)[1]["iat"].as_i64().expect("a number");
        assert!((now - 30..=now).contains(&issued), "{off}: {issued}, {now}");
        let who = api.client().with("access-token", access);
        assert_eq!(ask(&router, &who, ME, ().into()).await.status, 200, "{off}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_ends_with_its_session(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let other = api.login(login.id).await;
    let who = api.as_user(&login);
    let gone = expired().with(details(&api, &login, &login.access));
    api.ask(&who, "DELETE /auth/sessions/current", json!({}))
        .await
        .ok();
    api.refuses(vec![
        row(&who, ME, (), gone.clone()),
        row(
            &api.server().with("access-token", &login.access),
            ME,
            (),
            gone.clone(),
        ),
        row(
            &api.server().with("access-token", &login.access),
            "GET /users",
            (),
            gone,
        ),
    ])
    .await;
    assert_eq!(
        api.ask(&api.as_user(&other), ME, ()).await.status,
        200,
        "the other session stays"
    );
    // The session's end by itself.
    api.world
        .sql("UPDATE sessions SET created_at_millis = 0, expires_at_millis = now_millis() WHERE session_id = $1",
            &[session_of(&other.access).parse().expect("an id")])
        .await;
    let gone = expired().with(details(&api, &other, &other.access));
    api.refuses(vec![row(&api.as_user(&other), ME, (), gone)])
        .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_user_who_has_gone_is_no_user(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let what = format!("DELETE /users/{}", login.id);
    api.ask(&api.server(), &what, ()).await.ok();
    let who = api.as_user(&login);
    let own_key = json!({ "description": "", "expires_at_millis": null, "user_id": login.id });
    api.refuses(vec![
        row(&who, ME, (), no_user()),
        row(
            &who,
            "POST /user-api-keys",
            own_key,
            known(
                UserAuthenticationRequired,
                "User authentication required for this endpoint.",
            ),
        ),
    ])
    .await;
    assert_eq!(api.ask(&who, "GET /projects/current", ()).await.status, 200);
    let server = api.server().with("access-token", &login.access);
    assert_eq!(api.ask(&server, "GET /users", ()).await.status, 200);
}
