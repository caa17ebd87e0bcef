//! Long lists are sent as they are read. The whole list is never in memory.

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::stream::{self, StreamExt as _};
use latchkey_domain::{Error, long_list::LongList};
use serde::Serialize;

use crate::error::ApiError;

const BEGIN: &str = "{\"items\":[";
/// The end of a complete list.
pub const COMPLETE: &str = "],\"is_paginated\":false}";
/// The end of a list that is the only page.
pub const ONLY_PAGE: &str = "],\"is_paginated\":true,\"pagination\":{\"next_cursor\":null}}";

/// The part of the response for these items.
fn write<T: Serialize>(items: &[T], is_first: bool, end: Option<&str>) -> Result<Bytes, Error> {
    let mut text = Vec::new();
    if is_first {
        text.extend_from_slice(BEGIN.as_bytes());
    }
    for (at, item) in items.iter().enumerate() {
        if at > 0 || !is_first {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, item).map_err(|error| Error::Internal(error.into()))?;
    }
    text.extend_from_slice(end.unwrap_or_default().as_bytes());
    Ok(text.into())
}

/// Reads the next part of a list and writes it down.
async fn part<L: LongList, T: Serialize>(
    list: &mut L,
    show: &impl Fn(L::Item) -> T,
    is_first: bool,
    end: &str,
) -> Result<Bytes, Error> {
    let items: Vec<_> = list.next().await?.into_iter().map(show).collect();
    write(&items, is_first, list.has_ended().then_some(end))
}

/// Sends a list, whole where it is short. What goes wrong later, after the status was sent, ends the
/// connection, by which the client knows that the list is not complete.
///
/// # Errors
/// As [`LongList::next`].
pub async fn send<L: LongList, T: Serialize + 'static>(
    mut list: L,
    show: impl Fn(L::Item) -> T + Send + Sync + 'static,
    end: &'static str,
) -> Result<Response, ApiError> {
    let first = part(&mut list, &show, true, end).await?;
    let body = if list.has_ended() {
        Body::from(first)
    } else {
        let rest = stream::try_unfold((list, show), move |(mut list, show)| async move {
            if list.has_ended() {
                return Ok(None);
            }
            let part = part(&mut list, &show, false, end).await;
            let part = part.inspect_err(|error| tracing::warn!(%error, "a list was cut short"))?;
            Ok::<_, Error>(Some((part, (list, show))))
        });
        let first = stream::once(std::future::ready(Ok(first)));
        Body::from_stream(first.chain(rest))
    };
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], body).into_response())
}
