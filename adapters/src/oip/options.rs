//! The settings of a model on an Open Inference Protocol server.

use url::Url;

/// The settings of a model on an Open Inference Protocol server.
#[derive(Debug, Clone)]
pub struct TritonOptions {
    /// `http://host:8000`, with a path prefix where there is one, without credentials.
    pub base: Url,
    /// The name of the model.
    pub model: String,
    /// The version to ask; the server's choice when `None`.
    pub version: Option<String>,
    /// The output to ask for; needed where the model has several.
    pub output: Option<String>,
    /// Whether tensors travel as raw bytes; as the server says it can when `None`.
    pub binary: Option<bool>,
}
