//! The name of the project that the page is about.

use leptos::prelude::*;

use crate::text::text;

/// Provided by what surrounds a page's content.
#[derive(Clone)]
pub struct ProjectName(pub String);

impl ProjectName {
    /// Returns the project's name, or the product's if no project is known.
    pub fn current() -> String {
        use_context::<Self>().map_or_else(|| text().product.to_owned(), |Self(name)| name)
    }
}
