//! What is told on stderr while an audit runs: the forecast, and a bar when that is a terminal.

use super::print::tell;
use crate::audit::{Core, Forecast, Watch, compare};
use crate::client::Counts;
use crate::report::realised::swallowed;
use crate::report::{Progress, Snapshot};
use crate::results::RealisedNoise;

/// Tells of a run on stderr.
pub struct Console {
    progress: Progress,
}

impl Console {
    /// Before the first query.
    pub fn new(levels: &[f64], budget: u64) -> Self {
        Self { progress: Progress::new(levels, budget) }
    }

    /// After the last.
    pub fn finish(&mut self) {
        self.progress.finish();
    }
}

impl Watch for Console {
    fn forecast(&mut self, forecast: &Forecast) {
        tell(&forecast.to_string());
    }

    fn forecast_of_all(&mut self, forecast: &compare::Forecast) {
        tell(&forecast.to_string());
    }

    fn realised(&mut self, of: Option<&str>, found: &[RealisedNoise]) {
        let of = of.map_or_else(String::new, |name| format!("{name}: "));
        for sentence in swallowed(found) {
            tell(&format!("warning: {of}{sentence}"));
        }
    }

    fn odd(&mut self, said: &str) {
        tell(&format!("warning: {said}"));
    }

    fn progress(&mut self, core: &Core, counts: &Counts) {
        self.progress.update(&Snapshot {
            queries: core.charged(),
            requests: counts.requests,
            level_states: core.levels().collect(),
            failures: counts.failures,
        });
    }
}
