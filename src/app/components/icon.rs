//! Icons. Each stands next to words that say the same.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Icon {
    Back,
    Check,
    Clock,
    Copy,
    Down,
    Key,
    Pause,
    Pencil,
    Plus,
    Revoked,
    Search,
    Soon,
    Sort,
    SortDown,
    SortUp,
    Warning,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Back => "M10 3 5 8l5 5",
            Self::Check => "m3 8.5 3.2 3.2L13 5",
            Self::Clock => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2.8V8l2.2 1.6",
            Self::Copy => "M6 6h7v7H6zM3.5 10H3V3h7v.5",
            Self::Down => "m4 6.5 4 4 4-4",
            Self::Key => "M6 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm2.1-5.1L13 3m-2 2 1.7 1.7",
            Self::Pause => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM6.5 6v4m3-4v4",
            Self::Pencil => "m3 13 .7-3L10.6 3 13 5.4 6 12.3 3 13Z",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Revoked => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM3.8 3.8l8.4 8.4",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm3.3 7.8L13.5 13.5",
            Self::Soon => "M8 2.5 14 13H2L8 2.5Zm0 4v3m0 1.6v.2",
            Self::Sort => "m5 6.5 3-3 3 3m-6 3 3 3 3-3",
            Self::SortDown => "M8 3v10m-3.5-3.5L8 13l3.5-3.5",
            Self::SortUp => "M8 13V3M4.5 6.5 8 3l3.5 3.5",
            Self::Warning => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 3v3.5m0 2.2v.2",
        }
    }

    /// The icon, hidden from screen readers, because the words next to it say the same.
    pub fn view(self) -> impl IntoView {
        view! {
            <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d=self.path()></path>
            </svg>
        }
    }
}
