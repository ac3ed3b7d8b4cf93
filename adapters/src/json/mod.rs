//! Any service that takes and gives JSON: KServe version 1, TensorFlow Serving, MLflow, and what people
//! write themselves.
//!
//! A template says where the rows go into the body, a pointer where the answers stand; a [preset](Preset) has both
//! for services that many people deploy. A row of one field is sent as its bare values, a row of several as an object by
//! name. The invariant: as many answers as rows, in their order, or no answer at all.

mod decode;
mod layout;
mod mark;
mod pointer;
mod presets;
mod protocol;
mod refusal;
mod suggest;
mod template;
#[cfg(test)]
mod tests;
mod value;

pub use presets::{PRESETS, Preset, preset, recognise};
pub use protocol::{JsonOptions, JsonProtocol};
pub(crate) use suggest::single;
