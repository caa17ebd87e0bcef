//! Detects that the files of the embedded Postgres were replaced by older ones, by hand or from a snapshot: the position
//! of its log is noted outside of them.

use latchkey_domain::Domain;
use latchkey_postgres::WalMark;

use super::StartError;

/// Notes positions, and compares with what was noted.
#[derive(Clone)]
pub struct WalMarks {
    file: WalMark,
    domain: Domain,
}

impl WalMarks {
    pub(super) const fn new(file: WalMark, domain: Domain) -> Self {
        Self { file, domain }
    }

    /// Locks the database if its files are older than what was noted.
    ///
    /// # Errors
    /// When the file cannot be read, or the database not be locked.
    pub(super) async fn check(&self) -> Result<(), StartError> {
        if let Some(noted) = self.file.read()?
            && self.domain.lock_if_older(&noted).await?
        {
            tracing::error!(
                "the files of the embedded Postgres were replaced by older ones: the database is locked until “latchkey \
                 unlock” decides"
            );
        }
        self.note().await;
        Ok(())
    }

    /// Notes how far the log has come.
    pub async fn note(&self) {
        let noted = match self.domain.wal_mark().await {
            Ok(mark) if self.file.read().ok().flatten().as_ref() == Some(&mark) => return,
            Ok(mark) => self.file.write(&mark).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = noted {
            tracing::warn!(error, "could not note how far the database has come");
        }
    }
}
