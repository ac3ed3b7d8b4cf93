//! What `noisebound plan` foretells, as it is printed with `--json`, and what it warns of.
//!
//! The numbers come from the [simulation](crate::audit::simulate), the words for a terminal stand in
//! [`told`](super::told). The invariant: `docs/schemas/plan-forecast.schema.json` is the schema of these types.

use schemars::JsonSchema;
use serde::Serialize;

use super::WORK;
use crate::audit::plan::{About, Plan, Statement};
use crate::audit::simulate::{Chances, Guess, Guesses, Paths, Percentiles, Simulation, made_up};
use crate::config::question::{GateQuantity, Relation};
use crate::results::Stopped;

/// What a plan foretells of an audit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PlanForecast {
    /// The format of this document.
    pub format: String,
    /// How many audits were walked through.
    pub paths: u64,
    /// The seed of the simulation, which is not that of the audit.
    pub seed: u64,
    /// What was guessed for clean and for each level, in this order.
    pub guesses: Vec<Guess>,
    /// Charged queries.
    pub queries: Percentiles,
    /// Requests, each as full as it can be.
    pub requests: Percentiles,
    /// How long the requests take at the rate, in seconds; absent without a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Percentiles>,
    /// What the charged queries cost; absent where the cost of one was not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Percentiles>,
    /// Charged queries at worst.
    pub worst_queries: u64,
    /// The most queries that may be charged.
    pub budget: u64,
    /// The share of audits in which everything that was asked is answered.
    pub answered: f64,
    /// The levels that are drawn, in charging order; clean, with the level 0, where it is one.
    pub levels: Vec<LevelForecast>,
    /// The gates, in the order of the question.
    pub gates: Vec<GateForecast>,
    /// How often each level is found to be the critical one, where that is sought; ascending, 0 for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub critical_levels: Vec<LevelShare>,
    /// What was assumed where nothing was guessed, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    /// What this plan cannot do, a sentence each.
    pub warnings: Vec<String>,
}

/// A level.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LevelForecast {
    /// The level; 0 is clean.
    pub level: f64,
    /// Its draws.
    pub draws: Percentiles,
    /// What stops it, the most frequent first.
    pub stopped: Vec<StoppedShare>,
}

/// How often a level is stopped by this.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct StoppedShare {
    /// What stops it.
    pub by: Stopped,
    /// The share of audits.
    pub share: f64,
}

/// How often a level is found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct LevelShare {
    /// The level.
    pub level: f64,
    /// The share of audits.
    pub share: f64,
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GateForecast {
    /// The gate, as it was written.
    pub claim: String,
    /// The shares of audits with each verdict.
    #[serde(flatten)]
    pub chances: Chances,
}

/// Paths for the worst case, which hardly vary.
const WORST: u64 = 20;

/// A plan that fails in so many audits is warned of.
const OFTEN: f64 = 0.5;

impl PlanForecast {
    /// The format of the JSON.
    pub const FORMAT: &str = "noisebound.plan/1";

    /// What these paths add up to. `in_vain` is what makes the audit pointless whatever is guessed.
    pub fn new(
        simulation: &Simulation<'_>,
        guesses: &Guesses,
        paths: &Paths,
        cost: Option<f64>,
        in_vain: Vec<String>,
    ) -> Self {
        let Simulation { plan, conduct, seed, .. } = *simulation;
        let gates = plan.question.gates.iter().enumerate();
        // A risk at its own threshold may keep a gate open to the end.
        let open = !plan.question.gates.is_empty() || plan.question.critical.is_some();
        let worst = Guesses::worst(plan).filter(|_| !open);
        let worst = worst.map(|worst| simulation.run(&worst, WORST, WORK).queries().p99 as u64);
        let queries = paths.queries();
        let level_share = |(level, share)| LevelShare { level, share };
        let critical = plan.question.critical.as_ref();
        let mut foretold = Self {
            format: Self::FORMAT.to_owned(),
            paths: paths.ends().len() as u64,
            seed,
            guesses: std::iter::once(&guesses.clean).chain(&guesses.levels).copied().collect(),
            queries,
            requests: paths.requests(),
            seconds: conduct.rate.map(|rate| paths.requests().map(|requests| requests / rate)),
            cost: cost.map(|cost| queries.map(|queries| queries * cost)),
            worst_queries: worst.unwrap_or(conduct.queries).max(queries.p99 as u64).min(conduct.queries),
            budget: conduct.queries,
            answered: paths.share(|end| end.answered),
            levels: levels(paths),
            gates: gates
                .map(|(i, gate)| GateForecast { claim: gate.text.clone(), chances: paths.gate(i) })
                .collect(),
            critical_levels: critical
                .map_or_else(Vec::new, |_| paths.critical_levels().into_iter().map(level_share).collect()),
            assumptions: assumptions(plan, guesses),
            warnings: in_vain,
        };
        foretold.warn(plan, paths);
        foretold
    }

    /// Adds what this plan cannot do, by what its audits did.
    fn warn(&mut self, plan: &Plan, paths: &Paths) {
        // Without a draw there is nothing to add to why there is none.
        if !self.warnings.is_empty() && self.levels.iter().all(|level| level.draws.p99 == 0.0) {
            return;
        }
        let mut found = Vec::new();
        for (place, gate) in self.gates.iter().enumerate().filter(|(_, gate)| gate.chances.undecided >= OFTEN)
        {
            found.push(if never_holds(plan, place) {
                format!(
                    "{} can never be shown to hold: no number of draws shows that a risk is at the very end of \
                     what it can be; choose a threshold with room",
                    gate.claim
                )
            } else {
                format!(
                    "this plan cannot decide {}: {} leave it undecided; the guess is too near to the threshold, \
                     or -n is too small",
                    gate.claim,
                    audits(gate.chances.undecided)
                )
            });
        }
        let undecided = paths.critical().undecided;
        if let Some(critical) = plan.question.critical.as_ref().filter(|_| undecided >= OFTEN) {
            found.push(format!(
                "this plan cannot tell up to which level {} holds: {} end at a level that stays undecided; the \
                 guess is too near to the threshold, or -n is too small",
                critical.text,
                audits(undecided)
            ));
        }
        let often = |why: Stopped| {
            let mut shares = self.levels.iter().flat_map(|level| &level.stopped);
            shares.any(|stopped| stopped.by == why && stopped.share >= OFTEN)
        };
        if often(Stopped::Budget) {
            found.push(format!(
                "-n {} is used up before this plan is done: raise it, or ask for less",
                self.budget
            ));
        }
        if often(Stopped::Rows) {
            found.push(format!(
                "the {} rows are used up before this plan is done, as each is drawn at most once at a level: give \
                 more rows, ask for less, or leave --scope population out",
                plan.question.data.rows
            ));
        }
        self.warnings.append(&mut found);
    }
}

/// What is assumed of gates and limits that no guess tells anything about.
fn assumptions(plan: &Plan, guesses: &Guesses) -> Vec<String> {
    let question = &plan.question;
    let guessed = guesses.levels.iter().any(|guess| guess.risk.is_some());
    let gates = question.gates.iter().filter_map(|gate| match gate.quantity {
        GateQuantity::Quantile(quantile) if made_up(plan, quantile.of, guessed) => Some(format!(
            "no guess was given for {}, so {} is taken to hold with room, half as many draws beyond its threshold as \
             it allows; at worst it takes all of -n",
            quantile.of, gate.text
        )),
        _ => None,
    });
    let limits = (!guessed && question.precision.is_some()).then(|| {
        format!(
            "no guess was given for {}, so its limits are taken never to be as tight as was asked; guess its risk \
             with --guess and its spread with --guess-sd",
            question.loss.name
        )
    });
    gates.chain(limits).collect()
}

/// A share of audits, in words.
pub fn audits(share: f64) -> String {
    format!("{:.0} of 100 audits", share * 100.0)
}

fn levels(paths: &Paths) -> Vec<LevelForecast> {
    let stopped = |(by, share)| StoppedShare { by, share };
    let level = |level: crate::audit::simulate::LevelCounts| LevelForecast {
        level: level.level,
        draws: level.draws,
        stopped: level.stopped.into_iter().map(stopped).collect(),
    };
    paths.levels().into_iter().map(level).collect()
}

/// Whether a gate asks for the risk at an end of what it can be.
fn never_holds(plan: &Plan, gate: usize) -> bool {
    let parts = plan.levels.iter().flat_map(|level| &level.gates);
    let mut parts = parts.filter(|part| part.statement == Statement::Gate(gate));
    parts.any(|part| match part.test.relation {
        Relation::AtMost => part.test.threshold <= 0.0 && matches!(part.about, About::Draws(_)),
        Relation::AtLeast => part.test.threshold >= 1.0,
    })
}
