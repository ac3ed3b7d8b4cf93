//! The folder of a comparison: every endpoint's journal, folded again through the same leader as in the run.

use std::path::{Path, PathBuf};

use super::super::failed::{Failed, chain};
use super::stated::{Checked, Journalled, Stated};
use super::{FINISHED, PLACES, WHY_CUT, torn};
use crate::audit::Cut;
use crate::audit::compare::{ComparisonPlan, Refolded, exit_code, listed, name, of_one_model_each, refold};
use crate::audit::plan::Plan;
use crate::bound::engine::Standard;
use crate::client::Counts;
use crate::comparison::{Comparison, EndpointRun};
use crate::config::question::{EndpointId, Question};
use crate::journal::{self, Header};
use crate::loss::loss;
use crate::report::comparison::{OUTPUTS, json};
use crate::results::Identity;

/// The report in the folder of a comparison.
const REPORT: &str = "compare.json";

/// What is said where a comparison agrees.
pub const AGREES: &str = "compare.json follows from the journals, trade-off.svg from compare.json, and each plan.toml \
                          asks the same";

/// Whether this is the folder of a comparison that ended.
pub fn is_comparison(folder: &Path) -> bool {
    folder.join(REPORT).exists()
}

/// Whether the plan in this folder is that of a comparison, whatever became of it.
fn is_planned(folder: &Path) -> bool {
    let plan = std::fs::read_to_string(folder.join("plan.toml")).ok();
    plan.and_then(|plan| plan.parse::<toml::Table>().ok()).is_some_and(|table| table.contains_key("compare"))
}

/// Refuses to go on with a comparison, whose plan is no audit file.
pub fn refuse_resuming(folder: &Path) -> Result<(), Failed> {
    if is_planned(folder) || is_comparison(folder) {
        return Err(Failed::usage(format!(
            "--resume {0}: a comparison cannot be gone on with, and {0} is that of one",
            folder.display()
        ))
        .hint("only an audit can be resumed: start the comparison anew in another --run-dir"));
    }
    Ok(())
}

/// Refuses the folder of one endpoint in a comparison, in which there is no whole audit.
pub fn refuse_part(folder: &Path) -> Result<(), Failed> {
    let above = folder.canonicalize().ok().and_then(|folder| Some(folder.parent()?.to_owned()));
    if above.is_some_and(|above| is_planned(&above)) && folder.join("journal.jsonl").exists() {
        return Err(Failed::usage(format!("{} is one endpoint's part of a comparison", folder.display()))
            .hint("`noisebound verify` takes the folder above; a comparison cannot be resumed"));
    }
    Ok(())
}

/// Holds the report against what the journals give, and the other files against both.
pub fn verify(folder: &Path) -> Result<Checked, Failed> {
    let report = json::read(&folder.join(REPORT)).map_err(|error| Failed::usage(chain(&error)))?;
    let place = folder.display().to_string();
    let mut checked = Checked::default();
    let (mut parts, mut lines) = (Vec::new(), Vec::new());
    for at in 0..report.endpoints.len() {
        let folder = folder.join(name(at).to_lowercase());
        let (header, of_one, tail) =
            journal::read(folder.join("journal.jsonl")).map_err(|error| Failed::usage(chain(&error)))?;
        let (name, journalled) = (name(at), Journalled::of(&header, &of_one));
        checked.told.push_str(&torn(&format!("{place}, {name}"), tail));
        parts.push(Part { name, folder, header, journalled });
        lines.push(of_one);
    }
    let plan = plan(&report, &parts)?;
    let budget = parts[0].journalled.conduct.queries;
    let models = of_one_model_each(&plan, lines, budget, &Standard);
    let exchanged = (0..).zip(&models).find_map(|(at, model)| Some((at, model.exchanged.clone()?)));
    let was_cut = report.run.cut.is_some() || exchanged.is_some();
    let folded = refold(&plan, &models, budget, was_cut, &Standard);
    let breach = folded.breach.as_ref().map(|(at, breach)| format!("{}: {breach}", name(*at)));
    let exchanged = exchanged.map(|(at, exchanged)| format!("{}: {exchanged}", name(at)));
    let counted = parts.iter().zip(folded.charged.iter().zip(&folded.drawn));
    checked.told.extend(counted.map(|(Part { name, .. }, (charged, drawn))| {
        format!("{place}, {name}: {drawn} draws in the journal, {charged} queries charged\n")
    }));
    let mut stated = Stated { place: place.clone(), report: REPORT, to: &mut checked };
    whole(&mut stated, &report, &parts, &folded, exchanged.or(breach).as_ref());
    let files: Vec<_> = OUTPUTS.iter().map(|output| (output.file, (output.render)(&report))).collect();
    stated.check_files(folder, &report.run.tool, &files);
    plan_of_all(&mut stated, folder, &plan, &parts);
    for (at, part) in parts.iter().enumerate() {
        let of = Of {
            charged: folded.charged[at],
            surplus: folded.surplus[at],
            unknown: models[at].unknown,
            identity: folded.identity[at],
        };
        let place = format!("{place}, {}", part.name);
        part.check(&mut Stated { place, report: REPORT, to: &mut checked }, &report, at, &of);
    }
    checked.leave(PLACES);
    Ok(checked)
}

/// One endpoint's part of the folder.
struct Part {
    name: String,
    folder: PathBuf,
    header: Header,
    journalled: Journalled,
}

/// What is about no single endpoint.
fn whole(
    stated: &mut Stated<'_>,
    report: &Comparison,
    parts: &[Part],
    folded: &Refolded,
    cut: Option<&String>,
) {
    let Comparison { run, .. } = report;
    for Part { name, header, journalled, .. } in parts {
        // That of the report names the reference.
        let of_reference = *name == parts[0].name;
        let endpoint = if of_reference { &report.question.endpoint } else { &header.question.endpoint };
        let endpoint = endpoint.clone();
        if header.question != (Question { endpoint, ..report.question.clone() }) {
            stated.differs(&format!("{REPORT} and the journal of {name} are of different questions"));
        }
        stated.check("the version of noisebound", &run.tool, &journalled.tool);
        stated.check("an id of", &run.id, &header.id);
        stated.check("a start at", &run.started, &header.started);
        stated.check_conduct(&report.conduct, &journalled.conduct);
        stated.check_data(&report.data, &header.question.data, &journalled.fields);
    }
    stated.check("so many endpoints asked:", &run.endpoints.len(), &parts.len());
    stated.to.leave(FINISHED);
    if json::results_bytes(&folded.results) != json::results_bytes(&report.results) {
        stated.differs(&format!("the results in {REPORT} are not those that the journals give"));
    }
    match cut {
        Some(cut) if run.cut.as_ref() != Some(cut) => {
            stated.differs(&format!("a journal holds what {REPORT} does not tell: {cut}"));
        }
        None if run.cut.is_some() => stated.to.leave(WHY_CUT),
        _ => {}
    }
    // The name of the endpoint stands before it, where it was one.
    let cut = run.cut.as_deref().map(|cut| match cut.split_once(": ") {
        Some((of, why)) if parts.iter().any(|part| part.name == of) => Cut::exit_code_told(why),
        _ => Cut::exit_code_told(cut),
    });
    stated.check("an exit code of", &run.exit_code, &exit_code(&folded.results, cut));
}

/// The plan beside the report, which is a text that follows from the journals.
fn plan_of_all(stated: &mut Stated<'_>, folder: &Path, plan: &ComparisonPlan, parts: &[Part]) {
    let ids: Vec<&EndpointId> = parts.iter().map(|part| &part.header.question.endpoint).collect();
    match std::fs::read_to_string(folder.join("plan.toml")) {
        Ok(text) if text == listed(&parts[0].header.question, &ids, plan.margin, &plan.claims) => {}
        Ok(_) => stated.differs("plan.toml lists other claims than follow from the question, or another one"),
        Err(error) => stated.differs(&format!("plan.toml cannot be read: {error}")),
    }
}

/// What a journal gives of one endpoint.
struct Of {
    charged: u64,
    surplus: u64,
    unknown: u64,
    identity: Option<Identity>,
}

impl Part {
    /// What the report states of this endpoint, whose place is given, and what its own plan says.
    fn check(&self, stated: &mut Stated<'_>, report: &Comparison, at: usize, of: &Of) {
        let Self { name, folder, header, journalled } = self;
        let (endpoint, asked) = (&report.endpoints[at], &header.question.endpoint);
        stated.check("the name", &endpoint.name, name);
        stated.check_endpoint(&endpoint.told, asked, journalled.told.as_ref());
        if endpoint.realised != header.realised {
            stated.differs(&format!("{REPORT} and the journal of {name} measure the noise differently"));
        }
        match report.run.endpoints.get(at) {
            Some(run) => sent(stated, name, run, of, journalled),
            None => stated.differs(&format!("{REPORT} does not say what was sent")),
        }
        stated.check_plan(folder, &header.question, &journalled.conduct, &[]);
    }
}

/// What the report states of what one endpoint was sent, against its journal.
fn sent(stated: &mut Stated<'_>, name: &str, run: &EndpointRun, of: &Of, journalled: &Journalled) {
    let counts = Counts {
        requests: run.requests,
        predictions: run.predictions,
        rows: run.rows,
        retries: run.retries,
        failures: run.failures,
        kinds: run.failure_kinds.clone(),
    };
    stated.check("what was sent to", &run.endpoint.as_str(), &name);
    stated.check("charged queries", &run.queries, &of.charged);
    stated.check("draws sent ahead", &run.surplus, &of.surplus);
    stated.check("answers that do not count", &run.model_unknown, &of.unknown);
    stated.check_identity(run.identity.as_ref(), of.identity.as_ref());
    stated.check_counts(&counts, run.cost, journalled);
}

/// The plan that follows from what the report says was asked, and from the endpoints in the journals.
fn plan(report: &Comparison, parts: &[Part]) -> Result<ComparisonPlan, Failed> {
    let question = report.question.clone();
    let spec = &question.loss;
    let loss = loss(&spec.name, spec.range, spec.threshold).map_err(|error| Failed::usage(chain(&error)))?;
    let ids: Vec<EndpointId> = parts.iter().map(|part| part.header.question.endpoint.clone()).collect();
    if ids.len() < 2 {
        return Err(Failed::usage(format!("{REPORT}: expected two endpoints or more, found {}", ids.len())));
    }
    let audit = Plan::new(question, loss.range(), loss.needs(), &Standard);
    Ok(ComparisonPlan::new(&audit, &ids, report.margin, &Standard))
}
