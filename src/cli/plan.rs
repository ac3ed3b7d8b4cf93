//! `noisebound plan`: how many queries an audit will take, before it is made. Nothing is sent.

mod foretold;
mod told;

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::AuditArgs;
use super::failed::{Failed, chain};
use super::print::out;
use crate::audit::plan::Plan;
use crate::audit::simulate::{Guesses, PATHS, Simulation};
use crate::bound::engine::Standard;
use crate::config::settings::{Settings, environment};
use crate::config::{Conduct, Question};
use crate::data::slices;
use crate::loss::loss;
use crate::report;
use crate::results::Report;
use foretold::PlanForecast;

/// Say how many queries an audit will take, before it is made; nothing is sent.
///
/// Takes the arguments of `audit`, and walks made-up audits under guesses of the risk: `--guess`, an earlier report
/// with `--from`, or a tenth of the loss's range at every level; what is assumed where there is none of these is
/// said. Old draws are no evidence for a new audit, which
/// gets a new seed. Without --data, --rows says how many rows there will be.
///
/// It refuses nothing that is merely pointless, such as a budget that the clean pass uses up, and says so.
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    audit: AuditArgs,
    /// A guess of the risk at a level, or of the clean risk: 0.1=0.05, clean=0.03; may be given several times
    #[arg(long, value_name = "LEVEL=RISK", help_heading = "Guesses")]
    guess: Vec<String>,
    /// A guess of the standard deviation of a loss, for losses in a range [default: as large as can be]
    #[arg(long, value_name = "NUMBER", help_heading = "Guesses")]
    guess_sd: Option<f64>,
    /// An earlier report.json, or its run folder, whose estimates are the guesses
    #[arg(long, value_name = "PATH", help_heading = "Guesses")]
    from: Option<PathBuf>,
    /// Plan for so many rows, which need not be there yet: no data are read
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..=MOST_ROWS),
        help_heading = "Guesses"
    )]
    rows: Option<u64>,
    /// How many audits are walked through
    #[arg(long, value_name = "N", default_value_t = PATHS, help_heading = "Guesses")]
    paths: u64,
}

/// More rows than this are a slip of the keyboard.
const MOST_ROWS: u64 = 1_000_000_000;

/// The work after which no more paths are begun, in steps of the simulation: well under a minute.
const WORK: u64 = 60_000_000;

/// The seed of the simulation where none is given.
const SEED: u64 = 1;

/// Walks the paths and prints what they add up to.
pub fn plan(args: &PlanArgs) -> Result<u8, Failed> {
    let (foretold, conduct) = foretell(args)?;
    let text = if args.audit.json {
        let json = serde_json::to_string_pretty(&foretold);
        json.map_err(|error| Failed::with_code(1, format!("the plan cannot be written as JSON: {error}")))?
    } else {
        told::render(&foretold, &conduct, args.from.is_some() || !args.guess.is_empty())
    };
    out(&text).map_err(|error| Failed::with_code(1, format!("the plan cannot be printed: {error}")))?;
    Ok(0)
}

fn foretell(args: &PlanArgs) -> Result<(PlanForecast, Conduct), Failed> {
    let typed = args.guess.iter().map(|text| guess(text)).collect::<Result<Vec<_>, _>>()?;
    let earlier = args.from.as_deref().map(earlier).transpose()?;
    let Asked { question, conduct, in_vain, slices } = asked(args)?;
    let usage = |error: &dyn std::error::Error| Failed::usage(chain(error));
    let spec = &question.loss;
    let loss = loss(&spec.name, spec.range, spec.threshold).map_err(|error| usage(&error))?;
    let seed = if args.audit.seed.is_some() { question.seed } else { SEED };
    let plan = Plan::new(question, loss.range(), loss.needs(), &Standard).sliced(slices);
    let guesses = Guesses::new(&plan, &typed, earlier.as_ref(), args.guess_sd)
        .map_err(|error| usage(&error).hint("give --guess LEVEL=RISK or --from RUN"))?;
    let simulation = Simulation { plan: &plan, engines: &Standard, conduct: &conduct, seed };
    let cost = conduct.cost_per_query;
    let paths = simulation.run(&guesses, args.paths.max(1), WORK);
    Ok((PlanForecast::new(&simulation, &guesses, &paths, cost, in_vain), conduct))
}

/// What is asked, and what of the rows the plan needs.
struct Asked {
    question: Question,
    conduct: Conduct,
    /// What makes the audit pointless, a sentence each.
    in_vain: Vec<String>,
    /// The slice of each row.
    slices: Vec<u32>,
}

fn asked(args: &PlanArgs) -> Result<Asked, Failed> {
    let Some(rows) = args.rows else {
        let settings = Settings::from_args(&args.audit, environment)?;
        let dataset = settings.load()?;
        let (question, conduct, in_vain) = settings.planned(&settings.facts(&dataset))?;
        let column = question.slice.as_ref().map(|slice| slice.column.clone());
        let found = column.map(|column| slices(&dataset, &column)).transpose();
        let found = found.map_err(|error| Failed::usage(chain(&error)))?;
        return Ok(Asked { question, conduct, in_vain, slices: found.map_or_else(Vec::new, |(_, of)| of) });
    };
    let settings = Settings::from_args_without_data(&args.audit, environment)?;
    if settings.asked.stated.slice.is_some() {
        return Err(Failed::usage("--slice: expected the rows themselves, found --rows").hint("give --data"));
    }
    let (question, conduct, in_vain) = settings.planned(&settings.facts_of_rows(rows))?;
    Ok(Asked { question, conduct, in_vain, slices: Vec::new() })
}

fn guess(text: &str) -> Result<(f64, f64), Failed> {
    let read = || {
        let (level, risk) = text.split_once('=')?;
        let level = if level.trim() == "clean" { 0.0 } else { level.trim().parse::<f64>().ok()? };
        let risk = risk.trim().parse::<f64>().ok()?;
        (level >= 0.0 && level.is_finite() && risk.is_finite()).then_some((level, risk))
    };
    read().ok_or_else(|| {
        Failed::usage(format!("--guess: expected LEVEL=RISK or clean=RISK, found '{text}'"))
            .hint("as in --guess clean=0.03 --guess 0.1=0.05")
    })
}

fn earlier(path: &Path) -> Result<Report, Failed> {
    let file = if path.is_dir() { path.join("report.json") } else { path.to_owned() };
    report::json::read(&file).map_err(|error| Failed::usage(chain(&error)))
}

#[cfg(test)]
#[path = "plan/tests.rs"]
mod tests;
