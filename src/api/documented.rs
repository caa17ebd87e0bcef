//! The errors of a route, declared next to its handler as a type:
//! `Errors<Server, (ApiKeyNotFound, Plain<400>)>`.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

use axum::http::StatusCode;
use utoipa::{
    IntoResponses,
    openapi::{
        ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        schema::{ObjectBuilder, Schema, SchemaType, Type},
    },
};

use super::{
    error::{Code, ErrorCode},
    extract::{Admin, Anyone, Public, Server},
};

/// The name of the schema of known errors.
pub const KNOWN_ERROR: &str = "KnownError";

/// The errors of every route with an authenticated caller.
const CALLER: &[Code] = &[
    Code::AccessTokenExpired,
    Code::AccessTypeRequired,
    Code::AccessTypeWithoutProjectId,
    Code::AdminAuthenticationRequired,
    Code::BodyParsingError,
    Code::BranchDoesNotExist,
    Code::CurrentProjectNotFound,
    Code::InvalidAccessType,
    Code::InvalidProjectForAccessToken,
    Code::InvalidPublishableClientKey,
    Code::InvalidSecretServerKey,
    Code::InvalidSuperSecretAdminKey,
    Code::ProjectKeyWithoutAccessType,
    Code::PublishableClientKeyRequired,
    Code::SchemaError,
    Code::ServerAuthenticationRequired,
    Code::UnparsableAccessToken,
];

/// The statuses of every route: an internal error, and an unavailable database.
const EVERY_ROUTE: &[u16] = &[500, 503];

/// The codes of a route's known errors, and the statuses of its plain ones.
#[derive(Default)]
pub struct Answered {
    codes: BTreeSet<Code>,
    plain: BTreeSet<u16>,
}

/// The errors that a route has because of the extractor in its signature.
pub trait CallerErrors {
    fn collect(answered: &mut Answered);
}

impl<T> CallerErrors for Anyone<T> {
    fn collect(answered: &mut Answered) {
        answered.codes.extend(CALLER);
    }
}

impl<T> CallerErrors for Server<T> {
    fn collect(answered: &mut Answered) {
        answered.codes.extend(CALLER);
        answered.codes.insert(Code::InsufficientAccessType);
    }
}

impl<T> CallerErrors for Admin<T> {
    fn collect(answered: &mut Answered) {
        Server::<T>::collect(answered);
    }
}

impl<T> CallerErrors for Public<T> {
    fn collect(_: &mut Answered) {}
}

/// A route's own errors: a code, a plain error, or a tuple of these.
pub trait RouteErrors {
    fn collect(answered: &mut Answered);
}

/// Plain errors with this status.
pub struct Plain<const STATUS: u16>;

impl<const STATUS: u16> RouteErrors for Plain<STATUS> {
    fn collect(answered: &mut Answered) {
        answered.plain.insert(STATUS);
    }
}

impl RouteErrors for () {
    fn collect(_: &mut Answered) {}
}

impl<T: ErrorCode> RouteErrors for T {
    fn collect(answered: &mut Answered) {
        answered.codes.insert(T::CODE);
    }
}

macro_rules! tuples {
    ($($($error:ident)+;)+) => {
        $(impl<$($error: RouteErrors),+> RouteErrors for ($($error,)+) {
            fn collect(answered: &mut Answered) {
                $($error::collect(answered);)+
            }
        })+
    };
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
}

/// The error responses of a route: those of its extractor and its own.
pub struct Errors<C, E = ()>(PhantomData<(C, E)>);

impl<C: CallerErrors, E: RouteErrors> IntoResponses for Errors<C, E> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut answered = Answered::default();
        C::collect(&mut answered);
        E::collect(&mut answered);
        answered.plain.extend(EVERY_ROUTE);
        let Answered { codes, plain } = answered;
        let mut by_status: BTreeMap<u16, Vec<Code>> =
            plain.iter().map(|status| (*status, Vec::new())).collect();
        for code in codes {
            by_status
                .entry(code.status().as_u16())
                .or_default()
                .push(code);
        }
        by_status
            .into_iter()
            .map(|(status, codes)| {
                let response = response(status, &codes, plain.contains(&status));
                (status.to_string(), RefOr::T(response))
            })
            .collect()
    }
}

/// A response with one of these codes, or a plain error.
pub fn response(status: u16, codes: &[Code], is_plain: bool) -> Response {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    let names: Vec<_> = codes
        .iter()
        .map(|code| format!("`{}`", code.as_str()))
        .collect();
    let mut response = ResponseBuilder::new().description(if names.is_empty() {
        format!("{reason}.")
    } else {
        format!("{reason}: {}.", names.join(", "))
    });
    if !codes.is_empty() {
        let known = Ref::from_schema_name(KNOWN_ERROR);
        response = response.content(
            "application/json",
            ContentBuilder::new().schema(Some(known)).build(),
        );
    }
    if is_plain {
        let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        response = response.content(
            "text/plain",
            ContentBuilder::new()
                .schema(Some(Schema::Object(text.build())))
                .build(),
        );
    }
    response.build()
}
