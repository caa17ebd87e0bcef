//! Keeps API keys out of addresses: one that is in an old link, or that was typed there, leads to the same
//! page without it.

use axum::{
    extract::Request,
    http::Uri,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use latchkey_model::key_text::find_key;

/// Passes on a request unless its query contains a key.
pub async fn key_in_address(request: Request, next: Next) -> Response {
    match without_keys(request.uri()).filter(|_| request.method().is_safe()) {
        Some(clean) => Redirect::to(&clean).into_response(),
        None => next.run(request).await,
    }
}

/// The path and what is left of the query; `None` if all of it is.
fn without_keys(uri: &Uri) -> Option<String> {
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(uri.query()?).ok()?;
    let all = pairs.len();
    pairs.retain(|(name, value)| find_key(name).or_else(|| find_key(value)).is_none());
    (pairs.len() < all).then(|| match serde_urlencoded::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{}?{query}", uri.path()),
        _ => uri.path().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_are_taken_out_of_an_address() {
        let key = "sk_0123456789abcdefghjkmnpqrstvwxyz0123456789abc\
                   11111111222243338444555555555555user1574ck4u7h697e6bb1";
        for (address, clean) in [
            (format!("/a?q={key}"), Some("/a")),
            (format!("/a?q=Bearer+{key}&size=25"), Some("/a?size=25")),
            (format!("/sign-in?to=%2Fa%3Fq%3D{key}"), Some("/sign-in")),
            (format!("/a?{key}"), Some("/a")),
            (format!("/a?q={}", &key[..40]), Some("/a")),
            ("/a?q=sk_%E2%80%A66bb1&page=2".to_owned(), None),
            ("/a?q=deploy".to_owned(), None),
            ("/a".to_owned(), None),
        ] {
            let uri: Uri = address.parse().expect("an address");
            assert_eq!(without_keys(&uri).as_deref(), clean, "{address}");
        }
    }
}
