//! Whole answers as snapshots, in the folder `snapshots`: a field that comes, goes or changes fails
//! a test there.
//!
//! The clock of the database and the generator of the operating system decide instants, ids and
//! secrets. So they are replaced before an answer is compared: an id by the name that the test gives
//! it, the rest by what it is, as in `[now]`.
//!
//! With `INSTA_UPDATE=always` the tests write the snapshots anew; look at each difference.

use latchkey_domain::clock::Clock;
use latchkey_model::key_text;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::http::Answer;

/// An instant is now if it is this near.
const MINUTES: i64 = 10 * 60_000;

/// The names of ids, by which snapshots call them.
#[derive(Default)]
pub struct Snapshots {
    names: Vec<(String, &'static str)>,
}

impl Snapshots {
    /// With a name for this id.
    pub fn named(mut self, id: impl ToString, name: &'static str) -> Self {
        self.names.push((id.to_string(), name));
        self
    }

    /// Compares the status, the code of an error and the body with the snapshot of this name.
    pub fn check(&self, snapshot: &str, answer: &Answer) {
        let body = match answer.header("content-type") {
            Some("application/json") => self.of(&answer.json()),
            _ => self.of(&json!(answer.text)),
        };
        let mut shown = json!({ "status": answer.status, "body": body });
        if let Some(code) = answer.header("x-stack-known-error") {
            shown["known_error"] = json!(code);
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_json_snapshot!(snapshot, shown));
    }

    fn of(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(self.of_fields(fields)),
            Value::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            Value::String(text) => Value::String(self.of_text(text)),
            Value::Number(number) => {
                let now = Clock::System.now_millis();
                match number.as_i64() {
                    Some(millis) if (millis - now).abs() < MINUTES => json!("[now]"),
                    _ => value.clone(),
                }
            }
            _ => value.clone(),
        }
    }

    fn of_fields(&self, fields: &Map<String, Value>) -> Map<String, Value> {
        let fields = fields.iter().map(|(name, value)| {
            let value = match &name[..] {
                "last_four" => json!("[last four]"),
                _ => self.of(value),
            };
            (name.clone(), value)
        });
        fields.collect()
    }

    fn of_text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (id, name) in &self.names {
            text = text.replace(id, &format!("[{name}]"));
        }
        let is_base32 = |byte| key_text::BASE32.contains(&byte);
        if key_text::read(&text).is_some() {
            format!("{}[random]{}[sum]", &text[..3], &text[80..94])
        } else if text.split('.').count() == 3 && text.starts_with("ey") {
            "[access token]".to_owned()
        } else if text.len() == 45 && text.bytes().all(is_base32) {
            "[refresh token]".to_owned()
        } else if Uuid::parse_str(&text).is_ok() {
            "[id]".to_owned()
        } else {
            text
        }
    }
}
