//! From the state of the folds to what is reported of a comparison.

use super::super::core::Core;
use super::leader::Leader;
use super::plan::{ComparisonPlan, name};
use crate::comparison::{Compared, ComparedLevel, ComparedSummary, Difference, RiskOf, Sign};
use crate::config::question::Scope;
use crate::results::{Bounded, Clean, Results, Stopped, Verdict};

/// So small a part of the range, exact differences of means are the rounding of sums.
const ROUNDING: f64 = 1e-12;

/// What was found, after the run has ended. After a breach no limit is shown.
pub fn compared(plan: &ComparisonPlan, leader: &Leader, cores: &[&Core]) -> Compared {
    let reference = &plan.endpoints[0];
    let question = &reference.question;
    let limits = cores.iter().all(|core| core.breach().is_none());
    let found: Vec<Results> = cores.iter().map(|core| core.results()).map(|r| shown(r, limits)).collect();
    let mut levels = Vec::new();
    let drawn = plan.levels.iter().zip(leader.levels(limits));
    for (paired, (draws, stopped, differences)) in drawn {
        let risks = found.iter().enumerate().map(|(place, results)| risk_of(place, results, paired.level));
        let risks = risks.collect();
        let level = paired.level;
        levels.push(ComparedLevel { level, draws, exact: false, stopped, risks, differences });
    }
    if !reference.needs.clean && plan.levels.iter().all(|level| level.level > 0.0) {
        levels.insert(0, clean(plan, &found));
    }
    let summaries = found.into_iter().enumerate().map(|(place, results)| ComparedSummary {
        endpoint: name(place),
        clean_answers: results.clean_answers,
        clean: results.clean,
        index: results.index,
    });
    Compared {
        confidence: question.confidence,
        loss: question.loss.name.clone(),
        range: reference.range,
        cap: question.loss.cap,
        scope: match question.scope {
            Scope::DataSet => "data-set".to_owned(),
            Scope::Population => "population".to_owned(),
        },
        claims: plan.claims.clone(),
        levels,
        endpoints: summaries.collect(),
    }
}

/// One endpoint's results; a breach of any endpoint leaves none of them with limits.
fn shown(mut results: Results, limits: bool) -> Results {
    let bare = |b: &mut Bounded| (b.lower, b.upper) = (None, None);
    if !limits {
        bare(&mut results.clean.risk);
        results.levels.iter_mut().for_each(|level| bare(&mut level.risk));
        results.index.iter_mut().for_each(bare);
    }
    results
}

fn risk_of(place: usize, results: &Results, level: f64) -> RiskOf {
    let endpoint = name(place);
    if level == 0.0 {
        let Clean { draws, unanswered, risk, .. } = results.clean;
        return RiskOf { endpoint, draws, unanswered, risk };
    }
    let found = results.levels.iter().find(|found| found.level == level);
    found.map_or_else(RiskOf::default, |found| RiskOf {
        endpoint,
        draws: found.draws,
        unanswered: found.unanswered,
        risk: found.risk,
    })
}

/// The clean risks, and their differences, where no draws are made for them: known where every row was answered
/// by all, else estimates of which nothing is claimed.
fn clean(plan: &ComparisonPlan, found: &[Results]) -> ComparedLevel {
    let exact = found.iter().all(|results| results.clean.exact);
    let risks: Vec<RiskOf> =
        found.iter().enumerate().map(|(place, results)| risk_of(place, results, 0.0)).collect();
    let reference = &plan.endpoints[0];
    let (binary, rounding) = (reference.binary, ROUNDING * reference.width());
    let difference = |of: &RiskOf| {
        let estimate = of.risk.estimate.zip(risks[0].risk.estimate).map(|(this, other)| this - other);
        let known = estimate.filter(|_| exact);
        let sign = |d: f64| match d {
            d if d.abs() <= rounding => Sign::Equal,
            d if d < 0.0 => Sign::Better,
            _ => Sign::Worse,
        };
        let within = |(d, margin): (f64, f64)| {
            if d <= margin + rounding { Verdict::Holds } else { Verdict::Fails }
        };
        Difference {
            endpoint: of.endpoint.clone(),
            unanswered: of.unanswered.max(risks[0].unanswered),
            difference: Bounded { estimate, ..Bounded::default() },
            pairs: None,
            sign: known.filter(|_| binary).map(sign),
            margin: known.zip(plan.margin).map(within),
        }
    };
    let differences = risks.iter().skip(1).map(difference).collect();
    let draws = risks.iter().map(|risk| risk.draws).min().unwrap_or(0);
    ComparedLevel { level: 0.0, draws, exact, stopped: None, risks, differences }
}

/// Whether a margin fails.
pub fn fails(found: &Compared) -> bool {
    margins(found).any(|margin| margin == Verdict::Fails)
}

/// Whether everything that was asked was answered: each difference is as tight as was asked, each margin is
/// decided.
pub fn answered(found: &Compared) -> bool {
    let precise = |level: &ComparedLevel| matches!(level.stopped, None | Some(Stopped::Precision));
    found.levels.iter().all(precise) && margins(found).all(|margin| margin != Verdict::Undecided)
}

fn margins(found: &Compared) -> impl Iterator<Item = Verdict> {
    found.levels.iter().flat_map(|level| &level.differences).filter_map(|difference| difference.margin)
}
