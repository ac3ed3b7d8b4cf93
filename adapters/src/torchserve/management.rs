//! What the management address tells of a model: `GET /models/M[/V]`, a list with the version asked for.
//!
//! It is a control port; nothing but this one question is ever sent there.

use super::decode::malformed;
use super::refusal::refusal;
use crate::text::{Json, parse};
use crate::{Failure, FailureKind, ResponseHead};

/// What is told of the model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) version: Option<String>,
    /// How many requests the server gathers for one call of the handler.
    batch: i64,
    /// How long it waits for them, in milliseconds.
    delay: i64,
    /// After how many seconds an answer is given up.
    timeout: i64,
    workers: usize,
    ready: usize,
}

impl Facts {
    /// A sentence for each thing that matters to who asks the model.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = vec![format!("{} of {} workers ready", self.ready, self.workers)];
        if self.timeout > 0 {
            notes.push(format!("an answer is given up after {} s (responseTimeout)", self.timeout));
        }
        if self.batch > 1 {
            notes.push(format!(
                "the server gathers up to {} requests for one call of the handler and waits {} ms for them; answers may \
                 depend on what else is asked",
                self.batch, self.delay
            ));
        }
        notes
    }
}

/// Reads the answer of the management address.
///
/// # Errors
/// Also where no worker is ready, which passes when one is being started.
pub(super) fn read(head: &ResponseHead, body: &[u8]) -> Result<Facts, Failure> {
    if !head.is_success() {
        let failure = refusal(head, body);
        if failure.kind == FailureKind::Auth {
            let said = format!("the management address has a key of its own; {}", failure.said);
            return Err(Failure::unplaced(FailureKind::Auth, said));
        }
        return Err(failure);
    }
    let told = parse(body).map_err(|error| malformed(format!("the description is {error}"), body))?;
    let model = told.items().and_then(<[Json]>::first).filter(|model| model.get("workers").is_some());
    let model = model.ok_or_else(|| {
        malformed("a description with `workers` was expected: is this the management address?", body)
    })?;
    let whole = |key: &str| if let Some(Json::Int(v)) = model.get(key) { *v } else { 0 };
    let workers = model.get("workers").and_then(Json::items).unwrap_or_default();
    let is_ready = |worker: &&Json| worker.get("status").and_then(Json::text).as_deref() == Some("READY");
    let facts = Facts {
        version: model.get("modelVersion").and_then(Json::text).map(std::borrow::Cow::into_owned),
        batch: whole("batchSize"),
        delay: whole("maxBatchDelay"),
        timeout: whole("responseTimeout"),
        workers: workers.len(),
        ready: workers.iter().filter(is_ready).count(),
    };
    if facts.ready == 0 {
        let said = format!("the model has {} workers, and none of them is ready", facts.workers);
        return Err(Failure::unplaced(FailureKind::Transient, said));
    }
    Ok(facts)
}
