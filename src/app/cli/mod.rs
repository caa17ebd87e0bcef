//! The command line.

mod demo;
mod doctor;
mod import;
mod postgres;
mod project;
mod serve;
mod user;

use std::{fmt, process::ExitCode};

use crate::{
    config::{Environment, Settings},
    telemetry,
};
use clap::{Parser, Subcommand};
use latchkey_domain as domain;

/// Account settings for API keys: the pages on which people manage their keys, and the service that keeps them
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
    /// Serve the pages
    Serve(crate::config::ServeSettings),
    /// Bring the database's schema up to date, and do nothing else
    Migrate,
    /// Make and configure projects
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Make accounts, and say who administers a project
    #[command(subcommand)]
    User(user::UserCommand),
    /// Make the demo project “Acme” with accounts, a team and keys, where it is not there yet
    Demo,
    /// Bring in what another server keeps
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// See whether all is well with the database and with what is in it, and what to do where it is not
    Doctor(doctor::DoctorCommand),
    /// Use the program's own Postgres
    #[command(subcommand)]
    Postgres(postgres::PostgresCommand),
}

/// Why a command could not be carried out, for the person who gave it.
struct Failure(String);

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(code) => code,
        Err(Failure(message)) => {
            warn(&format!("error: {message}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<ExitCode, Failure> {
    // Commands speak for themselves; the log is for the server, and for whoever asks.
    let quiet =
        !matches!(cli.command, Command::Serve(_)) && cli.settings.log == telemetry::DEFAULT_FILTER;
    telemetry::start(if quiet { "warn" } else { &cli.settings.log })?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(carry_out(cli))
}

async fn carry_out(cli: Cli) -> Result<ExitCode, Failure> {
    let environment = Environment::read();
    if let Command::Doctor(command) = &cli.command {
        return doctor::doctor(&cli.settings, &environment, command).await;
    }
    let started = cli.settings.start(&environment).await?;
    let result = match cli.command {
        Command::Serve(serving) => serve::serve(&started, &serving).await,
        // The one is done by now, the other was before anything was started.
        Command::Migrate | Command::Doctor(_) => Ok(ExitCode::SUCCESS),
        Command::Project(command) => project::project(&started, command).await,
        Command::User(command) => user::user(&started, command).await,
        Command::Demo => demo::demo(&started).await,
        Command::Import(command) => import::import(&started, command).await,
        Command::Postgres(command) => postgres::postgres(&started, command).await,
    };
    let closed = started.close().await;
    let code = result?;
    closed?;
    Ok(code)
}

/// A domain error, in the words of the command line.
fn told(error: domain::Error) -> Failure {
    Failure(error.to_string())
}

/// Says something on standard output.
#[expect(clippy::print_stdout, reason = "the answer to a command")]
fn say(line: &str) {
    println!("{line}");
}

/// Says something on standard error.
#[expect(clippy::print_stderr, reason = "a command's warning")]
fn warn(line: &str) {
    eprintln!("{line}");
}
