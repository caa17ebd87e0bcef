//! The host that a request asks for, and what proxies say of the connection.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority},
};

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The host and port that the request asks for.
pub fn requested_host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?.parse().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Copies the host of a request's URL into its header: HTTP/2 and requests to proxies have it only
/// there.
pub fn set_host_header(request: &mut Request) {
    let host = request
        .uri()
        .authority()
        .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(host) = host {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// Whether a proxy says that it received the request by HTTPS.
pub fn is_forwarded_https(headers: &HeaderMap) -> bool {
    let first = |value: &str| value.split(',').next().map(|word| word.trim().to_owned());
    let forwarded = || {
        text(headers, &header::FORWARDED)?
            .split([',', ';'])
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("proto"))
            .map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    text(headers, &FORWARDED_PROTO)
        .and_then(first)
        .or_else(forwarded)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// A header as text; empty if it is not readable.
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_the_url_counts() {
        let mut request = Request::get("http://keys.example:8080/sign-in")
            .header(header::HOST, "other.example")
            .body(axum::body::Body::empty())
            .expect("a request");
        set_host_header(&mut request);
        let host = requested_host(request.headers()).expect("a host");
        assert_eq!(host.as_str(), "keys.example:8080");
    }
}
