//! A request before parsing.

use axum::{
    body::Body,
    extract::{FromRequestParts as _, OriginalUri, RawPathParams},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde_json::Value;

use super::{
    body::{self, BodyError},
    error::{ApiError, Code, MAX_BODY},
    input::{Input, RequestBody},
    request::FromInput,
    subject::{RequestContext, RequestSubject},
};

pub struct Received {
    method: String,
    path: String,
    body: Result<RequestBody, ApiError>,
    query: Vec<(String, String)>,
    params: Vec<(String, String)>,
    headers: HeaderMap,
}

impl Received {
    /// # Errors
    /// If the body is too large or the path is not UTF-8. A body that cannot be parsed is reported
    /// by [`Self::read`], because errors about the caller take precedence.
    pub async fn new(parts: &mut Parts, body: Body) -> Result<Self, ApiError> {
        let path = OriginalUri::from_request_parts(parts, &())
            .await
            .map_or_else(|never| match never {}, |uri| uri.path().to_owned());
        let params = RawPathParams::from_request_parts(parts, &())
            .await
            .map_err(|_| ApiError::plain(StatusCode::BAD_REQUEST, "The path cannot be read."))?;
        let params = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let query = parts.uri.query().unwrap_or_default();
        let query = pairs(query.as_bytes());
        let body = if matches!(parts.method.as_str(), "GET" | "HEAD") {
            Ok(RequestBody::Absent)
        } else {
            let bytes = body::read_body(body, MAX_BODY).await?;
            parse_body(&parts.headers, &bytes)
        };
        Ok(Self {
            method: parts.method.to_string(),
            path,
            body,
            query,
            params,
            headers: parts.headers.clone(),
        })
    }

    /// Parses the input. One error reports all problems.
    pub fn read<T: FromInput>(
        self,
        is_privileged: bool,
        context: &RequestContext,
    ) -> Result<T, ApiError> {
        let mut input = Input {
            body: self.body?,
            query: self.query,
            params: self.params,
            headers: self.headers,
            is_privileged,
            subject: RequestSubject::default(),
            problems: Vec::new(),
        };
        let value = T::read(&mut input);
        context.set_subject(input.subject);
        match value {
            Some(value) if input.problems.is_empty() => Ok(value),
            _ => {
                let (method, path) = (self.method, self.path);
                let mut message = format!("Request validation failed on {method} {path}:");
                for problem in input.problems {
                    message.push_str("\n  - ");
                    message.push_str(&problem);
                }
                Err(ApiError::schema(message))
            }
        }
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The request body is larger than {} KB.", MAX_BODY / 1024),
            ),
            BodyError::TooSlow => Self::plain(
                StatusCode::REQUEST_TIMEOUT,
                "The request body did not arrive in time.",
            ),
            BodyError::Busy => Self::plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "The server is receiving too many request bodies. Try again.",
            )
            .retry_after(1),
            BodyError::Malformed => Self::plain(
                StatusCode::BAD_REQUEST,
                "The request body is incomplete, or its length or chunks are malformed.",
            ),
        }
    }
}

fn parse_body(headers: &HeaderMap, bytes: &[u8]) -> Result<RequestBody, ApiError> {
    let broken = |message: String| Err(ApiError::known(Code::BodyParsingError, message));
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return Ok(RequestBody::Absent);
    };
    let content_type = String::from_utf8_lossy(content_type.as_bytes());
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/json" => match serde_json::from_slice(bytes) {
            Ok(value) => Ok(RequestBody::Json(value)),
            Err(_) => broken("Invalid JSON in request body".to_owned()),
        },
        "application/x-www-form-urlencoded" => Ok(RequestBody::Json(
            pairs(bytes)
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        )),
        "" => Ok(RequestBody::Absent),
        _ => broken(format!(
            "Unknown content type in request body: {content_type}"
        )),
    }
}
