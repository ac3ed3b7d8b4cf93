//! TorchServe's own inference interface.
//!
//! One request is one row: its bare values as JSON, a list for a single field, an object by name for
//! several. What the handler makes of them is its own affair, so its answer is read as any JSON answer is.
//! The invariant: failures are told apart by their type and message, as the status alone misleads.

mod decode;
mod protocol;
#[cfg(test)]
mod tests;

pub use protocol::{TorchServeOptions, TorchServeProtocol};
