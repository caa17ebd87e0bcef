//! Checks of the database and of its content, with advice.

use std::collections::BTreeMap;

use latchkey_model::expiry::Millis;
use latchkey_store::{Applied, Examination, Known, known_migrations};

use super::{Domain, clock::TOLERANCE_MILLIS, signing_keys::WrongSecret};

/// The oldest supported major version.
const OLDEST_POSTGRES: i32 = 14;
/// Expired rows are deleted every ten minutes; rows that expired longer ago were missed.
const PURGE_GRACE_MILLIS: Millis = 60 * 60 * 1000;
/// The constraints of `api_keys`.
pub const KEY_CONSTRAINTS: [&str; 7] = [
    "api_keys_one_owner",
    "api_keys_digest_unique",
    "api_keys_digest_length",
    "api_keys_creation_token_unique",
    "api_keys_last_four_form",
    "api_keys_description_length",
    "api_keys_expires_range",
];

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static str,
    pub found: String,
    /// What to do; `None` where the check passes.
    pub advice: Option<String>,
}

impl Finding {
    pub fn well(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            found: found.into(),
            advice: None,
        }
    }

    pub fn problem(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            check,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }

    pub const fn is_well(&self) -> bool {
        self.advice.is_none()
    }
}

impl Domain {
    /// Runs every check and changes nothing. A check that cannot run is a finding too.
    pub async fn doctor(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let examination = self.store.examine().await;
        let mut examination = match examination {
            Ok(examination) => examination,
            Err(error) => {
                findings.push(Finding::problem(
                    "database",
                    format!("cannot be reached: {error}"),
                    "start the database, or correct DATABASE_URL",
                ));
                return findings;
            }
        };
        if let Err(error) = self.examine(&mut examination, &mut findings).await {
            findings.push(Finding::problem(
                "database",
                format!("a query failed: {error}"),
                "check the database's log, then run “latchkey doctor” again",
            ));
        }
        examination.end().await;
        findings
    }

    async fn examine(
        &self,
        examination: &mut Examination,
        findings: &mut Vec<Finding>,
    ) -> Result<(), latchkey_store::Error> {
        findings.extend(server(examination).await?);
        findings.push(self.clocks(examination).await?);
        let schema = schema(&known_migrations(), &examination.applied().await?);
        let is_current = schema.is_well();
        findings.push(schema);
        findings.push(keys_in_clear(examination).await?);
        // The rest is about tables that an older schema may not have.
        if is_current {
            findings.push(self.restored().await?);
            findings.push(stored_keys(examination).await?);
            findings.push(constraints(examination).await?);
            findings.push(project_keys(examination).await?);
            findings.push(self.signing_keys_open().await);
            findings.push(left_over(examination).await?);
        }
        Ok(())
    }

    /// Checks that the program's secret decrypts the signing keys.
    async fn signing_keys_open(&self) -> Finding {
        let check = "signing keys";
        match self.signing_key_states().await {
            Ok(keys) if keys.is_empty() => Finding::well(
                check,
                "none yet: one is created when the server first starts",
            ),
            Ok(keys) if !keys.iter().all(|key| key.opens) => Finding::problem(
                check,
                WrongSecret.to_string(),
                "set LATCHKEY_SECRET to the value that this database was used with",
            ),
            Ok(keys) if keys.iter().all(|key| key.is_sealed_with_first) => Finding::well(
                check,
                format!("LATCHKEY_SECRET decrypts all {}", keys.len()),
            ),
            Ok(keys) => Finding::well(
                check,
                format!(
                    "all {} can be decrypted, some only with a former secret, until “latchkey signing-keys rotate”",
                    keys.len()
                ),
            ),
            Err(error) => Finding::problem(
                check,
                error.to_string(),
                "check the database's log, then run “latchkey doctor” again",
            ),
        }
    }

    /// Checks that nobody has to decide about a restored database.
    async fn restored(&self) -> Result<Finding, latchkey_store::Error> {
        Ok(if self.store.is_locked().await? {
            Finding::problem(
                "restore",
                "the database was restored from a backup or from older files, and is locked: no key works, and nothing can be changed",
                "run “latchkey unlock”, which says what can be decided",
            )
        } else {
            Finding::well("restore", "not restored, or an operator has decided")
        })
    }

    /// Checks that the program's clock agrees with the database's, which decides what has expired.
    async fn clocks(
        &self,
        examination: &mut Examination,
    ) -> Result<Finding, latchkey_store::Error> {
        let before = self.clock.now_millis();
        let database = examination.now().await?;
        let after = self.clock.now_millis();
        // The database read its clock at some time in between.
        let apart = (before - database).max(database - after).max(0);
        Ok(if apart <= TOLERANCE_MILLIS {
            Finding::well("clocks", format!("{apart} ms apart"))
        } else {
            Finding::problem(
                "clocks",
                format!("the clocks of this machine and the database are {apart} ms apart"),
                "synchronize the clocks of both machines with NTP",
            )
        })
    }
}

async fn server(examination: &mut Examination) -> Result<Vec<Finding>, latchkey_store::Error> {
    let state = examination.server().await?;
    let version = format!("Postgres {}", state.version);
    let database = if state.version_number < OLDEST_POSTGRES * 10_000 {
        Finding::problem(
            "database",
            format!("{version} is too old"),
            format!("use Postgres {OLDEST_POSTGRES} or newer"),
        )
    } else if state.is_standby {
        Finding::problem(
            "database",
            format!("{version} is a read-only standby"),
            "set DATABASE_URL to the primary",
        )
    } else {
        Finding::well("database", version)
    };
    let off: Vec<_> = [
        ("fsync", &state.fsync),
        ("full_page_writes", &state.full_page_writes),
        ("synchronous_commit", &state.synchronous_commit),
    ]
    .into_iter()
    .filter(|(_, value)| *value == "off")
    .map(|(name, _)| name)
    .collect();
    let durability = if off.is_empty() {
        Finding::well(
            "durability",
            "committed changes survive a crash: fsync, full_page_writes and synchronous_commit are on",
        )
    } else {
        Finding::problem(
            "durability",
            format!(
                "off: {}; a crash can lose committed changes, including revocations",
                off.join(", ")
            ),
            "turn on each of them in postgresql.conf, and for this database and role",
        )
    };
    Ok(vec![database, durability])
}

/// Compares the migrations that the database has with those that the program knows.
fn schema(known: &[Known], applied: &[Applied]) -> Finding {
    let mut pending: BTreeMap<i64, &[u8]> = known
        .iter()
        .map(|step| (step.version, &*step.checksum))
        .collect();
    let mut half_done = Vec::new();
    let mut altered = Vec::new();
    let mut unknown = Vec::new();
    for step in applied {
        match pending.remove(&step.version) {
            None => unknown.push(step.version.to_string()),
            Some(_) if !step.success => half_done.push(step.version.to_string()),
            Some(checksum) if checksum != step.checksum => altered.push(step.version.to_string()),
            Some(_) => {}
        }
    }
    if !unknown.is_empty() {
        Finding::problem(
            "schema",
            format!(
                "a newer version of Latchkey has applied migrations: {}",
                unknown.join(", ")
            ),
            "use that version",
        )
    } else if !half_done.is_empty() || !altered.is_empty() {
        half_done.extend(altered);
        Finding::problem(
            "schema",
            format!("incomplete or altered migrations: {}", half_done.join(", ")),
            "restore a backup, or use the version of Latchkey that applied them",
        )
    } else if pending.is_empty() {
        Finding::well(
            "schema",
            format!("up to date: {} migrations", applied.len()),
        )
    } else {
        Finding::problem(
            "schema",
            format!(
                "{} of {} migrations are missing",
                pending.len(),
                pending.len() + applied.len()
            ),
            "run “latchkey migrate”; “latchkey serve” also applies them when it starts",
        )
    }
}

async fn keys_in_clear(examination: &mut Examination) -> Result<Finding, latchkey_store::Error> {
    let found = examination.keys_in_clear().await?;
    Ok(if found.is_empty() {
        Finding::well("keys in clear", "none in any column of any table")
    } else {
        let places: Vec<_> = found
            .iter()
            .map(|(place, count)| format!("{place} ({count})"))
            .collect();
        Finding::problem(
            "keys in clear",
            format!("API keys in clear text in {}", places.join(", ")),
            "find out what wrote them there, revoke these keys, delete the text, and check your backups",
        )
    })
}

async fn stored_keys(examination: &mut Examination) -> Result<Finding, latchkey_store::Error> {
    let (count, first) = examination.broken_keys().await?;
    Ok(if count == 0 {
        Finding::well("stored keys", "every digest, owner and expiry is valid")
    } else {
        let first: Vec<_> = first.iter().map(ToString::to_string).collect();
        Finding::problem(
            "stored keys",
            format!(
                "keys that violate the constraints of their table: {count}, such as {}",
                first.join(", ")
            ),
            "something other than Latchkey has written to the table; restore these keys from a backup, or delete them",
        )
    })
}

async fn constraints(examination: &mut Examination) -> Result<Finding, latchkey_store::Error> {
    let missing = examination.missing_constraints(&KEY_CONSTRAINTS).await?;
    let unfinished = examination.unfinished().await?;
    Ok(if !missing.is_empty() {
        Finding::problem(
            "constraints",
            format!("missing: {}", missing.join(", ")),
            "create them again, as in the schema of a new database",
        )
    } else if !unfinished.is_empty() {
        Finding::problem(
            "constraints",
            format!(
                "{} constraints or indexes are not validated",
                unfinished.len()
            ),
            format!("run “{}”", unfinished.join("; ")),
        )
    } else {
        Finding::well("constraints", "all are in force")
    })
}

async fn project_keys(examination: &mut Examination) -> Result<Finding, latchkey_store::Error> {
    let without = examination.projects_without_keys().await?;
    Ok(if without.is_empty() {
        Finding::well("project keys", "every project has a key set")
    } else {
        let ids: Vec<_> = without.iter().map(ToString::to_string).collect();
        Finding::problem(
            "project keys",
            format!(
                "no keys, so no application can use the project: {}",
                ids.join(", ")
            ),
            "finish the import that created the project, or run “latchkey project rotate-keys ID”",
        )
    })
}

async fn left_over(examination: &mut Examination) -> Result<Finding, latchkey_store::Error> {
    let (sessions, attempts) = examination.left_over(PURGE_GRACE_MILLIS).await?;
    Ok(if sessions == 0 && attempts == 0 {
        Finding::well(
            "tidiness",
            "no expired sessions or sign-in counters left to delete",
        )
    } else {
        Finding::problem(
            "tidiness",
            format!("expired over an hour ago: sessions {sessions}, sign-in counters {attempts}"),
            "“latchkey serve” deletes them every ten minutes while it runs; they do no harm until then",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied() -> Vec<Applied> {
        known_migrations()
            .into_iter()
            .map(|step| Applied {
                version: step.version,
                checksum: step.checksum,
                success: true,
            })
            .collect()
    }

    #[test]
    fn a_schema_is_well_when_every_step_was_taken_as_it_is_written() {
        assert!(schema(&known_migrations(), &applied()).is_well());
        let says = |applied: &[Applied]| schema(&known_migrations(), applied).found;
        let mut less = applied();
        less.pop();
        assert!(says(&less).contains("1 of"), "{}", says(&less));
        assert!(says(&[]).contains("are missing"));
        let mut more = applied();
        more.push(Applied {
            version: 99_991_231_000_000,
            checksum: Vec::new(),
            success: true,
        });
        assert!(says(&more).contains("newer"));
        let mut other = applied();
        other[0].checksum[0] ^= 1;
        assert!(says(&other).contains("altered"));
        let mut half = applied();
        half[0].success = false;
        assert!(says(&half).contains("incomplete"));
    }
}
