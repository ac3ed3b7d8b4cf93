//! The classification extension of Triton: the best classes of a row in place of its values.

use crate::models::Output;

/// The best `count` classes of a row, each as `value:class` or `value:class:label`; of equal values the first class
/// is better.
pub(super) fn best(output: &Output, row: &[f64], count: usize) -> Vec<String> {
    let mut classes: Vec<usize> = (0..row.len()).collect();
    classes.sort_by(|a, b| row[*b].total_cmp(&row[*a]));
    let told = |class: &usize| match output.labels.get(*class) {
        Some(label) => format!("{:.6}:{class}:{label}", row[*class]),
        None => format!("{:.6}:{class}", row[*class]),
    };
    classes.iter().take(count).map(told).collect()
}
