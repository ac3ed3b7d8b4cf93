//! One output of an answer, split into rows.

use std::sync::Arc;

use super::plan::{Batching, Plan, may_be_lifted};
use crate::{Failure, FailureKind, Port, Prediction, Shape, Tensor, Values};

/// An output as it came.
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Values,
}

fn malformed(said: impl AsRef<str>) -> Failure {
    Failure::unplaced(FailureKind::Malformed, said)
}

/// Which of the outputs that came is the one to read, by its name.
pub(crate) fn choose(plan: &Plan, names: &[&str]) -> Result<usize, Failure> {
    let came = || match names {
        [] => "no output".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    };
    match (&plan.output, names) {
        (Some(wanted), _) => names
            .iter()
            .position(|name| name == wanted)
            .ok_or_else(|| malformed(format!("output `{wanted}` was expected, found {}", came()))),
        (None, [_]) => Ok(0),
        (None, []) => Err(malformed("one output was expected, the answer has none")),
        (None, _) => {
            let said = format!("the model has several outputs, {}: choose one with --output NAME", came());
            Err(malformed(said))
        }
    }
}

impl Output {
    /// One tensor for each row: the shape holds as many values as came, all are finite, and the first dimension
    /// counts the rows.
    pub(crate) fn predictions(&self, plan: &Plan, rows: usize) -> Result<Vec<Prediction>, Failure> {
        let Self { name, shape, values } = self;
        let count = shape.iter().try_fold(1_usize, |count, size| count.checked_mul(*size));
        if count != Some(values.len()) {
            let came = values.len();
            let said = format!(
                "output `{name}` has {came} values, as many were expected as its shape {shape:?} holds"
            );
            return Err(malformed(said));
        }
        if plan.classes.is_some() {
            return self.labels(rows);
        }
        self.finite()?;
        self.split(plan, rows)
    }

    fn finite(&self) -> Result<(), Failure> {
        let bad = match &self.values {
            Values::F16(v) => v.iter().position(|v| !v.is_finite()),
            Values::Bf16(v) => v.iter().position(|v| !v.is_finite()),
            Values::F32(v) => v.iter().position(|v| !v.is_finite()),
            Values::F64(v) => v.iter().position(|v| !v.is_finite()),
            _ => None,
        };
        match bad.and_then(|i| Some((i, self.values.number(i)?))) {
            None => Ok(()),
            Some((i, v)) => {
                let said =
                    format!("value {i} of output `{}` is {v}, a finite number was expected", self.name);
                Err(Failure::unplaced(FailureKind::NonFinite, said))
            }
        }
    }

    fn split(&self, plan: &Plan, rows: usize) -> Result<Vec<Prediction>, Failure> {
        let Self { name, shape, values } = self;
        let port = plan.outputs.iter().find(|port| port.name == *name);
        let own = match (plan.batching, shape.as_slice()) {
            (Batching::Dimension(_), [first, own @ ..]) if *first == rows => own,
            // The row went as a batch of one.
            (Batching::Lone, [1, own @ ..]) if rows == 1 && lifted(port) => own,
            (Batching::Lone, own) if rows == 1 => own,
            _ => {
                return Err(malformed(format!(
                    "output `{name}` has shape {shape:?}, {rows} rows were expected"
                )));
            }
        };
        let count = values.len().checked_div(rows).unwrap_or(0);
        let (name, own) = (Arc::<str>::from(name.as_str()), Shape::from(own));
        let row = |i: usize| {
            let mut piece = Values::empty(values.dtype());
            piece.copy_from(values, i * count, count);
            Prediction::Tensors(vec![Tensor { name: name.clone(), shape: own.clone(), values: piece }])
        };
        Ok((0..rows).map(row).collect())
    }
}

fn lifted(port: Option<&Port>) -> bool {
    port.and_then(|port| port.shape.as_deref()).is_some_and(may_be_lifted)
}
