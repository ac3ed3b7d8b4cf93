//! The fold of a comparison, fed by made-up endpoints whose answers come back in any order.

use noisebound_adapters::{Prediction, Tensor, Values};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::super::core::Core;
use super::super::plan::Plan;
use super::super::record::{Ending, Query, Record, Seen};
use super::*;
use crate::audit::tests::question;
use crate::bound::Side;
use crate::bound::coverage::alarm;
use crate::bound::engine::Standard;
use crate::comparison::{Compared, ComparedQuantity, Sign};
use crate::config::question::{EndpointId, Question, Scope};
use crate::loss::{Needs, Range};
use crate::results::{Stopped, Verdict};

/// So many comparisons tell a method that holds from one that does not.
const SOME: u64 = 100;

const TARGET: Needs = Needs { target: true, clean: false };

/// The loss of a draw of an endpoint; none where it does not answer.
type World = dyn Fn(usize, Query) -> Option<f64>;

/// What a comparison is of, and how it is played.
struct Play<'a> {
    asked: Question,
    endpoints: usize,
    margin: Option<f64>,
    world: &'a World,
    budget: u64,
    window: usize,
    seed: u64,
    /// After so many answers it is cut.
    most: usize,
}

impl<'a> Play<'a> {
    fn of(asked: Question, endpoints: usize, world: &'a World) -> Self {
        Self { asked, endpoints, margin: None, world, budget: 100_000, window: 1, seed: 1, most: usize::MAX }
    }

    fn plan(&self) -> ComparisonPlan {
        let audit = Plan::new(self.asked.clone(), Range::ZeroOne, TARGET, &Standard);
        let id = |place| EndpointId { url: format!("json://host/{place}"), ..EndpointId::default() };
        let ids: Vec<EndpointId> = (0..self.endpoints).map(id).collect();
        ComparisonPlan::new(&audit, &ids, self.margin, &Standard)
    }

    fn ending(&self, place: usize, query: Query) -> Ending {
        let class = Values::I64(vec![0]);
        let seen = Seen::Whole(Prediction::Tensors(vec![Tensor::new("class", [], class).unwrap()]));
        match (self.world)(place, query) {
            Some(loss) => Ending::Answered { loss: Some(loss), measured: Box::default(), seen },
            None => Ending::Unanswered,
        }
    }

    /// Each endpoint has up to `window` queries under way, which end in any order, as do the endpoints.
    fn run(&self) -> (Compared, Vec<u64>) {
        let plan = self.plan();
        let mut cores: Vec<Core> = plan
            .endpoints
            .iter()
            .map(|plan| Core::new(plan.clone(), self.budget, 0, &Standard).led())
            .collect();
        let mut leader = Leader::new(&plan, &Standard);
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut under_way: Vec<(usize, Query)> = Vec::new();
        let mut ended = 0;
        while ended < self.most && !leader.done() {
            leader.step(&mut cores.iter_mut().collect::<Vec<_>>()).unwrap();
            for (place, core) in cores.iter_mut().enumerate() {
                while under_way.iter().filter(|(of, _)| *of == place).count() < self.window
                    && let Some(query) = core.next()
                {
                    under_way.push((place, query));
                }
            }
            if under_way.is_empty() {
                break;
            }
            let (place, query) = under_way.swap_remove(rng.random_range(0..under_way.len()));
            cores[place].commit(&Record { query, ending: self.ending(place, query) }).unwrap();
            ended += 1;
        }
        if !leader.done() {
            assert!(self.most < usize::MAX, "nothing is left to ask, and the comparison is not done");
            leader.cut(&mut cores.iter_mut().collect::<Vec<_>>()).unwrap();
        }
        let cores: Vec<&Core> = cores.iter().collect();
        (compared(&plan, &leader, &cores), cores.iter().map(|core| core.charged()).collect())
    }
}

/// A number from 0 to 1 that is the same for the same draw.
fn dice(salt: u64, query: Query) -> f64 {
    let text = match query {
        Query::Clean(row) | Query::Alone(row) | Query::Together(row) => format!("{salt} clean {row}"),
        other => format!("{salt} {other}"),
    };
    let bytes = blake3::hash(text.as_bytes());
    u64::from_le_bytes(bytes.as_bytes()[..8].try_into().unwrap()) as f64 / u64::MAX as f64
}

fn one_if(lost: bool) -> f64 {
    f64::from(u8::from(lost))
}

/// The second endpoint loses what the first does and a tenth more.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a world")]
fn worse(place: usize, query: Query) -> Option<f64> {
    let chance = [0.2, 0.3, 0.2, 0.25][place];
    Some(one_if(dice(u64::from(place > 1), query) < chance))
}

#[test]
fn the_shares_add_up_and_are_those_of_the_contract() {
    for margin in [None, Some(0.02)] {
        let play = Play { margin, ..Play::of(question(90, &[1.0, 2.0]), 3, &worse) };
        let plan = play.plan();
        let sum = |quantity| -> f64 {
            plan.claims.iter().filter(|claim| claim.quantity == quantity).map(|claim| claim.alpha).sum()
        };
        let limits = sum(ComparedQuantity::Risk) + sum(ComparedQuantity::Difference);
        let (sign, margins) = (sum(ComparedQuantity::Sign), sum(ComparedQuantity::Margin));
        assert!(limits + sign + margins <= 0.05);
        assert!((limits - 0.025).abs() < 1e-6, "{limits}");
        if margin.is_some() {
            assert!((sign - 0.0125).abs() < 1e-6 && (margins - 0.0125).abs() < 1e-6, "{sign} {margins}");
        } else {
            assert!((sign - 0.025).abs() < 1e-6 && margins == 0.0, "{sign} {margins}");
        }
        let mut ids: Vec<&str> = plan.claims.iter().map(|claim| claim.id.as_str()).collect();
        // Two levels of three risks and two differences, both sides, and the verdicts.
        assert_eq!(ids.len(), 2 * (2 * 5 + 2 + if margin.is_some() { 2 } else { 0 }));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), plan.claims.len(), "each has a name of its own");
        let every =
            |plan: &Plan| plan.levels.iter().map(|level| level.checkpoints.clone()).collect::<Vec<_>>();
        assert!(
            plan.endpoints.iter().all(|other| every(other)[0].at(3) == every(&plan.endpoints[0])[1].at(3))
        );
    }
}

/// Whatever the order of arrival, and whichever endpoint is the faster.
#[test]
fn what_is_found_does_not_depend_on_the_order_of_arrival() {
    let silent = |place: usize, query: Query| {
        if dice(99 + place as u64, query) < 0.03 { None } else { worse(place, query) }
    };
    let worlds: [&World; 2] = [&worse, &silent];
    for world in worlds {
        for (scope, budget, margin) in [
            (Scope::DataSet, 100_000, Some(0.15)),
            (Scope::DataSet, 1000, None),
            (Scope::Population, 100_000, Some(0.05)),
        ] {
            let rows = if scope == Scope::Population { 900 } else { 90 };
            let asked = Question { scope, ..question(rows, &[1.0, 2.0]) };
            let plain = Play { margin, budget, ..Play::of(asked.clone(), 3, world) }.run();
            for seed in 1..4 {
                let window = [3, 50, 11][seed as usize - 1];
                let other = Play { margin, budget, window, seed, ..Play::of(asked.clone(), 3, world) }.run();
                assert_eq!(plain, other, "{scope:?} {budget} {seed}");
            }
            assert!(plain.1.iter().all(|charged| *charged <= budget));
        }
    }
}

#[test]
fn a_clear_difference_is_found_and_its_sign_told() {
    let (found, charged) = Play { margin: Some(0.02), ..Play::of(question(90, &[1.0]), 4, &worse) }.run();
    assert!(charged.iter().all(|one| *one == charged[0]), "all endpoints are asked the same: {charged:?}");
    let level = found.levels.iter().find(|level| level.level == 1.0).unwrap();
    assert_eq!(level.stopped, Some(Stopped::Precision));
    let of = |place: usize| &level.differences[place - 1];
    let (lower, upper) = (of(1).difference.lower.unwrap(), of(1).difference.upper.unwrap());
    assert!(lower <= 0.1 && 0.1 <= upper && (upper - lower) / 2.0 <= 0.1 + 1e-12, "{lower} {upper}");
    assert_eq!(of(1).sign, Some(Sign::Worse));
    let pairs = of(1).pairs.unwrap();
    assert_eq!(pairs.reference_alone, 0, "the second loses whatever the first does");
    assert_eq!(pairs.both + pairs.reference_alone + pairs.this_alone + pairs.neither, level.draws);
    // Equal chances, apart in the draws that are lost.
    assert!(of(2).pairs.unwrap().reference_alone > 0);
}

#[test]
fn clean_risks_that_are_known_have_known_differences() {
    let (found, _) = Play { margin: Some(0.02), ..Play::of(question(90, &[1.0]), 2, &worse) }.run();
    let clean = &found.levels[0];
    assert_eq!((clean.level, clean.exact, clean.stopped), (0.0, true, None));
    let rate = |place| (0..90).filter_map(|row| worse(place, Query::Clean(row))).sum::<f64>() / 90.0;
    let difference = clean.differences[0].difference.estimate.unwrap();
    assert!((difference - (rate(1) - rate(0))).abs() < 1e-12);
    assert_eq!(clean.differences[0].sign, Some(Sign::Worse));
    assert_eq!(
        clean.differences[0].margin,
        Some(if difference <= 0.02 { Verdict::Holds } else { Verdict::Fails })
    );
}

#[test]
fn a_row_that_an_endpoint_leaves_out_leaves_no_clean_difference_known() {
    let silent = |place: usize, query: Query| match query {
        Query::Alone(5) | Query::Clean(5) if place == 1 => None,
        _ => worse(place, query),
    };
    let (found, _) = Play::of(question(90, &[1.0]), 2, &silent).run();
    let clean = &found.levels[0];
    assert!(!clean.exact);
    assert_eq!((clean.differences[0].sign, clean.differences[0].difference.upper), (None, None));
}

#[test]
fn missing_answers_widen_the_limits_and_stop_a_level_that_cannot_get_tight() {
    let with = |share: f64| {
        move |place: usize, query: Query| {
            let noisy = matches!(query, Query::Draw(_));
            if noisy && place == 1 && dice(7, query) < share { None } else { worse(place, query) }
        }
    };
    let width = |found: &Compared| {
        let difference = found.levels[1].differences[0].difference;
        difference.upper.unwrap() - difference.lower.unwrap()
    };
    let at_most = |share: f64, precision: f64| {
        let asked = Question { precision: Some(precision), ..question(90, &[1.0]) };
        Play::of(asked, 2, &with(share)).run().0
    };
    let found = at_most(0.02, 0.1);
    assert_eq!(found.levels[1].stopped, Some(Stopped::Precision));
    assert!(found.levels[1].draws > at_most(0.0, 0.1).levels[1].draws);
    assert!(found.levels[1].differences[0].unanswered > 0);
    let found = at_most(0.5, 0.1);
    assert_eq!(found.levels[1].stopped, Some(Stopped::Unanswered));
    assert!(width(&found) > 0.5, "a missing loss is the worst and the best");
    assert_eq!(found.levels[1].differences[0].sign, Some(Sign::Undecided));
}

#[test]
fn a_comparison_that_is_cut_keeps_what_all_endpoints_have() {
    let whole = Play::of(question(90, &[1.0, 2.0]), 2, &worse).run().0;
    let (found, _) = Play { most: 900, window: 30, ..Play::of(question(90, &[1.0, 2.0]), 2, &worse) }.run();
    for (level, complete) in found.levels[1..].iter().zip(&whole.levels[1..]) {
        assert_eq!(level.stopped, Some(Stopped::Cut));
        assert!(level.draws > 0 && level.draws < complete.draws);
        let difference = level.differences[0].difference;
        let width = |of: crate::results::Bounded| of.upper.unwrap() - of.lower.unwrap();
        assert!(width(difference) >= width(complete.differences[0].difference));
    }
}

#[test]
fn a_loss_outside_its_range_leaves_no_limit_of_any_endpoint() {
    let plan = Play::of(question(90, &[1.0]), 2, &worse).plan();
    let mut cores: Vec<Core> =
        plan.endpoints.iter().map(|plan| Core::new(plan.clone(), 10_000, 0, &Standard).led()).collect();
    let mut leader = Leader::new(&plan, &Standard);
    let play = Play::of(question(90, &[1.0]), 2, &worse);
    let mut broken = false;
    while !broken {
        assert!(!leader.done(), "nothing was found to be outside");
        for (place, core) in cores.iter_mut().enumerate() {
            while let Some(query) = core.next() {
                let Ending::Answered { loss, measured, seen } = play.ending(place, query) else {
                    unreachable!()
                };
                let far = place == 1 && matches!(query, Query::Draw(id) if id.index == 30);
                let loss = if far { Some(2.0) } else { loss };
                let ending = Ending::Answered { loss, measured, seen };
                broken |= core.commit(&Record { query, ending }).is_err();
            }
        }
        broken |= leader.step(&mut cores.iter_mut().collect::<Vec<_>>()).is_err();
    }
    drop(leader.cut(&mut cores.iter_mut().collect::<Vec<_>>()));
    let found = compared(&plan, &leader, &cores.iter().collect::<Vec<_>>());
    for level in &found.levels {
        assert!(level.risks.iter().all(|of| of.risk.upper.is_none()));
        assert!(level.differences.iter().all(|of| of.difference.upper.is_none()));
    }
}

/// At equal risks both verdicts are false, and come at most as often as their share says; a test that is made for
/// one look and looked at again and again is caught by the same count.
#[test]
fn at_equal_risks_the_sign_errs_within_its_share() {
    let asked = Question { confidence: 0.6, precision: Some(0.12), clean_pass: 0, ..question(4000, &[1.0]) };
    let (mut wrong, mut naive) = (0, 0);
    for seed in 0..SOME {
        let equal =
            move |place: usize, query: Query| Some(one_if(dice(seed * 10 + place as u64, query) < 0.4));
        let play = Play { window: 64, ..Play::of(Question { seed, ..asked.clone() }, 2, &equal) };
        let share = play.plan().levels.last().unwrap().pairs[0].sign.unwrap();
        let (found, _) = play.run();
        let level = found.levels.iter().find(|level| level.level == 1.0).unwrap();
        let told = level.differences[0].sign.unwrap();
        wrong += u64::from(told != Sign::Undecided);
        let walk = (0..level.draws).map(|index| {
            let query = Query::Draw(crate::audit::DrawId { level: 1, index });
            equal(1, query).unwrap() - equal(0, query).unwrap()
        });
        naive += u64::from(peeked(walk, share));
        assert!((share - 0.1).abs() < 1e-6, "a quarter of the doubt over two levels: {share}");
    }
    assert!(wrong <= alarm(SOME, 0.1), "{wrong} false verdicts");
    assert!(naive > alarm(SOME, 0.1), "the same count catches a test that peeks: {naive}");
}

/// A normal test of the discordant pairs at the share, looked at after each of them.
fn peeked(walk: impl Iterator<Item = f64>, share: f64) -> bool {
    let (mut sum, mut count) = (0.0, 0.0_f64);
    let far = statrs::distribution::ContinuousCDF::inverse_cdf(
        &statrs::distribution::Normal::standard(),
        1.0 - share / 2.0,
    );
    walk.into_iter().any(|step| {
        sum += step;
        count += step.abs();
        count >= 16.0 && f64::abs(sum) > far * count.sqrt()
    })
}

/// A margin just below the true difference is hardly ever said to hold.
#[test]
fn a_margin_that_does_not_hold_is_not_said_to() {
    let asked = Question { confidence: 0.6, precision: Some(0.12), clean_pass: 0, ..question(4000, &[1.0]) };
    let (mut holds, mut missed) = (0, 0);
    for seed in 0..SOME {
        let world = move |place: usize, query: Query| {
            Some(one_if(dice(seed * 10 + place as u64, query) < [0.3, 0.4][place]))
        };
        let play = Play {
            window: 64,
            budget: 2500,
            margin: Some(0.0999),
            ..Play::of(Question { seed, ..asked.clone() }, 2, &world)
        };
        let (found, _) = play.run();
        let level = found.levels.iter().find(|level| level.level == 1.0).unwrap();
        holds += u64::from(level.differences[0].margin == Some(Verdict::Holds));
        let difference = level.differences[0].difference;
        let (lower, upper) = (difference.lower, difference.upper);
        missed += u64::from(lower.is_none_or(|l| l > 0.1) || upper.is_none_or(|u| u < 0.1));
    }
    let alpha = |quantity| {
        let plan = Play { margin: Some(0.0999), ..Play::of(asked.clone(), 2, &worse) }.plan();
        let of = |claim: &&crate::comparison::ComparedClaim| claim.quantity == quantity && claim.level == 1.0;
        plan.claims.iter().filter(of).map(|claim| claim.alpha).sum::<f64>()
    };
    assert!(holds <= alarm(SOME, alpha(ComparedQuantity::Margin)), "{holds}");
    assert!(missed <= alarm(SOME, alpha(ComparedQuantity::Difference)), "{missed}");
    let sides =
        |side| Play::of(asked.clone(), 2, &worse).plan().claims.iter().any(|claim| claim.side == side);
    assert!(sides(Side::Lower) && sides(Side::Upper));
}
