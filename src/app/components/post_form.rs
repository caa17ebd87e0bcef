//! The form that changes something.

use leptos::{context::Provider, prelude::*};

use crate::{browser::fetch::VIEWER, form_return::FormAround};

/// The digest of the user for whom the page is rendered; provided by the frame.
#[derive(Clone)]
pub struct ViewerDigest(pub String);

/// A form that posts, and says whom its page was made for. Where nobody is signed in, it is for nobody.
#[component]
pub fn PostForm(
    #[prop(into)] action: String,
    class: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional)] role: Option<&'static str>,
    #[prop(optional)] hidden: bool,
    /// The value of the field `id`, which says what the form is about.
    #[prop(optional_no_strip, into)]
    subject: Option<String>,
    children: Children,
) -> impl IntoView {
    let around = FormAround::find(&action, subject.as_deref());
    let viewer = use_context::<ViewerDigest>()
        .map(|ViewerDigest(viewer)| view! { <input type="hidden" name=VIEWER value=viewer /> });
    view! {
        <form class=class id=id role=role method="post" action=action hidden=hidden>
            {viewer}
            {subject.map(|id| view! { <input type="hidden" name="id" value=id /> })}
            <Provider value=around>{children()}</Provider>
        </form>
    }
}
