//! Who may connect to Postgres: by the system's word (`peer`), root, the user of this process and
//! the owner of the data folder, each as the program's role.

use std::collections::BTreeSet;

use rustix::process::geteuid;

use super::{
    Error,
    account::{self, Account},
    dir::Dir,
    folder::Folder,
    settings::NAME,
};

/// The names of the users who may connect.
#[derive(Clone, Debug)]
pub(super) struct Names(BTreeSet<String>);

const MARK: &str = "# Written by Latchkey at each start.\n";

/// A library that gives every user id a name, as a container may run the program with a user id
/// that has none. Built from `names.c`; empty on systems where that does not work.
const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/names.so"));
const LIBRARY_NAME: &str = "names.so";

/// Finds the names of the users who may connect, and gives them some if the account or this
/// process has none.
pub(super) fn name_users(folder: &Folder, account: &mut Account) -> Result<Names, Error> {
    let own = geteuid().as_raw();
    let (owner, _) = folder.dir().owner()?;
    let allowed = BTreeSet::from([0, own, owner]);
    let needed = [own, account.uid];
    if needed.iter().all(|uid| account::name_of(*uid).is_some()) {
        let names = allowed.into_iter().filter_map(account::name_of);
        return Ok(Names(names.collect()));
    }
    if LIBRARY.is_empty() {
        return Err(Error::NoName(account.uid));
    }
    folder.dir().replace(LIBRARY_NAME, LIBRARY, Some(account))?;
    account.names = Some(folder.dir().join(LIBRARY_NAME));
    // As `names.c` writes them.
    Ok(Names(
        allowed.iter().map(|uid| format!("uid-{uid}")).collect(),
    ))
}

/// Writes Postgres's files about authentication and returns whether they have changed. The files
/// that somebody else wrote are kept under another name.
pub(super) fn write(cluster: &Dir, account: &Account, names: &Names) -> Result<bool, Error> {
    let mut changed = false;
    for (name, content) in [("pg_ident.conf", names.map()), ("pg_hba.conf", rules())] {
        let found = cluster.read(name)?;
        if found.as_deref() == Some(&content) {
            continue;
        }
        if found.is_some_and(|found| !found.starts_with(MARK)) {
            cluster.rename(name, &format!("{name}.before"))?;
        }
        cluster.replace(name, content.as_bytes(), Some(account))?;
        changed = true;
    }
    Ok(changed)
}

/// The databases of the last line are not among “all”.
fn rules() -> String {
    format!(
        "{MARK}local all {NAME} peer map=latchkey\n\
         local replication {NAME} peer map=latchkey\n"
    )
}

impl Names {
    fn map(&self) -> String {
        let lines = self.0.iter().map(|name| {
            let quoted = name.replace('"', "\"\"");
            format!("latchkey \"{quoted}\" {NAME}\n")
        });
        format!("{MARK}{}", lines.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_of_the_program_is_the_one_role_and_nobody_else_is() {
        let names = Names(["root", "uid-12"].map(str::to_owned).into());
        assert_eq!(
            names.map().strip_prefix(MARK),
            Some("latchkey \"root\" latchkey\nlatchkey \"uid-12\" latchkey\n")
        );
        assert!(!rules().contains("trust"));
    }
}
