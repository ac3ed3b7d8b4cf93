//! The risks of slices: of those rows alone.

use super::*;

#[test]
fn a_slice_has_the_risk_of_its_rows() {
    let example = examples::sliced(90);
    for noise in [gaussian(0.3, ALL), uniform(0.5, &[1])] {
        let mut errors = Vec::new();
        for code in [0.0, 1.0, 2.0] {
            let slice = example.only(|row| row[4] == code);
            let (model, rows, targets) = (&slice.model, &slice.rows, &slice.targets);
            let exact = error(model, rows, targets, noise);
            let change = degradation(model, rows, targets, noise);
            simulate(rows, noise, [exact, change], |i, x| {
                let wrong = one(model.class(x) as f64 != targets[i]);
                [wrong, wrong - one(model.class(&rows[i]) as f64 != targets[i])]
            });
            errors.push(exact.unwrap());
        }
        assert!(errors[0] + 0.02 < errors[1] && errors[1] + 0.02 < errors[2], "{errors:?}");
        let all = error(&example.model, &example.rows, &example.targets, noise).unwrap();
        near(errors.iter().sum::<f64>() / 3.0, all, 1e-14);
    }
}

#[test]
fn slices_of_unequal_size_count_by_their_rows() {
    let example = examples::regression(40);
    let noise = gaussian(0.3, ALL);
    let risks = |example: &examples::Example<_>| {
        let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
        [
            squared_error(model, rows, targets, noise).unwrap(),
            absolute_error(model, rows, targets, noise).unwrap(),
            capped_squared_error(model, rows, targets, noise, 0.3).unwrap(),
            squared_error_above(model, rows, targets, noise, 0.3).unwrap(),
            absolute_error_within(model, rows, targets, noise, 0.3).unwrap(),
        ]
    };
    let (low, high) = (example.only(|row| row[0] < 0.4), example.only(|row| row[0] >= 0.4));
    assert_ne!(low.rows.len(), high.rows.len());
    for (which, all) in risks(&example).into_iter().enumerate() {
        let weighted =
            low.rows.len() as f64 * risks(&low)[which] + high.rows.len() as f64 * risks(&high)[which];
        near(weighted / 40.0, all, 1e-14);
    }
    assert!(example.only(|_| false).rows.is_empty());
}
