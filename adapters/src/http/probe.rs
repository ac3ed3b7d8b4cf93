//! What is found where HTTP/2 was expected and something else answered: most often the port of HTTP/1 beside it.
//!
//! A server of HTTP/1 that meets HTTP/2 closes the connection, which looks like one that is down. After the first
//! such end the next attempt asks over HTTP/1, once, so that each call still makes one request.

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::HeaderMap;
use reqwest::{Client, Url};

use super::{HttpOptions, RequestHead, complaint, transport};
use crate::setup::below;
use crate::{Failure, FailureKind, SetupError};

/// A look at what is there.
pub(super) struct Probe {
    client: Client,
    /// Whether the next attempt is to look.
    due: AtomicBool,
    /// Whether it was looked.
    done: AtomicBool,
}

impl Probe {
    pub(super) fn new(options: &HttpOptions, tls: bool) -> Result<Self, SetupError> {
        let (client, _) = transport::client(options, tls, false)?;
        Ok(Self { client, due: AtomicBool::new(false), done: AtomicBool::new(false) })
    }

    /// Notes how an attempt over HTTP/2 ended.
    pub(super) fn note(&self, failure: &Failure) {
        if failure.kind == FailureKind::Unreachable && !self.done.load(Ordering::Relaxed) {
            self.due.store(true, Ordering::Relaxed);
        }
    }

    /// Whether this attempt is to look rather than to ask.
    pub(super) fn is_due(&self) -> bool {
        let due = self.due.swap(false, Ordering::Relaxed);
        due && !self.done.swap(true, Ordering::Relaxed)
    }

    /// Asks over HTTP/1, without credentials, where servers of the protocol tell of themselves.
    pub(super) async fn look(&self, at: &Url) -> Failure {
        let mut root = at.clone();
        root.set_path("");
        let request = RequestHead::get(below(&root, ["v2"]));
        match transport::exchange(&self.client, &request, HeaderMap::new(), Vec::new()).await {
            Ok((head, body)) => {
                let said = format!(
                    "HTTP/1 is spoken there, gRPC was expected: give the port of gRPC (8001 for Triton), or ask over \
                     HTTP. GET /v2 gave HTTP {}: {}",
                    head.status,
                    complaint(&body)
                );
                Failure::unplaced(FailureKind::Unsupported, said)
            }
            Err(failure) => failure,
        }
    }
}
