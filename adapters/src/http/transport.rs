//! Sending one request and reading its answer: the only place that knows the HTTP library.

use std::error::Error;
use std::time::Duration;

use http_body_util::BodyExt;
use reqwest::header::HeaderMap;
use reqwest::{Body, Client, redirect, retry};

use super::connection::{certificates, proxied};
use super::{HttpOptions, ProxyChoice, RequestHead, ResponseHead};
use crate::{Failure, FailureKind, SetupError};

/// The most bytes of an answer that are read, after decompression.
pub(crate) const LARGEST_ANSWER: usize = 64 << 20;

/// How long a connection may idle in the pool. Common servers close theirs after 5 s; a request that meets
/// such an end is lost.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// How long a connection of HTTP/2 may idle: its end is announced, and it is made for long use.
const HTTP2_IDLE: Duration = Duration::from_secs(60);

/// How long nothing may come while an answer is waited for, before the server is asked whether it is there. Servers of
/// gRPC take it ill when asked more often than every five minutes.
const HTTP2_PING: Duration = Duration::from_secs(310);

/// A client that never resends, never follows a redirect and adds no header but `accept-encoding`; beside it, the
/// secrets that it knows.
pub(super) fn client(
    options: &HttpOptions,
    tls: bool,
    http2: bool,
) -> Result<(Client, Vec<String>), SetupError> {
    let proxy = match &options.proxy {
        ProxyChoice::At(_) if http2 && !tls => return Err(SetupError::PlainProxy),
        ProxyChoice::Environment if http2 && !tls => &ProxyChoice::Direct,
        proxy => proxy,
    };
    let mut builder = Client::builder()
        .user_agent(&options.user_agent)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(options.max_idle)
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true);
    if http2 {
        builder = builder
            .http2_prior_knowledge()
            .no_gzip()
            .pool_idle_timeout(HTTP2_IDLE)
            .http2_keep_alive_interval(HTTP2_PING);
    }
    if !tls && *proxy == ProxyChoice::Direct {
        // Plain HTTP needs no root certificates, and must work where the system has none.
        builder = builder.tls_certs_only([]);
    }
    let (builder, secrets) = proxied(certificates(builder, &options.tls)?, proxy)?;
    let client = builder.build().map_err(|error| SetupError::Client(chain(&error)))?;
    Ok((client, secrets))
}

/// Sends one request and reads the whole answer. The words of a failure are not masked yet.
pub(super) async fn exchange(
    client: &Client,
    request: &RequestHead,
    headers: HeaderMap,
    body: Vec<u8>,
) -> Result<(ResponseHead, Vec<u8>), Failure> {
    let mut sent = client.request(request.method.clone(), request.url.clone()).headers(headers);
    if !body.is_empty() {
        sent = sent.body(body);
    }
    let mut response = sent.send().await.map_err(|error| failure("no answer", error))?;
    let mut head = ResponseHead {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        trailers: HeaderMap::new(),
    };
    let mut body = Body::from(response);
    let mut answer = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let what = format!("the answer broke off after {} bytes", answer.len());
            failure(&what, error)
        })?;
        match frame.into_data() {
            Ok(chunk) if answer.len() + chunk.len() <= LARGEST_ANSWER => answer.extend_from_slice(&chunk),
            Ok(_) => {
                let said =
                    format!("HTTP {}: the answer is larger than 64 MiB, ask for fewer rows", head.status);
                return Err(Failure::unplaced(FailureKind::Malformed, said));
            }
            Err(frame) => head.trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    Ok((head, answer))
}

fn failure(what: &str, error: reqwest::Error) -> Failure {
    let kind = if error.is_timeout() { FailureKind::TimedOut } else { FailureKind::Unreachable };
    let said = chain(&error.without_url());
    let hint = MISTAKEN.iter().find(|(words, _)| said.contains(words)).map_or("", |(_, hint)| hint);
    Failure::unplaced(kind, format!("{what}: {said}{hint}"))
}

/// What the libraries say when something else is spoken at a port, and what it means. Whether what a gRPC server says
/// first is seen before the request is sent or after it is a matter of time.
const MISTAKEN: [(&str, &str); 3] = [
    ("received unexpected message from connection", "; is this a gRPC port? Then write triton+grpc://"),
    (
        "invalid HTTP version parsed",
        "; no HTTP/1 is spoken there: is this a gRPC port? Then write triton+grpc://; or one of TLS? Then write +https",
    ),
    ("InvalidContentType", "; no TLS is spoken there: leave +https or +grpcs out, or name the port of TLS"),
];

/// An error and its causes, each once.
fn chain(error: &reqwest::Error) -> String {
    let mut said = String::new();
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        let words = error.to_string();
        if !said.contains(&words) {
            if !said.is_empty() {
                said.push_str(": ");
            }
            said.push_str(&words);
        }
        next = error.source();
    }
    said
}
