//! Reads `postmaster.pid`, in which the main process of Postgres records its process id, socket and
//! port.

use std::{
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Error, dir::Dir, endpoint::Endpoint};

/// The name of the file, in the cluster.
pub(super) const PID_FILE: &str = "postmaster.pid";

/// The content of `postmaster.pid`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: u32,
    /// Unknown in the first moments of a start.
    endpoint: Option<Endpoint>,
}

impl Postmaster {
    /// Reads the file; `None` if it is missing or still empty.
    pub(super) fn read(cluster: &Dir) -> Result<Option<Self>, Error> {
        let content = cluster.read(PID_FILE)?;
        Ok(content.as_deref().and_then(Self::parse))
    }

    /// The lines: process, data folder, time of start, port, socket folder, address, shared memory, status.
    fn parse(content: &str) -> Option<Self> {
        let lines: Vec<&str> = content.lines().map(str::trim).collect();
        let pid = lines.first()?.parse().ok()?;
        let port = lines.get(3).and_then(|line| line.parse().ok());
        let socket_dir = lines.get(4).filter(|line| line.starts_with('/'));
        let endpoint = port.zip(socket_dir).map(|(port, socket_dir)| Endpoint {
            socket_dir: PathBuf::from(socket_dir),
            port,
        });
        Some(Self { pid, endpoint })
    }

    /// Where Postgres listens if it is alive; `None` if the file is left over from a dead process.
    ///
    /// A process that cannot be seen may still be alive: the folder may be shared with another
    /// container.
    pub(super) async fn alive(self, cluster: &Path, socket_dir: &Path) -> Option<Endpoint> {
        match (process(self.pid, cluster), self.endpoint) {
            (Process::Postmaster, endpoint) => {
                Some(endpoint.unwrap_or_else(|| Endpoint::in_folder(socket_dir.to_owned())))
            }
            (_, Some(endpoint)) if endpoint.answers().await => Some(endpoint),
            _ => None,
        }
    }
}

/// What a process id refers to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Process {
    /// The main process of Postgres for this cluster.
    Postmaster,
    /// An unrelated process, or a zombie.
    Stranger,
    /// No process.
    Gone,
}

/// Looks up a process.
pub(super) fn process(pid: u32, cluster: &Path) -> Process {
    if cfg!(target_os = "linux") {
        process_in_proc(pid, cluster)
    } else {
        process_by_ps(pid)
    }
}

fn process_in_proc(pid: u32, cluster: &Path) -> Process {
    let entry = PathBuf::from(format!("/proc/{pid}"));
    let Ok(command) = fs::read(entry.join("cmdline")) else {
        return Process::Gone;
    };
    let program = command.split(|byte| *byte == 0).next().unwrap_or_default();
    let cluster = cluster
        .canonicalize()
        .unwrap_or_else(|_| cluster.to_owned());
    // The main process has the cluster as its working directory. In a container, root may be unable
    // to see that, but sees the command line.
    let ours = match fs::read_link(entry.join("cwd")) {
        Ok(folder) => folder == cluster,
        Err(_) => command
            .split(|byte| *byte == 0)
            .any(|argument| argument == cluster.as_os_str().as_bytes()),
    };
    if ours && (program.ends_with(b"postgres") || program.ends_with(b"postmaster")) {
        Process::Postmaster
    } else {
        Process::Stranger
    }
}

fn process_by_ps(pid: u32) -> Process {
    let Ok(output) = Command::new("ps")
        .args(["-o", "stat=", "-o", "command=", "-p", &pid.to_string()])
        .output()
    else {
        return Process::Postmaster;
    };
    let line = String::from_utf8_lossy(&output.stdout);
    match line.trim() {
        "" => Process::Gone,
        line if line.starts_with('Z') => Process::Stranger,
        line if line.contains("postgres") => Process::Postmaster,
        _ => Process::Stranger,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_soon_as_it_has_a_line() {
        let starting = "42\n/data/postgres\n1700000000\n5432\n\n";
        let expected = Postmaster {
            pid: 42,
            endpoint: None,
        };
        assert_eq!(Postmaster::parse(starting), Some(expected));
        assert_eq!(Postmaster::parse(""), None);

        let ready = "42\n/data/postgres\n1700000000\n5433\n/data/my socket\n\n  1 2\nready   \n";
        let endpoint = Postmaster::parse(ready).and_then(|postmaster| postmaster.endpoint);
        let socket = endpoint.map(|endpoint| endpoint.socket());
        assert_eq!(
            socket.as_deref(),
            Some(Path::new("/data/my socket/.s.PGSQL.5433"))
        );
    }

    #[test]
    fn this_test_is_a_stranger_to_every_cluster() {
        let cluster = Path::new("/nowhere");
        let own = std::process::id();
        assert_eq!(process_in_proc(own, cluster), Process::Stranger);
        assert_eq!(process_by_ps(u32::MAX), Process::Gone);
    }
}
