//! The fold, fed by a made-up endpoint whose answers come back in any order.

mod disk;
mod identity;
mod rounds;

use std::collections::HashSet;

use noisebound_adapters::{Prediction, Tensor, Values};
use proptest::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::plan::Plan;
use super::refold::refold;
use super::*;
use crate::bound::engine::Standard;
use crate::config::question::{
    CriticalSpec, DataId, EndpointId, GateQuantity, GateSpec, LossSpec, NoiseSpec, Relation, Route, Scale,
    Scope, SideSpec, SliceSpec,
};
use crate::config::{Conduct, Question};
use crate::loss::{Needs, Range};
use crate::results::{CleanAnswers, Results, Stopped, Verdict};

pub(crate) fn question(rows: u64, levels: &[f64]) -> Question {
    Question {
        seed: 1,
        endpoint: EndpointId {
            protocol: "json".to_owned(),
            url: "json://127.0.0.1/model".to_owned(),
            ..EndpointId::default()
        },
        data: DataId { rows, blake3: String::new() },
        form: None,
        noise: NoiseSpec {
            family: "gaussian".to_owned(),
            scale: Scale::Absolute,
            clip: None,
            perturb: None,
            fix: None,
        },
        loss: LossSpec { name: "error".to_owned(), range: None, cap: None, threshold: 0.5 },
        levels: levels.to_vec(),
        precision: Some(0.1),
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
    }
}

pub(super) fn gate(level: Option<f64>, relation: Relation, threshold: f64) -> GateSpec {
    GateSpec {
        text: format!("gate {level:?} {threshold}"),
        quantity: GateQuantity::Risk,
        level,
        relation,
        threshold,
    }
}

/// What a budget is needed for, and nothing else.
pub(super) fn conduct() -> Conduct {
    Conduct {
        rate: None,
        concurrency: 1,
        batch: 1,
        queries: 100_000,
        max_requests: None,
        max_cost: None,
        breaker_failures: None,
        breaker_latency: None,
        cost_per_query: None,
        max_time: None,
        retries: 0,
        timeout: std::time::Duration::from_secs(1),
        ahead: 0,
        privacy: false,
    }
}

pub(super) const TARGET: Needs = Needs { target: true, clean: false };
pub(super) const CLEAN: Needs = Needs { target: false, clean: true };

/// A made-up endpoint: a loss for each draw, and a class for each clean answer.
#[derive(Clone, Copy)]
struct World {
    needs: Needs,
    /// In a thousand, how often a draw of level `l` has loss 1, times `l`.
    wrong: u64,
    /// In a thousand, how often a query stays unanswered.
    silent: u64,
    /// Whether clean answers to the same row differ now and then.
    fickle: bool,
}

const STEADY: World = World { needs: TARGET, wrong: 60, silent: 0, fickle: false };

fn hash(query: Query) -> u64 {
    let text = match query {
        Query::Clean(row) | Query::Alone(row) | Query::Together(row) => format!("clean {row}"),
        other => format!("{other:?}"),
    };
    u64::from_le_bytes(blake3::hash(text.as_bytes()).as_bytes()[..8].try_into().unwrap())
}

fn class(class: u64) -> Prediction {
    Prediction::Tensors(vec![Tensor::new("class", [], Values::I64(vec![class.cast_signed()])).unwrap()])
}

impl World {
    fn ending(&self, query: Query) -> Ending {
        let dice = hash(query) % 1000;
        if hash(query) / 1000 % 1000 < self.silent {
            return Ending::Unanswered;
        }
        let loss = |level: u64| f64::from(u8::from(dice < self.wrong * (level + 1)));
        match query {
            Query::Draw(id) => Ending::Answered {
                loss: Some(loss(u64::from(id.level))),
                measured: Box::default(),
                seen: Seen::Class("0".into()),
            },
            Query::Together(row) if self.fickle && row % 7 == 0 => self.clean(loss(0), 1),
            _ => self.clean(loss(0), 0),
        }
    }

    fn clean(&self, loss: f64, answer: u64) -> Ending {
        Ending::Answered {
            loss: (!self.needs.clean).then_some(loss),
            measured: Box::default(),
            seen: Seen::Whole(class(answer)),
        }
    }
}

struct Played {
    core: Core,
    records: Vec<Record>,
}

fn planned(question: &Question, world: World) -> Plan {
    let plan = Plan::new(question.clone(), Range::ZeroOne, world.needs, &Standard);
    plan.sliced((0..question.data.rows as u32).map(|row| row % 3 % 2).collect())
}

/// Plays an audit with up to `window` queries under way, which end in an order drawn from `seed`.
fn play(question: &Question, world: World, budget: u64, ahead: u64, window: usize, seed: u64) -> Played {
    let core = Core::new(planned(question, world), budget, ahead, &Standard);
    let mut played = Played { core, records: Vec::new() };
    played.go_on(world, window, seed, usize::MAX);
    assert!(played.core.done(), "nothing is left to ask, and the audit is not done");
    assert!(played.core.charged() <= budget);
    played
}

impl Played {
    /// Goes on until `most` queries have ended, or nothing is left to ask. What is under way then is lost.
    fn go_on(&mut self, world: World, window: usize, seed: u64, most: usize) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut under_way = Vec::new();
        let mut asked: HashSet<Query> = self.records.iter().map(|record| record.query).collect();
        while self.records.len() < most {
            while under_way.len() < window
                && let Some(query) = self.core.next()
            {
                assert!(asked.insert(query), "{query:?} is asked twice");
                under_way.push(query);
            }
            if under_way.is_empty() {
                break;
            }
            let query = under_way.swap_remove(rng.random_range(0..under_way.len()));
            let record = Record { query, ending: world.ending(query) };
            self.core.commit(&record).unwrap();
            self.records.push(record);
        }
    }

    /// The same audit in a new run, from what is in the journal.
    fn resumed(self, question: &Question, world: World, budget: u64, ahead: u64) -> Self {
        let core = Core::new(planned(question, world), budget, ahead, &Standard);
        let (mut core, ..) = refold(core, &self.records, false);
        core.reopen();
        Self { core, records: self.records }
    }
}

fn results(question: &Question, world: World) -> Results {
    play(question, world, 100_000, 0, 1, 0).core.results()
}

fn worlds() -> Vec<(Question, World)> {
    let mut by_level = question(400, &[1.0, 2.0]);
    by_level.clean_pass = 100;
    let mut gated = question(90, &[1.0, 2.0, 3.0]);
    gated.gates = vec![
        gate(None, Relation::AtMost, 0.3),
        gate(Some(2.0), Relation::AtLeast, 0.1),
        gate(Some(1.0), Relation::AtMost, 0.05),
    ];
    let mut gates_alone = gated.clone();
    gates_alone.precision = None;
    let silent = World { silent: 30, ..STEADY };
    let against_clean = World { needs: CLEAN, ..STEADY };
    vec![
        (question(90, &[1.0, 2.0, 3.0]), STEADY),
        (question(90, &[1.0, 2.0]), silent),
        (by_level.clone(), STEADY),
        (by_level.clone(), World { fickle: true, ..STEADY }),
        (by_level, silent),
        (gated, STEADY),
        (gates_alone, STEADY),
        (question(300, &[1.0, 2.0]), against_clean),
        (question(300, &[1.0, 2.0]), World { silent: 40, ..against_clean }),
        (question(300, &[1.0, 2.0]), World { fickle: true, silent: 20, ..against_clean }),
        (question(90, &[1.0]), World { fickle: true, ..STEADY }),
    ]
    .into_iter()
    .chain(further())
    .collect()
}

/// How many questions there are with their worlds.
const WORLDS: usize = 22;

fn further() -> Vec<(Question, World)> {
    let silent = World { silent: 30, ..STEADY };
    let fickle = World { fickle: true, ..silent };
    let critical = |threshold, precision| Question {
        critical: Some(CriticalSpec { text: "error <= x".into(), relation: Relation::AtMost, threshold }),
        precision,
        ..question(90, &[1.0, 2.0, 3.0, 4.0])
    };
    let population = Question { scope: Scope::Population, ..question(700, &[1.0, 2.0]) };
    let floor = Question { noise_floor: true, ..question(90, &[1.0, 2.0]) };
    let differences = Question { route: Route::Differences, ..question(90, &[1.0, 2.0]) };
    let passes = Question { replicates: Some(0.7), precision: None, ..question(40, &[1.0, 2.0]) };
    let mut degradation = question(90, &[1.0, 2.0]);
    degradation.gates =
        vec![GateSpec { quantity: GateQuantity::Degradation, ..gate(Some(2.0), Relation::AtMost, 0.2) }];
    let slice = SliceSpec { column: "x".into(), values: vec!["a".into(), "b".into()] };
    let sliced = Question { slice: Some(slice), clean_pass: 0, ..question(90, &[1.0, 2.0]) };
    vec![
        (critical(0.2, None), STEADY),
        (critical(0.15, Some(0.1)), silent),
        (population.clone(), STEADY),
        (population, silent),
        (floor.clone(), silent),
        (Question { clean_pass: 0, ..floor }, fickle),
        (differences.clone(), silent),
        (differences, fickle),
        (passes, silent),
        (degradation, fickle),
        (sliced, silent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the order of arrival, the window, and what is sent ahead: the same results.
    #[test]
    fn results_do_not_depend_on_the_order_of_arrival(
        which in 0..WORLDS, window in 1..200_usize, ahead in 0..300_u64, seed: u64, budget in 155..3000_u64,
    ) {
        let (question, world) = worlds().swap_remove(which);
        let plain = play(&question, world, budget, 0, 1, 0);
        let other = play(&question, world, budget, ahead, window, seed);
        prop_assert_eq!(plain.core.results(), other.core.results());
        prop_assert_eq!(plain.core.charged(), other.core.charged());
    }

    /// However often it is killed and resumed, with another window and at first with a smaller budget: the same
    /// results, and nothing that ended is asked twice.
    #[test]
    fn results_do_not_depend_on_kills_and_resumptions(
        which in 0..WORLDS, kills in proptest::collection::vec((1..1500_usize, 1..60_usize, 0..80_u64, 0..900_u64), 1..5),
        seed: u64, budget in 155..3000_u64,
    ) {
        let (question, world) = worlds().swap_remove(which);
        let plain = play(&question, world, budget, 0, 1, 0);
        let core = Core::new(planned(&question, world), budget, 0, &Standard);
        let mut played = Played { core, records: Vec::new() };
        for (place, (most, window, ahead, less)) in kills.into_iter().enumerate() {
            played = played.resumed(&question, world, budget.saturating_sub(less).max(1), ahead);
            played.go_on(world, window, seed.wrapping_add(place as u64), most);
        }
        played = played.resumed(&question, world, budget, 0);
        played.go_on(world, 7, seed, usize::MAX);
        prop_assert!(played.core.done());
        prop_assert_eq!(plain.core.results(), played.core.results());
        prop_assert_eq!(plain.core.charged(), played.core.charged());
    }

    /// A journal folds to the same results in whatever order its lines stand.
    #[test]
    fn a_fold_of_the_records_gives_the_results_again(which in 0..WORLDS, seed: u64, budget in 155..3000_u64) {
        let (question, world) = worlds().swap_remove(which);
        let mut played = play(&question, world, budget, 50, 20, seed);
        played.records.reverse();
        let (core, trace, breach) = refold(Core::new(planned(&question, world), budget, 0, &Standard), &played.records, false);
        prop_assert_eq!(breach, None);
        prop_assert_eq!(core.results(), played.core.results());
        prop_assert_eq!(core.charged(), played.core.charged());
        prop_assert!(trace.ends.values().sum::<u64>() > 0);
    }
}

#[test]
fn the_first_clean_row_goes_alone() {
    let plan = Plan::new(question(90, &[1.0]), Range::ZeroOne, TARGET, &Standard);
    let mut core = Core::new(plan, 1000, 0, &Standard);
    let first = core.next().unwrap();
    assert!(matches!(first, Query::Alone(_)));
    assert_eq!(core.next(), None);
    core.commit(&Record { query: first, ending: STEADY.ending(first) }).unwrap();
    assert!(core.next().is_some());
}

#[test]
fn after_a_pass_the_clean_risk_is_exact_and_the_degradation_bounded() {
    let found = results(&question(90, &[1.0, 2.0]), STEADY);
    let wrong = (0..90).filter(|row| hash(Query::Clean(*row)) % 1000 < 60).count();
    assert!(found.clean.exact);
    assert_eq!(found.clean.risk.estimate, Some(wrong as f64 / 90.0));
    assert_eq!(found.clean.draws, 90);
    for level in &found.levels {
        let degradation = level.degradation.unwrap();
        let clean = wrong as f64 / 90.0;
        assert!(degradation.lower.unwrap() < level.risk.lower.unwrap() - clean + 1e-12);
        assert!(degradation.upper.unwrap() > level.risk.upper.unwrap() - clean - 1e-12);
        assert_eq!(level.stopped, Stopped::Precision);
        assert!((level.risk.upper.unwrap() - level.risk.lower.unwrap()) / 2.0 <= 0.1);
    }
}

#[test]
fn with_too_many_rows_clean_is_a_level_with_claims() {
    let mut asked = question(400, &[1.0]);
    asked.clean_pass = 399;
    let played = play(&asked, STEADY, 100_000, 0, 8, 3);
    let found = played.core.results();
    assert!(!found.clean.exact);
    assert!(found.clean.risk.lower.is_some() && found.clean.risk.upper.is_some());
    let lost = found.levels[0].degradation.unwrap();
    assert!(lost.lower.is_some() && lost.upper.is_some(), "paired, by claims of its own");
    assert_eq!(found.claims.len(), 6);
    // Each row is asked clean at most once, so fewer queries than draws are charged.
    assert!(played.core.charged() < found.clean.draws + found.levels[0].draws + 128);
}

#[test]
fn answers_that_do_not_repeat_are_asked_anew() {
    let against_clean = World { needs: CLEAN, fickle: true, ..STEADY };
    let played = play(&question(300, &[1.0]), against_clean, 100_000, 0, 8, 3);
    let found = played.core.results();
    assert_eq!(found.clean_answers, CleanAnswers::Fresh);
    let twins = played.records.iter().filter(|record| matches!(record.query, Query::Twin(_))).count() as u64;
    assert_eq!(twins, found.levels[0].draws);
    assert_eq!(played.core.charged(), 128 + 2 * found.levels[0].draws);
}

#[test]
fn with_fresh_answers_nothing_is_claimed_of_a_clean_risk_that_was_to_be_exact() {
    let found = results(&question(90, &[1.0]), World { fickle: true, ..STEADY });
    assert_eq!(found.clean_answers, CleanAnswers::Fresh);
    assert!(!found.clean.exact);
    assert_eq!((found.clean.risk.lower, found.clean.risk.upper), (None, None));
    assert_eq!(found.levels[0].degradation, None);
}

#[test]
fn a_row_without_a_clean_answer_is_not_sent_again_and_counts_as_unanswered() {
    let world = World { needs: CLEAN, silent: 100, ..STEADY };
    let played = play(&question(300, &[1.0]), world, 1500, 0, 8, 3);
    let silent: HashSet<u64> =
        (0..300).filter(|row| world.ending(Query::Clean(*row)) == Ending::Unanswered).collect();
    assert!(!silent.is_empty());
    for record in &played.records {
        if let Query::Draw(_) = record.query {
            assert!(!silent.contains(&played.core.row(record.query)));
        }
    }
    assert!(played.core.results().levels[0].unanswered > 0);
}

#[test]
fn too_many_unanswered_draws_stop_a_level() {
    let found = results(&question(90, &[1.0]), World { silent: 400, ..STEADY });
    let level = &found.levels[0];
    assert_eq!(level.stopped, Stopped::Unanswered);
    let (low, high) = level.risk.estimate_range.unwrap();
    assert!(level.risk.lower.unwrap() <= low && high <= level.risk.upper.unwrap());
    assert!(high - low > 0.2);
}

#[test]
fn the_budget_is_charged_to_the_last_query_and_never_beyond() {
    let whole = play(&question(90, &[1.0, 2.0, 3.0]), STEADY, 100_000, 0, 1, 0).core.charged();
    for budget in [154, 155, 200, 411, whole - 1] {
        for window in [1, 64] {
            let core = play(&question(90, &[1.0, 2.0, 3.0]), STEADY, budget, 500, window, 9).core;
            assert_eq!(core.charged(), budget);
            assert!(core.results().levels.iter().any(|level| level.stopped == Stopped::Budget));
            assert!(!core.answered());
        }
    }
    let core = play(&question(90, &[1.0, 2.0, 3.0]), STEADY, whole, 0, 64, 9).core;
    assert_eq!(core.charged(), whole);
    assert!(core.answered());
}

#[test]
fn under_a_rate_nothing_is_sent_that_is_not_charged() {
    for (question, world) in worlds() {
        let played = play(&question, world, 2000, 0, 64, 5);
        assert_eq!(played.core.surplus(), 0);
        // A row that stays unanswered clean is charged for its draw all the same.
        if world.silent == 0 {
            let guard = |record: &&Record| matches!(record.query, Query::Guard(_));
            let guards = played.records.iter().filter(guard).count() as u64;
            assert_eq!(played.records.len() as u64 - guards, played.core.charged());
        }
    }
}

#[test]
fn a_loss_outside_its_range_names_the_first_in_charging_order() {
    let question = question(90, &[1.0]);
    let needs = TARGET;
    for window in [1, 40] {
        let plan = Plan::new(question.clone(), Range::Between(0.0, 2.0), needs, &Standard);
        let mut core = Core::new(plan, 10_000, 0, &Standard);
        let (mut under_way, mut found) = (Vec::new(), None);
        while found.is_none() {
            while under_way.len() < window
                && let Some(query) = core.next()
            {
                under_way.push(query);
            }
            // The last one sent comes back first.
            let query = under_way.pop().unwrap();
            let loss = if matches!(query, Query::Draw(id) if id.index % 5 == 3) { 2.5 } else { 1.0 };
            let ending =
                Ending::Answered { loss: Some(loss), measured: Box::default(), seen: Seen::Whole(class(0)) };
            found = core.commit(&Record { query, ending }).err();
        }
        let breach = found.unwrap();
        assert_eq!((breach.draw.as_str(), breach.loss), ("1:3", 2.5));
        let results = core.results();
        assert!(results.levels.iter().all(|level| level.risk.upper.is_none() && level.risk.lower.is_none()));
        assert!(core.done());
    }
}

#[test]
fn a_gate_is_decided_on_its_level_and_at_all() {
    let mut asked = question(90, &[1.0, 2.0, 3.0]);
    asked.precision = None;
    // The risks are near 0.12, 0.18 and 0.24.
    asked.gates = vec![
        gate(None, Relation::AtMost, 0.5),
        gate(None, Relation::AtMost, 0.05),
        gate(Some(3.0), Relation::AtLeast, 0.1),
        gate(Some(3.0), Relation::AtMost, 0.1),
    ];
    let found = results(&asked, STEADY);
    let verdicts: Vec<Verdict> = found.gates.iter().map(|gate| gate.verdict).collect();
    assert_eq!(verdicts, [Verdict::Holds, Verdict::Fails, Verdict::Holds, Verdict::Fails]);
    assert!(found.levels.iter().all(|level| level.stopped == Stopped::Gate && level.risk.upper.is_none()));
    assert_eq!(found.claims.len(), 4);
}

#[test]
fn a_gate_at_its_own_threshold_stops_undecided() {
    let mut asked = question(90, &[1.0]);
    asked.precision = None;
    asked.gate_resolution = Some(0.05);
    asked.gates = vec![gate(Some(1.0), Relation::AtMost, 0.12)];
    let played = play(&asked, STEADY, 1_000_000, 0, 64, 1);
    let found = played.core.results();
    assert_eq!(found.gates[0].verdict, Verdict::Undecided);
    assert_eq!(found.levels[0].stopped, Stopped::Gate);
    assert!(!played.core.answered());
}

#[test]
fn a_cut_keeps_the_prefix_alone() {
    let plan = Plan::new(question(90, &[1.0]), Range::ZeroOne, TARGET, &Standard);
    let mut core = Core::new(plan, 10_000, 0, &Standard);
    let mut missing = None;
    while let Some(query) = core.next() {
        // One draw never comes back; those after it do.
        if matches!(query, Query::Draw(id) if id.index == 10) {
            missing = Some(query);
            continue;
        }
        core.commit(&Record { query, ending: STEADY.ending(query) }).unwrap();
    }
    assert!(missing.is_some() && !core.done());
    core.cut().unwrap();
    let level = core.results().levels.remove(0);
    assert_eq!((level.draws, level.stopped), (10, Stopped::Cut));
    assert!(level.risk.upper.is_some());
    assert!(core.surplus() > 0);
}

/// Bounds that contradict themselves from the second reading on.
struct Contrary;

struct ContraryBound(u32);

impl crate::bound::engine::Engines for Contrary {
    fn interval(&self, _: &crate::bound::engine::IntervalSpec) -> Box<dyn crate::bound::Bound> {
        Box::new(ContraryBound(0))
    }
}

impl crate::bound::Bound for ContraryBound {
    fn observe(&mut self, _: crate::bound::Observation) {
        self.0 += 1;
    }

    fn read(&mut self) -> crate::bound::Interval {
        let (lower, upper) = if self.0 > 100 { (0.6, 0.4) } else { (0.0, 1.0) };
        crate::bound::Interval { lower, upper }
    }
}

#[test]
fn a_level_that_contradicts_itself_decides_no_gate() {
    let mut asked = question(90, &[1.0]);
    asked.gates = vec![gate(Some(1.0), Relation::AtMost, 0.9), gate(None, Relation::AtMost, 0.001)];
    let plan = Plan::new(asked, Range::ZeroOne, TARGET, &Contrary);
    let mut core = Core::new(plan, 100_000, 0, &Contrary);
    while let Some(query) = core.next() {
        core.commit(&Record { query, ending: STEADY.ending(query) }).unwrap();
    }
    let found = core.results();
    assert_eq!(found.levels[0].stopped, Stopped::Inconsistent);
    assert_eq!((found.levels[0].risk.lower, found.levels[0].risk.upper), (None, None));
    assert!(found.gates.iter().all(|gate| gate.verdict == Verdict::Undecided));
    assert!(!core.answered());
}

#[test]
fn a_budget_below_the_check_asks_nothing() {
    for world in [STEADY, World { needs: CLEAN, ..STEADY }] {
        let plan = Plan::new(question(90, &[1.0]), Range::ZeroOne, world.needs, &Standard);
        // Against targets the pass over all rows comes on top: 64 rows twice, and 26 once.
        let enough = if world.needs.clean { 128 } else { 154 };
        let mut core = Core::new(plan, enough - 1, 0, &Standard);
        assert_eq!((core.next(), core.charged(), core.done()), (None, 0, true));
        let level = core.results().levels.remove(0);
        assert_eq!((level.stopped, level.risk.upper), (Stopped::Budget, None));
    }
}

/// Surplus clean answers, which depend on what was sent ahead, are no difference between two runs.
#[test]
fn two_runs_compare_equal_whatever_was_sent_ahead() {
    let world = World { needs: CLEAN, silent: 20, ..STEADY };
    let asked = question(300, &[1.0, 2.0]);
    let trace = |ahead, window, seed| {
        let played = play(&asked, world, 5000, ahead, window, seed);
        let plan = Plan::new(asked.clone(), Range::ZeroOne, world.needs, &Standard);
        (refold(Core::new(plan, 5000, 0, &Standard), &played.records, false).1, played.core.surplus())
    };
    let (plain, _) = trace(0, 1, 0);
    let (other, surplus) = trace(200, 64, 3);
    assert!(surplus > 0);
    assert_eq!(plain.differences(&other), Vec::<String>::new());
    let mut wrong = other;
    *wrong.clean.values_mut().next().unwrap() = Some("class 7".to_owned());
    assert_eq!(plain.differences(&wrong).len(), 1);
}

#[test]
fn limits_are_rounded_outward_in_ranges_far_from_zero() {
    let range = (1e6, 1e6 + 1.0);
    for i in 1..2000 {
        let limit = f64::from(i) / 2000.0;
        // With so large an offset the exact limit is the sum of these two, and no float.
        let (lower, upper) =
            (super::track::outward(range, limit, -1.0), super::track::outward(range, limit, 1.0));
        assert!(lower - 1e6 <= limit && limit <= upper - 1e6, "{limit}");
        assert!(upper - lower < 1e-8);
    }
}
