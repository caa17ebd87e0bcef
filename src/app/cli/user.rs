//! `latchkey user`.

use std::process::ExitCode;

use crate::{
    config::{DEFAULT_LISTEN, PublicUrl, Started},
    paths,
};
use clap::{Args, Subcommand};
use latchkey_domain::{Error, Subject, operator::NamedUser, random};
use serde_json::json;

use super::{
    Failure,
    output::{check_shown, print},
    password,
    project::find,
};

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
    /// Print a link by which a user who has forgotten the password chooses a new one; it works once, for an hour
    ResetLink {
        /// The project's id or name; without it, the oldest
        #[arg(long)]
        project: Option<String>,
        /// The user's sign-in e-mail address
        #[arg(long, required_unless_present = "id")]
        email: Option<String>,
        /// The user's id
        #[arg(long, conflicts_with = "email")]
        id: Option<String>,
        #[command(flatten)]
        public_url: PublicUrl,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Let a user sign in again who is locked out by failed sign-ins
    Unlock {
        /// The project's id or name; without it, the oldest
        #[arg(long)]
        project: Option<String>,
        /// The user's sign-in e-mail address
        #[arg(long, required_unless_present = "id")]
        email: Option<String>,
        /// The user's id
        #[arg(long, conflicts_with = "email")]
        id: Option<String>,
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
    /// Read the password from the first line of standard input; on a terminal, ask for it
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

impl UserCommand {
    /// Reads a password that is not among the arguments. Done first, so that nobody types while
    /// Postgres starts.
    pub(super) async fn read_password(&mut self) -> Result<(), Failure> {
        if let Self::Create(account) = self
            && account.password_stdin
        {
            account.password = Some(password::read().await?);
        }
        Ok(())
    }
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
            match started
                .domain
                .set_project_admin(project, &email, admin)
                .await
            {
                Err(Error::NotFound(Subject::User)) => {
                    return Err(Failure(format!(
                        "project {project} has no user {email}; create one with “latchkey user create --project {project} \
                         --email {email}”, or name another project"
                    )));
                }
                done => done?,
            }
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
        UserCommand::ResetLink {
            project,
            email,
            id,
            public_url,
            json,
        } => {
            let user = named_user(id, email)?;
            reset_link(started, project.as_deref(), &user, &public_url, json).await
        }
        UserCommand::Unlock {
            project,
            email,
            id,
            json,
        } => unlock(started, project.as_deref(), named_user(id, email)?, json).await,
    }
}

async fn reset_link(
    started: &Started,
    project: Option<&str>,
    user: &NamedUser,
    public_url: &PublicUrl,
    json: bool,
) -> Result<ExitCode, Failure> {
    let project = find(started, project).await?;
    let reset = match started.domain.create_password_reset(project, user).await {
        Err(Error::NotFound(Subject::User)) => {
            return Err(Failure(format!(
                "project {project} has no such user with a sign-in address"
            )));
        }
        made => made?,
    };
    let origins = public_url.origins(DEFAULT_LISTEN);
    let link = paths::reset_link(origins.shown(), reset.token.expose());
    if json {
        let answer = json!({
            "user_id": reset.user.to_string(),
            "project_id": project.to_string(),
            "url": link,
            "expires_at_millis": reset.expires_at,
        });
        print(&answer.to_string());
    } else {
        print(&link);
        print(
            "It works once, for an hour. Give it to nobody else: whoever opens it chooses the password.",
        );
    }
    check_shown("the link", "run the command again")?;
    Ok(ExitCode::SUCCESS)
}

async fn unlock(
    started: &Started,
    project: Option<&str>,
    user: NamedUser,
    json: bool,
) -> Result<ExitCode, Failure> {
    let project = find(started, project).await?;
    let (user, failures) = started.domain.end_sign_in_lock(project, &user).await?;
    if json {
        let answer = json!({
            "id": user.to_string(),
            "project_id": project.to_string(),
            "failures_forgotten": failures,
        });
        print(&answer.to_string());
    } else {
        print(&match failures {
            0 => format!("user {user} has no failed sign-ins"),
            1 => format!("user {user} can sign in again; 1 failed sign-in is forgotten"),
            _ => format!("user {user} can sign in again; {failures} failed sign-ins are forgotten"),
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// By id or by e-mail address; clap takes care that one of them is given.
fn named_user(id: Option<String>, email: Option<String>) -> Result<NamedUser, Failure> {
    match id {
        Some(id) => id
            .parse()
            .map(NamedUser::Id)
            .map_err(|_| Failure(format!("“{id}” is not a user's id"))),
        None => Ok(NamedUser::Email(email.unwrap_or_default())),
    }
}

async fn create(started: &Started, account: NewAccount) -> Result<ExitCode, Failure> {
    let NewAccount {
        email,
        name,
        password,
        password_stdin: _,
        project,
        admin,
        json,
    } = account;
    let project = find(started, project.as_deref()).await?;
    let generated = password.is_none().then(random::secret_text);
    let password = password.or_else(|| generated.clone()).unwrap_or_default();
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
        if let Some(password) = &generated {
            answer["password"] = password.as_str().into();
        }
        print(&answer.to_string());
    } else {
        print(&format!("user id   {user}"));
        if let Some(password) = &generated {
            print(&format!("password  {password}"));
            print("Save this password now: it is not shown again.");
        }
    }
    if generated.is_some() {
        check_shown(
            &format!("the password of user {user}"),
            &format!("set another with PATCH /api/v1/users/{user}"),
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
