//! The document around every page: head, style, bundle, and content security policy.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hydration_context::SsrSharedContext;
use leptos::{
    config::LeptosOptions,
    nonce::{Nonce, provide_nonce, use_nonce},
    prelude::*,
};

use crate::{
    assets,
    components::ProjectName,
    form_return::ReturnedForm,
    islands::{Messages, Page, Phrase},
    text::text,
    watch::Watch,
};

/// The style is inlined, so that the page can be shown after one round trip.
const STYLE: &str = include_str!("../../style/latchkey.css");

/// Renders a page. `view` is called once, in the reactive owner of this response.
pub fn page<V: IntoView>(status: StatusCode, title: &str, view: impl FnOnce() -> V) -> Response {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let (html, policy) = owner.with(|| {
        provide_nonce();
        ReturnedForm::provide();
        let nonce = use_nonce();
        let body = view().into_any();
        let html = document(title, body).to_html();
        (html, policy(nonce.as_ref()))
    });
    owner.unset_with_forced_cleanup();
    let mut response = (
        status,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        format!("<!DOCTYPE html>{html}"),
    )
        .into_response();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn document(title: &str, body: AnyView) -> impl IntoView + use<> {
    let t = text();
    let nonce = use_nonce();
    let title = (t.page_title)(title, &ProjectName::current());
    let watch = Watch::current();
    let style = watch.map_or_else(|| embedded_style(nonce.clone()).into_any(), Watch::style);
    let scripts = watch.map_or_else(|| embedded_scripts().into_any(), Watch::scripts);
    view! {
        <html lang=t.language>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex" />
                <title>{title}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                // Delays rendering until the last element has arrived, so that the layout does not
                // shift.
                <link rel="expect" href="#toast" blocking="render" />
                {style}
                <noscript>
                    <style nonce=nonce inner_html=".needs-script{display:none!important}"></style>
                </noscript>
                {scripts}
            </head>
            <body>
                <Page>
                    <a class="skip" href="#main">{t.skip_to_content}</a>
                    {body}
                    <Messages>{phrases()}</Messages>
                </Page>
            </body>
        </html>
    }
}

fn embedded_style(nonce: Option<Nonce>) -> impl IntoView {
    view! { <style nonce=nonce inner_html=STYLE></style> }
}

fn embedded_scripts() -> impl IntoView {
    assets::HAS_BUNDLE.then(|| {
        let options = LeptosOptions::builder()
            .output_name("latchkey")
            .site_pkg_dir(assets::BUNDLE_DIR)
            .build();
        view! { <HydrationScripts options islands=true /> }
    })
}

/// The messages that islands show without a request.
fn phrases() -> impl IntoView {
    let t = &text().frame;
    [
        (Phrase::NoAnswer, t.offline),
        (Phrase::OutcomeUnknown, t.outcome_unknown),
        (Phrase::Gone, t.access_lost),
        (Phrase::CopyFailed, t.copy_failed),
        (Phrase::Updated, t.updated),
    ]
    .map(|(phrase, words)| view! { <p id=phrase.id()>{words}</p> })
    .collect_view()
}

/// The content security policy: only this page's own script and style are allowed, and framing is
/// not.
fn policy(nonce: Option<&Nonce>) -> String {
    let nonce = nonce
        .map(|nonce| format!("'nonce-{nonce}'"))
        .unwrap_or_default();
    let (style, connect) = Watch::current().map(Watch::sources).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' {nonce} 'wasm-unsafe-eval'; style-src {nonce}{style}; img-src 'self'; \
         connect-src 'self'{connect}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
