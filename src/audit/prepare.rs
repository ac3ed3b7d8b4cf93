//! An audit from its parts: a question, a conduct, a data set and an endpoint.
//!
//! Everything that can be wrong is found before the first row is sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use noisebound_adapters::{Description, Dtype, Endpoint, FailureKind};
use tokio::time::Instant;

use super::columns::OfTable;
use super::core::Core;
use super::fit::Misfit;
use super::folder::RunFolder;
use super::forecast::Forecast;
use super::inspect::limits;
use super::making::Making;
use super::mismatch::mismatches;
use super::plan::Plan;
use super::realised::{Noisy, Way, input_types, realised};
use super::resume::{Begun, JOURNAL, Past};
use super::run::{Cut, Live, deadline, until};
use crate::bound::engine::{Engines, Standard};
use crate::client::{Baseline, Client, Counts, Health, Limits, Stop};
use crate::config::question::EndpointId;
use crate::config::settings::targets_range;
use crate::config::{Conduct, NoRange, Question};
use crate::data::{Dataset, Field, MaskError, SliceError, mask, slices};
use crate::form::{FormError, Forming};
use crate::journal::{Counted, Header, Journal, JournalError, Line};
use crate::loss::{ChoiceError, Loss, loss};
use crate::noise::{Mask, Noise, family};
use crate::report::{self, WriteError};
use crate::results::{
    BaselineFacts, DataFacts, EndpointFacts, FieldFacts, RealisedNoise, Report, Run, Verdict,
};

/// What is told while an audit runs.
pub trait Watch: Send {
    /// Once, before the first noisy query.
    fn forecast(&mut self, _forecast: &Forecast) {}
    /// The same of a comparison.
    fn forecast_of_all(&mut self, _forecast: &super::compare::Forecast) {}
    /// Before the first query: what the model, or that of this name in a comparison, receives of the noise.
    fn realised(&mut self, _of: Option<&str>, _found: &[RealisedNoise]) {}
    /// Before the first noisy query: what is odd about the types of the model, or about its clean answers.
    fn odd(&mut self, _said: &str) {}
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
    /// The images cannot be sent so.
    #[error(transparent)]
    Form(#[from] FormError),
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
    /// The time was up before the endpoint had told about itself.
    #[error("--max-time was used up before the endpoint had told about the model")]
    Time,
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal could not be written in the middle of the run.
    #[error("{0}")]
    Unwritten(String),
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] WriteError),
    /// Any of these, about one endpoint of several.
    #[error("{0}: {1}")]
    Of(String, Box<Self>),
    /// A resumed audit asks something else.
    #[error("{}: the audit in this folder asks another question: {}", folder.display(), differences.join("; "))]
    OtherQuestion {
        /// The run folder.
        folder: PathBuf,
        /// What differs: there, and here.
        differences: Vec<String>,
    },
    /// A resumed audit finds another model.
    #[error("the endpoint serves {now} now, and the answers in the journal are of {before}")]
    OtherModel {
        /// What it told at the start.
        before: String,
        /// What it tells now.
        now: String,
    },
}

impl AuditError {
    /// The same, about the endpoint of this name.
    #[must_use]
    pub fn of(self, name: String) -> Self {
        Self::Of(name, Box::new(self))
    }

    /// The exit code of the command.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Mask(_)
            | Self::Form(_)
            | Self::Loss(_)
            | Self::NoRange(_)
            | Self::Slices(_)
            | Self::Noise(_)
            | Self::Misfit(_)
            | Self::Folder(..)
            | Self::OtherQuestion { .. } => 2,
            Self::OtherModel { .. } => 4,
            Self::Endpoint(Stop::Interrupted) => 130,
            Self::Endpoint(Stop::MaxRequests | Stop::MaxCost) | Self::Time => 98,
            // The endpoint is well: another flag is needed.
            Self::Endpoint(Stop::Endpoint(failure)) if failure.kind == FailureKind::Usage => 2,
            Self::Endpoint(_) => 3,
            Self::Journal(error) if error.is_refusal() => 2,
            Self::Journal(_) | Self::Unwritten(_) | Self::Report(_) => 1,
            Self::Of(_, error) => error.exit_code(),
        }
    }

    /// Whether the server does not know the model, or nothing at its path.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Endpoint(Stop::Endpoint(failure)) if failure.kind == FailureKind::NotFound)
    }

    /// What to do about it, where that is not said already.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Folder(..) => Some("choose another --run-dir"),
            Self::Endpoint(Stop::Failing { last: failure, .. } | Stop::Endpoint(failure)) => {
                advice(failure.kind.name())
            }
            Self::OtherQuestion { .. } => Some("ask the same, or start a new audit without --resume"),
            Self::OtherModel { .. } => {
                Some("name the version with -x, or start a new audit without --resume")
            }
            Self::Of(_, error) => error.hint(),
            Self::Journal(error) if error.is_refusal() => None,
            Self::Journal(_) | Self::Unwritten(_) | Self::Report(_) => {
                Some("what is in the journal is kept: mend the cause, then go on with --resume")
            }
            _ => None,
        }
    }
}

/// What to do about an endpoint that failed so, by the name of the kind of its failure.
pub fn advice(kind: &str) -> Option<&'static str> {
    match kind {
        "auth" => Some(
            "name the credentials with --token-env, --token-file or -H 'x-api-key: ${NAME}'; those that were given, if \
             any, are not the ones that the server takes",
        ),
        "not-found" => Some("are the model, its version and the path of the target right?"),
        "unreachable" | "timed-out" => Some("is the server up, and the target its host and port?"),
        _ => None,
    }
}

/// What is known of the endpoint before the first row is sent.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// What it told about itself.
    pub facts: EndpointFacts,
    /// What it receives of the noise.
    pub realised: Vec<RealisedNoise>,
    /// What is to be doubted of the types.
    pub doubts: Vec<String>,
}

/// An audit that is ready to run.
pub struct Audit {
    pub(super) conduct: Conduct,
    pub(super) dataset: Dataset,
    pub(super) endpoint: Arc<dyn Endpoint>,
    pub(super) engines: Arc<dyn Engines>,
    pub(super) mask: Mask,
    pub(super) noise: Box<dyn Noise>,
    pub(super) form: Option<Forming>,
    pub(super) loss: Box<dyn Loss>,
    pub(super) plan: Plan,
    pub(super) id: Option<String>,
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
        let form = question.form.as_ref().map(|spec| Forming::new(spec, &dataset)).transpose()?;
        let loss = loss(&question.loss.name, question.loss.range, question.loss.threshold)?;
        if let Some(lacks) = NoRange::find(&question, dataset.targets.as_deref().and_then(targets_range)) {
            return Err(lacks.into());
        }
        let column = question.slice.as_ref().map(|slice| slice.column.clone());
        let found = column.map(|column| slices(&dataset, &column)).transpose()?;
        let of_rows = found.map_or_else(Vec::new, |(_, of_rows)| of_rows);
        let plan = Plan::new(question, loss.range(), loss.needs(), engines.as_ref()).sliced(of_rows);
        let endpoint = OfTable::around(endpoint, &dataset);
        Ok(Self { conduct, dataset, endpoint, engines, mask, noise, form, loss, plan, id: None })
    }

    /// The same, with this id in the journal and the report. That requests carry it is for the endpoint to see to.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// What is planned: the claims with their shares, the levels with their checkpoints.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Runs the audit and writes its folder: `plan.toml` with the text given, `journal.jsonl`, and the
    /// reports. `interrupt` ends it early, with a valid report. The folder is made before anything is sent; where
    /// the endpoint then tells nothing about the model, or the data do not fit it, the folder is removed again.
    pub async fn run(
        self,
        folder: &Path,
        plan_text: &str,
        watch: &mut dyn Watch,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Report, AuditError> {
        let started = now();
        let mut made = RunFolder::make(folder)?;
        made.write("plan.toml", plan_text)?;
        let client = self.client(Counts::default(), &Health::default());
        let mut interrupt = std::pin::pin!(futures::FutureExt::fuse(interrupt));
        let until = until(&self.conduct);
        let told = Box::pin(self.describe(&client, until, &mut interrupt)).await?;
        made.keep();
        let journal = self.journal(folder, &started, &told)?;
        let begun = Begun { past: Past::new(self.core()), journal, client, told, started, until };
        Box::pin(self.go_on(begun, folder, watch, interrupt)).await
    }

    /// Sends what the past leaves to be asked, and writes the reports.
    pub(super) async fn go_on(
        &self,
        begun: Begun,
        folder: &Path,
        watch: &mut dyn Watch,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Report, AuditError> {
        let Begun { past, mut journal, client, told, started, until } = begun;
        let counted = |counted, health: &Health| {
            Line::Counted(Counted { counted, running: false, health: Some(health.clone()) })
        };
        let health = client.health();
        journal.append(&counted(client.counts(), &health))?;
        watch.realised(None, &told.realised);
        told.doubts.iter().for_each(|doubt| watch.odd(doubt));
        let foretold = past.core.noisy();
        let mut live = Live {
            core: past.core,
            client: Arc::clone(&client),
            making: self.making(),
            journal,
            conduct: &self.conduct,
            engines: self.engines.as_ref(),
            watch,
            held: None,
            settled: past.settled,
            foretold,
            version: past.version,
            until,
            told_of: client.counts().requests,
            later: past.later,
            health,
        };
        let mut cut = Box::pin(live.run(interrupt)).await?;
        if let Some(Cut::Journal(why)) = cut {
            // What was answered may not be in it, so that no verdict is shown.
            return Err(AuditError::Unwritten(why));
        }
        let Live { mut core, mut journal, later, .. } = live;
        if core.done() {
            cut = cut.filter(|cut| !cut.is_moot());
        } else if let Err(breach) = core.cut() {
            cut = Some(Cut::Breach(breach));
        }
        let health = client.health();
        journal.append(&counted(client.counts(), &health))?;
        journal.close()?;
        let (mut unknown, mut identity) = (0, core.identity(later.queries()));
        if matches!(cut, Some(Cut::Changed(_))) {
            let found;
            (core, found, unknown, identity) = self.one_model(folder)?;
            cut = found.or(cut);
        }
        let when = (started, past.resumed);
        let report = self.report(&core, cut.as_ref(), &client.counts(), &health, told, when);
        let report = report.with_unknown(unknown).with_identity(identity);
        report::write_all(&report, folder)?;
        Ok(report)
    }

    pub(super) fn making(&self) -> Making<'_> {
        self.making_for(self.endpoint.as_ref())
    }

    /// The same where this endpoint answers.
    pub(super) fn making_for<'a>(&'a self, endpoint: &'a dyn Endpoint) -> Making<'a> {
        Making {
            dataset: &self.dataset,
            mask: &self.mask,
            noise: self.noise.as_ref(),
            form: self.form.as_ref(),
            loss: self.loss.as_ref(),
            endpoint,
        }
    }

    /// A client that goes on from what was sent before, and from what is known of the endpoint.
    pub(super) fn client(&self, sent: Counts, health: &Health) -> Arc<Client> {
        let endpoint = Arc::clone(&self.endpoint);
        Arc::new(Client::after(endpoint, self.limits(), self.plan.question.seed, sent, health))
    }

    /// The fold before the first query.
    pub(super) fn core(&self) -> Core {
        let Conduct { queries, ahead, .. } = self.conduct;
        Core::new(self.plan.clone(), queries, ahead, self.engines.as_ref())
    }

    /// What the endpoint tells about itself, and whether the data fit it.
    pub(super) async fn describe(
        &self,
        client: &Client,
        until: Option<Instant>,
        interrupt: &mut (impl Future<Output = ()> + Unpin),
    ) -> Result<Told, AuditError> {
        let description = tokio::select! {
            description = client.describe() => description?,
            () = interrupt => return Err(Stop::Interrupted.into()),
            () = deadline(until) => return Err(AuditError::Time),
        };
        self.fits(&description)?;
        let asked = &self.plan.question.endpoint;
        let realised = self.realised(self.endpoint.as_ref(), asked, &description);
        let doubts = self.doubts(&description);
        Ok(Told { facts: facts(asked, description), realised, doubts })
    }

    /// Where the types that a model takes let one doubt whether noise is added to what it is meant for.
    pub fn doubts(&self, description: &Description) -> Vec<String> {
        mismatches(&self.dataset, &self.mask, &self.plan.question.noise, &self.types(description))
    }

    /// The types in which a model takes the fields, where it tells.
    pub(super) fn types(&self, description: &Description) -> Vec<Vec<Option<Dtype>>> {
        input_types(&self.dataset, self.form.as_ref(), description)
    }

    /// What a model that is described so receives of the noise.
    pub(super) fn realised(
        &self,
        endpoint: &dyn Endpoint,
        asked: &EndpointId,
        description: &Description,
    ) -> Vec<RealisedNoise> {
        let types = self.types(description);
        let way = match &self.form {
            Some(form) if form.is_lossy() => Some(Ok(Way::Form(form))),
            Some(form) => Way::numbers(form, &self.dataset, &types).map(Ok),
            None => asked.body.is_some().then(|| Way::through(endpoint, &self.dataset, &self.mask)),
        };
        let noise = self.noise.as_ref();
        let noisy = Noisy { dataset: &self.dataset, mask: &self.mask, noise, way: way.as_ref() };
        realised(noisy, &self.plan, &types)
    }

    pub(super) fn limits(&self) -> Limits {
        limits(&self.conduct)
    }

    /// An empty journal in the run folder.
    fn journal(&self, folder: &Path, started: &str, told: &Told) -> Result<Journal, AuditError> {
        let mut header = Header::new(self.plan.question.clone(), self.conduct.clone(), started);
        header.slices = self.plan.slices.to_vec();
        header.id.clone_from(&self.id);
        header.told = Some(told.facts.clone());
        header.fields = self.data_facts().fields;
        header.realised.clone_from(&told.realised);
        Ok(Journal::create(folder.join(JOURNAL), &header)?)
    }

    /// The report; `when` is when the audit started, and when it was resumed.
    pub(super) fn report(
        &self,
        core: &Core,
        cut: Option<&Cut>,
        counts: &Counts,
        health: &Health,
        told: Told,
        when: (String, Vec<String>),
    ) -> Report {
        let (started, resumed) = when;
        Report {
            format: Report::FORMAT.to_owned(),
            question: self.plan.question.clone(),
            conduct: self.conduct.clone(),
            endpoint: told.facts,
            data: self.data_facts(),
            realised: told.realised,
            results: core.results(),
            run: Run {
                tool: env!("CARGO_PKG_VERSION").to_owned(),
                id: self.id.clone(),
                started,
                resumed,
                finished: now(),
                queries: core.charged(),
                requests: counts.requests,
                predictions: counts.predictions,
                rows: counts.rows,
                cost: self.conduct.cost_per_query.map(|cost| cost * counts.rows as f64),
                retries: counts.retries,
                failures: counts.failures,
                failure_kinds: counts.kinds.clone(),
                openings: health.openings,
                baseline: health.baseline().map(BaselineFacts::from),
                surplus: core.surplus(),
                model_unknown: 0,
                identity: None,
                cut: cut.map(ToString::to_string),
                exit_code: exit_code(core, cut.map(Cut::exit_code)),
            },
        }
    }

    pub(super) fn data_facts(&self) -> DataFacts {
        let fields = self.dataset.fields.iter().enumerate();
        DataFacts {
            rows: self.dataset.rows as u64,
            fields: fields
                .map(|(i, field)| FieldFacts {
                    name: field.name.to_string(),
                    dtype: field.values.dtype().name().to_owned(),
                    shape: dimensions(field),
                    perturbed: self.mask.perturbed(i, field.most()) as u64,
                })
                .collect(),
            blake3: self.dataset.blake3.clone(),
        }
    }
}

/// What an endpoint that was asked for so told about itself.
pub(super) fn facts(asked: &EndpointId, told: Description) -> EndpointFacts {
    EndpointFacts {
        url: asked.url.clone(),
        protocol: asked.protocol.clone(),
        model: told.model.or_else(|| asked.model.clone()),
        version: told.version.or_else(|| asked.version.clone()),
        server: told.server,
        hint: told.hint,
    }
}

impl From<Baseline> for BaselineFacts {
    fn from(baseline: Baseline) -> Self {
        let Baseline { latency, rows, failures } = baseline;
        Self { latency: latency.as_secs_f64(), rows, failures }
    }
}

/// The dimensions of a row; 0 for those in which rows differ.
fn dimensions(field: &Field) -> Vec<u64> {
    let each = field.shape.each();
    let Some((first, _)) = each.first() else { return Vec::new() };
    let alike = |i: usize| each.iter().all(|(shape, _)| shape.get(i) == first.get(i));
    let size = |(i, size): (usize, &usize)| if alike(i) { *size as u64 } else { 0 };
    first.iter().enumerate().map(size).collect()
}

/// The first that applies: the answers contradict the plan, a gate fails, interrupted, the endpoint is
/// unusable, it ended before it could answer, done.
pub fn exit_code(core: &Core, cut: Option<u8>) -> u8 {
    let fails = core.results().gates.iter().any(|gate| gate.verdict == Verdict::Fails);
    match cut {
        Some(code @ (1 | 4)) => code,
        _ if fails => 99,
        Some(code) => code,
        None if !core.answered() => 98,
        None => 0,
    }
}

/// The time, as reports give it.
pub(super) fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}
