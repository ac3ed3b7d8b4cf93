//! `noisebound compare`: the same draws to several endpoints, or finished reports side by side.

mod reports;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use noisebound_adapters::Endpoint;

use super::args::AuditArgs;
use super::audit::{check_outputs, run_folder, vacant};
use super::confirm::confirm;
use super::failed::Failed;
use super::print::{out, tell};
use super::signal::interrupted;
use super::watch::Console;
use crate::audit::compare::{Compare, name};
use crate::config::question::{EndpointId, Question, Route, SideSpec};
use crate::config::settings::{Settings, environment};
use crate::config::{Conduct, plan};
use crate::data::Dataset;
use crate::report;

/// The most endpoints, each of which has a letter.
const MOST: usize = 26;

/// Bound how much the risks of several endpoints differ, from the same draws.
///
/// Sends the same rows with the same noise to every endpoint, and stops a level when every difference to the first
/// one, the reference, is known to --precision. Takes the flags of `audit`; the budget, the rate and the concurrency
/// are those of each endpoint. With --reports the arguments are finished reports of any endpoints and data, whose
/// curves are drawn into one picture; nothing is sent then.
#[derive(Debug, Args)]
pub struct CompareArgs {
    #[command(flatten)]
    audit: AuditArgs,
    /// The endpoints that are compared with the first
    #[arg(value_name = "TARGET", required = true, help_heading = "Target")]
    others: Vec<String>,
    /// Decide at each level whether the risk is at most this much above that of the reference, in units of the loss;
    /// exit code 99 if it is more
    #[arg(long, value_name = "DIFFERENCE", help_heading = "Guarantee", allow_hyphen_values = true)]
    margin: Option<f64>,
    /// Send the credentials to all hosts; without it they are refused where the endpoints are on several
    #[arg(long, help_heading = "Credentials")]
    share_credentials: bool,
    /// Draw the curves of finished reports (report.json, or run folders) side by side; nothing is sent
    #[arg(long, help_heading = "Output")]
    reports: bool,
}

/// Runs a comparison as typed.
pub async fn compare(args: CompareArgs) -> Result<u8, Failed> {
    super::log(args.audit.verbose);
    if args.reports {
        return reports::side_by_side(&args);
    }
    Box::pin(Ready::new(args)?.run()).await
}

/// A comparison that has everything but the answers.
struct Ready {
    args: CompareArgs,
    /// What was typed for each endpoint.
    settings: Vec<Settings>,
    question: Question,
    conduct: Conduct,
    dataset: Dataset,
    endpoints: Vec<(EndpointId, Arc<dyn Endpoint>)>,
}

impl Ready {
    fn new(args: CompareArgs) -> Result<Self, Failed> {
        let first = Settings::from_args(&args.audit, environment)?;
        let with = |target: &String| {
            let mut typed = first.typed.clone();
            if let Some(given) = &mut typed.target {
                given.values = vec![target.clone()];
            }
            Settings::new(typed)
        };
        let others = args.others.iter().map(with).collect::<Result<Vec<_>, _>>()?;
        let settings: Vec<Settings> = std::iter::once(first).chain(others).collect();
        refuse(&args, &settings)?;
        check_outputs(&settings[0].save)?;
        let dataset = settings[0].load()?;
        let facts = settings[0].facts(&dataset);
        let asked = settings.iter().map(|one| one.question(&facts)).collect::<Result<Vec<_>, _>>()?;
        let endpoints = settings.iter().map(Settings::connect).collect::<Result<Vec<_>, _>>()?;
        let ids = asked.iter().map(|(question, _)| question.endpoint.clone());
        let endpoints = ids.zip(endpoints).collect();
        let Some((question, conduct)) = asked.into_iter().next() else {
            return Err(Failed::usage("nothing to compare"));
        };
        comparable(&question)?;
        Ok(Self { args, settings, question, conduct, dataset, endpoints })
    }

    async fn run(self) -> Result<u8, Failed> {
        let Self { args, settings, question, conduct, dataset, endpoints } = self;
        let folder = settings[0].run_dir.clone().unwrap_or_else(|| run_folder("compare"));
        vacant(&folder)?;
        let mut asked: Vec<String> = Vec::new();
        for one in &settings {
            let host = one.place.target.host().to_string();
            if !asked.contains(&host) {
                confirm(&one.place.target, &conduct, args.audit.yes)?;
                asked.push(host);
            }
        }
        tell(&forecast(settings.len(), &conduct));
        let texts: Vec<String> = settings
            .iter()
            .zip(&endpoints)
            .map(|(one, (id, _))| {
                let question = Question { endpoint: id.clone(), ..question.clone() };
                plan::render(one, &question, &conduct, &[])
            })
            .collect();
        tell(&format!("seed {}; run folder {}", question.seed, folder.display()));
        let mut console = Console::new(&question.levels, conduct.queries);
        let compare = Compare::new(question, conduct, dataset, endpoints, args.margin)?;
        let done = Box::pin(compare.run(&folder, &texts, &mut console, interrupted())).await;
        console.finish();
        let comparison = done?;
        save(&comparison, &settings[0].save)?;
        let text = match args.audit.json {
            true => report::comparison::json::render(&comparison),
            false => report::comparison::text::render(&comparison),
        };
        out(&text)
            .map_err(|error| Failed::with_code(1, format!("the comparison cannot be printed: {error}")))?;
        tell(&format!("written to {}", folder.display()));
        if let Some(cut) = &comparison.run.cut {
            tell(&format!("cut short: {cut}"));
        }
        Ok(comparison.run.exit_code)
    }
}

/// The load at most, in one line.
fn forecast(endpoints: usize, conduct: &Conduct) -> String {
    let queries = conduct.queries;
    let all = queries.saturating_mul(endpoints as u64);
    let time = conduct.rate.map_or_else(String::new, |rate| {
        let minutes = queries as f64 / (rate * conduct.batch as f64) / 60.0;
        format!(", {minutes:.0} minutes at the rate of each")
    });
    format!("at most {queries} queries for each of {endpoints} endpoints, {all} in all{time}")
}

/// What a comparison cannot be asked, and what is not safe.
fn refuse(args: &CompareArgs, settings: &[Settings]) -> Result<(), Failed> {
    let (typed, first) = (&args.audit, &settings[0]);
    if settings.len() > MOST {
        return Err(Failed::usage(format!("expected at most {MOST} endpoints, found {}", settings.len())));
    }
    if typed.resume.is_some() {
        return Err(Failed::usage("--resume goes on with an audit, and not with a comparison")
            .hint("start the comparison again, in another --run-dir"));
    }
    for (flag, given) in [("--model", &first.typed.model), ("--model-version", &first.typed.model_version)] {
        if given.is_some() {
            return Err(Failed::usage(format!("{flag} would name the model of every endpoint")).hint(
                "name each in its target: triton://host:8000/MODEL, or \
                       http://host:8000/v2/models/MODEL/versions/VERSION/infer",
            ));
        }
    }
    if args.margin.is_some_and(|margin| !margin.is_finite()) {
        return Err(Failed::usage("--margin: expected a number, in units of the loss"));
    }
    for (place, one) in settings.iter().enumerate() {
        let same = |other: &Settings| other.place.target == one.place.target;
        if let Some(earlier) = settings[..place].iter().position(same) {
            let (one, two) = (name(earlier), name(place));
            return Err(Failed::usage(format!("{one} and {two} are the same endpoint"))
                .hint("to see how far an endpoint differs from itself, audit it with --noise-floor"));
        }
    }
    let elsewhere = settings.iter().find(|one| one.place.target.host() != first.place.target.host());
    match elsewhere {
        Some(other) if !first.place.headers.is_empty() && !args.share_credentials => {
            let hosts = (first.place.target.host(), other.place.target.host());
            Err(Failed::usage(format!(
                "the headers and credentials would go to {} and to {}",
                hosts.0, hosts.1
            ))
            .hint("say --share-credentials if both may see them"))
        }
        _ => Ok(()),
    }
}

/// A comparison asks for limits of risks and of their differences, and for nothing else.
fn comparable(question: &Question) -> Result<(), Failed> {
    let asked = [
        ("--gate", !question.gates.is_empty()),
        ("--critical", question.critical.is_some()),
        ("--quantiles", !question.quantiles.is_empty()),
        ("--replicates", question.replicates.is_some()),
        ("--slice", question.slice.is_some()),
        ("--noise-floor", question.noise_floor),
        ("--asymptotic", question.asymptotic),
        ("--route differences", question.route != Route::Direct),
        ("--side upper", question.side != SideSpec::Both),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((flag, _)) => Err(Failed::usage(format!("{flag} is for the audit of one endpoint"))
            .hint("leave it out; --margin decides how much worse an endpoint may be than the reference")),
        None => Ok(()),
    }
}

/// Writes the comparison to further files, each in the form that its extension names.
fn save(comparison: &crate::comparison::Comparison, files: &[PathBuf]) -> Result<(), Failed> {
    for file in files {
        let outputs = report::comparison::OUTPUTS.iter();
        let output =
            outputs.into_iter().find(|output| Path::new(output.file).extension() == file.extension());
        if let Some(output) = output {
            report::write_whole(file, &(output.render)(comparison))
                .map_err(crate::audit::AuditError::from)?;
        }
    }
    Ok(())
}
