//! Reads a Stack Auth database: one connection and one snapshot, read-only.
//!
//! Every table is read through a cursor, in batches, in the order of its key. The statements are
//! not checked at compile time, because the schema is another program's; [`schema`] checks their
//! assumptions before the first of them runs.

/// Milliseconds since 1970 of a timestamp column in UTC, with or without a time zone. Infinity
/// becomes the most distant number. Converted through `numeric`, because before Postgres 14 the
/// seconds are a binary fraction, which is sometimes slightly too small.
macro_rules! millis {
    ($time:literal) => {
        concat!(
            "CASE WHEN isfinite(",
            $time,
            ") THEN floor((extract(epoch FROM ",
            $time,
            ") * 1000)::numeric)::bigint ",
            "WHEN ",
            $time,
            " > '2000-01-01' THEN 9223372036854775807 ",
            "WHEN ",
            $time,
            " IS NOT NULL THEN -9223372036854775807 END"
        )
    };
}

/// Whether a column that contains `TRUE` or null contains `TRUE`.
macro_rules! flag {
    ($column:literal) => {
        concat!("COALESCE(upper(", $column, "::text) = 'TRUE', false)")
    };
}

mod address;
mod keys;
mod projects;
mod schema;
mod snapshot;
mod teams;
mod users;

pub use address::Address;
pub use keys::SourceKey;
pub use projects::ProjectRow;
pub use schema::Mismatch;
pub use snapshot::{Snapshot, SourceError, SourceRow};
pub use teams::{SourceGrant, SourceMembership, SourceTeam};
pub use users::SourceUser;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_read_by_the_cursor_that_is_fetched_from() {
        for list in [
            SourceUser::LIST,
            SourceTeam::LIST,
            SourceMembership::LIST,
            SourceGrant::LIST,
            SourceKey::LIST,
        ] {
            assert!(list.starts_with("DECLARE list NO SCROLL CURSOR FOR"));
        }
    }
}
