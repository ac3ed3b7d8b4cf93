//! The report on the terminal: what was audited, a table of the levels, gates, and the guarantee in words.
//!
//! Plain text of at most 100 columns, no colour. `levels`, `quantiles` and `apart` make the tables, in a
//! `grid`, and `lines` what is told in a line; the sentences are from [`sentence`]. Every number comes from the report.

mod apart;
pub(super) mod grid;
mod levels;
pub(super) mod lines;
mod quantiles;

use super::hints::hints;
use super::realised::realised;
use super::sentence;
#[cfg(test)]
use super::text::WIDTH;
use super::text::{shorten, wrap};
use crate::results::{Report, Stopped, Verdict};

/// The whole text, with a newline at the end.
pub fn render(report: &Report) -> String {
    let results = &report.results;
    let parts = [
        header(report),
        wrap(&sentence::warning(report).unwrap_or_default(), 0),
        levels::levels(results),
        levels::capped(results),
        quantiles::quantiles(results),
        apart::split(results),
        apart::slices(report),
        realised(&report.realised),
        lines::data_set(results),
        lines::clean_line(report),
        lines::gates(results),
        lines::whole(report),
        lines::unanswered(results),
        sentence::guarantee(report).iter().map(|p| wrap(p, 0)).collect::<Vec<_>>().join("\n"),
        hints(report).iter().map(|h| wrap(&format!("next: {h}"), 6)).collect::<Vec<_>>().join("\n"),
    ];
    let shown: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    shown.join("\n\n") + "\n"
}

/// What was audited, and what it took.
fn header(report: &Report) -> String {
    let facts = &report.endpoint;
    let version =
        facts.version.as_deref().map_or_else(String::new, |v| format!(", version {}", shorten(v, 20)));
    let noise = &report.question.noise;
    let asked = format!(
        "{} under {} noise ({}), {} rows, seed {}",
        shorten(&report.results.loss, 40),
        shorten(&noise.family, 40),
        sentence::level_unit(noise),
        report.data.rows,
        report.question.seed,
    );
    let run = &report.run;
    let took = format!("{} queries, {} requests, {} failures", run.queries, run.requests, run.failures);
    let first = match &facts.model {
        Some(model) => format!("audited {}{version}, at {}", shorten(model, 60), shorten(&facts.url, 80)),
        None => format!("audited {}{version}", shorten(&facts.url, 80)),
    };
    [first, asked, took].iter().map(|line| wrap(line, 2)).collect::<Vec<_>>().join("\n")
}

/// Why a level stopped, as in report.json.
pub(super) fn word(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Precision => "precision",
        Stopped::Gate => "gate",
        Stopped::Budget => "budget",
        Stopped::Rows => "rows",
        Stopped::Unanswered => "unanswered",
        Stopped::Inconsistent => "inconsistent",
        Stopped::Cut => "cut",
    }
}

/// A verdict, as in report.json.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Fails => "fails",
        Verdict::Undecided => "undecided",
    }
}

/// A count as a share of all, to three digits after the point; an estimate, so rounded to the nearest.
fn share(count: u64, all: u64) -> String {
    format!("{:.3}", count as f64 / all.max(1) as f64)
}

#[cfg(test)]
mod tests;
