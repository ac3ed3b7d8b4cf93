//! What a protocol over HTTP must say, without doing any input or output.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::{Answer, Description, Failure, Row, Survey};

/// A protocol over HTTP: pure, apart from what it learned about the model.
///
/// The URLs in failures, the pushback and the masking of secrets are the endpoint's part: a protocol may
/// leave [`Failure::at`] empty.
pub trait HttpProtocol: Send + Sync {
    /// The name, as it is typed in a target: `triton`.
    fn name(&self) -> &'static str;

    /// Where predictions are asked for, without credentials.
    fn url(&self) -> &Url;

    /// The control port of the server, where it has one of its own and was told of it.
    fn management(&self) -> Option<&Url> {
        None
    }

    /// Whether HTTP/2 is spoken from the first byte, as gRPC wants it.
    fn http2(&self) -> bool {
        false
    }

    /// The next request that would tell more about the model; `None` when enough is known.
    fn discover(&self) -> Option<RequestHead>;

    /// The body of that request.
    fn discover_body(&self, request: &RequestHead) -> Vec<u8> {
        let _ = request;
        Vec::new()
    }

    /// Takes the answer to [`HttpProtocol::discover`], whatever its status. On failure the same request is
    /// made again by the next call.
    fn discovered(&self, head: &ResponseHead, body: &[u8]) -> Result<(), Failure>;

    /// Requests to places where such a server may tell more about itself than is needed, the most telling first.
    fn places(&self) -> Vec<RequestHead> {
        Vec::new()
    }

    /// The body of such a request.
    fn place_body(&self, place: &RequestHead) -> Vec<u8> {
        let _ = place;
        Vec::new()
    }

    /// Reads what stands at such a place; none where it tells nothing that is understood.
    fn survey(&self, place: &RequestHead, head: &ResponseHead, body: &[u8]) -> Option<Survey> {
        let _ = (place, head, body);
        None
    }

    /// How a request was refused that the status of HTTP lets through; none where that status says it all.
    fn refused(&self, head: &ResponseHead, body: &[u8]) -> Option<Failure> {
        let _ = (head, body);
        None
    }

    /// What is known about the model, also before all of it is.
    fn description(&self) -> Description;

    /// Writes the body of a request for these rows, which is empty before, and says where to send it.
    fn encode(&self, rows: &[Row], body: &mut Vec<u8>) -> Result<RequestHead, Failure>;

    /// Reads the answer to a request for that many rows, whatever its status.
    fn decode(&self, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure>;

    /// The JSON Pointer that reads answers, where one does.
    fn tried(&self) -> Option<&str> {
        None
    }

    /// The JSON Pointers (`--answer`) that would read an answer for that many rows as one output, the likeliest first.
    fn would_fit(&self, rows: usize, body: &[u8]) -> Vec<String> {
        let _ = (rows, body);
        Vec::new()
    }

    /// The body of a request as people read it, where it is no text by itself.
    fn readable_request(&self, body: &[u8]) -> Option<String> {
        let _ = body;
        None
    }

    /// The body of a response as people read it, where it is no text by itself.
    fn readable_response(&self, head: &ResponseHead, body: &[u8]) -> Option<String> {
        let _ = (head, body);
        None
    }
}

/// All of a request but its body.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestHead {
    /// GET or POST.
    pub method: Method,
    /// The whole URL, without credentials.
    pub url: Url,
    /// The headers of the protocol, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Whose credentials go with it.
    pub realm: Realm,
}

/// Whom a request goes to, which decides the credentials that it carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Realm {
    /// The server that answers predictions.
    #[default]
    Predictions,
    /// Its control port, which has keys of its own.
    Management,
}

impl RequestHead {
    /// A GET that asks for JSON.
    pub fn get(url: Url) -> Self {
        let headers = vec![("accept", "application/json".into())];
        Self { method: Method::GET, url, headers, realm: Realm::Predictions }
    }

    /// A POST of JSON that asks for JSON.
    pub fn post_json(url: Url) -> Self {
        Self::post(url, "application/json")
    }

    /// A POST of this content type that asks for JSON.
    pub fn post(url: Url, kind: &str) -> Self {
        let headers = vec![("accept", "application/json".to_owned()), ("content-type", kind.to_owned())];
        Self { method: Method::POST, url, headers, realm: Realm::Predictions }
    }

    /// The same request with the credentials of the control port, and none of the others.
    #[must_use]
    pub fn to_management(self) -> Self {
        Self { realm: Realm::Management, ..self }
    }
}

/// All of a response but its body.
#[derive(Debug, Clone, Default)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The headers that came behind the body.
    pub trailers: HeaderMap,
}

impl ResponseHead {
    /// A head with these headers; those that no header may be are left out.
    pub fn new<'a>(status: u16, headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let read = |(name, value): (&str, &str)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
        };
        Self { status, headers: headers.into_iter().filter_map(read).collect(), ..Self::default() }
    }

    /// The first header of this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
