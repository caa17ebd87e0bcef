//! A text to copy, or to save as a file.

use gloo_timers::callback::Timeout;
use leptos::{ev, html, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};

use super::page::{Announcer, PageContext, Phrase};
use crate::browser::{
    clipboard,
    dom::{find_in, is_focused},
};

/// How long a button says that it has copied.
const COPIED_MILLIS: u32 = 2_000;

/// The field around the buttons.
#[derive(Clone, Copy)]
struct CopyContext(NodeRef<html::Div>);

impl CopyContext {
    fn provide() -> Self {
        let context = Self(NodeRef::new());
        provide_context(context);
        context
    }

    fn around() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Returns the field, which may be a `textarea`: both have `value` and `select`.
    fn field(self) -> Option<HtmlInputElement> {
        let field: Element = find_in(self.0, "[readonly]")?;
        Some(field.unchecked_into())
    }

    fn text(self) -> String {
        self.field().map(|field| field.value()).unwrap_or_default()
    }

    fn select(self) {
        if let Some(field) = self.field() {
            if !is_focused(&field) {
                field.focus().ok();
            }
            field.select();
        }
    }

    /// Selects the text and shows how to copy it with the keyboard.
    fn failed(self, page: PageContext, announcer: Announcer) {
        self.select();
        announcer.say(Phrase::CopyFailed.words());
        page.show(Phrase::CopyFailed.words());
    }
}

/// A read-only field with buttons for its text. The text is selected when the field gets the focus.
#[island]
pub fn CopyField(children: Children) -> impl IntoView {
    let context = CopyContext::provide();
    let focus = move |event: ev::FocusEvent| {
        if context
            .field()
            .is_some_and(|field| event.target().as_ref() == Some(&field))
        {
            context.select();
        }
    };
    view! {
        <div class="contents" node_ref=context.0 on:focusin=focus>
            {children()}
        </div>
    }
}

/// Copies the field. For a while it shows the second of its two labels, in the place of the first.
#[island]
pub fn CopyButton(children: Children) -> impl IntoView {
    let context = CopyContext::around();
    let page = PageContext::around();
    let announcer = Announcer::around();
    let button = NodeRef::<html::Button>::new();
    let is_copied = RwSignal::new(false);
    let end = StoredValue::new_local(None);
    let copy = move |_: ev::MouseEvent| {
        spawn_local(async move {
            if !clipboard::copy(&context.text()).await {
                context.failed(page, announcer);
                return;
            }
            let done = find_in::<_, Element>(button, ".busy");
            announcer.say(
                done.and_then(|done| done.text_content())
                    .unwrap_or_default(),
            );
            is_copied.set(true);
            // For its full time also when it is pressed again.
            end.set_value(Some(Timeout::new(COPIED_MILLIS, move || {
                is_copied.set(false);
            })));
        });
    };
    view! {
        <button
            class="button needs-script"
            type="button"
            node_ref=button
            class:is-busy=move || is_copied.get()
            on:click=copy
        >
            {children()}
        </button>
    }
}

/// Saves the field as a file of settings. Beside the label, two `data` elements have the name of the file and that of the
/// variable.
#[island]
pub fn DownloadButton(children: Children) -> impl IntoView {
    let context = CopyContext::around();
    let page = PageContext::around();
    let announcer = Announcer::around();
    let button = NodeRef::<html::Button>::new();
    let name = move |selector| {
        find_in::<_, Element>(button, selector)
            .and_then(|name| name.get_attribute("value"))
            .unwrap_or_default()
    };
    let save = move |_: ev::MouseEvent| {
        // Without quotes, which `docker run --env-file` takes for a part of the value.
        let line = [&*name("data.variable"), "=", &context.text(), "\n"].concat();
        if !clipboard::save_as(&name("data.file"), &line) {
            context.failed(page, announcer);
        }
    };
    view! {
        <button class="button needs-script" type="button" node_ref=button on:click=save>
            {children()}
        </button>
    }
}
