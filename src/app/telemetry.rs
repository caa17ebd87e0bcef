//! The log: one line for each request and each fault, on standard error.

use tracing_subscriber::EnvFilter;

/// What is logged when nothing else is asked for.
pub const DEFAULT_FILTER: &str = "info";

/// Starts logging. `filter` is in `tracing`'s directive syntax, such as `info,latchkey=debug`.
///
/// # Errors
/// A message when the filter cannot be read.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("LATCHKEY_LOG: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init()
        .map_err(|error| error.to_string())
}
