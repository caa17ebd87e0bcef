//! The form that changes something.

use leptos::prelude::*;

use crate::browser::fetch::VIEWER;

/// The digest of the user for whom the page is rendered; provided by the frame.
#[derive(Clone)]
pub struct ViewerDigest(pub String);

/// A form that posts, and says whom its page was made for. Only signing in and up have other forms.
#[component]
pub fn PostForm(
    #[prop(into)] action: String,
    class: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional)] role: Option<&'static str>,
    #[prop(optional)] hidden: bool,
    children: Children,
) -> impl IntoView {
    let viewer = use_context::<ViewerDigest>()
        .map(|ViewerDigest(viewer)| view! { <input type="hidden" name=VIEWER value=viewer /> });
    view! {
        <form class=class id=id role=role method="post" action=action hidden=hidden>
            {viewer}
            {children()}
        </form>
    }
}
