//! A time: relative in the text, exact in the tooltip and for machines.

use latchkey_model::expiry::Millis;
use leptos::{either::Either, prelude::*};

use crate::{
    browser::time_zone::ZONED,
    text::{text, time},
};

/// “in 3 days”, with the exact time as its title.
#[component]
pub fn When(
    at: Millis,
    /// The current time.
    now: Millis,
) -> impl IntoView {
    match time::moment(at, now) {
        Some(moment) => Either::Left(view! {
            <time class=ZONED datetime=moment.machine title=moment.exact>
                {moment.relative}
            </time>
        }),
        None => Either::Right(text().word.never),
    }
}
