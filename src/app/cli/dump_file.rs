//! What is in a backup, read from the file itself.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{ErrorKind, Read as _},
    path::Path,
};

use latchkey_domain::{restore::opens_signing_key, secret::MasterKey};
use latchkey_store::known_migrations;
use uuid::Uuid;

use super::{
    Failure,
    pg_client::{PgClient, as_argument},
};

/// The first bytes of the format that `pg_dump --format custom` writes.
const MAGIC: &[u8; 5] = b"PGDMP";

/// A backup that this program can restore.
pub(super) struct DumpFile {
    /// When it was made, as `pg_dump` writes it.
    pub(super) made_at: String,
    signing_keys: Vec<(Uuid, Vec<u8>)>,
}

impl DumpFile {
    /// Reads a backup.
    ///
    /// # Errors
    /// If it is not a backup of Latchkey, or one of a newer version.
    pub(super) fn read(client: &PgClient, path: &Path) -> Result<Self, Failure> {
        let mut magic = [0; MAGIC.len()];
        let named = path.display();
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
        match read {
            // A shorter file is another one.
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => {
                return Err(Failure(format!(
                    "cannot read {named}: {error}; give the file that “latchkey backup” wrote"
                )));
            }
            _ => {}
        }
        if &magic != MAGIC {
            return Err(Failure(format!(
                "{named} is not a backup: “latchkey backup” or “pg_dump --format custom” writes one"
            )));
        }
        let mut list = client.command("pg_restore");
        list.arg("--list").arg(as_argument(path));
        let list = PgClient::output(list)?;
        let has = |table: &str| {
            let wanted = format!(" {table} ");
            list.lines()
                .any(|line| line.contains(" TABLE DATA ") && line.contains(&wanted))
        };
        if !["restore_mark", "_sqlx_migrations", "projects"]
            .into_iter()
            .all(has)
        {
            return Err(Failure(format!(
                "{named} is not a backup of this version of Latchkey"
            )));
        }
        let made_at = list
            .lines()
            .find_map(|line| line.split_once("Archive created at "))
            .map_or_else(
                || "an unknown time".to_owned(),
                |(_, time)| time.trim().to_owned(),
            );
        check_migrations(&rows(
            client,
            path,
            "_sqlx_migrations",
            ["version", "checksum"],
        )?)?;
        let signing_keys = rows(client, path, "signing_keys", ["key_id", "sealed"])?
            .into_iter()
            .filter_map(|[id, sealed]| Some((id.parse().ok()?, bytes(&sealed)?)))
            .collect();
        Ok(Self {
            made_at,
            signing_keys,
        })
    }

    /// Whether this is the secret that the backup was made with. Any is, if nothing is encrypted yet.
    pub(super) fn is_opened_by(&self, master_key: &MasterKey) -> bool {
        self.signing_keys
            .iter()
            .all(|(id, sealed)| opens_signing_key(master_key, *id, sealed))
    }
}

/// Checks that this program knows each migration of the backup.
fn check_migrations(applied: &[[String; 2]]) -> Result<(), Failure> {
    let known: BTreeMap<_, _> = known_migrations()
        .into_iter()
        .map(|known| (known.version, known.checksum))
        .collect();
    for [version, checksum] in applied {
        match version
            .parse()
            .ok()
            .and_then(|version: i64| known.get(&version))
        {
            None => {
                return Err(Failure(format!(
                    "the backup was made by a newer version of Latchkey (schema {version}); restore it with that version"
                )));
            }
            Some(known) if bytes(checksum).as_ref() != Some(known) => {
                return Err(Failure(format!(
                    "the backup was made by another version of Latchkey, whose schema {version} differs; restore it with \
                     that version"
                )));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Returns two columns of a table's rows.
fn rows(
    client: &PgClient,
    path: &Path,
    table: &str,
    wanted: [&str; 2],
) -> Result<Vec<[String; 2]>, Failure> {
    let mut command = client.command("pg_restore");
    command
        .args(["--data-only", "--file=-"])
        .arg(format!("--table={table}"))
        .arg(as_argument(path));
    Ok(read_copy(&PgClient::output(command)?, wanted))
}

/// Reads the rows of a `COPY … FROM stdin` in a script.
fn read_copy(script: &str, wanted: [&str; 2]) -> Vec<[String; 2]> {
    let mut lines = script.lines();
    let Some(header) = lines.find(|line| line.starts_with("COPY ")) else {
        return Vec::new();
    };
    let columns = header
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or("", |(columns, _)| columns);
    let at = wanted.map(|name| columns.split(", ").position(|column| column == name));
    let [Some(first), Some(second)] = at else {
        return Vec::new();
    };
    lines
        .take_while(|line| *line != "\\.")
        .map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            [first, second].map(|at| fields.get(at).copied().unwrap_or_default().to_owned())
        })
        .collect()
}

/// Reads bytes as `COPY` writes them: `\\x` and hexadecimal digits.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\\\x")?;
    if !digits.is_ascii() || digits.len() % 2 == 1 {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn rows_are_read_by_the_names_of_their_columns() {
        let script = "SET x;\nCOPY public.t (a, version, b, checksum) FROM stdin;\n\
            x\t1\ty\t\\\\x0aff\nx\t2\ty\t\\N\n\\.\n3\t4\t5\t6\n";
        let rows = read_copy(script, ["version", "checksum"]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0][0], "1");
        assert_eq!(bytes(&rows[0][1]), Some(vec![0x0a, 0xff]));
        assert_eq!(bytes(&rows[1][1]), None);
        assert_eq!(read_copy("", ["a", "b"]).len(), 0);
        assert_eq!(read_copy(script, ["missing", "a"]).len(), 0);
    }

    #[test]
    fn a_migration_that_is_unknown_or_differs_is_refused() {
        let known = &known_migrations()[0];
        let hex = known.checksum.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("text");
            hex
        });
        let version = known.version.to_string();
        let check = |version: &str, checksum: &str| {
            check_migrations(&[[version.to_owned(), format!("\\\\x{checksum}")]])
                .map_err(|Failure(text)| text)
        };
        assert_eq!(check(&version, &hex), Ok(()));
        assert!(check("99990101000000", &hex).is_err_and(|text| text.contains("newer")));
        assert!(check(&version, "00").is_err_and(|text| text.contains("differs")));
    }
}
