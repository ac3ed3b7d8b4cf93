//! Reads gates, `error@0.1 <= 0.2`, and the statement of which the critical level is sought, `error <= 0.05`.
//!
//! It reads one of them by itself; whether it is about the loss of the audit and its threshold within the
//! loss's range is for those who know the loss. The invariant: a kept text reads back to the same.

use super::{
    problem::Misfit,
    quantity::{self, Named},
    question::{CriticalSpec, GateQuantity, GateSpec, Relation},
    units,
};

/// A gate, and the loss that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// The name of the loss; none where it is about that of the audit, whichever that is.
    pub loss: Option<&'static str>,
    /// The rest of it.
    pub spec: GateSpec,
}

/// The statement of which the critical level is sought, and the loss that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Critical {
    /// The name of the loss.
    pub loss: &'static str,
    /// The rest of it.
    pub spec: CriticalSpec,
}

const GATE: &str = "a gate QUANTITY@LEVEL <= NUMBER, such as 'error@0.1 <= 0.2'";
const CRITICAL: &str = "a statement LOSS <= NUMBER, such as 'error <= 0.05'";

/// Reads a gate. The level is above 0, the threshold finite; the text is kept with one space on either side of
/// the relation and of `with`, and none elsewhere.
pub fn parse(text: &str) -> Result<Gate, Misfit> {
    let misfit = || Misfit::new(GATE, text);
    let (left, symbol, relation, right) = sides(text, GATE)?;
    let (named, level) = left.split_once('@').ok_or_else(misfit)?;
    let named = quantity::parse(named)?;
    let level = level.trim();
    let number = match level {
        "all" => None,
        level => Some(
            units::positive(level)
                .map_err(|_| Misfit::new("a level above 0, or all, after the @ of the gate", level))?,
        ),
    };
    let (threshold, share) = match right.split_once("with") {
        Some((threshold, share)) => (threshold.trim(), Some(share.trim())),
        None => (right, None),
    };
    let quantity = gated(named, relation, share).map_err(|hint| misfit().hint(hint))?;
    let tail = share.map(|share| format!(" with {share}")).unwrap_or_default();
    let kept = format!("{named}@{level} {symbol} {threshold}{tail}");
    let threshold = units::number(threshold).map_err(|_| misfit())?;
    let spec = GateSpec { text: kept, quantity, level: number, relation, threshold };
    Ok(Gate { loss: named.loss(), spec })
}

/// What a gate on this quantity is about, or what to do about it.
fn gated(named: Named, relation: Relation, share: Option<&str>) -> Result<GateQuantity, String> {
    let quantity = match named {
        Named::Risk(_) => GateQuantity::Risk,
        Named::Degradation => GateQuantity::Degradation,
        Named::Quantile(quantile) => GateQuantity::Quantile(quantile),
        Named::DataSetMse | Named::DataSetRisk => {
            let Some(share) = share else {
                return Err("say for what share of the draws of all noise, as in `with 0.95`".to_owned());
            };
            if relation == Relation::AtLeast {
                return Err(format!("a gate on {named} is decided with <= alone"));
            }
            let share = units::probability(share)
                .map_err(|_| "the share after `with` lies between 0 and 1, both excluded")?;
            return Ok(GateQuantity::DataSet(share));
        }
    };
    match share {
        Some(_) => {
            Err("only gates on dataset-mse and dataset-risk have a share: leave `with` out".to_owned())
        }
        None => Ok(quantity),
    }
}

/// Reads the statement of which the critical level is sought: a loss, and no level.
pub fn critical(text: &str) -> Result<Critical, Misfit> {
    let misfit = || Misfit::new(CRITICAL, text);
    let (left, symbol, relation, right) = sides(text, CRITICAL)?;
    if left.contains('@') {
        return Err(misfit().hint("the level is what is sought: leave the @ and the level out"));
    }
    let Named::Risk(loss) = quantity::parse(left)? else {
        return Err(misfit().hint("the critical level is sought for the loss of the audit alone"));
    };
    let threshold = units::number(right).map_err(|_| misfit())?;
    Ok(Critical {
        loss,
        spec: CriticalSpec { text: format!("{loss} {symbol} {right}"), relation, threshold },
    })
}

/// The sides of a relation, trimmed.
fn sides<'a>(text: &'a str, expected: &str) -> Result<(&'a str, &'static str, Relation, &'a str), Misfit> {
    for (symbol, relation) in [("<=", Relation::AtMost), (">=", Relation::AtLeast)] {
        if let Some((left, right)) = text.split_once(symbol) {
            return Ok((left.trim(), symbol, relation, right.trim()));
        }
    }
    let misfit = Misfit::new(expected, text);
    Err(if text.contains(['<', '>', '=', '≤', '≥']) { misfit.hint("write <= or >=") } else { misfit })
}

#[cfg(test)]
#[path = "gate/tests.rs"]
mod tests;
