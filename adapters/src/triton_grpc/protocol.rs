//! The protocol as the endpoint drives it: three calls that describe, then inference.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use url::Url;

use super::generated::{
    ModelConfigRequest, ModelMetadataRequest, RepositoryIndexRequest, ServerMetadataRequest,
};
use super::{ENCODING, decode, discover, encode, frame, readable, status};
use crate::oip::{Compression, Learning, Plan, TritonOptions};
use crate::setup::below;
use crate::{
    Answer, Description, Failure, FailureKind, HttpProtocol, RequestHead, ResponseHead, Row, Survey,
};

const SERVICE: &str = "inference.GRPCInferenceService";
/// The procedures that tell of the server: which one it is, and which models it has.
const ABOUT: &str = "ServerMetadata";
const INDEX: &str = "RepositoryIndex";

/// The longest deadline that a header can tell, in its largest number of milliseconds.
const LONGEST_MILLIS: u128 = 99_999_999;

/// A model on an Open Inference Protocol server, over gRPC.
#[derive(Debug)]
pub struct TritonGrpcProtocol {
    options: TritonOptions,
    /// How long the server is told that an answer is waited for.
    deadline: Option<Duration>,
    infer_url: Url,
    learning: Mutex<Learning>,
    /// What was learned, once that is done.
    plan: OnceLock<Plan>,
}

impl TritonGrpcProtocol {
    /// The name as it is typed in a target.
    pub const NAME: &'static str = "triton+grpc";

    /// A model with these settings, whose URL is judged by [`HttpEndpoint::new`](crate::HttpEndpoint::new). `binary`
    /// says whether elements travel raw, as they do unless it is false.
    pub fn new(options: TritonOptions, deadline: Option<Duration>) -> Self {
        let infer_url = below(&options.base, [SERVICE, "ModelInfer"]);
        Self { options, deadline, infer_url, learning: Mutex::default(), plan: OnceLock::new() }
    }

    fn plan(&self) -> Result<&Plan, Failure> {
        self.plan.get().ok_or_else(|| {
            Failure::unplaced(FailureKind::Unsupported, "the model was not described yet, which comes first")
        })
    }

    /// The head of a call.
    fn call(&self, url: Url) -> RequestHead {
        let mut request = RequestHead::post_json(url);
        request.headers = vec![
            ("content-type", "application/grpc".into()),
            ("te", "trailers".into()),
            ("grpc-accept-encoding", frame::ENCODINGS.into()),
        ];
        if let Some(deadline) = self.deadline {
            let millis = deadline.as_millis().clamp(1, LONGEST_MILLIS);
            request.headers.push(("grpc-timeout", format!("{millis}m")));
        }
        request
    }
}

impl HttpProtocol for TritonGrpcProtocol {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn url(&self) -> &Url {
        &self.infer_url
    }

    fn http2(&self) -> bool {
        true
    }

    fn discover(&self) -> Option<RequestHead> {
        if self.plan.get().is_some() {
            return None;
        }
        let procedure = match *self.learning.lock().unwrap_or_else(PoisonError::into_inner) {
            Learning::Server => ABOUT,
            Learning::Model { .. } => "ModelMetadata",
            Learning::Config { .. } => "ModelConfig",
        };
        Some(self.call(below(&self.options.base, [SERVICE, procedure])))
    }

    fn discover_body(&self, request: &RequestHead) -> Vec<u8> {
        let name = self.options.model.clone();
        let version = self.options.version.clone().unwrap_or_default();
        let mut body = Vec::new();
        let written = match request.url.path().rsplit('/').next() {
            Some("ModelMetadata") => frame::write(&ModelMetadataRequest { name, version }, None, &mut body),
            Some("ModelConfig") => frame::write(&ModelConfigRequest { name, version }, None, &mut body),
            Some(INDEX) => frame::write(&RepositoryIndexRequest::default(), None, &mut body),
            _ => frame::write(&ServerMetadataRequest {}, None, &mut body),
        };
        // A name of 4 GiB cannot be told; the server then refuses the call without a message.
        if written.is_ok() { body } else { Vec::new() }
    }

    fn discovered(&self, head: &ResponseHead, body: &[u8]) -> Result<(), Failure> {
        let mut learning = self.learning.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = discover::take(&mut learning, &self.options, head, body)? {
            plan.check_sixteen(encode::SIXTEEN)?;
            // Two calls at once learn the same: the first plan stays.
            let _ = self.plan.set(plan);
        }
        Ok(())
    }

    fn places(&self) -> Vec<RequestHead> {
        // With a model, describing it asks for the server's name anyway.
        let about = self.options.model.is_empty().then_some(ABOUT);
        let procedures = about.into_iter().chain([INDEX]);
        procedures.map(|procedure| self.call(below(&self.options.base, [SERVICE, procedure]))).collect()
    }

    fn place_body(&self, place: &RequestHead) -> Vec<u8> {
        self.discover_body(place)
    }

    fn survey(&self, place: &RequestHead, head: &ResponseHead, body: &[u8]) -> Option<Survey> {
        let encoding = head.header(ENCODING);
        if place.url.path().ends_with(INDEX) {
            discover::index(encoding, body)
        } else {
            discover::about(encoding, body)
        }
    }

    fn refused(&self, head: &ResponseHead, body: &[u8]) -> Option<Failure> {
        status::check(head, body).err().map(|refused| refused.failure)
    }

    fn description(&self) -> Description {
        let so_far = || {
            let learning = self.learning.lock().unwrap_or_else(PoisonError::into_inner);
            learning.description(&self.options)
        };
        self.plan.get().map_or_else(so_far, Plan::description)
    }

    fn encode(&self, rows: &[Row], body: &mut Vec<u8>) -> Result<RequestHead, Failure> {
        let compression = self.options.compression;
        frame::write(&encode::encode(&self.options, self.plan()?, rows)?, compression, body)?;
        let mut request = self.call(self.infer_url.clone());
        request.headers.extend(compression.map(|how| (ENCODING, how.name().to_owned())));
        Ok(request)
    }

    fn decode(&self, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
        status::check(head, body).map_err(|refused| refused.failure)?;
        decode::decode(self.plan()?, rows, &frame::read(head.header(ENCODING), body)?)
    }

    fn readable_request(&self, body: &[u8]) -> Option<String> {
        let encoding = self.options.compression.map(Compression::name);
        frame::read(encoding, body).ok().map(|message| readable::request(&message))
    }

    fn readable_response(&self, head: &ResponseHead, body: &[u8]) -> Option<String> {
        frame::read(head.header(ENCODING), body).ok().map(|message| readable::response(&message))
    }
}
