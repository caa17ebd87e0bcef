//! One connection, from its first byte to its end.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response, Version},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{net::TcpStream, sync::watch};
use tower::ServiceExt as _;

use super::{
    body::{AnswerBody, RequestBody},
    connections::Admitted,
    exchange::Exchange,
    limits::Deadlines,
    socket::Socket,
    vitals::{End, Vitals},
};

/// The maximum size of a request's head, in bytes.
const HEAD_BYTES: usize = 16 * 1024;
/// The maximum number of requests at once on an HTTP/2 connection.
const STREAMS: u32 = 32;
/// What an HTTP/2 client may send before the server has read it, in bytes: for each request, and in all.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 128 * 1024;
/// What an HTTP/2 client may leave unread of one answer in memory, in bytes.
const SEND_BUFFER: usize = 64 * 1024;
/// Requests that an HTTP/2 client may cancel before the server has seen them, and that the server may
/// have to cancel, before the connection is closed.
const CANCELLED: usize = 20;
const REJECTED: usize = 64;

/// What all connections share.
pub struct Server {
    protocol: auto::Builder<TokioExecutor>,
    router: Router,
    deadlines: Deadlines,
}

impl Server {
    pub fn new(router: Router, deadlines: Deadlines) -> Self {
        let mut protocol = auto::Builder::new(TokioExecutor::new());
        protocol
            .http1()
            .timer(TokioTimer::new())
            // It also runs between requests. The head's own deadline is shorter.
            .header_read_timeout(deadlines.idle + deadlines.head)
            .max_buf_size(HEAD_BYTES)
            .max_headers(100);
        protocol
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(deadlines.answer)
            .keep_alive_timeout(deadlines.answer)
            .max_header_list_size(16 * 1024)
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_pending_accept_reset_streams(CANCELLED)
            .max_local_error_reset_streams(REJECTED);
        Self {
            protocol,
            router,
            deadlines,
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        address: SocketAddr,
        vitals: &Arc<Vitals>,
    ) -> Response<AnswerBody> {
        let is_http2 = request.version() == Version::HTTP_2;
        let exchange = Exchange::begin(vitals, is_http2);
        let mut request = request.map(|body| {
            Body::new(RequestBody::new(
                body,
                Arc::clone(&exchange),
                self.deadlines,
            ))
        });
        request.extensions_mut().insert(ConnectInfo(address));
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {});
        answer.map(|body| AnswerBody::new(body, exchange, is_http2))
    }
}

/// Answers the requests of a connection until its client or a deadline ends it. `stop` changes when
/// the server stops.
pub async fn run(
    server: Arc<Server>,
    stream: TcpStream,
    address: SocketAddr,
    admitted: Admitted,
    mut stop: watch::Receiver<()>,
) {
    stream.set_nodelay(true).ok();
    let vitals = &admitted.vitals;
    let socket = TokioIo::new(Socket::new(stream, Arc::clone(vitals)));
    let service = service_fn(|request| {
        let (server, vitals) = (Arc::clone(&server), Arc::clone(vitals));
        async move { Ok::<_, Infallible>(server.answer(request, address, &vitals).await) }
    });
    let mut connection = pin!(server.protocol.serve_connection(socket, service));
    let mut is_closing = false;
    loop {
        tokio::select! {
            biased;
            result = connection.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            end = vitals.ended() => {
                tracing::debug!(?end, "closes a connection");
                // A request that has come meanwhile is answered.
                if end != End::Idle || is_closing {
                    return;
                }
                is_closing = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = stop.changed(), if !is_closing => {
                is_closing = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
