//! Reading what a program sent: every field is looked at, every problem is noted, and all problems
//! are told together.

#![expect(
    clippy::option_option,
    reason = "the outer says whether a field was sent, the inner whether it was null"
)]

use latchkey_model::{
    account::{DisplayName, Email, InvalidPassword, MAX_PASSWORD, check_new_password},
    expiry::{LATEST_MILLIS, Millis},
    id::UserId,
    line::InvalidLine,
};
use serde_json::{Map, Value};

use super::value::{number, shown, to_number, uuid};
use latchkey_model::user::UserRef;

/// A request's input while it is read.
pub struct Input {
    problems: Vec<String>,
    body: Body,
    query: Vec<(String, String)>,
    params: Vec<(String, String)>,
}

/// A request's body, as far as it could be read.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// There is none.
    Absent,
    /// This.
    Json(Value),
}

/// The fields of the body, the query or the path.
pub struct Fields<'a> {
    place: &'static str,
    values: Map<String, Value>,
    problems: &'a mut Vec<String>,
}

impl Input {
    /// Begins to read.
    pub const fn new(
        body: Body,
        query: Vec<(String, String)>,
        params: Vec<(String, String)>,
    ) -> Self {
        Self {
            problems: Vec::new(),
            body,
            query,
            params,
        }
    }

    /// What was wrong, in the order in which it was found.
    pub fn problems(self) -> Vec<String> {
        self.problems
    }

    /// The body, which must be an object.
    pub fn body(&mut self) -> Fields<'_> {
        let problem = match &self.body {
            Body::Absent => Some("body must be defined".to_owned()),
            Body::Json(Value::Object(_)) => None,
            Body::Json(Value::Null) => Some("body cannot be null".to_owned()),
            Body::Json(Value::String(text)) => Some(format!(
                "body must be a `object` type, but the final value was: `null` (cast from the value `{}`).",
                shown(&Value::from(text.as_str()))
            )),
            Body::Json(value) => Some(format!(
                "body must be a `object` type, but the final value was: `{}`.",
                shown(value)
            )),
        };
        let broken = problem.is_some();
        self.problems.extend(problem);
        let fields = match std::mem::replace(&mut self.body, Body::Absent) {
            Body::Json(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        Fields {
            // What is wrong with fields of a body that is none needs no saying.
            place: if broken { "" } else { "body" },
            values: fields,
            problems: &mut self.problems,
        }
    }

    /// The body, where there may be none.
    pub fn optional_body(&mut self) -> Fields<'_> {
        if self.body == Body::Absent {
            self.body = Body::Json(Value::Object(Map::new()));
        }
        self.body()
    }

    /// The query. The first of several values of a name counts.
    pub fn query(&mut self) -> Fields<'_> {
        let mut fields = Map::new();
        for (name, value) in std::mem::take(&mut self.query) {
            fields.entry(name).or_insert_with(|| value.into());
        }
        Fields {
            place: "query",
            values: fields,
            problems: &mut self.problems,
        }
    }

    /// What stands in the path.
    pub fn params(&mut self) -> Fields<'_> {
        let fields = std::mem::take(&mut self.params)
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        Fields {
            place: "params",
            values: fields,
            problems: &mut self.problems,
        }
    }
}

impl Fields<'_> {
    /// Notes what is wrong with a field.
    pub fn problem(&mut self, name: &str, what: &str) {
        if !self.place.is_empty() {
            let problem = format!("{}.{name} {what}", self.place);
            self.problems.push(problem);
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.values.remove(name)
    }

    fn required(&mut self, name: &'static str) -> Option<Value> {
        let value = self.take(name);
        if value.is_none() {
            self.problem(name, "must be defined");
        }
        value
    }

    fn not_null(&mut self, name: &str, value: Value) -> Option<Value> {
        if value.is_null() {
            self.problem(name, "cannot be null");
            return None;
        }
        Some(value)
    }

    fn wrong_type(&mut self, name: &str, wanted: &str, value: &str, cast_from: Option<&Value>) {
        let cast = cast_from.map_or_else(
            || ".".to_owned(),
            |from| format!(" (cast from the value `{}`).", shown(from)),
        );
        let what = format!("must be a `{wanted}` type, but the final value was: `{value}`{cast}");
        self.problem(name, &what);
    }

    fn as_text(&mut self, name: &str, value: Value) -> Option<String> {
        let text = match value {
            Value::String(text) => text,
            Value::Number(value) => number(value.as_f64().unwrap_or(f64::NAN)),
            Value::Bool(value) => value.to_string(),
            value => {
                self.wrong_type(name, "string", &shown(&value), None);
                return None;
            }
        };
        if text.contains('\0') {
            self.problem(name, "must not contain the character NUL");
            return None;
        }
        Some(text)
    }

    /// A text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.required(name)?;
        let value = self.not_null(name, value)?;
        self.as_text(name, value)
    }

    /// A text that may be absent.
    pub fn optional_text(&mut self, name: &'static str) -> Option<String> {
        let value = self.take(name)?;
        let value = self.not_null(name, value)?;
        self.as_text(name, value)
    }

    /// A text that may be absent or null: `None` where it is absent.
    pub fn nullable_text(&mut self, name: &'static str) -> Option<Option<String>> {
        match self.take(name)? {
            Value::Null => Some(None),
            value => self.as_text(name, value).map(Some),
        }
    }

    /// An address of a picture or a page, over HTTP, of at most 2,000 characters; may be null.
    pub fn nullable_url(&mut self, name: &'static str) -> Option<Option<String>> {
        let url = self.nullable_text(name)?;
        let fine = url
            .as_deref()
            .is_none_or(|url| url.chars().count() <= 2000 && is_url(url));
        if !fine {
            self.problem(name, "must be a valid URL");
            return None;
        }
        Some(url)
    }

    /// A truth value, or a text or number that reads as one.
    pub fn truth(&mut self, name: &'static str) -> Option<bool> {
        let value = self.take(name)?;
        let value = self.not_null(name, value)?;
        let text = match &value {
            Value::Bool(value) => return Some(*value),
            Value::String(text) => text.to_ascii_lowercase(),
            Value::Number(value) => number(value.as_f64().unwrap_or(f64::NAN)),
            _ => String::new(),
        };
        match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                self.wrong_type(name, "boolean", &shown(&value), None);
                None
            }
        }
    }

    /// The word `true` and no other, where it is there.
    pub fn only_true(&mut self, name: &'static str) -> bool {
        match self.truth(name) {
            Some(false) => {
                self.problem(name, "must be one of the following values: true");
                false
            }
            value => value.unwrap_or_default(),
        }
    }

    /// The word `false` and no other, for what this server does not have.
    pub fn only_false(&mut self, name: &'static str) {
        if self.take_null(name) {
            return;
        }
        if self.truth(name) == Some(true) {
            self.problem(name, "must be one of the following values: false");
        }
    }

    /// Null and no other, for what this server does not have.
    pub fn only_null(&mut self, name: &'static str) {
        if self.take(name).is_some_and(|value| !value.is_null()) {
            self.problem(name, "must be one of the following values: null");
        }
    }

    fn take_null(&mut self, name: &'static str) -> bool {
        let null = self.values.get(name).is_some_and(Value::is_null);
        if null {
            self.take(name);
        }
        null
    }

    fn as_number(&mut self, name: &str, value: &Value) -> Option<f64> {
        let read = match value {
            Value::Number(value) => value.as_f64().unwrap_or(f64::NAN),
            Value::String(text) => to_number(text),
            _ => f64::NAN,
        };
        if read.is_nan() {
            self.wrong_type(name, "number", "NaN", Some(value));
            return None;
        }
        Some(read)
    }

    fn as_whole(&mut self, name: &str, value: &Value, most: i64, what: &str) -> Option<i64> {
        let read = self.as_number(name, value)?;
        // Beyond 2^53 not every whole number is one, but the bounds here are below.
        #[expect(clippy::cast_precision_loss, reason = "bounds are below 2^53")]
        let within = read.fract() == 0.0 && read.abs() <= most as f64;
        if !within {
            self.problem(name, what);
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole and within bounds")]
        Some(read as i64)
    }

    /// An instant that must be there, and may be null: `Some(None)` for null.
    pub fn nullable_instant(&mut self, name: &'static str) -> Option<Option<Millis>> {
        let value = self.required(name)?;
        if value.is_null() {
            return Some(None);
        }
        let what = "must be a whole number of milliseconds within the range of a Date";
        self.as_whole(name, &value, LATEST_MILLIS, what).map(Some)
    }

    /// A whole number from `least` to `most`, where it is there.
    pub fn whole(&mut self, name: &'static str, least: i64, most: i64) -> Option<i64> {
        let value = self.take(name)?;
        let value = self.not_null(name, value)?;
        let what = format!("must be a whole number from {least} to {most}");
        let read = self.as_whole(name, &value, most, &what)?;
        if read < least {
            self.problem(name, &what);
            return None;
        }
        Some(read)
    }

    fn as_uuid(&mut self, name: &str, text: &str) -> Option<uuid::Uuid> {
        let read = uuid(text);
        if read.is_none() {
            self.problem(name, "must be a valid UUID");
        }
        read
    }

    /// A UUID.
    pub fn uuid(&mut self, name: &'static str) -> Option<uuid::Uuid> {
        let text = self.text(name)?;
        self.as_uuid(name, &text)
    }

    /// A UUID that may be absent.
    pub fn optional_uuid(&mut self, name: &'static str) -> Option<uuid::Uuid> {
        let text = self.optional_text(name)?;
        self.as_uuid(name, &text)
    }

    /// A UUID that may be absent or null: `None` where it is absent.
    pub fn nullable_uuid(&mut self, name: &'static str) -> Option<Option<uuid::Uuid>> {
        match self.nullable_text(name)? {
            None => Some(None),
            Some(text) => self.as_uuid(name, &text).map(Some),
        }
    }

    fn as_who(&mut self, name: &str, text: &str) -> Option<UserRef> {
        if text == "me" {
            return Some(UserRef::Me);
        }
        self.as_uuid(name, text)
            .map(|user| UserRef::Id(UserId::new(user)))
    }

    /// A user's id, or `me`.
    pub fn who(&mut self, name: &'static str) -> Option<UserRef> {
        let text = self.text(name)?;
        self.as_who(name, &text)
    }

    /// A user's id, or `me`, where it is there.
    pub fn optional_who(&mut self, name: &'static str) -> Option<UserRef> {
        let text = self.optional_text(name)?;
        self.as_who(name, &text)
    }

    /// Any value that the database can hold, where it is there.
    pub fn json(&mut self, name: &'static str) -> Option<Value> {
        let value = self.take(name)?;
        if has_nul(&value) {
            self.problem(name, "must not contain the character NUL");
            return None;
        }
        Some(value)
    }

    /// A list of texts, where it is there.
    pub fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        let value = self.take(name)?;
        let value = self.not_null(name, value)?;
        let Value::Array(items) = value else {
            self.wrong_type(name, "array", &shown(&value), None);
            return None;
        };
        items
            .into_iter()
            .enumerate()
            .map(|(at, item)| self.as_text(&format!("{name}[{at}]"), item))
            .collect()
    }

    /// The fields of an object that may be absent; `place` is its own name in messages.
    pub fn object(&mut self, name: &'static str, place: &'static str) -> Option<Fields<'_>> {
        let value = self.take(name)?;
        let value = self.not_null(name, value)?;
        let Value::Object(fields) = value else {
            self.wrong_type(name, "object", &shown(&value), None);
            return None;
        };
        Some(Fields {
            place,
            values: fields,
            problems: self.problems,
        })
    }

    /// Fields of no consequence, whose names begin with this.
    pub fn ignore(&mut self, beginning: &str) {
        self.values.retain(|name, _| !name.starts_with(beginning));
    }

    /// An e-mail address in its comparable form.
    pub fn email(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?;
        self.as_email(name, &text)
    }

    /// As [`Self::email`], where it may be absent or null: `None` where it is absent.
    pub fn nullable_email(&mut self, name: &'static str) -> Option<Option<String>> {
        match self.nullable_text(name)? {
            None => Some(None),
            Some(text) => self.as_email(name, &text).map(Some),
        }
    }

    fn as_email(&mut self, name: &str, text: &str) -> Option<String> {
        let email = Email::parse(text).ok();
        if email.is_none() {
            self.problem(name, "must be a valid email");
        }
        email.map(|email| email.as_str().to_owned())
    }

    /// A new password that is not too long; one that is too short has an error of its own.
    pub fn new_password(&mut self, name: &str, password: Option<String>) -> Option<String> {
        let password = password?;
        if check_new_password(&password) == Err(InvalidPassword::TooLong) {
            self.problem(name, &format!("must be at most {MAX_PASSWORD} characters"));
            return None;
        }
        Some(password)
    }

    /// What people and teams are called.
    pub fn display_name(&mut self, name: &str, text: &str) -> Option<String> {
        match DisplayName::parse(text) {
            Ok(parsed) => Some(parsed.as_str().to_owned()),
            Err(InvalidLine::Empty) => {
                self.problem(name, "must not be empty");
                None
            }
            Err(InvalidLine::TooLong { max }) => {
                self.problem(name, &format!("must be at most {max} characters"));
                None
            }
            Err(InvalidLine::Invisible) => {
                self.problem(name, "must not contain invisible or control characters");
                None
            }
        }
    }

    /// Ends the reading: whatever was not asked for is unknown.
    pub fn end(mut self) {
        if self.place.is_empty() || self.values.is_empty() {
            return;
        }
        let unknown: Vec<_> = std::mem::take(&mut self.values)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let problem = format!(
            "{} contains unknown properties: {}",
            self.place,
            unknown.join(", ")
        );
        self.problems.push(problem);
    }
}

fn is_url(text: &str) -> bool {
    text.parse::<axum::http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    })
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}
