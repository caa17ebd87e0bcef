//! Fetches a page of this server.

use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Headers, RequestInit, Response, SupportedType};

pub struct FetchedPage {
    pub document: Document,
    /// After redirects.
    pub url: String,
    pub redirected: bool,
}

/// Fetches a page, which may show an error. `None` if there is no response or a 5xx status.
pub async fn fetch_page(url: &str) -> Option<FetchedPage> {
    attempt(url).await.ok().flatten()
}

async fn attempt(url: &str) -> Result<Option<FetchedPage>, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "text/html")?;
    let request = RequestInit::new();
    request.set_headers(&headers);
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(url, &request))
        .await?
        .dyn_into()?;
    if response.status() >= 500 {
        return Ok(None);
    }
    let html = JsFuture::from(response.text()?).await?;
    let html = html.as_string().unwrap_or_default();
    Ok(Some(FetchedPage {
        document: DomParser::new()?
            .parse_from_string(&title_and_body(&html), SupportedType::TextHtml)?,
        url: response.url(),
        redirected: response.redirected(),
    }))
}

/// Drops the rest of the head: its style has the nonce of another response, which this page's
/// policy rejects.
fn title_and_body(html: &str) -> String {
    let title = html
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map_or("", |(title, _)| title);
    let body = html
        .find("<body")
        .and_then(|at| html.get(at..))
        .unwrap_or_default();
    format!("<title>{title}</title>{body}")
}
