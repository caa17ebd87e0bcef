//! Writing what comes from elsewhere: many rows at once, each only where it is not here yet, and one
//! audit row for each. What an import finds here stays as it is.
//!
//! For each kind there are two statements. One looks how things stand and changes nothing, so that a
//! dry run can tell; the other writes, and decides again.

mod keys;
mod memberships;
mod projects;
mod records;
mod teams;
mod users;

pub use records::{Metadata, NewGrant, NewKey, NewMembership, NewTeam, NewUser, Outcome, Standing};
