//! What a command prints. A reader that has left, or a full disk, is no reason to panic.

use std::{
    io::{self, ErrorKind, Write as _},
    sync::OnceLock,
};

use rustix::io::Errno;

use super::Failure;
use crate::telemetry::redact;

/// The first error of standard output; nothing is written after it.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line of the answer to a command on standard output.
pub(super) fn print(line: &str) {
    if FAILED.get().is_some() {
        return;
    }
    let mut output = io::stdout().lock();
    let written = writeln!(output, "{line}").and_then(|()| output.flush());
    if let Err(error) = written {
        FAILED.set(error).ok();
    }
}

/// Notes that there is no standard output.
pub(super) fn set_closed() {
    FAILED.set(Errno::BADF.into()).ok();
}

/// Prints the help, or the version.
pub(super) fn print_help(help: &clap::Error) {
    if FAILED.get().is_some() {
        return;
    }
    if let Err(error) = help.print().and_then(|()| io::stdout().flush()) {
        FAILED.set(error).ok();
    }
}

/// “1 key”, “2 keys”.
pub(super) fn counted(count: impl Into<i128>, noun: &str) -> String {
    let count = count.into();
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Prints a warning on standard error. If that fails, there is nobody to tell.
pub(super) fn warn(line: &str) {
    writeln!(io::stderr().lock(), "{}", redact(line)).ok();
}

/// Why something printed so far has not been written, if it has not.
pub(super) fn lost() -> Option<&'static io::Error> {
    FAILED.get()
}

/// Fails if secrets that are shown only once could not be written. `what` names them, and `remedy`
/// says how to get new ones.
pub(super) fn check_shown(what: &str, remedy: &str) -> Result<(), Failure> {
    match lost() {
        Some(error) => Err(Failure(format!(
            "{what} could not be written to standard output ({error}) and will not be shown again: {remedy}"
        ))),
        None => Ok(()),
    }
}

/// Fails if the answer could not be written. A reader who has left has seen enough.
pub(super) fn check_written() -> Result<(), Failure> {
    match lost() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
