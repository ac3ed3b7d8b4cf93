//! Folds the journals of a comparison again, through the same leader as the run.

use super::super::core::{Breach, Core};
use super::super::plan::Plan;
use super::super::refold::{OneModel, of_one_model};
use super::leader::Leader;
use super::outcome::compared;
use super::plan::ComparisonPlan;
use crate::bound::engine::Engines;
use crate::comparison::Compared;
use crate::journal::Line;
use crate::results::Identity;

/// What the journals of a comparison give.
#[derive(Debug)]
pub struct Refolded {
    /// The results.
    pub results: Compared,
    /// The charged queries of each endpoint.
    pub charged: Vec<u64>,
    /// The draws that were charged to each endpoint.
    pub drawn: Vec<u64>,
    /// The queries of each endpoint that ended and are not charged.
    pub surplus: Vec<u64>,
    /// What is reported of the guards of each endpoint.
    pub identity: Vec<Option<Identity>>,
    /// A loss outside of its range, and the place of its endpoint.
    pub breach: Option<(usize, Breach)>,
}

/// Takes the journals of a comparison apart, as [`of_one_model`] does with that of an audit.
pub fn of_one_model_each(
    plan: &ComparisonPlan,
    journals: Vec<Vec<Line>>,
    budget: u64,
    engines: &dyn Engines,
) -> Vec<OneModel> {
    let core = |plan: &Plan| Core::new(plan.clone(), budget, 0, engines).led();
    plan.endpoints.iter().zip(journals).map(|(plan, lines)| of_one_model(core(plan), lines)).collect()
}

/// Folds what the model of the start answered at each endpoint, in the order of the plan, with the budget of each. `cut`
/// ends the folds as a run that was cut was ended.
pub fn refold(
    plan: &ComparisonPlan,
    models: &[OneModel],
    budget: u64,
    cut: bool,
    engines: &dyn Engines,
) -> Refolded {
    let mut leader = Leader::new(plan, engines);
    let mut cores: Vec<Core> =
        plan.endpoints.iter().map(|plan| Core::new(plan.clone(), budget, 0, engines).led()).collect();
    let mut breach = None;
    for (place, (core, model)) in cores.iter_mut().zip(models).enumerate() {
        let found = model.records.iter().find_map(|record| core.commit(record).err());
        breach = breach.or(found.map(|found| (place, found)));
    }
    let mut led: Vec<&mut Core> = cores.iter_mut().collect();
    if breach.is_none() {
        breach = leader.step(&mut led).err();
    }
    if !leader.done() && (cut || breach.is_some()) {
        let found = leader.cut(&mut led).err();
        breach = breach.or(found);
    }
    let cores: Vec<&Core> = cores.iter().collect();
    Refolded {
        results: compared(plan, &leader, &cores),
        charged: cores.iter().map(|core| core.charged()).collect(),
        drawn: cores.iter().map(|core| core.drawn()).collect(),
        surplus: cores.iter().map(|core| core.surplus()).collect(),
        identity: cores
            .iter()
            .zip(models)
            .map(|(core, of)| core.identity(of.later.iter().copied()))
            .collect(),
        breach,
    }
}
