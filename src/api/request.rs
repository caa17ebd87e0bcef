//! Request types. Each is declared once with [`request!`]: the declaration is used for parsing,
//! validation and the `OpenAPI` document.

use utoipa::{
    IntoParams,
    openapi::{
        RefOr, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Schema},
    },
};

use super::{
    field::{Components, Field},
    input::{Fields, Input},
};

/// The parts of a request, in the order in which problems are reported.
pub trait FromInput: Sized + Send {
    /// Whether an access token is ignored.
    const IGNORES_ACCESS_TOKEN: bool = false;

    /// Parses the part. `None` if a problem was reported.
    fn read(input: &mut Input) -> Option<Self>;
}

/// An object with named fields, as declared by [`request!`].
pub trait Object: Sized + Send {
    /// Parses the fields. `None` if a problem was reported.
    fn read_fields(fields: &mut Fields<'_>) -> Option<Self>;

    fn properties() -> Vec<Property>;

    /// Adds the schemas that the fields refer to.
    fn add_components(all: &mut Components);
}

/// A field in the `OpenAPI` document.
pub struct Property {
    name: &'static str,
    description: &'static str,
    is_required: bool,
    schema: RefOr<Schema>,
}

impl Property {
    /// `None` for a field without a description.
    pub fn of<T: Field>(name: &'static str, description: &'static str) -> Option<Self> {
        Some(Self {
            name,
            description: description.trim(),
            is_required: T::REQUIRED,
            schema: T::schema()?,
        })
    }
}

/// The schema of an object, with its own description.
pub fn object_schema<T: Object>(description: &str) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(description.trim()));
    for Property {
        name,
        description,
        is_required,
        schema,
    } in T::properties()
    {
        if is_required {
            object = object.required(name);
        }
        object = object.property(name, described(schema, description));
    }
    object.into()
}

/// The schema with the field's description. A reference keeps the description of its target.
fn described(mut schema: RefOr<Schema>, description: &str) -> RefOr<Schema> {
    if !description.is_empty()
        && let RefOr::T(schema) = &mut schema
    {
        let place = match schema {
            Schema::Array(schema) => &mut schema.description,
            Schema::Object(schema) => &mut schema.description,
            Schema::OneOf(schema) => &mut schema.description,
            Schema::AllOf(schema) => &mut schema.description,
            Schema::AnyOf(schema) => &mut schema.description,
            _ => return RefOr::T(schema.clone()),
        };
        *place = Some(description.to_owned());
    }
    schema
}

fn parameters<T: Object>(place: &ParameterIn) -> Vec<Parameter> {
    T::properties()
        .into_iter()
        .map(|property| {
            let required = place == &ParameterIn::Path || property.is_required;
            ParameterBuilder::new()
                .name(property.name)
                .parameter_in(place.clone())
                .description(Some(property.description))
                .required(if required {
                    Required::True
                } else {
                    Required::False
                })
                .schema(Some(property.schema))
                .build()
        })
        .collect()
}

/// The body, which must be an object.
pub struct Body<T>(pub T);

/// The body, or an empty object if there is none.
pub struct OptionalBody<T>(pub T);

/// The query.
pub struct QueryParams<T>(pub T);

/// The parameters in the path.
pub struct PathParams<T>(pub T);

macro_rules! places {
    ($($place:ident = $fields:ident),+) => {
        $(impl<T: Object> FromInput for $place<T> {
            fn read(input: &mut Input) -> Option<Self> {
                let mut fields = input.$fields();
                let value = T::read_fields(&mut fields);
                fields.end();
                value.map(Self)
            }
        })+
    };
}

places!(
    Body = body,
    OptionalBody = optional_body,
    QueryParams = query,
    PathParams = params
);

impl<T: Object> IntoParams for QueryParams<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        parameters::<T>(&ParameterIn::Query)
    }
}

impl<T: Object> IntoParams for PathParams<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        parameters::<T>(&ParameterIn::Path)
    }
}

/// No input.
impl FromInput for () {
    fn read(_: &mut Input) -> Option<Self> {
        Some(())
    }
}

impl<A: FromInput, B: FromInput> FromInput for (A, B) {
    fn read(input: &mut Input) -> Option<Self> {
        let (a, b) = (A::read(input), B::read(input));
        Some((a?, b?))
    }
}

impl<A: FromInput, B: FromInput, C: FromInput> FromInput for (A, B, C) {
    fn read(input: &mut Input) -> Option<Self> {
        let (a, b, c) = (A::read(input), B::read(input), C::read(input));
        Some((a?, b?, c?))
    }
}

/// Declares a request type. The types of the fields are their rules (see [`field`](crate::field));
/// their doc comments are the descriptions in the `OpenAPI` document. Fields after `;` are
/// validated and then dropped. `#[about = X]` sets the [`Noun`](crate::subject::Noun) for error
/// messages, and `#[ignore = "x"]` a prefix of fields to ignore.
macro_rules! request {
    (
        $(#[doc = $about:literal])*
        $(#[about = $noun:ident])?
        $(#[ignore = $ignored:literal])?
        $(#[expect($($lint:tt)*)])?
        pub struct $name:ident {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty),* $(,)?
            $(; $($(#[doc = $checked_doc:literal])* $checked:ident: $checked_type:ty),* $(,)?)?
        }
    ) => {
        $(#[doc = $about])*
        $(#[expect($($lint)*)])?
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type),*
        }

        impl $crate::request::Object for $name {
            fn read_fields(fields: &mut $crate::input::Fields<'_>) -> Option<Self> {
                $(fields.subject.noun = $crate::subject::Noun::$noun;)?
                $(let $field = <$type as $crate::field::Field>::read(fields, stringify!($field));)*
                $($(<$checked_type as $crate::field::Field>::read(fields, stringify!($checked));)*)?
                $(fields.ignore($ignored);)?
                Some(Self { $($field: $field?),* })
            }

            fn properties() -> Vec<$crate::request::Property> {
                [
                    $($crate::request::Property::of::<$type>(
                        stringify!($field),
                        concat!($($doc),*),
                    ),)*
                    $($($crate::request::Property::of::<$checked_type>(
                        stringify!($checked),
                        concat!($($checked_doc),*),
                    ),)*)?
                ]
                .into_iter()
                .flatten()
                .collect()
            }

            fn add_components(all: &mut $crate::field::Components) {
                let _ = &all;
                $(<$type as $crate::field::Field>::components(all);)*
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::request::object_schema::<Self>(concat!($($about),*))
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(all: &mut $crate::field::Components) {
                <Self as $crate::request::Object>::add_components(all);
            }
        }
    };
}

pub(crate) use request;
