//! What the Open Inference Protocol (V2) is, whatever carries it.
//!
//! A server and its model are learned in three steps ([`Learning`]); what they tell becomes a [`Plan`], which says
//! which field goes to which input, as what type, and how many rows fit into one tensor. [`parts`] are the rows as
//! the inputs take them, with the inputs that never change, and an [`Output`] becomes predictions. What is left to the carriers: JSON and its raw
//! tensors over HTTP (`triton`), messages over gRPC (`triton_grpc`).

mod answer;
mod classes;
mod compress;
mod fixed;
mod learning;
mod options;
mod parts;
mod plan;
pub(crate) mod raw;
mod setting;
mod typed;

pub(crate) use answer::{Output, choose};
pub(crate) use compress::compress;
pub(crate) use learning::{Config, Learning, Model, Server};
pub use options::{Compression, TritonOptions};
pub(crate) use parts::{Part, parts};
pub(crate) use plan::Plan;
pub use setting::{FixedInput, Parameter, ParameterValue, SettingError};
pub(crate) use typed::typed;
