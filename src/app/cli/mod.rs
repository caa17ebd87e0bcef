//! The command line.

mod backup;
mod demo;
mod doctor;
mod dump_file;
mod import;
mod new_file;
mod operator;
mod output;
mod password;
mod pg_client;
mod postgres;
mod project;
mod restore;
mod serve;
mod signals;
mod signing_keys;
mod unlock;
mod user;

use std::{fmt, process::ExitCode};

use crate::{
    config::{Environment, Settings, Started, without_empty_variables},
    telemetry,
};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use output::{print, warn};
use project::ProjectCommand;
use signals::Signals;
use signing_keys::SigningKeysCommand;

/// Account settings for API keys: the pages on which people manage their keys, and the service that stores and checks the keys
#[derive(Parser)]
#[command(name = "latchkey", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the pages and the API
    Serve(crate::config::ServeSettings),
    /// Migrate the database schema and exit
    Migrate,
    /// Create and configure projects
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Create accounts and manage project administrators
    #[command(subcommand)]
    User(user::UserCommand),
    /// List and replace the keys that sign access tokens
    #[command(subcommand)]
    SigningKeys(signing_keys::SigningKeysCommand),
    /// Create the demo project “Acme” with accounts, a team and API keys, if it does not exist
    Demo,
    /// Import projects from another server
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Check the database and its content, and suggest how to fix problems
    Doctor(doctor::DoctorCommand),
    /// Write a backup that “latchkey restore” can restore
    Backup(backup::BackupCommand),
    /// Restore a backup; the database is locked afterwards, unless nothing was revoked or removed since
    Restore(restore::RestoreCommand),
    /// Decide about a restored database, which accepts no key until then
    Unlock(unlock::UnlockCommand),
    /// Lock the database as after a restore; for restores that cannot be detected, such as snapshots of a machine
    Lock(unlock::LockCommand),
    /// Run commands against the embedded Postgres
    #[command(subcommand)]
    Postgres(postgres::PostgresCommand),
}

impl Command {
    /// Whether it uses what the secret protects, or makes something for a server to use with it. The others help somebody
    /// who has the wrong one, or none.
    const fn needs_secret(&self) -> bool {
        matches!(
            self,
            Self::Serve(_)
                | Self::Project(
                    ProjectCommand::Create { .. }
                        | ProjectCommand::Config { .. }
                        | ProjectCommand::RotateKeys { .. }
                )
                | Self::User(_)
                | Self::SigningKeys(SigningKeysCommand::Rotate { .. })
                | Self::Demo
                | Self::Import(_)
        )
    }
}

/// The message of a failed command.
struct Failure(String);

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// `without_output` is whether the program was started without a standard output.
pub fn run(without_output: bool) -> ExitCode {
    let command = without_empty_variables(Cli::command());
    let parsed = command
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    // A server may be started without any output.
    if without_output && !matches!(&parsed, Ok(cli) if matches!(cli.command, Command::Serve(_))) {
        output::set_closed();
    }
    let result = match parsed {
        Ok(cli) => start(cli),
        Err(error) if error.use_stderr() => error.exit(),
        Err(help) => {
            output::print_help(&help);
            output::check_written().map(|()| ExitCode::SUCCESS)
        }
    };
    match result {
        Ok(code) => code,
        Err(Failure(message)) => {
            warn(&format!("error: {message}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<ExitCode, Failure> {
    // Commands print their own output; the log is for the server, or for an operator who sets a filter.
    let quiet =
        !matches!(cli.command, Command::Serve(_)) && cli.settings.log == telemetry::DEFAULT_FILTER;
    let filter = if quiet { "warn" } else { &cli.settings.log };
    let _log = telemetry::start(filter, cli.settings.log_lines.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(execute(cli));
    // Does not wait for somebody to type a password after a signal.
    runtime.shutdown_background();
    let code = result?;
    output::check_written()?;
    Ok(code)
}

async fn execute(mut cli: Cli) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen()?;
    let environment = Environment::read();
    if !matches!(cli.command, Command::Serve(_)) {
        cli.settings.database = cli.settings.database.for_operator();
    }
    if let Command::Import(command) = &cli.command {
        command.check()?;
    }
    if let Command::User(command) = &mut cli.command {
        tokio::select! {
            read = command.read_password() => read?,
            ending = signals.next() => return Ok(ending.code()),
        }
    }
    match &cli.command {
        Command::Doctor(command) => {
            return doctor::doctor(&cli.settings, &environment, command, &mut signals).await;
        }
        Command::Backup(command) => {
            return backup::backup(&cli.settings, &environment, command, &mut signals).await;
        }
        Command::Restore(command) => {
            return restore::restore(&cli.settings, &environment, command, &mut signals).await;
        }
        _ => {}
    }
    let started = signals
        .finish(Box::pin(cli.settings.start(&environment)))
        .await;
    let mut started = match (started, signals.ending()) {
        (Some(started), None) => started?,
        (Some(Ok(started)), Some(ending)) => {
            started.close().await?;
            return Ok(ending.code());
        }
        (_, Some(ending)) => return Ok(ending.code()),
        (None, None) => return Ok(ExitCode::FAILURE),
    };
    let result = Box::pin(run_command(
        &cli.settings,
        &mut started,
        cli.command,
        &mut signals,
    ))
    .await;
    let closed = started.close().await;
    let code = result?;
    closed?;
    Ok(code)
}

/// Commands that last take care of signals themselves; the others have some time to complete.
async fn run_command(
    settings: &Settings,
    started: &mut Started,
    command: Command,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    if let Command::SigningKeys(SigningKeysCommand::Rotate {
        new_secret: true, ..
    }) = command
    {
        signing_keys::take_new_secret(settings, started).await?;
    } else if command.needs_secret() {
        started.check_secret().await?;
    }
    let done = match command {
        Command::Serve(serving) => return serve::serve(started, &serving, signals).await,
        Command::Import(command) => return import::import(started, command, signals).await,
        Command::Postgres(command) => return postgres::postgres(started, command, signals).await,
        // Starting has applied the migrations; the others have returned before it.
        Command::Migrate | Command::Doctor(_) | Command::Backup(_) | Command::Restore(_) => {
            return Ok(ExitCode::SUCCESS);
        }
        Command::Unlock(command) => signals.finish(unlock::unlock(started, command)).await,
        Command::Lock(command) => signals.finish(unlock::lock(started, command)).await,
        Command::Project(command) => signals.finish(project::project(started, command)).await,
        Command::User(command) => signals.finish(user::user(started, command)).await,
        Command::Demo => signals.finish(demo::demo(started)).await,
        Command::SigningKeys(command) => {
            signals
                .finish(signing_keys::signing_keys(started, command))
                .await
        }
    };
    done.unwrap_or_else(|| {
        Err(Failure(
            "stopped by a signal; it is not known whether anything was changed".to_owned(),
        ))
    })
}
