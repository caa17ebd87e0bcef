//! The layout of pages outside the settings: sign-in, sign-up and errors.

use leptos::prelude::*;

use super::Icon;

#[component]
pub fn AuthLayout(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="auth">
            <main id="main" tabindex="-1" class="card">
                <span class="brand-mark">{Icon::Key.view()}</span>
                <h1>{title}</h1>
                {children()}
            </main>
        </div>
    }
}
