//! Sends requests to this server, and reads the pages that come back.

use gloo_timers::callback::Timeout;
use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Document, DomParser, Element, Headers, RequestInit, Response, SupportedType,
};

use super::dom::by_id;

/// The time that a response has to arrive, body included. Then it counts as lost.
pub const DEADLINE_MILLIS: u32 = 15_000;

/// The id of the `data` element that says whom the page was made for, and the field by which plain
/// forms say so.
pub const VIEWER: &str = "viewer";
/// The header by which islands say so.
pub const VIEWER_HEADER: &str = "x-latchkey-viewer";

/// The field by which an island sends the digest of a key that was pasted into the search.
pub const DIGEST: &str = "digest";

/// A response whose body may still be arriving.
pub struct Arriving {
    pub response: Response,
    /// Aborts the request at its deadline.
    _deadline: Timeout,
}

/// Sends a request; with a form it posts. It says whom the page was made for.
pub async fn send(url: &str, accept: &str, form: Option<&str>) -> Result<Arriving, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", accept)?;
    let viewer = by_id::<Element>(VIEWER).and_then(|viewer| viewer.get_attribute("value"));
    if let Some(viewer) = viewer {
        headers.set(VIEWER_HEADER, &viewer)?;
    }
    let request = RequestInit::new();
    if let Some(form) = form {
        headers.set("content-type", "application/x-www-form-urlencoded")?;
        request.set_method("POST");
        request.set_body(&form.into());
    }
    request.set_headers(&headers);
    let controller = AbortController::new()?;
    request.set_signal(Some(&controller.signal()));
    let deadline = Timeout::new(DEADLINE_MILLIS, move || controller.abort());
    let response = JsFuture::from(window().fetch_with_str_and_init(url, &request))
        .await?
        .dyn_into()?;
    Ok(Arriving {
        response,
        _deadline: deadline,
    })
}

pub struct FetchedPage {
    pub document: Document,
    /// After redirects.
    pub url: String,
    pub redirected: bool,
    /// Somebody else has signed in: the page says so.
    pub is_for_another: bool,
}

/// Fetches a page, which may show an error. `None` if there is no response or a 5xx status.
pub async fn fetch_page(url: &str) -> Option<FetchedPage> {
    fetch_answer(url, None).await
}

/// Fetches the page that answers a form, or without one the page itself.
pub async fn fetch_answer(url: &str, form: Option<&str>) -> Option<FetchedPage> {
    attempt(url, form).await.ok().flatten()
}

async fn attempt(url: &str, form: Option<&str>) -> Result<Option<FetchedPage>, JsValue> {
    let arriving = send(url, "text/html", form).await?;
    let response = &arriving.response;
    let status = response.status();
    if status >= 500 {
        return Ok(None);
    }
    let html = JsFuture::from(response.text()?).await?;
    let html = html.as_string().unwrap_or_default();
    Ok(Some(FetchedPage {
        document: DomParser::new()?
            .parse_from_string(&title_and_body(&html), SupportedType::TextHtml)?,
        url: response.url(),
        redirected: response.redirected(),
        is_for_another: status == 409,
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
