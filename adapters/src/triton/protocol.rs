//! The protocol as the endpoint drives it: three requests that describe, then inference.

use std::sync::{Mutex, OnceLock, PoisonError};

use reqwest::Method;
use url::Url;

use super::{HEAD_LENGTH, decode, discover, encode, refusal};
use crate::oip::{Learning, Plan, TritonOptions, compress};
use crate::setup::below;
use crate::survey::models;
use crate::{
    Answer, Description, Failure, FailureKind, HttpProtocol, RequestHead, ResponseHead, Row, Survey,
};

/// A model on an Open Inference Protocol server.
#[derive(Debug)]
pub struct TritonProtocol {
    pub(super) options: TritonOptions,
    /// `{base}/v2/models/{model}[/versions/{version}]`.
    model_url: Url,
    infer_url: Url,
    learning: Mutex<Learning>,
    /// What was learned, once that is done.
    plan: OnceLock<Plan>,
}

impl TritonProtocol {
    /// The name as it is typed in a target.
    pub const NAME: &'static str = "triton";

    /// A model with these settings, whose URL is judged by [`HttpEndpoint::new`](crate::HttpEndpoint::new).
    pub fn new(options: TritonOptions) -> Self {
        let version = options.version.as_deref().map(|version| ["versions", version]);
        let path = ["v2", "models", &options.model].into_iter().chain(version.into_iter().flatten());
        let model_url = below(&options.base, path);
        let infer_url = below(&model_url, ["infer"]);
        Self { options, model_url, infer_url, learning: Mutex::default(), plan: OnceLock::new() }
    }

    fn plan(&self) -> Result<&Plan, Failure> {
        self.plan.get().ok_or_else(|| {
            Failure::unplaced(FailureKind::Unsupported, "the model was not described yet, which comes first")
        })
    }
}

impl HttpProtocol for TritonProtocol {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn url(&self) -> &Url {
        &self.infer_url
    }

    fn discover(&self) -> Option<RequestHead> {
        if self.plan.get().is_some() {
            return None;
        }
        let url = match *self.learning.lock().unwrap_or_else(PoisonError::into_inner) {
            Learning::Server => below(&self.options.base, ["v2"]),
            Learning::Model { .. } => self.model_url.clone(),
            Learning::Config { .. } => below(&self.model_url, ["config"]),
        };
        Some(RequestHead::get(url))
    }

    fn discovered(&self, head: &ResponseHead, body: &[u8]) -> Result<(), Failure> {
        let mut learning = self.learning.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = discover::take(&mut learning, &self.options, head, body)? {
            if plan.triton {
                plan.check_sixteen(encode::SIXTEEN)?;
            }
            // Two calls at once learn the same: the first plan stays.
            let _ = self.plan.set(plan);
        }
        Ok(())
    }

    fn places(&self) -> Vec<RequestHead> {
        let at = |path: &[&str]| below(&self.options.base, path.iter().copied());
        let about = RequestHead::get(at(&["v2"]));
        let index = RequestHead::post_json(at(&["v2", "repository", "index"]));
        // KServe's own server has no index, but a list.
        let list = RequestHead::get(at(&["v2", "models"]));
        // With a model, describing it asks for the server's name anyway.
        let about = self.options.model.is_empty().then_some(about);
        about.into_iter().chain([index, list]).collect()
    }

    fn place_body(&self, place: &RequestHead) -> Vec<u8> {
        // Triton takes no body for the same as this, MLServer refuses one that is no JSON.
        if place.method == Method::POST { b"{}".to_vec() } else { Vec::new() }
    }

    fn survey(&self, _: &RequestHead, _: &ResponseHead, body: &[u8]) -> Option<Survey> {
        models(body).or_else(|| discover::about(body))
    }

    fn description(&self) -> Description {
        let so_far = || {
            let learning = self.learning.lock().unwrap_or_else(PoisonError::into_inner);
            learning.description(&self.options)
        };
        self.plan.get().map_or_else(so_far, Plan::description)
    }

    fn encode(&self, rows: &[Row], body: &mut Vec<u8>) -> Result<RequestHead, Failure> {
        let head_length = encode::encode(self.plan()?, rows, body)?;
        let mut request = RequestHead::post_json(self.infer_url.clone());
        if let Some(length) = head_length {
            request.headers = vec![
                ("accept", "*/*".to_owned()),
                ("content-type", "application/octet-stream".to_owned()),
                (HEAD_LENGTH, length.to_string()),
            ];
        }
        if let Some(how) = self.options.compression {
            // The header still counts the bytes of JSON before they were compressed.
            compress(how, body)?;
            request.headers.push(("content-encoding", how.name().to_owned()));
        }
        Ok(request)
    }

    fn decode(&self, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
        if !head.is_success() {
            let told = self.plan.get().is_none_or(Plan::tells_inputs);
            return Err(refusal::of_request(head, body, told));
        }
        decode::decode(self.plan()?, rows, head, body)
    }
}
