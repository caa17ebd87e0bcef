//! The encoding of server functions: URL-encoded forms as requests, JSON as responses.
//!
//! Equivalent to Leptos's own encodings, but takes a fraction of their size in the bundle: the
//! browser parses the JSON, and the code that all functions share is compiled once.

use http::Method;
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType, Protocol,
    client::Client,
    error::{FromServerFnError, ServerFnErrorErr},
    request::Req,
    response::TryRes,
    server::Server,
};

use super::Problem;
use side::Answer;

/// Requests are forms, responses are JSON.
pub struct Form;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, Problem> for Form
where
    Input: Serialize + DeserializeOwned + Send,
    Output: Answer + Send,
    C: Client<Problem>,
    S: Server<Problem>,
{
    const METHOD: Method = Method::POST;

    async fn run_server<F, Fut>(request: S::Request, server_fn: F) -> Result<S::Response, Problem>
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, Problem>> + Send,
    {
        let form = request.try_into_string().await?;
        let input = serde_urlencoded::from_str(&form).map_err(|error| {
            Problem::from_server_fn_error(ServerFnErrorErr::Args(error.to_string()))
        })?;
        let answer = Json::encode(&server_fn(input).await?).unwrap_or_default();
        S::Response::try_from_bytes(Json::CONTENT_TYPE, answer)
    }

    async fn run_client(path: &str, input: Input) -> Result<Output, Problem> {
        let form = serde_urlencoded::to_string(input).unwrap_or_default();
        SendWrapper::new(side::post(path, form)).await
    }
}

impl FromServerFnError for Problem {
    type Encoder = Json;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        side::problem(&error)
    }
}

/// JSON: written by serde, read by the browser.
pub struct Json;

impl ContentType for Json {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Json {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Answer> Encodes<T> for Json {
    type Error = String;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        value.to_json()
    }
}

/// Required by the trait bounds, but never called.
impl<T: Answer> Decodes<T> for Json {
    type Error = String;

    fn decode(_: Bytes) -> Result<T, Self::Error> {
        Err(String::new())
    }
}

/// On the server: writes responses.
#[cfg(feature = "ssr")]
mod side {
    use super::{Bytes, Problem, Serialize, ServerFnErrorErr};
    pub use crate::server_fns::error_table::malformed as problem;

    pub trait Answer: Sized {
        fn to_json(&self) -> Result<Bytes, String>;
    }

    impl<T: Serialize> Answer for T {
        fn to_json(&self) -> Result<Bytes, String> {
            serde_json::to_vec(self)
                .map(Bytes::from)
                .map_err(|error| error.to_string())
        }
    }

    pub async fn post<T>(path: &str, _: String) -> Result<T, Problem> {
        std::future::ready(Err(problem(&ServerFnErrorErr::Request(path.to_owned())))).await
    }
}

/// In the browser: posts forms and reads responses.
#[cfg(not(feature = "ssr"))]
mod side {
    use js_sys::Reflect;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_futures::JsFuture;

    use super::{Bytes, Problem, ServerFnErrorErr};
    use crate::{
        browser::fetch::send,
        server_fns::{CreatedApiKey, Done, ProblemKind},
    };

    /// The request did not arrive, or what came back is not an answer of ours.
    pub fn problem(_: &ServerFnErrorErr) -> Problem {
        Problem::no_answer()
    }

    pub trait Answer: Sized {
        /// Reads an object whose values are strings.
        fn from_json(object: &JsValue) -> Option<Self>;

        /// Required by the trait bounds; never called in a browser.
        fn to_json(&self) -> Result<Bytes, String> {
            Err(String::new())
        }
    }

    fn text(object: &JsValue, name: &str) -> Option<String> {
        Reflect::get(object, &name.into()).ok()?.as_string()
    }

    impl Answer for Done {
        fn from_json(object: &JsValue) -> Option<Self> {
            Some(Self {
                message: text(object, "message")?,
                to: text(object, "to")?,
            })
        }
    }

    impl Answer for CreatedApiKey {
        fn from_json(object: &JsValue) -> Option<Self> {
            Some(Self {
                id: text(object, "id")?,
                secret: text(object, "secret")?,
                next_token: text(object, "next_token")?,
                message: text(object, "message")?,
            })
        }
    }

    impl Answer for Problem {
        fn from_json(object: &JsValue) -> Option<Self> {
            Some(Self {
                kind: ProblemKind::from(text(object, "kind")?),
                field: text(object, "field").unwrap_or_default(),
                message: text(object, "message")?,
            })
        }
    }

    /// Posts a form. A response from a proxy, in another format, counts as no response.
    pub async fn post<T: Answer>(path: &str, form: String) -> Result<T, Problem> {
        let (is_done, object) = send_form(path, &form)
            .await
            .map_err(|_| Problem::no_answer())?;
        if is_done {
            T::from_json(&object).ok_or_else(Problem::no_answer)
        } else {
            Err(Problem::from_json(&object).unwrap_or_else(Problem::no_answer))
        }
    }

    async fn send_form(path: &str, form: &str) -> Result<(bool, JsValue), JsValue> {
        let arriving = send(path, "application/json", Some(form)).await?;
        let response = &arriving.response;
        Ok((response.ok(), JsFuture::from(response.json()?).await?))
    }
}
