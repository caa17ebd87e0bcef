//! The parts of a form that change: errors, counter, button.

use gloo_timers::callback::Timeout;
use leptos::{ev, html, prelude::*, task::spawn_local};
use web_sys::{Element, HtmlInputElement};

use super::{form::FormState, page::Announcer};
use crate::{
    browser::dom::{find, find_in},
    server_fns::api_keys::describe_expiry,
};

/// A field with its input, its error and perhaps its counter. The error's place is there, empty, from
/// the beginning, so that the message is announced.
#[island]
pub fn Field(children: Children) -> impl IntoView {
    let form = FormState::around();
    let root = NodeRef::<html::Div>::new();
    Effect::new(move |was_shown: Option<bool>| {
        let (Some(root), Some(input)) = (root.get(), input_in(root)) else {
            return false;
        };
        let message = form.problem.with(|problem| {
            problem
                .as_ref()
                .filter(|problem| problem.is_about(&input.name()))
                .map(|problem| problem.message.clone())
        });
        if let Some(message) = &message {
            show_error(&root, &input, message);
            input.focus().ok();
        } else if was_shown == Some(true) {
            clear_error(&root, &input);
        }
        message.is_some()
    });
    Effect::new(move |_| {
        form.edited.track();
        if let (Some(root), Some(input)) = (root.get(), input_in(root)) {
            count(&root, &input);
        }
    });
    // An error ends as soon as the field is changed, also one that came with the page.
    let typed = move |_: ev::Event| {
        if let (Some(root), Some(input)) = (root.get_untracked(), input_in(root)) {
            clear_error(&root, &input);
        }
    };
    view! {
        <div class="field" node_ref=root on:input=typed>
            {children()}
        </div>
    }
}

fn input_in(root: NodeRef<html::Div>) -> Option<HtmlInputElement> {
    find_in(root, "input:not([type=hidden])")
}

fn show_error(root: &Element, input: &HtmlInputElement, message: &str) {
    input.set_attribute("aria-invalid", "true").ok();
    if let Some(place) = find::<Element>(root, ".error") {
        place.set_text_content(Some(message));
    }
}

fn clear_error(root: &Element, input: &HtmlInputElement) {
    input.remove_attribute("aria-invalid").ok();
    if let Some(place) = find::<Element>(root, ".error") {
        place.set_text_content(None);
    }
}

/// Shows how many characters the field holds, beside how many it may.
fn count(root: &Element, input: &HtmlInputElement) {
    let text = |selector| find::<Element>(root, selector);
    let (Some(counter), Some(used), Some(max)) = (text(".counter"), text(".used"), text(".max"))
    else {
        return;
    };
    let count = input.value().trim().chars().count();
    let max = max.text_content().and_then(|max| max.parse().ok());
    used.set_text_content(Some(&count.to_string()));
    counter
        .class_list()
        .toggle_with_force("over", max.is_some_and(|max| count > max))
        .ok();
}

/// What is wrong with a form as a whole.
#[island]
pub fn FormProblem() -> impl IntoView {
    let form = FormState::around();
    view! {
        <p class="form-error" role="alert">
            {move || {
                form.problem
                    .with(|problem| {
                        problem
                            .as_ref()
                            .filter(|problem| problem.field.is_empty())
                            .map(|problem| problem.message.clone())
                    })
            }}
        </p>
    }
}

/// Sends the form. While an answer is awaited it shows the second of its two labels, in the place of
/// the first, and says so; it keeps the focus, which a button that is `disabled` loses.
#[island]
pub fn SubmitButton(children: Children) -> impl IntoView {
    let form = FormState::around();
    let announcer = Announcer::around();
    let button = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        let is_pending = form.pending.get();
        let busy = find_in::<_, Element>(button, ".busy").and_then(|busy| busy.text_content());
        match busy {
            Some(busy) if is_pending => announcer.say(busy),
            busy => announcer.take_back(busy.as_ref()),
        }
    });
    view! {
        <button
            class="button"
            type="submit"
            node_ref=button
            class:is-busy=move || form.pending.get()
            aria-disabled=move || form.pending.get().then_some("true")
        >
            {children()}
        </button>
    }
}

/// How long somebody pauses before the date that they type is described.
const PAUSE_MILLIS: u32 = 300;

/// The date and time at which a key expires. Below it the server says when that is, or what is wrong with it, before the
/// form is sent.
#[island]
pub fn CustomDate(children: Children) -> impl IntoView {
    let form = FormState::around();
    let root = NodeRef::<html::Div>::new();
    let described = StoredValue::new(String::new());
    let typing = StoredValue::new_local(None::<Timeout>);
    let outcome = move |words: &str, is_wrong: bool| {
        if let Some(outcome) = find_in::<_, Element>(root, ".outcome") {
            outcome.set_text_content(Some(words));
            outcome
                .class_list()
                .toggle_with_force("over", is_wrong)
                .ok();
        }
    };
    let zone = move || {
        let zone = find_in::<_, HtmlInputElement>(root, "[type=hidden]");
        zone.map(|zone| zone.value()).unwrap_or_default()
    };
    let describe = move |date: String| async move {
        let asked = zone();
        let answer = describe_expiry(date.clone(), asked.clone()).await;
        // Another date may have been typed since, and the page may be in another time zone.
        if described.try_get_value().as_ref() == Some(&date) && zone() == asked {
            match answer {
                Ok(done) => outcome(&done.message, false),
                Err(problem) => outcome(&problem.message, true),
            }
        }
    };
    // Whenever the text may have changed, also by a reset or before the page was live.
    Effect::new(move |_| {
        form.edited.track();
        let Some(date) = root.get().and_then(|_| input_in(root)) else {
            return;
        };
        let date = date.value();
        if described.with_value(|described| *described == date) {
            return;
        }
        described.set_value(date.clone());
        outcome("", false);
        typing.set_value(
            (!date.is_empty())
                .then(|| Timeout::new(PAUSE_MILLIS, move || spawn_local(describe(date)))),
        );
    });
    view! {
        <div class="contents" node_ref=root>
            {children()}
        </div>
    }
}
