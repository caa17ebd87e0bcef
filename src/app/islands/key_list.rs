//! The list of API keys, live: its links and its search show another view without a reload.
//!
//! The view is in the address, and the server renders it. What was typed stays while the list
//! changes; a rename that is open survives it.

use gloo_timers::callback::Timeout;
use leptos::{
    ev,
    prelude::*,
    task::{spawn_local, tick},
};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlFormElement, HtmlInputElement, HtmlSelectElement, VisibilityState};

use super::{
    key_list_memory::{Entry, Memory},
    key_search::{PASTED_KEY, View, search_form, search_url, sync_search, take_key, view_of_key},
    page::{LOCKED, PageContext, Phrase, on_window},
    region::RegionSlot,
};
use crate::{
    browser::{
        dom::{
            address, by_id, clicked_link, closest, focus_first, focused, go, is_there, push_entry,
            replace_entry,
        },
        fetch::fetch_answer,
    },
    server_fns::{Done, Problem},
};

/// How long somebody pauses before what they type is searched for.
const PAUSE_MILLIS: u32 = 250;

/// The key whose description is being changed, and the text as far as it is typed.
#[derive(Clone)]
pub struct Renaming {
    pub id: String,
    pub text: Option<String>,
}

/// What the parts of a list share.
#[derive(Clone, Copy)]
pub struct KeyListContext {
    page: PageContext,
    region: RegionSlot,
    /// The one description that is being changed.
    pub renaming: RwSignal<Option<Renaming>>,
    is_busy: RwSignal<bool>,
    has_failed: RwSignal<bool>,
    memory: StoredValue<Memory, LocalStorage>,
}

impl KeyListContext {
    fn provide() -> Self {
        let context = Self {
            page: PageContext::around(),
            region: RegionSlot::provide(),
            renaming: RwSignal::new(None),
            is_busy: RwSignal::new(false),
            has_failed: RwSignal::new(false),
            memory: StoredValue::new_local(Memory::default()),
        };
        provide_context(context);
        context
    }

    /// Reads or changes what the list remembers. Nothing, once the list has gone: its elements may
    /// still have events.
    fn remember<T: Default>(self, remember: impl FnOnce(&mut Memory) -> T) -> T {
        self.memory.try_update_value(remember).unwrap_or_default()
    }

    /// Returns the context of the list around.
    pub fn around() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Shows another view. The focus stays on the element with the same id, or goes to the first of
    /// `fallback` that is there. Returns whether the list is there.
    async fn show(self, view: View, entry: Entry, fallback: &[&str]) -> bool {
        let begun = self
            .memory
            .try_update_value(|memory| memory.begin(&view, entry));
        let Some((request, url)) = begun else {
            return true;
        };
        self.is_busy.set(true);
        let page = fetch_answer(&url, view.form.as_deref()).await;
        // Another request came later, or the list is not on the page any longer.
        if self.memory.try_with_value(|memory| memory.latest) != Some(request) {
            return true;
        }
        self.remember(|memory| memory.wanted = None);
        self.is_busy.set(false);
        let Some(page) = page else {
            self.remember(|memory| memory.failed = view);
            self.has_failed.set(true);
            return false;
        };
        let is_locked = page.document.get_element_by_id(LOCKED).is_some();
        if is_locked != by_id::<Element>(LOCKED).is_some() && !is_there("dialog[open]") {
            // All of the page says whether something can be changed.
            self.page.renew(&page).await;
            replace_entry(&view_address());
            return false;
        }
        let had_focus = focused().is_some();
        if !self.region.replace(&page.document, "key-list") {
            if page.redirected {
                // Signed out.
                go(&page.url);
            } else {
                self.page.replace(&page);
            }
            return false;
        }
        self.has_failed.set(false);
        let is_typing = self.remember(|memory| memory.is_typing);
        sync_search(&page.document, entry == Entry::Restored && !is_typing);
        let url = view_address();
        match entry {
            Entry::Push if url != address() => {
                push_entry(Some(&url));
                self.remember(|memory| memory.has_entry = true);
            }
            Entry::Replace => replace_entry(&url),
            _ => {}
        }
        self.remember(|memory| memory.shown = url);
        // Islands in the new list may open what the focus was in.
        tick().await;
        if had_focus && focused().is_none() {
            focus_first(fallback.iter().copied().chain(["keys-title"]));
        }
        true
    }

    /// Shows the same view as it is now.
    pub fn refresh_soon(self) {
        let (view, entry) = self.current();
        spawn_local(async move {
            self.show(view, entry, &[]).await;
        });
    }

    /// The view that is being fetched or else the one that is shown.
    fn current(self) -> (View, Entry) {
        self.remember(|memory| {
            let shown = || Some((memory.shown.clone().into(), Entry::Keep));
            memory.wanted.clone().or_else(shown)
        })
        .unwrap_or_else(|| (address().into(), Entry::Keep))
    }

    /// Keeps a key that is revoked where it is until another view is shown.
    pub fn stay(self, id: &str) {
        self.remember(|memory| memory.staying += &["stay=", id, "&"].concat());
    }

    /// Shows what has become of a key, and says so. What its
    /// owner cannot change any longer is taken off the list; other problems come back.
    pub async fn settle(
        self,
        outcome: Result<Done, Problem>,
        focus: &[&str],
    ) -> Result<(), Problem> {
        let (message, is_done) = match outcome {
            Ok(done) => (done.message, true),
            Err(problem) if problem.is_outdated() => (problem.message, false),
            Err(problem) => return Err(problem),
        };
        let view = self.current().0;
        // The address no longer opens what has been done.
        if self.show(view, Entry::Replace, focus).await || is_done {
            self.page.say(message);
        }
        Ok(())
    }

    fn show_soon(self, view: View, entry: Entry, fallback: &'static [&'static str]) {
        spawn_local(async move {
            if self.show(view, entry, fallback).await {
                let pasted = by_id::<Element>(PASTED_KEY).and_then(|note| note.text_content());
                let words = pasted.unwrap_or_else(|| Phrase::Updated.words());
                self.page.announce(words);
            }
        });
    }

    /// Shows what the search form asks for. `control` is what was changed in it.
    fn search(self, form: &HtmlFormElement, control: Option<String>) {
        self.remember(|memory| memory.is_typing = false);
        if let Some(key) = take_key(form) {
            self.find(form.clone(), key);
            return;
        }
        let is_same = self.remember(|memory| {
            memory.has_entry &= control.is_some() && memory.editing == control;
            memory.editing = control;
            memory.has_entry
        });
        let entry = if is_same { Entry::Replace } else { Entry::Push };
        if let Some(url) = search_url(form) {
            self.show_soon(url.into(), entry, &[]);
        }
    }

    /// Shows which key of the list this is. Only its digest is sent, if the browser can compute it.
    fn find(self, form: HtmlFormElement, key: String) {
        self.end_editing();
        spawn_local(async move {
            self.remember(|memory| {
                memory.typing = None;
                memory.is_typing = false;
            });
            if let Some(view) = view_of_key(&form, &key).await {
                self.show_soon(view, Entry::Push, &[]);
            }
        });
    }

    fn end_editing(self) {
        self.remember(|memory| memory.editing = None);
    }

    fn on_click(self, event: ev::MouseEvent) {
        let Some(link) = clicked_link(&event) else {
            return;
        };
        // A link to another view of this list; any other is left to the browser.
        if link.pathname() != window().location().pathname().unwrap_or_default() {
            return;
        }
        event.prevent_default();
        self.end_editing();
        let fallback: &[&str] = match link.id().as_str() {
            "page-next" => &["page-previous"],
            "page-previous" => &["page-next"],
            "clear-filters" => &["key-search-text"],
            _ => &[],
        };
        let url = link.pathname() + &link.search();
        self.show_soon(url.into(), Entry::Push, fallback);
    }

    fn on_submit(self, event: ev::SubmitEvent) {
        if let Some(form) = search_form(&event).filter(|_| !event.default_prevented()) {
            event.prevent_default();
            self.search(&form, None);
        }
    }

    fn on_input(self, event: ev::Event) {
        let field = event_target::<HtmlInputElement>(&event);
        if let Some(form) = search_form(&event).filter(|_| field.type_() == "search") {
            if let Some(key) = take_key(&form) {
                self.find(form, key);
                return;
            }
            let later = Timeout::new(PAUSE_MILLIS, move || self.search(&form, Some(field.name())));
            self.remember(|memory| {
                memory.typing = Some(later);
                memory.is_typing = true;
            });
        }
    }

    fn on_change(self, event: ev::Event) {
        if let Some(form) = search_form(&event)
            && let Some(select) = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
        {
            self.search(&form, Some(select.name()));
        }
    }

    /// Tries again to show what could not be fetched.
    fn retry(self) {
        if self.has_failed.get_untracked() {
            let view = self.remember(|memory| memory.failed.clone());
            let button = focused().filter(|focused| {
                focused
                    .closest(".list-problem")
                    .is_ok_and(|place| place.is_some())
            });
            spawn_local(async move {
                // The button goes when the list is there.
                if self.show(view, Entry::Push, &[]).await && button.is_some() {
                    focus_first(["keys-title"]);
                }
            });
        }
    }

    /// Follows the history, and what happened elsewhere.
    fn follow(self) {
        on_window("popstate", move |_| {
            // A link within the page, or an entry that a dialog made, leads to the same view.
            let here = address();
            if self.remember(|memory| memory.shown != here) {
                self.end_editing();
                self.show_soon(here.into(), Entry::Restored, &[]);
            }
        });
        on_window("online", move |_| self.retry());
        on_window("visibilitychange", move |_| {
            let is_asked = is_there("dialog[open]");
            if document().visibility_state() == VisibilityState::Visible && !is_asked {
                self.refresh_soon();
            }
        });
    }
}

/// The id of the `data` element in the list whose value is the address of the view, without what is
/// open in it.
pub const VIEW_ADDRESS: &str = "key-list-view";

fn view_address() -> String {
    by_id::<Element>(VIEW_ADDRESS)
        .and_then(|view| view.get_attribute("value"))
        .unwrap_or_default()
}

/// The section with a list: heading, search, list, and the dialog that creates a key.
#[island]
pub fn KeyListSection(children: Children) -> impl IntoView {
    let list = KeyListContext::provide();
    list.follow();
    Effect::new(move |_| {
        let view = view_address();
        list.remember(|memory| memory.shown = view);
    });
    view! {
        <div
            class="contents"
            aria-busy=move || list.is_busy.get().then_some("true")
            on:click=move |event| list.on_click(event)
            on:submit=move |event| list.on_submit(event)
            on:input=move |event| list.on_input(event)
            on:change=move |event| list.on_change(event)
            on:focusout=move |_| list.end_editing()
        >
            {children()}
        </div>
    }
}

/// That the list could not be fetched. Its children are the words and a button that tries again.
#[island]
pub fn KeyListProblem(children: Children) -> impl IntoView {
    let list = KeyListContext::around();
    let click = move |event: ev::MouseEvent| {
        if closest::<Element>(&event, "button").is_some() {
            list.retry();
        }
    };
    view! {
        <div class="list-problem" role="alert" hidden=move || !list.has_failed.get() on:click=click>
            {children()}
        </div>
    }
}
