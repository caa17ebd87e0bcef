//! A labelled field with its hint and its error.

use leptos::prelude::*;

/// A line of text to fill in. The error stands beside the field, and is there, empty, from the
/// beginning, so that the script can fill it in and it is announced.
#[component]
pub fn TextField(
    /// The field's id; the hint's and the error's derive from it.
    #[prop(into)]
    id: String,
    /// The name under which it is sent.
    name: &'static str,
    /// What stands above it.
    label: &'static str,
    /// What it holds.
    #[prop(optional_no_strip, into)]
    value: String,
    /// What stands below it.
    #[prop(optional_no_strip, into)]
    hint: Option<&'static str>,
    /// What stands there instead until the page is live.
    #[prop(optional)]
    plain_hint: Option<&'static str>,
    /// What is wrong with it.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// `text`, `email`, `password`, `datetime-local`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers and password managers fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// An example, shown while it is empty.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// Whether the focus begins here.
    #[prop(optional)]
    autofocus: bool,
    /// Most characters; shows a counter.
    #[prop(optional)]
    max: Option<usize>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    let described = if hint.is_some() {
        format!("{hint_id} {error_id}")
    } else {
        error_id.clone()
    };
    let invalid = error.is_some().then_some("true");
    let counter = max.map(|max| {
        let used = value.chars().count();
        view! {
            <span class="counter needs-script" data-counter=id.clone() data-max=max aria-hidden="true">
                {format!("{used}/{max}")}
            </span>
        }
    });
    view! {
        <div class="field">
            <div class="field-label">
                <label for=id.clone()>{label}</label>
                {counter}
            </div>
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                placeholder=placeholder
                required=!optional
                autofocus=autofocus
                aria-describedby=described
                aria-invalid=invalid
                spellcheck="false"
            />
            {hint
                .map(|hint| {
                    view! {
                        <p class="hint" id=hint_id>
                            <span class:when-live=plain_hint.is_some()>{hint}</span>
                            {plain_hint.map(|hint| view! { <span class="without-script">{hint}</span> })}
                        </p>
                    }
                })}
            <p class="error" id=error_id data-error-for=name role="alert">{error}</p>
        </div>
    }
}

/// What is wrong with a form as a whole.
#[component]
pub fn FormProblem(
    /// What is wrong.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
) -> impl IntoView {
    view! { <p class="form-error" data-error role="alert">{error}</p> }
}
