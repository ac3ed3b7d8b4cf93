//! The server as a command: its flags, and the run from the first line to the signal that ends it.

mod args;
mod flag;
mod serve;

pub use args::Args;
pub use serve::{Error, run};
