//! A comparison against live endpoints: one loop that feeds every fold, and the leader whenever one has got on.
//!
//! Each endpoint has a client, a rate, and a journal of its own. What ends the run for one ends it for all.

use std::path::Path;
use std::sync::Arc;
use std::task::Poll;

use futures::StreamExt;
use noisebound_adapters::{Description, Endpoint};
use tokio::time::Instant;

use super::super::columns::OfTable;
use super::super::core::{Breach, Core};
use super::super::folder::RunFolder;
use super::super::later::Later;
use super::super::prepare::{Audit, AuditError, Silent, Watch, facts, now};
use super::super::run::{Cut, Ended, InFlight, Live, deadline, until};
use super::forecast::Forecast;
use super::leader::Leader;
use super::listed::listed;
use super::outcome::{answered, compared, fails};
use super::plan::{ComparisonPlan, name};
use super::refold::{of_one_model_each, refold};
use crate::client::{Client, Counts, Health, Stop};
use crate::comparison::{Compared, ComparedEndpoint, Comparison, ComparisonRun, EndpointRun};
use crate::config::Conduct;
use crate::config::question::{EndpointId, Question};
use crate::data::Dataset;
use crate::journal::{Counted, Header, Journal, JournalError, Line};
use crate::report::comparison;
use crate::results::{EndpointFacts, Identity, RealisedNoise};

/// A comparison that is ready to run.
pub struct Compare {
    audit: Audit,
    endpoints: Vec<Arc<dyn Endpoint>>,
    plan: ComparisonPlan,
}

impl Compare {
    /// A comparison of these endpoints, two or more, the first of which is the reference. The question asks for a
    /// precision, about a loss in a range, and for nothing but limits of the risk; its endpoint does not matter.
    pub fn new(
        question: Question,
        conduct: Conduct,
        dataset: Dataset,
        endpoints: Vec<(EndpointId, Arc<dyn Endpoint>)>,
        margin: Option<f64>,
    ) -> Result<Self, AuditError> {
        let (ids, endpoints): (Vec<_>, Vec<_>) = endpoints.into_iter().unzip();
        let question = Question { endpoint: ids[0].clone(), ..question };
        let endpoints: Vec<_> =
            endpoints.into_iter().map(|endpoint| OfTable::around(endpoint, &dataset)).collect();
        let audit = Audit::new(question, conduct, dataset, Arc::clone(&endpoints[0]))?;
        let plan = ComparisonPlan::new(&audit.plan, &ids, margin, audit.engines.as_ref());
        Ok(Self { audit, endpoints, plan })
    }

    /// The same, with this id in the journals and the report.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.audit = self.audit.with_id(id);
        self
    }

    /// What is planned: the claims with their shares, the levels.
    pub fn plan(&self) -> &ComparisonPlan {
        &self.plan
    }

    /// Runs the comparison and writes its folder: `plan.toml`, then for each endpoint a folder with the plan whose
    /// text is given and a journal, and at the end the reports. `interrupt` ends it early, with a valid report. The
    /// folder is made before anything is sent, and removed again where an endpoint then cannot be asked.
    pub async fn run(
        self,
        folder: &Path,
        texts: &[String],
        watch: &mut dyn Watch,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Comparison, AuditError> {
        let started = now();
        let made = self.folder(folder, texts)?;
        // What may be spent is for all together: each endpoint has its part of it.
        let mut limits = self.audit.limits();
        limits.max_rows = limits.max_rows.map(|rows| rows / self.endpoints.len() as u64);
        let seed = self.audit.plan.question.seed;
        let clients: Vec<Arc<Client>> = self
            .endpoints
            .iter()
            .map(|endpoint| Arc::new(Client::new(Arc::clone(endpoint), limits, seed)))
            .collect();
        let mut interrupt = std::pin::pin!(futures::FutureExt::fuse(interrupt));
        let until = until(&self.audit.conduct);
        let told = Box::pin(self.told(&clients, until, &mut interrupt, watch)).await?;
        made.keep();
        let journals = self.journals(folder, &started, &told)?;
        let mut silent = vec![Silent; clients.len()];
        let parts = clients.iter().zip(&self.endpoints).zip(journals).zip(&mut silent);
        let lives = parts.zip(&self.plan.endpoints).map(|((((client, endpoint), journal), silent), plan)| {
            let conduct = &self.audit.conduct;
            let core = Core::new(plan.clone(), conduct.queries, conduct.ahead, self.audit.engines.as_ref());
            self.live(core.led(), (client, endpoint.as_ref()), journal, silent)
        });
        let mut together = Together {
            leader: Leader::new(&self.plan, self.audit.engines.as_ref()),
            lives: lives.collect(),
            compare: &self,
            watch,
            foretold: false,
            until,
        };
        let mut cut = Box::pin(together.run(interrupt)).await?;
        if let Some((place, Cut::Journal(why))) = cut {
            // What was answered may not be in it, so that no verdict is shown.
            let error = AuditError::Unwritten(why);
            return Err(match place {
                Some(place) => error.of(name(place)),
                None => error,
            });
        }
        if together.leader.done() {
            cut = cut.filter(|(_, cut)| !cut.is_moot());
        }
        if let Err((place, breach)) = together.finish()
            && cut.as_ref().is_none_or(|(_, cut)| !matches!(cut, Cut::Breach(_)))
        {
            cut = Some((Some(place), Cut::Breach(breach)));
        }
        let Together { leader, lives, .. } = together;
        let (mut cores, mut counts) = (Vec::new(), Vec::new());
        for mut live in lives {
            let (counted, health) = (live.client.counts(), Some(live.client.health()));
            live.journal.append(&Line::Counted(Counted { counted, running: false, health }))?;
            live.journal.close()?;
            counts.push(Charged {
                queries: live.core.charged(),
                surplus: live.core.surplus(),
                unknown: 0,
                identity: live.core.identity(live.later.queries()),
            });
            cores.push(live.core);
        }
        let cores: Vec<&Core> = cores.iter().collect();
        let mut found = compared(&self.plan, &leader, &cores);
        if matches!(cut, Some((_, Cut::Changed(_)))) {
            (found, counts) = self.of_one_model(folder)?;
        }
        let run = ComparisonRun {
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            id: self.audit.id.clone(),
            started,
            finished: now(),
            endpoints: counts
                .iter()
                .zip(&clients)
                .enumerate()
                .map(|(i, (charged, c))| counted(i, charged, c, self.audit.conduct.cost_per_query))
                .collect(),
            cut: cut.as_ref().map(|(place, cut)| match place {
                Some(place) => format!("{}: {cut}", name(*place)),
                None => cut.to_string(),
            }),
            exit_code: exit_code(&found, cut.as_ref().map(|(_, cut)| cut.exit_code())),
        };
        let report = self.report(found, told, run);
        comparison::write_all(&report, folder)?;
        Ok(report)
    }

    /// What the endpoints tell about themselves, and whether the data fit them.
    async fn told(
        &self,
        clients: &[Arc<Client>],
        until: Option<Instant>,
        interrupt: &mut (impl Future<Output = ()> + Unpin),
        watch: &mut dyn Watch,
    ) -> Result<Vec<Told>, AuditError> {
        let descriptions = tokio::select! {
            described = describe(clients) => described?,
            () = interrupt => return Err(Stop::Interrupted.into()),
            () = deadline(until) => return Err(AuditError::Time),
        };
        for (place, description) in descriptions.iter().enumerate() {
            self.audit.fits(description).map_err(|misfit| AuditError::from(misfit).of(name(place)))?;
        }
        let each = self.endpoints.iter().zip(self.ids()).zip(&descriptions);
        let realised: Vec<Vec<RealisedNoise>> = each
            .map(|((endpoint, asked), told)| self.audit.realised(endpoint.as_ref(), asked, told))
            .collect();
        for (place, found) in realised.iter().enumerate() {
            watch.realised(Some(&name(place)), found);
        }
        for (place, description) in descriptions.iter().enumerate() {
            for doubt in self.audit.doubts(description) {
                watch.odd(&format!("{}: {doubt}", name(place)));
            }
        }
        let told = self
            .ids()
            .into_iter()
            .zip(descriptions)
            .zip(realised)
            .map(|((asked, description), realised)| (facts(asked, description), realised))
            .collect();
        Ok(told)
    }

    fn live<'a>(
        &'a self,
        core: Core,
        (client, endpoint): (&Arc<Client>, &'a dyn Endpoint),
        journal: Journal,
        watch: &'a mut Silent,
    ) -> Live<'a> {
        Live {
            core,
            client: Arc::clone(client),
            making: self.audit.making_for(endpoint),
            journal,
            conduct: &self.audit.conduct,
            engines: self.audit.engines.as_ref(),
            watch,
            held: None,
            settled: false,
            // A forecast of one endpoint's audit says nothing about the comparison.
            foretold: true,
            version: None,
            // The time is watched for all together.
            until: None,
            told_of: 0,
            later: Later::default(),
            health: Health::default(),
        }
    }

    /// Makes the run folder with the plan, and in it one with its plan for each endpoint.
    fn folder(&self, folder: &Path, texts: &[String]) -> Result<RunFolder, AuditError> {
        let mut made = RunFolder::make(folder)?;
        let plan = listed(&self.audit.plan.question, &self.ids(), self.plan.margin, &self.plan.claims);
        made.write("plan.toml", &plan)?;
        for place in 0..self.plan.endpoints.len() {
            let part = name(place).to_lowercase();
            made.part(&part)?;
            made.write(&format!("{part}/plan.toml"), texts.get(place).map_or("", String::as_str))?;
        }
        Ok(made)
    }

    /// An empty journal in the folder of each endpoint.
    fn journals(&self, folder: &Path, started: &str, told: &[Told]) -> Result<Vec<Journal>, AuditError> {
        let mut journals = Vec::new();
        for (place, plan) in self.plan.endpoints.iter().enumerate() {
            let part = folder.join(name(place).to_lowercase());
            let mut header = Header::new(plan.question.clone(), self.audit.conduct.clone(), started);
            header.id.clone_from(&self.audit.id);
            if let Some((facts, realised)) = told.get(place) {
                header.told = Some(facts.clone());
                header.realised.clone_from(realised);
            }
            header.fields = self.audit.data_facts().fields;
            journals.push(Journal::create(part.join("journal.jsonl"), &header)?);
        }
        Ok(journals)
    }

    /// What the journals hold of the models of the start, where one was exchanged.
    fn of_one_model(&self, folder: &Path) -> Result<(Compared, Vec<Charged>), AuditError> {
        let journal = |place: usize| {
            let path = folder.join(name(place).to_lowercase()).join("journal.jsonl");
            Ok(crate::journal::read(path)?.1)
        };
        let journals = (0..self.endpoints.len()).map(journal).collect::<Result<Vec<_>, JournalError>>()?;
        let (budget, engines) = (self.audit.conduct.queries, self.audit.engines.as_ref());
        let parts = of_one_model_each(&self.plan, journals, budget, engines);
        let folded = refold(&self.plan, &parts, budget, true, engines);
        let charged = folded.charged.into_iter().zip(folded.surplus);
        let counts =
            charged.zip(folded.identity).zip(&parts).map(|(((queries, surplus), identity), part)| Charged {
                queries,
                surplus,
                unknown: part.unknown,
                identity,
            });
        Ok((folded.results, counts.collect()))
    }

    fn ids(&self) -> Vec<&EndpointId> {
        self.plan.endpoints.iter().map(|plan| &plan.question.endpoint).collect()
    }

    fn report(&self, results: Compared, told: Vec<Told>, run: ComparisonRun) -> Comparison {
        Comparison {
            format: Comparison::FORMAT.to_owned(),
            question: self.plan.endpoints[0].question.clone(),
            margin: self.plan.margin,
            conduct: self.audit.conduct.clone(),
            endpoints: told
                .into_iter()
                .enumerate()
                .map(|(place, (told, realised))| ComparedEndpoint { name: name(place), told, realised })
                .collect(),
            data: self.audit.data_facts(),
            results,
            run,
        }
    }
}

/// What an endpoint told about itself, and what its model receives of the noise.
type Told = (EndpointFacts, Vec<RealisedNoise>);

/// Asks every endpoint about itself.
async fn describe(clients: &[Arc<Client>]) -> Result<Vec<Description>, AuditError> {
    let all = clients.iter().enumerate().map(|(place, client)| async move {
        client.describe().await.map_err(|stop| AuditError::from(stop).of(name(place)))
    });
    futures::future::try_join_all(all).await
}

/// A comparison under way.
struct Together<'a> {
    leader: Leader,
    lives: Vec<Live<'a>>,
    compare: &'a Compare,
    watch: &'a mut dyn Watch,
    foretold: bool,
    /// When the time is up.
    until: Option<Instant>,
}

impl Together<'_> {
    /// Runs until the leader is done or something cuts the run; which endpoint cut it, where it was one. Requests
    /// in flight are waited for.
    async fn run(
        &mut self,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Option<(Option<usize>, Cut)>, JournalError> {
        let mut cut: Option<(Option<usize>, Cut)> = None;
        let mut in_flight: Vec<InFlight> = self.lives.iter().map(|_| InFlight::new()).collect();
        let mut first = 0;
        let mut interrupt = std::pin::pin!(futures::FutureExt::fuse(interrupt));
        let mut deadline = std::pin::pin!(futures::FutureExt::fuse(deadline(self.until)));
        loop {
            if let Err((place, breach)) = self.step() {
                self.stop();
                cut.get_or_insert((Some(place), Cut::Breach(breach)));
            }
            if cut.is_none() {
                self.lives.iter_mut().zip(&mut in_flight).for_each(|(live, requests)| live.fill(requests));
                // What was filled in is sent when it is polled, below.
                self.foretell();
            }
            if in_flight.iter().all(InFlight::is_empty) {
                break;
            }
            let ended = tokio::select! {
                biased;
                () = &mut interrupt => Some((None, Cut::Interrupted)),
                () = &mut deadline => Some((None, Cut::Time)),
                Some((place, ended)) = next(&mut in_flight, first) => {
                    first = place + 1;
                    let settled = self.lives[place].settle(ended, &mut in_flight[place]);
                    settled.err().map(|cut| (Some(place), cut))
                }
            };
            if let Some((place, ended)) = ended {
                self.stop();
                cut = Some(match cut {
                    None => (place, ended),
                    Some((first, earlier)) => {
                        let same = earlier.clone();
                        let cut = ended.after(Some(earlier));
                        (if cut == same { first } else { place }, cut)
                    }
                });
            }
            self.tell();
        }
        if !matches!(cut, Some((_, Cut::Journal(_)))) {
            self.lives.iter_mut().try_for_each(|live| live.journal.sync())?;
        }
        Ok(cut)
    }

    fn step(&mut self) -> Result<(), (usize, Breach)> {
        let mut cores: Vec<&mut Core> = self.lives.iter_mut().map(|live| &mut live.core).collect();
        self.leader.step(&mut cores)
    }

    /// Ends every fold that has not ended.
    fn finish(&mut self) -> Result<(), (usize, Breach)> {
        let mut cores: Vec<&mut Core> = self.lives.iter_mut().map(|live| &mut live.core).collect();
        if self.leader.done() { Ok(()) } else { self.leader.cut(&mut cores) }
    }

    /// Sends nothing more, to any endpoint.
    fn stop(&self) {
        self.lives.iter().for_each(|live| live.client.stop());
    }

    /// One line before the first noisy query.
    fn foretell(&mut self) {
        let noisy = self.lives.iter().find(|live| live.core.noisy());
        if let Some(live) = noisy.filter(|_| !self.foretold) {
            let Compare { audit, plan, .. } = self.compare;
            let forecast = Forecast::new(plan, &live.core, &audit.conduct, audit.engines.as_ref());
            self.watch.forecast_of_all(&forecast);
            self.foretold = true;
        }
    }

    /// Tells how far the reference is, and what was sent to all.
    fn tell(&mut self) {
        let mut sum = Counts::default();
        for live in &self.lives {
            let counts = live.client.counts();
            sum.requests += counts.requests;
            sum.failures += counts.failures;
        }
        self.watch.progress(&self.lives[0].core, &sum);
    }
}

/// The next request that has ended, and whose it was; `None` where none is under way. The endpoints are looked at
/// in a circle from `first` on, so that a fast one does not keep the others waiting.
async fn next(in_flight: &mut [InFlight], first: usize) -> Option<(usize, Ended)> {
    let places = in_flight.len();
    std::future::poll_fn(|context| {
        let mut open = false;
        for place in (first..first + places).map(|place| place % places) {
            match in_flight[place].poll_next_unpin(context) {
                Poll::Ready(Some(ended)) => return Poll::Ready(Some((place, ended))),
                Poll::Ready(None) => {}
                Poll::Pending => open = true,
            }
        }
        if open { Poll::Pending } else { Poll::Ready(None) }
    })
    .await
}

/// What is charged to an endpoint, and what is not.
struct Charged {
    queries: u64,
    surplus: u64,
    unknown: u64,
    identity: Option<Identity>,
}

fn counted(place: usize, charged: &Charged, client: &Client, each: Option<f64>) -> EndpointRun {
    let counts = client.counts();
    EndpointRun {
        endpoint: name(place),
        queries: charged.queries,
        requests: counts.requests,
        predictions: counts.predictions,
        rows: counts.rows,
        retries: counts.retries,
        failures: counts.failures,
        failure_kinds: counts.kinds,
        surplus: charged.surplus,
        model_unknown: charged.unknown,
        identity: charged.identity,
        cost: each.map(|each| each * counts.rows as f64),
    }
}

/// The first that applies, as for an audit; a margin is a gate.
pub fn exit_code(found: &Compared, cut: Option<u8>) -> u8 {
    match cut {
        Some(code @ (1 | 4)) => code,
        _ if fails(found) => 99,
        Some(code) => code,
        None if !answered(found) => 98,
        None => 0,
    }
}
