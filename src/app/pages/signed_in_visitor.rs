//! The signed-in visitor of a page.

use axum::{
    extract::FromRequestParts,
    http::{Method, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use latchkey_model::{caller::Caller, viewer::Viewer};

use super::{PageError, other_viewer_page};
use crate::{
    form_return::SessionEnded,
    notice::{Notice, NoticeCookie},
    paths,
    state::AppState,
    viewer_guard::{in_header, name},
};

/// The visitor, and the parameters of the URL.
pub struct SignedInVisitor {
    /// For calls of the domain, which authorizes every statement.
    pub caller: Caller,
    /// For the frame around the page.
    pub viewer: Viewer,
    /// For the frame: what the page sends says by it whom the page was made for.
    pub viewer_digest: String,
    pub uri: Uri,
    /// What the plain form did that led here.
    pub notice: Option<Notice>,
}

impl SignedInVisitor {
    /// What the page says about it. `renamed` is the present name of a key that was renamed.
    pub fn message(&self, renamed: Option<&str>) -> Option<String> {
        let notice = self.notice.as_ref()?;
        notice.message(renamed, &self.viewer.project.settings)
    }

    /// The query parameters.
    pub fn query(&self) -> Vec<(String, String)> {
        query(&self.uri)
    }
}

/// Returns the query parameters, in their order.
pub(super) fn query(uri: &Uri) -> Vec<(String, String)> {
    serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap_or_default()
}

impl FromRequestParts<AppState> for SignedInVisitor {
    type Rejection = Response;

    /// Redirects a visitor without a session to the sign-in page, which leads back here afterwards.
    /// An island of a page that was made for somebody else gets no other page.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        // A form without fields leaves a question mark in the address.
        if parts.method == Method::GET && parts.uri.query() == Some("") {
            return Err(Redirect::to(parts.uri.path()).into_response());
        }
        let viewer = match state.caller(&parts.headers) {
            Some(caller) => state
                .domain
                .viewer_of_team(&caller, paths::open_team(parts.uri.path()))
                .await
                .map_err(|error| PageError::from(error).into_response())?
                .map(|viewer| (caller, viewer)),
            None => None,
        };
        match viewer {
            Some((caller, viewer)) => {
                let (project, user) = (caller.project(), viewer.user_id);
                let viewer_digest = state.domain.viewer_digest(project, user);
                match in_header(&parts.headers) {
                    Some(made_for) if !state.domain.is_viewer(project, user, made_for) => {
                        let who = name(viewer.email, viewer.display_name, viewer.user_id);
                        Err(other_viewer_page(&who))
                    }
                    _ => Ok(Self {
                        caller,
                        viewer,
                        viewer_digest,
                        uri: parts.uri.clone(),
                        notice: NoticeCookie(state.cookie).notice(&parts.headers),
                    }),
                }
            }
            None => Err(to_sign_in(parts)),
        }
    }
}

fn to_sign_in(parts: &Parts) -> Response {
    let page = parts
        .uri
        .path_and_query()
        .filter(|_| parts.method == Method::GET)
        .map(axum::http::uri::PathAndQuery::as_str);
    let to = match paths::return_path(page) {
        paths::SETTINGS_HOME => paths::SIGN_IN.to_owned(),
        page => paths::sign_in_then(page),
    };
    let mut response = Redirect::to(&to).into_response();
    if parts.method == Method::POST {
        response.extensions_mut().insert(SessionEnded);
    }
    response
}
