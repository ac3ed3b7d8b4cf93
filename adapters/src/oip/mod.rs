//! What the Open Inference Protocol (V2) is, whatever carries it.
//!
//! A server and its model are learned in three steps ([`Learning`]); what they tell becomes a [`Plan`], which says
//! which field goes to which input, as what type, and how many rows fit into one tensor. [`parts`] are the rows as
//! the inputs take them, and an [`Output`] becomes predictions. What is left to the carriers: JSON and its raw
//! tensors over HTTP (`triton`), messages over gRPC (`triton_grpc`).

mod answer;
mod learning;
mod options;
mod parts;
mod plan;
pub(crate) mod raw;

pub(crate) use answer::{Output, choose};
pub(crate) use learning::{Config, Learning, Model, Server};
pub use options::TritonOptions;
pub(crate) use parts::{Part, parts};
pub(crate) use plan::Plan;
