//! What a program is told when it does not get what it asked for.

use axum::http::header;
use latchkey_api::Code;
use serde_json::{Value, json};

use crate::http::Answer;

/// An error, read to the letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub status: u16,
    pub code: Option<&'static str>,
    pub message: String,
    pub details: Option<Value>,
}

/// A known error; its status is the code's own.
pub fn known(code: Code, message: impl Into<String>) -> Told {
    Told {
        status: code.status().as_u16(),
        code: Some(code.as_str()),
        message: message.into(),
        details: None,
    }
}

/// A plain error.
pub fn plain(status: u16, message: impl Into<String>) -> Told {
    Told {
        status,
        code: None,
        message: message.into(),
        details: None,
    }
}

/// The input of `GET /users/me` or the like breaks these rules.
pub fn schema(what: &str, problems: &[&str]) -> Told {
    let (method, path) = what.split_once(' ').expect("a method and a path");
    let path = path.split('?').next().unwrap_or_default();
    let mut message = format!("Request validation failed on {method} /api/v1{path}:");
    for problem in problems {
        message.push_str("\n  - ");
        message.push_str(problem);
    }
    bare_schema(&message)
}

/// The input breaks a rule, without the usual beginning.
pub fn bare_schema(message: &str) -> Told {
    known(Code::SchemaError, message).with(json!({ "message": message }))
}

impl Told {
    pub fn with(self, details: Value) -> Self {
        Self {
            details: Some(details),
            ..self
        }
    }
}

impl Answer {
    /// Reads an error, and sees that it has the form of one.
    pub fn told(&self) -> Told {
        let Some(code) = self.header("x-stack-known-error") else {
            assert_eq!(
                self.headers[header::CONTENT_TYPE],
                "text/plain; charset=utf-8",
                "{self:?}"
            );
            return plain(self.status, self.text.clone());
        };
        let code = Code::ALL
            .iter()
            .find(|known| known.as_str() == code)
            .expect("a documented code");
        let body = self.json();
        let fields = body.as_object().expect("an object");
        assert!(
            fields
                .keys()
                .all(|name| ["code", "details", "error"].contains(&name.as_str()))
        );
        assert_eq!(fields["code"], code.as_str());
        assert!(fields.get("details").is_none_or(Value::is_object));
        Told {
            status: self.status,
            code: Some(code.as_str()),
            message: fields["error"].as_str().expect("a text").to_owned(),
            details: fields.get("details").cloned(),
        }
    }
}
