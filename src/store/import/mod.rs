//! Writes imported rows: many at once, each only where it does not exist yet, with one audit row each. Existing
//! rows stay as they are.
//!
//! Each kind has two statements. One reads how the rows stand and changes nothing, for dry runs; the other
//! writes, and decides again.

mod keys;
mod memberships;
mod projects;
mod records;
mod teams;
mod users;

pub use records::{Metadata, NewGrant, NewKey, NewMembership, NewTeam, NewUser, Outcome, Standing};
