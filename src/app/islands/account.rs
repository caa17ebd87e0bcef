//! Signing in, up and out, and the display name.

use leptos::prelude::*;

use super::{
    form::{leading, live_form, refreshing},
    page::Phrase,
};
use crate::server_fns::{
    Problem, ProblemKind,
    accounts::{rename_user, sign_in, sign_out, sign_up},
};

/// Without an answer it does not matter whether the server did it: nothing of the reader's changes.
fn nothing_changed(problem: Problem) -> Problem {
    if problem.kind == ProblemKind::NoAnswer {
        Problem::invalid("", Phrase::NoAnswer.words())
    } else {
        problem
    }
}

#[island]
pub fn SignInForm(children: Children) -> impl IntoView {
    let send = leading(|values| async move {
        sign_in(
            values.text("email"),
            values.text("password"),
            values.text("to"),
        )
        .await
        .map_err(nothing_changed)
    });
    live_form(send, children)
}

#[island]
pub fn SignUpForm(children: Children) -> impl IntoView {
    let send = leading(|values| {
        sign_up(
            values.text("email"),
            values.text("password"),
            values.text("to"),
        )
    });
    live_form(send, children)
}

#[island]
pub fn SignOutForm(children: Children) -> impl IntoView {
    live_form(leading(|_| sign_out()), children)
}

/// Changes the reader's display name, which the masthead shows.
#[island]
pub fn RenameUserForm(children: Children) -> impl IntoView {
    let send = refreshing(|values| rename_user(values.text("display_name")));
    live_form(send, children)
}
