//! Programs without debug assertions serve what is embedded in them, whatever the environment says.

use axum::response::Response;
use leptos::prelude::AnyView;

/// A site that `cargo leptos` watches. It has no values: these programs never serve one.
pub enum Watch {}

impl Watch {
    pub const fn current() -> Option<&'static Self> {
        None
    }

    pub fn style(&self) -> AnyView {
        match *self {}
    }

    pub fn scripts(&self) -> AnyView {
        match *self {}
    }

    pub fn sources(&self) -> (&'static str, String) {
        match *self {}
    }

    pub fn file(&self, _path: &str) -> Option<Response> {
        match *self {}
    }
}
