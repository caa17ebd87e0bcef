//! The deadline of long statements.

use std::time::Duration;

use super::database::seconds;

/// How long a statement may take that reads whole tables.
#[derive(clap::Args, Clone)]
pub struct ScanSettings {
    /// Seconds that a database has for a statement that reads whole tables: of the doctor, of an import from its source, and of a decision about a restored database
    #[arg(long, env = "LATCHKEY_SCAN_DEADLINE", default_value = "600", value_parser = seconds, global = true, value_name = "SECONDS")]
    pub scan_deadline: Duration,
}
