//! A plan in words and a table, for a terminal.
//!
//! Invariant: no line is wider than any other report's.

use std::fmt::Write as _;

use super::foretold::{PlanForecast, audits};
use crate::audit::simulate::{Chances, Guess, Percentiles};
use crate::config::Conduct;
use crate::report::text::wrap;

/// The text. `guessed` tells whether somebody guessed.
pub fn render(foretold: &PlanForecast, conduct: &Conduct, guessed: bool) -> String {
    let mut text =
        format!("{} audits were made up (seed {}); nothing was sent\n", foretold.paths, foretold.seed);
    let guesses: Vec<String> = foretold.guesses.iter().filter_map(guess).collect();
    let how = if guessed { "guessed risk" } else { "no guess was given, so the risk is taken to be" };
    let risks = if guesses.is_empty() {
        "no guess was given, and the loss has no range to take one from".to_owned()
    } else {
        format!("{how}: {}", guesses.join(", "))
    };
    line(&mut text, &risks);
    for assumed in &foretold.assumptions {
        line(&mut text, assumed);
    }
    text.push('\n');
    table(&mut text, foretold, conduct);
    let _ = writeln!(text, "\nat worst {} queries; -n is {}", foretold.worst_queries, foretold.budget);
    let _ = writeln!(text, "everything asked is answered in {}", audits(foretold.answered));
    for gate in &foretold.gates {
        let Chances { holds, fails, undecided } = gate.chances;
        let (holds, fails) = (holds * 100.0, fails * 100.0);
        let (claim, undecided) = (&gate.claim, audits(undecided));
        line(
            &mut text,
            &format!("gate {claim}: holds in {holds:.0}, fails in {fails:.0}, undecided in {undecided}"),
        );
    }
    for found in &foretold.critical_levels {
        let level = if found.level == 0.0 { "none".to_owned() } else { found.level.to_string() };
        let _ = writeln!(text, "critical level {level} in {}", audits(found.share));
    }
    for warning in &foretold.warnings {
        line(&mut text, &format!("warning: {warning}"));
    }
    text.push_str("the audit itself gets a new seed; what was drawn before is no evidence for it\n");
    text
}

/// Appends a sentence, broken into lines.
fn line(text: &mut String, sentence: &str) {
    text.push_str(&wrap(sentence, 2));
    text.push('\n');
}

fn place(level: f64) -> String {
    if level == 0.0 { "clean".to_owned() } else { format!("level {level}") }
}

fn guess(guess: &Guess) -> Option<String> {
    let from = match guess.guessed_for {
        Some(0.0) => " (as clean)".to_owned(),
        Some(level) => format!(" (as level {level})"),
        None => String::new(),
    };
    Some(format!("{} {}{from}", place(guess.level), rounded(guess.risk?)))
}

fn table(text: &mut String, foretold: &PlanForecast, conduct: &Conduct) {
    let mut row = |name: &str, cells: [String; 3]| {
        let [median, p90, p99] = cells;
        let _ = writeln!(text, "{name:<24}{median:>12}{p90:>14}{p99:>14}");
    };
    let cells = |of: &Percentiles, show: fn(f64) -> String| [show(of.median), show(of.p90), show(of.p99)];
    row("", ["median", "90 of 100", "99 of 100"].map(str::to_owned));
    row("queries", cells(&foretold.queries, whole));
    row("requests", cells(&foretold.requests, whole));
    if let (Some(seconds), Some(rate)) = (&foretold.seconds, conduct.rate) {
        row(&format!("seconds at {rate} requests/s"), cells(seconds, whole));
    }
    if let Some(cost) = &foretold.cost {
        row("cost", cells(cost, |cost| if cost < HUGE { format!("{cost:.2}") } else { whole(cost) }));
    }
    for level in &foretold.levels {
        row(&format!("draws at {}", place(level.level)), cells(&level.draws, whole));
    }
}

/// Numbers from here on are told by their power of ten.
const HUGE: f64 = 1e12;

fn whole(number: f64) -> String {
    if number < HUGE { format!("{number:.0}") } else { format!("{number:.3e}") }
}

/// A guess, to four digits.
fn rounded(risk: f64) -> String {
    let text = format!("{risk:.4}");
    if risk.abs() >= HUGE {
        format!("{risk:.3e}")
    } else if risk != 0.0 && risk.abs() < 1e-3 {
        format!("{risk:.1e}")
    } else if risk.abs() >= 10.0 {
        format!("{risk:.1}")
    } else {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}
