//! What exists once on a page: messages, and the region that is replaced by a new rendering.

use gloo_timers::callback::Timeout;
use leptos::{
    html,
    prelude::*,
    task::{spawn_local, tick},
};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, PageTransitionEvent};

use super::region::RegionSlot;
use crate::browser::{
    dom::{address, by_id, focus_first, focused, go, is_there},
    fetch::{FetchedPage, fetch_page},
    time_zone::{self, Kept, TIME_ZONE},
};

/// How long a toast stays.
const TOAST_MILLIS: u32 = 6_000;

/// What islands say without having asked the server. The page brings the words, each in an element
/// with the phrase's id.
#[derive(Clone, Copy)]
pub enum Phrase {
    /// A page could not be fetched.
    NoAnswer,
    /// A form got no response.
    OutcomeUnknown,
    Gone,
    CopyFailed,
    Updated,
}

impl Phrase {
    /// The id of the element with the words.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NoAnswer => "phrase-no-answer",
            Self::OutcomeUnknown => "phrase-outcome-unknown",
            Self::Gone => "phrase-gone",
            Self::CopyFailed => "phrase-copy-failed",
            Self::Updated => "phrase-updated",
        }
    }

    /// The words, in the reader's language.
    pub fn words(self) -> String {
        by_id::<Element>(self.id())
            .and_then(|element| element.text_content())
            .unwrap_or_default()
    }
}

/// What a live region says. The nearest one counts: while a modal dialog is open, screen readers
/// hear nothing from outside it, so a dialog has one of its own.
#[derive(Clone, Copy)]
pub struct Announcer(RwSignal<Option<String>>);

impl Announcer {
    /// Provides the announcer for the islands inside.
    pub fn provide() -> Self {
        let announcer = Self(RwSignal::new(None));
        provide_context(announcer);
        announcer
    }

    /// Returns the announcer of the nearest island around.
    pub fn around() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    pub fn say(self, message: String) {
        let is_repeated = self
            .0
            .with_untracked(|said| said.as_ref() == Some(&message));
        if !is_repeated {
            self.0.set(Some(message));
            return;
        }
        // The same words again are announced only where they are new.
        self.0.set(None);
        spawn_local(async move {
            tick().await;
            self.0.set(Some(message));
        });
    }

    /// Takes back what is not true any longer: this message, or any.
    pub fn take_back(self, message: Option<&String>) {
        self.0.update(|said| {
            if message.is_none() || said.as_ref() == message {
                *said = None;
            }
        });
    }
}

/// The live region of an announcer.
#[component]
pub fn LiveRegion(announcer: Announcer) -> impl IntoView {
    view! {
        <div class="visually-hidden" role="status">
            {move || announcer.0.get()}
        </div>
    }
}

/// What the islands of a page share.
#[derive(Clone, Copy)]
pub struct PageContext {
    announcer: Announcer,
    toast: RwSignal<Option<String>>,
    toast_element: NodeRef<html::Div>,
    toast_end: StoredValue<Option<Timeout>, LocalStorage>,
    region: RegionSlot,
}

impl PageContext {
    fn provide() -> Self {
        let context = Self {
            announcer: Announcer::provide(),
            toast: RwSignal::new(None),
            toast_element: NodeRef::new(),
            toast_end: StoredValue::new_local(None),
            region: RegionSlot::provide(),
        };
        provide_context(context);
        context
    }

    /// Returns the page's context.
    pub fn around() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Says something to those who listen.
    pub fn announce(self, message: String) {
        self.announcer.say(message);
    }

    /// Says something to everybody: aloud, and for a few seconds on the screen.
    pub fn say(self, message: String) {
        self.announcer.say(message.clone());
        self.show(message);
    }

    /// Shows a message for a few seconds, in the place of the one before.
    pub fn show(self, message: String) {
        let Some(element) = self.toast_element.get_untracked() else {
            return;
        };
        self.toast.set(Some(message));
        // A popover lies above an open dialog; hiding it first puts it on top again.
        element.hide_popover().ok();
        element.show_popover().ok();
        let end = Timeout::new(TOAST_MILLIS, move || {
            element.hide_popover().ok();
        });
        self.toast_end.set_value(Some(end));
    }

    /// Shows the page as the server renders it now.
    pub async fn refresh(self) {
        let page = fetch_page(&address()).await;
        // What is being done in a dialog is not taken away: what it hides is brought up to date later.
        if is_there("dialog[open]") {
            return;
        }
        match page {
            Some(page) if page.redirected => go(&page.url),
            Some(page) => self.renew(&page).await,
            None => self.show(Phrase::NoAnswer.words()),
        }
    }

    /// Shows this newer rendering of the page.
    pub async fn renew(self, page: &FetchedPage) {
        if self.region.replace(&page.document, "page") {
            tick().await;
            if focused().is_none() {
                focus_first(["main"]);
            }
        } else {
            reload();
        }
    }

    /// Shows another answer of the server for this page, and says that a part of it has gone or that
    /// somebody else has signed in.
    pub fn replace(self, page: &FetchedPage) {
        let heading = page.document.query_selector("h1").ok().flatten();
        let words = heading
            .filter(|_| page.is_for_another)
            .and_then(|heading| heading.text_content())
            .unwrap_or_else(|| Phrase::Gone.words());
        // A secret that nobody has saved yet is not taken away.
        if is_there("dialog.shows-secret[open]") {
            self.say(words);
        } else if self.region.replace(&page.document, "page") {
            focus_first(["main"]);
            if page.is_for_another {
                self.announce(words);
            } else {
                self.say(words);
            }
        } else {
            reload();
        }
    }
}

/// The id of the banner that says that nothing can be changed.
pub const LOCKED: &str = "locked";

/// Reloads the page. Without a session this leads to the sign-in page, and back here afterwards.
pub fn reload() {
    go(&address());
}

/// The root of every page's islands. Leptos leaves the last owner set; inside this island, the contexts
/// that an island provides end with it.
#[island]
pub fn Page(children: Children) -> impl IntoView {
    PageContext::provide();
    // A page from the back/forward cache may belong to a session that has ended.
    on_window("pageshow", |event| {
        if event.unchecked_into::<PageTransitionEvent>().persisted() {
            window().location().reload().ok();
        }
    });
    Effect::new(|_| follow_time_zone(true));
    // Its reader may have travelled while it was in the background.
    on_window("visibilitychange", |_| follow_time_zone(false));
    children()
}

/// Keeps the browser's time zone in its cookie, and brings the page to it, if its times are in another one. Nothing is
/// fetched where the browser refuses the cookie, nor where the server, which had it, does not know the zone.
fn follow_time_zone(is_new: bool) {
    let shown = by_id::<Element>(TIME_ZONE).and_then(|zone| zone.get_attribute("value"));
    let local = time_zone::local().unwrap_or_default();
    // Without a cookie times are in UTC. A page without times has no zone.
    if shown.as_deref().unwrap_or("UTC") == local {
        return;
    }
    let kept = time_zone::keep(&local);
    let is_hopeless = kept == Kept::No || is_new && kept == Kept::Already;
    if shown.is_some() && !is_hopeless {
        spawn_local(async {
            if let Some(page) = fetch_page(&address()).await {
                time_zone::take_over(&page.document);
            }
        });
    }
}

/// The page's own live region and toast, and the phrases. The last island of a page: once it is live,
/// all are.
#[island]
pub fn Messages(children: Children) -> impl IntoView {
    let page = PageContext::around();
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            root.class_list().add_1("live").ok();
        }
    });
    view! {
        <LiveRegion announcer=page.announcer />
        <div hidden>{children()}</div>
        <div class="toast" id="toast" popover="manual" node_ref=page.toast_element>
            {move || page.toast.get()}
        </div>
    }
}

/// Listens to an event of the window until the owner ends.
pub fn on_window(event: &str, handler: impl Fn(Event) + 'static) {
    let handle = window_event_listener_untyped(event, handler);
    on_cleanup(move || handle.remove());
}
