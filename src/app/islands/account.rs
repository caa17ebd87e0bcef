//! Signing in, up and out, and the display name.

use leptos::prelude::*;

use super::{
    form::{live_form, refreshing, sending},
    page::Phrase,
};
use crate::{
    browser::dom::go,
    server_fns::{
        Problem, ProblemKind,
        accounts::{rename_user, sign_in, sign_out, sign_up},
    },
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
    let send = sending(|values| async move {
        let done = sign_in(
            values.text("email"),
            values.text("password"),
            values.text("to"),
        )
        .await
        .map_err(nothing_changed)?;
        go(&done.to);
        Ok(())
    });
    live_form(send, children)
}

#[island]
pub fn SignUpForm(children: Children) -> impl IntoView {
    let send = sending(|values| async move {
        let done = sign_up(
            values.text("email"),
            values.text("password"),
            values.text("to"),
        )
        .await?;
        go(&done.to);
        Ok(())
    });
    live_form(send, children)
}

#[island]
pub fn SignOutForm(children: Children) -> impl IntoView {
    let send = sending(|_| async move {
        go(&sign_out().await?.to);
        Ok(())
    });
    live_form(send, children)
}

/// Changes the reader's display name, which the masthead shows.
#[island]
pub fn RenameUserForm(children: Children) -> impl IntoView {
    let send = refreshing(|values| rename_user(values.text("display_name")));
    live_form(send, children)
}
