//! Initializes a new cluster with `initdb`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Error,
    account::Account,
    folder::{self, Folder},
    programs::Programs,
    settings,
    tail::tail,
};

const UNFINISHED: &str = "postgres.new-";
const TAIL_BYTES: usize = 2000;

/// Initializes the cluster in a temporary folder and renames it when complete, so that a crash
/// leaves no partial cluster.
pub(super) async fn cluster_if_missing(
    folder: &Folder,
    account: &Account,
    programs: &Programs,
) -> Result<(), Error> {
    remove_unfinished(folder)?;
    let cluster = folder.cluster();
    if folder.cluster_dir()?.is_some() {
        return Ok(());
    }
    tracing::info!(folder = %cluster.display(), version = programs.version(), "initializing a Postgres cluster");
    let unfinished = initialised(folder, account, programs).await?;
    folder.dir().rename(&unfinished, folder::CLUSTER)?;
    folder.dir().sync()
}

/// Returns the name of a new cluster's folder. Tries the locales in order, because not every system
/// has the preferred ones.
async fn initialised(
    folder: &Folder,
    account: &Account,
    programs: &Programs,
) -> Result<String, Error> {
    let mut locales = settings::locales(programs.version()).iter();
    loop {
        // A unique name: an initdb that outlives a killed program must not write into the new
        // folder.
        let name = format!("{UNFINISHED}{:016x}", getrandom::u64()?);
        let unfinished = folder.dir().join(&name);
        folder.dir().create_private_folder(&name, account)?;
        let locale = locales.next().copied().unwrap_or_default();
        let mut command = account.command(&programs.path("initdb"));
        command
            .args([
                // Replaced at every start, see `authentication`.
                "--auth-local=reject",
                "--auth-host=reject",
                "--encoding=UTF8",
                "--data-checksums",
                "--no-instructions",
            ])
            .arg(format!("--username={}", settings::NAME))
            .args(locale)
            .arg("-D")
            .arg(&unfinished);
        match run(command).await {
            Ok(()) => return Ok(name),
            Err(error) => {
                remove(&unfinished);
                if locales.len() == 0 {
                    return Err(error);
                }
                tracing::debug!(%error, "trying a simpler locale");
            }
        }
    }
}

/// Removes the folders of incomplete runs of initdb.
fn remove_unfinished(folder: &Folder) -> Result<(), Error> {
    let entries = fs::read_dir(folder.path()).map_err(Error::at(folder.path()))?;
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED))
        .for_each(|entry| remove(&entry.path()));
    Ok(())
}

fn remove(unfinished: &Path) {
    if let Err(error) = fs::remove_dir_all(unfinished) {
        tracing::warn!(folder = %unfinished.display(), %error, "a half-made cluster could not be removed");
    }
}

/// Runs one of Postgres's programs and waits for it.
pub(super) async fn run(command: Command) -> Result<(), Error> {
    let program = PathBuf::from(command.get_program());
    let output = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(Error::at(&program))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Error::Program {
        program,
        status: output.status,
        output: tail(&said, TAIL_BYTES),
    })
}
