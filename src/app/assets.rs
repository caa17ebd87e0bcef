//! The embedded files: the bundle, under a path that changes with its content, and the files at the
//! root of the site.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A file with its compressed forms.
pub struct Asset {
    path: &'static str,
    content_type: &'static str,
    immutable: bool,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

#[expect(missing_docs, reason = "written by the build script")]
mod files {
    use super::Asset;
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

pub use files::{BUNDLE_DIR, HAS_BUNDLE};

/// Returns the response with the file at this path, if there is one.
pub fn find(path: &str, headers: &HeaderMap) -> Option<Response> {
    let asset = files::FILES.iter().find(|asset| asset.path == path)?;
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let accepts = |encoding: &str| {
        accepted.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next() == Some(encoding) && !words.any(|word| word == "q=0")
        })
    };
    let (body, encoding) = if accepts("br") && asset.brotli.len() < asset.plain.len() {
        (asset.brotli, Some("br"))
    } else if accepts("gzip") && asset.gzip.len() < asset.plain.len() {
        (asset.gzip, Some("gzip"))
    } else {
        (asset.plain, None)
    };
    let caching = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let mut response = (
        StatusCode::OK,
        [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, caching),
            (header::VARY, "accept-encoding"),
        ],
        body,
    )
        .into_response();
    if let Some(encoding) = encoding {
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_sent_in_the_form_the_browser_takes() {
        let get = |accept: &'static str| {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_static(accept))]
                .into_iter()
                .collect();
            let response = find("/favicon.svg", &headers).expect("the icon");
            response.headers().get(header::CONTENT_ENCODING).cloned()
        };
        assert_eq!(get("gzip, br").expect("compressed"), "br");
        assert_eq!(get("gzip, br;q=0").expect("compressed"), "gzip");
        assert_eq!(get("identity"), None);
        assert!(find("/assets/../Cargo.toml", &HeaderMap::new()).is_none());
    }
}
