//! The Open Inference Protocol as Triton 2.51 speaks it over gRPC: metadata, configuration, the repository index and inference.
//!
//! Answers are always raw, as Triton's are, unless the options want typed ones, as KServe may give; they are compressed
//! where the request is. A call ends by its deadline. Left out: streams, statistics, and everything that changes the server.
//!
//! `generated` is made from `proto/open_inference.proto` by a test of the program, which compares it with what is
//! committed.

mod contents;
mod deadline;
mod describe;
#[rustfmt::skip]
#[expect(clippy::pedantic, clippy::enum_variant_names, reason = "generated from the proto file")]
mod generated;
mod infer;
mod spoil;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any_service, post_service};
use tonic::codec::CompressionEncoding;
use tonic::{Code, Status};

use crate::app::{App, Served};
use crate::faults::befall;
use generated::grpc_inference_service_server::{GrpcInferenceService, GrpcInferenceServiceServer};
use generated::{
    ModelConfigRequest, ModelConfigResponse, ModelInferRequest, ModelInferResponse, ModelMetadataRequest,
    ModelMetadataResponse, RepositoryIndexRequest, RepositoryIndexResponse, ServerMetadataRequest,
    ServerMetadataResponse,
};
pub(crate) use spoil::{nothing, one_row_less};

use super::Number;

const SERVICE: &str = "/inference.GRPCInferenceService";

/// How answers may be compressed.
pub(crate) const ACCEPTED: &str = "grpc-accept-encoding";

/// The largest message that Triton takes.
const LARGEST: usize = (1 << 31) - 1;

/// Every procedure.
pub(super) fn router(app: &Arc<App>) -> Router {
    let service = || {
        let service = GrpcInferenceServiceServer::new(Service { app: Arc::clone(app) });
        let (gzip, deflate) = (CompressionEncoding::Gzip, CompressionEncoding::Deflate);
        let service = service.max_decoding_message_size(LARGEST).accept_compressed(gzip);
        service.accept_compressed(deflate).send_compressed(gzip).send_compressed(deflate)
    };
    let infer = post_service(service())
        .route_layer(from_fn_with_state(Arc::clone(app), befall))
        .route_layer(from_fn(deadline::obey));
    Router::new()
        .route(&format!("{SERVICE}/ModelInfer"), infer)
        .route(&format!("{SERVICE}/{{procedure}}"), any_service(service()))
        .fallback(async || Status::unimplemented("").into_http::<axum::body::Body>())
        .route_layer(from_fn_with_state(Arc::clone(app), guard))
}

/// Triton has no authorization of its own: a missing token meets the proxy in front of it.
async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key("grpc-encoding") {
        // What came as it is goes back as it is.
        request.headers_mut().remove(ACCEPTED);
    }
    let given = request.headers().get(header::AUTHORIZATION);
    if super::authorized(app.token.as_deref(), given) {
        return next.run(request).await;
    }
    Status::unauthenticated("Jwt is missing").into_http()
}

/// What answers the calls.
struct Service {
    app: Arc<App>,
}

impl Service {
    /// The model, if it is there in this version; an empty one is any.
    fn find(&self, model: &str, version: &str, version_now: &str) -> Result<&Served, Status> {
        let found = self.app.model(model).filter(|_| version.is_empty() || version == version_now);
        found.ok_or_else(|| {
            let version = if version.is_empty() { String::new() } else { format!(" version {version}") };
            Status::not_found(format!("Request for unknown model: '{model}'{version} is not found"))
        })
    }
}

#[tonic::async_trait]
impl GrpcInferenceService for Service {
    async fn server_metadata(
        &self,
        _request: tonic::Request<ServerMetadataRequest>,
    ) -> Result<tonic::Response<ServerMetadataResponse>, Status> {
        Ok(tonic::Response::new(describe::server()))
    }

    async fn model_metadata(
        &self,
        request: tonic::Request<ModelMetadataRequest>,
    ) -> Result<tonic::Response<ModelMetadataResponse>, Status> {
        let ModelMetadataRequest { name, version } = request.into_inner();
        let now = self.app.version_now();
        let served = self.find(&name, &version, now)?;
        Ok(tonic::Response::new(describe::model(served.signature(), now)))
    }

    async fn model_config(
        &self,
        request: tonic::Request<ModelConfigRequest>,
    ) -> Result<tonic::Response<ModelConfigResponse>, Status> {
        let ModelConfigRequest { name, version } = request.into_inner();
        let served = self.find(&name, &version, self.app.version_now())?;
        Ok(tonic::Response::new(describe::config(served.signature())))
    }

    async fn repository_index(
        &self,
        _request: tonic::Request<RepositoryIndexRequest>,
    ) -> Result<tonic::Response<RepositoryIndexResponse>, Status> {
        let names = self.app.models().iter().map(|served| served.signature().name.as_str());
        Ok(tonic::Response::new(describe::index(names, self.app.version_now())))
    }

    async fn model_infer(
        &self,
        request: tonic::Request<ModelInferRequest>,
    ) -> Result<tonic::Response<ModelInferResponse>, Status> {
        let number = request.extensions().get::<Number>().copied();
        let Number(number) =
            number.ok_or_else(|| Status::new(Code::Internal, "the request has no number"))?;
        let request = request.into_inner();
        let version = self.app.version(number);
        let served = self.find(&request.model_name, &request.model_version, version)?;
        infer::answer(&self.app, served, version, number, &request)
    }
}
