//! Creating a key: the form in the dialog, whose second step shows the secret, and the form on a page.

use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*};
use web_sys::{HtmlFormElement, HtmlInputElement};

use super::{
    form::{FormState, LiveForm, sending},
    key_list::KeyListContext,
    page::{Announcer, LiveRegion, PageContext},
    secret::SecretContext,
};
use crate::{
    browser::{
        dom::{FormValues, find},
        fetch::DEADLINE_MILLIS,
    },
    server_fns::{CreatedApiKey, Problem, ProblemKind, api_keys::create_api_key},
};

/// What the dialog remembers from one key to the next.
#[derive(Clone, Default)]
struct Memory {
    /// The token for the next key, if it is not the form's. The same token creates one key only.
    token: Option<String>,
    /// The last try got no answer, so it may have created a key.
    is_retry: bool,
}

/// Asks the server for the key.
async fn create(values: FormValues, memory: StoredValue<Memory>) -> Result<CreatedApiKey, Problem> {
    let Memory { token, is_retry } = memory.try_get_value().unwrap_or_default();
    let token = token.unwrap_or_else(|| values.text("token"));
    let retry = if is_retry { "1" } else { "" };
    let answer = create_api_key(
        values.optional("team"),
        values.text("description"),
        values.text("expires"),
        values.text("custom"),
        values.text("time_zone"),
        token.clone(),
        retry.to_owned(),
    )
    .await;
    // When the server could not tell whether the key was created, it may have been.
    let is_retry = matches!(
        &answer,
        Err(problem) if matches!(problem.kind, ProblemKind::NoAnswer | ProblemKind::Unavailable)
    );
    let token = match &answer {
        Ok(created) => Some(created.next_token.clone()),
        Err(_) => is_retry.then_some(token),
    };
    memory.try_update_value(|memory| *memory = Memory { token, is_retry });
    answer
}

/// The dialog. Its children are its two steps: the form, and the secret.
#[island]
pub fn CreateKey(children: Children) -> impl IntoView {
    let list = KeyListContext::around();
    let announcer = Announcer::provide();
    let form = FormState::provide();
    let secret = SecretContext::provide();
    secret.guard();
    let memory = StoredValue::new(Memory::default());
    let send = sending(move |values| async move {
        let outcome = create(values, memory).await.map(|created| {
            secret.show(&created.secret);
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
        if secret.is_shown.get() {
            secret.focus();
        }
    });
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            secret.on_escape(&event);
        }
    };
    let close = move |_: ev::Event| {
        if secret.on_close() {
            // A refusal may mean that there are more keys than the list shows.
            if form.problem.with_untracked(Option::is_some) {
                list.refresh_soon();
            }
            form.reset(secret.dialog);
            announcer.take_back(None);
        }
    };
    view! {
        <dialog
            class="dialog"
            id="create-dialog"
            aria-labelledby=move || if secret.is_shown.get() { "created-title" } else { "create-title" }
            class:shows-secret=move || secret.is_shown.get()
            closedby=move || secret.is_shown.get().then_some("none")
            node_ref=secret.dialog
            on:cancel=move |event| secret.on_escape(&event)
            on:click=move |event| secret.on_click(&event)
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

/// The form on a page of its own. The browser sends it, once, and shows the answer as a page. If none
/// has come by the deadline, the form can be sent again, and says that it is another attempt.
#[island]
pub fn CreateKeyForm(children: Children) -> impl IntoView {
    let form = FormState::provide();
    let page = PageContext::around();
    let deadline = StoredValue::<Option<Timeout>, LocalStorage>::new_local(None);
    let submit = move |event: ev::SubmitEvent| {
        if form.pending.get_untracked() {
            event.prevent_default();
            return;
        }
        form.problem.set(None);
        form.pending.set(true);
        let element = event_target::<HtmlFormElement>(&event);
        let late = Timeout::new(DEADLINE_MILLIS, move || {
            if let Some(retry) = find::<HtmlInputElement>(&element, "[name=retry]") {
                retry.set_value("1");
            }
            form.pending.set(false);
            form.fail(Problem::no_answer(), &element, page);
        });
        deadline.set_value(Some(late));
    };
    view! {
        <div class="contents" on:input=move |_| form.edit() on:submit=submit>
            {children()}
        </div>
    }
}
