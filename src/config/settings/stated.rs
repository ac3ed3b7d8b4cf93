//! What is to be stated: limits, gates, quantiles, the critical level, and what they are about.
//!
//! Each is valid by itself here; what goes with what is in [`together`](super::together), what fits the loss in
//! [`fit`](super::fit).

use super::asked::choice;
use crate::config::{
    gate::{self, Critical, Gate},
    problem::{Misfit, Problems},
    quantity,
    question::{GateQuantity, QuantileSpec, Route, Scope, SideSpec},
    typed::Typed,
    units,
};

/// What is to be stated.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// The half-width at which a level stops.
    pub precision: Option<f64>,
    /// Which limits are claimed.
    pub side: SideSpec,
    /// The probability with which everything stated holds.
    pub confidence: f64,
    /// The gates.
    pub gates: Vec<Gate>,
    /// How near to its threshold a gate stops undecided.
    pub gate_resolution: Option<f64>,
    /// The quantiles that are bounded beside the risk.
    pub quantiles: Vec<QuantileSpec>,
    /// The statement of which the critical level is sought.
    pub critical: Option<Critical>,
    /// What the risk is an average over.
    pub scope: Scope,
    /// How the risk is come by.
    pub route: Route,
    /// The column by which rows are told apart, as it was typed.
    pub slice: Option<String>,
    /// The share of whole passes over the data set whose mean loss is to be limited.
    pub replicates: Option<f64>,
    /// Whether it is measured how often the endpoint contradicts itself.
    pub noise_floor: bool,
    /// Whether limits may be asymptotic.
    pub asymptotic: bool,
}

/// Less than this is nothing to divide among claims.
const LEAST_DOUBT: f64 = 1e-9;

pub(super) fn stated(typed: &Typed, problems: &mut Problems) -> Option<Stated> {
    let precision = problems.one("precision", typed.precision.as_ref(), units::positive);
    let sides = [("both", SideSpec::Both), ("upper", SideSpec::Upper)];
    let side = problems.one("side", typed.side.as_ref(), |value| choice("a side", value, &sides));
    let confidence = problems.one("confidence", typed.confidence.as_ref(), confidence);
    let gates = gates(typed, problems);
    let gate_resolution = problems.one("gate-resolution", typed.gate_resolution.as_ref(), units::positive);
    let quantiles = problems.read("quantiles", typed.quantiles.as_ref(), quantiles);
    let critical = problems.one("critical", typed.critical.as_ref(), gate::critical);
    let scopes = [("data-set", Scope::DataSet), ("population", Scope::Population)];
    let scope = problems.one("scope", typed.scope.as_ref(), |value| choice("a scope", value, &scopes));
    let routes = [("direct", Route::Direct), ("differences", Route::Differences)];
    let route = problems.one("route", typed.route.as_ref(), |value| choice("a route", value, &routes));
    let slice = problems.one("slice", typed.slice.as_ref(), |value| match value.trim() {
        "" => Err(Misfit::new("a column of the table, or target", value)),
        column => Ok(column.to_owned()),
    });
    let replicates = problems.one("replicates", typed.replicates.as_ref(), units::probability);
    let noise_floor = problems.one("noise-floor", typed.noise_floor.as_ref(), units::switch);
    let asymptotic = problems.one("asymptotic", typed.asymptotic.as_ref(), units::switch);
    Some(Stated {
        precision,
        side: side?,
        confidence: confidence?,
        gates,
        gate_resolution,
        quantiles: quantiles.unwrap_or_default(),
        critical,
        scope: scope?,
        route: route?,
        slice,
        replicates,
        noise_floor: noise_floor.unwrap_or_default(),
        asymptotic: asymptotic.unwrap_or_default(),
    })
}

impl Stated {
    /// Whether the whole data set is sent again and again, in place of random rows.
    pub fn whole_passes(&self) -> bool {
        self.replicates.is_some() || self.gates.iter().any(|gate| is_data_set(gate.spec.quantity))
    }

    /// Whether each level gets limits without being asked for a precision.
    pub fn limits_by_default(&self) -> bool {
        self.gates.is_empty() && self.critical.is_none() && self.replicates.is_none()
    }

    /// Whether gates at named levels are all that is asked: nothing is said about any other level.
    pub(super) fn gated_levels_alone(&self) -> bool {
        self.precision.is_none()
            && self.critical.is_none()
            && self.replicates.is_none()
            && self.quantiles.is_empty()
            && !self.gates.is_empty()
            && self.gates.iter().all(|gate| gate.spec.level.is_some())
    }

    /// Notes levels that were typed and that nothing would be said about.
    pub(super) fn check_levels(&self, typed: &Typed, levels: Option<&[f64]>, problems: &mut Problems) {
        // What was not understood is a problem already, and may be about any level.
        let given = [&typed.precision, &typed.critical, &typed.replicates, &typed.quantiles];
        let understood = typed.gate.as_ref().is_some_and(|given| given.values.len() == self.gates.len());
        if !understood || !self.gated_levels_alone() || given.iter().any(|given| given.is_some()) {
            return;
        }
        let silent = |level: &&f64| !self.gates.iter().any(|gate| gate.spec.level == Some(**level));
        let silent: Vec<String> =
            levels.unwrap_or_default().iter().filter(silent).map(ToString::to_string).collect();
        let (noun, verb, them) = match silent.len() {
            0 => return,
            1 => ("level", "has", "it"),
            _ => ("levels", "have", "them"),
        };
        let misfit = Misfit::new("levels that gates are about", silent.join(","));
        let silent = silent.join(", ");
        let hint = if self.whole_passes() {
            format!("{noun} {silent} {verb} no gate; add --replicates, a gate at all, or leave {them} out")
        } else {
            format!(
                "{noun} {silent} {verb} no gate, and no --precision asks for limits there; add --precision, a \
                 gate at all, or leave {them} out"
            )
        };
        problems.note("levels", typed.levels.as_ref(), misfit.hint(hint));
    }
}

/// Whether a gate is on the mean loss of the whole data set.
pub(super) fn is_data_set(quantity: GateQuantity) -> bool {
    matches!(quantity, GateQuantity::DataSet(_))
}

fn confidence(value: &str) -> Result<f64, Misfit> {
    let confidence = units::probability(value)?;
    if 1.0 - confidence < LEAST_DOUBT {
        let misfit = Misfit::new(format!("a confidence at least {LEAST_DOUBT} below 1"), value);
        return Err(
            misfit.hint("nothing is left for the claims to be wrong with: give less, such as 0.999999")
        );
    }
    Ok(confidence)
}

fn quantiles(values: &[String]) -> Result<Vec<QuantileSpec>, Misfit> {
    let mut quantiles = Vec::with_capacity(values.len());
    for value in values {
        let quantile = quantity::quantile(value)?;
        if quantiles.contains(&quantile) {
            return Err(Misfit::new("each quantile once", value).hint("leave one of the two out"));
        }
        quantiles.push(quantile);
    }
    Ok(quantiles)
}

fn gates(typed: &Typed, problems: &mut Problems) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::new();
    for value in typed.gate.iter().flat_map(|given| &given.values) {
        let misfit = match gate::parse(value) {
            Ok(gate) if gates.iter().any(|other| same(other, &gate)) => {
                Misfit::new("each gate once", value).hint("leave one of the two out")
            }
            Ok(gate) => {
                gates.push(gate);
                continue;
            }
            Err(misfit) => misfit,
        };
        problems.note("gate", typed.gate.as_ref(), misfit);
    }
    gates
}

/// Whether they ask the same, however they are written.
fn same(a: &Gate, b: &Gate) -> bool {
    let parts = |gate: &Gate| (gate.spec.quantity, gate.spec.level, gate.spec.relation, gate.spec.threshold);
    // The mean squared error of the data set is its risk where that is the loss.
    let loss = a.loss == b.loss || is_data_set(a.spec.quantity);
    loss && parts(a) == parts(b)
}
