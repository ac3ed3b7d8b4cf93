//! Rows as the inputs of a model take them.

use std::borrow::Cow;

use super::fixed::Fixed;
use super::plan::{Batching, Binding, Plan};
use crate::cast::cast;
use crate::{Dtype, Failure, FailureKind, Row, Values};

/// The values of one input, a piece for each row.
pub(crate) struct Part<'a> {
    /// The input that it goes to.
    pub(crate) input: &'a str,
    /// The type that the input takes.
    pub(crate) dtype: Dtype,
    pub(crate) pieces: Vec<Cow<'a, Values>>,
    /// The dimensions of the whole tensor on the wire.
    pub(crate) shape: Vec<usize>,
    /// The field that the values come from; the input, where they are always the same.
    pub(crate) field: &'a str,
}

fn rejected(said: impl AsRef<str>) -> Failure {
    Failure::unplaced(FailureKind::Rejected, said)
}

/// The values of each input as the model takes them.
pub(crate) fn parts<'a>(plan: &'a Plan, rows: &'a [Row]) -> Result<Vec<Part<'a>>, Failure> {
    let unsupported = |said: &str| Err(Failure::unplaced(FailureKind::Unsupported, said));
    let Some(first) = rows.first() else {
        return unsupported("a request needs at least one row");
    };
    if plan.batching == Batching::Lone && rows.len() > 1 {
        return unsupported("the model has no batch dimension and takes one row a request");
    }
    let alike = |row: &Row| {
        let pairs = || row.tensors.iter().zip(&first.tensors);
        row.tensors.len() == first.tensors.len()
            && pairs().all(|(a, b)| a.name == b.name && a.shape == b.shape)
    };
    if !rows.iter().all(alike) {
        return Err(rejected("the rows of one request differ in their fields or shapes"));
    }
    let bound = plan.bind(first)?.into_iter().map(|binding| part(plan, rows, first, &binding));
    bound.chain(plan.fixed.iter().map(|fixed| Ok(always(plan, rows.len(), fixed)))).collect()
}

/// The part of an input that never changes.
fn always<'a>(plan: &Plan, rows: usize, fixed: &'a Fixed) -> Part<'a> {
    let batch = (plan.batching != Batching::Lone).then_some(rows);
    Part {
        input: &fixed.input,
        dtype: fixed.values.dtype(),
        pieces: vec![Cow::Borrowed(&fixed.values); rows],
        shape: batch.iter().chain(&fixed.shape).copied().collect(),
        field: &fixed.input,
    }
}

fn part<'a>(
    plan: &Plan,
    rows: &'a [Row],
    first: &'a Row,
    binding: &Binding<'a>,
) -> Result<Part<'a>, Failure> {
    let piece = |row: &'a Row| {
        let tensor = &row.tensors[binding.field];
        if tensor.shape.iter().product::<usize>() != tensor.values.len() {
            return Err(rejected(format!("field `{}` does not fill its shape", tensor.name)));
        }
        cast(&tensor.values, binding.dtype)
            .map_err(|error| rejected(format!("field `{}`: {error}", tensor.name)))
    };
    let pieces = rows.iter().map(piece).collect::<Result<_, _>>()?;
    let tensor = &first.tensors[binding.field];
    let batch = match plan.batching {
        Batching::Dimension(_) => Some(rows.len()),
        Batching::Lone => binding.lifted.then_some(1),
    };
    let lone = if tensor.shape.is_empty() { plan.lone_shape(binding.input) } else { Vec::new() };
    let own = plan.without_channel(binding.input, &tensor.shape);
    let shape = batch.iter().chain(own).chain(&lone).copied().collect();
    Ok(Part { input: binding.input, dtype: binding.dtype, pieces, shape, field: &tensor.name })
}
