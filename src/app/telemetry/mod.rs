//! Logging to standard error.

mod line;
mod redact;

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::IsTerminal as _,
    str::FromStr,
    thread,
    time::Duration,
};

use tracing::Dispatch;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt as _};

use line::Lines;

pub use redact::redact;

/// The default filter.
pub const DEFAULT_FILTER: &str = "info,sqlx::postgres::notice=warn";

/// Lines that wait to be written, about a megabyte. More are lost.
const WAITING_LINES: usize = 4096;
/// How often lost lines are reported.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object for each line.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" | "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("{text} is neither text nor json")),
        }
    }
}

/// The thread that writes the log. Dropping this writes what still waits, for a second at most.
#[must_use]
pub struct Log(#[expect(dead_code, reason = "it works when it is dropped")] WorkerGuard);

/// Starts logging. `filter` has the syntax of `tracing` directives, such as `info,latchkey=debug`.
///
/// A thread of its own writes the lines: nobody waits for whoever reads them.
///
/// # Errors
/// A message if the filter is invalid.
pub fn start(filter: &str, format: LogFormat) -> Result<Log, String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("LATCHKEY_LOG: {error}"))?;
    let is_terminal = std::io::stderr().is_terminal();
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .lossy(true)
        .thread_name("log")
        .finish(std::io::stderr());
    let lost = writer.error_counter();
    subscriber(filter, format, is_terminal, writer)
        .try_init()
        .map_err(|error| error.to_string())?;
    std::panic::set_hook(Box::new(|panic| {
        let trace = Backtrace::capture();
        let trace = (trace.status() == BacktraceStatus::Captured).then_some(trace);
        let trace = trace.as_ref().map(tracing::field::display);
        tracing::error!(trace, "{panic}");
    }));
    thread::spawn(move || report_lost(&lost));
    Ok(Log(guard))
}

/// Logs the number of lost lines at intervals. Runs on a thread of its own, which ends with the process; it does not use
/// the runtime, because commands log before it exists.
fn report_lost(lost: &ErrorCounter) {
    let mut reported = 0;
    loop {
        thread::sleep(REPORT_EVERY);
        let now = lost.dropped_lines();
        if now > reported {
            tracing::warn!(
                lines = now - reported,
                "lines of the log were lost, because nobody read them in time"
            );
            reported = now;
        }
    }
}

/// The one place where lines are made. All of them pass through [`Lines`].
fn subscriber<W>(filter: EnvFilter, format: LogFormat, is_terminal: bool, writer: W) -> Dispatch
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Lines(writer))
        .log_internal_errors(false);
    // By default there are colours, unless the variable NO_COLOR is set.
    let builder = if is_terminal {
        builder
    } else {
        builder.with_ansi(false)
    };
    match format {
        LogFormat::Text => Dispatch::new(builder.with_target(false).finish()),
        LogFormat::Json => Dispatch::new(
            builder
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .finish(),
        ),
    }
}

#[cfg(test)]
mod tests;
