//! Reports with what can be asked beside the risk, each with a few kinds of numbers.

use super::{blank, both, degrade, estimate, gate, level, precise, set_clean, upper};
use crate::bound::{Claim, Quantity, Side};
use crate::config::question::{
    CriticalSpec, GateQuantity, Measured, QuantileSpec, Relation, Route, Scope, SliceSpec,
};
use crate::results::{
    Bounded, Clean, CriticalResult, DataSetLoss, NoiseFloor, QuantileResult, Report, SliceResult, Split,
    Stopped, Tail, Verdict,
};

/// Squared errors without a range, capped, with tails and quantiles, one of which has no upper limit yet; gates on
/// other quantities than the risk.
pub fn capped() -> Report {
    let mut report = blank("squared-error", (0.0, 25.0), &[0.5, 1.0, 2.0]);
    report.question.loss.cap = Some(25.0);
    report.results.range = None;
    report.results.cap = Some(25.0);
    set_clean(&mut report, 442, 4.218_9);
    let risks = [both(5.31, 4.12, 6.53), both(8.93, 7.71, 10.17), both(14.02, 12.8, 15.3)];
    let tails = [both(0.002, 0.000_1, 0.018), both(0.021, 0.009_2, 0.044), both(0.139, 0.108, 0.177)];
    for (i, (risk, tail)) in risks.into_iter().zip(tails).enumerate() {
        level(&mut report, i, 900 + 500 * i as u64, risk);
        report.results.levels[i].tail = Some(Tail { above: 25.0, probability: tail });
        report.results.levels[i].method = "aim-bets".into();
        let high = both(3.1 + i as f64, 2.8 + i as f64, 3.6 + i as f64);
        quantile(&mut report, i, 90.0, Measured::AbsoluteError, high);
        quantile(&mut report, i, 99.9, Measured::Shift, Bounded { upper: None, ..both(11.5, 7.25, 0.0) });
        claim(&mut report, Quantity::Tail, Some(i), Side::Upper, "aim-d");
    }
    degrade(&mut report);
    relate(&mut report);
    let spec = QuantileSpec { of: Measured::AbsoluteError, percent: 90.0 };
    gate(&mut report, "q90(absolute-error)@0.5 <= 4", Some(0.5), Relation::AtMost, 4.0, Verdict::Holds);
    gate(&mut report, "degradation@all <= 5", None, Relation::AtMost, 5.0, Verdict::Fails);
    report.question.gates[0].quantity = GateQuantity::Quantile(spec);
    report.question.gates[1].quantity = GateQuantity::Degradation;
    report
}

/// What noise did to single rows, the index, the critical level and the noise floor.
pub fn rows_told_apart() -> Report {
    let mut report = precise();
    let splits = [(26, 3, 1, 820, 0), (28, 22, 3, 927, 2), (31, 461, 42, 1776, 0)];
    for (l, (was_wrong, became_wrong, became_right, stayed_right, unanswered)) in
        report.results.levels.iter_mut().zip(splits)
    {
        l.split = Some(Split { was_wrong, became_wrong, became_right, stayed_right, unanswered });
        l.method = "aim-d".into();
    }
    report.results.claims.iter_mut().for_each(|c| c.method = "aim-d".into());
    relate(&mut report);
    report.results.index = Some(both(0.900_66, 0.864, 0.925_9));
    report.results.noise_floor =
        Some(NoiseFloor { pairs: 83, unanswered: 1, differ: both(0.012, 0.000_3, 0.092) });
    claim(&mut report, Quantity::NoiseFloor, None, Side::Upper, "aim");
    let (holds, fails) = (Some(0.1), Some(0.2));
    find_critical(&mut report, "error <= 0.1", 0.1, (holds, fails, Verdict::Fails));
    report
}

/// A risk for each slice; nothing was shown up to any level.
pub fn sliced() -> Report {
    let mut report = precise();
    report.question.gates.clear();
    report.results.gates.clear();
    slice(&mut report, &["north", "south-east", "west <4>"]);
    find_critical(&mut report, "error <= 0.03", 0.03, (None, Some(0.05), Verdict::Undecided));
    report
}

/// Capped losses with a tail for each slice.
pub fn capped_slices() -> Report {
    let mut report = capped();
    report.question.gates.clear();
    report.results.gates.clear();
    slice(&mut report, &["F", "M"]);
    let tails = [both(0.004, 0.000_2, 0.041), both(0.033, 0.007, 0.08)];
    for l in &mut report.results.levels {
        for (s, probability) in l.slices.iter_mut().zip(tails) {
            s.tail = Some(Tail { above: 25.0, probability });
        }
    }
    report
}

/// More slices than a picture can tell apart, one of them without a draw.
pub fn many_slices() -> Report {
    let mut report = precise();
    slice(&mut report, &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    for l in &mut report.results.levels {
        l.slices[9] =
            SliceResult { draws: 0, risk: Bounded::default(), degradation: None, ..l.slices[9].clone() };
    }
    find_critical(&mut report, "error <= 0.5", 0.5, (Some(0.2), None, Verdict::Holds));
    report
}

/// The whole data set in passes: one level is complete, one was cut, one has a gate alone.
pub fn passes() -> Report {
    let mut report = blank("squared-error", (0.0, 60.0), &[0.5, 1.0, 2.0]);
    report.question.replicates = Some(0.95);
    report.question.precision = None;
    set_clean(&mut report, 442, 9.184_2);
    let means = [upper(14.91, 15.73), estimate(31.4), estimate(44.1)];
    for (i, (mean, (passes, planned))) in means.into_iter().zip([(59, 59), (40, 59), (12, 0)]).enumerate() {
        level(&mut report, i, 442 * passes, estimate(mean.estimate.unwrap()));
        let l = &mut report.results.levels[i];
        l.data_set = Some(DataSetLoss { passes, planned, share: 0.95, mean });
        l.stopped = [Stopped::Precision, Stopped::Cut, Stopped::Gate][i];
        claim(&mut report, Quantity::DataSet, Some(i), Side::Upper, "replicates");
    }
    let text = "dataset-mse@2 <= 50 with 0.95";
    gate(&mut report, text, Some(2.0), Relation::AtMost, 50.0, Verdict::Holds);
    report.question.gates[0].quantity = GateQuantity::DataSet(0.95);
    report.run.cut = Some("interrupted".into());
    report
}

/// About the population: each row once, clean a level of its own, paired degradations.
pub fn population() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.2]);
    report.question.scope = Scope::Population;
    report.results.scope = "population".into();
    report.results.clean = Clean {
        draws: 1797,
        risk: both(0.031_2, 0.020_1, 0.047_7),
        stopped: Some(Stopped::Rows),
        ..Clean::default()
    };
    level(&mut report, 0, 1797, both(0.050_9, 0.034_1, 0.072_5));
    level(&mut report, 1, 1797, both(0.213, 0.177, 0.252));
    for (i, paired) in [both(0.019_7, -0.004, 0.046), both(0.181_8, 0.13, 0.231)].into_iter().enumerate() {
        report.results.levels[i].stopped = Stopped::Rows;
        report.results.levels[i].degradation = Some(paired);
        claim(&mut report, Quantity::Degradation, Some(i), Side::Upper, "aim-bets");
    }
    report
}

/// The risk by way of differences from the known clean risk.
pub fn differences() -> Report {
    let mut report = precise();
    report.question.route = Route::Differences;
    report.results.claims.iter_mut().for_each(|c| c.method = "differences".into());
    report
}

/// Limits that may not hold.
pub fn asymptotic() -> Report {
    let mut report = blank("squared-error", (0.0, 1.0), &[0.5, 1.0]);
    report.question.asymptotic = true;
    report.results.asymptotic = true;
    report.results.range = None;
    set_clean(&mut report, 442, 9.184_2);
    level(&mut report, 0, 1744, both(14.903, 12.08, 18.01));
    level(&mut report, 1, 5120, both(31.377, 28.52, 34.49));
    report.results.claims.iter_mut().for_each(|c| c.method = "asymptotic".into());
    degrade(&mut report);
    relate(&mut report);
    report.results.index = Some(both(0.454, 0.388, 0.541));
    report
}

fn claim(report: &mut Report, quantity: Quantity, i: Option<usize>, side: Side, method: &str) {
    report.results.claims.push(Claim {
        id: format!("{quantity:?}-{i:?}:{side:?}"),
        quantity,
        slice: None,
        level: i.map(|i| report.question.levels[i]),
        side,
        alpha: 0.001,
        method: method.into(),
    });
}

fn quantile(report: &mut Report, i: usize, percent: f64, of: Measured, value: Bounded) {
    report.results.levels[i].quantiles.push(QuantileResult { of, percent, value });
    claim(report, Quantity::Quantile, Some(i), Side::Lower, "quantile");
    claim(report, Quantity::Quantile, Some(i), Side::Upper, "quantile");
}

/// The degradations as multiples of the known clean risk.
fn relate(report: &mut Report) {
    let clean = report.results.clean.risk.estimate.unwrap();
    for l in &mut report.results.levels {
        let over = |v: Option<f64>| v.map(|v| v / clean);
        l.relative = l.degradation.map(|d| Bounded {
            estimate: over(d.estimate),
            lower: over(d.lower),
            upper: over(d.upper),
            estimate_range: None,
        });
    }
}

fn slice(report: &mut Report, values: &[&str]) {
    report.question.slice =
        Some(SliceSpec { column: "region".into(), values: values.iter().map(|&v| v.into()).collect() });
    let one = |i: usize, draws: u64, risk: Bounded| SliceResult {
        value: values[i].into(),
        draws: draws / values.len() as u64,
        unanswered: u64::from(i == 1),
        risk,
        degradation: None,
        tail: None,
    };
    let share = |i: usize| 0.4 + 1.2 * i as f64 / values.len() as f64;
    let clean = report.results.clean.risk.estimate.unwrap();
    report.results.clean.slices =
        (0..values.len()).map(|i| one(i, 1797, estimate(clean * share(i)))).collect();
    for l in &mut report.results.levels {
        let p = l.risk.estimate.unwrap();
        let wide = |i: usize| both(p * share(i), (p * share(i) - 0.06).max(0.0), p * share(i) + 0.09);
        l.slices = (0..values.len()).map(|i| one(i, l.draws, wide(i))).collect();
        for (i, s) in l.slices.iter_mut().enumerate() {
            let (low, high) = (s.risk.lower.unwrap(), s.risk.upper.unwrap());
            let known = clean * share(i);
            s.degradation = Some(both(s.risk.estimate.unwrap() - known, low - known, high - known));
        }
    }
}

fn find_critical(
    report: &mut Report,
    text: &str,
    threshold: f64,
    (level, next, verdict): (Option<f64>, Option<f64>, Verdict),
) {
    let relation = Relation::AtMost;
    report.question.critical = Some(CriticalSpec { text: text.into(), relation, threshold });
    report.results.critical = Some(CriticalResult { claim: text.into(), level, next, verdict });
    claim(report, Quantity::Critical, None, Side::Verdict, "gate");
}
