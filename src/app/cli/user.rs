//! `latchkey user`.

use std::{io::Read as _, process::ExitCode};

use crate::config::Started;
use clap::{Args, Subcommand};
use latchkey_domain::random;
use serde_json::json;

use super::{Failure, project::find, say, told};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Make an account; its password is read from standard input, given, or made up and printed
    Create(NewAccount),
    /// Say whether somebody administers the project
    Admin {
        /// The project's id or name; without it, the oldest
        #[arg(long)]
        project: Option<String>,
        /// The e-mail address that the person signs in with
        #[arg(long)]
        email: String,
        /// Whether they do from now on
        #[arg(action = clap::ArgAction::Set)]
        admin: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

// An account to make. No doc comment: it would take the place of the command's own.
#[derive(Args)]
pub(super) struct NewAccount {
    /// The e-mail address to sign in with
    #[arg(long)]
    email: String,
    /// What the person is called
    #[arg(long)]
    name: Option<String>,
    /// The password; other users of this machine can see it while the command runs
    #[arg(long, conflicts_with = "password_stdin")]
    password: Option<String>,
    /// Read the password from standard input, up to the first line's end
    #[arg(long)]
    password_stdin: bool,
    /// The project's id or name; without it, the oldest
    #[arg(long)]
    project: Option<String>,
    /// Let the person administer the project: switch API keys on and off, see and revoke all of them
    #[arg(long)]
    admin: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn user(started: &Started, command: UserCommand) -> Result<ExitCode, Failure> {
    match command {
        UserCommand::Create(account) => create(started, account).await,
        UserCommand::Admin {
            project,
            email,
            admin,
            json,
        } => {
            let project = find(started, project.as_deref()).await?;
            started
                .domain
                .set_project_admin(project, &email, admin)
                .await
                .map_err(told)?;
            if json {
                let answer = json!({
                    "email": email,
                    "project_id": project.to_string(),
                    "is_project_admin": admin,
                });
                say(&answer.to_string());
            } else {
                let is = if admin {
                    "administers"
                } else {
                    "does not administer"
                };
                say(&format!("{email} {is} the project {project}"));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn create(started: &Started, account: NewAccount) -> Result<ExitCode, Failure> {
    let NewAccount {
        email,
        name,
        password,
        password_stdin,
        project,
        admin,
        json,
    } = account;
    let project = find(started, project.as_deref()).await?;
    let made_up = (password.is_none() && !password_stdin).then(random::secret_text);
    let password = match (password, password_stdin) {
        (Some(password), _) => password,
        (None, true) => first_line()?,
        (None, false) => made_up.clone().unwrap_or_default(),
    };
    let (domain, name) = (&started.domain, name.as_deref());
    let made = if admin {
        domain
            .create_project_admin(project, &email, password, name)
            .await
    } else {
        domain.create_user(project, &email, password, name).await
    };
    let user = made.map_err(told)?;
    if json {
        let mut answer = json!({"id": user.to_string(), "project_id": project.to_string()});
        if let Some(password) = made_up {
            answer["password"] = password.into();
        }
        say(&answer.to_string());
    } else {
        say(&format!("user id   {user}"));
        if let Some(password) = made_up {
            say(&format!("password  {password}"));
            say("Keep the password now: it is not shown again.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn first_line() -> Result<String, Failure> {
    let mut text = String::new();
    // A little more than any password, so that one that is too long is refused and not cut.
    std::io::stdin().take(4096).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
