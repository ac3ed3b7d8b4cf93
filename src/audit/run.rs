//! The loop that feeds the fold: it sends what the fold asks for, journals what comes back, and commits
//! it.
//!
//! One task owns all state; requests are futures that it polls. Every answer is in the journal before it
//! is committed, whatever ends the run.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use noisebound_adapters::{Failure, FailureKind, Prediction, Row};

use super::core::{Breach, Core};
use super::forecast::Forecast;
use super::prepare::Watch;
use super::record::{Ending, Query, Record, Seen};
use crate::bound::engine::Engines;
use crate::client::{Asked, Client, Exchange, Stop};
use crate::config::Conduct;
use crate::data::Dataset;
use crate::journal::{Journal, JournalError, Line, Settled, Why};
use crate::loss::{Loss, LossError, Target, class_of, measure};
use crate::noise::{Level, Mask, Noise, Seed, row_of, stream};

/// Why a run ended before the fold was done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Cut {
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
    /// The time is up.
    #[error("--max-time is used up")]
    Time,
    /// The requests are used up.
    #[error("--max-requests is used up")]
    Requests,
    /// The endpoint cannot be used.
    #[error("the endpoint is unusable: {0}")]
    Endpoint(Failure),
    /// A loss outside its range.
    #[error("{0}")]
    Breach(#[from] Breach),
    /// A prediction that the loss cannot be computed from.
    #[error("the answer for row {row} does not fit the loss: {why}")]
    Unfit {
        /// The row, from 0.
        row: u64,
        /// What does not fit.
        why: String,
    },
    /// Another version of the model answers.
    #[error("another model answers in mid-audit: version {now}, after version {before}")]
    Changed {
        /// The version at the start.
        before: Box<str>,
        /// The version of the answer that differs.
        now: Box<str>,
    },
    /// The journal cannot be written.
    #[error("the journal cannot be written: {0}")]
    Journal(String),
}

impl From<JournalError> for Cut {
    fn from(error: JournalError) -> Self {
        Self::Journal(error.to_string())
    }
}

/// Everything that a run needs.
pub(super) struct Live<'a> {
    pub core: Core,
    pub client: Arc<Client>,
    pub dataset: &'a Dataset,
    pub mask: &'a Mask,
    pub noise: &'a dyn Noise,
    pub loss: &'a dyn Loss,
    pub journal: Journal,
    pub conduct: &'a Conduct,
    pub engines: &'a dyn Engines,
    pub watch: &'a mut dyn Watch,
    pub held: Option<Query>,
    pub settled: bool,
    pub foretold: bool,
    pub version: Option<Box<str>>,
}

type InFlight = FuturesUnordered<Pin<Box<dyn Future<Output = (Vec<Query>, Asked)> + Send>>>;

impl Live<'_> {
    /// Runs until the fold is done or something cuts it. Requests in flight are waited for.
    pub async fn run(&mut self, interrupt: impl Future<Output = ()>) -> Result<Option<Cut>, JournalError> {
        let mut cut = None;
        let mut in_flight = InFlight::new();
        let mut interrupt = std::pin::pin!(futures::FutureExt::fuse(interrupt));
        let mut deadline = std::pin::pin!(futures::FutureExt::fuse(deadline(self.conduct.max_time)));
        loop {
            if cut.is_none() {
                self.fill(&mut in_flight);
            }
            if in_flight.is_empty() {
                break;
            }
            let ended = tokio::select! {
                biased;
                () = &mut interrupt => Some(Cut::Interrupted),
                () = &mut deadline => Some(Cut::Time),
                Some((queries, asked)) = in_flight.next() => self.settle(&queries, asked).err(),
            };
            if let Some(ended) = ended {
                self.client.stop();
                cut.get_or_insert(ended);
            }
        }
        self.journal.sync()?;
        Ok(cut)
    }

    /// Starts as many requests as may be in flight and the fold has queries for.
    fn fill(&mut self, in_flight: &mut InFlight) {
        while in_flight.len() < self.conduct.concurrency {
            let queries = self.batch();
            if queries.is_empty() {
                return;
            }
            let rows = queries.iter().map(|query| self.row(*query)).collect();
            let client = Arc::clone(&self.client);
            in_flight.push(Box::pin(async move { (queries, client.ask(rows).await) }));
        }
        self.foretell();
    }

    /// The queries of the next request. The rows of the check that are asked alone travel alone, and those
    /// asked together only with each other; all others share requests.
    fn batch(&mut self) -> Vec<Query> {
        let mut queries = Vec::new();
        while queries.len() < self.conduct.batch {
            let Some(query) = self.held.take().or_else(|| self.core.next()) else { break };
            let fits = match (queries.first(), query) {
                (None, _) => true,
                (Some(Query::Alone(_)), _) | (_, Query::Alone(_)) => false,
                (Some(first), _) => {
                    matches!(first, Query::Together(_)) == matches!(query, Query::Together(_))
                }
            };
            if !fits {
                self.held = Some(query);
                break;
            }
            queries.push(query);
        }
        queries
    }

    /// The row as it is sent.
    fn row(&self, query: Query) -> Row {
        let mut row = Row::default();
        self.dataset.fill(self.core.row(query) as usize, &mut row);
        if let Query::Draw(id) = query
            && id.level > 0
        {
            let question = &self.core.plan().question;
            let level = Level(question.levels[id.level as usize - 1]);
            let mut rng = stream(Seed(question.seed), id.index);
            // The row was taken from the stream first; the noise follows it.
            row_of(&mut rng, self.dataset.rows);
            self.noise.perturb(level, self.mask, &mut row, &mut rng);
        }
        row
    }

    /// Journals and commits every exchange of a request; a stop then cuts the run. What was answered is
    /// journalled even when an earlier part of the same request cuts it.
    fn settle(&mut self, queries: &[Query], asked: Asked) -> Result<(), Cut> {
        let mut cut = None;
        for exchange in asked.exchanges {
            let ended = self.exchange(&queries[exchange.rows.clone()], &exchange).err();
            cut = cut.or(ended);
        }
        self.foretell();
        self.watch.progress(&self.core, &self.client.counts());
        match (cut, asked.stop) {
            (Some(cut), _) => Err(cut),
            (None, None) => Ok(()),
            (None, Some(Stop::Interrupted)) => Err(Cut::Interrupted),
            (None, Some(Stop::MaxRequests)) => Err(Cut::Requests),
            (None, Some(Stop::Endpoint(failure) | Stop::Failing { last: failure, .. })) => {
                Err(Cut::Endpoint(failure))
            }
        }
    }

    fn exchange(&mut self, queries: &[Query], exchange: &Exchange) -> Result<(), Cut> {
        self.same_version(exchange)?;
        // An endpoint that cannot answer its first clean row is not audited; the row stays unasked.
        if !self.settled
            && let Err(failure) = &exchange.outcome
        {
            return Err(Cut::Endpoint(failure.clone()));
        }
        self.settled = true;
        let endings = match &exchange.outcome {
            Ok(predictions) => queries
                .iter()
                .zip(predictions)
                .map(|(q, p)| self.ending(*q, p))
                .collect::<Result<Vec<_>, _>>()?,
            Err(_) => vec![Ending::Unanswered; queries.len()],
        };
        let records: Vec<Record> =
            queries.iter().zip(endings).map(|(query, ending)| Record { query: *query, ending }).collect();
        self.journal.append(&line(&records, exchange))?;
        for record in &records {
            self.core.commit(record)?;
        }
        Ok(())
    }

    /// How an answered query ended: its loss, and what the journal keeps of the prediction.
    fn ending(&self, query: Query, prediction: &Prediction) -> Result<Ending, Cut> {
        let row = self.core.row(query);
        let unfit = |why: LossError| Cut::Unfit { row, why: why.to_string() };
        let needs = self.loss.needs();
        let target = self.dataset.targets.as_ref().and_then(|targets| targets.get(row as usize));
        let (loss, seen) = match query {
            Query::Draw(id) => {
                (Some(self.loss.of(prediction, self.core.clean_of(id), target)), self.seen(prediction))
            }
            _ if needs.clean => {
                // There is no loss yet, but the form must fit.
                (Some(self.loss.of(prediction, Some(prediction), target)), Seen::Whole(prediction.clone()))
            }
            _ => (Some(self.loss.of(prediction, None, target)), Seen::Whole(prediction.clone())),
        };
        let keep = matches!(query, Query::Draw(_)) || !needs.clean;
        let measured = match query {
            Query::Draw(id) if id.level > 0 => self.measured(prediction, self.core.clean_of(id), target),
            _ => Ok(Box::default()),
        };
        let loss = match (loss, measured) {
            (Some(Ok(loss)), Ok(measured)) => Some(Ok((loss, measured))),
            (Some(Ok(_)), Err(why)) | (Some(Err(why)), _) => Some(Err(why)),
            (None, _) => None,
        };
        match loss {
            Some(Err(LossError::NonFinite)) => Ok(Ending::Unanswered),
            // Clean answers show that the loss, the targets and the model go together. A noisy answer of
            // another form is one that cannot be decoded, and its draw's own affair.
            Some(Err(_)) if matches!(query, Query::Draw(id) if id.level > 0) => Ok(Ending::Unanswered),
            Some(Err(why)) => Err(unfit(why)),
            Some(Ok((loss, measured))) => Ok(Ending::Answered { loss: keep.then_some(loss), measured, seen }),
            None => Ok(Ending::Answered { loss: None, measured: Box::default(), seen }),
        }
    }

    /// The numbers that a draw has beside its loss.
    fn measured(
        &self,
        prediction: &Prediction,
        clean: Option<&Prediction>,
        target: Option<&Target>,
    ) -> Result<Box<[f64]>, LossError> {
        let measured = self.core.plan().measured.iter();
        measured.map(|of| measure(*of, prediction, clean, target)).collect()
    }

    /// The version that answers is fixed by the first answer that tells it.
    fn same_version(&mut self, exchange: &Exchange) -> Result<(), Cut> {
        match (&self.version, &exchange.version) {
            (None, Some(version)) => self.version = Some(version.clone()),
            (Some(before), Some(now)) if before != now => {
                return Err(Cut::Changed { before: before.clone(), now: now.clone() });
            }
            _ => {}
        }
        Ok(())
    }

    fn seen(&self, prediction: &Prediction) -> Seen {
        if self.core.plan().binary
            && let Ok(class) = class_of(prediction, self.core.plan().question.loss.threshold)
        {
            return Seen::Class(class.to_string().into());
        }
        Seen::small(prediction)
    }

    /// One line before the first noisy query.
    fn foretell(&mut self) {
        if !self.foretold && self.core.noisy() {
            self.foretold = true;
            self.watch.forecast(&Forecast::new(&self.core, self.conduct, self.engines));
        }
    }
}

/// What the journal keeps of a settled request.
fn line(records: &[Record], exchange: &Exchange) -> Line {
    let unanswered = match &exchange.outcome {
        Err(failure) => Some(Why { kind: failure.kind.name().into(), said: failure.said.clone() }),
        Ok(_) if records.iter().any(|record| record.ending == Ending::Unanswered) => {
            let said = "an answer that is not finite, or that the loss cannot be computed from";
            Some(Why { kind: FailureKind::Malformed.name().into(), said: said.into() })
        }
        Ok(_) => None,
    };
    Line::Settled(Settled {
        records: records.to_vec(),
        unanswered,
        attempts: exchange.attempts,
        sent: exchange.sent,
        took: exchange.took,
        version: exchange.version.clone(),
    })
}

async fn deadline(after: Option<Duration>) {
    match after {
        Some(after) => tokio::time::sleep(after).await,
        None => std::future::pending().await,
    }
}
