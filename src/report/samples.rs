//! Reports for tests: one for each way in which an audit can end.
//!
//! Times and versions are fixed, so that snapshots hold. The numbers are plausible, not computed.

mod more;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bound::{Claim, Quantity, Side};
use crate::config::Conduct;
use crate::config::question::{
    DataId, EndpointId, GateQuantity, GateSpec, LossSpec, NoiseSpec, Question, Relation, Route, Scale, Scope,
    SideSpec,
};
use crate::results::{
    Bounded, Clean, CleanAnswers, DataFacts, EndpointFacts, FieldFacts, GateResult, LevelResult, Report,
    Results, Run, Stopped, Verdict,
};

pub(super) use self::more::{
    asymptotic, capped, capped_slices, differences, many_slices, passes, population, rows_told_apart, sliced,
};

/// Every sample, with a name for messages and files.
pub(super) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("precise", precise()),
        ("upper_alone", upper_alone()),
        ("gates_alone", gates_alone()),
        ("promised_range", promised_range()),
        ("flips", flips()),
        ("fresh_clean", fresh_clean()),
        ("fresh_pass", fresh_pass()),
        ("unanswered", unanswered()),
        ("cut_short", cut_short()),
        ("inconsistent", inconsistent()),
        ("one_level", one_level()),
        ("twenty_levels", twenty_levels()),
        ("huge_values", huge_values()),
        ("nothing", nothing()),
        ("capped", capped()),
        ("rows_told_apart", rows_told_apart()),
        ("sliced", sliced()),
        ("many_slices", many_slices()),
        ("capped_slices", capped_slices()),
        ("passes", passes()),
        ("population", population()),
        ("differences", differences()),
        ("asymptotic", asymptotic()),
    ]
}

/// Limits on both sides at three levels, two gates, an exactly known clean risk.
pub(super) fn precise() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.05, 0.1, 0.2]);
    set_clean(&mut report, 1797, 0.031_163_049_526_989);
    level(&mut report, 0, 850, both(0.034_117_647, 0.021_38, 0.059_96));
    level(&mut report, 1, 982, both(0.050_916_496, 0.034_117, 0.081_449));
    level(&mut report, 2, 2310, both(0.212_987_01, 0.166_61, 0.266_57));
    degrade(&mut report);
    gate(&mut report, "error@0.1 <= 0.1", Some(0.1), Relation::AtMost, 0.1, Verdict::Holds);
    gate(&mut report, "error@0.2 <= 0.15", Some(0.2), Relation::AtMost, 0.15, Verdict::Fails);
    report
}

/// Upper limits alone.
pub(super) fn upper_alone() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.3]);
    report.question.side = SideSpec::Upper;
    set_clean(&mut report, 1797, 0.0);
    level(&mut report, 0, 120, Bounded { lower: None, ..both(0.0, 0.0, 0.049_91) });
    level(&mut report, 1, 640, Bounded { lower: None, ..both(0.051_562_5, 0.0, 0.100_96) });
    degrade(&mut report);
    report
}

/// Gates and no precision, so no limits; one gate too close to call, one at all levels.
pub(super) fn gates_alone() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.2, 0.3]);
    report.question.precision = None;
    set_clean(&mut report, 1797, 0.031_163_049_526_989);
    level(&mut report, 0, 75, Bounded { estimate: Some(0.0), ..Bounded::default() });
    level(&mut report, 1, 31_233, Bounded { estimate: Some(0.050_12), ..Bounded::default() });
    level(&mut report, 2, 8692, Bounded { estimate: Some(0.148_2), ..Bounded::default() });
    report.results.levels.iter_mut().for_each(|l| l.stopped = Stopped::Gate);
    report.results.levels[2].stopped = Stopped::Budget;
    gate(&mut report, "error@0.1 <= 0.05", Some(0.1), Relation::AtMost, 0.05, Verdict::Holds);
    gate(&mut report, "error@0.2 <= 0.05", Some(0.2), Relation::AtMost, 0.05, Verdict::Undecided);
    gate(&mut report, "error@all <= 0.15", None, Relation::AtMost, 0.15, Verdict::Undecided);
    report
}

/// Squared errors in a promised range, levels in standard deviations, clipped, two columns alone; clean is
/// a level with draws of its own.
pub(super) fn promised_range() -> Report {
    let mut report = blank("squared-error", (0.0, 60.0), &[0.5, 1.0]);
    report.question.loss.range = Some((0.0, 60.0));
    report.question.noise.scale = Scale::Std;
    report.question.noise.clip = Some((0.0, 16.0));
    report.question.noise.perturb = Some(vec!["bmi".into(), "blood pressure".into()]);
    report.question.precision = Some(3.0);
    report.question.data.rows = 20_640;
    report.data.rows = 20_640;
    let risk = both(9.184_2, 7.02, 12.44);
    report.results.clean = Clean {
        draws: 1320,
        unanswered: 0,
        exact: false,
        risk,
        stopped: Some(Stopped::Precision),
        ..Clean::default()
    };
    level(&mut report, 0, 1744, both(14.903, 12.08, 18.01));
    level(&mut report, 1, 5120, both(31.377, 28.52, 34.49));
    report.results.levels.iter_mut().for_each(|l| l.method = "aim-bets".into());
    report
}

/// Changed predictions under uniform noise, against the clean answers of the run.
pub(super) fn flips() -> Report {
    let mut report = blank("flip", (0.0, 1.0), &[0.5, 1.0, 2.0]);
    report.question.noise.family = "uniform".into();
    set_clean(&mut report, 1797, 0.0);
    // Only rows that a draw needs are asked clean.
    report.results.clean.draws = 1402;
    level(&mut report, 0, 310, both(0.009_68, 0.000_52, 0.049_9));
    level(&mut report, 1, 930, both(0.048_387, 0.030_5, 0.080_4));
    level(&mut report, 2, 2480, both(0.296_77, 0.249_8, 0.349_7));
    gate(&mut report, "flip@2 >= 0.25", Some(2.0), Relation::AtLeast, 0.25, Verdict::Undecided);
    report.results.levels[2].stopped = Stopped::Budget;
    report
}

/// An endpoint that does not answer the same row the same way.
pub(super) fn fresh_clean() -> Report {
    let mut report = flips();
    report.results.gates.clear();
    report.question.gates.clear();
    report.results.clean_answers = CleanAnswers::Fresh;
    report.results.clean =
        Clean { draws: 64, unanswered: 0, exact: false, risk: estimate(0.1), ..Clean::default() };
    report.results.levels[2].stopped = Stopped::Precision;
    report
}

/// The same where all rows were to be asked clean first, for a known clean risk.
pub(super) fn fresh_pass() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.2]);
    report.results.clean_answers = CleanAnswers::Fresh;
    report.results.clean =
        Clean { draws: 64, unanswered: 0, exact: false, risk: estimate(0.093_75), ..Clean::default() };
    level(&mut report, 0, 930, both(0.048_387, 0.030_5, 0.080_4));
    level(&mut report, 1, 2480, both(0.296_77, 0.249_8, 0.349_7));
    report
}

/// A level with some unanswered draws, another one that ended for them.
pub(super) fn unanswered() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.2]);
    let risk = Bounded { estimate_range: Some((0.03, 0.034)), ..both(0.032, 0.02, 0.05) };
    report.results.clean = Clean {
        draws: 1200,
        unanswered: 5,
        exact: false,
        risk,
        stopped: Some(Stopped::Precision),
        ..Clean::default()
    };
    let risk = Bounded { estimate_range: Some((0.051, 0.054)), ..both(0.052_5, 0.033, 0.082) };
    level(&mut report, 0, 1000, risk);
    report.results.levels[0].unanswered = 3;
    let risk = Bounded { estimate_range: Some((0.08, 0.33)), ..both(0.205, 0.041, 0.42) };
    level(&mut report, 1, 400, risk);
    report.results.levels[1].unanswered = 100;
    report.results.levels[1].stopped = Stopped::Unanswered;
    report.run.failures = 117;
    report.run.failure_kinds = BTreeMap::from([("malformed".into(), 2), ("model-failed".into(), 115)]);
    report.run.exit_code = 98;
    report
}

/// Interrupted: one level done, one half way, one not begun.
pub(super) fn cut_short() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.2, 0.4]);
    set_clean(&mut report, 1797, 0.031_163_049_526_989);
    level(&mut report, 0, 982, both(0.050_916_496, 0.034_117, 0.081_449));
    level(&mut report, 1, 160, both(0.125, 0.038, 0.301));
    level(
        &mut report,
        2,
        0,
        Bounded { estimate: None, lower: Some(0.0), upper: Some(1.0), estimate_range: None },
    );
    degrade(&mut report);
    report.results.levels[1].stopped = Stopped::Cut;
    report.results.levels[2].stopped = Stopped::Cut;
    gate(&mut report, "error@0.4 <= 0.5", Some(0.4), Relation::AtMost, 0.5, Verdict::Undecided);
    report.run.cut = Some("interrupted".into());
    report.run.exit_code = 130;
    report
}

/// A level whose limits contradict each other, with a gate on it.
pub(super) fn inconsistent() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.2]);
    set_clean(&mut report, 1797, 0.031_163_049_526_989);
    level(&mut report, 0, 982, both(0.050_916_496, 0.034_117, 0.081_449));
    level(&mut report, 1, 4410, Bounded { estimate: Some(0.31), ..Bounded::default() });
    report.results.levels[1].stopped = Stopped::Inconsistent;
    degrade(&mut report);
    gate(&mut report, "error@0.2 <= 0.5", Some(0.2), Relation::AtMost, 0.5, Verdict::Undecided);
    report.run.exit_code = 98;
    report
}

/// One level, from a server with a long name that speaks in control characters.
pub(super) fn one_level() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1]);
    set_clean(&mut report, 1797, 0.5);
    level(&mut report, 0, 3300, both(0.551, 0.503, 0.602));
    degrade(&mut report);
    let name = format!("<fraud> & \"risk\"\u{1b}[31m-{}", "gradient-boosted-".repeat(12));
    report.endpoint.url = format!("triton+https://models.example.com:8443/{name}");
    report.endpoint.model = Some(name);
    report
}

/// As many levels as fit a picture, unevenly spaced, with words on some and gates on all.
pub(super) fn twenty_levels() -> Report {
    let levels: Vec<f64> = (0..20).map(|i| 0.001 * 1.7_f64.powi(i)).collect();
    let mut report = blank("error", (0.0, 1.0), &levels);
    set_clean(&mut report, 1797, 0.031_163_049_526_989);
    for (i, sigma) in levels.into_iter().enumerate() {
        let p = 0.03 + 0.9 * (i as f64 / 19.0).powi(3);
        level(&mut report, i, 900 + 100 * i as u64, both(p, (p - 0.05).max(0.0), (p + 0.05).min(1.0)));
        let verdict = [Verdict::Holds, Verdict::Undecided, Verdict::Fails][i / 7];
        let text = format!("error@{sigma} <= 0.35");
        gate(&mut report, &text, Some(sigma), Relation::AtMost, 0.35, verdict);
    }
    report.results.levels[4].stopped = Stopped::Cut;
    report.results.levels[18].stopped = Stopped::Unanswered;
    report.results.levels[18].unanswered = 300;
    report.run.cut = Some("the endpoint kept failing: 503 from 12 requests in a row".into());
    report
}

/// Huge losses at tiny levels.
pub(super) fn huge_values() -> Report {
    let mut report = blank("squared-error", (0.0, 4.0e12), &[1e-9, 2.5e-9, 1e-8]);
    report.question.loss.range = Some((0.0, 4.0e12));
    set_clean(&mut report, 442, 2.312_345e10);
    level(&mut report, 0, 1200, both(2.4e10, 2.1e10, 2.9e10));
    level(&mut report, 1, 1500, both(4.9e10, 4.1e10, 6.2e10));
    level(&mut report, 2, 3100, both(1.9e11, 1.71e11, 2.13e11));
    degrade(&mut report);
    report
}

/// Ended at the first clean row: nothing was found.
pub(super) fn nothing() -> Report {
    let mut report = blank("error", (0.0, 1.0), &[0.1, 0.2]);
    for i in 0..2 {
        level(&mut report, i, 0, Bounded::default());
        report.results.levels[i].stopped = Stopped::Cut;
    }
    report.run.cut = Some("the first clean row was refused".into());
    report.run.exit_code = 3;
    report
}

fn both(estimate: f64, lower: f64, upper: f64) -> Bounded {
    Bounded { estimate: Some(estimate), lower: Some(lower), upper: Some(upper), estimate_range: None }
}

fn estimate(estimate: f64) -> Bounded {
    Bounded { estimate: Some(estimate), ..Bounded::default() }
}

fn upper(estimate: f64, upper: f64) -> Bounded {
    Bounded { lower: None, ..both(estimate, 0.0, upper) }
}

fn set_clean(report: &mut Report, rows: u64, risk: f64) {
    report.question.data.rows = rows;
    report.data.rows = rows;
    report.results.clean =
        Clean { draws: rows, unanswered: 0, exact: true, risk: estimate(risk), ..Clean::default() };
}

fn level(report: &mut Report, i: usize, draws: u64, risk: Bounded) {
    let sigma = report.question.levels[i];
    for (side, word, limit) in [(Side::Lower, "lower", risk.lower), (Side::Upper, "upper", risk.upper)] {
        if limit.is_some() {
            report.results.claims.push(Claim {
                id: format!("risk@{sigma}:{word}"),
                quantity: Quantity::Risk,
                slice: None,
                level: Some(sigma),
                side,
                alpha: 0.005,
                method: "aim".into(),
            });
        }
    }
    report.results.levels.push(LevelResult {
        level: sigma,
        draws,
        unanswered: 0,
        risk,
        degradation: None,
        method: "aim".into(),
        stopped: Stopped::Precision,
        ..LevelResult::default()
    });
}

/// Subtracts the known clean risk at every level that has limits.
fn degrade(report: &mut Report) {
    let clean = report.results.clean.risk.estimate.unwrap_or(0.0);
    for level in &mut report.results.levels {
        let less = |v: Option<f64>| v.map(|v| v - clean);
        if level.risk.upper.is_some() {
            level.degradation = Some(Bounded {
                estimate: less(level.risk.estimate),
                lower: less(level.risk.lower),
                upper: less(level.risk.upper),
                estimate_range: None,
            });
        }
    }
}

fn gate(
    report: &mut Report,
    text: &str,
    level: Option<f64>,
    relation: Relation,
    threshold: f64,
    verdict: Verdict,
) {
    report.question.gates.push(GateSpec {
        text: text.into(),
        quantity: GateQuantity::Risk,
        level,
        relation,
        threshold,
    });
    report.results.gates.push(GateResult { claim: text.into(), verdict });
    report.results.claims.push(Claim {
        id: text.into(),
        quantity: Quantity::Gate,
        slice: None,
        level,
        side: Side::Verdict,
        alpha: 0.025,
        method: "aim".into(),
    });
}

fn data() -> DataFacts {
    let x = FieldFacts { name: "x".into(), dtype: "FP32".into(), shape: vec![64], perturbed: 64 };
    DataFacts { rows: 1797, fields: vec![x], blake3: "0".repeat(64) }
}

fn blank(loss: &str, range: (f64, f64), levels: &[f64]) -> Report {
    let url = "triton://localhost:8000/digits".to_owned();
    Report {
        format: Report::FORMAT.into(),
        question: Question {
            seed: 20_261_123,
            endpoint: EndpointId {
                protocol: "triton".into(),
                url: url.clone(),
                model: Some("digits".into()),
                ..EndpointId::default()
            },
            data: DataId { rows: 1797, blake3: "0".repeat(64) },
            form: None,
            noise: NoiseSpec {
                family: "gaussian".into(),
                scale: Scale::Absolute,
                clip: None,
                perturb: None,
                fix: None,
            },
            loss: LossSpec { name: loss.into(), range: None, cap: None, threshold: 0.5 },
            levels: levels.to_vec(),
            precision: Some(0.05),
            side: SideSpec::Both,
            confidence: 0.95,
            gates: Vec::new(),
            gate_resolution: None,
            scope: Scope::DataSet,
            clean_pass: 5000,
            same_tolerance: 1e-6,
            quantiles: Vec::new(),
            critical: None,
            route: Route::Direct,
            slice: None,
            replicates: None,
            noise_floor: false,
            asymptotic: false,
        },
        conduct: Conduct {
            rate: Some(20.0),
            concurrency: 4,
            batch: 1,
            queries: 10_000,
            max_requests: None,
            max_cost: None,
            breaker_failures: None,
            breaker_latency: None,
            cost_per_query: None,
            max_time: None,
            retries: 3,
            timeout: Duration::from_secs(10),
            ahead: 0,
            privacy: false,
        },
        endpoint: EndpointFacts {
            url,
            protocol: "triton".into(),
            model: Some("digits".into()),
            version: Some("1".into()),
            server: Some("triton 2.62.0".into()),
            hint: None,
        },
        data: data(),
        realised: Vec::new(),
        results: Results {
            confidence: 0.95,
            loss: loss.into(),
            range: Some(range),
            scope: "data-set".into(),
            clean_answers: CleanAnswers::Recorded,
            claims: Vec::new(),
            clean: Clean {
                draws: 0,
                unanswered: 0,
                exact: false,
                risk: Bounded::default(),
                ..Clean::default()
            },
            levels: Vec::new(),
            gates: Vec::new(),
            ..Results::default()
        },
        run: Run {
            tool: "0.1.0".into(),
            started: "2026-11-23T20:00:00Z".into(),
            finished: "2026-11-23T20:04:00Z".into(),
            queries: 5432,
            requests: 1360,
            predictions: 1358,
            ..Run::default()
        },
    }
}
