use std::{
    io,
    sync::{Arc, Mutex},
};

use latchkey_domain::random;
use latchkey_model::{
    key_text::{self, KeyParts},
    owner::OwnerKind,
};

use super::*;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is written while `log` runs.
fn captured(format: LogFormat, log: impl FnOnce()) -> String {
    let captured = Captured::default();
    let subscriber = subscriber(EnvFilter::new("trace"), format, false, captured.clone());
    tracing::dispatcher::with_default(&subscriber, log);
    let bytes = captured.0.lock().expect("no panic").clone();
    String::from_utf8(bytes).expect("text")
}

fn key() -> String {
    let parts = KeyParts {
        id: latchkey_model::id::ApiKeyId::new(random::id(latchkey_domain::clock::Clock::System)),
        kind: OwnerKind::User,
        is_public: false,
    };
    key_text::write(parts, &random::secret())
}

#[test]
fn no_secret_is_in_a_line_wherever_it_stands() {
    let key = key();
    let token = random::secret_text();
    let jwt = format!("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.{token}");
    let secrets = [
        key.clone(),
        key[..30].to_owned(),
        key.to_uppercase(),
        token.clone(),
        format!("ssk_{token}"),
        format!("pck_{token}"),
        format!("sak_{token}"),
        jwt,
    ];
    for format in [LogFormat::Text, LogFormat::Json] {
        for secret in &secrets {
            // The part after the prefix, and the last part of a token.
            let hidden = secret.rsplit(['.', '_']).next().expect("a part");
            let lines = captured(format, || log_everywhere(secret));
            assert_eq!(lines.lines().count(), 13, "{lines}");
            assert!(!lines.contains(hidden), "{secret} in {lines}");
            assert!(!lines.contains(&hidden[..12]), "{secret} in {lines}");
            assert!(lines.matches("[redacted]").count() >= 13, "{lines}");
        }
    }
}

fn log_everywhere(secret: &str) {
    let span = tracing::error_span!("request", id = "a", client_id = secret);
    let error = io::Error::other(format!("cannot parse {secret}"));
    tracing::info!("{secret}");
    tracing::info!(path = %format!("/api/v1/user-api-keys/{secret}"));
    tracing::info!(path = %format!("/{secret}.js"));
    tracing::info!(query = %format!("?q={secret}&sort=name"));
    tracing::info!(query = %format!("?q=a%5F{secret}%20"));
    tracing::info!(secret);
    tracing::info!(field = ?Some(secret));
    tracing::info!(headers = ?[("authorization", format!("Bearer {secret}"))]);
    tracing::info!(cookie = %format!("latchkey_session=0123456789abcdef0123456789abcdef.{secret}; a=b"));
    tracing::info!(json = %format!(r#"{{"api_key":"{secret}"}}"#));
    tracing::error!(%error, "cannot parse");
    tracing::trace!(?error, "cannot parse");
    span.in_scope(|| tracing::warn!("of a domain"));
}

#[test]
fn credentials_are_recognised_by_their_place() {
    for (text, safe) in [
        (
            "cannot connect to postgres://latchkey:p@ss:w0rd@db.internal:5432/latchkey",
            "cannot connect to postgres://latchkey:[redacted]@db.internal:5432/latchkey",
        ),
        (
            "host=db password=hunter2 user=x",
            "host=db password=[redacted] user=x",
        ),
        (
            r#"{"password":"hunter2","a":1}"#,
            r#"{"password":"[redacted]","a":1}"#,
        ),
        (
            r#"{\"password\": \"hunter2\"}"#,
            r#"{\"password\": \"[redacted]\"}"#,
        ),
        (
            r#"Form { password: "hunter2" }"#,
            r#"Form { password: "[redacted]" }"#,
        ),
        (
            "Authorization: Basic dXNlcjpwYXNzd29yZA==",
            "Authorization: Basic [redacted]",
        ),
    ] {
        assert_eq!(redact(text), safe);
    }
}

#[test]
fn what_is_no_secret_stays() {
    let id = random::id(latchkey_domain::clock::Clock::System);
    let request = random::request_id();
    for text in [
        "the password was wrong; secret: none",
        "basic functionality of a task_scheduler",
        &format!("/account-settings/teams/{id}/api-keys"),
        &format!("request{{id={request}}}: request method=GET path=/livez status=200"),
        "request{id=vyeeyjjgyb5b406b8q5cs1yef9}: request method=GET path=/livez status=200",
        "/api/v1/team-permissions/0193/some-very-long-name-of-a-permission-that-somebody-chose",
        "cannot connect to postgres://db.internal:5432/latchkey",
        "latchkey_domain::api_keys::a_test_with_a_long_name_that_nobody_reads",
        "http://127.0.0.1:3000",
    ] {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn a_value_cannot_forge_a_line() {
    let value = "a\r\n2026-01-01T00:00:00Z  INFO forged \u{1b}[2J\u{2028}\u{202e}";
    for format in [LogFormat::Text, LogFormat::Json] {
        let lines = captured(format, || {
            tracing::info!(value, "{value}");
            tracing::info!(debug = ?value, display = %value);
            tracing::error_span!("request", value).in_scope(|| tracing::info!("x"));
        });
        assert_eq!(lines.lines().count(), 3, "{lines}");
        let is_control =
            |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{2028}' | '\u{202e}'));
        assert!(!lines.contains(is_control), "{lines:?}");
    }
}

#[test]
fn json_has_one_object_for_each_line_with_the_request() {
    let line = captured(LogFormat::Json, || {
        tracing::error_span!("request", id = "abc")
            .in_scope(|| tracing::info!(status = 200, "request"));
    });
    let object: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(object["message"], "request");
    assert_eq!(object["status"], 200);
    assert_eq!(object["level"], "INFO");
    assert_eq!(object["span"]["id"], "abc");
}
