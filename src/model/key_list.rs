//! The view of a key list, stored in the page's URL: filters, order and page.

use crate::id::ApiKeyId;

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// Valid keys first, then newest first.
    #[default]
    Default,
    Description,
    /// By the last four characters.
    Key,
    /// By the owner's name. In a list of one owner's keys, the same as the default.
    Owner,
    /// Valid, paused, expired, revoked.
    Status,
    Created,
    /// Keys that do not expire come last.
    Expires,
    /// Keys that were never used come first.
    LastUsed,
    /// By the name of who created the key. Only in a list of a team's keys; otherwise the same as the default.
    CreatedBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    Ascending,
    Descending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    /// Valid keys, and with `inactive` also expired and revoked ones.
    #[default]
    Any,
    Valid,
    /// Valid keys that expire within 7 days.
    ExpiresSoon,
    /// Keys that would be valid if the project allowed keys of their kind. In a list of one owner's keys there are none.
    Paused,
    Expired,
    Revoked,
}

macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value in the URL.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Parses the value in the URL. An unknown one is ignored.
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
    CreatedBy = "created-by",
});
words!(Direction { Ascending = "asc", Descending = "desc" });
words!(StatusFilter {
    Any = "",
    Valid = "valid",
    ExpiresSoon = "expires-soon",
    Paused = "paused",
    Expired = "expired",
    Revoked = "revoked",
});

/// What a key that was pasted into the search turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastedKey {
    /// The one key that the list shows.
    Found(ApiKeyId),
    /// None of the list's.
    Unknown,
}

impl PastedKey {
    /// The value in the URL of [`Self::Unknown`].
    const UNKNOWN: &'static str = "none";

    /// Parses the value in the URL.
    fn from_word(word: &str) -> Option<Self> {
        match word {
            Self::UNKNOWN => Some(Self::Unknown),
            id => id.parse().ok().map(Self::Found),
        }
    }

    fn to_word(self) -> String {
        self.id()
            .map_or_else(|| Self::UNKNOWN.to_owned(), |id| id.to_string())
    }

    pub const fn id(self) -> Option<ApiKeyId> {
        match self {
            Self::Found(id) => Some(id),
            Self::Unknown => None,
        }
    }
}

pub const PAGE_SIZES: [u32; 3] = [10, 25, 50];

/// The first of [`PAGE_SIZES`], as in the URL.
pub const DEFAULT_PAGE_SIZE: &str = "10";

/// In characters.
pub const MAX_SEARCH: usize = 255;

/// How many keys can stay on a list after they are revoked: as many as a page has at most.
const MAX_STAYING: usize = 50;

/// The view of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyListView {
    /// Matches a part of the description, of the last four characters or, in a list with several
    /// owners, of the owner's name or e-mail address. Empty for all.
    pub search: String,
    /// In place of a search: the key that was pasted into it. The list shows that key or none, whatever
    /// its status.
    pub pasted: Option<PastedKey>,
    pub status: StatusFilter,
    /// Whether [`StatusFilter::Any`] includes expired and revoked keys.
    pub inactive: bool,
    pub sort: SortKey,
    pub direction: Direction,
    /// From 1.
    pub page: u32,
    /// One of [`PAGE_SIZES`].
    pub size: u32,
    /// Revoked keys that are listed, counted and sorted as if they were not revoked, because the reader has
    /// just revoked them here. Not a part of the view's address.
    pub staying: Vec<ApiKeyId>,
}

impl Default for KeyListView {
    fn default() -> Self {
        Self {
            search: String::new(),
            pasted: None,
            status: StatusFilter::default(),
            inactive: false,
            sort: SortKey::default(),
            direction: Direction::default(),
            page: 1,
            size: PAGE_SIZES[0],
            staying: Vec::new(),
        }
    }
}

impl KeyListView {
    /// The name of the parameters with the keys that stay.
    pub const STAYING: &str = "stay";

    /// Parses the parameters of a URL. Invalid ones are ignored: URLs are often typed, shortened or
    /// old, and the list shows how they were understood.
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
                "key" => view.pasted = PastedKey::from_word(value),
                "status" => view.status = StatusFilter::from_word(value),
                "inactive" => view.inactive = value == "1",
                "sort" => match value.split_once('.') {
                    Some((sort, direction)) => {
                        view.sort = SortKey::from_word(sort);
                        view.direction = Direction::from_word(direction);
                    }
                    None => view.sort = SortKey::from_word(value),
                },
                "dir" => view.direction = Direction::from_word(value),
                "page" => view.page = value.parse().unwrap_or(1).clamp(1, 1_000_000),
                Self::STAYING => view.stay(value.parse().ok()),
                "size" => {
                    let size = value.parse().unwrap_or_default();
                    if PAGE_SIZES.contains(&size) {
                        view.size = size;
                    }
                }
                _ => {}
            }
        }
        if view.pasted.is_some() {
            view.search.clear();
            view.status = StatusFilter::Any;
        }
        view
    }

    /// The parameters that differ from the default, in a fixed order.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let standard = Self::default();
        let mut pairs = Vec::new();
        if !self.search.is_empty() {
            pairs.push(("q", self.search.clone()));
        }
        if let Some(pasted) = self.pasted {
            pairs.push(("key", pasted.to_word()));
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

    /// Lets keys stay on the list after they are revoked.
    pub fn stay(&mut self, keys: impl IntoIterator<Item = ApiKeyId>) {
        for key in keys {
            if self.staying.len() < MAX_STAYING && !self.staying.contains(&key) {
                self.staying.push(key);
            }
        }
    }

    /// Column and direction as one value of `sort`, as a form's only field for them sends it; empty
    /// for the default.
    pub fn order(sort: SortKey, direction: Direction) -> String {
        match sort {
            SortKey::Default => String::new(),
            sort => format!("{}.{}", sort.as_str(), direction.as_str()),
        }
    }

    pub fn offset(&self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.size)
    }

    /// Whether [`StatusFilter::Any`] includes expired and revoked keys: where they are shown, and where
    /// something is searched for.
    pub fn includes_inactive(&self) -> bool {
        self.inactive || self.pasted.is_some() || !self.search.is_empty()
    }

    /// Whether the list is filtered, so that an empty one means "nothing found" rather than "none yet".
    pub fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.pasted.is_some() || self.status != StatusFilter::Any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_page_size_is_the_first() {
        assert_eq!(DEFAULT_PAGE_SIZE, PAGE_SIZES[0].to_string());
        assert_eq!(KeyListView::default().size, PAGE_SIZES[0]);
    }

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
    fn one_value_has_column_and_direction() {
        for sort in SortKey::ALL {
            for direction in Direction::ALL {
                let order = KeyListView::order(*sort, *direction);
                let view = KeyListView::from_pairs([("sort", order.as_str())]);
                assert_eq!(view.sort, *sort);
                assert!(*sort == SortKey::Default || view.direction == *direction);
            }
        }
    }

    #[test]
    fn a_pasted_key_takes_the_place_of_a_search() {
        let id = "01900000-0000-7000-8000-0000000000ac";
        for key in [id, "none"] {
            let view = KeyListView::from_pairs([("q", "ci"), ("status", "valid"), ("key", key)]);
            assert_eq!(view.to_pairs(), [("key", key.to_owned())]);
            assert!(view.is_filtered() && view.includes_inactive());
        }
        assert_eq!(
            KeyListView::from_pairs([("key", "x")]),
            KeyListView::default()
        );
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

    #[test]
    fn keys_stay_until_the_view_is_left() {
        let id = |n: u128| ApiKeyId::new(uuid::Uuid::from_u128(n));
        let (one, two) = (id(1).to_string(), id(2).to_string());
        let pairs = [one.as_str(), "x", two.as_str(), one.as_str()].map(|key| ("stay", key));
        let mut view = KeyListView::from_pairs(pairs);
        assert_eq!(view.staying, [id(1), id(2)]);
        assert!(view.to_pairs().is_empty(), "the address says nothing of it");
        view.stay((0..1_000).map(id));
        assert_eq!(view.staying.len(), MAX_STAYING);
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
