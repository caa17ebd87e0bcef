//! `latchkey restore`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
};

use latchkey_store::{BackupTarget, RestoreScript, restore_script};

use super::{
    Failure,
    backup::secret_beside,
    dump_file::DumpFile,
    operator,
    output::{counted, print},
    pg_client::{PgClient, as_argument, cannot_run, drain, failed},
    signals::Signals,
};
use crate::config::{Environment, Settings, Started};

#[derive(clap::Args)]
pub(super) struct RestoreCommand {
    /// The backup, made by “latchkey backup” or `pg_dump --format custom`
    file: PathBuf,
    /// Replace the projects that are in the database
    #[arg(long)]
    replace: bool,
    /// The file with the backup's secret [default: FILE.secret, if it exists]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Go on without the backup's secret: access tokens that were issued end, and sign-in counters start again
    #[arg(long)]
    new_secret: bool,
    /// Who restores, for the record [default: the user of the operating system]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// What happens to the secret.
enum Secret {
    /// The one that is set, or that is in the data folder, is the backup's.
    Fits,
    /// The backup's goes to this file.
    Install(PathBuf, String),
    /// The signing keys of the backup are left out.
    New,
}

pub(super) async fn restore(
    settings: &Settings,
    environment: &Environment,
    command: &RestoreCommand,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    let by = operator::name(command.by.as_deref())?;
    let files = PgClient::for_files(settings, environment)?;
    let dump = DumpFile::read(&files, &command.file)?;
    let secret = choose_secret(settings, environment, command, &dump)?;
    if let Secret::Install(path, content) = &secret
        && !path.exists()
    {
        settings.install_secret(environment, content)?;
    }
    let mut started = settings.open(environment).await?;
    // The backup is loaded in one transaction, and psql commits nothing once its input has ended.
    let result = tokio::select! {
        result = replace(settings, environment, &mut started, command, &secret, &by) => result,
        _ = signals.next() => Err(Failure(
            "stopped by a signal; it is not known whether the backup was restored".to_owned(),
        )),
    };
    let closed = started.close().await;
    let is_locked = result?;
    closed?;
    print(&format!("Restored the backup of {}.", dump.made_at));
    print(if is_locked {
        "The database is locked, because what was revoked or removed after the backup was made is back: no key is \
         accepted and nothing can be changed until you decide. “latchkey unlock” shows what can be decided."
    } else {
        "Nothing was revoked or removed since the backup, so the database is not locked."
    });
    Ok(ExitCode::SUCCESS)
}

/// Loads the backup and returns whether the database is locked then.
async fn replace(
    settings: &Settings,
    environment: &Environment,
    started: &mut Started,
    command: &RestoreCommand,
    secret: &Secret,
    by: &str,
) -> Result<bool, Failure> {
    let target = latchkey_store::backup_target(&started.connections).await?;
    check_target(&target, command.replace)?;
    if target.has_projects {
        operator::confirm(
            "Everything in the database is replaced by the backup.",
            command.yes,
        )?;
    }
    if target.has_schema {
        // What is dropped is the schema of this version.
        latchkey_store::prepare(&started.connections).await?;
    }
    let client = PgClient::for_database(settings, environment, started, target.major)?;
    let script = restore_script(target.has_schema, matches!(secret, Secret::New), by);
    let file = command.file.clone();
    tokio::task::spawn_blocking(move || load(&client, &file, &script)).await??;
    match secret {
        Secret::Install(_, content) => settings.install_secret(environment, content)?,
        Secret::New | Secret::Fits => started.write_secret(settings)?,
    }
    // The backup may be of an older version.
    latchkey_store::prepare(&started.connections).await?;
    Ok(started.domain.is_locked().await?)
}

fn check_target(target: &BackupTarget, replace: bool) -> Result<(), Failure> {
    let problem = if target.has_others {
        "the database holds another program's tables; create an empty database and set DATABASE_URL to it".to_owned()
    } else if target.servers > 0 {
        format!(
            "Latchkey is running ({}); stop every server of this database first",
            counted(target.servers, "connection")
        )
    } else if target.has_projects && !replace {
        "the database has projects; restore into an empty one, or give --replace to replace everything in it".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure(problem))
}

/// Finds the backup's secret before anything is changed.
fn choose_secret(
    settings: &Settings,
    environment: &Environment,
    command: &RestoreCommand,
    dump: &DumpFile,
) -> Result<Secret, Failure> {
    let path = settings.secret_file(environment)?;
    let set = match &path {
        None => settings.secret.clone(),
        Some(path) => fs::read_to_string(path).ok(),
    };
    let opens = |secret: &str| dump.is_opened_by(&settings.keys_of(secret));
    if set.as_deref().is_some_and(opens) {
        return Ok(Secret::Fits);
    }
    let beside = command.secret_file.clone().or_else(|| {
        let beside = secret_beside(&command.file);
        beside.exists().then_some(beside)
    });
    let given = match &beside {
        Some(file) => Some(fs::read_to_string(file).map_err(|error| {
            format!(
                "cannot read {}: {error}; give the file with the backup's secret",
                file.display()
            )
        })?),
        None => None,
    };
    match (given.filter(|secret| opens(secret)), &path, &beside) {
        (Some(content), Some(path), _) => Ok(Secret::Install(path.clone(), content)),
        _ if command.new_secret => Ok(Secret::New),
        (Some(_), None, Some(file)) => Err(Failure(format!(
            "LATCHKEY_SECRET does not open this backup, and {} does: set LATCHKEY_SECRET to what is in that file",
            file.display()
        ))),
        (_, _, Some(file)) => Err(does_not_open(&file.display().to_string())),
        (_, None, None) => Err(does_not_open("LATCHKEY_SECRET")),
        (_, Some(path), None) if set.is_some() => Err(does_not_open(&path.display().to_string())),
        (_, Some(_), None) => Err(Failure(format!(
            "the secret that the backup was made with is missing: {WAYS}"
        ))),
    }
}

/// What to do without the right secret.
const WAYS: &str = "give it with --secret-file or in LATCHKEY_SECRET, or go on without it by --new-secret: access tokens \
    that were issued end, sign-in counters start again, and nothing else is lost";

fn does_not_open(secret: &str) -> Failure {
    Failure(format!(
        "{secret} does not open this backup, which was made with another secret: {WAYS}"
    ))
}

/// Loads the backup in one transaction, which is committed only after all of the file was read.
fn load(client: &PgClient, file: &Path, script: &RestoreScript) -> Result<(), Failure> {
    let mut psql = client.command("psql");
    psql.args([
        "--no-psqlrc",
        "--quiet",
        "--no-password",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
        "--file=-",
    ]);
    let mut loading = psql
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_run(&psql, &error))?;
    let mut input = loading.stdin.take().ok_or("psql has no input")?;
    let said = loading.stderr.take().map(drain);
    // An error here is that psql has ended early; it says why.
    let copied = copy(client, file, script, &mut input);
    drop(input);
    let status = loading.wait()?;
    let said = said
        .and_then(|reader| reader.join().ok())
        .unwrap_or_default();
    match copied {
        Err(Copying::Backup(failure)) => Err(failure),
        Err(Copying::Input) => Err(failed(&psql, &said)),
        Ok(()) if !status.success() => Err(failed(&psql, &said)),
        Ok(()) => Ok(()),
    }
}

enum Copying {
    /// The backup cannot be read.
    Backup(Failure),
    /// psql does not take it, and says why.
    Input,
}

impl From<io::Error> for Copying {
    fn from(_: io::Error) -> Self {
        Self::Input
    }
}

fn copy(
    client: &PgClient,
    file: &Path,
    script: &RestoreScript,
    input: &mut impl io::Write,
) -> Result<(), Copying> {
    let mut command = client.command("pg_restore");
    command
        .args(["--no-owner", "--no-privileges", "--file=-"])
        .arg(as_argument(file));
    let mut reading = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Copying::Backup(cannot_run(&command, &error)))?;
    let said = reading.stderr.take().map(drain);
    let output = reading.stdout.take();
    let copied = input
        .write_all(script.before.as_bytes())
        .and_then(|()| output.map_or(Ok(0), |mut output| io::copy(&mut output, input)));
    let status = reading.wait()?;
    let said = said
        .and_then(|reader| reader.join().ok())
        .unwrap_or_default();
    copied?;
    if !status.success() {
        return Err(Copying::Backup(failed(&command, &said)));
    }
    input.write_all(script.after.as_bytes())?;
    Ok(())
}
