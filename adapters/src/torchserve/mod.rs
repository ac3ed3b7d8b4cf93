//! TorchServe's own inference interface.
//!
//! One request is one row, or several in an envelope that carries a list. What the handler makes of them is its own
//! affair, so its answer is read as any JSON answer is. The invariants: failures are told apart by their type and
//! message, as the status alone misleads; the management address is asked one question, with credentials of its own.

mod decode;
mod encode;
mod envelope;
mod management;
mod protocol;
mod refusal;
#[cfg(test)]
mod tests;
mod v2;

pub use envelope::Envelope;
pub use protocol::{TorchServeOptions, TorchServeProtocol};
