//! The faults of one request for predictions, around the handler of its protocol.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::response::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::Frame;
use serde_json::Value;

use super::When;
use super::dice::hash;
use crate::app::App;
use crate::protocols::{Number, triton_grpc};

/// No request that is not a mistake is longer than this.
const LONGEST: usize = 1 << 28;

/// What servers say that have no status for it.
const COMPLAINT: &[u8] = br#"{"error": "the model failed on demand"}"#;

/// How long the JSON of a binary answer is.
const HEADER_LENGTH: &str = "inference-header-content-length";

/// Marks an answer that is never sent: the connection is closed instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut;

/// What the handler of a protocol tells of a request that the model answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// How many rows it asked for.
    pub(crate) rows: usize,
    /// How long its rows and answers make it take.
    pub(crate) delay: Duration,
}

/// Numbers a request for predictions, and lets fall on it what has to.
pub(crate) async fn befall(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let number = app.recorder.number_prediction();
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LONGEST).await else {
        return closed();
    };
    if let Some(answer) = before(&app, number, &body).await {
        return answer;
    }
    parts.extensions.insert(Number(number));
    let spoilt = Spoilt::of(&app, number);
    if spoilt.is_some() {
        // What is spoilt must be readable first.
        parts.headers.remove(header::ACCEPT_ENCODING);
        parts.headers.remove(triton_grpc::ACCEPTED);
    }
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    if let Some(outcome) = answer.extensions().get::<Outcome>() {
        let wait = app.faults.latency.of(app.dice.roll("latency", number)) + outcome.delay;
        let mut closing = app.closing.clone();
        if !wait.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
        }
    }
    after(spoilt, answer).await
}

/// The answer that comes instead of the model's, if any.
async fn before(app: &App, number: u64, body: &[u8]) -> Option<Response> {
    let faults = &app.faults;
    for (place, reject) in faults.rejects.iter().enumerate() {
        if reject.when.falls(number, app.dice.roll("reject", number ^ (place as u64) << 48)) {
            let mut answer = plain(reject.status, "turned away by the gateway\n");
            if let Some(wait) = reject.retry_after {
                answer.headers_mut().insert(header::RETRY_AFTER, whole_seconds(wait).into());
            }
            return Some(answer);
        }
    }
    if faults.drop.falls(number, app.dice.roll("drop", number)) {
        return Some(closed());
    }
    if faults.stall.falls(number, app.dice.roll("stall", number)) {
        // An error means that the server is gone, which ends the wait as well.
        let _ = app.closing.clone().wait_for(|closing| *closing).await;
        return Some(closed());
    }
    if let Some(once) = faults.fail_once {
        let key = hash(body);
        if app.dice.roll("fail-once", key) < once.share && app.first_time(key) {
            return Some(plain(once.status, "this body fails the first time\n"));
        }
    }
    None
}

/// What befalls an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoilt {
    Complains,
    Misshapen,
    Truncated,
    Cut,
}

impl Spoilt {
    fn of(app: &App, number: u64) -> Option<Self> {
        let falls = |when: &When, purpose| when.falls(number, app.dice.roll(purpose, number));
        let faults = &app.faults;
        if falls(&faults.complain, "complain") {
            Some(Self::Complains)
        } else if falls(&faults.misshape, "misshape") {
            Some(Self::Misshapen)
        } else if falls(&faults.truncate, "truncate") {
            Some(Self::Truncated)
        } else {
            falls(&faults.cut, "cut").then_some(Self::Cut)
        }
    }
}

/// What is left of the answer.
async fn after(spoilt: Option<Spoilt>, answer: Response) -> Response {
    let Some(spoilt) = spoilt else { return answer };
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = body.collect().await else {
        return closed();
    };
    // The status of gRPC stands behind the body, and must stay there.
    let trailers = body.trailers().cloned();
    let whole = body.to_bytes();
    if let (Some(trailers), true) = (trailers, spoilt != Spoilt::Cut) {
        let body = match spoilt {
            Spoilt::Complains => triton_grpc::nothing(),
            Spoilt::Misshapen => triton_grpc::one_row_less(&whole),
            Spoilt::Truncated | Spoilt::Cut => whole[..whole.len() / 2].to_vec(),
        };
        let body = Full::from(body).with_trailers(std::future::ready(Some(Ok(trailers))));
        return Response::from_parts(parts, Body::new(body));
    }
    if matches!(spoilt, Spoilt::Complains | Spoilt::Misshapen) {
        let complains = spoilt == Spoilt::Complains;
        let body = if complains { COMPLAINT.to_vec() } else { one_row_less(&parts, &whole) };
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(HEADER_LENGTH);
        parts.headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        return Response::from_parts(parts, Body::from(body));
    }
    let half = whole.slice(..whole.len() / 2);
    if spoilt == Spoilt::Truncated {
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(half));
    }
    parts.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    Response::from_parts(parts, Body::new(Half::First(half)))
}

/// The answer as JSON, about one row less: its last prediction left out, or the first size of each shape made smaller.
/// What is neither becomes a list of nothing.
fn one_row_less(parts: &Parts, whole: &[u8]) -> Vec<u8> {
    let length = parts.headers.get(HEADER_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let json = length.and_then(|length: usize| whole.get(..length)).unwrap_or(whole);
    let mut json: Value = serde_json::from_slice(json).unwrap_or_default();
    if let Some(predictions) = json.get_mut("predictions").and_then(Value::as_array_mut) {
        predictions.pop();
        return json.to_string().into_bytes();
    }
    let Some(outputs) = json.get_mut("outputs").and_then(Value::as_array_mut) else { return b"[]".to_vec() };
    for output in outputs {
        if let Some(rows) = output.pointer_mut("/shape/0") {
            *rows = Value::from(rows.as_u64().unwrap_or(1).saturating_sub(1));
        }
    }
    json.to_string().into_bytes()
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// An answer that closes the connection before its first byte.
fn closed() -> Response {
    let mut answer = Response::new(Body::empty());
    answer.extensions_mut().insert(Cut);
    answer
}

fn plain(status: u16, text: &'static str) -> Response {
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain"));
    answer
}

/// A body that breaks after its first part.
enum Half {
    First(Bytes),
    /// One turn of waiting, in which the connection writes out the first part.
    Flush,
    Broken,
}

impl HttpBody for Half {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        match std::mem::replace(this, Half::Broken) {
            Half::First(part) => {
                *this = Half::Flush;
                Poll::Ready(Some(Ok(Frame::data(part))))
            }
            Half::Flush => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Half::Broken => Poll::Ready(Some(Err(std::io::Error::other("cut on demand")))),
        }
    }
}
