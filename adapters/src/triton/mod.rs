//! Triton and the other servers of the Open Inference Protocol (V2) over HTTP: KServe, MLServer, OpenVINO.
//!
//! Three requests tell what the server can do, what the model takes and how it batches; after that rows
//! become tensors, raw bytes where the server takes them. The invariant: an output is found by its name,
//! never by its place.
//!
//! Batching: with `max_batch_size` above 0 the first dimension is the batch. With 0 the model has none, and
//! one row goes into a request; where such a model's input has one dimension more than the row and that
//! first one may vary, the row is sent as a batch of one. Where the server has no configuration to ask for,
//! a first dimension of -1 in the metadata is taken as the batch.

mod decode;
mod discover;
mod encode;
mod protocol;
mod refusal;
#[cfg(test)]
mod tests;

pub use protocol::TritonProtocol;

pub use crate::oip::{Compression, FixedInput, Parameter, ParameterValue, SettingError, TritonOptions};

/// The header that tells how many bytes of a body are JSON; raw tensors follow them.
const HEAD_LENGTH: &str = "inference-header-content-length";
