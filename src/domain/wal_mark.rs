//! Detects that the files of a cluster were replaced by older ones: the position of its write-ahead log is noted outside
//! of them, and never goes back.

use std::fmt::{self, Display, Formatter};

use latchkey_store::WalPosition;
use uuid::Uuid;

use super::{Domain, Error};

/// Clusters that are remembered.
const MOST: usize = 16;

/// What was noted of each cluster that has been in the place.
#[derive(Debug, Default, PartialEq, Eq)]
struct Notes(Vec<Note>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    /// The cluster, and the furthest that it has come.
    furthest: WalPosition,
    /// Files that are older, for which the database was locked already.
    older: Option<Older>,
}

/// Files that continue from before the furthest position.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Older {
    /// Names the lock, which is in these files and in no others.
    lock: Uuid,
    position: i64,
}

/// The result of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub struct Compared {
    /// Whether the files are older, so that the database was locked.
    pub is_older: bool,
    /// What is to be noted from now on; `None` where the files are older and the database has no schema that could be
    /// locked.
    pub note: Option<String>,
}

impl Domain {
    /// Compares how far the cluster has come with what was noted, and locks the database if its files are older. Other
    /// clusters, and text that cannot be read, note nothing about this one.
    pub async fn compare_files(&self, noted: &str) -> Result<Compared, Error> {
        let mut marks = Notes::read(noted);
        // After what was noted was read: meanwhile another process may come further.
        let now = self.store.files_state().await?;
        let known = match marks.older(now.wal.system) {
            Some(older) if now.has_schema => self.store.was_locked_by(&name_of(older.lock)).await?,
            _ => false,
        };
        let is_older = marks.is_older(now.wal, known);
        if is_older && !now.has_schema {
            return Ok(Compared {
                is_older,
                note: None,
            });
        }
        if is_older {
            let lock = self.id();
            self.store.lock_restored(&name_of(lock)).await?;
            marks.lock(now.wal, lock);
        } else {
            marks.go_on(now.wal);
        }
        Ok(Compared {
            is_older,
            note: Some(marks.to_string()),
        })
    }
}

/// Who locked the database, for the record.
fn name_of(lock: Uuid) -> String {
    format!("the program: the data folder's database is older than its wal-mark ({lock})")
}

impl Notes {
    fn read(text: &str) -> Self {
        Self(text.lines().filter_map(Note::read).collect())
    }

    fn of(&mut self, system: i64) -> Option<&mut Note> {
        self.0
            .iter_mut()
            .find(|note| note.furthest.system == system)
    }

    fn older(&self, system: i64) -> Option<&Older> {
        let note = self.0.iter().find(|note| note.furthest.system == system);
        note.and_then(|note| note.older.as_ref())
    }

    /// `known` is whether the lock for older files is in the database.
    fn is_older(&mut self, now: WalPosition, known: bool) -> bool {
        self.of(now.system).is_some_and(|note| {
            let is_before = |position| now.position < position;
            is_before(note.furthest.position)
                && note
                    .older
                    .as_ref()
                    .is_none_or(|older| !known || is_before(older.position))
        })
    }

    fn lock(&mut self, now: WalPosition, lock: Uuid) {
        if let Some(note) = self.of(now.system) {
            note.older = Some(Older {
                lock,
                position: now.position,
            });
        }
    }

    /// Notes a position that is not older.
    fn go_on(&mut self, now: WalPosition) {
        match self.of(now.system) {
            Some(note) if now.position < note.furthest.position => {
                if let Some(older) = &mut note.older {
                    older.position = now.position;
                }
            }
            Some(note) => {
                *note = Note {
                    furthest: now,
                    older: None,
                };
            }
            None => {
                self.0.push(Note {
                    furthest: now,
                    older: None,
                });
                self.0.drain(..self.0.len().saturating_sub(MOST));
            }
        }
    }
}

impl Note {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let furthest = WalPosition {
            system: words.next()?.parse().ok()?,
            position: words.next()?.parse().ok()?,
        };
        let older = match (words.next(), words.next()) {
            (Some(lock), Some(position)) => Some(Older {
                lock: lock.parse().ok()?,
                position: position.parse().ok()?,
            }),
            (None, _) => None,
            (Some(_), None) => return None,
        };
        words.next().is_none().then_some(Self { furthest, older })
    }
}

impl Display for Notes {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for Note { furthest, older } in &self.0 {
            write!(formatter, "{} {}", furthest.system, furthest.position)?;
            if let Some(Older { lock, position }) = older {
                write!(formatter, " {lock} {position}")?;
            }
            writeln!(formatter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: i64 = 7_412_345_678_901_234_567;

    const fn at(position: i64) -> WalPosition {
        WalPosition {
            system: SYSTEM,
            position,
        }
    }

    #[test]
    fn what_was_noted_is_read_again_and_anything_else_notes_nothing() {
        let lock = Uuid::from_u128(7);
        let text = format!("1 5\n{SYSTEM} 100 {lock} 50\n");
        assert_eq!(Notes::read(&text).to_string(), text);
        // As it was written before.
        assert_eq!(Notes::read("1 25165824").0.len(), 1);
        for text in [
            "",
            " ",
            "1",
            "1 x",
            "x 1",
            "1 2 3",
            "1 2 3 4",
            "99999999999999999999 1",
        ] {
            assert_eq!(Notes::read(text), Notes::default(), "{text:?}");
        }
    }

    #[test]
    fn the_furthest_position_never_goes_back() {
        let mut notes = Notes::default();
        notes.go_on(at(100));
        assert!(!notes.is_older(at(100), false));
        notes.go_on(at(110));
        assert!(notes.is_older(at(109), false));
        notes.lock(at(50), Uuid::nil());
        // These files go on once an operator has decided about them,
        assert!(!notes.is_older(at(50), true));
        notes.go_on(at(60));
        // and neither older ones of them nor other old ones do.
        assert!(notes.is_older(at(59), true));
        assert!(notes.is_older(at(70), false));
        assert!(
            !notes.is_older(at(110), false),
            "the ones that were replaced"
        );
        notes.go_on(at(120));
        assert!(notes.is_older(at(119), true));
    }

    #[test]
    fn another_cluster_in_between_does_not_erase_what_was_noted() {
        let mut notes = Notes::default();
        notes.go_on(at(100));
        for system in 1..10 {
            let other = WalPosition {
                system,
                position: 1,
            };
            assert!(!notes.is_older(other, false));
            notes.go_on(other);
        }
        assert!(notes.is_older(at(99), false));
        for system in 1..99 {
            notes.go_on(WalPosition {
                system,
                position: 1,
            });
        }
        assert_eq!(notes.0.len(), MOST);
    }
}
