//! The embedded Postgres, tried on a real one: it starts, is shared, and survives what kills it.

mod access;
mod crash;
mod data;
mod folders;
mod foreign_folder;
mod log;
mod start;
