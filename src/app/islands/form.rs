//! A form that is sent without leaving the page.

use std::{pin::Pin, rc::Rc};

use leptos::{ev, html, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::HtmlFormElement;

use super::page::{PageContext, Phrase, reload};
use crate::{
    browser::dom::{FormValues, find_in, go},
    server_fns::{Done, Problem, ProblemKind},
};

/// What the parts of one form share.
#[derive(Clone, Copy)]
pub struct FormState {
    /// An answer is awaited.
    pub pending: RwSignal<bool>,
    /// Why it was not done.
    pub problem: RwSignal<Option<Problem>>,
    /// Changes whenever a field's value may have.
    pub edited: RwSignal<bool>,
}

impl FormState {
    /// Provides the state for the form inside.
    pub fn provide() -> Self {
        let state = Self {
            pending: RwSignal::new(false),
            problem: RwSignal::new(None),
            edited: RwSignal::new(false),
        };
        provide_context(state);
        state
    }

    /// Returns the state of the form around, if there is one.
    pub fn around() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Shows what is wrong: in the form or, if that is hidden by now, to everybody. Where the session
    /// has ended, leads to sign in.
    pub fn fail(self, mut problem: Problem, form: &HtmlFormElement, page: PageContext) {
        match problem.kind {
            // Sent as a plain form, what was typed comes back after signing in.
            ProblemKind::SignedOut if form.submit().is_ok() => return,
            ProblemKind::SignedOut => reload(),
            ProblemKind::NoAnswer => problem.message = Phrase::OutcomeUnknown.words(),
            ProblemKind::Outdated | ProblemKind::Refused | ProblemKind::Unavailable => {}
        }
        if form.offset_parent().is_some() {
            self.problem.set(Some(problem));
        } else {
            page.say(problem.message);
        }
    }

    /// A problem ends as soon as something is changed.
    pub fn edit(self) {
        self.edited.update(|edited| *edited = !*edited);
        if self.problem.with_untracked(Option::is_some) {
            self.problem.set(None);
        }
    }

    /// Resets the form inside an island's element to its initial state.
    pub fn reset<E>(self, root: NodeRef<E>)
    where
        E: html::ElementType,
        E::Output: JsCast + Clone + 'static,
    {
        if let Some(form) = find_in::<_, HtmlFormElement>(root, "form") {
            form.reset();
        }
        self.edit();
    }
}

/// What a form does when it is sent: asks the server, and shows what has become of it.
pub type SendForm = Rc<dyn Fn(FormValues) -> Pin<Box<dyn Future<Output = Result<(), Problem>>>>>;

/// Wraps an async closure as a [`SendForm`].
pub fn sending<F, R>(send: F) -> SendForm
where
    F: Fn(FormValues) -> R + 'static,
    R: Future<Output = Result<(), Problem>> + 'static,
{
    Rc::new(move |values| Box::pin(send(values)))
}

/// The same for a change that the whole page shows: afterwards the page is as the server renders it now, and says what was
/// done.
pub fn refreshing<F, R>(send: F) -> SendForm
where
    F: Fn(FormValues) -> R + 'static,
    R: Future<Output = Result<Done, Problem>> + 'static,
{
    let page = PageContext::around();
    sending(move |values| {
        let answer = send(values);
        async move {
            let done = answer.await?;
            page.refresh().await;
            page.say(done.message);
            Ok(())
        }
    })
}

/// The same for what leads to another page.
pub fn leading<F, R>(send: F) -> SendForm
where
    F: Fn(FormValues) -> R + 'static,
    R: Future<Output = Result<Done, Problem>> + 'static,
{
    sending(move |values| {
        let answer = send(values);
        async move {
            go(&answer.await?.to);
            Ok(())
        }
    })
}

/// Sends the form inside by script, once at a time.
#[component]
pub fn LiveForm(form: FormState, send: SendForm, children: Children) -> impl IntoView {
    let state = form;
    let page = PageContext::around();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let form = event_target::<HtmlFormElement>(&event);
        let Some(values) = FormValues::of(&form).filter(|_| !state.pending.get_untracked()) else {
            return;
        };
        state.problem.set(None);
        state.pending.set(true);
        let outcome = send(values);
        spawn_local(async move {
            let outcome = outcome.await;
            state.pending.set(false);
            if let Err(problem) = outcome {
                state.fail(problem, &form, page);
            }
        });
    };
    view! {
        <div
            class="live-form"
            aria-busy=move || state.pending.get().then_some("true")
            on:submit=submit
            on:input=move |_| state.edit()
        >
            {children()}
        </div>
    }
}

/// An island that sends the form inside it, and keeps nothing else.
pub fn live_form(send: SendForm, children: Children) -> impl IntoView {
    view! {
        <LiveForm form=FormState::provide() send>
            {children()}
        </LiveForm>
    }
}
