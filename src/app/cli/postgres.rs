//! `latchkey postgres`.

use std::{ffi::OsString, fs::File, os::unix::process::ExitStatusExt, process::ExitCode};

use crate::config::Started;
use clap::Subcommand;
use rustix::{
    process::{Pid, Signal, getpgrp, kill_process},
    termios::tcgetpgrp,
};

use super::{
    Failure,
    signals::{Ending, Signals},
};

#[derive(Subcommand)]
pub(super) enum PostgresCommand {
    /// Run a command while Postgres is up, with its address in `DATABASE_URL`: for a backup with `pg_dump` or a session in psql
    Exec {
        /// The command and its arguments
        #[arg(trailing_var_arg = true, required = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

pub(super) async fn postgres(
    started: &Started,
    command: PostgresCommand,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    let PostgresCommand::Exec { command } = command;
    let Some(embedded) = started.embedded() else {
        return Err(Failure(
            "DATABASE_URL is set, so the embedded Postgres is not in use; unset it, or run the command directly"
                .to_owned(),
        ));
    };
    let (program, arguments) = command.split_first().ok_or("no command given")?;
    let options = embedded.connect_options();
    let mut child = tokio::process::Command::new(program);
    child
        .args(arguments)
        .env("DATABASE_URL", embedded.database_url());
    // libpq's variables, so that psql and pg_dump need no address.
    if let (Some(folder), Some(database)) = (options.get_socket(), options.get_database()) {
        child
            .env("PGHOST", folder)
            .env("PGPORT", options.get_port().to_string())
            .env("PGDATABASE", database)
            .env("PGUSER", options.get_username());
    }
    let mut child = child
        .spawn()
        .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status?,
            ending = signals.next() => pass_on(ending, child.id()),
        }
    };
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

/// Passes a signal on to the child, which decides how to react; this process waits for it.
fn pass_on(ending: Ending, child: Option<u32>) {
    // The terminal sends these to the whole group, the child included.
    let by_terminal = matches!(ending, Ending::Interrupt | Ending::Quit) && is_in_foreground();
    let child = child.and_then(|id| Pid::from_raw(id.try_into().ok()?));
    if let Some(child) = child.filter(|_| !by_terminal)
        && let Err(error) = kill_process(child, ending.signal())
    {
        tracing::warn!(%error, "the command could not be told to end");
    }
}

fn is_in_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(&terminal) == Ok(getpgrp()))
}

impl Ending {
    fn signal(self) -> Signal {
        match self {
            Self::Hangup => Signal::HUP,
            Self::Interrupt => Signal::INT,
            Self::Quit => Signal::QUIT,
            Self::Terminate => Signal::TERM,
        }
    }
}
