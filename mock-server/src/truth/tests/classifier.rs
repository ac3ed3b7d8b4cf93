//! The classifier: flips, errors, pairs, and the critical level.

use super::*;
use crate::examples::Example;

#[test]
fn flips_errors_and_what_the_noise_did() {
    let example = examples::classification(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let clean: Vec<usize> = rows.iter().map(|row| model.class(row)).collect();
    for noise in noises() {
        let Split { was_wrong, became_wrong, became_right } = split(model, rows, targets, noise).unwrap();
        let truths = [
            flip(model, rows, noise),
            error(model, rows, targets, noise),
            degradation(model, rows, targets, noise),
            Some(was_wrong),
            Some(became_wrong),
            Some(became_right),
        ];
        simulate(rows, noise, truths, |i, x| {
            let (class, before) = (model.class(x), clean[i] as f64 != targets[i]);
            let after = class as f64 != targets[i];
            [
                one(class != clean[i]),
                one(after),
                one(after) - one(before),
                one(before && after),
                one(!before && after),
                one(before && !after),
            ]
        });
    }
}

#[test]
fn the_split_adds_up() {
    let example = examples::non_monotone(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    for noise in noises() {
        let split = split(model, rows, targets, noise).unwrap();
        near(split.was_wrong + split.became_wrong, error(model, rows, targets, noise).unwrap(), 1e-14);
        let change = split.became_wrong - split.became_right;
        near(change, degradation(model, rows, targets, noise).unwrap(), 1e-14);
        near(split.became_wrong + split.became_right, flip(model, rows, noise).unwrap(), 1e-14);
        near(split.was_wrong + split.became_right, 0.25, 1e-14);
    }
}

#[test]
fn two_classifiers_on_the_same_draws() {
    let example = examples::classification(40);
    let (a, rows, targets) = (&example.model, &example.rows, &example.targets);
    let b = examples::classifier_b();
    for noise in noises() {
        simulate(rows, noise, [difference(a, &b, rows, targets, noise)], |i, x| {
            [one(b.class(x) as f64 != targets[i]) - one(a.class(x) as f64 != targets[i])]
        });
        assert_eq!(difference(a, a, rows, targets, noise), Some(0.0));
    }
}

#[test]
fn without_noise_the_risk_is_the_clean_one() {
    let example = examples::classification(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    for noise in [gaussian(0.0, &[0]), uniform(0.0, ALL), gaussian(1.0, &[]), uniform(1.0, &[9])] {
        assert_eq!(flip(model, rows, noise), Some(0.0));
        assert_eq!(error(model, rows, targets, noise), Some(0.1));
        assert_eq!(degradation(model, rows, targets, noise), Some(0.0));
        let clean = Split { was_wrong: 0.1, became_wrong: 0.0, became_right: 0.0 };
        assert_eq!(split(model, rows, targets, noise), Some(clean));
    }
}

#[test]
fn the_error_near_the_boundary_falls_before_it_rises() {
    let example = examples::near_boundary();
    let at = |level| error(&example.model, &example.rows, &example.targets, gaussian(level, &[0])).unwrap();
    assert_eq!(at(0.0), 0.25);
    assert!(at(0.3) < 0.15, "{}", at(0.3));
    assert!(at(3.0) > 0.3, "{}", at(3.0));
}

#[test]
fn the_critical_level_stands_before_the_first_that_is_above() {
    let example = examples::classification(120);
    let risk = |level| error(&example.model, &example.rows, &example.targets, gaussian(level, ALL)).unwrap();
    let levels = [0.01, 0.05, 0.1, 0.5, 1.0];
    for (place, level) in levels.iter().enumerate() {
        assert_eq!(critical_level(&levels, risk(*level), risk), Some(levels[place]), "at most is enough");
        let below = risk(*level) - 1e-9;
        assert_eq!(critical_level(&levels, below, risk), place.checked_sub(1).map(|before| levels[before]));
    }
    assert_eq!(critical_level(&[], 1.0, risk), None);
    // A level that passes behind one that does not is not reached.
    assert_eq!(
        critical_level(&[1.0, 2.0, 3.0], 0.5, |level| if level == 2.0 { 0.6 } else { 0.1 }),
        Some(1.0)
    );
}

#[test]
fn what_has_no_closed_form_is_not_answered() {
    let example = examples::classification(10);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let several = uniform(0.5, &[0, 1]);
    assert_eq!(flip(model, rows, several), None);
    assert_eq!(split(model, rows, targets, several), None);
    assert_eq!(degradation(model, rows, targets, several), None);
    assert_eq!(error(model, &[], &[], gaussian(0.5, ALL)), None);
}

#[test]
fn a_column_without_weight_adds_nothing() {
    let Example { model, rows, targets } = examples::sliced(30);
    let with_code = error(&model, &rows, &targets, uniform(0.5, &[1, 4]));
    assert!(with_code.is_some());
    assert_eq!(with_code, error(&model, &rows, &targets, uniform(0.5, &[1])));
}
