//! The dialog that creates a key and shows its secret, once.

use leptos::{ev, html, prelude::*};

use super::{
    form::{FormState, LiveForm, sending},
    key_list::KeyListContext,
    page::{Announcer, LiveRegion, on_window},
};
use crate::{
    browser::dom::{FormValues, focus_first, focused, go_back, is_focused, push_entry},
    server_fns::{CreatedApiKey, Problem, ProblemKind, api_keys::create_api_key},
};

/// What the parts of the dialog share. The secret is in the field that shows it, and nowhere else.
#[derive(Clone, Copy)]
pub struct CreateKeyContext {
    dialog: NodeRef<html::Dialog>,
    pub secret: NodeRef<html::Textarea>,
    /// Ticked by a person who has saved the secret.
    pub saved_box: NodeRef<html::Input>,
    /// Whether the dialog shows the secret; otherwise the form.
    shows_secret: RwSignal<bool>,
    /// The person tried to leave without having saved the secret.
    pub is_reminded: RwSignal<bool>,
    memory: StoredValue<Memory>,
}

/// What the dialog remembers.
#[derive(Clone, Default)]
struct Memory {
    /// The history has an entry for the secret, which Back leaves instead of the page.
    has_entry: bool,
    /// The token for the next key, if it is not the form's. The same token creates one key only.
    token: Option<String>,
    /// The last try got no answer, so it may have created a key.
    is_retry: bool,
}

impl CreateKeyContext {
    fn provide() -> Self {
        let context = Self {
            dialog: NodeRef::new(),
            secret: NodeRef::new(),
            saved_box: NodeRef::new(),
            shows_secret: RwSignal::new(false),
            is_reminded: RwSignal::new(false),
            memory: StoredValue::new(Memory::default()),
        };
        provide_context(context);
        context
    }

    /// Reads or changes what the dialog remembers; nothing, once the dialog has gone.
    fn remember<T: Default>(self, remember: impl FnOnce(&mut Memory) -> T) -> T {
        self.memory.try_update_value(remember).unwrap_or_default()
    }

    /// Returns the context of the dialog around.
    pub fn around() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    fn select_secret(self) {
        if let Some(field) = self.secret.try_get_untracked().flatten() {
            if !is_focused(&field) {
                field.focus().ok();
            }
            field.select();
        }
    }

    /// Whether closing the dialog would lose the secret.
    fn must_stay(self) -> bool {
        let is_saved = self
            .saved_box
            .try_get_untracked()
            .flatten()
            .is_some_and(|saved| saved.checked());
        self.shows_secret.get_untracked() && !is_saved
    }

    fn remind(self) {
        self.is_reminded.set(true);
        if let Some(saved_box) = self.saved_box.try_get_untracked().flatten() {
            saved_box.focus().ok();
        }
    }

    /// Closes the dialog, unless the secret would be lost.
    pub fn finish(self) {
        if self.must_stay() {
            self.remind();
        } else if let Some(dialog) = self.dialog.try_get_untracked().flatten() {
            dialog.close();
        }
    }

    /// Opens the dialog, if it is not open.
    fn open(self) {
        if let Some(dialog) = self.dialog.try_get_untracked().flatten()
            && !dialog.open()
        {
            dialog.show_modal().ok();
        }
    }

    /// Asks the server for the key.
    async fn create(self, values: FormValues) -> Result<CreatedApiKey, Problem> {
        let Memory {
            token, is_retry, ..
        } = self.remember(|memory| memory.clone());
        let token = token.unwrap_or_else(|| values.text("token"));
        let retry = if is_retry { "1" } else { "" };
        let answer = create_api_key(
            values.optional("team"),
            values.text("description"),
            values.text("expires"),
            values.text("custom"),
            values.text("custom_millis"),
            token.clone(),
            retry.to_owned(),
        )
        .await;
        let is_lost = matches!(&answer, Err(problem) if problem.kind == ProblemKind::NoAnswer);
        let next = match &answer {
            Ok(created) => Some(created.next_token.clone()),
            Err(_) => is_lost.then_some(token),
        };
        self.remember(|memory| {
            memory.token = next;
            memory.is_retry = is_lost;
        });
        answer
    }

    fn show(self, secret: &str) {
        if let Some(field) = self.secret.try_get_untracked().flatten() {
            field.set_value(secret);
        }
        self.shows_secret.set(true);
        // Closed while the answer was on its way, it would hide the secret.
        self.open();
        push_entry(None);
        self.remember(|memory| memory.has_entry = true);
    }

    fn clear_secret(self) {
        if let Some(field) = self.secret.try_get_untracked().flatten() {
            field.set_value("");
        }
    }

    /// Resets the dialog and clears the secret.
    fn reset(self) {
        self.clear_secret();
        self.shows_secret.set(false);
        if let Some(saved_box) = self.saved_box.try_get_untracked().flatten() {
            saved_box.set_checked(false);
        }
        self.is_reminded.set(false);
        if self.remember(|memory| memory.has_entry) {
            self.remember(|memory| memory.has_entry = false);
            go_back();
        }
        if focused().is_none() {
            focus_first(["create-open"]);
        }
    }

    /// Warns before leaving with an unsaved secret, and clears the secret when the page is left.
    fn guard_secret(self) {
        on_window("beforeunload", move |event| {
            if self.must_stay() {
                event.prevent_default();
            }
        });
        on_window("popstate", move |_| {
            if self.must_stay() {
                push_entry(None);
                self.remind();
            } else if self.shows_secret.get_untracked() {
                self.remember(|memory| memory.has_entry = false);
                self.finish();
            }
        });
        on_window("pagehide", move |_| {
            self.clear_secret();
            self.shows_secret.set(false);
        });
    }
}

/// The dialog. Its children are its two steps: the form, and the secret.
#[island]
pub fn CreateKey(children: Children) -> impl IntoView {
    let list = KeyListContext::around();
    let announcer = Announcer::provide();
    let form = FormState::provide();
    let create = CreateKeyContext::provide();
    create.guard_secret();
    let send = sending(move |values| async move {
        let outcome = create.create(values).await.map(|created| {
            create.show(&created.secret);
            announcer.say(created.message);
        });
        // The list shows the key, and brings a token for the next one.
        if outcome.as_ref().err().is_none_or(Problem::is_outdated) {
            list.refresh_soon();
        }
        outcome
    });
    // The field can be focused once its step is shown.
    Effect::new(move |_| {
        if create.shows_secret.get() {
            create.select_secret();
        }
    });
    let cancel = move |event: ev::Event| {
        // Escape. A browser lets it be refused once: a close that happens anyway is undone.
        if create.must_stay() {
            event.prevent_default();
            create.remind();
        }
    };
    // `closedby` keeps Escape from arriving as `cancel`; it is answered all the same.
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            cancel(event.into());
        }
    };
    let close = move |_: ev::Event| {
        if create.must_stay() {
            create.open();
            create.remind();
        } else {
            create.reset();
            form.reset(create.dialog);
            announcer.take_back(None);
        }
    };
    view! {
        <dialog
            class="dialog"
            id="create-dialog"
            aria-labelledby="create-title"
            class:shows-secret=move || create.shows_secret.get()
            closedby=move || create.shows_secret.get().then_some("none")
            node_ref=create.dialog
            on:cancel=cancel
            on:keydown=key
            on:close=close
        >
            <LiveForm form send>
                {children()}
            </LiveForm>
            <LiveRegion announcer />
        </dialog>
    }
}

/// The form on a page of its own. The browser sends it, and shows the answer as a page.
#[island]
pub fn CreateKeyForm(children: Children) -> impl IntoView {
    let form = FormState::provide();
    view! {
        <div class="contents" on:input=move |_| form.edit()>
            {children()}
        </div>
    }
}
