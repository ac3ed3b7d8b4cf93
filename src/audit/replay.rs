//! One draw made again: what is sent for it, and what comes back, beside what the journal holds.
//!
//! Nothing is recorded. Invariant: the request is the one that the audit sent, byte for byte, but for the rows that
//! shared it.

use std::path::Path;

use noisebound_adapters::{Failure, Prediction, WireRequest};

use super::clean::CleanAnswer;
use super::core::Core;
use super::prepare::{Audit, AuditError};
use super::record::{DrawId, Ending, Query};
use super::resume::JOURNAL;
use crate::client::{Counts, Exchange, Health, Stop};
use crate::journal::{Line, Reader, Settled, Why};

/// A draw, made again.
#[derive(Debug, Clone)]
pub struct Replay {
    /// What is asked.
    pub query: Query,
    /// The row of the data set, from 0.
    pub row: u64,
    /// The noise level; 0 is clean.
    pub level: f64,
    /// The request, secrets masked.
    pub request: WireRequest,
    /// What the journal holds.
    pub recorded: Option<Recorded>,
    /// What came back; absent when it was not sent.
    pub now: Option<Now>,
}

/// What the journal holds of a draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// How it ended.
    pub ending: Ending,
    /// How many rows shared the request, this one included.
    pub batch: usize,
    /// Why it stayed unanswered.
    pub unanswered: Option<Why>,
    /// The model version that answered.
    pub version: Option<Box<str>>,
    /// How often it was sent.
    pub attempts: u32,
    /// How long the answer took.
    pub took: std::time::Duration,
}

/// What came back now.
#[derive(Debug, Clone)]
pub struct Now {
    /// How it ended.
    pub ending: Ending,
    /// The prediction as it was read, secrets masked; or why there is none.
    pub answer: Result<Prediction, Failure>,
    /// The model version that answered.
    pub version: Option<Box<str>>,
    /// How often it was sent.
    pub attempts: u32,
    /// How long the answer took.
    pub took: std::time::Duration,
}

/// Why a draw cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The run folder, its question, or the endpoint.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// There is no such level or row, or nothing of this kind is asked.
    #[error("there is no {0} in this audit, which has {1} levels and {2} rows")]
    Unknown(Query, usize, u64),
    /// The row cannot be sent.
    #[error("the request cannot be made: {0}")]
    Request(Failure),
    /// The answer does not fit the loss.
    #[error("the answer does not fit the loss: {0}")]
    Unfit(#[from] crate::loss::LossError),
}

impl Audit {
    /// Makes a query of the audit in a folder again, which asked the same question; with `send`, it is sent.
    ///
    /// # Errors
    /// When the folder is of another question or its journal cannot be read, when there is no such draw, or when
    /// the endpoint cannot be used.
    pub async fn replay(&self, folder: &Path, query: Query, send: bool) -> Result<Replay, ReplayError> {
        self.asks_as(folder)?;
        let question = &self.plan.question;
        let row = self.row_of(folder, query)?;
        let row = row.ok_or(ReplayError::Unknown(query, question.levels.len(), question.data.rows))?;
        let past = Past::read(folder, query, row)?;
        let sent = self.making().row(&self.plan, query, row);
        let client = self.client(Counts::default(), &Health::default());
        client.describe().await.map_err(AuditError::from)?;
        let request = self.endpoint.preview(std::slice::from_ref(&sent)).map_err(ReplayError::Request)?;
        let now = if send {
            Some(self.now(query, row, past.clean.as_ref(), client.ask(vec![sent]).await)?)
        } else {
            None
        };
        let level = match query {
            Query::Draw(DrawId { level: place @ 1.., .. }) => question.levels[place as usize - 1],
            _ => 0.0,
        };
        Ok(Replay { query, row, level, request, recorded: past.recorded, now })
    }

    /// The row of a query; none where the audit has no such query.
    fn row_of(&self, folder: &Path, query: Query) -> Result<Option<u64>, AuditError> {
        let question = &self.plan.question;
        let mut core = self.core();
        let known = match query {
            Query::Draw(id) | Query::Twin(id) => id.level as usize <= question.levels.len(),
            Query::Floor(_) => core.floor.is_some(),
            // Which rows these are, the check at the start decides.
            Query::Sentinel(_) | Query::Guard(_) => {
                check(folder, &mut core)?;
                core.sentinels.is_some()
            }
            Query::Alone(_) | Query::Together(_) | Query::Clean(_) => true,
        };
        Ok(known.then(|| core.row(query)).filter(|row| *row < question.data.rows))
    }

    fn now(
        &self,
        query: Query,
        row: u64,
        clean: Option<&Prediction>,
        asked: crate::client::Asked,
    ) -> Result<Now, ReplayError> {
        let Some(Exchange { outcome, attempts, took, version, .. }) = asked.exchanges.into_iter().next()
        else {
            return Err(AuditError::Endpoint(asked.stop.unwrap_or(Stop::Interrupted)).into());
        };
        let answer = outcome.map(|mut predictions| predictions.swap_remove(0));
        let ending = match &answer {
            Ok(prediction) => self.making().ending(&self.plan, query, row, prediction, clean)?,
            Err(_) => Ending::Unanswered,
        };
        let answer = answer.map(|prediction| self.endpoint.mask_prediction(&prediction).into_owned());
        Ok(Now { ending, answer, version, attempts, took })
    }
}

/// Folds a journal until the check at the start has ended.
fn check(folder: &Path, core: &mut Core) -> Result<(), AuditError> {
    for line in Reader::open(folder.join(JOURNAL))? {
        let Line::Settled(settled) = line? else { continue };
        for record in &settled.records {
            // A loss outside its range is told of elsewhere.
            let _ = core.commit(record);
        }
        if core.sentinels.is_some() {
            break;
        }
    }
    Ok(())
}

/// What the journal holds that a draw needs.
#[derive(Default)]
struct Past {
    recorded: Option<Recorded>,
    /// The clean prediction that its loss is against: its twin's, else that of the row.
    clean: Option<Prediction>,
}

impl Past {
    fn read(folder: &Path, query: Query, row: u64) -> Result<Self, AuditError> {
        let mut past = Self::default();
        let (mut twin, mut kept) = (None, None);
        for line in Reader::open(folder.join(JOURNAL))? {
            let Line::Settled(settled) = line? else { continue };
            for record in &settled.records {
                let answer = || CleanAnswer::of(&record.ending).prediction;
                match (record.query, query) {
                    // A clean row of the check was asked alone first.
                    (Query::Alone(this), Query::Clean(row)) if this == row => {
                        past.recorded = Some(recorded(&settled, &record.ending));
                    }
                    (this, _) if this == query => past.recorded = Some(recorded(&settled, &record.ending)),
                    (Query::Twin(this), Query::Draw(id)) if this == id => twin = answer(),
                    (Query::Alone(this) | Query::Clean(this), _) if this == row => kept = answer(),
                    _ => {}
                }
            }
        }
        past.clean = twin.or(kept);
        Ok(past)
    }
}

fn recorded(settled: &Settled, ending: &Ending) -> Recorded {
    Recorded {
        ending: ending.clone(),
        batch: settled.records.len(),
        unanswered: settled.unanswered.clone(),
        version: settled.version.clone(),
        attempts: settled.attempts,
        took: settled.took,
    }
}
