//! A site with answers of every pace.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::StatusCode,
    middleware,
    routing::{get, post},
};
use hyper::body::Frame;
use latchkey::http::{Limits, host::host_guard};
use latchkey_api::{BodyError, read_body};
use tokio::sync::{Notify, mpsc};

use crate::wire::Server;

/// An answer without an end. Its sender is dropped with it.
struct Endless(#[expect(dead_code, reason = "shows that the answer was dropped")] mpsc::Sender<()>);

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Frame::data(Bytes::from(vec![b'x'; 64 * 1024]));
        Poll::Ready(Some(Ok(frame)))
    }
}

async fn read(request: Request) -> (StatusCode, String) {
    match read_body(request.into_body(), 64 * 1024).await {
        Ok(body) => (StatusCode::OK, format!("{} bytes", body.len())),
        Err(error) => {
            let status = match error {
                BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                BodyError::TooSlow => StatusCode::REQUEST_TIMEOUT,
                BodyError::Busy => StatusCode::SERVICE_UNAVAILABLE,
                BodyError::Malformed => StatusCode::BAD_REQUEST,
            };
            (status, error.to_string())
        }
    }
}

pub struct Paces {
    pub server: Server,
    /// Completes when an endless answer was dropped.
    pub dropped: mpsc::Receiver<()>,
    /// Lets `/working` answer.
    pub work: Arc<Notify>,
}

/// The size of `/large`.
pub const LARGE: usize = 16 << 20;

pub async fn paces(limits: Limits) -> Paces {
    let (sender, dropped) = mpsc::channel(1);
    let sender = Arc::new(std::sync::Mutex::new(Some(sender)));
    let work = Arc::new(Notify::new());
    let working = Arc::clone(&work);
    let router = Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/read", post(read))
        .route("/large", get(|| async { vec![b'x'; LARGE] }))
        .route(
            "/working",
            get(|| async move {
                working.notified().await;
                "done"
            }),
        )
        .route(
            "/endless",
            get(move || {
                let sender = sender
                    .lock()
                    .expect("no panic")
                    .take()
                    .expect("one request");
                async { Body::new(Endless(sender)) }
            }),
        )
        .layer(middleware::from_fn(host_guard));
    Paces {
        server: Server::start(router, limits).await,
        dropped,
        work,
    }
}
