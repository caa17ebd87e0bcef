//! What no program would send: it is refused, and nothing breaks.

use serde_json::{Map, Value, json};
use sqlx::PgPool;

use super::{
    http::{Api, As, Sent},
    operations::{Operation, operations},
};

/// Numbers that are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("below a usize")
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "description", "expires_at_millis", "is_public", "user_id", "team_id", "api_key", "revoked", "email", "password",
    "verification_callback_url", "grant_type", "refresh_token", "client_id", "client_secret", "expires_in_millis",
    "is_impersonation", "display_name", "profile_image_url", "client_metadata", "client_read_only_metadata",
    "server_metadata", "selected_team_id", "primary_email", "primary_email_verified", "primary_email_auth_enabled",
    "creator_user_id", "id", "contained_permission_ids", "config", "domains", "domain", "handler_path",
    "allow_localhost", "sign_up_enabled", "limit", "cursor", "query", "desc", "order_by", "recursive",
    "permission_id", "totp_secret_base64", "otp_auth_enabled", "__proto__", "", "\0", "😀",
];

const ODD_PAIRS: [&str; 9] = [
    "%ff=%ff",
    "=",
    "a",
    "&&",
    "%",
    "user_id=%00",
    "limit=1e1",
    "+=+",
    "user_id[]=me",
];

fn texts() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        " ",
        "me",
        "null",
        "\0",
        "a\0b",
        "\u{feff}",
        "\u{202e}abc",
        "😀",
        "é",
        "' OR 1=1 --",
        "%",
        "_",
        "\\",
        "$",
        "$update_team",
        "team_admin",
        "a@b.de",
        "a@localhost",
        "https://a.b/c",
        "http://[::1",
        "javascript:alert(1)",
        "refresh_token",
        "created_at",
        "signed_up_at",
        "true",
        "0x10",
        "1e400",
        "-0",
        "NaN",
        "9223372036854775808",
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "2026-01-01",
        "{}",
        "[1]",
        "long enough",
    ]
    .map(str::to_owned)
    .into();
    all.extend([
        "x".repeat(256),
        "é".repeat(1001),
        "a".repeat(5000),
        "\u{1}\u{7f}\u{85}".to_owned(),
    ]);
    all
}

fn value(numbers: &mut Numbers, texts: &[String], depth: usize) -> Value {
    match numbers.below(if depth == 0 { 9 } else { 12 }) {
        0 => Value::Null,
        1 => json!(numbers.below(2) == 0),
        2 => numbers.one(&[
            json!(0),
            json!(-1),
            json!(1),
            json!(1.5),
            json!(1e308),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(8.64e15),
        ]),
        3..9 => json!(numbers.one(texts)),
        9 => (0..numbers.below(4))
            .map(|_| value(numbers, texts, depth - 1))
            .collect(),
        _ => object(numbers, texts, depth - 1),
    }
}

fn object(numbers: &mut Numbers, texts: &[String], depth: usize) -> Value {
    let mut fields = Map::new();
    for _ in 0..numbers.below(7) {
        let name = numbers.one(NAMES).to_owned();
        fields.insert(name, value(numbers, texts, depth));
    }
    Value::Object(fields)
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

fn request(numbers: &mut Numbers, texts: &[String], operation: &Operation) -> String {
    let mut path = String::new();
    for part in operation.path.split('/').skip(1) {
        path.push('/');
        if part.starts_with('{') && numbers.below(8) > 0 {
            let odd = [
                "%00",
                "%ff",
                "%2F",
                "%2e%2e",
                "%F0%9F%98%80",
                "~",
                "%",
                "%zz",
            ];
            match numbers.below(3) {
                0 => path.push_str(numbers.one(&odd)),
                1 => path.push_str(&escaped(&numbers.one(texts))),
                _ => path.push_str("00000000-0000-4000-8000-000000000001"),
            }
        } else {
            path.push_str(&part.replace(['{', '}'], ""));
        }
    }
    for at in 0..numbers.below(4) {
        path.push(if at == 0 { '?' } else { '&' });
        if numbers.below(8) == 0 {
            path.push_str(numbers.one(&ODD_PAIRS));
        } else {
            path.push_str(&escaped(numbers.one(NAMES)));
            path.push('=');
            path.push_str(&escaped(&numbers.one(texts)));
        }
    }
    format!("{} {path}", operation.method)
}

fn body(numbers: &mut Numbers, texts: &[String]) -> Sent {
    match numbers.below(10) {
        0 => ().into(),
        1 => (
            "application/json",
            numbers.one(&[
                "",
                "{",
                "\"",
                "[[[[",
                "{\"a\":}",
                "\u{feff}{}",
                "1e999",
                "-",
            ]),
        )
            .into(),
        2 => Sent::Raw("application/json".to_owned(), vec![0xff, 0xfe, 0x7b]),
        3 => Sent::Raw(
            "application/x-www-form-urlencoded".to_owned(),
            b"%ff=%ff&email&=&password=%00&a=%".to_vec(),
        ),
        4 => (
            numbers.one(&[
                "text/plain",
                "ü/ü",
                ";",
                "application/json;charset=\"",
                "application/",
                " ",
            ]),
            "{}",
        )
            .into(),
        5 => value(numbers, texts, 3).into(),
        _ => object(numbers, texts, 3).into(),
    }
}

fn odd_headers(numbers: &mut Numbers, who: &As) -> As {
    let names = [
        "access-token",
        "refresh-token",
        "branch-id",
        "override-error-status",
        "publishable-client-key",
        "admin-access-token",
        "project-id",
        "access-type",
        "client-version",
        "random-nonce",
    ];
    let values: [&[u8]; 8] = [
        b"",
        b"a.b.c",
        b"\xff\xfe",
        "ü".as_bytes(),
        b"null",
        b"..",
        b"eyJhbGciOiJub25lIn0.e30.",
        &[b'a'; 5000],
    ];
    match numbers.below(4) {
        0 => who.with(numbers.one(&names), numbers.one(&values)),
        1 => who
            .header("x-forwarded-for", numbers.one(&values))
            .header("cookie", "a=b"),
        _ => who.clone(),
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nothing_that_is_sent_breaks_the_server(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = api.world.team("Team").await;
    let ada = api.member("Ada", team, &["team_admin"]).await;
    let mut texts = texts();
    texts.extend([
        team.to_string(),
        ada.id.to_string(),
        api.project().to_string(),
    ]);
    let callers = [
        api.client(),
        api.as_user(&ada),
        api.server(),
        api.admin(),
        As::default(),
    ];
    let mut numbers = Numbers(0x1d87_2b41_9d3c_55a7);
    let mut asked = 0;
    for operation in operations() {
        for _ in 0..40 {
            let who = numbers.one(&callers);
            let who = odd_headers(&mut numbers, &who);
            let what = request(&mut numbers, &texts, &operation);
            let sent = body(&mut numbers, &texts);
            let shown = format!("{what} {sent:?} by {who:?}");
            let answer = api.ask(&who, &what, sent).await;
            assert!(answer.status < 500, "{}: {shown}", answer.text);
            if answer.status >= 400 && !answer.text.is_empty() {
                answer.told();
            }
            asked += 1;
        }
    }
    assert!(asked > 1500, "{asked}");
}
