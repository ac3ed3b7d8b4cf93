//! Reads gates: `error@0.1 <= 0.2`, `flip@all <= 0.05`.
//!
//! It reads one gate by itself; whether its quantity is the loss of the audit and its threshold within the
//! loss's range is for those who know the loss.

use super::{
    problem::Misfit,
    question::{GateQuantity, GateSpec, Relation},
    units,
};

/// A gate, and the quantity that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// The name of a loss.
    pub quantity: String,
    /// The rest of it.
    pub spec: GateSpec,
}

const EXPECTED: &str = "a gate QUANTITY@LEVEL <= NUMBER, such as 'error@0.1 <= 0.2'";

/// Reads a gate whose quantity is one of `losses`. The level is above 0, the threshold finite; the text is
/// kept with one space on either side of the relation and none elsewhere.
pub fn parse(text: &str, losses: &[&str]) -> Result<Gate, Misfit> {
    let misfit = || Misfit::new(EXPECTED, text);
    let (left, symbol, relation, right) = if let Some((left, right)) = text.split_once("<=") {
        (left, "<=", Relation::AtMost, right)
    } else if let Some((left, right)) = text.split_once(">=") {
        (left, ">=", Relation::AtLeast, right)
    } else if text.contains(['<', '>', '=', '≤', '≥']) {
        return Err(misfit().hint("write <= or >="));
    } else {
        return Err(misfit());
    };
    let (quantity, level) = left.split_once('@').ok_or_else(misfit)?;
    let (quantity, level, right) = (quantity.trim(), level.trim(), right.trim());
    if !losses.contains(&quantity) {
        return Err(Misfit::new("a loss before the @ of the gate", quantity)
            .hint(crate::nearest::suggest(quantity, losses.iter().copied())));
    }
    let threshold = units::number(right).map_err(|_| misfit())?;
    let number = match level {
        "all" => None,
        level => Some(
            units::positive(level)
                .map_err(|_| Misfit::new("a level above 0, or all, after the @ of the gate", level))?,
        ),
    };
    let text = format!("{quantity}@{level} {symbol} {right}");
    Ok(Gate {
        quantity: quantity.to_owned(),
        spec: GateSpec { text, quantity: GateQuantity::Risk, level: number, relation, threshold },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOSSES: [&str; 2] = ["error", "squared-error"];

    #[test]
    fn a_gate_has_a_quantity_a_level_a_relation_and_a_threshold() {
        let gate = parse(" squared-error @ 0.10  >=2e-1 ", &LOSSES).unwrap();
        assert_eq!(gate.quantity, "squared-error");
        assert_eq!(
            gate.spec,
            GateSpec {
                text: "squared-error@0.10 >= 2e-1".into(),
                quantity: GateQuantity::Risk,
                level: Some(0.1),
                relation: Relation::AtLeast,
                threshold: 0.2,
            }
        );
        let gate = parse("error@all<=0", &LOSSES).unwrap();
        assert_eq!((gate.spec.level, gate.spec.text.as_str()), (None, "error@all <= 0"));
        assert_eq!(parse(&gate.spec.text, &LOSSES).unwrap(), gate, "a kept text reads back");
    }

    #[test]
    fn what_is_no_gate_says_what_one_looks_like() {
        for text in ["", "error", "error@0.1", "error <= 0.2", "error@0.1 <= x", "error@0.1 <= nan"] {
            assert_eq!(parse(text, &LOSSES).unwrap_err().expected, EXPECTED, "{text}");
        }
        for text in ["error@0.1 < 0.2", "error@0.1 = 0.2", "error@0.1 ≤ 0.2"] {
            assert_eq!(parse(text, &LOSSES).unwrap_err().hint.unwrap(), "write <= or >=", "{text}");
        }
        for text in ["error@0 <= 0.2", "error@-1 <= 0.2", "error@ <= 0.2", "error@inf <= 0.2"] {
            assert!(parse(text, &LOSSES).unwrap_err().expected.contains("level above 0"), "{text}");
        }
    }

    #[test]
    fn an_unknown_quantity_names_the_known_ones() {
        let misfit = parse("degradation@0.1 <= 0.2", &LOSSES).unwrap_err();
        assert_eq!(misfit.hint.unwrap(), "known: error, squared-error");
        let misfit = parse("eror@0.1 <= 0.2", &LOSSES).unwrap_err();
        assert_eq!(misfit.hint.unwrap(), "did you mean `error`?");
        assert!(parse("q90(error)@0.1 <= 1", &LOSSES).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}|error@\\PC{0,4}[<>]=\\PC{0,4}") {
            if let Ok(gate) = parse(&text, &LOSSES) {
                prop_assert_eq!(&parse(&gate.spec.text, &LOSSES).unwrap(), &gate);
            }
        }
    }
}
