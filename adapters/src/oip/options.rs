//! The settings of a model on an Open Inference Protocol server.

use url::Url;

use super::setting::{FixedInput, Parameter};

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
    /// How bodies of requests are compressed.
    pub compression: Option<Compression>,
    /// How many of the best classes the server is to answer in place of the output's values.
    pub classes: Option<u32>,
    /// Inputs that are the same in every request.
    pub inputs: Vec<FixedInput>,
    /// What every request tells the model beside its inputs.
    pub parameters: Vec<Parameter>,
}

impl TritonOptions {
    /// A model of which nothing else is asked for.
    pub fn new(base: Url, model: impl Into<String>) -> Self {
        Self {
            base,
            model: model.into(),
            version: None,
            output: None,
            binary: None,
            compression: None,
            classes: None,
            inputs: Vec::new(),
            parameters: Vec::new(),
        }
    }
}

/// How the body of a request is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// The zlib format (RFC 1950), which HTTP calls deflate.
    Deflate,
}

impl Compression {
    /// Every kind, with its name in HTTP and as it is typed.
    pub const ALL: [(&'static str, Self); 2] = [("gzip", Self::Gzip), ("deflate", Self::Deflate)];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }
}
