//! An audit that goes on where an earlier run left it.
//!
//! The journal is folded again, so that nothing that ended is asked twice; what was under way when the earlier run
//! ended is asked again. Invariant: how often an audit was stopped and resumed changes no result.

use std::path::Path;
use std::sync::Arc;

use tokio::time::Instant;

use super::core::{Breach, Core};
use super::later::Later;
use super::prepare::{Audit, AuditError, Told, Watch, now};
use super::refold::{OneModel, of_one_model, refold};
use super::run::{Cut, until};
use crate::client::{Client, Counts, Health};
use crate::config::Conduct;
use crate::config::differences::differences;
use crate::journal::{
    Counted, Header, Journal, JournalError, Line, Reader, Reopened, Resumed, Settled, fingerprint,
};
use crate::report;
use crate::results::{EndpointFacts, Identity, Report};

/// The name of the journal in a run folder.
pub(super) const JOURNAL: &str = "journal.jsonl";

/// What earlier runs leave to the one that comes.
pub(super) struct Past {
    pub core: Core,
    /// Whether a query has ended.
    pub settled: bool,
    /// The model version that answered.
    pub version: Option<Box<str>>,
    /// What was sent.
    pub sent: Counts,
    /// What is known of the endpoint.
    pub health: Health,
    /// When it was resumed, each time.
    pub resumed: Vec<String>,
    /// The version of noisebound of the last run, and how it asked; none where no run came before.
    asked: Option<(String, Conduct)>,
    /// What the endpoint told about itself, the last time that the journal says.
    told: Option<EndpointFacts>,
    breach: Option<Breach>,
    /// Whether the last run came to its end.
    ended: bool,
    /// Whether another model answered.
    exchanged: bool,
    /// What was answered after the last clean row that was as at the start.
    pub later: Later,
}

/// An audit that is ready to send.
pub(super) struct Begun {
    pub past: Past,
    pub journal: Journal,
    pub client: Arc<Client>,
    pub told: Told,
    pub started: String,
    /// When the time is up.
    pub until: Option<Instant>,
}

impl Past {
    /// No run came before.
    pub fn new(core: Core) -> Self {
        Self {
            core,
            settled: false,
            version: None,
            sent: Counts::default(),
            health: Health::default(),
            resumed: Vec::new(),
            asked: None,
            told: None,
            breach: None,
            ended: false,
            exchanged: false,
            later: Later::default(),
        }
    }

    /// Folds the lines of a journal.
    fn fold(mut self, journal: &mut Reopened) -> Result<Self, JournalError> {
        let header = journal.header();
        let (mut tool, mut conduct) = (header.tool.clone(), header.conduct.clone());
        self.told.clone_from(&header.told);
        // A run counts at its beginning, when it has learned about the model, and at its end, if it has one.
        let (mut begins, mut killed) = (true, true);
        for line in journal.lines() {
            let line = line?;
            match &line {
                Line::Settled(settled) => self.take(settled),
                Line::Resumed(resumed) => {
                    if killed {
                        self.lose(&conduct);
                    }
                    tool.clone_from(&resumed.tool);
                    conduct.clone_from(&resumed.conduct);
                    if resumed.told.is_some() {
                        self.told.clone_from(&resumed.told);
                    }
                    self.resumed.push(resumed.resumed.clone());
                    (begins, killed) = (true, true);
                }
                Line::Counted(counted) => {
                    self.sent.clone_from(&counted.counted);
                    if let Some(health) = &counted.health {
                        self.health.clone_from(health);
                    }
                    if !counted.running {
                        killed = std::mem::take(&mut begins);
                    }
                }
            }
            self.later.take(&line, &self.core);
        }
        if killed {
            self.lose(&conduct);
        }
        self.ended = !killed;
        self.asked = Some((tool, conduct));
        self.core.reopen();
        Ok(self)
    }

    /// Counts what may have been under way when a run was killed, which its journal does not tell, so that no budget is
    /// exceeded: as many requests as a run sends without a word in its journal, twice, as it looks at that when a request
    /// ends and once a second, and full of rows.
    fn lose(&mut self, conduct: &Conduct) {
        let requests = conduct.most_untold().saturating_mul(2);
        self.sent.requests = self.sent.requests.saturating_add(requests);
        self.sent.predictions = self.sent.predictions.saturating_add(requests);
        self.sent.rows = self.sent.rows.saturating_add(requests.saturating_mul(conduct.batch as u64));
    }

    fn take(&mut self, settled: &Settled) {
        let again = u64::from(settled.attempts.saturating_sub(1));
        self.sent.requests += again + 1;
        self.sent.predictions += again + 1;
        self.sent.rows += (again + 1) * settled.records.len() as u64;
        self.sent.retries += again;
        self.sent.failures += again + u64::from(settled.unanswered.is_some());
        self.settled = true;
        if self.version.is_none() {
            self.version.clone_from(&settled.version);
        }
        self.exchanged |= settled.version.is_some() && settled.version != self.version;
        for record in &settled.records {
            let breach = self.core.commit(record).err();
            self.breach = self.breach.take().or(breach);
        }
        self.exchanged |= self.core.changed().is_some();
    }

    fn identity(&self) -> Option<Identity> {
        self.core.identity(self.later.queries())
    }

    /// Whether nothing is left to be asked. Draws that no clean row followed are followed by one yet, where the last run
    /// was killed before it.
    fn done(&self) -> bool {
        let confirmed = self.identity().is_none_or(|identity| identity.unconfirmed == 0);
        self.core.done() && (confirmed || self.ended || self.breach.is_some())
    }

    /// Whether nothing more is asked: nothing is left, or another model answers.
    fn over(&self) -> bool {
        self.exchanged || self.done()
    }
}

impl Audit {
    /// Goes on with the audit in a folder, which must have asked the same question; its conduct may be another.
    /// `plan.toml` is replaced by the text given. Where nothing is left to be asked, nothing is sent, and the
    /// reports are written again; the journal is told of it where the conduct is another.
    pub async fn resume(
        mut self,
        folder: &Path,
        plan_text: &str,
        watch: &mut dyn Watch,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Report, AuditError> {
        let mut reopened = Journal::reopen(folder.join(JOURNAL))?;
        let header = reopened.header().clone();
        self.id.clone_from(&header.id);
        self.same_question(folder, &header)?;
        let mut past = Past::new(self.core()).fold(&mut reopened)?;
        let told = |facts| Told { facts, realised: header.realised.clone(), doubts: Vec::new() };
        if let Some(facts) = past.told.clone().filter(|_| past.over()) {
            self.asks_otherwise(&mut past, reopened, folder, plan_text)?;
            let report = self.ended(&past, folder, told(facts), &header.started)?;
            report::write_all(&report, folder)?;
            return Ok(report);
        }
        report::check_writable(&folder.join("plan.toml"))?;
        let mut interrupt = std::pin::pin!(futures::FutureExt::fuse(interrupt));
        let client = self.client(past.sent.clone(), &past.health);
        let until = until(&self.conduct);
        let Told { facts, .. } = self.describe(&client, until, &mut interrupt).await?;
        same_model(header.told.as_ref(), &facts)?;
        let (mut journal, _) = reopened.go_on()?;
        report::write_whole(&folder.join("plan.toml"), plan_text)?;
        self.tell(&mut past, &mut journal, Some(facts.clone()))?;
        let told = told(facts);
        let begun = Begun { past, journal, client, told, started: header.started, until };
        Box::pin(self.go_on(begun, folder, watch, interrupt)).await
    }

    /// Tells the journal, and the past, of a run that begins now.
    fn tell(
        &self,
        past: &mut Past,
        journal: &mut Journal,
        told: Option<EndpointFacts>,
    ) -> Result<(), JournalError> {
        let (resumed, tool) = (now(), env!("CARGO_PKG_VERSION").to_owned());
        past.resumed.push(resumed.clone());
        let line = Line::Resumed(Box::new(Resumed { resumed, tool, conduct: self.conduct.clone(), told }));
        journal.append(&line)?;
        past.later.take(&line, &past.core);
        Ok(())
    }

    /// Tells the journal and the plan of an audit that needs nothing more how it is asked now, where that is otherwise
    /// than before: what a report states follows from them.
    fn asks_otherwise(
        &self,
        past: &mut Past,
        journal: Reopened,
        folder: &Path,
        plan_text: &str,
    ) -> Result<(), AuditError> {
        let now = (env!("CARGO_PKG_VERSION"), &self.conduct);
        if past.asked.as_ref().is_some_and(|(tool, conduct)| (tool.as_str(), conduct) == now) {
            return Ok(());
        }
        let (mut journal, _) = journal.go_on()?;
        report::write_whole(&folder.join("plan.toml"), plan_text)?;
        let told = past.told.clone();
        self.tell(past, &mut journal, told)?;
        // At the beginning of the run, and at its end.
        for _ in 0..2 {
            let (counted, health) = (past.sent.clone(), Some(past.health.clone()));
            journal.append(&Line::Counted(Counted { counted, running: false, health }))?;
        }
        Ok(journal.close()?)
    }

    /// Whether the audit in a folder asked the same question.
    ///
    /// # Errors
    /// When it did not, with everything that differs, or when its journal cannot be read.
    pub fn asks_as(&self, folder: &Path) -> Result<(), AuditError> {
        self.same_question(folder, Reader::open(folder.join(JOURNAL))?.header())
    }

    fn same_question(&self, folder: &Path, header: &Header) -> Result<(), AuditError> {
        if header.fingerprint == fingerprint(&self.plan.question) {
            return Ok(());
        }
        let differences = differences(&header.question, &self.plan.question);
        Err(AuditError::OtherQuestion { folder: folder.to_owned(), differences })
    }

    /// The report of an audit that needs nothing more, or of which no more can come: with another model there is
    /// nothing to go on with.
    fn ended(&self, past: &Past, folder: &Path, told: Told, started: &str) -> Result<Report, AuditError> {
        let when = (started.to_owned(), past.resumed.clone());
        if past.exchanged {
            let (core, cut, unknown, identity) = self.one_model(folder)?;
            let report = self.report(&core, cut.as_ref(), &past.sent, &past.health, told, when);
            return Ok(report.with_unknown(unknown).with_identity(identity));
        }
        let cut = past.breach.clone().map(Cut::Breach);
        let report = self.report(&past.core, cut.as_ref(), &past.sent, &past.health, told, when);
        Ok(report.with_identity(past.identity()))
    }

    /// What the journal holds of the model of the start, why the run was cut, how many answers do not count, and what
    /// is reported of the guards.
    pub(super) fn one_model(
        &self,
        folder: &Path,
    ) -> Result<(Core, Option<Cut>, u64, Option<Identity>), AuditError> {
        let (_, lines, _) = crate::journal::read(folder.join(JOURNAL))?;
        let OneModel { records, exchanged, unknown, later } = of_one_model(self.core(), lines);
        let (core, _, breach) = refold(self.core(), &records, true);
        let cut = exchanged.map(Cut::Changed).or(breach.map(Cut::Breach));
        let identity = core.identity(later.into_iter());
        Ok((core, cut, unknown, identity))
    }
}

/// Whether the endpoint still tells the version that it told.
fn same_model(before: Option<&EndpointFacts>, now: &EndpointFacts) -> Result<(), AuditError> {
    let version = |facts: &EndpointFacts| facts.version.clone().map(|version| format!("version {version}"));
    match before.and_then(version).zip(version(now)) {
        Some((before, now)) if before != now => Err(AuditError::OtherModel { before, now }),
        _ => Ok(()),
    }
}
