//! The signals with which a terminal or a service manager ends a program.

use std::{fs, future::pending, io, process::ExitCode, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};

/// The time that a command has to complete after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// A signal that was received.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Hangup,
    Interrupt,
    Quit,
    Terminate,
}

impl Ending {
    /// 128 and the number of the signal, as shells report it.
    pub(super) fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Quit => 131,
            Self::Terminate => 143,
        })
    }
}

/// Receives the signals from its creation on.
pub(super) struct Signals {
    /// `None` under `nohup`.
    hangup: Option<Signal>,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    ending: Option<Ending>,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        let hangup = if ignores_hangup() {
            None
        } else {
            Some(signal(SignalKind::hangup())?)
        };
        Ok(Self {
            hangup,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            ending: None,
        })
    }

    /// The signal that a command has to end by, once there was one.
    pub(super) const fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Waits for the next signal, and remembers it.
    pub(super) async fn next(&mut self) -> Ending {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => pending().await,
            }
        };
        let ending = tokio::select! {
            _ = hangup => Ending::Hangup,
            _ = self.interrupt.recv() => Ending::Interrupt,
            _ = self.quit.recv() => Ending::Quit,
            _ = self.terminate.recv() => Ending::Terminate,
        };
        self.ending = Some(ending);
        ending
    }

    /// Waits for `work`, and after a signal no longer than the time of grace. `None` if it did not
    /// complete.
    pub(super) async fn finish<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        tokio::select! {
            done = &mut work => return Some(done),
            _ = self.next() => {}
        }
        timeout(GRACE, work).await.ok()
    }
}

/// Whether the program was started to outlive its terminal. Bit 0 stands for signal 1, SIGHUP.
fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
