//! The dialog that makes a key and shows its secret, once.

use leptos::prelude::*;

use crate::browser;

/// Sends the form inside it to the server function, shows the secret that comes back, and does
/// not let it be lost by accident. The secret is only ever in the field that shows it.
#[island]
pub fn CreateKey(
    /// The form and the panel for the secret.
    children: Children,
) -> impl IntoView {
    browser::create_key::start();
    view! { <div class="create-key">{children()}</div> }
}
