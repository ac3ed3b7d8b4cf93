//! `noisebound audit`: from what was typed to a run folder and a report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use noisebound_adapters::Endpoint;

use super::args::{AuditArgs, is_audit_file};
use super::confirm::confirm;
use super::failed::Failed;
use super::outputs::{check_outputs, save};
use super::print::{out, tell};
use super::signal::interrupted;
use super::verify::comparison::{refuse_part, refuse_resuming};
use super::watch::Console;
use crate::audit::{Audit, advice};
use crate::config::settings::{Settings, environment};
use crate::config::{Conduct, Question, plan};
use crate::data::Dataset;
use crate::journal::Reader;
use crate::report::{self, OUTPUTS};

/// Runs an audit as typed.
pub async fn audit(args: AuditArgs) -> Result<u8, Failed> {
    super::log(args.verbose);
    if let (Some(folder), Some(file)) = (&args.resume, args.target.as_ref().filter(|t| is_audit_file(t))) {
        return Err(Failed::usage(format!(
            "--resume {folder} reads the plan in that folder, and not {file}"
        ))
        .hint("leave the audit file out"));
    }
    if let Some(folder) = &args.resume {
        refuse_part(Path::new(folder))?;
        refuse_resuming(Path::new(folder))?;
    }
    let settings = Settings::from_args(&args, environment)?;
    let dataset = settings.load()?;
    let (question, conduct) = settings.question(&settings.facts(&dataset))?;
    check_outputs(&settings.save, settings.run_dir.as_deref())?;
    let resume = args.resume.map(PathBuf::from);
    let id = run_id(resume.as_deref());
    let endpoint = settings.connect(&id, &dataset.columns())?;
    let ready = Ready { settings, question, conduct, dataset, endpoint, id, resume };
    Box::pin(ready.run(args.yes, args.json)).await
}

/// An audit that has everything but the answers.
pub struct Ready {
    /// What was typed, validated.
    pub settings: Settings,
    /// What is asked.
    pub question: Question,
    /// How it is asked.
    pub conduct: Conduct,
    /// The rows.
    pub dataset: Dataset,
    /// Where they go.
    pub endpoint: Arc<dyn Endpoint>,
    /// The id of the run, which every request carries.
    pub id: String,
    /// The run folder of an audit that this one goes on with.
    pub resume: Option<PathBuf>,
}

impl Ready {
    /// Confirms, runs, writes and prints.
    pub async fn run(self, yes: bool, json: bool) -> Result<u8, Failed> {
        let Self { settings, question, conduct, dataset, endpoint, id, resume } = self;
        let named = resume.clone().or_else(|| settings.run_dir.clone());
        let folder =
            named.unwrap_or_else(|| run_folder(question.endpoint.model.as_deref().unwrap_or("audit")));
        if resume.is_none() {
            vacant(&folder)?;
        }
        confirm(&[&settings.place], &conduct, yes)?;
        let audit = Audit::new(question.clone(), conduct.clone(), dataset, endpoint)?.with_id(&id);
        if let Some(folder) = &resume {
            audit.asks_as(folder)?;
        }
        let claims = &audit.plan().claims;
        if settings.claims.as_ref().is_some_and(|listed| listed != claims) {
            return Err(Failed::usage(
                "the claims listed in the plan are not those that follow from the rest of it",
            )
            .hint("remove the [[claims]] to have them computed"));
        }
        let text = plan::render(&settings, &question, &conduct, claims);
        tell(&format!("seed {}; run folder {}; run id {id}", question.seed, folder.display()));
        let mut console = Console::new(&question.levels, conduct.queries);
        let done = match resume {
            Some(_) => Box::pin(audit.resume(&folder, &text, &mut console, interrupted())).await,
            None => Box::pin(audit.run(&folder, &text, &mut console, interrupted())).await,
        };
        console.finish();
        let report = done.map_err(|error| {
            let meant = settings.place.target.meant_version().filter(|_| error.is_not_found());
            meant.into_iter().fold(Failed::from(error), Failed::hint)
        })?;
        let unsaved = save(&settings.save, |file| {
            let of = |output: &&report::Output| Path::new(output.file).extension() == file.extension();
            OUTPUTS.iter().find(of).map(|output| (output.file, (output.render)(&report)))
        });
        let text = if json { report::json::render(&report) } else { report::table::render(&report) };
        out(&text).map_err(|error| Failed::with_code(1, format!("the report cannot be printed: {error}")))?;
        tell(&format!("written to {}", folder.display()));
        tell_of_cut(report.run.cut.as_deref(), report.run.exit_code, report.run.failure_kinds.keys());
        unsaved.exit_code(&folder, report.run.exit_code)
    }
}

/// Why the run ended early, as the last words: who reads the report as JSON, or not at all, sees it too. `kinds` are
/// those of the failures that there were.
pub fn tell_of_cut<'a>(cut: Option<&str>, exit_code: u8, kinds: impl Iterator<Item = &'a String>) {
    let Some(cut) = cut else { return };
    if !matches!(exit_code, 1 | 3 | 4) {
        return tell(&format!("cut short: {cut}"));
    }
    let told = Failed::with_code(exit_code, cut);
    let mut hints = kinds.filter_map(|kind| advice(kind));
    let told = match (exit_code, hints.next()) {
        (3, Some(hint)) => told.hint(hint),
        _ => told,
    };
    tell(&told.to_string());
}

/// The id of the run in a folder that is gone on with, or a new one.
pub fn run_id(resume: Option<&Path>) -> String {
    let known = resume.and_then(|folder| Reader::open(folder.join("journal.jsonl")).ok());
    known.and_then(|journal| journal.header().id.clone()).unwrap_or_else(new_run_id)
}

/// Eight bytes of BLAKE3 of the time and the process: no secret, and never twice.
fn new_run_id() -> String {
    let told = format!("{} {}", jiff::Timestamp::now().as_nanosecond(), std::process::id());
    blake3::hash(told.as_bytes()).to_hex()[..16].to_owned()
}

/// A folder named after the model and the time, in the current one.
pub fn run_folder(model: &str) -> PathBuf {
    let plain: String =
        model.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    PathBuf::from(format!("{}-{now}", plain.trim_start_matches('.')))
}

/// A run folder that exists is not written to.
pub fn vacant(folder: &Path) -> Result<(), Failed> {
    if folder.exists() {
        return Err(Failed::usage(format!(
            "the run folder {} exists already, and stays as it is",
            folder.display()
        ))
        .hint("choose another --run-dir, or go on with an audit by --resume"));
    }
    Ok(())
}
