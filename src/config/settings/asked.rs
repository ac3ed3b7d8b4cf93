//! What is asked, as far as the data do not decide it, and the checks that need the loss.

use crate::{
    config::{
        gate::{self, Gate},
        problem::{Misfit, Problems},
        question::{Scale, SideSpec},
        typed::Typed,
        units,
    },
    loss::{LOSSES, LossKind},
    noise::FAMILIES,
};

/// What is asked, as far as the data do not decide it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The seed; `None` for a new one.
    pub seed: Option<u64>,
    /// The name of the noise family.
    pub noise: String,
    /// The grid: ascending, above 0, no two alike, the levels of the gates among them.
    pub levels: Vec<f64>,
    /// The unit of the levels; `None` where the data decide.
    pub scale: Option<Scale>,
    /// The range that perturbed values are held inside.
    pub clip: Option<(f64, f64)>,
    /// The only columns that are perturbed.
    pub perturb: Option<Vec<String>>,
    /// The columns that are left alone.
    pub fix: Option<Vec<String>>,
    /// The name of the loss; `None` where the data decide.
    pub loss: Option<String>,
    /// The promised range of the loss.
    pub loss_range: Option<(f64, f64)>,
    /// From what score on a single score is class 1.
    pub threshold: f64,
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
    /// Up to how many rows all are asked clean first.
    pub clean_pass: u64,
    /// How far apart two clean answers may lie and still be the same.
    pub same_tolerance: f64,
}

/// The finest precision is the width of the loss's range over this: the bets on bounds aim no finer.
const FINEST_STEPS: f64 = 1e5;

/// Less than this is nothing to divide among claims.
const LEAST_DOUBT: f64 = 1e-9;

/// The grid where nothing else is said.
const LEVELS: [f64; 3] = [0.05, 0.1, 0.2];

pub(super) fn asked(typed: &Typed, problems: &mut Problems) -> Option<Asked> {
    let seed = problems.one("seed", typed.seed.as_ref(), seed);
    let noise = problems.one("noise", typed.noise.as_ref(), |value| {
        known("a noise family", value, FAMILIES.iter().map(|family| family.name))
    });
    let levels = problems.read("levels", typed.levels.as_ref(), levels);
    let scales = [("absolute", Scale::Absolute), ("std", Scale::Std)];
    let scale = problems.one("scale", typed.scale.as_ref(), |value| choice("a unit", value, &scales));
    let clip = problems.read("clip", typed.clip.as_ref(), |values| match values {
        [none] if none.trim().eq_ignore_ascii_case("none") => Ok(None),
        values => units::pair(values).map(Some),
    });
    let perturb = problems.read("perturb", typed.perturb.as_ref(), columns);
    let fix = problems.read("fix", typed.fix.as_ref(), columns);
    if perturb.is_some() && fix.is_some() {
        let misfit = Misfit::unshown("either --perturb or --fix").found("both");
        problems.note("fix", typed.fix.as_ref(), misfit.hint("leave one of the two out"));
    }
    let loss = problems.one("loss", typed.loss.as_ref(), |value| {
        known("a loss", value, LOSSES.iter().map(|loss| loss.name))
    });
    let loss_range = problems.read("loss-range", typed.loss_range.as_ref(), units::pair);
    let threshold = problems.one("threshold", typed.threshold.as_ref(), units::number);
    let precision = problems.one("precision", typed.precision.as_ref(), units::positive);
    let sides = [("both", SideSpec::Both), ("upper", SideSpec::Upper)];
    let side = problems.one("side", typed.side.as_ref(), |value| choice("a side", value, &sides));
    let confidence = problems.one("confidence", typed.confidence.as_ref(), confidence);
    let gates = gates(typed, problems);
    let gate_resolution = problems.one("gate-resolution", typed.gate_resolution.as_ref(), units::positive);
    let clean_pass = problems.one("clean-pass", typed.clean_pass.as_ref(), units::count);
    let same_tolerance = problems.one("same-tolerance", typed.same_tolerance.as_ref(), units::not_negative);
    check_gated(typed, &gates, levels.as_deref(), problems);
    let asked = Asked {
        seed: seed?,
        noise: noise?,
        levels: grid(levels, gates_alone(typed, &gates), &gates),
        scale,
        clip: clip?,
        perturb,
        fix,
        loss,
        loss_range,
        threshold: threshold?,
        precision,
        side: side?,
        confidence: confidence?,
        gates,
        gate_resolution,
        clean_pass: clean_pass?,
        same_tolerance: same_tolerance?,
    };
    if let Some(loss) = asked.loss.as_deref().and_then(kind) {
        asked.check_loss(loss, typed, problems);
    }
    Some(asked)
}

/// The loss of this name.
pub(super) fn kind(name: &str) -> Option<&'static LossKind> {
    LOSSES.iter().find(|loss| loss.name == name)
}

impl Asked {
    /// The range of a loss: its own, or the one that was promised.
    pub(super) fn range(&self, loss: &LossKind) -> (f64, f64) {
        self.loss_range.filter(|_| loss.ranged).unwrap_or((0.0, 1.0))
    }

    /// Everything that depends on which loss it is.
    pub(super) fn check_loss(&self, loss: &LossKind, typed: &Typed, problems: &mut Problems) {
        match (loss.ranged, self.loss_range) {
            // A range that was typed and not understood is a problem already.
            (true, None) if typed.loss_range.is_none() => {
                let misfit = Misfit::unshown(format!("the range of {}", loss.name)).found("none");
                let hint = "it has none of its own: promise one, as in --loss-range 0,60; a loss outside of it \
                            ends the audit";
                problems.note("loss-range", None, misfit.hint(hint));
            }
            (false, Some(_)) => {
                let misfit = Misfit::unshown(format!("nothing with the loss {}", loss.name));
                let hint = "that loss is 0 or 1 by itself: leave the range out, or choose another --loss";
                problems.note("loss-range", typed.loss_range.as_ref(), misfit.hint(hint));
            }
            _ => {}
        }
        for gate in self.gates.iter().filter(|gate| gate.quantity != loss.name) {
            let misfit =
                Misfit::new(format!("a gate on {}, the loss of this audit", loss.name), &gate.spec.text);
            let misfit = misfit.hint(format!("add --loss {}, or change the gate", gate.quantity));
            problems.note("gate", typed.gate.as_ref(), misfit);
        }
        if loss.ranged && self.loss_range.is_none() {
            return;
        }
        let (low, high) = self.range(loss);
        let units = format!("it is in units of {}, which lies in {low},{high}", loss.name);
        let inside = |gate: &&Gate| (low..=high).contains(&gate.spec.threshold);
        for gate in self.gates.iter().filter(|gate| gate.quantity == loss.name && !inside(gate)) {
            let misfit = Misfit::new(format!("a threshold from {low} to {high}"), &gate.spec.text);
            problems.note("gate", typed.gate.as_ref(), misfit.hint(&units));
        }
        let finest = (high - low) / FINEST_STEPS;
        if let Some(precision) = self.precision.filter(|precision| *precision < finest) {
            let misfit = Misfit::new(format!("at least {finest}"), precision);
            let hint = format!("bounds aim no finer than 0.00001 of the loss's range; {units}");
            problems.note("precision", typed.precision.as_ref(), misfit.hint(hint));
        }
        let widths = [
            ("precision", self.precision, &typed.precision),
            ("gate-resolution", self.gate_resolution, &typed.gate_resolution),
        ];
        for (key, value, given) in widths {
            if let Some(value) = value.filter(|value| *value >= high - low) {
                let misfit = Misfit::new(format!("a number below {}", high - low), value);
                problems.note(key, given.as_ref(), misfit.hint(&units));
            }
        }
    }
}

fn seed(value: &str) -> Result<Option<u64>, Misfit> {
    if value.trim().eq_ignore_ascii_case("new") {
        return Ok(None);
    }
    units::count(value).map(Some).map_err(|_| Misfit::new("a whole number below 2^53, or new", value))
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

fn levels(values: &[String]) -> Result<Vec<f64>, Misfit> {
    let mut levels = Vec::with_capacity(values.len());
    for value in values {
        let misfit = || Misfit::new("levels above 0, such as 0.05,0.1", value);
        let level = units::positive(value).map_err(|_| match units::number(value) {
            Ok(0.0) => misfit().hint("clean rows are asked anyway: leave 0 out"),
            _ => misfit(),
        })?;
        if levels.contains(&level) {
            return Err(misfit().found(format!("`{value}` twice")).hint("name each level once"));
        }
        levels.push(level);
    }
    if levels.is_empty() {
        return Err(Misfit::unshown("at least one level").found("none"));
    }
    levels.sort_by(f64::total_cmp);
    Ok(levels)
}

fn columns(values: &[String]) -> Result<Vec<String>, Misfit> {
    let empty = values.is_empty() || values.iter().any(|value| value.trim().is_empty());
    if empty {
        return Err(Misfit::new("names of columns, such as age,income", values.join(",")));
    }
    Ok(values.to_vec())
}

fn gates(typed: &Typed, problems: &mut Problems) -> Vec<Gate> {
    let losses: Vec<&str> = LOSSES.iter().map(|loss| loss.name).collect();
    let mut gates: Vec<Gate> = Vec::new();
    for value in typed.gate.iter().flat_map(|given| &given.values) {
        let misfit = match gate::parse(value, &losses) {
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
    let parts = |gate: &Gate| (gate.spec.level, gate.spec.relation, gate.spec.threshold);
    a.quantity == b.quantity && parts(a) == parts(b)
}

/// Whether gates at named levels are all that is asked: nothing is said about any other level.
fn gates_alone(typed: &Typed, gates: &[Gate]) -> bool {
    typed.precision.is_none() && !gates.is_empty() && gates.iter().all(|gate| gate.spec.level.is_some())
}

/// Notes levels that were typed and that nothing would be said about.
fn check_gated(typed: &Typed, gates: &[Gate], levels: Option<&[f64]>, problems: &mut Problems) {
    // A gate that was not understood is a problem already, and may be about any level.
    let understood = typed.gate.as_ref().is_some_and(|given| given.values.len() == gates.len());
    if !understood || !gates_alone(typed, gates) {
        return;
    }
    let silent = |level: &&f64| !gates.iter().any(|gate| gate.spec.level == Some(**level));
    let silent: Vec<String> =
        levels.unwrap_or_default().iter().filter(silent).map(ToString::to_string).collect();
    let (noun, verb) = match silent.len() {
        0 => return,
        1 => ("level", "has"),
        _ => ("levels", "have"),
    };
    let misfit = Misfit::new("levels that gates are about", silent.join(","));
    let hint = format!(
        "{noun} {} {verb} no gate, and no --precision asks for limits there; add --precision, a gate at all, or \
         leave {} out",
        silent.join(", "),
        if silent.len() == 1 { "it" } else { "them" }
    );
    problems.note("levels", typed.levels.as_ref(), misfit.hint(hint));
}

/// The levels that are asked and those that gates name. Where nothing but gates at named levels is asked,
/// a default grid would only be levels about which nothing is said.
fn grid(typed: Option<Vec<f64>>, gates_alone: bool, gates: &[Gate]) -> Vec<f64> {
    let named = gates.iter().filter_map(|gate| gate.spec.level);
    let start = typed.unwrap_or_else(|| if gates_alone { Vec::new() } else { LEVELS.to_vec() });
    let mut levels: Vec<f64> = start.into_iter().chain(named).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels
}

fn known<'a>(
    what: &str,
    value: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
) -> Result<String, Misfit> {
    if names.clone().into_iter().any(|name| name == value) {
        return Ok(value.to_owned());
    }
    Err(Misfit::new(what, value).hint(crate::nearest::suggest(value, names)))
}

fn choice<T: Copy>(what: &str, value: &str, choices: &[(&str, T)]) -> Result<T, Misfit> {
    let found = choices.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice);
    found.ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        Misfit::new(what, value).hint(crate::nearest::suggest(value, names))
    })
}
