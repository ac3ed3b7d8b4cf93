//! The protocol as the endpoint drives it: which requests, and who reads their answers.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use url::Url;

use super::management::{self, Facts};
use super::{Envelope, decode, encode, refusal};
use crate::http::refused;
use crate::setup::below;
use crate::survey::models;
use crate::{
    Answer, Description, Failure, FailureKind, HttpProtocol, RequestHead, ResponseHead, Row, Survey,
};

/// The settings of a model on TorchServe.
#[derive(Debug, Clone)]
pub struct TorchServeOptions {
    /// `http://host:8080`, with a path prefix where there is one, without credentials.
    pub base: Url,
    /// The name of the model.
    pub model: String,
    /// The version to ask; the default one when `None`.
    pub version: Option<String>,
    /// How rows travel.
    pub envelope: Envelope,
    /// Where a row's answer holds the prediction, as a JSON Pointer; the whole of it when `None`.
    pub answer: Option<String>,
    /// `http://host:8081`, where the model is described; nothing is asked there when `None`.
    pub management: Option<Url>,
}

impl TorchServeOptions {
    /// The default version of a model, asked in bare JSON.
    pub fn new(base: Url, model: impl Into<String>) -> Self {
        let model = model.into();
        Self { base, model, version: None, envelope: Envelope::Json, answer: None, management: None }
    }
}

/// A model on TorchServe.
#[derive(Debug)]
pub struct TorchServeProtocol {
    options: TorchServeOptions,
    url: Url,
    /// Whether the server has answered its health check.
    alive: AtomicBool,
    /// What the management address told.
    facts: OnceLock<Facts>,
}

impl TorchServeProtocol {
    /// The name as it is typed in a target.
    pub const NAME: &'static str = "torchserve";

    /// A model with these settings, whose URLs are judged by [`HttpEndpoint::new`](crate::HttpEndpoint::new).
    pub fn new(options: TorchServeOptions) -> Self {
        let url = below(&options.base, named(&options, "predictions"));
        Self { options, url, alive: AtomicBool::new(false), facts: OnceLock::new() }
    }
}

/// `FOLDER/M[/V]`
fn named<'a>(options: &'a TorchServeOptions, folder: &'a str) -> impl Iterator<Item = &'a str> {
    [folder, options.model.as_str()].into_iter().chain(options.version.as_deref())
}

impl HttpProtocol for TorchServeProtocol {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn url(&self) -> &Url {
        &self.url
    }

    fn management(&self) -> Option<&Url> {
        self.options.management.as_ref()
    }

    fn discover(&self) -> Option<RequestHead> {
        if !self.alive.load(Ordering::Acquire) {
            return Some(RequestHead::get(below(&self.options.base, ["ping"])));
        }
        let management = self.options.management.as_ref().filter(|_| self.facts.get().is_none())?;
        Some(RequestHead::get(below(management, named(&self.options, "models"))).to_management())
    }

    fn discovered(&self, head: &ResponseHead, body: &[u8]) -> Result<(), Failure> {
        if self.alive.load(Ordering::Acquire) {
            let facts = management::read(head, body)?;
            // Another call may have been faster, with the same.
            let _ = self.facts.set(facts);
            return Ok(());
        }
        match head.status {
            200 => {
                self.alive.store(true, Ordering::Release);
                Ok(())
            }
            // Here this is the health check's own word for unhealthy.
            500 => Err(refused(FailureKind::Transient, head, body)),
            _ => Err(refusal::refusal(head, body)),
        }
    }

    fn places(&self) -> Vec<RequestHead> {
        let list = |management| RequestHead::get(below(management, ["models"])).to_management();
        self.options.management.as_ref().map(list).into_iter().collect()
    }

    fn survey(&self, _: &RequestHead, _: &ResponseHead, body: &[u8]) -> Option<Survey> {
        models(body)
    }

    fn description(&self) -> Description {
        let facts = self.facts.get();
        Description {
            model: Some(self.options.model.clone()),
            version: facts.and_then(|facts| facts.version.clone()).or_else(|| self.options.version.clone()),
            server: self.alive.load(Ordering::Acquire).then(|| Self::NAME.to_owned()),
            max_batch: self.options.envelope.max_rows(),
            notes: facts.map(Facts::notes).unwrap_or_default(),
            ..Description::default()
        }
    }

    fn encode(&self, rows: &[Row], body: &mut Vec<u8>) -> Result<RequestHead, Failure> {
        let kind = encode::encode(self.options.envelope, rows, body)?;
        Ok(RequestHead::post(self.url.clone(), kind))
    }

    fn decode(&self, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
        let TorchServeOptions { envelope, answer, .. } = &self.options;
        decode::decode(*envelope, answer.as_deref(), rows, head, body)
    }

    fn tried(&self) -> Option<&str> {
        self.options.answer.as_deref()
    }

    fn would_fit(&self, _: usize, body: &[u8]) -> Vec<String> {
        decode::would_fit(self.options.envelope, body)
    }
}
