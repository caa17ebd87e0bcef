//! Detects that the files of the embedded Postgres were replaced by older ones, by hand or from a snapshot: the position
//! of its log is noted outside of them.

use latchkey_domain::Domain;
use latchkey_postgres::WalMark;

use super::StartError;

/// Compares positions with what was noted, and notes them.
#[derive(Clone)]
pub struct WalMarks {
    file: WalMark,
    domain: Domain,
}

/// The result of the first comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Files {
    Current,
    /// The database is locked now.
    Older,
    /// There is no schema yet that could be locked.
    OlderWithoutSchema,
}

impl WalMarks {
    pub(super) const fn new(file: WalMark, domain: Domain) -> Self {
        Self { file, domain }
    }

    /// Locks the database if its files are older than what was noted; otherwise notes how far they have come.
    ///
    /// # Errors
    /// When the file cannot be read or written, or the database not be locked.
    pub(super) async fn compare(&self) -> Result<Files, StartError> {
        let file = self.file.lock().await?;
        let noted = file.read()?.unwrap_or_default();
        let compared = self.domain.compare_files(&noted).await?;
        let Some(note) = compared.note else {
            return Ok(Files::OlderWithoutSchema);
        };
        if note != noted {
            file.write(&note)?;
        }
        if !compared.is_older {
            return Ok(Files::Current);
        }
        tracing::error!(
            "the files of the embedded Postgres were replaced by older ones: the database is locked until “latchkey \
             unlock” decides"
        );
        Ok(Files::Older)
    }

    /// The same while the program runs, when the files may be replaced as well.
    pub async fn note(&self) {
        if let Err(error) = Box::pin(self.compare()).await {
            tracing::warn!(%error, "could not note how far the database has come");
        }
    }
}
