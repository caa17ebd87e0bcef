//! Tokens that nobody has issued: none of them is accepted.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    callers::unparsable,
    forge::{Signer, decode, encode, parts, sign_hs256},
    http::{Api, Login, ORIGIN, row},
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

/// The server's own signer, a token that it issued, and what forgers have of it.
struct Forge {
    api: Api,
    login: Login,
    signer: Signer,
    header: Value,
    claims: Value,
    public: Vec<u8>,
}

impl Forge {
    async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let login = api.user("Ada").await;
        let [header, claims] = parts(&login.access);
        let keys = api.world.domain.signing_keys().await.expect("keys");
        Self {
            signer: Signer::of(&api).await,
            public: keys[0].public.clone(),
            api,
            login,
            header,
            claims,
        }
    }

    /// The three parts of the token that was issued.
    fn parts(&self) -> [&str; 3] {
        [0, 1, 2].map(|at| self.login.access.split('.').nth(at).expect("a part"))
    }

    /// None of these is accepted, neither as a user's token nor as an admin's.
    async fn refuses_all(&self, forged: Vec<(String, String)>) {
        let mut accepted = Vec::new();
        for (name, token) in forged {
            for header in ["access-token", "admin-access-token"] {
                let who = self.api.client().with(header, &token);
                let answer = self.api.ask(&who, ME, ()).await;
                if answer.short() != "401 UNPARSABLE_ACCESS_TOKEN" || answer.told() != unparsable()
                {
                    accepted.push(format!("{header} {name}: {}", answer.short()));
                }
            }
        }
        assert_eq!(accepted, Vec::<String>::new());
    }
}

fn named(forged: impl IntoIterator<Item = (&'static str, String)>) -> Vec<(String, String)> {
    let forged = forged.into_iter();
    forged
        .map(|(name, token)| (name.to_owned(), token))
        .collect()
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_with_other_claims_is_refused_even_when_the_server_signed_it(pool: PgPool) {
    let forge = Forge::new(pool).await;
    let same = forge.signer.sign(&forge.claims);
    let control = forge.api.client().with("access-token", same);
    let answer = forge.api.ask(&control, ME, ()).await;
    assert_eq!(answer.status, 200, "the forger's tools work");
    let forged: Vec<_> = other_claims(&forge.claims)
        .into_iter()
        .map(|(name, claims)| (name, forge.signer.sign(&claims)))
        .collect();
    assert!(forged.len() >= 30, "{}", forged.len());
    forge.refuses_all(forged).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_under_another_header_or_key_is_refused(pool: PgPool) {
    let forge = Forge::new(pool).await;
    let (claims, public, kid) = (&forge.claims, &forge.public, forge.signer.kid);
    let stranger = Signer::stranger(kid);
    let other = Uuid::from_u128(9);
    let mut forged = named(
        [
            ("no kid", json!({ "alg": "ES256", "typ": "JWT" })),
            ("another kid", json!({ "alg": "ES256", "kid": other })),
            ("kid null", json!({ "alg": "ES256", "kid": null })),
            ("kid no id", json!({ "alg": "ES256", "kid": "../../key" })),
            ("alg ES384", json!({ "alg": "ES384", "kid": kid })),
            ("alg RS256", json!({ "alg": "RS256", "kid": kid })),
            ("alg none", json!({ "alg": "none", "kid": kid })),
            ("alg es256", json!({ "alg": "es256", "kid": kid })),
            ("no alg", json!({ "kid": kid })),
        ]
        .map(|(name, header)| (name, forge.signer.sign_as(&header, claims))),
    );
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encode(&public[1..33]), "y": encode(&public[33..]) });
    let own_key = json!({ "alg": "ES256", "kid": kid, "jwk": jwk, "jku": "https://else.example" });
    let mac = json!({ "alg": "HS256", "kid": kid });
    let published = jwk.to_string();
    let hmac = |header: &Value, key: &[u8]| sign_hs256(header, claims, key);
    forged.extend(named([
        ("another key of the same name", stranger.sign(claims)),
        ("another key", Signer::stranger(other).sign(claims)),
        ("its own key", stranger.sign_as(&own_key, claims)),
        ("HS256 with the public key", hmac(&mac, public)),
        ("HS256 with its coordinates", hmac(&mac, &public[1..])),
        ("HS256 as published", hmac(&mac, published.as_bytes())),
        ("HS256 with nothing", hmac(&mac, b"")),
        ("HS256 with the test secret", hmac(&mac, b"test")),
        ("ES256 in name, HMAC in truth", hmac(&forge.header, public)),
    ]));
    forge.refuses_all(forged).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_that_was_cut_or_put_together_is_refused(pool: PgPool) {
    let forge = Forge::new(pool).await;
    let real = &forge.login.access;
    let [head, payload, signature] = forge.parts();
    let mut forged = named([
        ("no signature", format!("{head}.{payload}.")),
        ("two parts", format!("{head}.{payload}")),
        ("four parts", format!("{real}.{signature}")),
        ("one part", head.to_owned()),
        ("empty parts", "..".to_owned()),
        ("no head", format!(".{payload}.{signature}")),
        ("no payload", format!("{head}..{signature}")),
        ("padded", format!("{real}=")),
        ("with a scheme", format!("Bearer {real}")),
        ("spaced", format!("{head} .{payload}.{signature}")),
        ("twice", format!("{real}{real}")),
        ("longer than 4 KB", format!("{real}{}", "A".repeat(4096))),
        ("a refresh token", forge.login.refresh.clone()),
    ]);
    let key = forge.api.keys.secret_server_key.expose().to_owned();
    forged.push(("an API key".to_owned(), key));
    for (name, value) in [
        ("sub", json!(Uuid::from_u128(1))),
        (
            "exp",
            json!(forge.claims["exp"].as_i64().expect("a number") + 1),
        ),
        ("refresh_token_id", json!(Uuid::from_u128(1))),
    ] {
        let mut changed = forge.claims.clone();
        changed[name] = value;
        let token = format!("{head}.{}.{signature}", encode(changed.to_string()));
        forged.push((format!("changed {name}"), token));
    }
    forge.refuses_all(forged).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_with_another_signature_is_refused(pool: PgPool) {
    let forge = Forge::new(pool).await;
    let [head, payload, signature] = forge.parts();
    let signature = decode(signature);
    let mut swapped = signature.clone();
    swapped.rotate_left(32);
    let mut all = vec![
        ("of zeros".to_owned(), vec![0; 64]),
        ("short".to_owned(), signature[..63].to_vec()),
        ("long".to_owned(), [&signature[..], &[0]].concat()),
        ("with r and s swapped".to_owned(), swapped),
    ];
    for at in [0, 31, 32, 63] {
        let mut changed = signature.clone();
        changed[at] ^= 1;
        all.push((format!("changed at {at}"), changed));
    }
    let forged = all
        .into_iter()
        .map(|(name, bytes)| (name, format!("{head}.{payload}.{}", encode(bytes))))
        .collect();
    forge.refuses_all(forged).await;
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
