//! The protocol as the endpoint drives it: which requests, and who reads their answers.

use std::sync::atomic::{AtomicBool, Ordering};

use url::Url;

use super::decode;
use crate::http::refused;
use crate::setup::below;
use crate::text::write_row;
use crate::{Answer, Description, Failure, FailureKind, HttpProtocol, RequestHead, ResponseHead, Row};

/// The settings of a model on TorchServe.
#[derive(Debug, Clone)]
pub struct TorchServeOptions {
    /// `http://host:8080`, with a path prefix where there is one, without credentials.
    pub base: Url,
    /// The name of the model.
    pub model: String,
    /// The version to ask; the default one when `None`.
    pub version: Option<String>,
}

/// A model on TorchServe.
#[derive(Debug)]
pub struct TorchServeProtocol {
    options: TorchServeOptions,
    url: Url,
    /// Whether the server has answered its health check.
    alive: AtomicBool,
}

impl TorchServeProtocol {
    /// The name as it is typed in a target.
    pub const NAME: &'static str = "torchserve";

    /// A model with these settings, whose URL is judged by [`HttpEndpoint::new`](crate::HttpEndpoint::new).
    pub fn new(options: TorchServeOptions) -> Self {
        let path = ["predictions", options.model.as_str()].into_iter().chain(options.version.as_deref());
        let url = below(&options.base, path);
        Self { options, url, alive: AtomicBool::new(false) }
    }
}

impl HttpProtocol for TorchServeProtocol {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn url(&self) -> &Url {
        &self.url
    }

    fn discover(&self) -> Option<RequestHead> {
        let known = self.alive.load(Ordering::Acquire);
        (!known).then(|| RequestHead::get(below(&self.options.base, ["ping"])))
    }

    fn discovered(&self, head: &ResponseHead, body: &[u8]) -> Result<(), Failure> {
        match head.status {
            200 => {
                self.alive.store(true, Ordering::Release);
                Ok(())
            }
            // Here this is the health check's own word for unhealthy.
            500 => Err(refused(FailureKind::Transient, head, body)),
            _ => Err(decode::refusal(head, body)),
        }
    }

    fn description(&self) -> Description {
        Description {
            model: Some(self.options.model.clone()),
            version: self.options.version.clone(),
            server: Some(Self::NAME.to_owned()),
            max_batch: Some(1),
            ..Description::default()
        }
    }

    fn encode(&self, rows: &[Row], body: &mut Vec<u8>) -> Result<RequestHead, Failure> {
        let [row] = rows else {
            let said = format!("TorchServe takes one row a request, found {}", rows.len());
            return Err(Failure::unplaced(FailureKind::Unsupported, said));
        };
        write_row(row, body)?;
        Ok(RequestHead::post_json(self.url.clone()))
    }

    fn decode(&self, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
        decode::decode(rows, head, body)
    }
}
