use proptest::prelude::*;

use super::*;
use crate::config::question::{Measured, QuantileSpec};

fn hint(text: &str) -> String {
    parse(text).expect_err(text).hint.unwrap_or_else(|| panic!("{text} has no hint"))
}

#[test]
fn a_gate_has_a_quantity_a_level_a_relation_and_a_threshold() {
    let gate = parse(" squared-error @ 0.10  >=2e-1 ").unwrap();
    assert_eq!(gate.loss, Some("squared-error"));
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
    let gate = parse("error@all<=0").unwrap();
    assert_eq!((gate.spec.level, gate.spec.text.as_str()), (None, "error@all <= 0"));
    assert_eq!(parse(&gate.spec.text).unwrap(), gate, "a kept text reads back");
}

#[test]
fn a_gate_is_about_the_risk_the_degradation_a_quantile_or_the_data_set() {
    let quantile = |percent, of| GateQuantity::Quantile(QuantileSpec { of, percent });
    for (text, quantity, loss, kept) in [
        ("degradation@0.1<=-0.05", GateQuantity::Degradation, None, "degradation@0.1 <= -0.05"),
        (
            "q90.0( absolute-error )@1 >= 3",
            quantile(90.0, Measured::AbsoluteError),
            None,
            "q90(absolute-error)@1 >= 3",
        ),
        ("q99.5(shift)@all<=0", quantile(99.5, Measured::Shift), None, "q99.5(shift)@all <= 0"),
        (
            "dataset-mse@0.1<=30   with  0.95 ",
            GateQuantity::DataSet(0.95),
            Some("squared-error"),
            "dataset-mse@0.1 <= 30 with 0.95",
        ),
        (
            "dataset-risk@all <= 0.2 with 0.5",
            GateQuantity::DataSet(0.5),
            None,
            "dataset-risk@all <= 0.2 with 0.5",
        ),
    ] {
        let gate = parse(text).unwrap_or_else(|misfit| panic!("{text}: {misfit:?}"));
        assert_eq!((gate.spec.quantity, gate.loss), (quantity, loss), "{text}");
        assert_eq!(gate.spec.text, kept);
        assert_eq!(parse(kept).unwrap(), gate);
    }
    assert_eq!(parse("dataset-mse@0.1 <= 30 with 0.95").unwrap().spec.threshold, 30.0);
}

#[test]
fn the_share_is_for_the_data_set_alone_and_needed_there() {
    assert!(hint("dataset-mse@0.1 <= 30").contains("with 0.95"));
    assert!(hint("dataset-risk@0.1 >= 30 with 0.95").contains("<= alone"));
    for share in ["0", "1", "95", "95%", "", "x", "0.9 with 0.9"] {
        assert!(hint(&format!("dataset-mse@0.1 <= 30 with {share}")).contains("between 0 and 1"), "{share}");
    }
    for quantity in ["error", "degradation", "q90(shift)"] {
        assert!(hint(&format!("{quantity}@0.1 <= 0.2 with 0.95")).contains("leave `with` out"), "{quantity}");
    }
}

#[test]
fn what_is_no_gate_says_what_one_looks_like() {
    for text in ["", "error", "error@0.1", "error <= 0.2", "error@0.1 <= x", "error@0.1 <= nan"] {
        assert_eq!(parse(text).unwrap_err().expected, GATE, "{text}");
    }
    for text in ["error@0.1 < 0.2", "error@0.1 = 0.2", "error@0.1 ≤ 0.2"] {
        assert_eq!(hint(text), "write <= or >=", "{text}");
    }
    for text in ["error@0 <= 0.2", "error@-1 <= 0.2", "error@ <= 0.2", "error@inf <= 0.2"] {
        assert!(parse(text).unwrap_err().expected.contains("level above 0"), "{text}");
    }
}

#[test]
fn an_unknown_quantity_names_the_known_ones() {
    assert!(hint("risk@0.1 <= 0.2").contains("dataset-risk"));
    assert_eq!(hint("eror@0.1 <= 0.2"), "did you mean `error`?");
    assert_eq!(hint("q90(error)@0.1 <= 1"), "of error: did you mean `absolute-error`?");
}

#[test]
fn the_critical_level_is_sought_for_a_loss_and_has_no_level_itself() {
    let found = critical(" error<=5e-2 ").unwrap();
    let spec = CriticalSpec { text: "error <= 5e-2".into(), relation: Relation::AtMost, threshold: 0.05 };
    assert_eq!(found, Critical { loss: "error", spec });
    assert_eq!(critical(&found.spec.text).unwrap(), found);
    for (text, words) in [
        ("error@0.1 <= 0.05", "leave the @"),
        ("degradation <= 0.05", "the loss of the audit alone"),
        ("q90(shift) <= 0.05", "the loss of the audit alone"),
        ("error < 0.05", "write <= or >="),
        ("eror <= 0.05", "did you mean `error`?"),
    ] {
        assert!(critical(text).unwrap_err().hint.unwrap().contains(words), "{text}");
    }
    for text in ["", "error", "error <= x", "error <= "] {
        assert_eq!(critical(text).unwrap_err().expected, CRITICAL, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "\\PC{0,20}|error@\\PC{0,4}[<>]=\\PC{0,4}|dataset-risk@all<=\\PC{0,3} with \\PC{0,4}|error[<>]=\\PC{0,4}",
    ) {
        if let Ok(gate) = parse(&text) {
            prop_assert_eq!(&parse(&gate.spec.text).unwrap(), &gate);
        }
        if let Ok(found) = critical(&text) {
            prop_assert_eq!(&critical(&found.spec.text).unwrap(), &found);
        }
    }
}
