//! Comparisons for tests: one for each way in which one can end.
//!
//! Times and versions are fixed, so that snapshots hold. The numbers are plausible, not computed.

use crate::bound::Side;
use crate::comparison::{
    Compared, ComparedClaim, ComparedEndpoint, ComparedLevel, ComparedQuantity, ComparedSummary, Comparison,
    ComparisonRun, Difference, EndpointRun, Pairs, RiskOf, Sign,
};
use crate::report::samples;
use crate::results::{Bounded, Clean, CleanAnswers, EndpointFacts, Stopped, Verdict};

/// Every sample, with a name for messages and files.
pub(super) fn all() -> Vec<(&'static str, Comparison)> {
    vec![
        ("two", two()),
        ("three_with_a_margin", three_with_a_margin()),
        ("clean_drawn", clean_drawn()),
        ("capped", capped()),
        ("flips", flips()),
        ("cut_short", cut_short()),
        ("inconsistent", inconsistent()),
        ("nothing", nothing()),
    ]
}

/// Two classifiers with known clean risks.
pub(super) fn two() -> Comparison {
    let mut comparison = blank(2);
    known(&mut comparison, &[0.031_163, 0.047_301]);
    level(&mut comparison, 0.1, 1710, &[(0.050_916, 0.024), (0.073_684, 0.026)]);
    level(&mut comparison, 0.2, 2280, &[(0.212_987, 0.047), (0.219_298, 0.049)]);
    set_sign(&mut comparison, 1, Sign::Worse);
    indices(&mut comparison, &[(0.868, 0.033), (0.853, 0.035)]);
    comparison
}

/// Three, with the outcomes that a margin can have.
pub(super) fn three_with_a_margin() -> Comparison {
    let mut comparison = blank(3);
    comparison.margin = Some(0.02);
    known(&mut comparison, &[0.031_163, 0.031_163, 0.029_5]);
    for level in [0.05, 0.1, 0.2] {
        self::level(&mut comparison, level, 4117, &[(0.1, 0.02), (0.12, 0.02), (0.09, 0.02)]);
    }
    let outcomes = [Verdict::Holds, Verdict::Fails, Verdict::Undecided, Verdict::Holds];
    for (i, level) in comparison.results.levels.iter_mut().enumerate() {
        level.differences[0].margin = Some(outcomes[i]);
        level.differences[1].margin = Some(Verdict::Holds);
        level.differences[1].sign = Some(Sign::Better);
        if i == 0 {
            level.differences[0].sign = Some(Sign::Equal);
        }
    }
    indices(&mut comparison, &[(0.9, 0.02), (0.88, 0.02), (0.91, 0.02)]);
    comparison.run.exit_code = 99;
    comparison
}

/// Clean is a level like the others, of a population.
pub(super) fn clean_drawn() -> Comparison {
    let mut comparison = blank(2);
    comparison.results.scope = "population".into();
    comparison.question.scope = crate::config::question::Scope::Population;
    level(&mut comparison, 0.0, 1100, &[(0.03, 0.02), (0.05, 0.02)]);
    level(&mut comparison, 0.1, 1797, &[(0.05, 0.03), (0.074, 0.031)]);
    comparison.results.levels[1].stopped = Some(Stopped::Rows);
    indices(&mut comparison, &[(0.95, 0.03), (0.926, 0.031)]);
    for (at, summary) in comparison.results.endpoints.iter_mut().enumerate() {
        let risk = comparison.results.levels[0].risks[at].risk;
        summary.clean = Clean { draws: 1100, risk, ..Clean::default() };
    }
    comparison.run.exit_code = 98;
    comparison
}

/// Squared errors that are capped: no pairs, no sign.
pub(super) fn capped() -> Comparison {
    let mut comparison = blank(2);
    comparison.question.loss.name = "squared-error".into();
    comparison.results.loss = "squared-error".into();
    (comparison.results.range, comparison.results.cap) = ((0.0, 2500.0), Some(2500.0));
    known(&mut comparison, &[812.4, 799.1]);
    level(&mut comparison, 0.1, 900, &[(830.2, 90.0), (815.7, 88.0)]);
    for level in &mut comparison.results.levels {
        (level.differences[0].pairs, level.differences[0].sign) = (None, None);
    }
    indices(&mut comparison, &[(0.66, 0.03), (0.67, 0.03)]);
    comparison
}

/// Against the clean answers: nothing to trade off.
pub(super) fn flips() -> Comparison {
    let mut comparison = blank(2);
    comparison.results.loss = "flip".into();
    level(&mut comparison, 0.1, 640, &[(0.02, 0.02), (0.03, 0.02)]);
    indices(&mut comparison, &[(0.98, 0.02), (0.97, 0.02)]);
    comparison
}

/// Ended by an endpoint, with pairs that lack an answer.
pub(super) fn cut_short() -> Comparison {
    let mut comparison = two();
    for (i, level) in comparison.results.levels.iter_mut().enumerate().skip(1) {
        level.stopped = Some(Stopped::Cut);
        level.differences[0].unanswered = 17 - i as u64;
        level.risks[1].unanswered = 17 - i as u64;
    }
    comparison.run.cut = Some("B: the endpoint is unusable: connection refused".into());
    comparison.run.exit_code = 3;
    comparison
}

/// Limits that contradict each other at one level.
pub(super) fn inconsistent() -> Comparison {
    let mut comparison = two();
    let level = &mut comparison.results.levels[1];
    level.stopped = Some(Stopped::Inconsistent);
    level.differences[0] = Difference { endpoint: "B".into(), ..Difference::default() };
    comparison.run.exit_code = 98;
    comparison
}

/// Cut before the first checkpoint.
pub(super) fn nothing() -> Comparison {
    let mut comparison = blank(2);
    level(&mut comparison, 0.1, 3, &[(0.0, 0.0), (0.0, 0.0)]);
    let level = &mut comparison.results.levels[0];
    level.stopped = Some(Stopped::Cut);
    let bare = Bounded { estimate: Some(0.0), ..Bounded::default() };
    level.risks.iter_mut().for_each(|of| of.risk = bare);
    (level.differences[0].difference, level.differences[0].sign) = (bare, Some(Sign::Undecided));
    comparison.run.cut = Some("interrupted".into());
    comparison.run.exit_code = 130;
    comparison
}

fn name(place: usize) -> String {
    ["A", "B", "C"][place].to_owned()
}

fn around(estimate: f64, half: f64) -> Bounded {
    Bounded {
        estimate: Some(estimate),
        lower: Some(estimate - half),
        upper: Some(estimate + half),
        estimate_range: None,
    }
}

/// A level with these risks, each with the half-width of its limits; differences are as wide as the first risk.
fn level(comparison: &mut Comparison, level: f64, draws: u64, risks: &[(f64, f64)]) {
    let risk = |(place, (estimate, half)): (usize, &(f64, f64))| RiskOf {
        endpoint: name(place),
        draws,
        unanswered: 0,
        risk: around(*estimate, *half),
    };
    let difference = |place: usize| Difference {
        endpoint: name(place),
        unanswered: 0,
        difference: around(risks[place].0 - risks[0].0, risks[0].1),
        pairs: Some(Pairs {
            both: 20,
            reference_alone: 9,
            this_alone: 31,
            neither: draws.saturating_sub(60),
        }),
        sign: Some(Sign::Undecided),
        margin: None,
    };
    comparison.results.levels.push(ComparedLevel {
        level,
        draws,
        exact: false,
        stopped: Some(Stopped::Precision),
        risks: risks.iter().enumerate().map(risk).collect(),
        differences: (1..risks.len()).map(difference).collect(),
    });
    for (quantity, side) in [
        (ComparedQuantity::Risk, Side::Lower),
        (ComparedQuantity::Difference, Side::Upper),
        (ComparedQuantity::Sign, Side::Verdict),
    ] {
        comparison.results.claims.push(ComparedClaim {
            id: format!("B {quantity:?}@{level}"),
            endpoint: "B".into(),
            quantity,
            level,
            side,
            alpha: 0.001,
            method: "aim-bets".into(),
        });
    }
}

/// Clean risks that are known exactly.
fn known(comparison: &mut Comparison, risks: &[f64]) {
    level(comparison, 0.0, 1797, &risks.iter().map(|risk| (*risk, 0.0)).collect::<Vec<_>>());
    if let Some(level) = comparison.results.levels.last_mut() {
        (level.exact, level.stopped) = (true, None);
        let bare = |b: &mut Bounded| (b.lower, b.upper) = (None, None);
        level.risks.iter_mut().for_each(|of| bare(&mut of.risk));
        for of in &mut level.differences {
            bare(&mut of.difference);
            let worse = of.difference.estimate > Some(0.0);
            (of.pairs, of.sign) = (None, Some(if worse { Sign::Worse } else { Sign::Better }));
        }
    }
    for (place, risk) in risks.iter().enumerate() {
        let risk = Bounded { estimate: Some(*risk), ..Bounded::default() };
        comparison.results.endpoints[place].clean =
            Clean { draws: 1797, exact: true, risk, ..Clean::default() };
    }
}

fn set_sign(comparison: &mut Comparison, level: usize, sign: Sign) {
    comparison.results.levels[level].differences[0].sign = Some(sign);
}

fn indices(comparison: &mut Comparison, indices: &[(f64, f64)]) {
    for (summary, (estimate, half)) in comparison.results.endpoints.iter_mut().zip(indices) {
        summary.index = Some(around(*estimate, *half));
    }
}

/// So many endpoints, about which nothing is known.
fn blank(endpoints: usize) -> Comparison {
    let audit = samples::precise();
    let told = |place: usize| EndpointFacts {
        url: format!("triton://127.0.0.1:8000/digits-{}", name(place).to_lowercase()),
        protocol: "triton".into(),
        model: Some(format!("digits-{}", name(place).to_lowercase())),
        version: Some("1".into()),
        server: None,
        hint: None,
    };
    let run = |place: usize| EndpointRun {
        rows: 0,
        endpoint: name(place),
        queries: 5432,
        requests: 1360,
        predictions: 1358,
        ..EndpointRun::default()
    };
    let summary = |place: usize| ComparedSummary {
        endpoint: name(place),
        clean_answers: CleanAnswers::Recorded,
        clean: Clean::default(),
        index: None,
    };
    let gateless = crate::config::Question { gates: Vec::new(), ..audit.question };
    Comparison {
        format: Comparison::FORMAT.to_owned(),
        question: gateless,
        margin: None,
        conduct: audit.conduct,
        endpoints: (0..endpoints)
            .map(|place| ComparedEndpoint { name: name(place), told: told(place), realised: Vec::new() })
            .collect(),
        data: audit.data,
        results: Compared {
            confidence: 0.95,
            loss: "error".into(),
            range: (0.0, 1.0),
            cap: None,
            scope: "data-set".into(),
            claims: Vec::new(),
            levels: Vec::new(),
            endpoints: (0..endpoints).map(summary).collect(),
        },
        run: ComparisonRun {
            id: None,
            tool: "0.1.0".into(),
            started: "2026-11-23T20:00:00Z".into(),
            finished: "2026-11-23T20:04:00Z".into(),
            endpoints: (0..endpoints).map(run).collect(),
            cut: None,
            exit_code: 0,
        },
    }
}
