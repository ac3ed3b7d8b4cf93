//! What the model receives of the noise: after clipping, after rounding to the type of the data, and after the cast to
//! the type of the model's input.
//!
//! Measured over the first draws of each level, before a query is sent, as whatever the noise was meant to be, the
//! model answers what it received. Decimal digits of JSON take nothing away: they are written so that they read back to
//! the same number. The form in which images are then sent (a file, a normalized tensor) is not looked at.
//!
//! Invariant: a function of the question, the data and the types of the inputs; a measurement, and no claim.

use noisebound_adapters::{Description, Dtype, Row, Tensor, Values};

use super::order::Order;
use super::plan::Plan;
use crate::config::question::Scope;
use crate::data::{Dataset, Field};
use crate::form::Forming;
use crate::noise::{Level, Mask, Noise, Seed, row_of, stream};
use crate::results::RealisedNoise;

/// At most so many draws of a level are looked at, and of large rows at least so many.
const DRAWS: (u64, u64) = (8, 256);

/// So many elements of one level are enough.
const ELEMENTS: usize = 1 << 17;

/// What noisy rows are made of.
#[derive(Clone, Copy)]
pub(super) struct Noisy<'a> {
    /// The rows.
    pub dataset: &'a Dataset,
    /// What of them is perturbed.
    pub mask: &'a Mask,
    /// The noise.
    pub noise: &'a dyn Noise,
}

/// The type in which the model takes each field, where the server tells. Images that become something else on their
/// way are looked at as pixels.
pub(super) fn input_types(
    dataset: &Dataset,
    form: Option<&Forming>,
    description: &Description,
) -> Vec<Option<Dtype>> {
    let inputs = &description.inputs;
    let fields = dataset.fields.iter();
    let of = |name: &str| {
        let named = inputs.iter().find(|input| input.name == *name);
        let only = inputs.first().filter(|_| inputs.len() == 1 && dataset.fields.len() == 1);
        named.or(only).and_then(|input| input.dtype)
    };
    let as_it_is = |place: usize, field: &Field| {
        let each = field.shape.each();
        let becomes =
            |form: &Forming| each.first().map(|(shape, _)| form.becomes(place, shape, field.dtype()).1);
        form.and_then(becomes).is_none_or(|sent| sent == field.dtype())
    };
    let input = |(place, field): (usize, &Field)| of(&field.name).filter(|_| as_it_is(place, field));
    fields.enumerate().map(input).collect()
}

/// What the model receives at each level of the plan, for each field that is perturbed. `inputs` are the types in which
/// it takes the fields, none where a field arrives as it is.
pub(super) fn realised(noisy: Noisy<'_>, plan: &Plan, inputs: &[Option<Dtype>]) -> Vec<RealisedNoise> {
    let order = Order::of(plan);
    let draws = draws(noisy, plan);
    let free = Mask { clip: None, ..noisy.mask.clone() };
    let of_level = |level: f64| {
        let mut sums: Vec<Sums> = noisy.dataset.fields.iter().map(|_| Sums::default()).collect();
        let mut rows = Rows::default();
        for index in 0..draws {
            rows.draw(noisy, &free, Seed(plan.question.seed), order.row(index), index, Level(level));
            for (i, sums) in sums.iter_mut().enumerate() {
                let received = inputs.get(i).copied().flatten();
                sums.add(&rows, i, noisy.mask, received);
            }
        }
        let fields = noisy.dataset.fields.iter().zip(sums).enumerate();
        fields
            .filter(|(_, (_, sums))| sums.elements > 0)
            .map(move |(i, (field, sums))| {
                let received = inputs.get(i).copied().flatten().unwrap_or_else(|| field.dtype());
                sums.told(level, &field.name, received, draws)
            })
            .collect::<Vec<_>>()
    };
    plan.question.levels.iter().flat_map(|level| of_level(*level)).collect()
}

/// How many draws of a level are looked at.
fn draws(noisy: Noisy<'_>, plan: &Plan) -> u64 {
    let elements: usize = noisy.dataset.fields.iter().map(Field::most).sum();
    let draws = ((ELEMENTS / elements.max(1)) as u64).clamp(DRAWS.0, DRAWS.1);
    match plan.question.scope {
        Scope::Population => draws.min(plan.question.data.rows),
        Scope::DataSet => draws,
    }
}

/// One row in three states, in buffers that are used again.
#[derive(Default)]
struct Rows {
    clean: Row,
    noisy: Row,
    /// The noise alone, as it was drawn.
    asked: Row,
}

impl Rows {
    /// Makes the draw of this index.
    fn draw(&mut self, of: Noisy<'_>, free: &Mask, seed: Seed, row: u64, index: u64, level: Level) {
        of.dataset.fill(row as usize, &mut self.clean);
        of.dataset.fill(row as usize, &mut self.noisy);
        self.asked.tensors.clear();
        self.asked.tensors.extend(self.clean.tensors.iter().map(|tensor| Tensor {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
            values: Values::F64(vec![0.0; tensor.values.len()]),
        }));
        for (mask, row) in [(of.mask, &mut self.noisy), (free, &mut self.asked)] {
            let mut rng = stream(seed, index);
            // The row is taken from the stream first, whatever the order of the rows is.
            row_of(&mut rng, of.dataset.rows);
            of.noise.perturb(level, mask, row, &mut rng);
        }
    }
}

/// What adds up over the perturbed elements of one field.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    elements: u64,
    asked: f64,
    received: f64,
    unchanged: u64,
    clipped: u64,
}

impl Sums {
    /// Adds field number `field` of a draw, which the model takes as `input`.
    fn add(&mut self, rows: &Rows, field: usize, mask: &Mask, input: Option<Dtype>) {
        let (Some(clean), Some(noisy), Some(asked)) =
            (values(&rows.clean, field), values(&rows.noisy, field), values(&rows.asked, field))
        else {
            return;
        };
        let factors = mask.factors.get(field).into_iter().flat_map(|factors| factors.iter().cycle());
        for (i, factor) in (0..clean.len()).zip(factors).filter(|(_, factor)| **factor != 0.0) {
            let (Some(before), Some(after), Some(noise)) =
                (clean.number(i), noisy.number(i), asked.number(i))
            else {
                continue;
            };
            let arrives = |v: f64| input.map_or(v, |input| input.realise(v));
            let difference = arrives(after) - arrives(before);
            self.elements += 1;
            self.asked += (noise / factor).powi(2);
            self.unchanged += u64::from(difference == 0.0);
            let kept = input.is_none_or(|input| holds(input, after)) && holds(clean.dtype(), before + noise);
            let inside = mask.clip.is_none_or(|(low, high)| (low..=high).contains(&(before + noise)));
            self.clipped += u64::from(!(kept && inside));
            // What is beyond all numbers of a type has no size; it counts as clipped.
            if difference.is_finite() {
                self.received += (difference / factor).powi(2);
            }
        }
    }

    fn told(self, level: f64, field: &str, received: Dtype, draws: u64) -> RealisedNoise {
        let elements = self.elements as f64;
        RealisedNoise {
            level,
            field: field.to_owned(),
            dtype: received.name().to_owned(),
            draws,
            elements: self.elements,
            asked: (self.asked / elements).sqrt(),
            received: (self.received / elements).sqrt(),
            unchanged: self.unchanged as f64 / elements,
            clipped: self.clipped as f64 / elements,
        }
    }
}

fn values(row: &Row, field: usize) -> Option<&Values> {
    row.tensors.get(field).map(|tensor| &tensor.values)
}

/// Whether a type has a number next to `v`, and not only its largest or its least.
fn holds(dtype: Dtype, v: f64) -> bool {
    let stored = dtype.realise(v);
    match dtype {
        Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64 | Dtype::Bytes => stored.is_finite(),
        _ => (stored - v).abs() <= 0.5,
    }
}

#[cfg(test)]
mod tests;
