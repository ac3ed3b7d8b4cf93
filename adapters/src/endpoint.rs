//! A deployed model that can be asked.

use std::borrow::Cow;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::{Dtype, Failure, FailureKind, Prediction, Row, Sight};

/// A deployed model behind a URL. Every call makes at most one request: there is no retry, no pacing and
/// no clock in here, so that the client sees, limits and counts each request.
pub trait Endpoint: Send + Sync {
    /// What is known about the model without a request; `None` while [`Endpoint::describe`] would send one.
    fn known(&self) -> Option<Description> {
        None
    }

    /// What was learned about the model so far, also where describing it failed halfway.
    fn learned(&self) -> Description {
        self.known().unwrap_or_default()
    }

    /// Learns about the model, one request a call, until it answers [`Described::Done`].
    ///
    /// A call that failed may be made again; the request of that step is then repeated.
    fn describe(&self) -> BoxFuture<'_, Result<Described, Failure>>;

    /// Sends the rows in one request. The answer holds one prediction for each row, in their order.
    ///
    /// Predictions are as they came: where the server repeats a secret that it was sent, it stands in them. What is written
    /// or printed of them goes through [`Endpoint::mask_prediction`] before. No other text holds one.
    fn ask<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<Answer, Failure>>;

    /// As [`Endpoint::ask`], one attempt, that shows what went over the wire beside what was read of it.
    fn exchange<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Exchange>;

    /// The request that [`Endpoint::ask`] would send, secrets masked.
    fn preview(&self, rows: &[Row]) -> Result<WireRequest, Failure>;

    /// In how many places such a server may tell more about itself; see [`Endpoint::look`].
    fn places(&self) -> usize {
        0
    }

    /// Looks at one of these places, the most telling first, by one request. That nothing is there is no failure.
    fn look(&self, _place: usize) -> BoxFuture<'_, Result<Sight, Failure>> {
        async { Err(Failure::new(FailureKind::Unsupported, "there is no such place", "the endpoint")) }
            .boxed()
    }

    /// The text with `***` for every secret that was sent; for texts made of predictions, or of what they are compared
    /// with.
    fn mask(&self, text: &str) -> String {
        text.to_owned()
    }

    /// The prediction with `***` for every secret that was sent, in its labels, texts and names of outputs.
    fn mask_prediction<'a>(&self, prediction: &'a Prediction) -> Cow<'a, Prediction> {
        Cow::Borrowed(prediction)
    }

    /// Reads the credentials again from where they come from; called once after
    /// [`FailureKind::Auth`].
    fn renew(&self) {}
}

/// How far [`Endpoint::describe`] has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Described {
    /// There is more to learn: call again.
    More {
        /// How long the server asks to wait before the next request, also after an answer.
        pushback: Option<Duration>,
    },
    /// There is nothing more to learn.
    Done {
        /// All that the server tells.
        description: Description,
        /// As in [`Described::More`].
        pushback: Option<Duration>,
    },
}

impl Described {
    /// How long the server asks to wait before the next request.
    pub fn pushback(&self) -> Option<Duration> {
        match self {
            Self::More { pushback } | Self::Done { pushback, .. } => *pushback,
        }
    }
}

/// What a server tells about the model. Parts that a protocol does not tell are empty or `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Description {
    /// The name of the model.
    pub model: Option<String>,
    /// The version that answers.
    pub version: Option<String>,
    /// The server software and its version, `triton 2.51.0` for example.
    pub server: Option<String>,
    /// The inputs; empty when the server does not tell.
    pub inputs: Vec<Port>,
    /// The outputs; empty when the server does not tell.
    pub outputs: Vec<Port>,
    /// The most rows in one request; `None` when the server does not tell, 1 when the protocol cannot
    /// carry more.
    pub max_batch: Option<usize>,
    /// What else the server tells that matters to who asks it, a lower-case fragment each.
    pub notes: Vec<String>,
    /// What can be done about how such a server answers; a sentence.
    pub hint: Option<String>,
}

/// One input or output of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The type of its elements, where the server tells.
    pub dtype: Option<Dtype>,
    /// The dimensions of one row, -1 where any size fits; `None` when the server does not tell.
    pub shape: Option<Vec<i64>>,
    /// Whether a request may leave it out; never of an output.
    pub optional: bool,
}

/// What came back for one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// One for each row that was sent, in their order; not masked.
    pub predictions: Vec<Prediction>,
    /// The model version that answered, where the answer tells.
    pub version: Option<Box<str>>,
    /// How long the server asked to wait before the next request, as its limit is used up. A protocol leaves it
    /// out; the endpoint reads it from the headers.
    pub pushback: Option<Duration>,
}

/// A request as it goes over the wire, secrets masked.
#[derive(Debug, Clone, PartialEq)]
pub struct WireRequest {
    /// `POST`, or the name of the remote procedure.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Header names and values; values of secrets are masked.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A response as it came over the wire, secrets masked.
#[derive(Debug, Clone, PartialEq)]
pub struct WireResponse {
    /// `200 OK`, or the status of the remote procedure.
    pub status: String,
    /// Header names and values; values of secrets are masked.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed; its beginning where it is longer than [`WireResponse::KEPT`].
    pub body: Vec<u8>,
    /// How many bytes the whole body had.
    pub size: usize,
}

impl WireResponse {
    /// The most bytes of a body that are kept.
    pub const KEPT: usize = 1 << 20;
}

/// One attempt: what was sent, what came back, and what was understood of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// What was sent; without headers and body where the rows cannot be encoded, so that nothing was.
    pub request: WireRequest,
    /// What came back; `None` where no whole response did.
    pub response: Option<WireResponse>,
    /// What [`Endpoint::ask`] would have given; its predictions are not masked.
    pub answer: Result<Answer, Failure>,
    /// The JSON Pointers that would have read an answer that was not understood, or one output of several, the likeliest
    /// first.
    pub would_fit: Vec<String>,
    /// The JSON Pointer that was tried, where one was.
    pub tried: Option<String>,
}
