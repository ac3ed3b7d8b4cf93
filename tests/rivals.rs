//! The Beta mixture that noisebound is compared with, against multiple-precision values: a rival that is computed
//! wrongly would be beaten too easily.

use serde::Deserialize;

#[path = "../benches/queries/rivals/beta.rs"]
mod beta;

use beta::{Prior, crossing, ln_own, log_e};

/// How far a limit may be from its reference value.
const TOLERANCE: f64 = 1e-9;

struct Counts {
    ones: f64,
    zeros: f64,
}

impl Counts {
    /// Both limits; the prior may depend on the null.
    fn limits(&self, alpha: f64, prior: impl Fn(f64) -> Prior) -> (f64, f64) {
        let wealth = |m: f64| log_e(ln_own(self.ones, self.zeros, prior(m)), self.ones, self.zeros, m);
        let (mean, hurdle) = (self.ones / (self.ones + self.zeros), -alpha.ln());
        let lower = if self.ones == 0.0 { 0.0 } else { crossing(mean, 0.0, hurdle, wealth) };
        let upper = if self.zeros == 0.0 { 1.0 } else { crossing(mean, 1.0, hurdle, wealth) };
        (lower, upper)
    }

    fn assert_limits(&self, found: (f64, f64), expected: (f64, f64)) {
        let place = format!("{} ones, {} zeros: {found:?}, {expected:?}", self.ones, self.zeros);
        assert!((found.0 - expected.0).abs() <= TOLERANCE, "{place}");
        assert!((found.1 - expected.1).abs() <= TOLERANCE, "{place}");
    }
}

#[derive(Deserialize)]
struct Case {
    prior: Prior,
    ones: f64,
    draws: f64,
    alpha: f64,
    lower: f64,
    upper: f64,
}

#[test]
fn the_beta_mixture_has_the_reference_limits() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/beta_mixture.json")).unwrap();
    assert_eq!(cases.len(), 32);
    for case in cases {
        let counts = Counts { ones: case.ones, zeros: case.draws - case.ones };
        counts.assert_limits(counts.limits(case.alpha, |_| case.prior), (case.lower, case.upper));
    }
}

#[derive(Deserialize)]
struct Tuned {
    #[serde(rename = "tuned_to")]
    horizon: f64,
    #[serde(rename = "tuned_at")]
    doubt: f64,
    ones: f64,
    draws: f64,
    alpha: f64,
    lower: f64,
    upper: f64,
}

/// The prior whose mean is the null, as narrow as is best after so many draws: Howard, Ramdas, McAuliffe and Sekhon,
/// "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021, and their library.
fn tuned(m: f64, draws: f64, alpha: f64) -> Prior {
    let (unit, doubt) = (m * (1.0 - m), -alpha.ln());
    let width = unit * draws / (2.0 * doubt + (2.0 * doubt).ln_1p()) - unit;
    let width = width.max(1e-3 * unit);
    (width / (1.0 - m), width / m)
}

#[test]
fn a_prior_around_the_null_has_the_reference_limits() {
    let cases: Vec<Tuned> = serde_json::from_str(include_str!("vectors/beta_mixture_tuned.json")).unwrap();
    assert_eq!(cases.len(), 9);
    for case in cases {
        let counts = Counts { ones: case.ones, zeros: case.draws - case.ones };
        let found = counts.limits(case.alpha, |m| tuned(m, case.horizon, case.doubt));
        counts.assert_limits(found, (case.lower, case.upper));
    }
}
