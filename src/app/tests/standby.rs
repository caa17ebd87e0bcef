//! A standby that is promoted, and files that are restored: only what may have lost revocations is locked.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    application::Application,
    place::{Place, Psql, signal},
};

fn run(mut command: Command) {
    let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(ended.expect("it runs").success(), "{command:?}");
}

/// A physical copy of a running cluster. It is stopped with the test.
struct Copy {
    folder: PathBuf,
    programs: PathBuf,
    owner: (u32, u32),
}

impl Copy {
    fn of(place: &Place, psql: &mut Psql, options: &[&str]) -> Self {
        let cluster = fs::metadata(place.data().join("postgres")).expect("a cluster");
        let programs = psql.run("SELECT setting FROM pg_config WHERE name = 'BINDIR'");
        let copy = Self {
            folder: place.data().with_file_name("copy"),
            programs: programs.into(),
            owner: (cluster.uid(), cluster.gid()),
        };
        let mut backup = Command::new(copy.programs.join("pg_basebackup"));
        backup
            .args(["-U", "latchkey", "-c", "fast", "-h"])
            .arg(place.data().join("socket"))
            .arg("-D")
            .arg(&copy.folder)
            .args(options);
        run(backup);
        let (uid, gid) = copy.owner;
        let mut own = Command::new("chown");
        own.args(["-R", &format!("{uid}:{gid}")]).arg(&copy.folder);
        run(own);
        copy
    }

    fn control(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join("pg_ctl"));
        command.arg("-D").arg(&self.folder).args(arguments);
        // Postgres refuses to run as root.
        if fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
            command.uid(self.owner.0).gid(self.owner.1);
        }
        command.current_dir("/");
        command
    }

    /// Starts it, with its socket in its folder.
    fn start(&self) {
        let folder = self.folder.display();
        let settings = format!("-c listen_addresses= -c unix_socket_directories={folder}");
        let mut start = self.control(&["-w", "-o", &settings]);
        start.arg("-l").arg(self.folder.join("log")).arg("start");
        run(start);
    }

    fn promote(&self) {
        run(self.control(&["-w", "promote"]));
    }

    fn url(&self) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://latchkey@{socket}:5432/latchkey")
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if self.folder.join("postmaster.pid").exists() {
            run(self.control(&["-m", "immediate", "stop"]));
        }
    }
}

/// Lets the account that runs the clusters connect to the first, as a standby does. As root it is not that of
/// the program, and the embedded Postgres knows it not.
fn admit_owner(psql: &mut Psql, cluster: &Path) {
    let owner = fs::metadata(cluster).expect("a cluster").uid();
    let name = Command::new("id")
        .args(["-un", &owner.to_string()])
        .output();
    let name = String::from_utf8_lossy(&name.expect("id runs").stdout)
        .trim()
        .to_owned();
    let file = cluster.join("pg_ident.conf");
    let map = fs::read_to_string(&file).expect("the map of users");
    fs::write(&file, format!("{map}latchkey \"{name}\" latchkey\n")).expect("written");
    psql.run("SELECT pg_reload_conf()");
}

#[test]
fn a_promoted_standby_is_not_locked_and_has_every_revocation() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let [kept, before, after] = [(); 3].map(|()| application.key(&server));
    application.revoke(&server, &before);
    let mut psql = place.psql();
    admit_owner(&mut psql, &place.data().join("postgres"));
    let standby = Copy::of(&place, &mut psql, &["-R"]);
    standby.start();
    let secret = fs::read_to_string(place.data().join("secret")).expect("a secret");
    let url = standby.url();
    let variables = [("DATABASE_URL", &*url), ("LATCHKEY_SECRET", &*secret)];
    let refused = place.run_with(&variables, &["serve"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && said.contains("standby") && said.contains("DATABASE_URL"),
        "{said}"
    );

    application.revoke(&server, &after);
    let position = psql.run("SELECT pg_current_wal_flush_lsn()");
    psql.until(&format!(
        "SELECT bool_or(flush_lsn >= '{position}') FROM pg_stat_get_wal_senders()"
    ));
    // The first one is gone for good.
    let first = place.postmaster();
    server.kill();
    drop(psql);
    signal("-KILL", &first);
    standby.promote();
    let server = place.serve_with(&variables);
    let checked = [&kept, &before, &after].map(|key| application.check(&server, key));
    assert_eq!(checked, ["200", "401", "401"]);
    assert!(!server.get("/readyz").contains("locked"));
    let new = application.key(&server);
    assert_eq!(application.check(&server, &new), "200");
    assert!(server.terminate());
}

#[test]
fn a_base_backup_in_the_place_of_the_cluster_that_lacks_a_revocation_is_locked() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    let copy = Copy::of(&place, &mut place.psql(), &[]);
    application.revoke(&server, &key);
    assert!(server.terminate());
    let cluster = place.data().join("postgres");
    fs::remove_dir_all(&cluster).expect("removed");
    fs::rename(&copy.folder, &cluster).expect("restored");
    let server = place.serve();
    assert_eq!(application.check(&server, &key), "503");
    assert!(server.get("/readyz").contains("locked"));
    assert!(server.terminate());
}
