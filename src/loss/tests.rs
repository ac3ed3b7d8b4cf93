//! What each loss reads, and what it refuses.

use std::sync::Arc;

use noisebound_adapters::{Tensor, Values};

use super::*;

fn output(shape: &[usize], values: Values) -> Prediction {
    Prediction::Tensors(vec![Tensor::new("y", Arc::from(shape), values).unwrap()])
}

fn scores(scores: &[f32]) -> Prediction {
    output(&[scores.len()], Values::F32(scores.to_vec()))
}

fn number(v: f64) -> Prediction {
    output(&[1], Values::F64(vec![v]))
}

fn labels(labels: &[(&str, f64)]) -> Prediction {
    Prediction::Labels(labels.iter().map(|(name, score)| ((*name).into(), *score)).collect())
}

fn name(name: &str) -> Target {
    Target::Name(name.into())
}

fn error(prediction: &Prediction, target: &Target) -> Result<f64, LossError> {
    loss("error", None, 0.5).unwrap().of(prediction, None, Some(target))
}

fn class(prediction: &Prediction) -> String {
    class_of(prediction, 0.5).unwrap().to_string()
}

#[track_caller]
fn assert_unfit(found: Result<f64, LossError>, said: &[&str]) {
    let Err(LossError::Unfit(message)) = found else { panic!("{found:?} is not unfit") };
    for said in said {
        assert!(message.contains(said), "{message} does not say {said}");
    }
}

#[test]
fn the_class_of_scores_is_the_first_of_the_largest() {
    assert_eq!(class(&scores(&[0.1, 0.7, 0.2])), "1");
    assert_eq!(class(&scores(&[0.1, 0.7, 0.7])), "1");
    assert_eq!(class(&scores(&[-3.0, -2.0])), "1");
    assert_eq!(class(&output(&[1, 3], Values::I64(vec![4, 4, 9]))), "2");
    assert_eq!(class(&output(&[2], Values::F64(vec![f64::MIN, f64::MIN]))), "0");
}

/// A model that was fitted on float targets answers its classes as floats: all above the threshold would be class 1.
#[test]
fn a_whole_float_that_is_no_score_is_no_class() {
    for v in [2.0, 3.0, 7.0] {
        assert_unfit(class_of(&number(v), 0.5).map(|_| 0.0), &[&format!("`y` is {v}"), "--threshold 0"]);
    }
    for (v, expected) in [(0.0, "0"), (1.0, "1"), (0.7, "1"), (2.5, "1"), (-3.0, "0")] {
        assert_eq!(class(&number(v)), expected, "{v}");
    }
    assert_eq!(class_of(&number(3.0), 0.0).unwrap().to_string(), "1", "a logit");
}

#[test]
fn one_integer_is_the_class_and_one_score_is_held_against_the_threshold() {
    assert_eq!(class(&output(&[1], Values::I64(vec![i64::MAX]))), i64::MAX.to_string());
    assert_eq!(class(&output(&[], Values::I8(vec![-1]))), "-1");
    assert_eq!(class(&output(&[1], Values::Bool(vec![true]))), "1");
    assert_eq!(class(&output(&[1], Values::U64(vec![u64::MAX]))), u64::MAX.to_string());
    assert_eq!(class(&output(&[1], Values::Bytes(vec![b"cat".to_vec()]))), "cat");
    assert_eq!(class(&number(0.5)), "1");
    assert_eq!(class(&number(0.499_999)), "0");
    assert_eq!(class_of(&number(0.5), 0.6).unwrap(), Class::Number(0));
}

#[test]
fn the_class_of_labels_is_the_first_and_a_number_is_that_class() {
    assert_eq!(class_of(&labels(&[("3", 0.9), ("1", 0.1)]), 0.5).unwrap(), Class::Number(3));
    assert_eq!(class(&labels(&[("tabby", 0.2)])), "tabby");
    for other in ["03", "+3", "3.0", " 3", ""] {
        assert_eq!(Class::named(other), Class::Name(other.into()));
    }
}

#[test]
fn what_is_no_class_is_unfit() {
    let flip = |p: &Prediction| loss("flip", None, 0.5).unwrap().of(p, Some(&number(0.0)), None);
    assert_unfit(flip(&output(&[2, 3], Values::F32(vec![0.0; 6]))), &["[2, 3]", "score for each class"]);
    assert_unfit(flip(&scores(&[])), &["`y` is empty"]);
    assert_unfit(flip(&labels(&[])), &["no label"]);
    assert_unfit(flip(&Prediction::Tensors(Vec::new())), &["no output"]);
    assert_unfit(flip(&output(&[2], Values::Bytes(vec![Vec::new(); 2]))), &["texts"]);
    assert_unfit(flip(&output(&[1], Values::Bytes(vec![vec![0xff]]))), &["UTF-8"]);
    let two = Tensor::new("p", [1], Values::F32(vec![0.5])).unwrap();
    let three = Tensor { name: "q".into(), ..two.clone() };
    assert_unfit(flip(&Prediction::Tensors(vec![two, three])), &["p, q", "choose one"]);
}

#[test]
fn an_answer_that_is_not_finite_is_said_to_be_so() {
    for name in ["error", "flip", "squared-error", "absolute-error"] {
        let range = LOSSES.iter().any(|kind| kind.name == name && kind.ranged).then_some((0.0, 9.0));
        let loss = loss(name, range, 0.5).unwrap();
        for v in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let found = loss.of(&number(v), Some(&number(0.0)), Some(&Target::Number(1.0)));
            assert_eq!(found, Err(LossError::NonFinite), "{name} of {v}");
        }
    }
    assert_eq!(error(&scores(&[0.1, f32::NAN]), &Target::Number(0.0)), Err(LossError::NonFinite));
    assert_eq!(error(&labels(&[("0", f64::NAN)]), &Target::Number(0.0)), Err(LossError::NonFinite));
}

#[test]
fn error_compares_the_class_with_the_target() {
    assert_eq!(error(&scores(&[0.1, 0.9]), &Target::Number(1.0)), Ok(0.0));
    assert_eq!(error(&scores(&[0.1, 0.9]), &Target::Number(0.0)), Ok(1.0));
    assert_eq!(error(&scores(&[0.1, 0.9]), &name("1")), Ok(0.0));
    assert_eq!(error(&number(0.7), &Target::Number(1.0)), Ok(0.0));
    assert_eq!(error(&output(&[1], Values::I64(vec![-1])), &Target::Number(-1.0)), Ok(0.0));
    assert_eq!(error(&output(&[1], Values::I64(vec![41])), &Target::Number(7.0)), Ok(1.0));
    assert_eq!(error(&labels(&[("3", 0.9)]), &Target::Number(3.0)), Ok(0.0));
    assert_eq!(error(&labels(&[("cat", 0.9)]), &name("cat")), Ok(0.0));
    assert_eq!(error(&labels(&[("cat", 0.9)]), &name("dog")), Ok(1.0));
    // Names and numbers mixed: neither is a mistake of the audit.
    assert_eq!(error(&labels(&[("cat", 0.9), ("3", 0.1)]), &Target::Number(3.0)), Ok(1.0));
    assert_eq!(error(&labels(&[("3", 0.9), ("cat", 0.1)]), &name("dog")), Ok(1.0));
}

#[test]
fn a_target_that_the_model_cannot_answer_is_unfit() {
    let ten = scores(&[0.0; 10]);
    assert_unfit(error(&ten, &Target::Number(12.0)), &["class 12", "0 to 9", "(10)"]);
    assert_unfit(error(&ten, &Target::Number(10.0)), &["class 10"]);
    assert_eq!(error(&ten, &Target::Number(9.0)), Ok(1.0));
    assert_unfit(error(&ten, &Target::Number(-1.0)), &["class -1"]);
    assert_unfit(error(&number(0.2), &Target::Number(2.0)), &["class 2", "0 to 1"]);
    assert_unfit(error(&ten, &name("cat")), &["`cat`", "class numbers"]);
    assert_unfit(error(&output(&[1], Values::I64(vec![3])), &name("cat")), &["`cat`", "here 3"]);
    assert_unfit(error(&labels(&[("cat", 0.9)]), &Target::Number(3.0)), &["class 3", "`cat`"]);
}

#[test]
fn a_target_that_is_no_class_is_unfit() {
    assert_unfit(error(&number(1.0), &Target::Number(0.5)), &["0.5", "whole number"]);
    assert_unfit(error(&number(1.0), &Target::Number(1e300)), &["expected one class"]);
    assert_unfit(error(&number(1.0), &Target::Values([0.0, 1.0].into())), &["2 numbers"]);
    assert_unfit(loss("error", None, 0.5).unwrap().of(&number(1.0), None, None), &["no target"]);
}

#[test]
fn flip_compares_with_the_clean_class() {
    let flip = loss("flip", None, 0.5).unwrap();
    assert_eq!(flip.of(&scores(&[0.4, 0.6]), Some(&scores(&[0.0, 1.0])), None), Ok(0.0));
    assert_eq!(flip.of(&scores(&[0.6, 0.4]), Some(&scores(&[0.0, 1.0])), None), Ok(1.0));
    assert_eq!(flip.of(&labels(&[("b", 1.0)]), Some(&labels(&[("a", 1.0)])), None), Ok(1.0));
    assert_unfit(flip.of(&number(1.0), None, Some(&Target::Number(1.0))), &["no clean prediction"]);
}

#[test]
fn distances_are_means_over_the_elements() {
    let squared = loss("squared-error", Some((0.0, 100.0)), 0.5).unwrap();
    let absolute = loss("absolute-error", Some((0.0, 10.0)), 0.5).unwrap();
    let both = |p: &Prediction, t: &Target| (squared.of(p, None, Some(t)), absolute.of(p, None, Some(t)));
    assert_eq!(both(&number(1.0), &Target::Number(4.0)), (Ok(9.0), Ok(3.0)));
    assert_eq!(both(&scores(&[1.0, 5.0]), &Target::Values([4.0, 4.0].into())), (Ok(5.0), Ok(2.0)));
    assert_eq!(both(&output(&[1], Values::I64(vec![6])), &Target::Number(4.0)), (Ok(4.0), Ok(2.0)));
    assert_eq!(squared.range(), Range::Between(0.0, 100.0));
}

#[test]
fn without_a_range_the_loss_is_the_same_number() {
    let squared = loss("squared-error", None, 0.5).unwrap();
    assert_eq!(squared.of(&number(1e3), None, Some(&Target::Number(0.0))), Ok(1e6));
}

#[test]
fn a_distance_that_overflows_is_large_and_finite() {
    let squared = loss("squared-error", Some((0.0, 1.0)), 0.5).unwrap();
    assert_eq!(squared.of(&number(1e200), None, Some(&Target::Number(0.0))), Ok(f64::MAX));
    assert_eq!(squared.of(&number(f64::MAX), None, Some(&Target::Number(f64::MIN))), Ok(f64::MAX));
}

#[test]
fn distances_need_as_many_numbers_as_there_are_targets() {
    let of = |p: &Prediction, t: Option<&Target>| {
        loss("squared-error", Some((0.0, 1.0)), 0.5).unwrap().of(p, None, t)
    };
    assert_unfit(of(&scores(&[0.1, 0.2]), Some(&Target::Number(1.0))), &["2 numbers", "target 1"]);
    assert_unfit(of(&number(0.1), Some(&Target::Values([1.0, 2.0].into()))), &["1 numbers", "target 2"]);
    assert_unfit(of(&number(0.1), Some(&name("cat"))), &["`cat`", "expected a number"]);
    assert_unfit(of(&labels(&[("1", 1.0)]), Some(&Target::Number(1.0))), &["labels"]);
    assert_unfit(of(&number(0.1), None), &["no target"]);
    assert_unfit(of(&scores(&[]), Some(&Target::Values([].into()))), &["0 numbers"]);
}

#[test]
fn the_registry_knows_what_each_loss_needs() {
    for kind in LOSSES {
        let range = kind.ranged.then_some((-1.0, 2.0));
        let built = loss(kind.name, range, 0.5).unwrap();
        assert_eq!(built.needs(), kind.needs());
        let expected = if kind.ranged { Range::Between(-1.0, 2.0) } else { Range::ZeroOne };
        assert_eq!(built.range(), expected, "{}", kind.name);
        let bare = if kind.ranged { Range::Unbounded } else { Range::ZeroOne };
        assert_eq!(loss(kind.name, None, 0.5).unwrap().range(), bare, "{}", kind.name);
        assert_eq!(kind.name == "flip", kind.needs().clean);
        assert!(kind.needs().clean || kind.needs().target);
    }
}

#[test]
fn a_loss_that_cannot_be_had_says_what_to_do() {
    let said = |name: &str, range, threshold| loss(name, range, threshold).err().unwrap().to_string();
    assert!(said("squared_error", None, 0.5).contains("did you mean `squared-error`?"));
    assert!(said("hinge", None, 0.5).contains("error, flip, squared-error, absolute-error"));
    assert!(said("flip", Some((0.0, 1.0)), 0.5).contains("drop the range"));
    for range in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        assert!(matches!(loss("absolute-error", Some(range), 0.5).err(), Some(ChoiceError::Range(..))));
    }
    assert!(said("error", None, f64::NAN).contains("--threshold"));
}
