//! The bodies of a request and of its answer, with the pace of the client.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use latchkey_api::BodyError;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{exchange::Exchange, limits::Deadlines};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A part of an answer that is given to an HTTP/2 client at once. What its window has no room for
/// stays here, where it is seen.
const PART: usize = 16 * 1024;

/// The body of a request. It fails if it is too slow, or if there is no room for it.
pub struct RequestBody {
    body: Incoming,
    exchange: Arc<Exchange>,
    deadlines: Deadlines,
    began: Option<Instant>,
    received: usize,
    timer: Option<Pin<Box<Sleep>>>,
}

impl RequestBody {
    pub fn new(body: Incoming, exchange: Arc<Exchange>, deadlines: Deadlines) -> Self {
        Self {
            body,
            exchange,
            deadlines,
            began: None,
            received: 0,
            timer: None,
        }
    }

    /// Whether the next part is overdue; otherwise wakes the task when it is.
    fn is_overdue(&mut self, context: &mut Context<'_>) -> bool {
        let began = *self.began.get_or_insert_with(Instant::now);
        let paced = self.deadlines.body + self.deadlines.time_for(self.received);
        let due = began + paced.min(self.deadlines.whole_body);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(context).is_ready()
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let frame = Pin::new(&mut this.body).poll_frame(context);
        match &frame {
            Poll::Pending => {
                if this.is_overdue(context) {
                    this.exchange.working();
                    return Poll::Ready(Some(Err(BodyError::TooSlow.into())));
                }
                this.exchange.receiving();
                return Poll::Pending;
            }
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.received += bytes;
                if !this.exchange.take(bytes) {
                    this.exchange.working();
                    return Poll::Ready(Some(Err(BodyError::Busy.into())));
                }
            }
            Poll::Ready(_) => {}
        }
        this.exchange.working();
        frame.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer. The request ends with it.
pub struct AnswerBody {
    body: Body,
    exchange: Arc<Exchange>,
    /// What was not given to the client yet.
    rest: Bytes,
    is_http2: bool,
}

impl AnswerBody {
    pub fn new(body: Body, exchange: Arc<Exchange>, is_http2: bool) -> Self {
        exchange.answering();
        Self {
            body,
            exchange,
            rest: Bytes::new(),
            is_http2,
        }
    }

    fn part(&mut self) -> Frame<Bytes> {
        let length = self.rest.len().min(PART);
        Frame::data(self.rest.split_to(length))
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if !this.rest.is_empty() {
            this.exchange.answering();
            return Poll::Ready(Some(Ok(this.part())));
        }
        let frame = Pin::new(&mut this.body).poll_frame(context);
        if frame.is_pending() {
            this.exchange.working();
            return Poll::Pending;
        }
        this.exchange.answering();
        match frame {
            Poll::Ready(Some(Ok(frame))) if this.is_http2 => match frame.into_data() {
                Ok(data) if data.len() > PART => {
                    this.rest = data;
                    Poll::Ready(Some(Ok(this.part())))
                }
                Ok(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
                Err(frame) => Poll::Ready(Some(Ok(frame))),
            },
            frame => frame,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}
