//! `latchkey user`.

use std::{io::Read as _, process::ExitCode};

use crate::config::Started;
use clap::{Args, Subcommand};
use latchkey_domain::random;
use serde_json::json;

use super::{Failure, print, project::find};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Create an account; its password is read from standard input, given as an argument, or generated and printed
    Create(NewAccount),
    /// Grant or remove a user's project administrator rights
    Admin {
        /// The project's id or name; without it, the oldest
        #[arg(long)]
        project: Option<String>,
        /// The user's sign-in e-mail address
        #[arg(long)]
        email: String,
        /// true to grant, false to remove
        #[arg(action = clap::ArgAction::Set)]
        admin: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

// No doc comment: clap would print it in place of the command's own.
#[derive(Args)]
pub(super) struct NewAccount {
    /// The sign-in e-mail address
    #[arg(long)]
    email: String,
    /// Display name
    #[arg(long)]
    name: Option<String>,
    /// The password; visible to other users of this machine while the command runs
    #[arg(long, conflicts_with = "password_stdin")]
    password: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// The project's id or name; without it, the oldest
    #[arg(long)]
    project: Option<String>,
    /// Make the user a project administrator, who can switch API keys on and off, and see and revoke every key
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
                .await?;
            if json {
                let answer = json!({
                    "email": email,
                    "project_id": project.to_string(),
                    "is_project_admin": admin,
                });
                print(&answer.to_string());
            } else {
                let is = if admin {
                    "is a project administrator"
                } else {
                    "is not a project administrator"
                };
                print(&format!("{email} {is} of {project}"));
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
    let generated = (password.is_none() && !password_stdin).then(random::secret_text);
    let password = match (password, password_stdin) {
        (Some(password), _) => password,
        (None, true) => first_line()?,
        (None, false) => generated.clone().unwrap_or_default(),
    };
    let (domain, name) = (&started.domain, name.as_deref());
    let made = if admin {
        domain
            .create_project_admin(project, &email, password, name)
            .await
    } else {
        domain.create_user(project, &email, password, name).await
    };
    let user = made?;
    if json {
        let mut answer = json!({"id": user.to_string(), "project_id": project.to_string()});
        if let Some(password) = generated {
            answer["password"] = password.into();
        }
        print(&answer.to_string());
    } else {
        print(&format!("user id   {user}"));
        if let Some(password) = generated {
            print(&format!("password  {password}"));
            print("Save this password now: it is not shown again.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn first_line() -> Result<String, Failure> {
    let mut text = String::new();
    // More than the longest password, so that a longer one is rejected rather than truncated.
    std::io::stdin().take(4096).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
