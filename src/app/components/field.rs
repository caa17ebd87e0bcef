//! A labelled field with its hint and its error.

use leptos::prelude::*;

use crate::{
    browser::time_zone::ZONED,
    form_return::FormAround,
    islands::{Field, FormProblem},
};

/// A single-line input.
#[component]
pub fn TextField(
    /// The field's id; the ids of hint and error are derived from it.
    #[prop(into)]
    id: String,
    name: &'static str,
    label: &'static str,
    #[prop(optional_no_strip, into)] value: String,
    #[prop(optional_no_strip, into)] hint: Option<&'static str>,
    /// A hint that reads differently in another time zone. An island may put more in its place.
    #[prop(optional_no_strip)]
    zoned_hint: Option<String>,
    #[prop(optional_no_strip, into)] error: Option<String>,
    /// `text`, `email`, `password`, `datetime-local`.
    #[prop(default = "text")]
    kind: &'static str,
    /// The `autocomplete` attribute.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Shown while the field is empty.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// Digits only: a phone shows its keys for numbers.
    #[prop(optional)]
    numeric: bool,
    #[prop(optional)] optional: bool,
    #[prop(optional)] autofocus: bool,
    /// Maximum number of characters; shows a counter.
    #[prop(optional)]
    max: Option<usize>,
) -> impl IntoView {
    let form = FormAround::current();
    let value = form.value(name).unwrap_or(value);
    let error = error.or_else(|| form.error(name));
    // What is wrong is corrected first.
    let is_typed = form.value(name).is_some_and(|value| !value.is_empty());
    let autofocus = autofocus && !is_typed || error.is_some();
    let hint = hint.filter(|_| error.is_none());
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described = if hint.is_some() || zoned_hint.is_some() {
        format!("{hint_id} {error_id}")
    } else {
        error_id.clone()
    };
    let invalid = error.is_some().then_some("true");
    let counter = max.map(|max| {
        let used = value.chars().count();
        view! {
            <span class="counter needs-script" aria-hidden="true">
                <span class="used">{used}</span>
                "/"
                <span class="max">{max}</span>
            </span>
        }
    });
    view! {
        <Field>
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
                inputmode=numeric.then_some("numeric")
                placeholder=placeholder
                required=!optional
                autofocus=autofocus
                aria-describedby=described
                aria-invalid=invalid
                spellcheck="false"
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id.clone()>{hint}</p> })}
            {zoned_hint
                .map(|hint| {
                    view! {
                        <p class="hint" id=hint_id>
                            <span class=ZONED>{hint}</span>
                            <span class=format!("outcome {ZONED}") aria-live="polite"></span>
                        </p>
                    }
                })}
            <p class="error" id=error_id role="alert">{error}</p>
        </Field>
    }
}

/// What is wrong with a form as a whole.
#[component]
pub fn FormError() -> impl IntoView {
    let error = FormAround::current().error("");
    view! {
        <FormProblem />
        // Until the form is sent again.
        {error
            .map(|error| {
                view! {
                    <p class="form-error returned" role="alert">
                        {error}
                    </p>
                }
            })}
    }
}
