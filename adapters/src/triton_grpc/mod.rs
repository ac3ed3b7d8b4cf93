//! Triton and the other servers of the Open Inference Protocol (V2) over gRPC: KServe, MLServer.
//!
//! What a model takes and how rows become tensors is that of the protocol over HTTP (`crate::oip`); here are the
//! messages that carry it. A request is one message and so is its answer, so that the protocol is as pure as the
//! others: bytes in, bytes out, and [`HttpEndpoint`](crate::HttpEndpoint) sends them over HTTP/2. The invariant: the
//! status of the remote procedure decides, not that of HTTP.
//!
//! `generated` is made from `proto/open_inference.proto` by a test of the program, which compares it with what is
//! committed.

mod contents;
mod decode;
mod details;
mod discover;
mod encode;
mod frame;
#[rustfmt::skip]
#[expect(clippy::enum_variant_names, clippy::struct_field_names, reason = "generated from the proto file")]
mod generated;
mod protocol;
mod readable;
mod status;
#[cfg(test)]
mod tests;

pub use protocol::TritonGrpcProtocol;

/// The header that says how messages are compressed.
const ENCODING: &str = "grpc-encoding";
