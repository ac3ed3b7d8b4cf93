//! What does not go together, whatever the loss and the data.

use super::stated::{Stated, is_data_set};
use crate::config::{
    problem::{Misfit, Problems},
    question::{Route, Scope},
    typed::{Given, Typed},
};

/// Notes what was asked and cannot be stated beside the rest.
pub(super) fn check(stated: &Stated, typed: &Typed, problems: &mut Problems) {
    if stated.whole_passes() {
        whole_passes(stated, typed, problems);
    } else if stated.asymptotic {
        asymptotic(stated, typed, problems);
    } else if stated.route == Route::Differences && stated.scope == Scope::Population {
        let misfit = Misfit::unshown("--scope data-set with differences").found("population");
        let hint =
            "the clean risk of the population is not known, only that of its rows: leave one of the two out";
        problems.note("route", typed.route.as_ref(), misfit.hint(hint));
    }
}

/// A key, whether it asks for something, and where it was given.
type Asking<'a> = (&'static str, bool, &'a Option<Given>);

fn refuse(asking: &[Asking], beside: &str, hint: &str, problems: &mut Problems) {
    for (key, _, given) in asking.iter().filter(|(_, asks, _)| *asks) {
        problems.note(key, given.as_ref(), Misfit::unshown(format!("nothing beside {beside}")).hint(hint));
    }
}

fn whole_passes(stated: &Stated, typed: &Typed, problems: &mut Problems) {
    let beside =
        if stated.replicates.is_some() { "--replicates" } else { "gates on dataset-mse and dataset-risk" };
    let asking = [
        ("loss-cap", typed.loss_cap.is_some(), &typed.loss_cap),
        ("precision", typed.precision.is_some(), &typed.precision),
        ("quantiles", !stated.quantiles.is_empty(), &typed.quantiles),
        ("critical", stated.critical.is_some(), &typed.critical),
        ("scope", stated.scope == Scope::Population, &typed.scope),
        ("route", stated.route == Route::Differences, &typed.route),
        ("slice", stated.slice.is_some(), &typed.slice),
        ("noise-floor", stated.noise_floor, &typed.noise_floor),
        ("asymptotic", stated.asymptotic, &typed.asymptotic),
    ];
    let hint = "whole passes over the data set are sent, and no random rows: leave it out, or ask in an audit of \
                its own";
    refuse(&asking, beside, hint, problems);
    for gate in stated.gates.iter().filter(|gate| !is_data_set(gate.spec.quantity)) {
        let misfit =
            Misfit::new(format!("gates on the whole data set alone beside {beside}"), &gate.spec.text);
        let hint = "gates on dataset-mse and dataset-risk are decided by whole passes over the data set, others by \
                    random rows: ask them in an audit of their own";
        problems.note("gate", typed.gate.as_ref(), misfit.hint(hint));
    }
}

fn asymptotic(stated: &Stated, typed: &Typed, problems: &mut Problems) {
    let asking = [
        ("loss-range", typed.loss_range.is_some(), &typed.loss_range),
        ("loss-cap", typed.loss_cap.is_some(), &typed.loss_cap),
    ];
    let hint = "with it limits are sure to hold: leave --asymptotic out";
    refuse(&asking, "--asymptotic", hint, problems);
    let asking = [
        ("gate", !stated.gates.is_empty(), &typed.gate),
        ("critical", stated.critical.is_some(), &typed.critical),
        ("route", stated.route == Route::Differences, &typed.route),
    ];
    let hint = "it needs a loss in a range: give --loss-range or --loss-cap in place of --asymptotic";
    refuse(&asking, "--asymptotic", hint, problems);
    if typed.precision.is_none() {
        let misfit = Misfit::unshown("a --precision as well").found("none");
        let hint = "without a range of the loss there is no default: add --precision, in units of the loss";
        problems.note("asymptotic", typed.asymptotic.as_ref(), misfit.hint(hint));
    }
}
