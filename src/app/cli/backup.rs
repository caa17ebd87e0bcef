//! `latchkey backup`.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
};

use latchkey_domain::restore::opens_signing_key;

use super::{
    Failure,
    new_file::NewFile,
    output::{print, warn},
    pg_client::{PgClient, as_argument, cannot_run, failed},
    signals::Signals,
};
use crate::config::{Environment, FormerSecrets, Settings, Started};

#[derive(clap::Args)]
pub(super) struct BackupCommand {
    /// The file to write; the secret of the data folder goes into FILE.secret
    file: PathBuf,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    /// Do not write FILE.secret
    #[arg(long)]
    without_secret: bool,
}

/// Where the secret of a backup is.
pub(super) fn secret_beside(file: &Path) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(".secret");
    path.into()
}

/// Leaves the schema as it is.
pub(super) async fn backup(
    settings: &Settings,
    environment: &Environment,
    command: &BackupCommand,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    if command
        .file
        .as_os_str()
        .as_encoded_bytes()
        .ends_with(b".secret")
    {
        return Err(Failure(format!(
            "{} is the name of a backup's secret; give another name for the backup",
            command.file.display()
        )));
    }
    if settings.is_unused(environment)? {
        return Err(Failure(
            "there is no database yet, so there is nothing to back up; set DATABASE_URL or LATCHKEY_DATA_DIR to yours"
                .to_owned(),
        ));
    }
    let started = settings.open(environment).await?;
    let result = tokio::select! {
        result = write(settings, environment, &started, command) => result,
        _ = signals.next() => Err(Failure("stopped by a signal; no backup was written".to_owned())),
    };
    let closed = started.close().await;
    result?;
    closed?;
    Ok(ExitCode::SUCCESS)
}

async fn write(
    settings: &Settings,
    environment: &Environment,
    started: &Started,
    command: &BackupCommand,
) -> Result<(), Failure> {
    let target = latchkey_store::backup_target(&started.connections).await?;
    if !target.has_schema {
        return Err(Failure(
            "the database has no schema of this version of Latchkey, so there is nothing to back up".to_owned(),
        ));
    }
    let client = PgClient::for_database(settings, environment, started, target.major)?;
    let secret = if command.without_secret {
        None
    } else {
        secret_of(settings, environment, started).await?
    };
    let secret = match secret {
        Some(secret) => {
            let beside = secret_beside(&command.file);
            let file = NewFile::with(&beside, secret.as_bytes(), command.force)?;
            Some((file, beside))
        }
        None => None,
    };
    let dump = write_dump(&client, command).await?;
    let size = dump.file.metadata()?.len();
    // A dump that is there has its secret.
    let secret = match secret {
        Some((secret, path)) => {
            secret.finish(command.force)?;
            Some(path)
        }
        None => None,
    };
    dump.finish(command.force)?;
    report(&command.file, size, secret.as_deref());
    if started.domain.is_locked().await? {
        warn(
            "warning: the database is locked, because it was restored and nobody has decided about it; see “latchkey unlock”",
        );
    }
    Ok(())
}

/// Returns the content of the secret's file, or `None` where it is `LATCHKEY_SECRET`.
///
/// # Errors
/// If a restore would not accept it.
async fn secret_of(
    settings: &Settings,
    environment: &Environment,
    started: &Started,
) -> Result<Option<String>, Failure> {
    let without = |Failure(why)| {
        Failure(format!(
            "{why}. Until then, “latchkey backup --without-secret” makes a backup that is restored with --new-secret"
        ))
    };
    started
        .check_secret()
        .await
        .map_err(|error| without(error.into()))?;
    // Where nothing is sealed, there may be no secret yet.
    let Some(path) = settings
        .secret_file(environment)?
        .filter(|_| !started.has_unwritten_secret())
    else {
        return Ok(None);
    };
    let secret = fs::read_to_string(&path).map_err(|error| {
        without(Failure(format!(
            "cannot read {}: {error}; put the secret back into it",
            path.display()
        )))
    })?;
    // Not with former secrets of this environment, which a restore elsewhere does not have.
    let alone = FormerSecrets::default().master_key(&secret, "the secret")?;
    let sealed = started.domain.sealed_signing_keys().await?;
    if sealed
        .iter()
        .all(|(id, sealed)| opens_signing_key(&alone, *id, sealed))
    {
        Ok(Some(secret))
    } else {
        Err(without(Failure(
            "some signing keys are sealed with a secret in LATCHKEY_OLD_SECRETS, which the backup would not contain: run \
             “latchkey signing-keys rotate” first"
                .to_owned(),
        )))
    }
}

/// Writes the dump to an unfinished file, and reads all of it, so that it is known to be readable.
async fn write_dump(client: &PgClient, command: &BackupCommand) -> Result<NewFile, Failure> {
    let dump = NewFile::create(&command.file, command.force)?;
    run(
        client,
        "pg_dump",
        &["--format=custom", "--no-password"],
        &dump,
    )
    .await?;
    let mut read = client.command("pg_restore");
    read.arg("--file=/dev/null")
        .arg(as_argument(dump.unfinished()));
    tokio::task::spawn_blocking(|| PgClient::output(read)).await??;
    Ok(dump)
}

fn report(file: &Path, size: u64, secret: Option<&Path>) {
    print(&format!("Backed up to {} ({size} bytes).", file.display()));
    print(&match secret {
        Some(path) => format!(
            "{} holds the secret, which a restore needs. Keep it in a different place: whoever has both files can sign \
             access tokens.",
            path.display()
        ),
        None => "The backup does not contain LATCHKEY_SECRET, which a restore needs: keep it in a safe place.".to_owned(),
    });
}

/// Runs a program whose output goes into the file. It ends with this future.
async fn run(
    client: &PgClient,
    program: &str,
    arguments: &[&str],
    to: &NewFile,
) -> Result<(), Failure> {
    let mut command = client.command(program);
    command
        .args(arguments)
        .stdout(Stdio::from(to.file.try_clone()?))
        .stderr(Stdio::piped());
    let child = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| cannot_run(&client.command(program), &error))?;
    let output = child.wait_with_output().await?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(&client.command(program), &output.stderr))
    }
}
