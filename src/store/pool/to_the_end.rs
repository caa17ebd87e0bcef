//! A statement that was sent is driven to its end, whatever becomes of the request.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::runtime::Handle;

/// A future that goes on in a task of its own if it is dropped half-way.
///
/// A statement that is dropped leaves a connection on which half an answer is still to come. Here
/// the connection is given back in order, and a storm of dropped requests opens no new ones. The
/// statement has its deadline, so the task ends.
pub(super) struct ToTheEnd<T: Send + 'static>(Option<Running<T>>);

type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> ToTheEnd<T> {
    pub(super) fn new(running: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(running)))
    }
}

impl<T: Send + 'static> Future for ToTheEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(running) = &mut self.0 else {
            return Poll::Pending;
        };
        let result = running.as_mut().poll(context);
        if result.is_ready() {
            self.0 = None;
        }
        result
    }
}

impl<T: Send + 'static> Drop for ToTheEnd<T> {
    fn drop(&mut self) {
        // After a panic, or without a runtime, the connection closes.
        if let Some(running) = self.0.take()
            && !std::thread::panicking()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(running);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_is_dropped_half_way_ends_all_the_same() {
        let (go, gone) = oneshot::channel::<()>();
        let (done, ended) = oneshot::channel();
        let mut running = ToTheEnd::new(async move {
            gone.await.expect("a sign");
            done.send("ended").expect("somebody waits");
        });
        assert!(futures::poll!(&mut running).is_pending());
        drop(running);
        go.send(()).expect("it still runs");
        assert_eq!(ended.await, Ok("ended"));
    }
}
