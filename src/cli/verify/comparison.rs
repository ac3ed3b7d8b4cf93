//! The folder of a comparison: every endpoint's journal, folded again through the same leader as in the run.

use std::path::Path;

use super::super::failed::{Failed, chain};
use super::stated::{Journalled, Stated};
use crate::audit::Cut;
use crate::audit::compare::{ComparisonPlan, Refolded, exit_code, listed, name, of_one_model_each, refold};
use crate::audit::plan::Plan;
use crate::bound::engine::Standard;
use crate::client::Counts;
use crate::comparison::{Comparison, EndpointRun};
use crate::config::question::{EndpointId, Question};
use crate::journal;
use crate::loss::loss;
use crate::report::comparison::json;
use crate::results::Identity;

/// The report in the folder of a comparison.
const REPORT: &str = "compare.json";

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

/// What differs between the report and what the journals give, in words, and what there is to say beforehand.
pub fn verify(folder: &Path) -> Result<(String, Vec<String>), Failed> {
    let report = json::read(&folder.join(REPORT)).map_err(|error| Failed::usage(chain(&error)))?;
    let parts: Vec<String> = (0..report.endpoints.len()).map(name).collect();
    let journals = parts.iter().map(|part| {
        let file = folder.join(part.to_lowercase()).join("journal.jsonl");
        journal::read(file).map_err(|error| Failed::usage(chain(&error)))
    });
    let (mut questions, mut headers, mut lines, mut told_of) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for journal in journals {
        let (header, of_one, _) = journal?;
        told_of.push(Journalled::of(&header, &of_one));
        questions.push(header.question.clone());
        headers.push(header);
        lines.push(of_one);
    }
    let plan = plan(&report, &questions)?;
    let models = of_one_model_each(&plan, lines, report.conduct.queries, &Standard);
    let exchanged = (0..).zip(&models).find_map(|(at, model)| Some((at, model.exchanged.clone()?)));
    let cut = report.run.cut.is_some() || exchanged.is_some();
    let folded = refold(&plan, &models, report.conduct.queries, cut, &Standard);
    let breach = folded.breach.as_ref().map(|(at, breach)| format!("{}: {breach}", name(*at)));
    let exchanged = exchanged.map(|(at, exchanged)| format!("{}: {exchanged}", name(at)));
    let counted = parts.iter().zip(folded.charged.iter().zip(&folded.drawn));
    let place = folder.display();
    let told = counted.map(|(part, (charged, drawn))| {
        format!("{place}, {part}: {drawn} draws in the journal, {charged} queries charged\n")
    });
    let told = told.collect();
    let cut = exchanged.or(breach);
    let mut found = differences(folder, &report, &questions, &folded, cut);
    let apart = report.endpoints.iter().zip(&headers).filter(|(of, header)| of.realised != header.realised);
    found.extend(apart.map(|(of, _)| {
        format!("{place}: {REPORT} and the journal of {} measure the noise differently", of.name)
    }));
    let stated = || Stated { place: place.to_string(), report: REPORT, found: Vec::new() };
    for (at, run) in report.run.endpoints.iter().enumerate() {
        let of = Of {
            charged: folded.charged[at],
            surplus: folded.surplus[at],
            unknown: models[at].unknown,
            identity: folded.identity[at],
        };
        let place = format!("{place}, {}", run.endpoint);
        found.extend(sent(
            Stated { place, ..stated() },
            run,
            &of,
            &told_of[at],
            report.conduct.cost_per_query,
        ));
    }
    let mut whole = stated();
    for (header, journalled) in headers.iter().zip(&told_of) {
        whole.check("an id of", &report.run.id, &header.id);
        whole.check("a start at", &report.run.started, &header.started);
        whole.check_conduct(&report.conduct, &journalled.conduct);
    }
    // The name of the endpoint stands before it, where it was one.
    let why = |cut: &str| cut.split_once(": ").map(|(of, why)| (of.to_owned(), why.to_owned()));
    let cut = report.run.cut.as_deref().map(|cut| match why(cut) {
        Some((of, why)) if parts.contains(&of) => Cut::exit_code_told(&why),
        _ => Cut::exit_code_told(cut),
    });
    whole.check("an exit code of", &report.run.exit_code, &exit_code(&folded.results, cut));
    let ids: Vec<&EndpointId> = questions.iter().map(|question| &question.endpoint).collect();
    let lists = listed(&questions[0], &ids, plan.margin, &plan.claims);
    whole.check_plan(std::fs::read_to_string(folder.join("plan.toml")), |plan| plan == lists);
    found.extend(whole.found);
    Ok((told, found))
}

/// What a journal gives of one endpoint.
struct Of {
    charged: u64,
    surplus: u64,
    unknown: u64,
    identity: Option<Identity>,
}

/// What the report states of what one endpoint was sent, against its journal.
fn sent(
    mut stated: Stated<'_>,
    run: &EndpointRun,
    of: &Of,
    journalled: &Journalled,
    each: Option<f64>,
) -> Vec<String> {
    let counts = Counts {
        requests: run.requests,
        predictions: run.predictions,
        rows: run.rows,
        retries: run.retries,
        failures: run.failures,
        kinds: run.failure_kinds.clone(),
    };
    stated.check("charged queries", &run.queries, &of.charged);
    stated.check("draws sent ahead", &run.surplus, &of.surplus);
    stated.check("answers that do not count", &run.model_unknown, &of.unknown);
    stated.check("of the model's identity", &run.identity, &of.identity);
    stated.check_counts(&counts, journalled, (run.cost, each));
    stated.found
}

/// The plan that follows from what the report says was asked, and from the endpoints in the journals.
fn plan(report: &Comparison, questions: &[Question]) -> Result<ComparisonPlan, Failed> {
    let question = report.question.clone();
    let spec = &question.loss;
    let loss = loss(&spec.name, spec.range, spec.threshold).map_err(|error| Failed::usage(chain(&error)))?;
    let ids: Vec<EndpointId> = questions.iter().map(|question| question.endpoint.clone()).collect();
    if ids.len() < 2 {
        return Err(Failed::usage(format!("{REPORT}: expected two endpoints or more, found {}", ids.len())));
    }
    let audit = Plan::new(question, loss.range(), loss.needs(), &Standard);
    Ok(ComparisonPlan::new(&audit, &ids, report.margin, &Standard))
}

fn differences(
    folder: &Path,
    report: &Comparison,
    questions: &[Question],
    folded: &Refolded,
    cut: Option<String>,
) -> Vec<String> {
    let place = folder.display();
    let mut found = Vec::new();
    for (at, question) in questions.iter().enumerate() {
        let asked = Question { endpoint: question.endpoint.clone(), ..report.question.clone() };
        if *question != asked {
            let part = name(at);
            found.push(format!("{place}: {REPORT} and the journal of {part} are of different questions"));
        }
    }
    if let Some(cut) = cut.filter(|cut| report.run.cut.as_ref() != Some(cut)) {
        found.push(format!("{place}: a journal holds what {REPORT} does not tell: {cut}"));
    }
    if json::results_bytes(&folded.results) != json::results_bytes(&report.results) {
        found.push(format!("{place}: the results in {REPORT} are not those that the journals give"));
    }
    found
}
