//! The types of request values, with their rules.

use latchkey_model::{
    account::{
        DisplayName, Email, InvalidPassword, MAX_DISPLAY_NAME, MAX_PASSWORD, MAX_URL, MIN_PASSWORD,
        check_new_password,
    },
    caller::UserRef,
    description::{AppDescription, MAX_APP_DESCRIPTION},
    expiry::{LATEST_MILLIS, Millis},
    id::{ApiKeyId, SessionId, TeamId, UserId},
    line::InvalidLine,
};
use serde_json::{Value as Json, json};
use utoipa::openapi::{RefOr, schema::Schema};

use super::{
    field::{Value, any_value, schema_of},
    input::Fields,
    javascript::{display, number, to_number, uuid},
};

const NUL: &str = "must not contain the character NUL";

impl Value for String {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = match value {
            Json::String(text) => text,
            Json::Number(value) => number(value.as_f64().unwrap_or(f64::NAN)),
            Json::Bool(value) => value.to_string(),
            value => {
                fields.wrong_type(name, "string", &display(&value), None);
                return None;
            }
        };
        if text.contains('\0') {
            fields.problem(name, NUL);
            return None;
        }
        Some(text)
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string" }))
    }
}

impl Value for bool {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = match &value {
            Json::Bool(value) => return Some(*value),
            Json::String(text) => text.to_ascii_lowercase(),
            Json::Number(value) => number(value.as_f64().unwrap_or(f64::NAN)),
            _ => String::new(),
        };
        match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                fields.wrong_type(name, "boolean", &display(&value), None);
                None
            }
        }
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "boolean" }))
    }
}

/// Only `true`, not `false`.
pub struct True;

impl Value for True {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        if <bool as Value>::read(fields, name, value)? {
            return Some(Self);
        }
        fields.not_one_of(name, "true");
        None
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "boolean", "enum": [true] }))
    }
}

impl Value for Json {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        if has_nul(&value) {
            fields.problem(name, NUL);
            return None;
        }
        Some(value)
    }

    fn schema() -> RefOr<Schema> {
        any_value()
    }
}

fn has_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(has_nul),
        Json::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

impl Value for Vec<String> {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let Json::Array(items) = value else {
            fields.wrong_type(name, "array", &display(&value), None);
            return None;
        };
        items
            .into_iter()
            .enumerate()
            .map(|(at, item)| <String as Value>::read(fields, &format!("{name}[{at}]"), item))
            .collect()
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "array", "items": { "type": "string" } }))
    }
}

/// A whole number whose magnitude is at most `max`, which is below 2^53.
fn whole(fields: &mut Fields<'_>, name: &str, value: &Json, max: i64, rule: &str) -> Option<i64> {
    let read = match value {
        Json::Number(value) => value.as_f64().unwrap_or(f64::NAN),
        Json::String(text) => to_number(text),
        _ => f64::NAN,
    };
    if read.is_nan() {
        fields.wrong_type(name, "number", "NaN", Some(value));
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "bounds are below 2^53")]
    let is_within = read.fract() == 0.0 && read.abs() <= max as f64;
    if !is_within {
        fields.problem(name, rule);
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and within bounds")]
    Some(read as i64)
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> Value for Whole<MIN, MAX> {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let rule = format!("must be a whole number from {MIN} to {MAX}");
        let read = whole(fields, name, &value, MAX, &rule)?;
        if read < MIN {
            fields.problem(name, &rule);
            return None;
        }
        Some(Self(read))
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "integer", "format": "int64", "minimum": MIN, "maximum": MAX }))
    }
}

/// Milliseconds since 1970, within the range of JavaScript's `Date`.
pub struct Instant(pub Millis);

impl Value for Instant {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let rule = "must be a whole number of milliseconds within the range of a Date";
        whole(fields, name, &value, LATEST_MILLIS, rule).map(Self)
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({
            "type": "integer", "format": "int64", "minimum": -LATEST_MILLIS, "maximum": LATEST_MILLIS,
        }))
    }
}

fn read_uuid(fields: &mut Fields<'_>, name: &str, text: &str) -> Option<uuid::Uuid> {
    let read = uuid(text);
    if read.is_none() {
        fields.problem(name, "must be a valid UUID");
    }
    read
}

macro_rules! ids {
    ($($id:ident $(=> $subject:ident)?),+) => {
        $(impl Value for $id {
            fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
                let text = <String as Value>::read(fields, name, value)?;
                let id = read_uuid(fields, name, &text).map(Self::new)?;
                $(fields.subject.$subject = Some(id);)?
                Some(id)
            }

            fn schema() -> RefOr<Schema> {
                schema_of(json!({ "type": "string", "format": "uuid" }))
            }
        })+
    };
}

ids!(ApiKeyId, SessionId, TeamId => team, UserId);

/// A user's id, or `me`.
impl Value for UserRef {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = <String as Value>::read(fields, name, value)?;
        let user = if text == "me" {
            Self::Me
        } else {
            Self::Id(UserId::new(read_uuid(fields, name, &text)?))
        };
        fields.subject.user = Some(user);
        Some(user)
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "anyOf": [
            { "type": "string", "format": "uuid" },
            { "type": "string", "enum": ["me"] },
        ] }))
    }
}

impl Value for DisplayName {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = <String as Value>::read(fields, name, value)?;
        let problem = match Self::parse(&text) {
            Ok(parsed) => return Some(parsed),
            Err(InvalidLine::Empty) => "must not be empty".to_owned(),
            Err(InvalidLine::TooLong { max }) => format!("must be at most {max} characters"),
            Err(InvalidLine::Invisible) => {
                "must not contain invisible or control characters".to_owned()
            }
        };
        fields.problem(name, &problem);
        None
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "maxLength": MAX_DISPLAY_NAME }))
    }
}

/// A display name; a blank one counts as none.
pub struct PersonName(pub Option<DisplayName>);

impl Value for PersonName {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = <String as Value>::read(fields, name, value)?;
        if text.trim().is_empty() {
            return Some(Self(None));
        }
        <DisplayName as Value>::read(fields, name, text.into()).map(|name| Self(Some(name)))
    }

    fn schema() -> RefOr<Schema> {
        <DisplayName as Value>::schema()
    }
}

impl Value for Email {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = <String as Value>::read(fields, name, value)?;
        let Ok(email) = Self::parse(&text) else {
            fields.problem(name, "must be a valid email");
            return None;
        };
        fields.subject.email = Some(email.as_str().to_owned());
        Some(email)
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "format": "email" }))
    }
}

/// A new password. One that is too short passes here, because it has its own error code.
pub struct NewPassword(pub String);

impl Value for NewPassword {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = <String as Value>::read(fields, name, value)?;
        if check_new_password(&text) == Err(InvalidPassword::TooLong) {
            fields.problem(name, &format!("must be at most {MAX_PASSWORD} characters"));
            return None;
        }
        Some(Self(text))
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "minLength": MIN_PASSWORD, "maxLength": MAX_PASSWORD }))
    }
}

impl Value for AppDescription {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let text = <String as Value>::read(fields, name, value)?;
        Self::parse(text)
            .map_err(|problem| fields.problem(name, &problem.to_string()))
            .ok()
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "maxLength": MAX_APP_DESCRIPTION }))
    }
}

/// The HTTP or HTTPS URL of an image.
pub struct Url(pub String);

impl Value for Url {
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self> {
        let url = <String as Value>::read(fields, name, value)?;
        let is_url = url.parse::<axum::http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
        });
        if !is_url || url.chars().count() > MAX_URL {
            fields.problem(name, "must be a valid URL");
            return None;
        }
        Some(Self(url))
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "format": "uri", "maxLength": MAX_URL }))
    }
}

/// Declares a text that can have only one value.
macro_rules! word {
    ($(#[doc = $doc:literal])* $name:ident = $word:literal) => {
        $(#[doc = $doc])*
        pub struct $name;

        impl $crate::field::Value for $name {
            fn read(
                fields: &mut $crate::input::Fields<'_>,
                name: &str,
                value: serde_json::Value,
            ) -> Option<Self> {
                let text = <String as $crate::field::Value>::read(fields, name, value)?;
                if text == $word {
                    return Some(Self);
                }
                fields.not_one_of(name, $word);
                None
            }

            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::field::schema_of(serde_json::json!({ "type": "string", "enum": [$word] }))
            }
        }
    };
}

pub(crate) use word;
