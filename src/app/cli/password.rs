//! Reads a password from standard input.

use std::{
    io::{self, IsTerminal as _, Write as _},
    os::fd::AsFd as _,
};

use rustix::{
    io::Errno,
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr},
};

use latchkey_model::account::MAX_PASSWORD;

use super::Failure;

/// More than the longest password, so that a longer one is rejected rather than truncated.
const LONGEST_LINE: usize = 4096;

/// Reads one line, and no byte after it. On a terminal, asks for it and does not show it.
pub(super) async fn read() -> Result<String, Failure> {
    // Ends with this future, so also when a signal ends the program.
    let _hidden = if io::stdin().is_terminal() {
        let hidden = HiddenInput::start()?;
        write!(io::stderr(), "Password: ").ok();
        Some(hidden)
    } else {
        None
    };
    tokio::task::spawn_blocking(read_line).await?
}

fn read_line() -> Result<String, Failure> {
    let stdin = io::stdin();
    let mut line = Vec::new();
    loop {
        // One at a time: what follows the line is for somebody else.
        let mut byte = [0];
        match rustix::io::read(stdin.as_fd(), &mut byte) {
            Ok(0) if line.is_empty() => {
                return Err(Failure(
                    "there is no password on standard input: give it as the first line".to_owned(),
                ));
            }
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) if line.len() == LONGEST_LINE => {
                return Err(Failure(format!(
                    "the password is too long: at most {MAX_PASSWORD} characters are allowed"
                )));
            }
            Ok(_) => line.push(byte[0]),
            Err(Errno::INTR) => {}
            Err(error) => return Err(Failure(format!("cannot read standard input: {error}"))),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| Failure("the password is not UTF-8: type it in a terminal that uses UTF-8, or convert it with iconv".to_owned()))
}

/// A terminal that does not show what is typed.
struct HiddenInput {
    before: Termios,
}

impl HiddenInput {
    fn start() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        Ok(Self { before })
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        tcsetattr(io::stdin(), OptionalActions::Now, &self.before).ok();
    }
}
