use super::*;
use crate::audit::tests::{CLEAN, TARGET, gate, question};
use crate::bound::engine::Standard;
use crate::config::Question;
use crate::config::question::Relation;
use crate::loss::{Needs, Range};

fn conduct() -> Conduct {
    Conduct {
        rate: None,
        concurrency: 1,
        batch: 1,
        queries: 100_000,
        max_requests: None,
        max_time: None,
        retries: 0,
        timeout: std::time::Duration::from_secs(1),
        ahead: 0,
    }
}

fn plan(question: Question, range: Range, needs: Needs) -> Plan {
    Plan::new(question, range, needs, &Standard)
}

fn run(plan: &Plan, typed: &[(f64, f64)], paths: u64) -> Paths {
    let guesses = Guesses::new(plan, typed, None, None).unwrap();
    Simulation { plan, engines: &Standard, conduct: &conduct(), seed: 1 }.run(&guesses, paths, u64::MAX)
}

#[test]
fn timing() {
    let mut question = question(5000, &[1.0]);
    question.precision = Some(0.02);
    let plan = plan(question, Range::ZeroOne, TARGET);
    let t = std::time::Instant::now();
    let paths = run(&plan, &[(0.0, 0.1), (1.0, 0.2)], 100);
    eprintln!("{:?} {:?} {:?}", t.elapsed(), paths.levels(), paths.queries());
}
