//! `noisebound plan`: how many queries an audit will take, before it is made. Nothing is sent.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::args::AuditArgs;
use super::failed::{Failed, chain};
use super::print::out;
use crate::audit::plan::Plan;
use crate::audit::simulate::{Chances, Guess, Guesses, PATHS, Paths, Percentiles, Simulation};
use crate::bound::engine::Standard;
use crate::config::Conduct;
use crate::config::settings::{Settings, environment};
use crate::data::slices;
use crate::loss::loss;
use crate::report;
use crate::results::{Report, Stopped};

/// Say how many queries an audit will take, before it is made; nothing is sent.
///
/// Takes the arguments of `audit`, and walks made-up audits under guesses of the risk: `--guess`, an earlier report
/// with `--from`, or a tenth of the loss's range at every level. Old draws are no evidence for a new audit, which
/// gets a new seed.
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
    /// What a query costs, in any currency
    #[arg(long, value_name = "NUMBER", help_heading = "Guesses")]
    cost_per_query: Option<f64>,
    /// How many audits are walked through
    #[arg(long, value_name = "N", default_value_t = PATHS, help_heading = "Guesses")]
    paths: u64,
}

/// The work after which no more paths are begun, in steps of the simulation: well under a minute.
const WORK: u64 = 60_000_000;

/// Paths for the worst case, which hardly vary.
const WORST: u64 = 20;

/// The seed of the simulation where none is given.
const SEED: u64 = 1;

/// What is foretold.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Foretold {
    format: &'static str,
    paths: u64,
    seed: u64,
    guesses: Vec<Guess>,
    queries: Percentiles,
    requests: Percentiles,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<Percentiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Percentiles>,
    worst_queries: u64,
    answered: f64,
    levels: Vec<AtLevel>,
    gates: Vec<Gate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    critical_levels: Vec<(f64, f64)>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct AtLevel {
    level: f64,
    draws: Percentiles,
    stopped: Vec<(Stopped, f64)>,
}

#[derive(Debug, Serialize)]
struct Gate {
    claim: String,
    #[serde(flatten)]
    chances: Chances,
}

/// Walks the paths and prints what they add up to.
pub fn plan(args: &PlanArgs) -> Result<u8, Failed> {
    let typed = args.guess.iter().map(|text| guess(text)).collect::<Result<Vec<_>, _>>()?;
    let earlier = args.from.as_deref().map(earlier).transpose()?;
    let settings = Settings::from_args(&args.audit, environment)?;
    let dataset = settings.load()?;
    let (question, conduct) = settings.question(&settings.facts(&dataset))?;
    let usage = |error: &dyn std::error::Error| Failed::usage(chain(error));
    let spec = &question.loss;
    let loss = loss(&spec.name, spec.range, spec.threshold).map_err(|error| usage(&error))?;
    let column = question.slice.as_ref().map(|slice| slice.column.clone());
    let found = column.map(|column| slices(&dataset, &column)).transpose().map_err(|error| usage(&error))?;
    let seed = if args.audit.seed.is_some() { question.seed } else { SEED };
    let plan = Plan::new(question, loss.range(), loss.needs(), &Standard)
        .sliced(found.map_or_else(Vec::new, |(_, of_rows)| of_rows));
    let guesses = Guesses::new(&plan, &typed, earlier.as_ref(), args.guess_sd)
        .map_err(|error| usage(&error).hint("give --guess LEVEL=RISK or --from RUN"))?;
    let simulation = Simulation { plan: &plan, engines: &Standard, conduct: &conduct, seed };
    let paths = simulation.run(&guesses, args.paths.max(1), WORK);
    let foretold = foretold(&simulation, &guesses, &paths, args.cost_per_query);
    let text = if args.audit.json {
        let json = serde_json::to_string_pretty(&foretold);
        json.map_err(|error| Failed::with_code(1, format!("the plan cannot be written as JSON: {error}")))?
    } else {
        told(&foretold, &conduct, earlier.is_some() || !typed.is_empty())
    };
    out(&text).map_err(|error| Failed::with_code(1, format!("the plan cannot be printed: {error}")))?;
    Ok(0)
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

fn foretold(simulation: &Simulation<'_>, guesses: &Guesses, paths: &Paths, cost: Option<f64>) -> Foretold {
    let Simulation { plan, conduct, seed, .. } = *simulation;
    let gates = plan.question.gates.iter().enumerate();
    let gates: Vec<Gate> =
        gates.map(|(i, gate)| Gate { claim: gate.text.clone(), chances: paths.gate(i) }).collect();
    // A risk at its own threshold may keep a gate open to the end.
    let open = !plan.question.gates.is_empty() || plan.question.critical.is_some();
    let worst = Guesses::worst(plan).filter(|_| !open);
    let worst = worst.map(|worst| simulation.run(&worst, WORST, WORK).queries().p99 as u64);
    let queries = paths.queries();
    let mut foretold = Foretold {
        format: "noisebound.plan/1",
        paths: paths.ends().len() as u64,
        seed,
        guesses: std::iter::once(&guesses.clean).chain(&guesses.levels).copied().collect(),
        queries,
        requests: paths.requests(),
        seconds: conduct.rate.map(|rate| paths.requests().map(|requests| requests / rate)),
        cost: cost.map(|cost| queries.map(|queries| queries * cost)),
        worst_queries: worst.unwrap_or(conduct.queries).max(queries.p99 as u64).min(conduct.queries),
        answered: paths.share(|end| end.answered),
        levels: paths
            .levels()
            .into_iter()
            .map(|level| AtLevel { level: level.level, draws: level.draws, stopped: level.stopped })
            .collect(),
        gates,
        critical_levels: plan.question.critical.as_ref().map_or_else(Vec::new, |_| paths.critical_levels()),
        warnings: Vec::new(),
    };
    foretold.warnings = warnings(&foretold, conduct);
    foretold
}

/// What this plan cannot do.
fn warnings(foretold: &Foretold, conduct: &Conduct) -> Vec<String> {
    let mut found: Vec<String> = foretold
        .gates
        .iter()
        .filter(|gate| gate.chances.undecided >= 0.5)
        .map(|gate| {
            format!(
                "this plan cannot decide {}: {} stay undecided; the guess is too near to the threshold, or -n is too \
                 small",
                gate.claim,
                percent(gate.chances.undecided)
            )
        })
        .collect();
    let spent =
        |level: &AtLevel| level.stopped.iter().any(|(why, share)| *why == Stopped::Budget && *share >= 0.5);
    if foretold.levels.iter().any(spent) {
        found.push(format!(
            "-n {} is used up before this plan is done: raise it, or ask for less",
            conduct.queries
        ));
    }
    found
}

fn percent(share: f64) -> String {
    format!("{:.0} of 100 audits", share * 100.0)
}

fn told(foretold: &Foretold, conduct: &Conduct, guessed: bool) -> String {
    let mut text =
        format!("{} audits were made up (seed {}); nothing was sent\n", foretold.paths, foretold.seed);
    let guess = |guess: &Guess| {
        let place = if guess.level == 0.0 { "clean".to_owned() } else { format!("level {}", guess.level) };
        let from = match guess.guessed_for {
            Some(0.0) => " (as clean)".to_owned(),
            Some(level) => format!(" (as level {level})"),
            None => String::new(),
        };
        format!("{place} {}{from}", rounded(guess.risk))
    };
    let guesses: Vec<String> = foretold.guesses.iter().map(guess).collect();
    let how = if guessed { "guessed risk" } else { "no guess was given, so the risk is taken to be" };
    let _ = writeln!(text, "{how}: {}\n", guesses.join(", "));
    let _ = writeln!(text, "{:<24}{:>12}{:>14}{:>14}", "", "median", "90 of 100", "99 of 100");
    let mut row = |name: &str, of: &Percentiles, show: &dyn Fn(f64) -> String| {
        let _ = writeln!(text, "{name:<24}{:>12}{:>14}{:>14}", show(of.median), show(of.p90), show(of.p99));
    };
    let whole = |v: f64| format!("{v:.0}");
    row("queries", &foretold.queries, &whole);
    row("requests", &foretold.requests, &whole);
    if let (Some(seconds), Some(rate)) = (&foretold.seconds, conduct.rate) {
        row(&format!("seconds at {rate} requests/s"), seconds, &whole);
    }
    if let Some(cost) = &foretold.cost {
        row("cost", cost, &|v| format!("{v:.2}"));
    }
    for level in &foretold.levels {
        let name = if level.level == 0.0 { "clean".to_owned() } else { format!("level {}", level.level) };
        row(&format!("draws at {name}"), &level.draws, &whole);
    }
    let _ = writeln!(text, "\nat worst {} queries; -n is {}", foretold.worst_queries, conduct.queries);
    let _ = writeln!(text, "everything asked is answered in {}", percent(foretold.answered));
    for gate in &foretold.gates {
        let Chances { holds, fails, undecided } = gate.chances;
        let _ = writeln!(
            text,
            "gate {}: holds in {:.0}, fails in {:.0}, undecided in {}",
            gate.claim,
            holds * 100.0,
            fails * 100.0,
            percent(undecided)
        );
    }
    for (level, share) in &foretold.critical_levels {
        let found = if *level == 0.0 { "none".to_owned() } else { level.to_string() };
        let _ = writeln!(text, "critical level {found} in {}", percent(*share));
    }
    for warning in &foretold.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text.push_str("the audit itself gets a new seed; what was drawn before is no evidence for it\n");
    text
}

/// A guess, to four digits.
fn rounded(risk: f64) -> String {
    let text = format!("{risk:.4}");
    if risk.abs() >= 10.0 {
        format!("{risk:.1}")
    } else {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn a_guess_names_a_level_or_clean() {
        assert_eq!(guess("0.1=0.05").unwrap(), (0.1, 0.05));
        assert_eq!(guess(" clean = 3 ").unwrap(), (0.0, 3.0));
        for odd in ["", "0.1", "=0.1", "x=0.1", "-1=0.1", "0.1=nan", "inf=0.1"] {
            assert!(guess(odd).is_err(), "{odd}");
        }
    }
}
