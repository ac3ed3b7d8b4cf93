//! The command: one file for each subcommand.

pub mod args;
