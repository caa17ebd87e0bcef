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
    /// Create the demo project “Acme” with accounts, a team and API keys, if it does not exist
    Demo,
    /// Import projects from another server
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Check the database and its content, and suggest how to fix problems
    Doctor(doctor::DoctorCommand),
    /// Run commands against the embedded Postgres
    #[command(subcommand)]
    Postgres(postgres::PostgresCommand),
}

/// The message of a failed command.
struct Failure(String);

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

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
    // Commands print their own output; the log is for the server, or for an operator who sets a filter.
    let quiet =
        !matches!(cli.command, Command::Serve(_)) && cli.settings.log == telemetry::DEFAULT_FILTER;
    telemetry::start(if quiet { "warn" } else { &cli.settings.log })?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(execute(cli))
}

async fn execute(mut cli: Cli) -> Result<ExitCode, Failure> {
    let environment = Environment::read();
    if !matches!(cli.command, Command::Serve(_)) {
        cli.settings.database = cli.settings.database.for_operator();
    }
    if let Command::Doctor(command) = &cli.command {
        return doctor::doctor(&cli.settings, &environment, command).await;
    }
    let started = cli.settings.start(&environment).await?;
    let result = match cli.command {
        Command::Serve(serving) => serve::serve(&started, &serving).await,
        // Starting has applied the migrations; the doctor has returned above.
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

/// Prints the answer to a command on standard output.
#[expect(clippy::print_stdout, reason = "the answer to a command")]
fn print(line: &str) {
    println!("{line}");
}

/// Prints a warning on standard error.
#[expect(clippy::print_stderr, reason = "a command's warning")]
fn warn(line: &str) {
    eprintln!("{line}");
}
