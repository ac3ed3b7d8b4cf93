//! The simulation in small: short paths, few of them.

use super::alarm::alarm;
use super::*;

const RUNS: u64 = 200;

const BLESS: &str = "run tests/simulation/run --write";

#[test]
fn what_holds_is_not_alarmed_at_and_what_does_not_hold_is_caught() {
    let cells = cells(Size::Short);
    let table = Table::new(&cells, &play(&cells, 1, RUNS), RUNS);
    assert!(table.bad().is_empty(), "\n{table}");
    assert!(cells.iter().filter(|cell| cell.must == Must::BeCaught).count() == 5, "\n{table}");
}

#[test]
fn the_alarm_is_the_binomial_one() {
    for (budget, misses) in [(0.05, 139), (0.025, 79), (0.005, 25)] {
        assert_eq!(alarm(2_000, budget), misses);
    }
    // Two misses of two prove something, one of one does not.
    assert_eq!((alarm(2, 0.01), alarm(1, 0.01)), (2, 2));
}

#[test]
fn the_page_is_about_these_cells() {
    let page = include_str!("../../docs/simulation.md");
    let cells = cells(Size::Full);
    let nothing: Vec<_> = cells.iter().map(|cell| vec![0; cell.counts.len()]).collect();
    let told = |text: &str| -> Vec<Vec<String>> {
        let lines = text.lines().filter(|line| line.starts_with("| "));
        // Without misses and verdict.
        let told = |line: &str| {
            let columns: Vec<String> = line.split('|').map(|column| column.trim().to_owned()).collect();
            [&columns[1..5], &columns[6..7]].concat()
        };
        lines.map(told).collect()
    };
    let today = told(&Table::new(&cells, &nothing, 2_000).to_string());
    let page_told = told(page);
    assert_eq!(page_told.len(), today.len(), "{BLESS}");
    for (line, today) in page_told.iter().zip(&today) {
        assert_eq!(line, today, "{BLESS}");
    }
    assert!(!page.contains("ALARM") && !page.contains("NOT CAUGHT"));
}
