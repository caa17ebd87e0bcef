//! Responses shared by several nouns. A response has exactly the fields of its type.

use serde::Serialize;
use utoipa::ToSchema;

/// A complete list, without paging.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    items: Vec<T>,
    is_paginated: bool,
}

impl<T> List<T> {
    pub fn of<U: Into<T>>(items: Vec<U>) -> Self {
        Self {
            items: items.into_iter().map(Into::into).collect(),
            is_paginated: false,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Success {
    success: bool,
}

pub const SUCCESS: Success = Success { success: true };
