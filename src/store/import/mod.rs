//! Writes imported rows in batches, only those that do not exist yet, with one audit row each.
//! Existing rows are kept.
//!
//! Each kind has two statements. One only reads the state of the rows, for dry runs; the other
//! writes them and checks their state again.

mod keys;
mod memberships;
mod projects;
mod records;
mod teams;
mod users;

pub use records::{Metadata, NewGrant, NewKey, NewMembership, NewTeam, NewUser, Outcome, Standing};
