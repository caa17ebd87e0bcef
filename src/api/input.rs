//! Parses a request's input: every field is parsed, and one error reports all problems.

use std::borrow::Cow;

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use super::{javascript::display, subject::RequestSubject};

/// A request's body, as far as it could be parsed.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestBody {
    Absent,
    Json(Value),
}

/// A request's input while it is parsed.
pub struct Input {
    pub body: RequestBody,
    pub query: Vec<(String, String)>,
    pub params: Vec<(String, String)>,
    pub headers: HeaderMap,
    /// Whether the caller is a server or an administrator, who may send additional fields.
    pub is_privileged: bool,
    pub subject: RequestSubject,
    pub problems: Vec<String>,
}

/// The fields of the body, the query or the path.
pub struct Fields<'a> {
    /// The name of the object in messages. `None` for a body that is not an object, whose fields
    /// are not mentioned.
    place: Option<Cow<'static, str>>,
    values: Map<String, Value>,
    pub is_privileged: bool,
    pub subject: &'a mut RequestSubject,
    problems: &'a mut Vec<String>,
}

impl Input {
    fn fields(&mut self, place: Option<&'static str>, values: Map<String, Value>) -> Fields<'_> {
        Fields {
            place: place.map(Cow::Borrowed),
            values,
            is_privileged: self.is_privileged,
            subject: &mut self.subject,
            problems: &mut self.problems,
        }
    }

    /// The body, which must be an object.
    pub fn body(&mut self) -> Fields<'_> {
        let problem = match std::mem::replace(&mut self.body, RequestBody::Absent) {
            RequestBody::Json(Value::Object(fields)) => return self.fields(Some("body"), fields),
            RequestBody::Absent => "body must be defined".to_owned(),
            RequestBody::Json(Value::Null) => "body cannot be null".to_owned(),
            RequestBody::Json(Value::String(text)) => format!(
                "body must be a `object` type, but the final value was: `null` (cast from the value `{}`).",
                display(&Value::String(text))
            ),
            RequestBody::Json(value) => format!(
                "body must be a `object` type, but the final value was: `{}`.",
                display(&value)
            ),
        };
        self.problems.push(problem);
        self.fields(None, Map::new())
    }

    /// The body, or an empty object if there is none.
    pub fn optional_body(&mut self) -> Fields<'_> {
        if self.body == RequestBody::Absent {
            self.body = RequestBody::Json(Value::Object(Map::new()));
        }
        self.body()
    }

    /// The query. If a name has several values, the first counts.
    pub fn query(&mut self) -> Fields<'_> {
        let mut fields = Map::new();
        for (name, value) in std::mem::take(&mut self.query) {
            fields.entry(name).or_insert_with(|| value.into());
        }
        self.fields(Some("query"), fields)
    }

    /// The parameters in the path.
    pub fn params(&mut self) -> Fields<'_> {
        let fields = std::mem::take(&mut self.params)
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        self.fields(Some("params"), fields)
    }
}

impl Fields<'_> {
    /// Reports a problem with a field.
    pub fn problem(&mut self, name: &str, problem: &str) {
        if let Some(place) = &self.place {
            self.problems.push(format!("{place}.{name} {problem}"));
        }
    }

    /// Reports a value that cannot be cast. `cast_from` is the value before a failed cast.
    pub fn wrong_type(&mut self, name: &str, wanted: &str, value: &str, cast_from: Option<&Value>) {
        let cast = cast_from.map_or_else(
            || ".".to_owned(),
            |from| format!(" (cast from the value `{}`).", display(from)),
        );
        let problem =
            format!("must be a `{wanted}` type, but the final value was: `{value}`{cast}");
        self.problem(name, &problem);
    }

    /// Reports a value that is not one of the allowed ones.
    pub fn not_one_of(&mut self, name: &str, allowed: &str) {
        self.problem(
            name,
            &format!("must be one of the following values: {allowed}"),
        );
    }

    /// Takes a field.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    /// Takes a required field; reports a missing one.
    pub fn take_required(&mut self, name: &str) -> Option<Value> {
        let value = self.take(name);
        if value.is_none() {
            self.problem(name, "must be defined");
        }
        value
    }

    /// Reports a null value.
    pub fn not_null(&mut self, name: &str, value: Value) -> Option<Value> {
        if value.is_null() {
            self.problem(name, "cannot be null");
            return None;
        }
        Some(value)
    }

    /// The fields of a nested object.
    pub fn nested(&mut self, name: &str, values: Map<String, Value>) -> Fields<'_> {
        Fields {
            place: self
                .place
                .as_ref()
                .map(|place| format!("{place}.{name}").into()),
            values,
            is_privileged: self.is_privileged,
            subject: &mut *self.subject,
            problems: &mut *self.problems,
        }
    }

    /// Drops fields with this prefix.
    pub fn ignore(&mut self, prefix: &str) {
        self.values.retain(|name, _| !name.starts_with(prefix));
    }

    /// Reports all remaining fields as unknown.
    pub fn end(self) {
        let Some(place) = self.place.filter(|_| !self.values.is_empty()) else {
            return;
        };
        let unknown: Vec<_> = self.values.into_iter().map(|(name, _)| name).collect();
        self.problems.push(format!(
            "{place} contains unknown properties: {}",
            unknown.join(", ")
        ));
    }
}
