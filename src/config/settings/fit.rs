//! The checks that need the loss.

use super::Asked;
use crate::{
    config::{
        gate::Gate,
        problem::{Misfit, Problems},
        question::{GateQuantity, Question, Route},
        typed::Typed,
    },
    loss::LossKind,
};

/// The finest precision is the width of the loss's range over this: the bets on bounds aim no finer.
const FINEST_STEPS: f64 = 1e5;

impl Asked {
    /// The range of a loss: its own, the one that was promised, or that of the capped loss. None where it has
    /// no upper end.
    pub(super) fn range(&self, loss: &LossKind) -> Option<(f64, f64)> {
        if !loss.ranged {
            return Some((0.0, 1.0));
        }
        self.loss_range.or_else(|| self.loss_cap.map(|cap| (0.0, cap)))
    }

    /// Everything that depends on which loss it is.
    pub(super) fn check_loss(&self, loss: &LossKind, typed: &Typed, problems: &mut Problems) {
        let needless = [
            ("loss-range", self.loss_range.is_some(), &typed.loss_range),
            ("loss-cap", self.loss_cap.is_some(), &typed.loss_cap),
            ("asymptotic", self.stated.asymptotic, &typed.asymptotic),
        ];
        for (key, _, given) in needless.iter().filter(|(_, asks, _)| *asks && !loss.ranged) {
            let misfit = Misfit::unshown(format!("nothing with the loss {}", loss.name));
            let hint = "that loss is 0 or 1 by itself: leave it out, or choose another --loss";
            problems.note(key, given.as_ref(), misfit.hint(hint));
        }
        if self.stated.route == Route::Differences && !loss.needs().target {
            let misfit = Misfit::unshown("a loss against targets with differences").found(loss.name);
            let hint = "its clean risk is 0, so there is nothing to subtract: leave --route out";
            problems.note("route", typed.route.as_ref(), misfit.hint(hint));
        }
        for gate in &self.stated.gates {
            if let Err(misfit) = self.gate_fits(gate, loss) {
                problems.note("gate", typed.gate.as_ref(), misfit);
            }
        }
        self.check_critical(loss, typed, problems);
        self.check_widths(loss, typed, problems);
    }

    fn gate_fits(&self, gate: &Gate, loss: &LossKind) -> Result<(), Misfit> {
        let (text, threshold) = (&gate.spec.text, gate.spec.threshold);
        if let Some(other) = gate.loss.filter(|name| *name != loss.name) {
            let misfit = Misfit::new(format!("a gate on {}, the loss of this audit", loss.name), text);
            return Err(misfit.hint(format!("add --loss {other}, or change the gate")));
        }
        let range = self.range(loss);
        let (low, high) = match gate.spec.quantity {
            GateQuantity::Degradation if !loss.needs().target => {
                let hint = format!("with {0} the degradation is the risk: write {0}@...", loss.name);
                return Err(Misfit::new("a loss against targets with gates on degradation", text).hint(hint));
            }
            GateQuantity::Risk | GateQuantity::DataSet(_) => range.unwrap_or((0.0, f64::INFINITY)),
            GateQuantity::Degradation => {
                let width = range.map_or(f64::INFINITY, |(low, high)| high - low);
                (-width, width)
            }
            GateQuantity::Quantile(quantile) if threshold < 0.0 => {
                let hint = format!("it is in units of the target, and {} is at least 0", quantile.of);
                return Err(Misfit::new("a threshold of at least 0", text).hint(hint));
            }
            GateQuantity::Quantile(_) => return Ok(()),
        };
        if (low..=high).contains(&threshold) {
            return Ok(());
        }
        let hint = self.units(loss);
        if high.is_infinite() {
            let told = format!("{text} is settled without a draw, as {hint}; an audit refuses it");
            return Err(Misfit::new("a threshold of at least 0", text).hint(hint).in_vain(told));
        }
        let told = format!("{text} is settled without a draw, as {hint}; an audit refuses it");
        Err(Misfit::new(format!("a threshold from {low} to {high}"), text).hint(hint).in_vain(told))
    }

    fn check_critical(&self, loss: &LossKind, typed: &Typed, problems: &mut Problems) {
        let Some(critical) = &self.stated.critical else { return };
        let text = &critical.spec.text;
        let misfit = match self.range(loss) {
            _ if critical.loss != loss.name => {
                let misfit =
                    Misfit::new(format!("a statement on {}, the loss of this audit", loss.name), text);
                misfit.hint(format!("add --loss {}, or change the statement", critical.loss))
            }
            Some((low, high)) if !(low..=high).contains(&critical.spec.threshold) => {
                let hint = self.units(loss);
                let told = format!("{text} is settled without a draw, as {hint}; an audit refuses it");
                Misfit::new(format!("a threshold from {low} to {high}"), text).hint(hint).in_vain(told)
            }
            _ => return,
        };
        problems.note("critical", typed.critical.as_ref(), misfit);
    }

    fn check_widths(&self, loss: &LossKind, typed: &Typed, problems: &mut Problems) {
        let Some((low, high)) = self.range(loss) else { return };
        let stated = &self.stated;
        let finest = (high - low) / FINEST_STEPS;
        if let Some(precision) = stated.precision.filter(|precision| *precision < finest) {
            let misfit = Misfit::new(format!("at least {finest}"), precision);
            let hint = format!("bounds aim no finer than 0.00001 of the loss's range; {}", self.units(loss));
            let told = format!(
                "no level reaches --precision {precision}: bounds aim no finer than {finest}, for which the figures \
                 are; an audit refuses it"
            );
            problems.note("precision", typed.precision.as_ref(), misfit.hint(hint).in_vain(told));
        }
        let widths = [
            ("precision", stated.precision, &typed.precision),
            ("gate-resolution", stated.gate_resolution, &typed.gate_resolution),
        ];
        for (key, value, given) in widths {
            if let Some(value) = value.filter(|value| *value >= high - low) {
                let misfit = Misfit::new(format!("a number below {}", high - low), value);
                problems.note(key, given.as_ref(), misfit.hint(self.units(loss)));
            }
        }
    }

    /// The nearest precision and thresholds that an audit can be asked for.
    pub(super) fn nearest(&self, question: &mut Question, loss: &LossKind) {
        let (low, high) = self.range(loss).unwrap_or((0.0, f64::INFINITY));
        let width = high - low;
        if let Some(precision) = question.precision.as_mut().filter(|_| width.is_finite()) {
            *precision = precision.max(width / FINEST_STEPS);
        }
        for gate in &mut question.gates {
            let (low, high) = match gate.quantity {
                GateQuantity::Risk | GateQuantity::DataSet(_) => (low, high),
                GateQuantity::Degradation => (-width, width),
                GateQuantity::Quantile(_) => continue,
            };
            gate.threshold = gate.threshold.max(low).min(high);
        }
        if let Some(critical) = &mut question.critical {
            critical.threshold = critical.threshold.max(low).min(high);
        }
    }

    /// What a number in units of the loss is.
    fn units(&self, loss: &LossKind) -> String {
        match self.range(loss) {
            Some((low, high)) => {
                let capped = if self.loss_cap.is_some() { ", capped," } else { "" };
                format!("it is in units of {}, which{capped} lies in {low},{high}", loss.name)
            }
            None => format!("it is in units of {}, which is at least 0", loss.name),
        }
    }
}
