//! Clean answers: the check at the start that chooses how they are come by, the pass over all rows, and
//! the book of those that are kept.
//!
//! The choice is made once, from the check alone, before the first noisy draw.

use std::collections::{HashMap, HashSet};

use noisebound_adapters::{Prediction, Values};

use super::record::{Ending, Query, Seen};
use crate::loss::class_of;
use crate::results::CleanAnswers;

/// A clean answer that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct CleanAnswer {
    /// The prediction; absent when the row stayed unanswered.
    pub prediction: Option<Prediction>,
    /// Its loss against the target; absent without one.
    pub loss: Option<f64>,
}

impl CleanAnswer {
    /// The answer that a query ended with.
    pub fn of(ending: &Ending) -> Self {
        match ending {
            Ending::Answered { loss, seen: Seen::Whole(prediction), .. } => {
                Self { prediction: Some(prediction.clone()), loss: *loss }
            }
            Ending::Answered { loss, .. } => Self { prediction: None, loss: *loss },
            Ending::Unanswered => Self { prediction: None, loss: None },
        }
    }
}

/// When two answers to the same row count as the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sameness {
    /// The same class, for losses that see nothing else; the threshold is that of single scores.
    Class(f64),
    /// Values as near as this, relative to the larger.
    Values(f64),
}

impl Sameness {
    /// Whether two answers count as the same.
    pub fn holds(self, one: &Prediction, two: &Prediction) -> bool {
        match self {
            Self::Class(threshold) => class_of(one, threshold) == class_of(two, threshold),
            Self::Values(tolerance) => same(one, two, tolerance),
        }
    }
}

/// Every clean answer of a run.
#[derive(Debug)]
pub struct CleanBook {
    check: Vec<u64>,
    sameness: Sameness,
    alone: HashMap<u64, CleanAnswer>,
    together: HashMap<u64, CleanAnswer>,
    kept: HashMap<u64, CleanAnswer>,
    asked: HashSet<Query>,
    next_check: usize,
    next_pass: u64,
}

impl CleanBook {
    /// A book for these rows of the check, in the order in which they are asked.
    pub fn new(check: Vec<u64>, sameness: Sameness) -> Self {
        Self {
            check,
            sameness,
            alone: HashMap::new(),
            together: HashMap::new(),
            kept: HashMap::new(),
            asked: HashSet::new(),
            next_check: 0,
            next_pass: 0,
        }
    }

    /// The next query of the check. The first one goes alone: until it is answered there is no other.
    pub fn next_check(&mut self) -> Option<Query> {
        let rows = self.check.len();
        while self.next_check < 2 * rows {
            if self.next_check == 1 && self.alone.is_empty() {
                return None;
            }
            let row = self.check[self.next_check % rows];
            let query = if self.next_check < rows { Query::Alone(row) } else { Query::Together(row) };
            self.next_check += 1;
            if self.asked.insert(query) {
                return Some(query);
            }
        }
        None
    }

    /// The next row of the pass over all `rows` that was not asked.
    pub fn next_pass(&mut self, rows: u64) -> Option<Query> {
        while self.next_pass < rows {
            self.next_pass += 1;
            if let Some(query) = self.ask(self.next_pass - 1) {
                return Some(query);
            }
        }
        None
    }

    /// How many rows the pass has come past.
    pub fn passed(&self) -> u64 {
        self.next_pass
    }

    /// The row as a query, unless it was asked before.
    pub fn ask(&mut self, row: u64) -> Option<Query> {
        (!self.kept.contains_key(&row) && self.asked.insert(Query::Clean(row))).then_some(Query::Clean(row))
    }

    /// Takes the ending of a clean query.
    pub fn settle(&mut self, query: Query, ending: &Ending) {
        let answer = CleanAnswer::of(ending);
        self.asked.insert(query);
        match query {
            Query::Alone(row) => drop(self.alone.insert(row, answer)),
            Query::Together(row) => drop(self.together.insert(row, answer)),
            Query::Clean(row) => drop(self.kept.insert(row, answer)),
            Query::Twin(_) | Query::Draw(_) | Query::Floor(_) | Query::Sentinel(_) | Query::Guard(_) => {}
        }
    }

    /// The predictions of the check so far, of rows that were asked alone.
    pub fn checked_predictions(&self) -> impl Iterator<Item = &Prediction> {
        self.alone.values().filter_map(|answer| answer.prediction.as_ref())
    }

    /// Whether every query of the check has ended.
    pub fn checked(&self) -> bool {
        self.alone.len() == self.check.len() && self.together.len() == self.check.len()
    }

    /// Chooses, from the whole check. What was answered alone is kept.
    pub fn choose(&mut self) -> CleanAnswers {
        let same = self.check.iter().all(|row| self.agrees(*row) != Some(false));
        if !same {
            return CleanAnswers::Fresh;
        }
        for row in &self.check {
            if let Some(answer) = self.alone.get(row) {
                self.kept.insert(*row, answer.clone());
            }
        }
        CleanAnswers::Recorded
    }

    /// The share of the check's rows whose two answers differ; absent when none was answered twice.
    pub fn disagreement(&self) -> Option<f64> {
        let agree: Vec<bool> = self.check.iter().filter_map(|row| self.agrees(*row)).collect();
        let differ = agree.iter().filter(|same| !**same).count();
        (!agree.is_empty()).then(|| differ as f64 / agree.len() as f64)
    }

    /// Whether the two answers of a row of the check are the same; `None` unless both are there. A row
    /// that stayed unanswered once says nothing about whether answers repeat.
    fn agrees(&self, row: u64) -> Option<bool> {
        let one = self.alone.get(&row)?.prediction.as_ref()?;
        let two = self.together.get(&row)?.prediction.as_ref()?;
        Some(self.sameness.holds(one, two))
    }

    /// The kept answer of a row, once it has ended.
    pub fn kept(&self, row: u64) -> Option<&CleanAnswer> {
        self.kept.get(&row)
    }

    /// The answers given alone in the check, in its order.
    pub fn alone(&self) -> impl Iterator<Item = &CleanAnswer> {
        self.check.iter().filter_map(|row| self.alone.get(row))
    }

    /// How many rows have a kept answer, or were found to have none.
    pub fn len(&self) -> u64 {
        self.kept.len() as u64
    }

    /// How many of these rows were found to have no answer.
    pub fn missing(&self, rows: &HashSet<u64>) -> u64 {
        rows.iter().filter(|row| self.kept.get(row).is_some_and(|answer| answer.prediction.is_none())).count()
            as u64
    }

    /// How many queries the check takes.
    pub fn check_queries(&self) -> u64 {
        2 * self.check.len() as u64
    }

    /// The rows of the check.
    pub fn check_rows(&self) -> &[u64] {
        &self.check
    }
}

/// Whether two answers have the same form and values within the tolerance.
fn same(one: &Prediction, two: &Prediction, tolerance: f64) -> bool {
    match (one, two) {
        (Prediction::Labels(one), Prediction::Labels(two)) => {
            one.len() == two.len()
                && one.iter().all(|(name, score)| {
                    two.iter().any(|(other, value)| name == other && near(*score, *value, tolerance))
                })
        }
        (Prediction::Tensors(one), Prediction::Tensors(two)) => {
            one.len() == two.len()
                && one.iter().zip(two).all(|(one, two)| {
                    one.name == two.name
                        && one.shape == two.shape
                        && near_all(&one.values, &two.values, tolerance)
                })
        }
        _ => false,
    }
}

fn near_all(one: &Values, two: &Values, tolerance: f64) -> bool {
    if one == two {
        return true;
    }
    one.len() == two.len()
        && (0..one.len()).all(|i| match (one.number(i), two.number(i)) {
            (Some(one), Some(two)) => near(one, two, tolerance),
            _ => false,
        })
}

fn near(one: f64, two: f64, tolerance: f64) -> bool {
    (one - two).abs() <= tolerance * one.abs().max(two.abs())
}

#[cfg(test)]
mod tests {
    use noisebound_adapters::Tensor;

    use super::*;

    fn values(values: Values) -> Prediction {
        Prediction::Tensors(vec![Tensor::new("y", [values.len()], values).unwrap()])
    }

    fn labels(labels: &[(&str, f64)]) -> Prediction {
        Prediction::Labels(labels.iter().map(|(name, score)| ((*name).into(), *score)).collect())
    }

    #[test]
    fn values_are_the_same_within_the_tolerance_relative_to_the_larger() {
        let tolerance = Sameness::Values(1e-6);
        let same = |one: &[f64], two: &[f64]| {
            tolerance.holds(&values(Values::F64(one.to_vec())), &values(Values::F64(two.to_vec())))
        };
        assert!(same(&[1000.0, 0.0], &[1_000.000_9, 0.0]));
        assert!(!same(&[1000.0, 0.0], &[1_000.001_1, 0.0]));
        assert!(!same(&[1000.0, 0.0], &[1000.0, 1e-9]), "each value is held to its own size");
        assert!(!same(&[1.0], &[1.0, 1.0]));
        assert!(!same(&[1.0], &[-1.0]));
        assert!(!tolerance.holds(&values(Values::F64(vec![1.0])), &labels(&[("a", 1.0)])));
    }

    #[test]
    fn labels_are_the_same_in_any_order_and_losses_of_classes_see_the_class_alone() {
        let (one, two) = (labels(&[("a", 0.6), ("b", 0.4)]), labels(&[("b", 0.4), ("a", 0.6)]));
        assert!(Sameness::Values(0.0).holds(&one, &two));
        let near = labels(&[("a", 0.7), ("b", 0.3)]);
        assert!(!Sameness::Values(0.1).holds(&one, &near));
        assert!(Sameness::Class(0.5).holds(&one, &near));
        let score = |score| values(Values::F64(vec![score]));
        assert!(Sameness::Class(0.5).holds(&score(0.6), &score(0.9)));
        assert!(!Sameness::Class(0.5).holds(&score(0.4), &score(0.6)));
        assert!(Sameness::Class(0.3).holds(&score(0.4), &score(0.6)));
    }

    /// One row that differs is enough; a row that stayed unanswered once says nothing.
    #[test]
    fn the_whole_check_decides() {
        let chosen = |second: [Option<f64>; 2]| {
            let mut book = CleanBook::new(vec![5, 3], Sameness::Values(1e-6));
            let ending = |value: Option<f64>| match value {
                Some(value) => Ending::Answered {
                    loss: None,
                    measured: Box::default(),
                    seen: Seen::Whole(values(Values::F64(vec![value]))),
                },
                None => Ending::Unanswered,
            };
            for (row, second) in [5, 3].into_iter().zip(second) {
                book.settle(Query::Alone(row), &ending(Some(1.0)));
                book.settle(Query::Together(row), &ending(second));
            }
            assert!(book.checked());
            (book.choose(), book.len(), book.disagreement())
        };
        assert_eq!(chosen([Some(1.0), Some(1.0)]), (CleanAnswers::Recorded, 2, Some(0.0)));
        assert_eq!(chosen([Some(1.0), Some(2.0)]), (CleanAnswers::Fresh, 0, Some(0.5)));
        assert_eq!(chosen([Some(1.0), None]), (CleanAnswers::Recorded, 2, Some(0.0)));
    }
}
