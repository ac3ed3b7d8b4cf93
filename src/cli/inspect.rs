//! `noisebound inspect`: what an endpoint is, seen from outside, before it is audited.
//!
//! From what was typed to what is printed; what is seen stands in [`facts`], how it is told in [`told`]. The one
//! invariant: every request passes the one client, and of data one clean row is sent, twice.

mod advice;
pub(super) mod body;
mod facts;
mod file;
mod look;
mod spread;
mod told;
pub(super) mod understood;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use noisebound_adapters::Endpoint;

use super::args::AuditArgs;
use super::audit::run_id;
use super::confirm::confirm;
use super::failed::{Failed, chain};
use super::print::{out, tell};
use super::signal::interrupted;
use crate::audit::Audit;
use crate::config::settings::{Settings, environment};
use crate::config::{Conduct, Question};
use crate::data::mask;
use crate::report::write_whole;
use advice::Advice;
use facts::{DataFacts, Inspection};
use look::{ASKS, Look};

/// See what an endpoint is: what the server tells, and one clean row as it goes over the wire.
///
/// Takes the arguments of `audit`; neither data nor a model need be named. Without a model it lists those that the
/// server has. With --data, one clean row is sent twice, and a ready audit file is printed at the end. Nothing noisy is
/// sent.
///
/// Exit codes: 0 the answer was understood, or nothing was asked; 2 bad usage, or data or flags that do not fit the
/// model; 3 the endpoint is unusable; 4 the answer does not fit the loss.
#[derive(Debug, Args)]
pub struct InspectArgs {
    #[command(flatten)]
    audit: AuditArgs,
    /// Write the audit file here instead; a file that exists is left alone
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    write: Option<PathBuf>,
}

/// Looks, prints what was seen, and writes the audit file where that was asked for.
pub async fn inspect(args: InspectArgs) -> Result<u8, Failed> {
    super::log(args.audit.verbose);
    if args.audit.resume.is_some() {
        return Err(Failed::usage("--resume goes on with an audit; there is nothing to go on with here"));
    }
    if let Some(file) = args.write.as_ref().filter(|file| file.exists()) {
        return Err(Failed::usage(format!("{} exists already, and stays as it is", file.display()))
            .hint("choose another file for --write, or move it away"));
    }
    if let Some(folder) = args.write.as_deref().and_then(folder_of).filter(|folder| !folder.is_dir()) {
        return Err(Failed::usage(format!("--write: there is no folder {}", folder.display()))
            .hint("make it, or choose another file for --write"));
    }
    let settings = Settings::from_args_to_look(&args.audit, environment)?;
    if args.write.is_some() && !settings.has_data() {
        return Err(Failed::usage(
            "--write: an audit file says which data are asked, and no --data is given",
        )
        .hint("add --data FILE, or leave --write out to see what the server tells"));
    }
    let rows = if settings.has_data() { Some(Rows::load(&settings)?) } else { None };
    let columns = rows.as_ref().map_or(&[][..], |rows| &rows.columns);
    let endpoint = settings.connect(&run_id(None), columns)?;
    let queries = if rows.is_some() { ASKS as u64 } else { 0 };
    let conduct = Conduct { queries, ..settings.conduct.clone() };
    confirm(&[&settings.place], &conduct, args.audit.yes)?;
    let seen = tokio::select! {
        seen = look::look(&settings, Arc::clone(&endpoint), rows.as_ref().map(|rows| &rows.audit)) => seen,
        () = interrupted() => return Err(Failed::with_code(130, "interrupted")),
    };
    let inspection = describe(&settings, rows.as_ref(), (endpoint.as_ref(), &seen), args.write.as_deref());
    // First, as it is printed where it cannot be written: the rows for it were sent.
    let kept = keep(args.write.as_deref(), &inspection);
    let text = if args.audit.json {
        serde_json::to_string_pretty(&inspection)
            .map_err(|error| Failed::with_code(1, format!("it cannot be written as JSON: {error}")))?
    } else {
        told::render(&inspection, args.write.is_none() || kept.is_err())
    };
    out(&text).map_err(|error| Failed::with_code(1, format!("it cannot be printed: {error}")))?;
    if let Some(said) = kept? {
        tell(&said);
    }
    match inspection.problem {
        None => Ok(0),
        Some(problem) => {
            let failed = Failed::with_code(problem.exit_code, problem.said);
            Err(problem.hint.into_iter().fold(failed, Failed::hint))
        }
    }
}

/// The folder that a file is to be in, where it is another than the current one.
fn folder_of(file: &Path) -> Option<&Path> {
    file.parent().filter(|folder| !folder.as_os_str().is_empty())
}

/// Writes the audit file, where there is one and a place for it. What there is to say of it.
fn keep(to: Option<&Path>, inspection: &Inspection) -> Result<Option<String>, Failed> {
    let Some(to) = to else { return Ok(None) };
    let Some(text) = &inspection.audit_file else {
        return Ok(Some(format!("{} is not written: there is no audit yet", to.display())));
    };
    write_whole(to, text).map_err(|error| {
        Failed::with_code(1, chain(&error)).hint("the audit file is printed on stdout instead")
    })?;
    Ok(Some(format!("written to {}; next: noisebound audit {}", to.display(), to.display())))
}

/// The data, and the audit that would be made of them.
struct Rows {
    audit: Audit,
    question: Question,
    data: DataFacts,
    /// The names of a row's elements, which some services want to be told.
    columns: Vec<String>,
}

impl Rows {
    fn load(settings: &Settings) -> Result<Self, Failed> {
        let dataset = settings.load()?;
        let (question, conduct) = settings.question(&settings.facts(&dataset))?;
        let data = DataFacts::new(settings, &dataset, mask(&dataset, &question.noise).ok().as_ref());
        // What is sent comes from the audit's own hands; its endpoint is not asked.
        let columns = dataset.columns();
        let endpoint = settings.connect(&run_id(None), &columns)?;
        let audit = Audit::new(question.clone(), conduct, dataset, endpoint)?;
        Ok(Self { audit, question, data, columns })
    }
}

/// What was seen, what follows for an audit, and the file for it.
fn describe(
    settings: &Settings,
    rows: Option<&Rows>,
    (endpoint, seen): (&dyn Endpoint, &Look),
    write: Option<&Path>,
) -> Inspection {
    let mut inspection = Inspection::new(settings, seen);
    let Some(rows) = rows else { return inspection };
    let target = rows.audit.target(look::ROW);
    let advice = Advice::new(settings, &rows.question, &rows.data, target, seen);
    let targets = (target, rows.audit.targets());
    inspection.understand(settings, &rows.question, &advice, targets, (endpoint, &seen.shown));
    inspection.noise = Some(facts::noise(&rows.question, &advice, rows.audit.perturbed()));
    inspection.doubts = seen.description.as_ref().map_or_else(Vec::new, |told| rows.audit.doubts(told));
    inspection.data = Some(rows.data.clone());
    // What was not understood cannot be audited yet.
    if inspection.problem.is_none() && inspection.understood.is_some() {
        inspection.audit_file = Some(file::render(settings, &advice, write));
    }
    inspection
}

#[cfg(test)]
#[path = "inspect/tests.rs"]
mod tests;
