//! The types of request fields. A type determines how a value is cast, the error message for an
//! invalid one, and the schema in the `OpenAPI` document.

use latchkey_model::patch::Patch;
use serde_json::{Value as Json, json};
use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema, SchemaType, Type},
};

use super::input::Fields;

/// The named schemas that an object refers to.
pub type Components = Vec<(String, RefOr<Schema>)>;

/// A value that is present and not null.
pub trait Value: Sized {
    /// Parses the value. `None` if a problem was reported.
    fn read(fields: &mut Fields<'_>, name: &str, value: Json) -> Option<Self>;

    fn schema() -> RefOr<Schema>;

    /// Adds the schemas that this one refers to.
    fn components(_: &mut Components) {}
}

/// A field: a value that may be absent or null, depending on the type.
pub trait Field: Sized {
    const REQUIRED: bool;

    /// Parses the field. `None` if a problem was reported.
    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self>;

    /// `None` for a field that is only accepted for compatibility.
    fn schema() -> Option<RefOr<Schema>>;

    /// Adds the schemas that this one refers to.
    fn components(_: &mut Components) {}
}

/// A required field.
impl<T: Value> Field for T {
    const REQUIRED: bool = true;

    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        let value = fields.take_required(name)?;
        let value = fields.not_null(name, value)?;
        T::read(fields, name, value)
    }

    fn schema() -> Option<RefOr<Schema>> {
        Some(<T as Value>::schema())
    }

    fn components(all: &mut Components) {
        <T as Value>::components(all);
    }
}

/// A field that may be absent, but not null.
impl<T: Value> Field for Option<T> {
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        let Some(value) = fields.take(name) else {
            return Some(None);
        };
        let value = fields.not_null(name, value)?;
        T::read(fields, name, value).map(Some)
    }

    fn schema() -> Option<RefOr<Schema>> {
        Some(T::schema())
    }

    fn components(all: &mut Components) {
        T::components(all);
    }
}

/// A field that must be present, but may be null.
pub struct Nullable<T>(pub Option<T>);

impl<T: Value> Field for Nullable<T> {
    const REQUIRED: bool = true;

    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        let value = fields.take_required(name)?;
        if value.is_null() {
            return Some(Self(None));
        }
        T::read(fields, name, value).map(|value| Self(Some(value)))
    }

    fn schema() -> Option<RefOr<Schema>> {
        Some(or_null(T::schema()))
    }
}

/// A field that may be absent, which keeps the old value, or null, which clears it.
impl<T: Value> Field for Patch<T> {
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        match fields.take(name) {
            None => Some(Self::Keep),
            Some(Json::Null) => Some(Self::Clear),
            Some(value) => T::read(fields, name, value).map(Self::Set),
        }
    }

    fn schema() -> Option<RefOr<Schema>> {
        Some(or_null(T::schema()))
    }
}

/// A field that only servers and administrators may send. For others it is unknown.
pub struct ServerOnly<T>(pub T);

impl<T: Field + Default> Field for ServerOnly<T> {
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        if fields.is_privileged {
            T::read(fields, name).map(Self)
        } else {
            Some(Self(T::default()))
        }
    }

    fn schema() -> Option<RefOr<Schema>> {
        T::schema()
    }
}

/// A switch for a feature that this server does not have. `false` and null have no effect.
#[derive(Default)]
pub struct Unsupported;

impl Field for Unsupported {
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        match fields.take(name) {
            None | Some(Json::Null) => {}
            Some(value) => {
                if <bool as Value>::read(fields, name, value)? {
                    fields.not_one_of(name, "false");
                    return None;
                }
            }
        }
        Some(Self)
    }

    fn schema() -> Option<RefOr<Schema>> {
        None
    }
}

/// A value for a feature that this server does not have. Only null is accepted.
#[derive(Default)]
pub struct OnlyNull;

impl Field for OnlyNull {
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        if fields.take(name).is_some_and(|value| !value.is_null()) {
            fields.not_one_of(name, "null");
            return None;
        }
        Some(Self)
    }

    fn schema() -> Option<RefOr<Schema>> {
        None
    }
}

/// Parses a schema from JSON.
pub fn schema_of(schema: Json) -> RefOr<Schema> {
    serde_json::from_value(schema).expect("a literal schema")
}

/// The schema of any JSON value.
pub fn any_value() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .into()
}

/// The same schema, but nullable.
fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(kind) = &object.schema_type {
                object.schema_type = SchemaType::Array(vec![kind.clone(), Type::Null]);
            }
            RefOr::T(Schema::Object(object))
        }
        other => schema_of(json!({ "oneOf": [{ "type": "null" }, other] })),
    }
}
