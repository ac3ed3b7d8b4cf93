//! Tables of the page, and how numbers stand in them.

use std::fmt;

use crate::measure::Measured;

/// A table in Markdown.
pub struct Table {
    head: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Table {
    /// Without lines.
    pub fn new(head: &[impl ToString]) -> Self {
        Self { head: head.iter().map(ToString::to_string).collect(), lines: Vec::new() }
    }

    /// Adds a line.
    pub fn push(&mut self, line: Vec<String>) {
        self.lines.push(line);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.head.join(" | "))?;
        writeln!(f, "|{}", " --- |".repeat(self.head.len()))?;
        self.lines.iter().try_for_each(|line| writeln!(f, "| {} |", line.join(" | ")))
    }
}

/// A number, with a comma after every third digit.
pub fn known(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Median and 90th percentile; runs that came to no end have more than `cap` draws.
pub fn count(measured: &Measured, cap: u64) -> String {
    let one = |draws: Option<u64>| draws.map_or_else(|| format!("> {}", known(cap)), known);
    match measured.median {
        None => one(None),
        median => format!("{} / {}", one(median), one(measured.p90)),
    }
}

/// The same with the share of runs that decided rightly, where that is below 0.99.
pub fn verdicts(measured: &Measured, cap: u64) -> String {
    let count = count(measured, cap);
    if measured.right < 0.99 { format!("{count} ({:.2})", measured.right) } else { count }
}
