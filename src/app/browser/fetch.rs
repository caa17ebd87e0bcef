//! Asking the server: posting a form to a server function, fetching a page.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, RequestInit, Response, UrlSearchParams};

/// What came of posting a form.
pub enum Answer {
    /// It was done.
    Done {
        /// Where to go from here.
        location: Option<String>,
        /// What the function returned.
        value: JsValue,
    },
    /// It was not done.
    Refused {
        /// The status.
        status: u16,
        /// The field that is meant.
        field: Option<String>,
        /// What to do, in the reader's language.
        message: String,
    },
    /// No answer came, so nobody knows.
    Lost,
}

/// Posts a form as a browser would, and reads the answer.
pub async fn post(url: &str, form: &FormData) -> Answer {
    attempt(url, form).await.unwrap_or(Answer::Lost)
}

async fn attempt(url: &str, form: &FormData) -> Result<Answer, JsValue> {
    // Made from an iterable, a form's data is encoded as the browser itself encodes it.
    let body = UrlSearchParams::new_with_str_sequence_sequence(form)?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&body);
    request.set_headers(&accept("application/json")?);
    let response = send(url, &request).await?;
    let value = JsFuture::from(response.json()?).await;
    if response.ok() {
        return Ok(Answer::Done {
            location: response.headers().get("location")?,
            value: value?,
        });
    }
    // Something between us and the server may answer in its own way.
    let value = value.unwrap_or_default();
    match get(&value, "message") {
        Some(message) => Ok(Answer::Refused {
            status: response.status(),
            field: get(&value, "field"),
            message,
        }),
        None => Ok(Answer::Lost),
    }
}

/// A page and the address it came from in the end.
pub struct Page {
    /// The document's text.
    pub html: String,
    /// The address, after redirects.
    pub url: String,
    /// Whether it is another page than the one asked for.
    pub redirected: bool,
}

/// Fetches a page of ours, whatever its status: a page that says what is wrong is a page.
pub async fn page(url: &str) -> Option<Page> {
    let request = RequestInit::new();
    request.set_headers(&accept("text/html").ok()?);
    let response = send(url, &request).await.ok()?;
    if response.status() >= 500 {
        return None;
    }
    let html = JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()?;
    Some(Page {
        html,
        url: response.url(),
        redirected: response.redirected(),
    })
}

async fn send(url: &str, request: &RequestInit) -> Result<Response, JsValue> {
    JsFuture::from(window().fetch_with_str_and_init(url, request))
        .await?
        .dyn_into()
}

fn accept(kind: &str) -> Result<JsValue, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", kind)?;
    Ok(headers.into())
}

/// A text in an object.
pub fn get(value: &JsValue, name: &str) -> Option<String> {
    js_sys::Reflect::get(value, &name.into()).ok()?.as_string()
}
