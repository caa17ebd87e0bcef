//! Rejects requests whose host is unclear: proxies and this server could understand different ones.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request},
    http::{HeaderMap, StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Passes on a request with one valid host (RFC 9112, 3.2). Requests that did not come through a
/// connection are not examined.
pub async fn host_guard(request: Request, next: Next) -> Response {
    let has_connection = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_some();
    if has_connection && !is_clear(request.version(), request.headers()) {
        let message = "The request must have one Host header, with a host and optionally a port.";
        return (StatusCode::BAD_REQUEST, message).into_response();
    }
    next.run(request).await
}

fn is_clear(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        // HTTP/2 has the host in a pseudo-header.
        (None, _) => version != Version::HTTP_11,
        (Some(host), None) => host.to_str().is_ok_and(is_host),
        (Some(_), Some(_)) => false,
    }
}

/// Whether a text is empty or `host[:port]`.
fn is_host(text: &str) -> bool {
    text.is_empty()
        || text.parse::<Authority>().is_ok_and(|authority| {
            let port = &text[authority.host().len().min(text.len())..];
            !text.contains(['@', ','])
                && !authority.host().is_empty()
                && (port.is_empty() || port == ":" || authority.port_u16().is_some())
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(hosts: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_static(host));
        }
        headers
    }

    #[test]
    fn a_request_has_one_host_that_can_be_read() {
        for host in [
            "a",
            "keys.example.com",
            "keys.example.com:443",
            "127.0.0.1:3000",
            "[::1]",
            "[::1]:3000",
            "",
        ] {
            assert!(is_clear(Version::HTTP_11, &headers(&[host])), "{host}");
        }
        for host in [
            "a b",
            "a/b",
            "user@a",
            "user:password@a",
            "a:b",
            "a:99999",
            "a,b",
            "http://a",
            "[::1",
            "::1",
            ":80",
            "a?b",
            "a#b",
            "\u{e4}.example",
        ] {
            let host = HeaderValue::from_bytes(host.as_bytes()).expect("a value");
            let headers = [(header::HOST, host.clone())].into_iter().collect();
            assert!(!is_clear(Version::HTTP_11, &headers), "{host:?}");
        }
        assert!(!is_clear(Version::HTTP_11, &headers(&[])));
        assert!(is_clear(Version::HTTP_10, &headers(&[])));
        assert!(is_clear(Version::HTTP_2, &headers(&[])));
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert!(!is_clear(version, &headers(&["a", "a"])), "{version:?}");
        }
    }
}
