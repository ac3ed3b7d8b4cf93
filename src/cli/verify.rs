//! `noisebound verify`: a report recomputed from its journal, and two runs compared draw for draw.

pub mod comparison;
mod stated;

use std::path::{Path, PathBuf};

use clap::Args;

use self::stated::{Checked, Journalled, Stated};
use super::failed::{Failed, chain};
use super::print::out;
use crate::audit::plan::Plan;
use crate::audit::refold::{OneModel, Trace, of_one_model, refold};
use crate::audit::{Core, Cut, exit_code};
use crate::bound::engine::Standard;
use crate::client::Counts;
use crate::config::Question;
use crate::config::differences::differences;
use crate::journal::{self, Header, Tail};
use crate::loss::loss;
use crate::report;
use crate::results::{Identity, Report};

/// So many differences are listed.
const SHOWN: usize = 20;

/// What no file of the folder but the report holds.
const FINISHED: &str = "when the run ended (run.finished)";
const WHY_CUT: &str = "why the run was cut short (run.cut)";
/// What only the plan holds.
const PLACES: &str = "in plan.toml where the data and the credentials are, and what stands behind #";

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

/// What is said where an audit agrees.
const AGREES: &str =
    "report.json follows from journal.jsonl, curve.svg from report.json, and plan.toml asks the same";

/// Exit code 0 when everything agrees, 4 when not.
pub fn verify(args: &VerifyArgs) -> Result<u8, Failed> {
    for folder in std::iter::once(&args.folder).chain(&args.against) {
        comparison::refuse_part(folder)?;
    }
    if comparison::is_comparison(&args.folder) {
        if args.against.is_some() {
            return Err(Failed::usage("--against takes two audits, and no comparison"));
        }
        return tell(comparison::verify(&args.folder)?, comparison::AGREES);
    }
    let one = Folded::read(&args.folder)?;
    let mut checked = one.check();
    if let Some(against) = &args.against {
        let two = Folded::read(against)?;
        checked.add(two.check());
        let apart = same_question(&one.header.question, &two.header.question)?;
        checked.differs.extend(one.trace.differences(&two.trace));
        if checked.differs.is_empty() {
            checked.told.push_str(&equal(&one.trace, apart));
        }
    }
    tell(checked, AGREES)
}

/// Prints what agrees, what does not, and what was not looked at, and gives the exit code.
fn tell(checked: Checked, agrees: &str) -> Result<u8, Failed> {
    let Checked { mut told, differs, unchecked } = checked;
    if differs.is_empty() {
        let but = if unchecked.is_empty() { "" } else { ", but for what is not checked" };
        told.extend([format!("agrees: {agrees}{but}\n")]);
    }
    told.extend(differs.iter().take(SHOWN).map(|difference| format!("differs: {difference}\n")));
    if differs.len() > SHOWN {
        told.extend([format!("and {} more differences\n", differs.len() - SHOWN)]);
    }
    if !unchecked.is_empty() {
        told.extend([format!("not checked: {}\n", unchecked.join("; "))]);
    }
    out(&told).map_err(|error| Failed::with_code(1, format!("cannot print: {error}")))?;
    Ok(if differs.is_empty() { 0 } else { 4 })
}

/// What is said of the end of a journal that does not count.
fn torn(place: &str, tail: Tail) -> String {
    match tail.torn {
        0 => String::new(),
        bytes => format!(
            "{place}: the last {bytes} bytes of the journal were not wholly written, and do not count\n"
        ),
    }
}

/// A run folder, folded again.
struct Folded {
    folder: PathBuf,
    header: Header,
    report: Report,
    core: Core,
    trace: Trace,
    journalled: Journalled,
    tail: Tail,
    /// How many queries were answered by a model that is unknown.
    unknown: u64,
    /// What clean rows beside those that are charged showed of the model.
    identity: Option<Identity>,
    /// What cut the run by what the journal shows, in words.
    cut: Option<String>,
}

impl Folded {
    fn read(folder: &Path) -> Result<Self, Failed> {
        let (header, lines, tail) =
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
        let core = || Core::new(plan.clone(), journalled.conduct.queries, 0, &Standard);
        let OneModel { records, exchanged, unknown, later } = of_one_model(core(), lines);
        let (core, trace, breach) = refold(core(), &records, report.run.cut.is_some() || exchanged.is_some());
        let identity = core.identity(later.into_iter());
        let exchanged = exchanged.map(|exchanged| exchanged.to_string());
        let cut = exchanged.or(breach.map(|breach| breach.to_string()));
        let folder = folder.to_owned();
        Ok(Self { folder, header, report, core, trace, journalled, tail, unknown, identity, cut })
    }

    /// Everything that the report states against what the journal gives, and what is made from the report.
    fn check(&self) -> Checked {
        let Self { header, report, journalled, core, .. } = self;
        let mut checked = Checked { told: self.summary(), ..Checked::default() };
        let place = self.folder.display().to_string();
        let mut stated = Stated { place, report: "report.json", to: &mut checked };
        if report.question != header.question {
            stated.differs("report.json and journal.jsonl are of different questions");
        }
        stated.check_conduct(&report.conduct, &journalled.conduct);
        stated.check_endpoint(&report.endpoint, &header.question.endpoint, journalled.told.as_ref());
        stated.check_data(&report.data, &header.question.data, &journalled.fields);
        if report.realised != header.realised {
            stated.differs("report.json and journal.jsonl measure the noise differently");
        }
        if report::json::results_bytes(&core.results()) != report::json::results_bytes(&report.results) {
            stated.differs("the results in report.json are not those that the journal gives");
        }
        self.check_run(&mut stated);
        let files: Vec<_> =
            report::OUTPUTS.iter().map(|output| (output.file, (output.render)(report))).collect();
        stated.check_files(&self.folder, &report.run.tool, &files);
        stated.check_plan(&self.folder, &header.question, &journalled.conduct, &core.plan().claims);
        checked.leave(PLACES);
        checked
    }

    /// The same of what is told of the run itself.
    fn check_run(&self, stated: &mut Stated<'_>) {
        let Self { header, journalled, core, report: Report { run, .. }, .. } = self;
        stated.check("the version of noisebound", &run.tool, &journalled.tool);
        stated.check("an id of", &run.id, &header.id);
        stated.check("a start at", &run.started, &header.started);
        stated.check("resumptions at", &run.resumed, &journalled.resumed);
        stated.to.leave(FINISHED);
        stated.check("charged queries", &run.queries, &core.charged());
        let counts = Counts {
            requests: run.requests,
            predictions: run.predictions,
            rows: run.rows,
            retries: run.retries,
            failures: run.failures,
            kinds: run.failure_kinds.clone(),
        };
        stated.check_counts(&counts, run.cost, journalled);
        stated.check_health(run, journalled);
        stated.check("draws sent ahead", &run.surplus, &core.surplus());
        stated.check("answers that do not count", &run.model_unknown, &self.unknown);
        stated.check_identity(run.identity.as_ref(), self.identity.as_ref());
        match &self.cut {
            Some(cut) if run.cut.as_ref() != Some(cut) => {
                stated.differs(&format!("the journal holds what report.json does not tell: {cut}"));
            }
            None if run.cut.is_some() => stated.to.leave(WHY_CUT),
            _ => {}
        }
        let cut = run.cut.as_deref().map(Cut::exit_code_told);
        stated.check("an exit code of", &run.exit_code, &exit_code(core, cut));
    }

    fn summary(&self) -> String {
        let draws: u64 = self.trace.ends.values().sum();
        let place = self.folder.display().to_string();
        format!(
            "{place}: {} clean answers and {draws} draws in the journal, {} queries charged\n{}",
            self.trace.clean.len(),
            self.core.charged(),
            torn(&place, self.tail),
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
