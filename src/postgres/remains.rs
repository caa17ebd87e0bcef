//! Processes that outlive a killed Postgres.
//!
//! They notice its end when they next wait for something, which a busy one may not do for a long
//! time. Until then they hold the shared memory, and a new Postgres refuses to start.

use std::path::Path;

/// Ends the processes of a cluster whose main process is dead.
#[cfg(target_os = "linux")]
pub(super) fn end(cluster: &Path, uid: u32) {
    use rustix::process::{PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

    let Ok(cluster) = cluster.canonicalize() else {
        return;
    };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for entry in processes {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) else {
            continue;
        };
        // Opened first, so that the signal cannot reach another process with the same id.
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
            continue;
        };
        if is_of(&entry.path(), &cluster, uid) && pidfd_send_signal(&process, Signal::KILL).is_ok()
        {
            tracing::warn!(
                pid = pid.as_raw_nonzero(),
                "ended a process that outlived a killed Postgres"
            );
        }
    }
}

#[cfg(target_os = "linux")]
fn is_of(process: &Path, cluster: &Path, uid: u32) -> bool {
    use std::{fs, os::unix::fs::MetadataExt};

    fs::metadata(process).is_ok_and(|metadata| metadata.uid() == uid)
        && fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == cluster)
        && fs::read(process.join("cmdline")).is_ok_and(|command| command.starts_with(b"postgres:"))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn end(_cluster: &Path, _uid: u32) {}
