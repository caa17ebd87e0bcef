//! Fetching a page of this server.

use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Headers, RequestInit, Response, SupportedType};

/// A page and the address from which it came in the end.
pub struct FetchedPage {
    pub document: Document,
    /// After redirects.
    pub url: String,
    pub redirected: bool,
}

/// Fetches a page. `None` where no answer came, or the server is not available; a page that says
/// what is wrong is a page.
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

/// Leaves out the rest of the head: its style carries the nonce of another answer, which this
/// page's policy refuses.
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
