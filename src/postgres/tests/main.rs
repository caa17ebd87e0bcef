//! The embedded Postgres, tried on a real one: it starts, is shared, and survives what kills it.

mod crash;
mod data;
mod folders;
mod log;
mod start;
