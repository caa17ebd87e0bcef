//! Who runs a command, and whether they mean it.

use std::{
    io::{IsTerminal as _, stdin},
    process::Command,
};

use super::{Failure, output::warn};

/// The longest name that is recorded.
const LONGEST: usize = 255;

/// Returns the name that is recorded: as given, or that of the operating system's user.
pub(super) fn name(given: Option<&str>) -> Result<String, Failure> {
    let name = match given.map(str::trim) {
        Some(name) => name.to_owned(),
        None => Command::new("id")
            .arg("-un")
            .output()
            .ok()
            .filter(|output| output.status.success())
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
            .unwrap_or_default(),
    };
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(Failure(format!(
            "say who decides, in at most {LONGEST} characters: --by NAME"
        )));
    }
    Ok(name)
}

/// Asks on a terminal; without one, `yes` must have been given.
pub(super) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !stdin().is_terminal() {
        return Err(Failure(format!("{question} Add --yes to go on")));
    }
    warn(&format!("{question} Type yes to go on:"));
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure("nothing was changed".to_owned()))
    }
}
