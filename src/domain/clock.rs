//! The program's clock. It dates identifiers and log lines but makes no decisions: the database's
//! clock, which all instances share, decides what has expired.

use latchkey_model::expiry::Millis;

#[derive(Debug, Clone, Copy)]
pub enum Clock {
    System,
    Fixed(Millis),
}

impl Clock {
    /// Milliseconds since 1970, UTC.
    pub fn now_millis(self) -> Millis {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the clock"
            )]
            Self::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .ok()
                .and_then(|since| Millis::try_from(since.as_millis()).ok())
                .unwrap_or_default(),
            Self::Fixed(now) => now,
        }
    }
}
