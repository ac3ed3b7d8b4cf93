//! `noisebound compare`: the same draws to several endpoints, or finished reports side by side.

mod reports;

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use noisebound_adapters::Endpoint;

use super::args::AuditArgs;
use super::audit::{run_folder, run_id, tell_of_cut, vacant};
use super::confirm::confirm;
use super::failed::Failed;
use super::outputs::{check_outputs, save};
use super::print::{out, tell};
use super::signal::interrupted;
use super::watch::Console;
use crate::audit::AuditError;
use crate::audit::compare::Compare;
use crate::comparison::Comparison;
use crate::config::question::{EndpointId, Question};
use crate::config::settings::{Place, Settings, environment};
use crate::config::{plan, several, units};
use crate::report::comparison;

/// Bound how much the risks of several endpoints differ, by the same draws.
///
/// Sends the same rows with the same noise to every endpoint, and stops a level when each difference to the first one,
/// the reference, is known to --precision. The first target can be an audit file, which then names the reference. Takes
/// the flags of `audit`, but for those about gates, quantiles, slices and whole passes; --rate, -c, -n and --max-requests
/// are for each endpoint, --max-cost and --max-time for all together. With --reports the arguments are finished reports, of any endpoints and data, whose curves are
/// drawn into one picture; nothing is sent then.
#[derive(Debug, Args)]
#[command(mut_arg("resume", |resume| resume.hide(true)))]
pub struct CompareArgs {
    #[command(flatten)]
    audit: AuditArgs,

    /// The endpoints that are compared with the first
    #[arg(value_name = "TARGET", help_heading = "Target")]
    others: Vec<String>,

    /// Decide at each level whether the risk is at most this much above that of the reference
    ///
    /// In units of the loss; a number below 0 asks that it is lower by so much. Exit code 99 if one fails.
    #[arg(long, value_name = "DIFFERENCE", help_heading = "Guarantee", allow_hyphen_values = true)]
    margin: Option<String>,

    /// Send headers and tokens to every endpoint, where these are on several hosts
    ///
    /// They are refused there otherwise. --token-env NAME_A,NAME_B has a token of its own for each endpoint.
    #[arg(long, help_heading = "Credentials")]
    share_credentials: bool,

    /// Draw the curves of finished reports (report.json, or run folders) side by side; nothing is sent
    ///
    /// Into curves.svg, or the file that -o names.
    #[arg(long, help_heading = "Output")]
    reports: bool,
}

/// Runs a comparison as typed.
pub async fn compare(args: CompareArgs) -> Result<u8, Failed> {
    super::log(args.audit.verbose);
    if args.reports {
        return reports::side_by_side(&args);
    }
    let ready = Ready::new(&args)?;
    Box::pin(ready.run(args.audit.yes, args.audit.json)).await
}

/// A comparison cannot be resumed, whatever became of it.
fn unfinished(error: AuditError) -> Failed {
    let failed = Failed::from(error);
    if failed.exit_code() == 1 {
        failed.hint("what is in the journals is kept: mend the cause, then start anew in another --run-dir")
    } else {
        failed
    }
}

/// A comparison that has everything but the answers.
struct Ready {
    /// What was typed for each endpoint, the reference first.
    settings: Vec<Settings>,
    question: Question,
    compare: Compare,
    id: String,
}

impl Ready {
    /// Finds everything that can be wrong before something is sent.
    fn new(args: &CompareArgs) -> Result<Self, Failed> {
        let settings = several::several(&args.audit, &args.others, args.share_credentials, environment)?;
        let reference = &settings[0];
        reference.save.iter().try_for_each(|file| output(file).map(drop))?;
        check_outputs(&reference.save, reference.run_dir.as_deref())?;
        let dataset = reference.load()?;
        let question = several::question(reference, &reference.facts(&dataset))?;
        let id = run_id(None);
        let columns = dataset.columns();
        let connected = settings.iter().map(|one| Ok((one.place.id(), one.connect(&id, &columns)?)));
        let endpoints: Vec<(EndpointId, Arc<dyn Endpoint>)> = connected.collect::<Result<_, Failed>>()?;
        let margin = args.margin.as_deref().map(margin).transpose()?;
        let compare = Compare::new(question.clone(), reference.conduct.clone(), dataset, endpoints, margin)?;
        check_margin(&compare)?;
        Ok(Self { settings, question, compare: compare.with_id(&id), id })
    }

    /// Confirms, runs, writes and prints.
    async fn run(self, yes: bool, json: bool) -> Result<u8, Failed> {
        let Self { settings, question, compare, id } = self;
        let reference = &settings[0];
        let model = question.endpoint.model.as_deref().unwrap_or("endpoints");
        let folder = reference.run_dir.clone().unwrap_or_else(|| run_folder(&format!("compare-{model}")));
        vacant(&folder)?;
        let places: Vec<&Place> = settings.iter().map(|one| &one.place).collect();
        confirm(&places, &reference.conduct, yes)?;
        let text = |one: &Settings| {
            let question = Question { endpoint: one.place.id(), ..question.clone() };
            plan::render(one, &question, &one.conduct, &[])
        };
        let texts: Vec<String> = settings.iter().map(text).collect();
        tell(&format!("seed {}; run folder {}; run id {id}", question.seed, folder.display()));
        let mut console = Console::new(&question.levels, reference.conduct.queries);
        let done = Box::pin(compare.run(&folder, &texts, &mut console, interrupted())).await;
        console.finish();
        let found = done.map_err(unfinished)?;
        let unsaved = save(&reference.save, |file| {
            output(file).ok().map(|output| (output.file, (output.render)(&found)))
        });
        let text = if json { comparison::json::render(&found) } else { comparison::text::render(&found) };
        out(&text)
            .map_err(|error| Failed::with_code(1, format!("the comparison cannot be printed: {error}")))?;
        tell(&format!("written to {}", folder.display()));
        last_words(&found);
        unsaved.exit_code(&folder, found.run.exit_code)
    }
}

/// Why the run ended early, if it did.
fn last_words(found: &Comparison) {
    let kinds = found.run.endpoints.iter().flat_map(|endpoint| endpoint.failure_kinds.keys());
    tell_of_cut(found.run.cut.as_deref(), found.run.exit_code, kinds);
}

/// The output that the name of a file asks for.
fn output(file: &Path) -> Result<&'static comparison::Output, Failed> {
    let of = |output: &&comparison::Output| Path::new(output.file).extension() == file.extension();
    comparison::OUTPUTS.iter().find(of).ok_or_else(|| {
        let known: Vec<&str> = comparison::OUTPUTS.iter().map(|output| output.file).collect();
        Failed::usage(format!("-o: a comparison cannot be written to {}", file.display()))
            .hint(format!("name a file with the extension of one of these: {}", known.join(", ")))
    })
}

fn margin(text: &str) -> Result<f64, Failed> {
    units::number(text).map_err(|_| {
        Failed::usage(format!("--margin: expected a number in units of the loss, found '{text}'"))
    })
}

/// A margin: a number that a difference can be above and below.
fn check_margin(compare: &Compare) -> Result<(), Failed> {
    let (low, high) = compare.plan().endpoints[0].range;
    let width = high - low;
    match compare.plan().margin.filter(|margin| margin.abs() >= width) {
        Some(margin) => Err(Failed::usage(format!(
            "--margin: expected a number between -{width} and {width}, found {margin}"
        ))
        .hint("it is the difference of two risks, in units of the loss")),
        None => Ok(()),
    }
}
