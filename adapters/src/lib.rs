//! The vocabulary of prediction endpoints, and one adapter for each protocol.
//!
//! The root of this crate is what every part of noisebound may import: typed [`Tensor`]s, a [`Row`] of
//! them, a [`Prediction`], an [`Endpoint`] that asks once, and a [`Failure`] that says what stood in the
//! way. Each protocol lives in a folder of its own ([`json`], [`torchserve`], [`triton`],
//! [`triton_grpc`]) and is pure: it
//! encodes rows and decodes answers. [`HttpEndpoint`] does the input and output for all of them.
//!
//! What is left to others: when to ask, how often, and what to do after a failure (the client), and what
//! an answer means (the loss).

mod cast;
pub mod dtype;
pub mod endpoint;
pub mod failure;
pub mod http;
pub mod json;
pub mod nearest;
mod oip;
pub mod prediction;
pub mod secret;
pub mod setup;
pub mod survey;
pub mod tensor;
mod text;
pub mod torchserve;
pub mod triton;
pub mod triton_grpc;

pub use cast::Stored;
pub use dtype::Dtype;
pub use endpoint::{Answer, Described, Description, Endpoint, Exchange, Port, WireRequest, WireResponse};
pub use failure::{Failure, FailureKind};
pub use http::{
    HttpEndpoint, HttpOptions, HttpProtocol, ProxyChoice, ProxyPlace, Realm, RequestHead, ResponseHead, Tls,
};
pub use json::{JsonOptions, JsonProtocol, PRESETS, Preset};
pub use prediction::Prediction;
pub use secret::{Header, HeaderError, Masker, SecretError, SecretSource};
pub use setup::SetupError;
pub use survey::{Listed, Route, Sight, Survey, Taken};
pub use tensor::{Row, Shape, Tensor, Values};
pub use torchserve::{Envelope, TorchServeOptions, TorchServeProtocol};
pub use triton::{
    Compression, FixedInput, Parameter, ParameterValue, SettingError, TritonOptions, TritonProtocol,
};
pub use triton_grpc::TritonGrpcProtocol;
