//! Active sessions: where the visitor is signed in.
//!
//! Ending one is a plain form: it is done too seldom to be worth a part of the bundle.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use latchkey_domain::sessions::{OwnSessions, SESSIONS_SHOWN};
use latchkey_model::{expiry::Millis, session::Session, user_agent};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{PageError, SignedInVisitor};
use crate::{
    components::{FormError, Frame, Place, PostForm, Submit, When},
    islands::SignOutForm,
    server_fns::{
        accounts::SignOut,
        security::{EndOtherSessions, EndSession},
    },
    shell,
    state::AppState,
    text::text,
};

/// # Errors
/// When the database cannot answer.
pub async fn sessions(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
) -> Result<Response, PageError> {
    let sessions = state.domain.own_sessions(&visitor.caller).await?;
    let message = visitor.message(None);
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    Ok(shell::page(StatusCode::OK, text().sessions.title, move || {
        view! {
            <Frame viewer viewer_digest place=Place::Sessions message>
                <Sessions sessions />
            </Frame>
        }
    })
    .into_response())
}

#[component]
fn Sessions(sessions: OwnSessions) -> impl IntoView {
    let t = &text().sessions;
    let OwnSessions { sessions, now } = sessions;
    let most = SESSIONS_SHOWN as usize;
    let more = (sessions.len() > most).then(|| view! { <p class="hint">{(t.more)(most)}</p> });
    // The visitor's own comes first, whenever it began.
    let (mut shown, others): (Vec<_>, Vec<_>) =
        sessions.into_iter().partition(|session| session.is_current);
    let has_others = !others.is_empty();
    shown.extend(others);
    shown.truncate(most);
    let items = shown
        .into_iter()
        .map(|session| view! { <Item session now /> })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="sessions-title">
            <div class="section-head">
                <div>
                    <h2 id="sessions-title">{t.title}</h2>
                    <p class="intro">{t.intro}</p>
                </div>
            </div>
            <div class="stack">
                <ul class="session-list box">{items}</ul>
                {more}
                {has_others.then(|| view! { <EndOthers /> })}
            </div>
        </section>
    }
}

#[component]
fn EndOthers() -> impl IntoView {
    let t = &text().sessions;
    view! {
            <PostForm class="stack box" action=EndOtherSessions::PATH>
                <h3>{t.end_others_title}</h3>
                <p class="quiet">{t.end_others_hint}</p>
                <FormError />
                <div class="actions">
                    <Submit label=t.end_others look="danger" always=true />
                </div>
            </PostForm>
    }
}

#[component]
fn Item(session: Session, now: Millis) -> impl IntoView {
    let t = &text().sessions;
    let id = session.id.to_string();
    let name = program(&session);
    let current = session
        .is_current
        .then(|| view! { <span class="tag">{t.current}</span> });
    let impersonation = session
        .is_impersonation
        .then(|| view! { <span class="tag">{t.impersonation}</span> });
    let address = session
        .origin
        .address
        .clone()
        .map(|address| view! { <span class="mono">{address}</span> " · " });
    let of = name.clone();
    let end = if session.is_current {
        view! {
            <SignOutForm>
                <PostForm class="session-end" action=SignOut::PATH>
                    <FormError />
                    <Submit label=text().settings.sign_out look="small" always=true />
                </PostForm>
            </SignOutForm>
        }
        .into_any()
    } else {
        view! {
                <PostForm class="session-end" action=EndSession::PATH subject=id>
                    <FormError />
                    <Submit label=t.end look="small" of=of.clone() always=true />
                </PostForm>
        }
        .into_any()
    };
    view! {
        <li>
            <div class="session">
                <span class="session-name">
                    {name} " " {current} {impersonation}
                </span>
                <span class="quiet">
                    {address} {t.signed_in} " " <When at=session.created_at now /> " · " {t.last_used} " "
                    <When at=session.last_used_at now />
                </span>
            </div>
            {end}
        </li>
    }
}

/// “Firefox on Linux”.
fn program(session: &Session) -> String {
    let t = &text().sessions;
    let sent = session.origin.user_agent.as_deref().unwrap_or_default();
    match (user_agent::browser(sent), user_agent::system(sent)) {
        (Some(browser), Some(system)) => (t.browser_on)(browser, system),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) if session.is_browser => t.unknown_browser.to_owned(),
        (None, None) => t.application.to_owned(),
    }
}
