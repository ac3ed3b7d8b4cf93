//! The endpoint for every protocol over HTTP.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderValue};

use super::credentials::Credentials;
use super::hide;
use super::probe::Probe;
use super::rate_limit::rate_limit;
use super::retry_after::retry_after;
use super::{
    HttpProtocol, ProxyChoice, Realm, RequestHead, ResponseHead, Tls, refused, status_kind, transport, wire,
};
use crate::{
    Answer, Described, Description, Endpoint, Exchange, Failure, FailureKind, Header, Prediction, Row,
    SetupError, Sight, WireRequest, setup,
};

/// How long to wait after a 429 that does not say so: it always asks for a pause (RFC 6585 section 4).
const UNTOLD_PUSHBACK: Duration = Duration::from_secs(1);

/// How requests are sent, whatever the protocol.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// How long a connection may take to be made, TLS included.
    pub connect_timeout: Duration,
    /// How long an answer is waited for, which servers are told by protocols that have a way to; the waiting itself is
    /// left to who asks.
    pub deadline: Option<Duration>,
    /// Headers to send with every request; they replace those of the protocol.
    pub headers: Vec<Header>,
    /// Headers to send to the control port instead, where `headers` never go.
    pub management_headers: Vec<Header>,
    /// The `User-Agent`.
    pub user_agent: String,
    /// How many idle connections are kept, best as many as requests in flight.
    pub max_idle: usize,
    /// Through which proxy requests go.
    pub proxy: ProxyChoice,
    /// Which certificates are trusted and shown.
    pub tls: Tls,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            deadline: None,
            headers: Vec::new(),
            management_headers: Vec::new(),
            user_agent: concat!("noisebound/", env!("CARGO_PKG_VERSION")).to_owned(),
            max_idle: 4,
            proxy: ProxyChoice::Direct,
            tls: Tls::default(),
        }
    }
}

/// A response and its whole body, or why there is none.
type Reply = Result<(ResponseHead, Vec<u8>), Failure>;

/// An [`Endpoint`] that speaks a protocol over HTTP.
pub struct HttpEndpoint<P> {
    protocol: P,
    client: reqwest::Client,
    /// Where HTTP/2 is spoken from the first byte.
    probe: Option<Probe>,
    credentials: Credentials,
    management: Credentials,
    user_agent: String,
    /// The size of the latest body, which the next one will have or nearly so.
    body_size: AtomicUsize,
}

impl<P: HttpProtocol> HttpEndpoint<P> {
    /// An endpoint that has not sent anything yet. Every secret is read once here.
    ///
    /// # Errors
    /// When the URL carries credentials, a header or a secret it names cannot be sent, or a certificate cannot be used.
    pub fn new(protocol: P, options: HttpOptions) -> Result<Self, SetupError> {
        let urls = [Some(protocol.url()), protocol.management()];
        urls.iter().flatten().try_for_each(|url| setup::check_url(url))?;
        let tls = urls.iter().flatten().any(|url| url.scheme() == "https");
        let (client, secrets) = transport::client(&options, tls, protocol.http2())?;
        let probe = protocol.http2().then(|| Probe::new(&options, tls)).transpose()?;
        let credentials = Credentials::new(options.headers, &secrets)?;
        let management =
            Credentials::new(options.management_headers, &secrets).map_err(SetupError::Management)?;
        let user_agent = options.user_agent;
        let body_size = AtomicUsize::new(0);
        Ok(Self { protocol, client, probe, credentials, management, user_agent, body_size })
    }

    /// The protocol, with what it learned.
    pub fn protocol(&self) -> &P {
        &self.protocol
    }

    async fn step(&self) -> Result<Described, Failure> {
        let pushback = if let Some(request) = self.protocol.discover() {
            let reply = self.inquire(&request, self.protocol.discover_body(&request)).await;
            let pushback = asked_to_wait(&reply);
            self.judge(&request, reply, |head, body| self.protocol.discovered(head, body))?;
            if self.protocol.discover().is_some() {
                return Ok(Described::More { pushback });
            }
            pushback
        } else {
            None
        };
        Ok(Described::Done { description: self.told(), pushback })
    }

    /// What is known about the model, without secrets.
    fn told(&self) -> Description {
        let mut description = self.protocol.description();
        for credentials in self.realms() {
            hide::description(&credentials.now().masker, &mut description);
        }
        description
    }

    async fn predict(&self, rows: &[Row]) -> Result<Answer, Failure> {
        let (request, body) = self.encode(rows)?;
        let reply = self.send(&request, body).await;
        self.answer(rows.len(), &request, reply)
    }

    async fn show(&self, rows: &[Row]) -> Exchange {
        let (request, body) = match self.encode(rows) {
            Ok(encoded) => encoded,
            Err(failure) => return wire::unsent(failure),
        };
        let shown = self.shown(&request, &body);
        let reply = self.send(&request, body).await;
        let response = reply.as_ref().ok().map(|(head, body)| {
            let readable = self.protocol.readable_response(head, body);
            let shown = readable.as_ref().map_or(&body[..], String::as_bytes);
            wire::response(&self.realms(), head, shown, body.len())
        });
        let pointers = reply.as_ref().ok().filter(|(head, _)| head.is_success());
        let pointers = pointers.map(|(_, body)| self.protocol.would_fit(rows.len(), body));
        let answer = self.answer(rows.len(), &request, reply);
        // Numbers that are not finite were read where they are.
        let misread = answer.as_ref().is_err_and(|failure| failure.kind == FailureKind::Malformed);
        // Of several outputs one must be chosen.
        let several =
            answer.as_ref().is_ok_and(|answer| !answer.predictions.iter().all(Prediction::is_single));
        let would_fit = pointers.filter(|_| misread || several).unwrap_or_default();
        let would_fit = would_fit.iter().map(|pointer| self.masked(pointer)).collect();
        let tried = self.protocol.tried().map(|pointer| self.masked(pointer));
        Exchange { request: shown, response, answer, would_fit, tried }
    }

    /// Looks at one of the protocol's places. Only a server that is too busy, or out of reach, is a failure.
    async fn glance(&self, place: usize) -> Result<Sight, Failure> {
        let Some(request) = self.protocol.places().into_iter().nth(place) else {
            let failure = Failure::unplaced(FailureKind::Unsupported, "there is no such place");
            return Err(self.place(failure, self.protocol.url().as_str()));
        };
        let (head, body) = match self.inquire(&request, self.protocol.place_body(&request)).await {
            Ok(reply) => reply,
            Err(failure) => return Err(self.place(failure, request.url.as_str())),
        };
        let refusal = if head.is_success() {
            self.protocol.refused(&head, &body)
        } else {
            Some(refused(status_kind(head.status), &head, &body))
        };
        let told = refusal.is_none().then(|| self.protocol.survey(&request, &head, &body)).flatten();
        let mut sight = wire::sight(&request, &head, told, told_wait(&head));
        match refusal {
            Some(busy) if busy.kind == FailureKind::Overloaded => {
                return self.judge(&request, Ok((head, body)), |_, _| Err(busy));
            }
            // The status of HTTP would say that all is well.
            Some(refusal) if head.is_success() => sight.said = refusal.said.into(),
            _ => {}
        }
        for credentials in self.realms() {
            hide::sight(&credentials.now().masker, &mut sight);
        }
        Ok(sight)
    }

    /// What a reply to a request for that many rows says.
    fn answer(&self, rows: usize, request: &RequestHead, reply: Reply) -> Result<Answer, Failure> {
        let read = |head: &ResponseHead, body: &[u8]| {
            let answer = self.protocol.decode(rows, head, body).map_err(|failure| {
                let readable = self.protocol.readable_response(head, body);
                failure.shown(readable.as_ref().map_or(body, String::as_bytes))
            })?;
            Ok(Answer { pushback: told_wait(head), ..answer })
        };
        let mut answer = self.judge(request, reply, read)?;
        answer.version = answer.version.map(|version| self.masked(&version).into());
        Ok(answer)
    }

    /// The request as people read it.
    fn shown(&self, request: &RequestHead, body: &[u8]) -> WireRequest {
        let readable = self.protocol.readable_request(body);
        let shown = readable.as_ref().map_or(body, String::as_bytes);
        wire::request(&self.credentials, &self.user_agent, request, shown)
    }

    fn encode(&self, rows: &[Row]) -> Result<(RequestHead, Vec<u8>), Failure> {
        let mut body = Vec::with_capacity(self.body_size.load(Ordering::Relaxed));
        let encoded = self.protocol.encode(rows, &mut body);
        let request = encoded.map_err(|failure| self.place(failure, self.protocol.url().as_str()))?;
        self.body_size.store(body.len(), Ordering::Relaxed);
        Ok((request, body))
    }

    /// Sends a request that asks about the server. Where nobody was there for HTTP/2, it looks what is there instead.
    async fn inquire(&self, request: &RequestHead, body: Vec<u8>) -> Reply {
        if let Some(probe) = self.probe.as_ref().filter(|probe| probe.is_due()) {
            return Err(probe.look(&request.url).await);
        }
        let reply = self.send(request, body).await;
        if let (Some(probe), Err(failure)) = (&self.probe, &reply) {
            probe.note(failure);
        }
        reply
    }

    /// Sends one request. The words of a failure are not placed and not masked yet.
    async fn send(&self, request: &RequestHead, body: Vec<u8>) -> Reply {
        let mut headers = protocol_headers(request)?;
        let credentials = match request.realm {
            Realm::Predictions => &self.credentials,
            Realm::Management => &self.management,
        };
        headers.extend(credentials.now().headers.clone());
        transport::exchange(&self.client, request, headers, body).await
    }

    /// Reads a reply with `read`; what failed is placed, timed and masked.
    fn judge<T>(
        &self,
        request: &RequestHead,
        reply: Reply,
        read: impl FnOnce(&ResponseHead, &[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let answer = reply.and_then(|(head, body)| judge(&head, &body, read));
        answer.map_err(|failure| self.place(failure, request.url.as_str()))
    }

    /// The credentials of every realm, whose secrets are all hidden wherever they come back.
    fn realms(&self) -> [&Credentials; 2] {
        [&self.credentials, &self.management]
    }

    /// The failure with its place, and without secrets.
    fn place(&self, mut failure: Failure, at: &str) -> Failure {
        failure.at = self.masked(at).into();
        failure.said = self.masked(&failure.said).into();
        failure
    }

    /// The text without secrets.
    fn masked(&self, text: &str) -> String {
        let mask =
            |text: String, credentials: &Credentials| credentials.now().masker.mask(&text).into_owned();
        self.realms().into_iter().fold(text.to_owned(), mask)
    }
}

/// How long the headers ask to wait before the next request.
fn told_wait(head: &ResponseHead) -> Option<Duration> {
    let now = SystemTime::now();
    retry_after(head, now).or_else(|| rate_limit(head, now))
}

/// As [`told_wait`], of a reply that may not have come.
fn asked_to_wait(reply: &Reply) -> Option<Duration> {
    reply.as_ref().ok().and_then(|(head, _)| told_wait(head))
}

/// Redirects and pushback are the same for every protocol.
fn judge<T>(
    head: &ResponseHead,
    body: &[u8],
    read: impl FnOnce(&ResponseHead, &[u8]) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let answer = if status_kind(head.status) == FailureKind::Redirected {
        let place = head.header("location").unwrap_or("no place");
        let said =
            format!("HTTP {}: the server points to {place}; give that URL if it is right", head.status);
        Err(Failure::unplaced(FailureKind::Redirected, said))
    } else {
        read(head, body)
    };
    answer.map_err(|failure| Failure {
        pushback: told_wait(head).or(failure.pushback).or((head.status == 429).then_some(UNTOLD_PUSHBACK)),
        ..failure
    })
}

fn protocol_headers(request: &RequestHead) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for (name, value) in &request.headers {
        let value = HeaderValue::from_str(value).map_err(|_| {
            Failure::unplaced(FailureKind::Unsupported, format!("header `{name}` cannot hold its value"))
        })?;
        headers.insert(*name, value);
    }
    Ok(headers)
}

impl<P: HttpProtocol> Endpoint for HttpEndpoint<P> {
    fn known(&self) -> Option<Description> {
        self.protocol.discover().is_none().then(|| self.protocol.description())
    }

    fn learned(&self) -> Description {
        self.told()
    }

    fn describe(&self) -> BoxFuture<'_, Result<Described, Failure>> {
        self.step().boxed()
    }

    fn ask<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<Answer, Failure>> {
        self.predict(rows).boxed()
    }

    fn exchange<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Exchange> {
        self.show(rows).boxed()
    }

    fn places(&self) -> usize {
        self.protocol.places().len()
    }

    fn look(&self, place: usize) -> BoxFuture<'_, Result<Sight, Failure>> {
        self.glance(place).boxed()
    }

    fn preview(&self, rows: &[Row]) -> Result<WireRequest, Failure> {
        let (request, body) = self.encode(rows)?;
        Ok(wire::request(&self.credentials, &self.user_agent, &request, &body))
    }

    fn mask(&self, text: &str) -> String {
        self.masked(text)
    }

    fn mask_prediction<'a>(&self, prediction: &'a Prediction) -> Cow<'a, Prediction> {
        let mask = |told, credentials: &Credentials| hide::prediction(&credentials.now().masker, told);
        self.realms().into_iter().fold(Cow::Borrowed(prediction), mask)
    }

    fn renew(&self) {
        self.credentials.renew();
        self.management.renew();
    }
}
