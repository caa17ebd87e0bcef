//! An open database.

use std::time::Duration;

use latchkey_domain::{Domain, clock::Clock};
use latchkey_postgres::{self as postgres, Embedded};
use latchkey_store::Connections;
use tokio::time::timeout;

use super::{
    SECRET_FILE, SecretPlace, Settings, StartError, WalMarks, WrongSecret, place_of,
    wal_marks::Files,
};

/// The time that the database has at the end to note what is still in memory.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// An open database with the domain on top of it.
pub struct Started {
    pub domain: Domain,
    pub connections: Connections,
    pub(super) embedded: Option<Embedded>,
    pub(super) secret: SecretPlace,
    /// What the first comparison of the cluster's files has found.
    pub(super) files: Option<Files>,
}

impl Started {
    /// The embedded Postgres, if it is in use.
    pub const fn embedded(&self) -> Option<&Embedded> {
        self.embedded.as_ref()
    }

    /// The address of the database, which may contain a password.
    pub(crate) fn url(&self, settings: &Settings) -> String {
        match &self.embedded {
            Some(embedded) => embedded.database_url(),
            None => settings.database_url.clone().unwrap_or_default(),
        }
    }

    /// Checks that the secret opens every signing key, before anything is changed.
    ///
    /// # Errors
    /// What to do about it.
    pub async fn check_secret(&self) -> Result<(), StartError> {
        if self.domain.secret_fits().await? {
            Ok(())
        } else {
            Err(WrongSecret(self.secret.clone()).into())
        }
    }

    pub(crate) const fn has_unwritten_secret(&self) -> bool {
        matches!(self.secret, SecretPlace::Unwritten { .. })
    }

    /// Writes the secret that was made, unless the database was used with another one.
    pub(super) async fn keep_secret(&mut self, settings: &Settings) -> Result<(), StartError> {
        if let SecretPlace::Unwritten { .. } = self.secret
            && self.domain.secret_fits().await?
        {
            self.write_secret(settings)?;
        }
        Ok(())
    }

    /// Writes the secret that was made. Where another process was first, that one's counts.
    pub(crate) fn write_secret(&mut self, settings: &Settings) -> Result<(), StartError> {
        let SecretPlace::Unwritten { file, secret } = self.secret.clone() else {
            return Ok(());
        };
        let folder = file.parent().unwrap_or(&file);
        postgres::create_data_dir(folder)?;
        let written = postgres::read_or_create_private_file(folder, SECRET_FILE, || secret)?;
        let master_key = settings
            .former_secrets
            .master_key(&written, &place_of(&file))?;
        self.domain = Domain::new(self.connections.clone(), master_key, Clock::System);
        self.secret = SecretPlace::File(file);
        Ok(())
    }

    /// Where the position of the embedded Postgres's log is noted; `None` where it is not in use, or where its files
    /// could not be compared with what was noted.
    pub fn wal_marks(&self) -> Option<WalMarks> {
        let is_compared = matches!(self.files, Some(Files::Current | Files::Older));
        is_compared.then(|| self.uncompared_marks()).flatten()
    }

    /// Whether the files of the embedded Postgres were found to be older than they had been.
    pub fn has_older_files(&self) -> bool {
        matches!(self.files, Some(Files::Older | Files::OlderWithoutSchema))
    }

    fn uncompared_marks(&self) -> Option<WalMarks> {
        let file = self.embedded.as_ref()?.wal_mark();
        Some(WalMarks::new(file, self.domain.clone()))
    }

    /// Compares the files of the embedded Postgres with what was noted, unless that was done.
    pub(super) async fn compare_files(&mut self) -> Result<(), StartError> {
        if matches!(self.files, None | Some(Files::OlderWithoutSchema))
            && let Some(marks) = self.uncompared_marks()
        {
            self.files = Some(Box::pin(marks.compare()).await?);
        }
        Ok(())
    }

    /// Closes the connections. The last process to release the embedded Postgres stops it.
    ///
    /// # Errors
    /// When Postgres does not stop.
    pub async fn close(self) -> Result<(), StartError> {
        let marks = self.wal_marks();
        let note = async {
            if let Some(marks) = marks {
                marks.note().await;
            }
        };
        // A database that is frozen does not keep the program.
        if timeout(LAST_WORDS, async {
            tokio::join!(note, self.domain.write_last_uses())
        })
        .await
        .is_err()
        {
            tracing::warn!("the database does not respond: the last uses of keys are lost");
        }
        self.domain.close().await;
        if let Some(embedded) = self.embedded {
            embedded.close().await?;
        }
        Ok(())
    }
}
