//! Tokens that nobody has issued: none of them is accepted.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    callers::unparsable,
    forge::{Signer, decode, encode, parts, sign_hs256},
    http::{Api, ORIGIN, row},
    tokens::{ME, details, expired, no_user, session_of},
};

/// What else stands in the claims, or does not.
fn other_claims(claims: &Value) -> Vec<(String, Value)> {
    let fields = claims.as_object().expect("an object");
    let mut all: Vec<_> = fields
        .keys()
        .map(|name| {
            let mut fewer = fields.clone();
            fewer.remove(name);
            (format!("without {name}"), Value::Object(fewer))
        })
        .collect();
    for (name, value) in [
        ("admin", json!(true)),
        ("nbf", json!(0)),
        ("sub", json!("me")),
        ("sub", json!(1)),
        ("sub", Value::Null),
        ("exp", json!("9999999999")),
        ("exp", json!(1.5)),
        ("exp", Value::Null),
        ("iss", json!("https://else.example/api/v1/projects/x")),
        (
            "iss",
            json!(format!("{ORIGIN}/api/v1/projects/{}", Uuid::nil())),
        ),
        ("aud", json!(Uuid::nil())),
        ("aud", json!([claims["aud"]])),
        ("project_id", json!(Uuid::nil())),
        ("refresh_token_id", Value::Null),
        ("branch_id", json!("dev")),
        ("role", json!("admin")),
        ("email_verified", json!("yes")),
        ("name", json!("x".repeat(5000))),
    ] {
        let mut changed = fields.clone();
        changed.insert(name.to_owned(), value.clone());
        let shown: String = value.to_string().chars().take(40).collect();
        all.push((format!("{name}: {shown}"), Value::Object(changed)));
    }
    for other in [json!(null), json!([]), json!("claims"), json!({})] {
        all.push((format!("claims {other}"), other));
    }
    all
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_forged_token_is_accepted(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let real = &login.access;
    let [header, claims] = parts(real);
    let signer = Signer::of(&api).await;
    let control = api.client().with("access-token", signer.sign(&claims));
    assert_eq!(
        api.ask(&control, ME, ()).await.status,
        200,
        "the forger's tools work"
    );

    let keys = api.world.domain.signing_keys().await.expect("keys");
    let public = &keys[0].public;
    let stranger = Signer::stranger(signer.kid);
    let unknown = Signer::stranger(Uuid::from_u128(9));
    let mut forged: Vec<(String, String)> = other_claims(&claims)
        .into_iter()
        .map(|(name, claims)| (name, signer.sign(&claims)))
        .collect();
    let mut add = |name: &str, token: String| forged.push((name.to_owned(), token));

    add(
        "signed by another key of the same name",
        stranger.sign(&claims),
    );
    add(
        "signed by another key of its own name",
        unknown.sign(&claims),
    );
    for (name, header) in [
        ("no kid", json!({ "alg": "ES256", "typ": "JWT" })),
        (
            "kid of another key",
            json!({ "alg": "ES256", "kid": Uuid::from_u128(9) }),
        ),
        ("kid null", json!({ "alg": "ES256", "kid": null })),
        (
            "kid that is no id",
            json!({ "alg": "ES256", "kid": "../../key" }),
        ),
        ("alg ES384", json!({ "alg": "ES384", "kid": signer.kid })),
        ("alg RS256", json!({ "alg": "RS256", "kid": signer.kid })),
        ("alg none", json!({ "alg": "none", "kid": signer.kid })),
        ("alg es256", json!({ "alg": "es256", "kid": signer.kid })),
        ("no alg", json!({ "kid": signer.kid })),
    ] {
        add(name, signer.sign_as(&header, &claims));
    }
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encode(&public[1..33]), "y": encode(&public[33..]) });
    add("its own key in the header", stranger.sign_as(
        &json!({ "alg": "ES256", "kid": signer.kid, "jwk": jwk, "jku": "https://else.example" }), &claims,
    ));
    let symmetric = json!({ "alg": "HS256", "kid": signer.kid });
    add(
        "HS256 with the public key",
        sign_hs256(&symmetric, &claims, public),
    );
    add(
        "HS256 with the public key's coordinates",
        sign_hs256(&symmetric, &claims, &public[1..]),
    );
    add(
        "HS256 with the published key",
        sign_hs256(&symmetric, &claims, jwk.to_string().as_bytes()),
    );
    add("HS256 with nothing", sign_hs256(&symmetric, &claims, b""));
    add(
        "HS256 with the test secret",
        sign_hs256(&symmetric, &claims, b"test"),
    );
    add(
        "ES256 in name, HMAC in truth",
        sign_hs256(&header, &claims, public),
    );

    let [head, payload, signature] = [0, 1, 2].map(|at| real.split('.').nth(at).expect("a part"));
    for (name, value) in [
        ("sub", json!(Uuid::from_u128(1))),
        ("exp", json!(claims["exp"].as_i64().expect("a number") + 1)),
        ("refresh_token_id", json!(Uuid::from_u128(1))),
    ] {
        let mut changed = claims.clone();
        changed[name] = value;
        add(
            &format!("changed {name}"),
            format!("{head}.{}.{signature}", encode(changed.to_string())),
        );
    }
    for (name, token) in [
        ("no signature", format!("{head}.{payload}.")),
        ("two parts", format!("{head}.{payload}")),
        ("four parts", format!("{real}.{signature}")),
        ("one part", head.to_owned()),
        ("empty parts", "..".to_owned()),
        ("no head", format!(".{payload}.{signature}")),
        ("no payload", format!("{head}..{signature}")),
        (
            "signature of zeros",
            format!("{head}.{payload}.{}", encode([0; 64])),
        ),
        (
            "short signature",
            format!("{head}.{payload}.{}", encode(&decode(signature)[..63])),
        ),
        (
            "long signature",
            format!(
                "{head}.{payload}.{}",
                encode([&decode(signature)[..], &[0]].concat())
            ),
        ),
        ("padded", format!("{real}=")),
        ("with a scheme", format!("Bearer {real}")),
        ("spaced", format!("{head} .{payload}.{signature}")),
        ("twice", format!("{real}{real}")),
        ("longer than 4 KB", format!("{real}{}", "A".repeat(4096))),
        ("a refresh token", login.refresh.clone()),
        ("an API key", api.keys.secret_server_key.expose().to_owned()),
    ] {
        add(name, token);
    }
    let mut swapped = decode(signature);
    swapped.rotate_left(32);
    add(
        "signature with r and s swapped",
        format!("{head}.{payload}.{}", encode(swapped)),
    );
    for at in [0, 31, 32, 63] {
        let mut changed = decode(signature);
        changed[at] ^= 1;
        add(
            &format!("signature changed at {at}"),
            format!("{head}.{payload}.{}", encode(changed)),
        );
    }

    assert!(forged.len() >= 60, "{}", forged.len());
    let mut accepted = Vec::new();
    for (name, token) in forged {
        for header in ["access-token", "admin-access-token"] {
            let answer = api.ask(&api.client().with(header, &token), ME, ()).await;
            if answer.short() != "401 UNPARSABLE_ACCESS_TOKEN" || answer.told() != unparsable() {
                accepted.push(format!("{header} {name}: {}", answer.short()));
            }
        }
    }
    assert_eq!(accepted, Vec::<String>::new());
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_of_another_user_or_project_makes_no_user(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (ada, eve) = (api.user("Ada").await, api.user("Eve").await);
    let foreign = other.user("Ada").await;
    let signer = Signer::of(&api).await;
    let [_, claims] = parts(&ada.access);
    let mut rows = Vec::new();
    for session in [
        session_of(&eve.access),
        session_of(&foreign.access),
        Uuid::nil().to_string(),
    ] {
        let mut claims = claims.clone();
        claims["refresh_token_id"] = json!(session);
        let token = signer.sign(&claims);
        let gone = expired().with(details(&api, &ada, &token));
        rows.push(row(&api.client().with("access-token", token), ME, (), gone));
    }
    let mut claims = claims.clone();
    claims["sub"] = json!(foreign.id);
    rows.push(row(
        &api.client().with("access-token", signer.sign(&claims)),
        ME,
        (),
        no_user(),
    ));
    api.refuses(rows).await;
}
