//! `latchkey lock` and `latchkey unlock`.

use std::process::ExitCode;

use latchkey_domain::restore::{Decision, RestoreSummary};

use super::{
    Failure, operator,
    output::{counted, print},
};
use crate::{config::Started, text::time};

#[derive(clap::Args)]
pub(super) struct LockCommand {
    /// Who locks, for the record [default: the user of the operating system]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct UnlockCommand {
    /// Revoke every key that works and end every session: all are from the backup, and any may have been revoked since
    #[arg(long, conflicts_with = "accept")]
    revoke_older: bool,
    /// Take everything as it is in the backup, keys included that were revoked since
    #[arg(long)]
    accept: bool,
    /// Who decides, for the record [default: the user of the operating system]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) async fn lock(started: &Started, command: LockCommand) -> Result<ExitCode, Failure> {
    let by = operator::name(command.by.as_deref())?;
    started.domain.lock_restored(&by).await?;
    print("Locked: no key is accepted and nothing can be changed until “latchkey unlock” decides.");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn unlock(started: &Started, command: UnlockCommand) -> Result<ExitCode, Failure> {
    let summary = started.domain.restore_summary().await?;
    if !summary.is_locked {
        print("The database is not locked: there is nothing to decide.");
        return Ok(ExitCode::SUCCESS);
    }
    print(&describe(&summary));
    let (decision, question) = match (command.revoke_older, command.accept) {
        (true, _) => (
            Decision::RevokeOlder,
            format!(
                "Every key that works is revoked ({}) and every session ends ({}). This cannot be undone.",
                counted(summary.working_keys, "key"),
                counted(summary.sessions, "session")
            ),
        ),
        (_, true) => (
            Decision::Accept,
            format!(
                "Every key of the backup works again ({}), those included that were revoked since.",
                counted(summary.working_keys, "key")
            ),
        ),
        (false, false) => {
            print(CHOICES);
            return Ok(ExitCode::FAILURE);
        }
    };
    let by = operator::name(command.by.as_deref())?;
    operator::confirm(&question, command.yes)?;
    match started.domain.decide_restored(decision, &by).await? {
        Some(decided) => print(&format!(
            "Unlocked by {by}: {} revoked, {} ended.",
            counted(decided.keys_revoked, "key"),
            counted(decided.sessions_ended, "session")
        )),
        None => print("Somebody else has decided in the meantime; nothing was changed."),
    }
    Ok(ExitCode::SUCCESS)
}

const CHOICES: &str = "\
Decide with one of:
  latchkey unlock --revoke-older   revoke every working key and end every session; people make new keys
  latchkey unlock --accept         take everything as it is in the backup
With either, look at what else may have come back: users and teams that were deleted, members and permissions that
were removed, project administrators, changed passwords, rotated project keys, and switches that were turned off.";

fn describe(summary: &RestoreSummary) -> String {
    let newest = summary.newest_at.map_or_else(
        || "nothing has ever happened in it".to_owned(),
        |millis| format!("the newest entry is of {}", time::exact(millis)),
    );
    format!(
        "The database was restored from a backup and is locked; {newest}.\n\
         It holds working keys: {}, sessions: {}, users: {}, teams: {}, projects: {}.",
        summary.working_keys, summary.sessions, summary.users, summary.teams, summary.projects
    )
}
