//! How it is asked: the load on the endpoint.

use crate::config::{
    Conduct,
    problem::{Misfit, Problems},
    typed::Typed,
    units,
};

/// More than this is a slip of the keyboard.
const MOST_IN_FLIGHT: u64 = 10_000;
const MOST_ROWS: u64 = 65_536;
const MOST_RETRIES: u64 = 100;

pub(super) fn conduct(typed: &Typed, problems: &mut Problems) -> Option<Conduct> {
    let rate = problems.one("rate", typed.rate.as_ref(), units::or_none(units::rate));
    let concurrency =
        problems.one("concurrency", typed.concurrency.as_ref(), units::at_least_one(MOST_IN_FLIGHT));
    let batch = problems.one("batch", typed.batch.as_ref(), units::at_least_one(MOST_ROWS));
    let most = units::at_least_one(units::LARGEST_EXACT);
    let queries = problems.one("queries", typed.queries.as_ref(), &most);
    let max_requests = problems.one("max-requests", typed.max_requests.as_ref(), units::or_none(&most));
    let max_cost = problems.one("max-cost", typed.max_cost.as_ref(), units::or_none(units::positive));
    let cost_per_query = problems.one("cost-per-query", typed.cost_per_query.as_ref(), units::not_negative);
    if max_cost.flatten().is_some() && typed.cost_per_query.is_none() {
        let misfit = Misfit::unshown("the cost of a query beside the most that may be spent");
        problems.note("max-cost", typed.max_cost.as_ref(), misfit.hint("add --cost-per-query"));
    }
    let max_time = problems.one("max-time", typed.max_time.as_ref(), units::or_none(units::duration));
    let retries = problems.one("retries", typed.retries.as_ref(), |value| match units::count(value)? {
        retries if retries <= MOST_RETRIES => Ok(retries as u32),
        _ => Err(Misfit::new(format!("a whole number of at most {MOST_RETRIES}"), value)),
    });
    let breaker_failures =
        problems.one("breaker-failures", typed.breaker_failures.as_ref(), units::or_none(units::share));
    let breaker_latency =
        problems.one("breaker-latency", typed.breaker_latency.as_ref(), units::or_none(units::times));
    let timeout = problems.one("timeout", typed.timeout.as_ref(), units::duration);
    let typed_ahead = problems.one("ahead", typed.ahead.as_ref(), units::count);
    let privacy = problems.one("privacy", typed.privacy.as_ref(), units::switch);
    let (rate, concurrency, batch) = (rate?, concurrency?, batch?);
    let ahead = match (typed_ahead, rate) {
        (Some(ahead), Some(_)) if ahead > 0 => {
            let misfit = Misfit::new("0 under a rate", ahead);
            problems.note("ahead", typed.ahead.as_ref(), misfit.hint("leave it out, or add --rate none"));
            return None;
        }
        (_, Some(_)) => 0,
        (ahead, None) => ahead.unwrap_or(2 * batch * concurrency),
    };
    Some(Conduct {
        rate,
        concurrency: concurrency as usize,
        batch: batch as usize,
        queries: queries?,
        max_requests: max_requests?,
        max_cost: max_cost?,
        cost_per_query,
        max_time: max_time?,
        retries: retries?,
        breaker_failures: breaker_failures?,
        breaker_latency: breaker_latency?,
        timeout: timeout?,
        ahead,
        privacy: privacy.unwrap_or_default(),
    })
}
