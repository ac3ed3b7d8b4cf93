//! An audit from its parts: a question, a conduct, a data set and an endpoint.
//!
//! Everything that can be wrong is found before the first row is sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use noisebound_adapters::{Description, Endpoint};

use super::core::Core;
use super::fit::{Misfit, fit};
use super::forecast::Forecast;
use super::plan::Plan;
use super::run::{Cut, Live};
use crate::bound::engine::{Engines, Standard};
use crate::client::{Client, Counts, Limits, Stop};
use crate::config::settings::targets_range;
use crate::config::{Conduct, NoRange, Question};
use crate::data::{Dataset, MaskError, SliceError, mask, slices};
use crate::journal::{Header, Journal, JournalError};
use crate::loss::{ChoiceError, Loss, loss};
use crate::noise::{Mask, Noise, family};
use crate::report::{self, WriteError};
use crate::results::{DataFacts, EndpointFacts, FieldFacts, Report, Run, Verdict};

/// What is told while an audit runs.
pub trait Watch: Send {
    /// Once, before the first noisy query.
    fn forecast(&mut self, _forecast: &Forecast) {}
    /// After each settled request.
    fn progress(&mut self, _core: &Core, _counts: &Counts) {}
}

/// Nothing is told.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Watch for Silent {}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The columns to perturb, or the clip range, do not fit the data.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// The loss cannot be made.
    #[error(transparent)]
    Loss(#[from] ChoiceError),
    /// The loss has no range, and what is asked needs one.
    #[error(transparent)]
    NoRange(#[from] NoRange),
    /// The rows cannot be told apart so.
    #[error("the rows cannot be sliced: {0}")]
    Slices(#[from] SliceError),
    /// The noise is not known.
    #[error("unknown noise '{0}'")]
    Noise(String),
    /// The data do not fit the model.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The run folder cannot be made.
    #[error("the run folder {0} cannot be made: {1}")]
    Folder(PathBuf, #[source] std::io::Error),
    /// The endpoint cannot be used.
    #[error("{0}")]
    Endpoint(#[from] Stop),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] WriteError),
}

impl AuditError {
    /// The exit code of the command.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Mask(_)
            | Self::Loss(_)
            | Self::NoRange(_)
            | Self::Slices(_)
            | Self::Noise(_)
            | Self::Misfit(_)
            | Self::Folder(..) => 2,
            Self::Endpoint(Stop::Interrupted) => 130,
            Self::Endpoint(Stop::MaxRequests) => 98,
            Self::Endpoint(_) => 3,
            Self::Journal(_) | Self::Report(_) => 1,
        }
    }

    /// What to do about it, where that is not said already.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Folder(..) => Some("choose another --run-dir"),
            Self::Endpoint(Stop::Failing { last: failure, .. } | Stop::Endpoint(failure)) => {
                advice(failure.kind.name())
            }
            Self::Journal(_) => Some("is the disk full? what was journalled before is kept"),
            _ => None,
        }
    }
}

/// What to do about an endpoint that failed so, by the name of the kind of its failure.
pub fn advice(kind: &str) -> Option<&'static str> {
    match kind {
        "auth" => Some("name the credentials with --token-env, --token-file or -H 'x-api-key: ${NAME}'"),
        "not-found" => Some("are the model, its version and the path of the target right?"),
        "unreachable" | "timed-out" => Some("is the server up, and the target its host and port?"),
        _ => None,
    }
}

/// An audit that is ready to run.
pub struct Audit {
    conduct: Conduct,
    dataset: Dataset,
    endpoint: Arc<dyn Endpoint>,
    engines: Arc<dyn Engines>,
    mask: Mask,
    noise: Box<dyn Noise>,
    loss: Box<dyn Loss>,
    plan: Plan,
}

impl Audit {
    /// An audit of this endpoint with these data.
    pub fn new(
        question: Question,
        conduct: Conduct,
        dataset: Dataset,
        endpoint: Arc<dyn Endpoint>,
    ) -> Result<Self, AuditError> {
        Self::with_engines(question, conduct, dataset, endpoint, Arc::new(Standard))
    }

    /// The same with other bounds than the standard ones. Whether they hold is then the caller's claim.
    pub fn with_engines(
        question: Question,
        conduct: Conduct,
        dataset: Dataset,
        endpoint: Arc<dyn Endpoint>,
        engines: Arc<dyn Engines>,
    ) -> Result<Self, AuditError> {
        let mask = mask(&dataset, &question.noise)?;
        let noise =
            family(&question.noise.family).ok_or_else(|| AuditError::Noise(question.noise.family.clone()))?;
        let loss = loss(&question.loss.name, question.loss.range, question.loss.threshold)?;
        if let Some(lacks) = NoRange::find(&question, dataset.targets.as_deref().and_then(targets_range)) {
            return Err(lacks.into());
        }
        let column = question.slice.as_ref().map(|slice| slice.column.clone());
        let found = column.map(|column| slices(&dataset, &column)).transpose()?;
        let of_rows = found.map_or_else(Vec::new, |(_, of_rows)| of_rows);
        let plan = Plan::new(question, loss.range(), loss.needs(), engines.as_ref()).sliced(of_rows);
        Ok(Self { conduct, dataset, endpoint, engines, mask, noise, loss, plan })
    }

    /// What is planned: the claims with their shares, the levels with their checkpoints.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Runs the audit and writes its folder: `plan.toml` with the text given, `journal.jsonl`, and the
    /// reports. `interrupt` ends it early, with a valid report.
    pub async fn run(
        self,
        folder: &Path,
        plan_text: &str,
        watch: &mut dyn Watch,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Report, AuditError> {
        let started = now();
        let question = &self.plan.question;
        let client = Arc::new(Client::new(Arc::clone(&self.endpoint), self.limits(), question.seed));
        let mut interrupt = std::pin::pin!(futures::FutureExt::fuse(interrupt));
        let description = tokio::select! {
            description = client.describe() => description?,
            () = &mut interrupt => return Err(Stop::Interrupted.into()),
        };
        fit(&self.dataset, &description, self.conduct.batch)?;
        let journal = self.open(folder, plan_text, &started)?;
        let mut live = Live {
            core: Core::new(
                self.plan.clone(),
                self.conduct.queries,
                self.conduct.ahead,
                self.engines.as_ref(),
            ),
            client: Arc::clone(&client),
            dataset: &self.dataset,
            mask: &self.mask,
            noise: self.noise.as_ref(),
            loss: self.loss.as_ref(),
            journal,
            conduct: &self.conduct,
            engines: self.engines.as_ref(),
            watch,
            held: None,
            settled: false,
            foretold: false,
            version: None,
        };
        let mut cut = live.run(interrupt).await?;
        let mut core = live.core;
        if !core.done()
            && let Err(breach) = core.cut()
        {
            cut = Some(Cut::Breach(breach));
        }
        live.journal.close()?;
        let report = self.report(&core, cut.as_ref(), &client.counts(), description, started);
        report::write_all(&report, folder)?;
        Ok(report)
    }

    fn limits(&self) -> Limits {
        Limits {
            rate: self.conduct.rate,
            concurrency: self.conduct.concurrency,
            max_requests: self.conduct.max_requests,
            retries: self.conduct.retries,
            timeout: self.conduct.timeout,
        }
    }

    /// Makes the run folder with the plan and an empty journal. One that exists is left alone.
    fn open(&self, folder: &Path, plan_text: &str, started: &str) -> Result<Journal, AuditError> {
        let failed = |error| AuditError::Folder(folder.to_owned(), error);
        if let Some(parent) = folder.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::create_dir(folder).map_err(failed)?;
        std::fs::write(folder.join("plan.toml"), plan_text).map_err(failed)?;
        let mut header = Header::new(self.plan.question.clone(), self.conduct.clone(), started);
        header.slices = self.plan.slices.to_vec();
        Ok(Journal::create(folder.join("journal.jsonl"), &header)?)
    }

    fn report(
        &self,
        core: &Core,
        cut: Option<&Cut>,
        counts: &Counts,
        description: Description,
        started: String,
    ) -> Report {
        let question = self.plan.question.clone();
        Report {
            format: Report::FORMAT.to_owned(),
            conduct: self.conduct.clone(),
            endpoint: EndpointFacts {
                url: question.endpoint.url.clone(),
                protocol: question.endpoint.protocol.clone(),
                model: description.model.or_else(|| question.endpoint.model.clone()),
                version: description.version.or_else(|| question.endpoint.version.clone()),
                server: description.server,
            },
            data: self.data_facts(),
            results: core.results(),
            run: Run {
                tool: env!("CARGO_PKG_VERSION").to_owned(),
                started,
                finished: now(),
                queries: core.charged(),
                requests: counts.requests,
                predictions: counts.predictions,
                retries: counts.retries,
                failures: counts.failures,
                failure_kinds: counts.kinds.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect(),
                surplus: core.surplus(),
                cut: cut.map(ToString::to_string),
                exit_code: exit_code(core, cut),
            },
            question,
        }
    }

    fn data_facts(&self) -> DataFacts {
        let fields = self.dataset.fields.iter().zip(&self.mask.factors);
        DataFacts {
            rows: self.dataset.rows as u64,
            fields: fields
                .map(|(field, factors)| FieldFacts {
                    name: field.name.to_string(),
                    dtype: field.values.dtype().name().to_owned(),
                    shape: field.shape.iter().map(|size| *size as u64).collect(),
                    perturbed: factors.iter().filter(|factor| **factor != 0.0).count() as u64,
                })
                .collect(),
            blake3: self.dataset.blake3.clone(),
        }
    }
}

/// The first that applies: the answers contradict the plan, a gate fails, interrupted, the endpoint is
/// unusable, it ended before it could answer, done.
fn exit_code(core: &Core, cut: Option<&Cut>) -> u8 {
    let fails = core.results().gates.iter().any(|gate| gate.verdict == Verdict::Fails);
    match cut {
        Some(Cut::Journal(_)) => 1,
        Some(Cut::Breach(_) | Cut::Unfit { .. } | Cut::Changed { .. }) => 4,
        _ if fails => 99,
        Some(Cut::Interrupted) => 130,
        Some(Cut::Endpoint(_)) => 3,
        Some(Cut::Time | Cut::Requests) => 98,
        None if !core.answered() => 98,
        None => 0,
    }
}

fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}
