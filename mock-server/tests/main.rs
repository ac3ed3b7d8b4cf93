//! The server over real HTTP, on free ports.
//!
//! `triton`, `torchserve` and `plain`: what each protocol answers. `faults`: what goes wrong on demand.
//! `command`: the program. `server`: the record of arrivals, and the end of the server.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

mod client;
mod command;
mod faults;
mod plain;
mod server;
mod torchserve;
mod triton;
mod triton_types;
