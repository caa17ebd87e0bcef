//! Where the secret comes from, and what to do when it is not the database's.

use std::{fmt, path::PathBuf};

/// The command that goes on without the secret that the signing keys are sealed with.
const NEW_SECRET: &str = "if it is lost, run “latchkey signing-keys rotate --new-secret”: access tokens that were issued \
    end, sign-in counters start again, and nothing else is lost";

/// Where the secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// `LATCHKEY_SECRET`.
    Setting,
    /// A file in the data folder.
    File(PathBuf),
    /// There is no such file. A secret was made, but is not written yet.
    Unwritten { file: PathBuf, secret: String },
}

/// The signing keys in the database are sealed with another secret than the one that is set.
#[derive(Debug, thiserror::Error)]
pub struct WrongSecret(pub SecretPlace);

impl fmt::Display for WrongSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            SecretPlace::Setting => write!(
                formatter,
                "LATCHKEY_SECRET is not the secret that the database was used with: set it to that one, or add that one to \
                 LATCHKEY_OLD_SECRETS; {NEW_SECRET}"
            ),
            SecretPlace::File(file) => write!(
                formatter,
                "{} does not hold the secret that the database was used with: put that one back into it, or add it to \
                 LATCHKEY_OLD_SECRETS; {NEW_SECRET}",
                file.display()
            ),
            SecretPlace::Unwritten { file, .. } => write!(
                formatter,
                "{}, which holds the secret that the database was used with, is missing: put it back, or set \
                 LATCHKEY_SECRET to that secret; {NEW_SECRET}",
                file.display()
            ),
        }
    }
}
