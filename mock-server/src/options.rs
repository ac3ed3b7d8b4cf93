//! How a server is set up.

use std::path::PathBuf;
use std::sync::Arc;

use crate::faults::Faults;
use crate::models::{self, Model};

/// How a server is set up.
#[derive(Clone)]
pub struct Options {
    /// The models, each under the name in its signature; names must differ.
    pub models: Vec<Arc<dyn Model>>,
    /// What goes wrong.
    pub faults: Faults,
    /// Decides every fault and every coin.
    pub seed: u64,
    /// When set, requests without `Authorization: Bearer TOKEN` are turned away, in the manner of each
    /// protocol.
    pub token: Option<String>,
    /// When set, TorchServe's paths ask for the keys in this file instead.
    pub keys: Option<KeyFile>,
    /// A file that gets a line of JSON for each request; one that exists is emptied first.
    pub log: Option<PathBuf>,
    /// Over gRPC, answer in typed elements, as KServe's own server may.
    pub typed_answers: bool,
    /// Keep every arrival in memory. On by default, for tests; a server that runs for long should not.
    pub keep_arrivals: bool,
}

/// Where TorchServe's keys are written, and how long they last.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// The file, `key_file.json` on a real server; one that exists is replaced.
    pub path: PathBuf,
    /// How many predictions a key for inference is good for, after which it is renewed; for ever where absent.
    pub lasts: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            models: models::builtin(),
            faults: Faults::default(),
            seed: 0,
            token: None,
            keys: None,
            log: None,
            typed_answers: false,
            keep_arrivals: true,
        }
    }
}
