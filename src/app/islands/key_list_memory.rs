//! What a list of keys remembers between its requests.

use gloo_timers::callback::Timeout;

use super::key_search::View;

/// What becomes of the history when another view is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A new entry: Back leads to the view before.
    Push,
    /// The same entry, with the new address.
    Replace,
    /// The same entry: the view is shown again.
    Keep,
    /// Another entry that was there already: the search form follows it.
    Restored,
}

/// What the list remembers.
#[derive(Default)]
pub struct Memory {
    /// The address of the view that is shown.
    pub shown: String,
    /// The view that could not be fetched.
    pub failed: View,
    /// The view that is being fetched.
    pub wanted: Option<(View, Entry)>,
    /// Counts the requests, so that a slow answer does not undo a later one.
    pub latest: u32,
    /// The control that is being changed: its later changes share the entry of the first.
    pub editing: Option<String>,
    /// Whether that entry is there yet.
    pub has_entry: bool,
    /// The keys that were revoked in this view, as parameters of its address: they stay where they are.
    pub staying: String,
    /// The search that begins when nothing more is typed.
    pub typing: Option<Timeout>,
    /// Whether it has yet to begin.
    pub is_typing: bool,
}

impl Memory {
    /// Begins to show a view. Returns the number of the request, and its address.
    pub fn begin(&mut self, view: &View, entry: Entry) -> (u32, String) {
        // Going elsewhere ends the search that is being typed; a change of a key does not.
        if matches!(entry, Entry::Push | Entry::Restored) {
            self.typing = None;
            self.is_typing = false;
        }
        if self.shown != view.url {
            self.staying.clear();
        }
        self.wanted = Some((view.clone(), entry));
        self.latest = self.latest.wrapping_add(1);
        let separator = match &*self.staying {
            "" => "",
            _ if view.url.contains('?') => "&",
            _ => "?",
        };
        let url = [&*view.url, separator, &self.staying].concat();
        (self.latest, url)
    }
}
