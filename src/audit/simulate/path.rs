//! One path: a whole audit of the made-up endpoint, one request after the other.

use super::world::Answers;
use crate::audit::core::Core;
use crate::audit::plan::Plan;
use crate::audit::record::{Query, Record};
use crate::bound::engine::Engines;
use crate::config::Conduct;
use crate::results::{CriticalResult, Stopped, Verdict};

/// How one path ended.
#[derive(Debug, Clone, PartialEq)]
pub struct PathEnd {
    /// Charged queries.
    pub queries: u64,
    /// Requests, each as full as it can be.
    pub requests: u64,
    /// The draws of each drawn level and what stopped it, in the order of the plan.
    pub levels: Vec<(u64, Stopped)>,
    /// What was decided about each gate.
    pub gates: Vec<Verdict>,
    /// What was found of the critical level.
    pub critical: Option<CriticalResult>,
    /// Whether everything that was asked was answered.
    pub answered: bool,
    /// How much work it was; see [`Simulation::run`](super::Simulation::run).
    pub steps: u64,
}

/// The reading of a level's bounds takes as long as so many queries.
const READING: u64 = 40;

/// Walks a path to its end.
pub fn walk(plan: Plan, engines: &dyn Engines, conduct: &Conduct, mut answers: Answers<'_>) -> PathEnd {
    let mut core = Core::new(plan, conduct.queries, 0, engines);
    let (mut requests, mut held, mut batch) = (0, None, Vec::new());
    while fill(&mut core, &mut held, &mut batch, conduct.batch) {
        requests += 1;
        for query in batch.drain(..) {
            let ending = answers.ending(query, core.row(query));
            if core.commit(&Record { query, ending }).is_err() {
                return end(&core, requests);
            }
        }
    }
    end(&core, requests)
}

/// The queries of the next request, as the audit puts them together; false when there are none.
fn fill(core: &mut Core, held: &mut Option<Query>, batch: &mut Vec<Query>, most: usize) -> bool {
    while batch.len() < most {
        let Some(query) = held.take().or_else(|| core.next()) else { break };
        if !batch.first().is_none_or(|first| share(*first, query)) {
            *held = Some(query);
            break;
        }
        batch.push(query);
    }
    !batch.is_empty()
}

/// Whether two queries may travel in one request: rows of the check alone, or only with each other.
fn share(first: Query, query: Query) -> bool {
    let together = |query| matches!(query, Query::Together(_));
    !matches!(first, Query::Alone(_))
        && !matches!(query, Query::Alone(_))
        && together(first) == together(query)
}

fn end(core: &Core, requests: u64) -> PathEnd {
    let results = core.results();
    let stopped = |stopped: Option<Stopped>| stopped.unwrap_or_default();
    let levels: Vec<_> = core.levels.iter().map(|level| (level.committed, stopped(level.stopped))).collect();
    let readings: u64 = core.levels.iter().map(|level| level.checkpoint as u64).sum();
    PathEnd {
        queries: core.charged(),
        requests,
        levels,
        gates: results.gates.iter().map(|gate| gate.verdict).collect(),
        critical: results.critical,
        answered: core.answered(),
        steps: core.charged() + READING * readings,
    }
}
