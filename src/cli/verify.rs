//! `noisebound verify`: a report recomputed from its journal, and two runs compared draw for draw.

pub mod comparison;
mod stated;

use std::path::{Path, PathBuf};

use clap::Args;

use self::stated::{Journalled, Stated, lists};
use super::failed::{Failed, chain};
use super::print::out;
use crate::audit::plan::Plan;
use crate::audit::refold::{OneModel, Trace, of_one_model, refold};
use crate::audit::{Core, Cut, exit_code};
use crate::bound::engine::Standard;
use crate::client::Counts;
use crate::config::Question;
use crate::config::differences::differences;
use crate::journal::{self, Header};
use crate::loss::loss;
use crate::report;
use crate::results::{Identity, Report};

/// So many differences are listed.
const SHOWN: usize = 20;

/// Flags of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A run folder, of an audit or of a comparison
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Another run folder of the same question, possibly of another endpoint
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
}

/// Exit code 0 when everything agrees, 4 when not.
pub fn verify(args: &VerifyArgs) -> Result<u8, Failed> {
    for folder in std::iter::once(&args.folder).chain(&args.against) {
        comparison::refuse_part(folder)?;
    }
    if comparison::is_comparison(&args.folder) {
        if args.against.is_some() {
            return Err(Failed::usage("--against takes two audits, and no comparison"));
        }
        let (told, differences) = comparison::verify(&args.folder)?;
        return tell(told, &differences);
    }
    let one = Folded::read(&args.folder)?;
    let mut differences = one.differences();
    let mut told = one.summary();
    if let Some(against) = &args.against {
        let two = Folded::read(against)?;
        told.push_str(&two.summary());
        differences.extend(two.differences());
        let apart = same_question(&one.header.question, &two.header.question)?;
        differences.extend(one.trace.differences(&two.trace));
        if differences.is_empty() {
            told.push_str(&equal(&one.trace, apart));
        }
    }
    tell(told, &differences)
}

/// Prints what agrees and what does not, and gives the exit code.
fn tell(mut told: String, differences: &[String]) -> Result<u8, Failed> {
    if differences.is_empty() {
        told.push_str("agrees: every number of the report follows from what the journal holds\n");
    }
    told.extend(differences.iter().take(SHOWN).map(|difference| format!("differs: {difference}\n")));
    if differences.len() > SHOWN {
        told.extend([format!("and {} more differences\n", differences.len() - SHOWN)]);
    }
    out(&told).map_err(|error| Failed::with_code(1, format!("cannot print: {error}")))?;
    Ok(if differences.is_empty() { 0 } else { 4 })
}

/// A run folder, folded again.
struct Folded {
    folder: PathBuf,
    header: Header,
    report: Report,
    core: Core,
    trace: Trace,
    journalled: Journalled,
    /// How many queries were answered by a model that is unknown.
    unknown: u64,
    /// What clean rows beside those that are charged showed of the model.
    identity: Option<Identity>,
    /// What cut the run by what the journal shows, in words.
    cut: Option<String>,
}

impl Folded {
    fn read(folder: &Path) -> Result<Self, Failed> {
        let (header, lines, _) =
            journal::read(folder.join("journal.jsonl")).map_err(|error| Failed::usage(chain(&error)))?;
        let journalled = Journalled::of(&header, &lines);
        let report = report::json::read(&folder.join("report.json")).map_err(|error| {
            let failed = Failed::usage(chain(&error));
            let go_on =
                format!("`noisebound audit --resume {}` finishes the run and writes it", folder.display());
            if error.is_missing() { failed.hint(go_on) } else { failed }
        })?;
        let question = header.question.clone();
        let spec = &question.loss;
        let loss =
            loss(&spec.name, spec.range, spec.threshold).map_err(|error| Failed::usage(chain(&error)))?;
        let plan = Plan::new(question, loss.range(), loss.needs(), &Standard).sliced(header.slices.clone());
        let core = || Core::new(plan.clone(), report.conduct.queries, 0, &Standard);
        let OneModel { records, exchanged, unknown, later } = of_one_model(core(), lines);
        let (core, trace, breach) = refold(core(), &records, report.run.cut.is_some() || exchanged.is_some());
        let identity = core.identity(later.into_iter());
        let exchanged = exchanged.map(|exchanged| exchanged.to_string());
        let cut = exchanged.or(breach.map(|breach| breach.to_string()));
        let folder = folder.to_owned();
        Ok(Self { folder, header, report, core, trace, journalled, unknown, identity, cut })
    }

    /// Every published number against the one that the journal gives.
    fn differences(&self) -> Vec<String> {
        let place = self.folder.display();
        let mut found = Vec::new();
        if self.report.question != self.header.question {
            found.push(format!("{place}: report.json and journal.jsonl are of different questions"));
        }
        if let Some(cut) = self.cut.as_ref().filter(|cut| self.report.run.cut.as_ref() != Some(cut)) {
            found.push(format!("{place}: the journal holds what report.json does not tell: {cut}"));
        }
        if self.report.realised != self.header.realised {
            found.push(format!("{place}: report.json and journal.jsonl measure the noise differently"));
        }
        let results = self.core.results();
        if report::json::results_bytes(&results) != report::json::results_bytes(&self.report.results) {
            found.push(format!("{place}: the results in report.json are not those that the journal gives"));
        }
        found.extend(self.run());
        found
    }

    /// The same of what is told of the run itself.
    fn run(&self) -> Vec<String> {
        let Self { header, journalled, core, report: Report { conduct, run, .. }, .. } = self;
        let place = self.folder.display().to_string();
        let mut stated = Stated { place, report: "report.json", found: Vec::new() };
        let counts = Counts {
            requests: run.requests,
            predictions: run.predictions,
            rows: run.rows,
            retries: run.retries,
            failures: run.failures,
            kinds: run.failure_kinds.clone(),
        };
        stated.check("charged queries", &run.queries, &core.charged());
        stated.check("draws sent ahead", &run.surplus, &core.surplus());
        stated.check("answers that do not count", &run.model_unknown, &self.unknown);
        stated.check("of the model's identity", &run.identity, &self.identity);
        stated.check_counts(&counts, journalled, (run.cost, conduct.cost_per_query));
        stated.check_health(run, journalled);
        stated.check("an id of", &run.id, &header.id);
        stated.check("a start at", &run.started, &header.started);
        stated.check("resumptions at", &run.resumed, &journalled.resumed);
        // Where nothing was left to be asked, the report may have been written again under another conduct.
        if run.cut.is_some() && self.cut.is_none() {
            stated.check_conduct(conduct, &journalled.conduct);
        }
        let cut = run.cut.as_deref().map(Cut::exit_code_told);
        stated.check("an exit code of", &run.exit_code, &exit_code(core, cut));
        let plan = std::fs::read_to_string(self.folder.join("plan.toml"));
        stated.check_plan(plan, |plan| lists(plan, &core.plan().claims));
        stated.found
    }

    fn summary(&self) -> String {
        let draws: u64 = self.trace.ends.values().sum();
        format!(
            "{}: {} clean answers and {draws} draws in the journal, {} queries charged\n",
            self.folder.display(),
            self.trace.clean.len(),
            self.core.charged(),
        )
    }
}

/// Two runs can be compared when they ask the same of possibly different endpoints.
fn same_question(one: &Question, two: &Question) -> Result<bool, Failed> {
    let apart = one.endpoint != two.endpoint;
    let two = Question { endpoint: one.endpoint.clone(), ..two.clone() };
    let differ = differences(one, &two);
    if differ.is_empty() {
        return Ok(apart);
    }
    Err(Failed::usage(format!("the two runs ask different questions: {}", differ.join("; "))))
}

fn equal(trace: &Trace, apart: bool) -> String {
    let levels: Vec<String> =
        trace.ends.iter().map(|(level, draws)| format!("level {level}: {draws} draws")).collect();
    let whose = if apart { "two endpoints" } else { "two runs" };
    format!(
        "equal draw for draw: the {whose} agree on {} clean answers and on {}\n",
        trace.clean.len(),
        levels.join(", ")
    )
}
