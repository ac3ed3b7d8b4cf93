//! What was counted, judged and printed.

use std::fmt;

use super::alarm::alarm;
use super::cell::{Cell, Must};

/// One count of one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    cell: String,
    what: &'static str,
    budget: f64,
    paths: u64,
    misses: u64,
    alarm: u64,
    must: Must,
}

impl Line {
    /// Whether it came out as it must.
    pub fn good(&self) -> bool {
        (self.misses >= self.alarm) == (self.must == Must::BeCaught)
    }

    fn verdict(&self) -> &'static str {
        match (self.must, self.good()) {
            (Must::Hold, true) => "holds",
            (Must::Hold, false) => "ALARM",
            (Must::BeCaught, true) => "caught",
            (Must::BeCaught, false) => "NOT CAUGHT",
        }
    }

    fn columns(&self) -> [String; 7] {
        // A budget such as 1/1.035 is shown with five digits.
        let budget = (self.budget * 1e5).round() / 1e5;
        [
            self.cell.clone(),
            self.what.to_owned(),
            budget.to_string(),
            self.paths.to_string(),
            self.misses.to_string(),
            self.alarm.to_string(),
            self.verdict().to_owned(),
        ]
    }
}

/// All counts of all cells.
pub struct Table(pub Vec<Line>);

impl Table {
    /// Judges the misses of each count of each cell.
    pub fn new(cells: &[Cell], misses: &[Vec<u64>], runs: u64) -> Self {
        let lines = cells.iter().zip(misses).flat_map(|(cell, misses)| {
            let paths = cell.paths(runs);
            cell.counts.iter().zip(misses).map(move |(count, &misses)| Line {
                cell: cell.name.clone(),
                what: count.what,
                budget: count.budget,
                paths,
                misses,
                alarm: alarm(paths, count.budget),
                must: cell.must,
            })
        });
        Self(lines.collect())
    }

    /// The lines that did not come out as they must.
    pub fn bad(&self) -> Vec<&Line> {
        self.0.iter().filter(|line| !line.good()).collect()
    }
}

/// A table of Markdown, with columns that line up.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["cell", "wrong", "budget", "paths", "misses", "alarm at", "verdict"].map(str::to_owned);
        let lines: Vec<[String; 7]> = std::iter::once(head).chain(self.0.iter().map(Line::columns)).collect();
        let widths: [usize; 7] =
            std::array::from_fn(|column| lines.iter().map(|line| line[column].len()).max().unwrap_or(0));
        for (place, line) in lines.iter().enumerate() {
            for (column, (text, width)) in line.iter().zip(widths).enumerate() {
                // Numbers stand to the right.
                if (2..6).contains(&column) {
                    write!(f, "| {text:>width$} ")?;
                } else {
                    write!(f, "| {text:<width$} ")?;
                }
            }
            writeln!(f, "|")?;
            if place == 0 {
                let rules = ["---", "---", "--:", "--:", "--:", "--:", "---"];
                writeln!(f, "| {} |", rules.join(" | "))?;
            }
        }
        Ok(())
    }
}
