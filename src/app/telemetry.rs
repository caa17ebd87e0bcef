//! Logging to standard error.

use tracing_subscriber::EnvFilter;

/// The default filter.
pub const DEFAULT_FILTER: &str = "info";

/// Starts logging. `filter` has the syntax of `tracing` directives, such as `info,latchkey=debug`.
///
/// # Errors
/// A message if the filter is invalid.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("LATCHKEY_LOG: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init()
        .map_err(|error| error.to_string())
}
