//! Looking at an endpoint: what the server tells, and a question of which everything is shown.
//!
//! It passes the same gate as everything else, and is sent again by the same policy. The one invariant: what went over
//! the wire the last time is handed out, whatever came of it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use noisebound_adapters::{Answer, Description, Exchange, Failure, Row, Sight};

use super::ask::complete;
use super::{Client, Stop};

/// What came of a question of which everything is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The last attempt: the request and the answer as they went over the wire.
    pub wire: Option<Exchange>,
    /// The answer, or why there is none for good.
    pub answer: Result<Answer, Failure>,
    /// Why nothing more is sent, where that is so.
    pub stop: Option<Stop>,
    /// How often it was sent.
    pub attempts: u32,
    /// How long the last answer took.
    pub took: Duration,
}

impl Client {
    /// Looks at the places where the server may tell more about itself, until one tells of models or routes.
    pub async fn survey(&self) -> (Vec<Sight>, Option<Stop>) {
        let mut seen = Vec::new();
        for place in 0..self.endpoint.places() {
            let looked = self
                .settle(0, || self.endpoint.look(place), |sight| sight.pushback, || "the endpoint".into())
                .await;
            match looked {
                Ok(settled) => match settled.outcome {
                    Ok(sight) => seen.push(sight),
                    Err(failure) => {
                        let said = failure.said.to_string();
                        seen.push(Sight { at: failure.at.to_string(), said, told: None, pushback: None });
                    }
                },
                Err(stop) => return (seen, Some(stop)),
            }
            let told = seen.last().and_then(|sight| sight.told.as_ref());
            if told.is_some_and(|told| !told.models.is_empty() || !told.routes.is_empty()) {
                break;
            }
        }
        (seen, None)
    }

    /// What was learned about the model, also where [`Client::describe`] was stopped.
    pub fn learned(&self) -> Description {
        self.endpoint.learned()
    }

    /// Asks for the prediction of one row, as an audit does, and shows the last attempt.
    pub async fn show(&self, row: &Row) -> Shown {
        let rows = std::slice::from_ref(row);
        let wire = Mutex::new(None);
        let keep = |exchange: Exchange| {
            let answer = exchange.answer.clone();
            *wire.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange);
            answer
        };
        let at = || self.endpoint.preview(rows).map_or_else(|failure| failure.at, |wire| wire.url.into());
        let send = || -> BoxFuture<'_, Result<Answer, Failure>> {
            Box::pin(async { complete(keep(self.endpoint.exchange(rows).await)?, rows.len(), at) })
        };
        let settled = self.settle(1, send, |answer: &Answer| answer.pushback, at).await;
        let wire = wire.into_inner().unwrap_or_else(PoisonError::into_inner);
        match settled {
            Ok(settled) => {
                let (attempts, took) = (settled.attempts, settled.took);
                Shown { wire, answer: settled.outcome, stop: None, attempts, took }
            }
            Err(stop) => Shown {
                wire,
                answer: Err(last(&stop, at)),
                stop: Some(stop),
                attempts: 1,
                took: Duration::ZERO,
            },
        }
    }
}

/// The failure that a stop is about.
fn last(stop: &Stop, at: impl Fn() -> Box<str>) -> Failure {
    match stop {
        Stop::Endpoint(failure) | Stop::Worse(failure) | Stop::Failing { last: failure, .. } => {
            failure.clone()
        }
        stop => Failure::new(noisebound_adapters::FailureKind::Unsupported, stop.to_string(), at()),
    }
}
