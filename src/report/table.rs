//! The report on the terminal: what was audited, a table of the levels, gates, and the guarantee in words.
//!
//! Plain text of at most 100 columns, no colour. Every number comes from the report; the sentences
//! from [`sentence`].

use super::hints::hints;
use super::numbers::{Digits, typed};
use super::sentence;
use super::text::{WIDTH, clean, shorten, wrap};
use crate::results::{Bounded, CleanAnswers, LevelResult, Report, Stopped, Verdict};

/// The whole text, with a newline at the end.
pub fn render(report: &Report) -> String {
    let digits = Digits::of(&report.results);
    let parts = [
        header(report),
        levels(report, digits),
        clean_line(report, digits),
        gates(report),
        unanswered(report, digits),
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

/// One column of the table: its head, and a cell for each level.
struct Column {
    head: &'static str,
    cells: Vec<String>,
}

impl Column {
    /// A column, unless every cell is empty.
    fn some(
        head: &'static str,
        all: &[LevelResult],
        cell: impl Fn(&LevelResult) -> String,
    ) -> Option<Column> {
        let cells: Vec<String> = all.iter().map(cell).collect();
        cells.iter().any(|c| !c.is_empty()).then_some(Column { head, cells })
    }

    fn width(&self) -> usize {
        self.cells.iter().map(|c| c.chars().count()).chain([self.head.len()]).max().unwrap_or(0)
    }
}

/// The table; where it is too wide, degradations stand in a table of their own below.
fn levels(report: &Report, digits: Digits) -> String {
    let all = &report.results.levels;
    let limits = |b: &Bounded| if b.lower.or(b.upper).is_some() { digits.limits(b) } else { String::new() };
    let lost = |l: &LevelResult| l.degradation.unwrap_or_default();
    let level = || Column::some("level", all, |l| typed(l.level));
    let risk = [
        Column::some("draws", all, |l| l.draws.to_string()),
        Column::some("risk", all, |l| digits.estimate(&l.risk)),
        Column::some(head(all.iter().map(|l| l.risk)), all, |l| limits(&l.risk)),
    ];
    let mut degradation = vec![
        Column::some("degradation", all, |l| l.degradation.map_or_else(String::new, |d| digits.estimate(&d))),
        Column::some(head(all.iter().map(lost)), all, |l| limits(&lost(l))),
    ];
    let stopped = Column::some("stopped", all, |l| word(l.stopped).to_owned());
    let columns = |parts: Vec<Option<Column>>| parts.into_iter().flatten().collect::<Vec<_>>();
    let width = |c: &[Option<Column>]| c.iter().flatten().map(|c| c.width() + 2).sum::<usize>();
    let total =
        width(&risk) + width(&degradation) + width(&[level()]) + stopped.as_ref().map_or(0, Column::width);
    let mut first = vec![level()];
    first.extend(risk);
    if total <= WIDTH {
        first.append(&mut degradation);
    }
    first.push(stopped);
    let text = grid(&columns(first));
    if degradation.iter().all(Option::is_none) {
        return text;
    }
    degradation.insert(0, level());
    format!("{text}\n\n{}", grid(&columns(degradation)))
}

/// The head over limits: which of them there are.
fn head(mut all: impl Iterator<Item = Bounded>) -> &'static str {
    if all.any(|b| b.lower.is_some()) { "[lower, upper]" } else { "upper limit" }
}

/// Columns side by side, aligned to the right but for the last.
fn grid(columns: &[Column]) -> String {
    let rows = columns.first().map_or(0, |c| c.cells.len());
    let line = |cell: &dyn Fn(&Column) -> String| {
        let mut text = String::new();
        for (i, column) in columns.iter().enumerate() {
            let (cell, width) = (cell(column), column.width());
            text.push_str(if i == 0 { "" } else { "  " });
            let aligned = if column.head == "stopped" { cell } else { format!("{cell:>width$}") };
            text.push_str(&aligned);
        }
        text.trim_end().to_owned()
    };
    let heads = line(&|c| c.head.to_owned());
    let body = (0..rows).map(|row| line(&|c| c.cells.get(row).cloned().unwrap_or_default()));
    std::iter::once(heads).chain(body).collect::<Vec<_>>().join("\n")
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

fn clean_line(report: &Report, digits: Digits) -> String {
    let clean = &report.results.clean;
    if clean.risk.estimate.is_none() {
        return String::new();
    }
    let risk = digits.estimate(&clean.risk);
    if sentence::by_definition(&report.results) {
        return format!("clean risk 0, by definition: {} rows were asked clean to compare with", clean.draws);
    }
    if clean.exact {
        return format!("clean risk {risk}, known exactly: all {} rows were asked and answered", clean.draws);
    }
    let limits = match (clean.risk.lower, clean.risk.upper) {
        (None, None) => String::new(),
        _ => format!(" {}", digits.limits(&clean.risk)),
    };
    if report.results.clean_answers == CleanAnswers::Fresh && clean.stopped.is_none() {
        let told = format!(
            "clean risk {risk}, an estimate from {} rows: this endpoint does not answer a row the same way twice, so \
             nothing is claimed of it, nor of the degradation; --clean-pass 0 has the clean risk bounded",
            clean.draws
        );
        return wrap(&told, 2);
    }
    let stopped = clean.stopped.map_or_else(String::new, |s| format!(", stopped: {}", word(s)));
    format!("clean risk {risk}{limits}, from {} draws{stopped}", clean.draws)
}

fn gates(report: &Report) -> String {
    let line = |g: &crate::results::GateResult| {
        format!("gate {:<9}  {}", verdict(g.verdict), shorten(&clean(&g.claim), 80))
    };
    report.results.gates.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One line for each level with unanswered draws: how many, and where the estimate would lie with them.
fn unanswered(report: &Report, digits: Digits) -> String {
    let results = &report.results;
    let clean = ("clean".to_owned(), results.clean.unanswered, results.clean.draws, &results.clean.risk);
    let noisy =
        results.levels.iter().map(|l| (format!("level {}", typed(l.level)), l.unanswered, l.draws, &l.risk));
    std::iter::once(clean)
        .chain(noisy)
        .filter(|(_, missing, _, _)| *missing > 0)
        .map(|(place, missing, draws, risk)| {
            let range = risk.estimate_range.map_or_else(String::new, |(low, high)| {
                let both = Bounded { lower: Some(low), upper: Some(high), ..Bounded::default() };
                format!("; the estimate is in {}", digits.limits(&both))
            });
            wrap(&format!("unanswered at {place}: {missing} of {draws} draws{range}"), 2)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests;
