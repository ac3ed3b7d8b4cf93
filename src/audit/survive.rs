//! Whether the data arrive: what is not perturbed must be the same number in the type that the model takes, and what is
//! perturbed a number of it.
//!
//! Found before a row is sent. Invariant: an id that would become another id is never sent; what floats lose of their
//! digits is no matter.

use noisebound_adapters::{Dtype, Stored, Values};

use super::fit::Misfit;
use crate::data::{Dataset, Field};
use crate::noise::Mask;

/// Looks at every value. `inputs` are the types in which the model takes the fields, as
/// [`input_types`](super::realised::input_types) gives them.
pub(super) fn survive(dataset: &Dataset, mask: &Mask, inputs: &[Vec<Option<Dtype>>]) -> Result<(), Misfit> {
    for ((field, factors), inputs) in dataset.fields.iter().zip(&mask.factors).zip(inputs) {
        // Between these nothing can be lost.
        let each = || inputs.iter().flatten();
        if each().all(|input| *input == field.dtype() || field.dtype() == Dtype::U8 && input.is_float()) {
            continue;
        }
        for row in 0..dataset.rows {
            in_row(field, row, factors, inputs)?;
        }
    }
    Ok(())
}

fn in_row(field: &Field, row: usize, factors: &[f64], inputs: &[Option<Dtype>]) -> Result<(), Misfit> {
    let Some((_, start, width)) = field.shape.row(row) else { return Ok(()) };
    let each = (0..width).zip(factors.iter().cycle()).zip(inputs.iter().cycle());
    for ((element, factor), input) in each {
        let place = start.saturating_add(element);
        let Some((to, stored)) = input.and_then(|to| Some((to, field.values.stored(place, to)?))) else {
            continue;
        };
        let perturbed = *factor != 0.0;
        let kept = match stored {
            Stored::Exact => true,
            Stored::Beyond => false,
            // Of floats the last digits are no matter, and what is perturbed is no id.
            Stored::Rounded => perturbed || to.is_float() && field.dtype().is_float(),
        };
        if !kept {
            return Err(Misfit::Lost {
                row: field.shape.name(row),
                place: field.element(element),
                value: shown(&field.values, place),
                dtype: to.name(),
                mend: if perturbed {
                    "rescale the data to what the model was trained on, or ask a model of a wider type"
                } else {
                    "ask a model of a type that holds it, or give data that fit"
                },
            });
        }
    }
    Ok(())
}

fn shown(values: &Values, i: usize) -> String {
    match values {
        Values::I64(values) => values.get(i).map(ToString::to_string),
        Values::U64(values) => values.get(i).map(ToString::to_string),
        values => values.number(i).map(|v| v.to_string()),
    }
    .unwrap_or_default()
}
