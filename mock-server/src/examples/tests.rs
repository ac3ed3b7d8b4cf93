//! The properties of the examples that their users rely on.

use super::*;
use crate::truth::{self, Family, Noise};

#[test]
fn every_tenth_target_is_wrong_and_both_classes_occur() {
    let example = classification(200);
    let wrong = example.rows.iter().zip(&example.targets);
    let wrong = wrong.filter(|(row, target)| example.model.class(row) as f64 != **target).count();
    assert_eq!(wrong, 20);
    let ones = example.targets.iter().filter(|target| **target == 1.0).count();
    assert!((60..140).contains(&ones), "{ones}");
}

#[test]
fn residuals_spread_over_their_range() {
    let example = regression(1000);
    let residual = |(row, target): (&Vec<f64>, &f64)| example.model.value(row) - target;
    let residuals: Vec<f64> = example.rows.iter().zip(&example.targets).map(residual).collect();
    assert!(residuals.iter().all(|r| r.abs() < 1.0));
    let square = residuals.iter().map(|r| r * r).sum::<f64>() / 1000.0;
    assert!((square - 1.0 / 3.0).abs() < 0.02, "{square}");
}

#[test]
fn the_second_classifier_is_worse_at_every_level() {
    let Example { model, rows, targets } = classification(120);
    for level in [0.0, 0.1, 0.3, 1.0, 3.0] {
        let noise = Noise { family: Family::Gaussian, level, columns: &[0, 1, 2, 3] };
        let more = truth::difference(&model, &classifier_b(), &rows, &targets, noise).unwrap();
        assert!(more > 0.01, "{level}: {more}");
    }
}

#[test]
fn the_error_falls_before_it_rises() {
    let Example { model, rows, targets } = non_monotone(120);
    let at = |level| {
        let noise = Noise { family: Family::Gaussian, level, columns: &[0, 1, 2, 3] };
        truth::error(&model, &rows, &targets, noise).unwrap()
    };
    assert_eq!(at(0.0), 0.25);
    assert!(at(0.3) < 0.15, "{}", at(0.3));
    assert!(at(3.0) > 0.3, "{}", at(3.0));
    let wrong = |i: usize| model.class(&rows[i]) as f64 != targets[i];
    for (i, row) in rows.iter().enumerate() {
        let margins = if wrong(i) { 0.049..0.151 } else { 1.999..3.001 };
        assert!(margins.contains(&model.margin(row).abs()), "{i}: {}", model.margin(row));
    }
    assert!((0..2).all(|class| rows.iter().any(|row| model.class(row) == class)));
}

#[test]
fn each_slice_has_its_clean_error() {
    let example = sliced(90);
    for (code, expected) in [(0.0, 0.0), (1.0, 0.1), (2.0, 0.3)] {
        let slice = example.only(|row| row[4] == code);
        assert_eq!((slice.rows.len(), slice.targets.len()), (30, 30));
        let wrong = slice.rows.iter().zip(&slice.targets);
        let wrong = wrong.filter(|(row, target)| slice.model.class(row) as f64 != **target).count();
        assert_eq!(wrong as f64 / 30.0, expected, "code {code}");
        assert!((0..2).all(|class| slice.rows.iter().any(|row| slice.model.class(row) == class)));
    }
}

#[test]
fn the_model_does_not_use_the_code() {
    let Example { model, rows, .. } = sliced(9);
    for row in rows {
        assert_eq!(model.margin(&row), classifier().margin(&row[..4]));
    }
}
