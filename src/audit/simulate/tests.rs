use super::*;
use crate::audit::tests::{CLEAN, TARGET, conduct, gate, question};
use crate::bound::engine::Standard;
use crate::config::Question;
use crate::config::question::Relation;
use crate::loss::{Needs, Range};
use crate::results::Stopped;

fn plan(question: Question, range: Range, needs: Needs) -> Plan {
    Plan::new(question, range, needs, &Standard)
}

fn run(plan: &Plan, typed: &[(f64, f64)], paths: u64) -> Paths {
    let guesses = Guesses::new(plan, typed, None, None).unwrap();
    Simulation { plan, engines: &Standard, conduct: &conduct(), seed: 1 }.run(&guesses, paths, u64::MAX)
}

#[test]
fn paths_take_as_many_draws_as_audits_do() {
    let mut question = question(100, &[1.0]);
    question.precision = Some(0.02);
    let plan = plan(question, Range::ZeroOne, TARGET);
    let found = run(&plan, &[(0.0, 0.1), (1.0, 0.2)], 60).levels();
    // The median of AIM-D where one draw in five is wrong is 2068 draws.
    assert!((1700.0..2300.0).contains(&found[0].draws.median), "{found:?}");
    assert_eq!(found[0].stopped, [(Stopped::Precision, 1.0)]);
}

#[test]
fn what_is_foretold_is_in_order_and_the_same_for_the_same_seed() {
    let mut question = question(100, &[1.0, 2.0]);
    question.gates = vec![gate(Some(1.0), Relation::AtMost, 0.2), gate(Some(2.0), Relation::AtMost, 0.12)];
    let plan = plan(question, Range::ZeroOne, TARGET);
    let guesses = [(0.0, 0.05), (1.0, 0.08), (2.0, 0.12)];
    let one = run(&plan, &guesses, 50);
    assert_eq!(one, run(&plan, &guesses, 50));
    let queries = one.queries();
    assert!(queries.median <= queries.p90 && queries.p90 <= queries.p99);
    for place in 0..2 {
        let Chances { holds, fails, undecided } = one.gate(place);
        assert!((holds + fails + undecided - 1.0).abs() < 1e-12);
    }
    assert!(one.gate(0).holds > 0.9, "{:?}", one.gate(0));
    assert!(one.gate(1).undecided > 0.8, "a risk at its threshold: {:?}", one.gate(1));
}

#[test]
fn against_the_clean_answer_no_clean_risk_is_guessed() {
    let plan = plan(question(90, &[1.0]), Range::ZeroOne, CLEAN);
    let guesses = Guesses::new(&plan, &[(0.0, 0.4), (1.0, 0.1)], None, None).unwrap();
    assert_eq!((guesses.clean.risk, guesses.levels[0].risk), (Some(0.0), Some(0.1)));
    assert!(Guesses::new(&plan, &[(1.0, 1.1)], None, None).is_err());
}
