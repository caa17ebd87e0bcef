//! Which keys a list shows, and in which order: the state that stands in a page's address.

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// Working keys first, then newest first.
    #[default]
    Default,
    /// By what the owner calls it.
    Description,
    /// By the visible end of the key.
    Key,
    /// By what the owner is called; in the list of one owner's keys this is the default.
    Owner,
    /// Valid, expired, revoked.
    Status,
    /// By when it was made.
    Created,
    /// By when it ends; never comes last.
    Expires,
    /// By when it was last seen; never comes first.
    LastUsed,
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest, earliest, first in the alphabet, at the top.
    #[default]
    Ascending,
    /// The other way round.
    Descending,
}

/// Which statuses a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    /// Keys that work, and with `inactive` the others too.
    #[default]
    Any,
    /// Keys that work.
    Valid,
    /// Keys that work for less than 7 days more.
    ExpiresSoon,
    /// Keys that came to the end of their time.
    Expired,
    /// Keys that somebody ended.
    Revoked,
}

macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of the page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the address.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word in the address; an unknown one counts as absent.
            pub fn from_word(word: &str) -> Self {
                match word { $($word => Self::$variant,)+ _ => Self::default() }
            }
        }
    };
}

words!(SortKey {
    Default = "",
    Description = "description",
    Key = "key",
    Owner = "owner",
    Status = "status",
    Created = "created",
    Expires = "expires",
    LastUsed = "last-used",
});
words!(Direction { Ascending = "asc", Descending = "desc" });
words!(StatusFilter {
    Any = "",
    Valid = "valid",
    ExpiresSoon = "expires-soon",
    Expired = "expired",
    Revoked = "revoked",
});

/// How many keys a page may hold.
pub const PAGE_SIZES: [u32; 3] = [10, 25, 50];

/// Most characters of a search.
pub const MAX_SEARCH: usize = 255;

/// What a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyListView {
    /// Part of the description or of the last four characters, or, among the keys of several owners,
    /// of the owner's name; empty shows all.
    pub search: String,
    /// Which statuses.
    pub status: StatusFilter,
    /// Whether keys that no longer work are shown where [`StatusFilter::Any`] is chosen.
    pub inactive: bool,
    /// In which order.
    pub sort: SortKey,
    /// Which way.
    pub direction: Direction,
    /// Which page, from 1.
    pub page: u32,
    /// Keys on a page, one of [`PAGE_SIZES`].
    pub size: u32,
}

impl Default for KeyListView {
    fn default() -> Self {
        Self {
            search: String::new(),
            status: StatusFilter::default(),
            inactive: false,
            sort: SortKey::default(),
            direction: Direction::default(),
            page: 1,
            size: PAGE_SIZES[0],
        }
    }
}

impl KeyListView {
    /// Reads the names and values of an address. Whatever makes no sense counts as absent: an
    /// address is often typed, shortened or old, and the list itself shows what it understood.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut view = Self::default();
        for (name, value) in pairs {
            match name {
                "q" => {
                    view.search = value
                        .trim()
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(MAX_SEARCH)
                        .collect();
                }
                "status" => view.status = StatusFilter::from_word(value),
                "inactive" => view.inactive = value == "1",
                "sort" => view.sort = SortKey::from_word(value),
                "dir" => view.direction = Direction::from_word(value),
                "page" => view.page = value.parse().unwrap_or(1).clamp(1, 1_000_000),
                "size" => {
                    let size = value.parse().unwrap_or_default();
                    if PAGE_SIZES.contains(&size) {
                        view.size = size;
                    }
                }
                _ => {}
            }
        }
        view
    }

    /// The names and values that differ from the default, in a fixed order.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let standard = Self::default();
        let mut pairs = Vec::new();
        if !self.search.is_empty() {
            pairs.push(("q", self.search.clone()));
        }
        if self.status != standard.status {
            pairs.push(("status", self.status.as_str().to_owned()));
        }
        if self.inactive {
            pairs.push(("inactive", "1".to_owned()));
        }
        if self.sort != standard.sort {
            pairs.push(("sort", self.sort.as_str().to_owned()));
            pairs.push(("dir", self.direction.as_str().to_owned()));
        }
        if self.size != standard.size {
            pairs.push(("size", self.size.to_string()));
        }
        if self.page > 1 {
            pairs.push(("page", self.page.to_string()));
        }
        pairs
    }

    /// How many keys come before this page.
    pub fn offset(&self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.size)
    }

    /// Whether the list is narrowed, so that "nothing found" means something else than "none yet".
    pub fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.status != StatusFilter::Any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_read_and_written_back() {
        let pairs = [
            ("q", "ci"),
            ("status", "expired"),
            ("inactive", "1"),
            ("sort", "last-used"),
            ("dir", "desc"),
            ("size", "25"),
            ("page", "3"),
        ];
        let view = KeyListView::from_pairs(pairs);
        assert_eq!(view.offset(), 50);
        let written = view.to_pairs();
        assert_eq!(written, pairs.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn nonsense_counts_as_absent() {
        let view = KeyListView::from_pairs([
            ("status", "x"),
            ("sort", "; drop table"),
            ("dir", "up"),
            ("page", "-4"),
            ("size", "1000000"),
            ("unknown", "y"),
            ("q", "\u{0}\n"),
        ]);
        assert_eq!(view, KeyListView::default());
        assert!(view.to_pairs().is_empty());
    }

    proptest! {
        #[test]
        fn any_value_gives_a_page_that_exists(page in any::<String>(), size in any::<String>(), q in any::<String>()) {
            let view = KeyListView::from_pairs([("page", page.as_str()), ("size", size.as_str()), ("q", q.as_str())]);
            prop_assert!(view.offset() >= 0 && PAGE_SIZES.contains(&view.size));
            prop_assert!(!view.search.contains('\0'));
        }
    }
}
