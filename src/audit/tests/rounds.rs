//! Rounds: what is charged, in which order, what may be sent, and what a stop keeps; against the rules, spelled out
//! once more.

use std::collections::HashSet;

use super::*;
use crate::audit::level::LevelState;
use crate::bound::ledger::share_for_one_of;

/// The draws of each level, and everything that is charged, by the rules alone: rounds in the order of their number
/// and then of the level, each cut to the draws that fit, and nothing after the first that does not. `stops` is at
/// how many draws each level stops by itself.
fn charged_by_the_rules(whole: &Core, stops: &[u64], spent: u64, budget: u64) -> (Vec<u64>, u64) {
    let recorded = whole.answers == Some(CleanAnswers::Recorded);
    let mut rows: HashSet<u64> =
        if recorded { whole.clean.check_rows().iter().copied().collect() } else { HashSet::new() };
    let (mut draws, mut charged) = (vec![0; stops.len()], spent);
    let mut sentinels = 0;
    for round in 0.. {
        if draws == stops {
            break;
        }
        for at in 0..stops.len() {
            let plan = &whole.levels[at].plan;
            while draws[at] < plan.checkpoints.at(round).min(stops[at]) {
                let id = DrawId { level: plan.id, index: draws[at] };
                let first = rows.insert(whole.row(Query::Draw(id)));
                let asks_clean = whole.plan.needs.clean && (!recorded || first);
                let cost = 1 + u64::from(asks_clean);
                // One sentinel for each 200 queries, where there is a clean answer to hold it against.
                let due = if recorded { (charged - sentinels) / 200 - sentinels } else { 0 };
                if charged + due + cost > budget {
                    return (draws, charged);
                }
                charged += due + cost;
                sentinels += due;
                draws[at] += 1;
            }
        }
    }
    (draws, charged)
}

#[test]
fn rounds_are_charged_in_the_order_of_their_number_and_then_of_the_level() {
    let against_clean = World { needs: CLEAN, ..STEADY };
    for (asked, world, spent) in [
        (question(90, &[1.0, 2.0, 3.0]), STEADY, 154),
        (question(300, &[1.0, 2.0]), against_clean, 128),
        (question(300, &[1.0, 2.0]), World { fickle: true, ..against_clean }, 128),
    ] {
        let whole = play(&asked, world, 1_000_000, 0, 1, 0).core;
        let stops: Vec<u64> = whole.levels.iter().map(|level| level.committed).collect();
        assert_ne!(stops[0], stops[1], "levels that stop together would show no order");
        for budget in
            (spent + 1..whole.charged() + 40).step_by(23).chain([whole.charged() - 1, whole.charged()])
        {
            let expected = charged_by_the_rules(&whole, &stops, spent, budget);
            let found = play(&asked, world, budget, 0, 16, budget).core;
            let draws: Vec<u64> = found.levels.iter().map(|level| level.committed).collect();
            assert_eq!((draws, found.charged()), expected, "-n {budget}");
        }
    }
}

#[test]
fn a_level_stops_at_a_checkpoint_and_nowhere_else() {
    for (asked, world) in worlds() {
        let core = play(&asked, world, 1_000_000, 100, 32, 4).core;
        for level in &core.levels {
            let by_itself =
                matches!(level.stopped, Some(Stopped::Precision | Stopped::Gate | Stopped::Unanswered));
            let mut checkpoints = (0..).map(|place| level.plan.checkpoints.at(place));
            let reached = checkpoints.find(|at| *at >= level.committed).unwrap();
            let end = level.plan.most == Some(level.committed) || level.committed == 0;
            assert!(end || !by_itself || reached == level.committed, "{:?}", level.stopped);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// A draw is sent in the round of its level that is under way, or as far beyond as was allowed; without that,
    /// everything that is sent is charged, whatever the budget.
    #[test]
    fn no_round_is_sent_before_the_one_before_it_is_committed(
        which in 0..WORLDS, ahead in prop_oneof![Just(0), 1..200_u64], window in 1..100_usize, seed: u64,
        budget in 155..3000_u64,
    ) {
        let (question, world) = worlds().swap_remove(which);
        let mut core = Core::new(planned(&question, world), budget, ahead, &Standard);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut under_way, mut sent) = (Vec::new(), 0);
        loop {
            while under_way.len() < window && let Some(query) = core.next() {
                if let Query::Draw(id) | Query::Twin(id) = query {
                    let level = core.levels.iter().find(|level| level.plan.id == id.level).unwrap();
                    prop_assert!(level.stopped.is_none() || ahead > 0, "{query:?} after its level has stopped");
                    prop_assert!(id.index < level.target() + ahead, "{query:?} in a later round");
                }
                under_way.push(query);
                // Guards are beside the count.
                sent += u64::from(!matches!(query, Query::Guard(_)));
            }
            if under_way.is_empty() {
                break;
            }
            let query = under_way.swap_remove(rng.random_range(0..under_way.len()));
            core.commit(&Record { query, ending: world.ending(query) }).unwrap();
        }
        prop_assert!(core.charged() <= budget);
        if ahead == 0 {
            prop_assert_eq!(core.surplus(), 0);
            prop_assert!(sent <= budget, "{sent} of {budget}");
        }
        // A draw whose row has no clean answer is charged and never sent.
        if world.silent == 0 {
            prop_assert_eq!(sent, core.charged() + core.surplus());
        }
    }
}

/// A slow answer of one level does not hold up the first round of the others.
#[test]
fn the_rounds_of_all_levels_are_under_way_together() {
    let mut core = Core::new(planned(&question(90, &[1.0, 2.0, 3.0]), STEADY), 100_000, 0, &Standard);
    let mut draws = 0;
    while let Some(query) = core.next() {
        match query {
            Query::Draw(_) => draws += 1,
            query => core.commit(&Record { query, ending: STEADY.ending(query) }).unwrap(),
        }
    }
    let rounds: u64 = core.levels.iter().map(LevelState::target).sum();
    assert_eq!((draws, core.levels.len()), (rounds, 3));
}

/// A cut reads the limits once, on what is committed: the same as where a budget ends at the same draw.
#[test]
fn a_cut_reads_what_a_budget_that_ends_there_reads() {
    let asked = question(90, &[1.0]);
    let last = 77;
    let mut core = Core::new(planned(&asked, STEADY), 100_000, 0, &Standard);
    while let Some(query) = core.next() {
        if !matches!(query, Query::Draw(id) if id.index >= last) {
            core.commit(&Record { query, ending: STEADY.ending(query) }).unwrap();
        }
    }
    core.cut().unwrap();
    let cut = core.results().levels.remove(0);
    // The check and the pass, a sentinel, and the draws.
    let ended = play(&asked, STEADY, 154 + 1 + last, 0, 1, 0).core.results().levels.remove(0);
    assert_eq!((cut.draws, cut.stopped, ended.stopped), (last, Stopped::Cut, Stopped::Budget));
    assert_eq!((cut.risk, cut.degradation), (ended.risk, ended.degradation));
    assert!(!core.answered());
}

/// Evidence at one level is none at another, though their noise is the same.
#[test]
fn a_level_knows_nothing_of_the_answers_at_another() {
    let asked = question(90, &[1.0, 2.0]);
    let found = |turned: bool| {
        let mut core = Core::new(planned(&asked, STEADY), 1_000_000, 0, &Standard);
        while let Some(query) = core.next() {
            let mut ending = STEADY.ending(query);
            if let (Query::Draw(DrawId { level: 2, .. }), Ending::Answered { loss: Some(loss), .. }, true) =
                (query, &mut ending, turned)
            {
                *loss = 1.0 - *loss;
            }
            core.commit(&Record { query, ending }).unwrap();
        }
        core.results().levels
    };
    let (plain, turned) = (found(false), found(true));
    assert_eq!(plain[0], turned[0]);
    assert_ne!(plain[1].risk, turned[1].risk);
}

/// The list stands before the first query; answers change no share, and no limit is shown outside of it.
#[test]
fn the_claims_are_those_of_the_plan_whatever_is_answered() {
    for (asked, world) in worlds() {
        let shares = |claims: &[crate::bound::Claim]| -> Vec<(String, u64)> {
            claims.iter().map(|claim| (claim.id.clone(), claim.alpha.to_bits())).collect()
        };
        let before = shares(&planned(&asked, world).claims);
        let found = play(&asked, world, 100_000, 50, 8, 2).core.results();
        assert_eq!(shares(&found.claims), before);
        let spent: f64 = found.claims.iter().map(|claim| claim.alpha).sum();
        assert!(spent <= 1.0 - asked.confidence + 1e-15, "{spent}");
    }
    let known = results(&question(90, &[1.0, 2.0]), STEADY);
    assert_eq!(known.claims.len(), 4, "the degradation from a known clean risk costs nothing");
    assert!(known.levels.iter().all(|level| level.degradation.is_some()));
}

/// A gate at one level has its share for either verdict; at all levels, to fail at one of them takes a part of it.
#[test]
fn a_gate_at_all_levels_fails_at_its_part_of_the_share() {
    let mut asked = question(90, &[1.0, 2.0, 3.0]);
    asked.precision = None;
    asked.gates = vec![gate(None, Relation::AtMost, 0.3), gate(Some(2.0), Relation::AtMost, 0.3)];
    let plan = planned(&asked, STEADY);
    let share = plan.claims[0].alpha;
    assert!((share - 0.025).abs() < 1e-12 && plan.claims[1].alpha == share);
    for level in &plan.levels {
        let all = level.gates[0].test;
        assert_eq!((all.alpha_holds, all.alpha_fails), (share, share_for_one_of(3, share)));
    }
    assert!(share_for_one_of(3, share) <= share / 3.0);
    let one = plan.levels[1].gates[1].test;
    assert_eq!((one.alpha_holds, one.alpha_fails), (share, share));
    assert_eq!((plan.levels[0].gates.len(), plan.levels[2].gates.len()), (1, 1));
}

#[test]
fn a_population_is_drawn_in_one_order_each_row_once_at_a_level() {
    let asked = Question { scope: Scope::Population, precision: Some(0.01), ..question(300, &[1.0, 2.0]) };
    let played = play(&asked, STEADY, 100_000, 0, 16, 7);
    let rows = |level: u32| -> Vec<u64> {
        (0..300).map(|index| played.core.row(Query::Draw(DrawId { level, index }))).collect()
    };
    assert_eq!(rows(1), rows(2));
    assert_eq!(rows(1).into_iter().collect::<HashSet<_>>().len(), 300);
    assert!(
        played.core.levels.iter().all(|level| (level.committed, level.stopped) == (300, Some(Stopped::Rows)))
    );
    assert!(!played.core.results().clean.exact, "of the population the clean risk is not known");
}

/// Slices are told at the stop of the whole; one that is rare, or never drawn, does not keep the level open.
#[test]
fn a_slice_never_holds_a_level_open() {
    let slice = SliceSpec { column: "x".into(), values: ["a", "b", "never"].map(String::from).to_vec() };
    let found = results(&Question { slice: Some(slice), ..question(90, &[1.0]) }, STEADY);
    let level = &found.levels[0];
    assert_eq!(level.stopped, Stopped::Precision);
    assert_eq!(level.slices[2].draws, 0);
    let half = |risk: &crate::results::Bounded| (risk.upper.unwrap_or(1.0) - risk.lower.unwrap_or(0.0)) / 2.0;
    assert!(half(&level.risk) <= 0.1);
    assert!(
        level.slices.iter().all(|slice| half(&slice.risk) > 0.1),
        "their limits are wider, and that is all"
    );
}

/// Notes every bound that is made.
#[derive(Default)]
struct Noting(std::sync::Mutex<Vec<String>>);

impl crate::bound::engine::Engines for Noting {
    fn interval(&self, spec: &crate::bound::engine::IntervalSpec) -> Box<dyn crate::bound::Bound> {
        self.0.lock().unwrap().push(format!("{spec:?}"));
        Standard.interval(spec)
    }
}

/// Which engine bounds a claim is settled before the first draw: none is made later, and none otherwise after other
/// answers.
#[test]
fn bounds_are_made_before_the_first_draw_whatever_is_answered() {
    let made = |asked: &Question, world: World, wrong: u64| {
        let engines = Noting::default();
        let mut core = Core::new(planned(asked, world), 3000, 0, &engines);
        let mut before = None;
        while let Some(query) = core.next() {
            if matches!(query, Query::Draw(_)) {
                before.get_or_insert_with(|| engines.0.lock().unwrap().len());
            }
            let answers = if matches!(query, Query::Draw(_)) { World { wrong, ..world } } else { world };
            core.commit(&Record { query, ending: answers.ending(query) }).unwrap();
        }
        let specs = engines.0.into_inner().unwrap();
        assert_eq!(before, Some(specs.len()), "bounds were made after the first draw");
        specs
    };
    let mut any = 0;
    for (asked, world) in worlds() {
        let specs = made(&asked, world, world.wrong);
        any += specs.len();
        for wrong in [0, 150, 480] {
            assert_eq!(made(&asked, world, wrong), specs);
        }
    }
    assert!(any > 30, "{any} bounds");
}

/// The check decides once: answers that contradict each other later are told by the noise floor, and nothing more.
#[test]
fn answers_that_repeat_in_the_check_and_not_later_change_nothing_but_the_noise_floor() {
    let asked = Question { noise_floor: true, ..question(90, &[1.0, 2.0]) };
    let found = |fickle: bool| {
        let mut core = Core::new(planned(&asked, STEADY), 100_000, 0, &Standard);
        while let Some(query) = core.next() {
            let ending = match query {
                Query::Floor(query) if fickle => STEADY.clean(0.0, query % 2),
                query => STEADY.ending(query),
            };
            core.commit(&Record { query, ending }).unwrap();
        }
        core.results()
    };
    let (steady, fickle) = (found(false), found(true));
    let floor = |found: &Results| found.noise_floor.as_ref().and_then(|floor| floor.differ.estimate);
    assert_eq!(floor(&steady), Some(0.0));
    assert!(floor(&fickle) > Some(0.9), "{:?}", fickle.noise_floor);
    assert_eq!(fickle.clean_answers, CleanAnswers::Recorded);
    assert_eq!((fickle.levels, fickle.clean, fickle.gates), (steady.levels, steady.clean, steady.gates));
}

/// Too much missing stops a level at the first checkpoint from four times the first one on where the streams are
/// further apart than twice the precision, and nowhere before.
#[test]
fn a_level_is_given_up_at_the_first_checkpoint_where_it_may_be() {
    let mut later = 0;
    for silent in [190, 205, 215, 225, 300, 400] {
        let asked = question(90, &[1.0, 2.0]);
        let played = play(&asked, World { silent, ..STEADY }, 100_000, 0, 1, 0);
        for level in &played.core.levels {
            let missing = |draws: u64| {
                let lost = |record: &&Record| {
                    matches!(record.query, Query::Draw(id) if id.level == level.plan.id && id.index < draws)
                        && record.ending == Ending::Unanswered
                };
                played.records.iter().filter(lost).count() as f64
            };
            let first = level.plan.checkpoints.at(1);
            let given_up = |at: &u64| *at >= 4 * first && missing(*at) > 2.0 * 0.1 * *at as f64;
            let checkpoints = (1..).map(|place| level.plan.checkpoints.at(place));
            let by_then = checkpoints.take_while(|at| *at <= level.committed).find(given_up);
            let stopped = level.stopped == Some(Stopped::Unanswered);
            assert_eq!(by_then, stopped.then_some(level.committed), "{silent} of 1000 are missing");
            later += u32::from(stopped && level.committed > 4 * first + 16);
        }
    }
    assert!(later > 0, "all were given up at the first opportunity");
}
