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
use noisebound_adapters::{Failure, FailureKind, Prediction};
use tokio::time::{Instant, MissedTickBehavior};

use super::core::{Breach, Core};
use super::forecast::Forecast;
use super::later::Later;
use super::making::Making;
use super::prepare::Watch;
use super::record::{Ending, Query, Record};
use super::refold::Exchanged;
use super::strangers::strangers;
use crate::bound::engine::Engines;
use crate::client::{Asked, Client, Exchange, Health, Open, Stop};
use crate::config::Conduct;
use crate::journal::{Counted, Journal, JournalError, Line, Settled, Why};

/// How a run is told to have ended because of its endpoint.
const UNUSABLE: &str = "the endpoint is unusable";

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
    /// The money is used up.
    #[error("--max-cost is used up")]
    Cost,
    /// The endpoint cannot be used.
    #[error("{UNUSABLE}: {0}")]
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
    /// Another model answers.
    #[error("{0}")]
    Changed(Exchanged),
    /// The journal cannot be written.
    #[error("{0}")]
    Journal(String),
}

impl Cut {
    /// The exit code of a run that ends so, where no gate fails.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Journal(_) => 1,
            Self::Breach(_) | Self::Unfit { .. } | Self::Changed(_) => 4,
            Self::Interrupted => 130,
            Self::Endpoint(_) => 3,
            Self::Time | Self::Requests | Self::Cost => 98,
        }
    }

    /// Whether it takes nothing away where all that was asked was answered before: what is missing then is the clean row
    /// that is asked at the end, and the report says what no clean row speaks for.
    pub fn is_moot(&self) -> bool {
        match self {
            Self::Endpoint(_) | Self::Time | Self::Requests | Self::Cost | Self::Interrupted => true,
            Self::Breach(_) | Self::Unfit { .. } | Self::Changed(_) | Self::Journal(_) => false,
        }
    }

    /// The same of one that a report tells; no report is written where the journal could not be.
    pub fn exit_code_told(said: &str) -> u8 {
        let plain = [Self::Interrupted, Self::Time, Self::Requests, Self::Cost];
        match plain.iter().find(|cut| cut.to_string() == said) {
            Some(cut) => cut.exit_code(),
            None if said.starts_with(UNUSABLE) => 3,
            None => 4,
        }
    }

    /// This one after an earlier one: the first counts. But what another model answered must not count, and without
    /// a journal nothing does, whatever else had ended the run.
    #[must_use]
    pub fn after(self, earlier: Option<Self>) -> Self {
        let graver = |cut: &Self| match cut {
            Self::Journal(_) => 2,
            Self::Changed(_) => 1,
            _ => 0,
        };
        match earlier {
            Some(earlier) if graver(&earlier) >= graver(&self) => earlier,
            _ => self,
        }
    }
}

impl From<JournalError> for Cut {
    fn from(error: JournalError) -> Self {
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        Self::Journal(format!("{error}{cause}"))
    }
}

/// Everything that a run needs.
pub(super) struct Live<'a> {
    pub core: Core,
    pub client: Arc<Client>,
    pub making: Making<'a>,
    pub journal: Journal,
    pub conduct: &'a Conduct,
    pub engines: &'a dyn Engines,
    pub watch: &'a mut dyn Watch,
    pub held: Option<Query>,
    pub settled: bool,
    pub foretold: bool,
    pub version: Option<Box<str>>,
    /// When the time is up.
    pub until: Option<Instant>,
    /// How many requests the journal tells of.
    pub told_of: u64,
    /// What was answered after the last clean row that was as at the start.
    pub later: Later,
    /// What it tells of the endpoint.
    pub health: Health,
}

/// How often it is looked at whether more is sent than the journal tells of.
const LOOK: Duration = Duration::from_secs(1);

/// The requests that are under way.
pub(super) type InFlight = FuturesUnordered<Pin<Box<dyn Future<Output = Ended> + Send>>>;

/// A request that has ended.
pub(super) struct Ended {
    pub queries: Vec<Query>,
    pub asked: Asked,
    /// What is left of the question, where its rows are asked one by one.
    rest: Option<Open>,
}

impl Live<'_> {
    /// Runs until the fold is done or something cuts it. Requests in flight are waited for.
    pub async fn run(&mut self, interrupt: impl Future<Output = ()>) -> Result<Option<Cut>, JournalError> {
        let mut cut = None;
        let mut in_flight = InFlight::new();
        let mut interrupt = std::pin::pin!(futures::FutureExt::fuse(interrupt));
        let mut deadline = std::pin::pin!(futures::FutureExt::fuse(deadline(self.until)));
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
                Some(ended) = in_flight.next() => self.settle(ended, &mut in_flight).err(),
                _ = look.tick() => self.keep_count().err().map(Cut::from),
            };
            if let Some(ended) = ended {
                self.client.stop();
                cut = Some(ended.after(cut));
            }
        }
        if !matches!(cut, Some(Cut::Journal(_))) {
            self.journal.sync()?;
        }
        Ok(cut)
    }

    /// Journals what was sent, where that is more than a journal without it would lead one to think: requests that wait
    /// out a busy or failing endpoint are sent many times before they end. And what became known of the endpoint.
    fn keep_count(&mut self) -> Result<(), JournalError> {
        let (counted, health) = (self.client.counts(), self.client.health());
        let most_untold = self.told_of.saturating_add(self.conduct.most_untold());
        if counted.requests > most_untold || health.adds_to(&self.health) {
            self.told_of = counted.requests;
            self.health.clone_from(&health);
            self.journal.append(&Line::Counted(Counted { counted, running: true, health: Some(health) }))?;
        }
        Ok(())
    }

    /// Starts as many requests as may be in flight and the fold has queries for.
    pub(super) fn fill(&mut self, in_flight: &mut InFlight) {
        while in_flight.len() < self.conduct.concurrency {
            let queries = self.batch();
            if queries.is_empty() {
                return;
            }
            let row = |query: &Query| self.making.row(self.core.plan(), *query, self.core.row(*query));
            let noisy = queries.iter().any(|query| matches!(query, Query::Draw(_)));
            let open = Open::new(queries.iter().map(row).collect()).private(self.conduct.privacy && noisy);
            self.send(queries, open, in_flight);
        }
        self.foretell();
    }

    fn send(&self, queries: Vec<Query>, open: Open, in_flight: &mut InFlight) {
        let client = Arc::clone(&self.client);
        in_flight.push(Box::pin(async move {
            let (asked, rest) = client.go_on(open).await;
            Ended { queries, asked, rest }
        }));
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

    /// Journals and commits what a request brought, and sends what is left of its question; a stop cuts the run.
    pub(super) fn settle(&mut self, ended: Ended, in_flight: &mut InFlight) -> Result<(), Cut> {
        let Ended { queries, asked, rest } = ended;
        let mut cut: Option<Cut> = None;
        for exchange in asked.exchanges {
            if let Err(ended) = self.exchange(&queries[exchange.rows.clone()], &exchange) {
                cut = Some(ended.after(cut));
            }
        }
        // Once it is cut, the client lets nothing through any more.
        if let Some(rest) = rest {
            self.send(queries, rest, in_flight);
        }
        if let Err(unwritten) = self.keep_count() {
            cut = Some(Cut::from(unwritten).after(cut));
        }
        self.foretell();
        self.watch.progress(&self.core, &self.client.counts());
        match (cut, asked.stop) {
            (Some(cut), _) => Err(cut),
            (None, None) => Ok(()),
            (None, Some(Stop::Interrupted)) => Err(Cut::Interrupted),
            (None, Some(Stop::MaxRequests)) => Err(Cut::Requests),
            (None, Some(Stop::MaxCost)) => Err(Cut::Cost),
            (
                None,
                Some(Stop::Endpoint(failure) | Stop::Worse(failure) | Stop::Failing { last: failure, .. }),
            ) => Err(Cut::Endpoint(failure)),
        }
    }

    fn exchange(&mut self, queries: &[Query], exchange: &Exchange) -> Result<(), Cut> {
        let changed = self.changed_version(exchange);
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
                .map(|(query, prediction)| self.ending(*query, prediction))
                .collect::<Result<Vec<_>, _>>(),
            Err(_) => Ok(vec![Ending::Unanswered; queries.len()]),
        };
        let endings = match (endings, &changed) {
            // It is no wonder that another model's answers do not fit.
            (Err(_), Some(changed)) => return Err(Cut::Changed(changed.clone())),
            (endings, _) => endings?,
        };
        let records: Vec<Record> =
            queries.iter().zip(endings).map(|(query, ending)| Record { query: *query, ending }).collect();
        let line = line(&records, exchange);
        self.journal.append(&line)?;
        self.told_of = self.told_of.saturating_add(exchange.attempts.into());
        if let Some(changed) = changed {
            return Err(Cut::Changed(changed));
        }
        let mut breach = None;
        for record in &records {
            breach = breach.or(self.core.commit(record).err());
        }
        self.later.take(&line, &self.core);
        if let Some(changed) = self.core.changed() {
            return Err(Cut::Changed(changed.clone().into()));
        }
        breach.map_or(Ok(()), |breach| Err(breach.into()))
    }

    fn ending(&self, query: Query, prediction: &Prediction) -> Result<Ending, Cut> {
        let clean = match query {
            Query::Draw(id) => self.core.clean_of(id),
            _ => None,
        };
        let row = self.core.row(query);
        let ending = self.making.ending(self.core.plan(), query, row, prediction, clean);
        let ending = ending.map_err(|why| Cut::Unfit { row, why: why.to_string() })?;
        Ok(if self.conduct.privacy { ending.private(query) } else { ending })
    }

    /// The version that answers is fixed by the first answer that tells it; another one, where it differs.
    fn changed_version(&mut self, exchange: &Exchange) -> Option<Exchanged> {
        let now = exchange.version.clone()?;
        let before = self.version.get_or_insert_with(|| now.clone()).clone();
        (before != now).then_some(Exchanged::Version { before, now })
    }

    /// One line before the first noisy query.
    fn foretell(&mut self) {
        if !self.foretold && self.core.noisy() {
            self.foretold = true;
            let loss = &self.core.plan().question.loss;
            let targets = self.making.dataset.targets.as_deref().unwrap_or_default();
            let clean = self.core.clean.checked_predictions();
            let mask = |text: &str| self.making.endpoint.mask(text);
            if let Some(odd) = strangers((loss.name.as_str(), loss.threshold), clean, targets, &mask) {
                self.watch.odd(&odd);
            }
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

/// When the time that a run may take is up, if it begins now; a time that no clock can tell is none.
pub(super) fn until(conduct: &Conduct) -> Option<Instant> {
    Instant::now().checked_add(conduct.max_time?)
}

/// Resolves at this moment; never where there is none.
pub(super) async fn deadline(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}
