//! Signing up, in and out, and changing one's name.
#![expect(
    missing_docs,
    reason = "the macro makes public structs of the arguments"
)]

use axum::http::request::Parts;
use latchkey_domain::{Error, Subject, accounts::Credentials, sessions::Lifetime};
use leptos::prelude::*;
use server_fn::codec::{Json, PostUrl};

use super::{Problem, asked, set_cookie, then};
use crate::{paths, state::AppState};

async fn at_the_door(
    email: String,
    password: String,
) -> Result<(AppState, latchkey_model::id::ProjectId, Credentials), Error> {
    let state = expect_context::<AppState>();
    let parts = expect_context::<Parts>();
    let project = state
        .sign_in_project()
        .await?
        .ok_or(Error::NotFound(Subject::Project))?;
    let credentials = Credentials {
        email,
        password,
        address: state.address(&parts),
        former: state.caller(&parts.headers),
        lifetime: Lifetime::Browser,
    };
    Ok((state, project.id, credentials))
}

/// Signs in and goes to the page that `to` names.
#[server(name = SignIn, prefix = "/fn", endpoint = "sign-in", input = PostUrl, output = Json)]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] to: String,
) -> Result<(), Problem> {
    let (state, project, credentials) = at_the_door(email, password).await?;
    let signed_in = state.domain.sign_in(project, credentials).await?;
    set_cookie(state.cookie.start(project, &signed_in.token));
    then(paths::come_back(Some(&to)));
    Ok(())
}

/// Makes an account, signs it in and goes to the page that `to` names.
#[server(name = SignUp, prefix = "/fn", endpoint = "sign-up", input = PostUrl, output = Json)]
pub async fn sign_up(
    email: String,
    password: String,
    #[server(default)] to: String,
) -> Result<(), Problem> {
    let (state, project, credentials) = at_the_door(email, password).await?;
    let signed_in = state.domain.sign_up(project, credentials).await?;
    set_cookie(state.cookie.start(project, &signed_in.token));
    then(paths::come_back(Some(&to)));
    Ok(())
}

/// Ends the session. One that has ended already is simply gone.
#[server(name = SignOut, prefix = "/fn", endpoint = "sign-out", input = PostUrl, output = Json)]
pub async fn sign_out() -> Result<(), Problem> {
    let state = expect_context::<AppState>();
    if let Some(caller) = state.caller(&expect_context::<Parts>().headers) {
        state.domain.sign_out(&caller).await?;
    }
    set_cookie(state.cookie.end());
    then(paths::SIGN_IN);
    Ok(())
}

/// Changes what the caller is called.
#[server(name = RenameUser, prefix = "/fn", endpoint = "profile/rename", input = PostUrl, output = Json)]
pub async fn rename_user(display_name: String) -> Result<(), Problem> {
    let (state, caller) = asked()?;
    Ok(state.domain.rename_user(&caller, &display_name).await?)
}
