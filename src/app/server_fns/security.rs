//! Changes the password and ends sessions.

use leptos::prelude::*;

use super::{Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::{authenticated, done},
    crate::{device_cookie::DeviceCookie, forms::session_id, notice::NoticeKind, text::text},
    axum::http::request::Parts,
    latchkey_domain::own_password::PasswordChange,
};

/// Changes the caller's password, or sets the first one. All other sessions end.
#[server(name = ChangePassword, prefix = "/fn", endpoint = "password/change", protocol = Form)]
pub async fn change_password(
    #[server(default)] current_password: String,
    password: String,
) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    let parts = expect_context::<Parts>();
    let change = PasswordChange {
        current: current_password,
        new: password,
        source: state.source(&parts),
        browser: DeviceCookie(state.cookie).value(&parts.headers),
    };
    state.domain.change_own_password(&caller, change).await?;
    Ok(done(text().security.changed, NoticeKind::PasswordChanged))
}

/// Ends another session of the caller.
#[server(name = EndSession, prefix = "/fn", endpoint = "sessions/end", protocol = Form)]
pub async fn end_session(id: String) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    state.domain.end_session(&caller, session_id(&id)?).await?;
    Ok(done(text().sessions.ended, NoticeKind::SessionEnded))
}

/// Ends all sessions of the caller but this one.
#[server(name = EndOtherSessions, prefix = "/fn", endpoint = "sessions/end-others", protocol = Form)]
pub async fn end_other_sessions() -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    state.domain.end_other_sessions(&caller).await?;
    Ok(done(
        text().sessions.others_ended,
        NoticeKind::OtherSessionsEnded,
    ))
}
