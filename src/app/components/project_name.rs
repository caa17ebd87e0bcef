//! The name of the project that the page is about.

use leptos::prelude::*;

use crate::text::text;

/// Provided by what surrounds a page's content.
#[derive(Clone)]
pub struct ProjectName(pub String);

impl ProjectName {
    /// Returns the project's name; where there is none, the product's.
    pub fn current() -> String {
        use_context::<Self>().map_or_else(|| text().product.to_owned(), |Self(name)| name)
    }
}
