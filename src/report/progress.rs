//! The bar on stderr while an audit runs; hidden when stderr is not a terminal.
//!
//! How often it is fed is left to the audit. The invariant: it shows counts and estimates, never a limit or
//! a verdict, as those count only once they are in the journal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::numbers::typed;
use super::text::shorten;

/// Where an audit stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// Charged queries so far.
    pub queries: u64,
    /// Requests sent so far.
    pub requests: u64,
    /// The level, its draws so far, and the mean of their losses where there is one.
    pub level_states: Vec<(f64, u64, Option<f64>)>,
    /// Requests that failed.
    pub failures: u64,
}

/// The bar of one audit. It disappears when it is dropped.
pub struct Progress {
    bar: ProgressBar,
    /// Whether anything was shown yet; what a resumed audit begins with is not progress of this run.
    begun: std::cell::Cell<bool>,
}

impl Progress {
    /// A bar for an audit of these levels with at most `budget` queries.
    pub fn new(levels: &[f64], budget: u64) -> Progress {
        Progress::on(ProgressDrawTarget::stderr(), levels, budget)
    }

    fn on(target: ProgressDrawTarget, levels: &[f64], budget: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(budget), target);
        let template = "{bar:20} {pos}/{len} queries, {per_sec:>0}, at most {eta} left{msg}";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(format!(", {} level{}", levels.len(), if levels.len() == 1 { "" } else { "s" }));
        Progress { bar, begun: std::cell::Cell::new(false) }
    }

    /// Shows where the audit stands.
    pub fn update(&self, snapshot: &Snapshot) {
        self.bar.set_message(message(snapshot));
        self.bar.set_position(snapshot.queries);
        if !self.begun.replace(true) {
            self.bar.reset_eta();
        }
    }

    /// Takes the bar away, so that what follows stands alone.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// What stands behind the counts: requests, failures, and the level that draws now.
fn message(snapshot: &Snapshot) -> String {
    let mut text = format!(", {} requests, {} failures", snapshot.requests, snapshot.failures);
    let levels = snapshot.level_states.iter().filter(|(_, draws, _)| *draws > 0);
    let states = levels.map(|(level, draws, estimate)| {
        let mean = estimate.map_or_else(String::new, |e| format!(" ~{}", typed((e * 1e3).round() / 1e3)));
        format!("{}: {draws}{mean}", typed(*level))
    });
    let states: Vec<String> = states.collect();
    if !states.is_empty() {
        text.push_str(" | ");
        text.push_str(&shorten(&states.join("  "), 60));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was written to it.
    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            200
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn half_way() -> Snapshot {
        Snapshot {
            queries: 1234,
            requests: 310,
            level_states: vec![(0.1, 600, Some(0.051_23)), (0.2, 12, None), (0.3, 0, None)],
            failures: 2,
        }
    }

    #[test]
    fn counts_and_estimates_are_shown_and_no_limit() {
        let paper = Paper::default();
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(paper.clone()), 255);
        let progress = Progress::on(target, &[0.1, 0.2, 0.3], 10_000);
        progress.update(&half_way());
        progress.bar.tick();
        progress.bar.force_draw();
        progress.finish();
        let shown = paper.0.lock().unwrap().clone();
        for part in ["1234/10000 queries", "310 requests, 2 failures", "0.1: 600 ~0.051", "0.2: 12", "left"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        for word in ["0.3:", "[0", "holds", "fails "] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }

    #[test]
    fn many_levels_stay_on_a_line() {
        let mut snapshot = half_way();
        snapshot.level_states = (1..=20).map(|i| (f64::from(i) / 3.0, 123_456, Some(1.0 / 3.0))).collect();
        assert!(message(&snapshot).chars().count() < 110);
    }

    #[test]
    fn a_hidden_bar_takes_updates_in_silence() {
        let progress = Progress::on(ProgressDrawTarget::hidden(), &[0.1], 0);
        progress.update(&Snapshot::default());
        assert!(progress.bar.is_hidden());
        progress.finish();
    }
}
