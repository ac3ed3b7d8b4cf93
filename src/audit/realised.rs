//! What the model receives of the noise: after clipping, after rounding to the type of the data, and after the cast to
//! the type of the model's input.
//!
//! Measured over the first draws of each level, before a query is sent, as whatever the noise was meant to be, the
//! model answers what it received. Decimal digits of JSON take nothing away: they are written so that they read back to
//! the same number. What a body template, a compressed file, or the type of normalized pixels changes is looked at in
//! [`way`].
//!
//! Invariant: a function of the question, the data and the types of the inputs; a measurement, and no claim.

mod way;

use noisebound_adapters::{Description, Dtype, Row, Tensor, Values};

use super::columns::Apart;
use super::fit::inputs_of;
use super::order::Order;
use super::plan::Plan;
use crate::config::question::Scope;
use crate::data::{Dataset, Field};
use crate::form::Forming;
use crate::noise::{Level, Mask, Noise, Seed, row_of, stream};
use crate::results::{RealisedColumn, RealisedNoise};

pub(super) use way::Way;

/// At most so many draws of a level are looked at, and of large rows at least so many.
const DRAWS: (u64, u64) = (8, 256);

/// So many elements of one level are enough.
const ELEMENTS: usize = 1 << 17;

/// Of a column so many draws must be seen before it is said to be swallowed.
const ENOUGH: u64 = 64;

/// What noisy rows are made of.
#[derive(Clone, Copy)]
pub(super) struct Noisy<'a> {
    /// The rows.
    pub dataset: &'a Dataset,
    /// What of them is perturbed.
    pub mask: &'a Mask,
    /// The noise.
    pub noise: &'a dyn Noise,
    /// Where the request changes numbers, how; or why that cannot be told.
    pub way: Option<&'a Result<Way<'a>, String>>,
}

/// The types in which the model takes each field, where the server tells: one for all elements of the field, or one for
/// each column where columns are inputs of their own. None for images that become something else on their way, but for
/// numbers that are rounded to yet another type.
pub(super) fn input_types(
    dataset: &Dataset,
    form: Option<&Forming>,
    description: &Description,
) -> Vec<Vec<Option<Dtype>>> {
    let inputs = &description.inputs;
    let types = |fields: &[Field]| -> Vec<Option<Dtype>> {
        inputs_of(fields, inputs).into_iter().map(|input| input?.dtype).collect()
    };
    if let Some(apart) = Apart::of(dataset, inputs) {
        let mut types = types(&apart.fields(dataset)).into_iter();
        let fields = 0..dataset.fields.len();
        return fields.map(|field| types.by_ref().take(apart.count(field)).collect()).collect();
    }
    let as_it_is = |place: usize, field: &Field| {
        let each = field.shape.each();
        let becomes =
            |form: &Forming| each.first().map(|(shape, _)| form.becomes(place, shape, field.dtype()).1);
        form.and_then(becomes).is_none_or(|sent| sent == field.dtype())
    };
    // What is sent as 32-bit floats loses nothing that is seen in pixels, unless the model takes another type.
    let rounded = |place: usize, field: &Field, input: Dtype| {
        let numbers = |form: &Forming| {
            let each = field.shape.each();
            each.first().and_then(|(shape, _)| form.numbers(place, shape, field.dtype())).is_some()
        };
        !matches!(input, Dtype::F32 | Dtype::F64 | Dtype::Bytes) && form.is_some_and(numbers)
    };
    let fields = dataset.fields.iter().zip(types(&dataset.fields)).enumerate();
    fields
        .map(|(place, (field, input))| {
            vec![input.filter(|input| as_it_is(place, field) || rounded(place, field, *input))]
        })
        .collect()
}

/// What the model receives at each level of the plan, for each field that is perturbed. `inputs` are the types in which
/// it takes the fields, none where a field arrives as it is.
pub(super) fn realised(noisy: Noisy<'_>, plan: &Plan, inputs: &[Vec<Option<Dtype>>]) -> Vec<RealisedNoise> {
    let order = Order::of(plan);
    let draws = draws(noisy, plan);
    let free = Mask { clip: None, ..noisy.mask.clone() };
    let fields = &noisy.dataset.fields;
    let of_level = |level: f64| {
        let mut sums: Vec<Vec<Sums>> =
            fields.iter().map(|field| vec![Sums::default(); parts(field)]).collect();
        let mut rows = Rows::default();
        let mut unmeasured = noisy.way.and_then(|way| way.as_ref().err()).cloned();
        for index in 0..draws {
            rows.draw(noisy, &free, Seed(plan.question.seed), order.row(index), index, Level(level));
            if let Err(why) = rows.go(noisy.way) {
                unmeasured = Some(why);
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                add(sums, &rows, i, noisy.mask, inputs.get(i).map_or(&[], Vec::as_slice));
            }
        }
        let measured = fields.iter().zip(sums).enumerate();
        let told = measured.filter_map(|(i, (field, sums))| {
            let inputs = inputs.get(i).map_or(&[][..], Vec::as_slice);
            let all = sums.iter().fold(Sums::default(), Sums::and);
            (all.elements > 0).then(|| {
                let told = all.told(level, field, inputs, draws);
                RealisedNoise {
                    columns: swallowed(field, &sums, inputs, &all),
                    received: told.received.filter(|_| unmeasured.is_none()),
                    unmeasured: unmeasured.clone(),
                    ..told
                }
            })
        });
        told.collect::<Vec<_>>()
    };
    plan.question.levels.iter().flat_map(|level| of_level(*level)).collect()
}

/// How many parts of a field are added up apart: the columns of a table.
fn parts(field: &Field) -> usize {
    field.columns.as_ref().map_or(1, |columns| columns.len().max(1))
}

/// The columns whose noise hardly arrives, where that of the whole field does; none of which too little was seen.
fn swallowed(field: &Field, sums: &[Sums], inputs: &[Option<Dtype>], all: &Sums) -> Vec<RealisedColumn> {
    let Some(columns) = field.columns.as_ref().filter(|_| !all.is_swallowed()) else { return Vec::new() };
    let of = |(i, (name, sums)): (usize, (&String, &Sums))| {
        (sums.elements >= ENOUGH && sums.is_swallowed()).then(|| RealisedColumn {
            column: name.clone(),
            dtype: rounds_to(field, input(inputs, i)),
            unchanged: sums.share(sums.unchanged),
            clipped: sums.share(sums.clipped),
        })
    };
    columns.iter().zip(sums).enumerate().filter_map(of).collect()
}

/// The type in which the model takes an element, where that is told.
fn input(inputs: &[Option<Dtype>], element: usize) -> Option<Dtype> {
    *inputs.get(element.checked_rem(inputs.len())?)?
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
    /// The numbers of the clean row and of the noisy one as they arrive, where the request changes them.
    arrived: Option<[Vec<Vec<f64>>; 2]>,
}

impl Rows {
    /// Looks what of the draw arrives.
    ///
    /// # Errors
    /// Why that cannot be told.
    fn go(&mut self, way: Option<&Result<Way<'_>, String>>) -> Result<(), String> {
        self.arrived = None;
        let Some(Ok(way)) = way else { return Ok(()) };
        self.arrived = way.pass(&self.clean).and_then(|clean| Some([clean, way.pass(&self.noisy)?]));
        if self.arrived.is_some() { Ok(()) } else { Err(way.strange()) }
    }

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

/// Adds field number `field` of a draw, whose elements the model takes as `inputs`; to each part its own elements, or to
/// the only one all.
fn add(sums: &mut [Sums], rows: &Rows, field: usize, mask: &Mask, inputs: &[Option<Dtype>]) {
    let (Some(clean), Some(noisy), Some(asked)) =
        (values(&rows.clean, field), values(&rows.noisy, field), values(&rows.asked, field))
    else {
        return;
    };
    let factors = mask.factors.get(field).into_iter().flat_map(|factors| factors.iter().cycle());
    for (i, factor) in (0..clean.len()).zip(factors).filter(|(_, factor)| **factor != 0.0) {
        let (Some(before), Some(after), Some(noise)) = (clean.number(i), noisy.number(i), asked.number(i))
        else {
            continue;
        };
        let input = input(inputs, i);
        let Some(sums) = i.checked_rem(sums.len()).and_then(|part| sums.get_mut(part)) else { continue };
        let arrives = |v: f64| input.map_or(v, |input| input.realise(v));
        let read = |row: &Vec<Vec<f64>>| row.get(field)?.get(i).copied();
        let difference = match &rows.arrived {
            Some([clean, noisy]) => read(noisy).unwrap_or_default() - read(clean).unwrap_or_default(),
            None => arrives(after) - arrives(before),
        };
        sums.elements += 1;
        sums.asked += (noise / factor).powi(2);
        sums.unchanged += u64::from(difference == 0.0);
        let arrived = rows.arrived.is_some();
        let kept = (arrived || input.is_none_or(|input| holds(input, after)))
            && holds(clean.dtype(), before + noise);
        let inside = mask.clip.is_none_or(|(low, high)| (low..=high).contains(&(before + noise)));
        sums.clipped += u64::from(!(kept && inside));
        // What is beyond all numbers of a type has no size; it counts as clipped.
        if difference.is_finite() {
            sums.received += (difference / factor).powi(2);
        }
    }
}

impl Sums {
    fn and(self, other: &Self) -> Self {
        Self {
            elements: self.elements + other.elements,
            asked: self.asked + other.asked,
            received: self.received + other.received,
            unchanged: self.unchanged + other.unchanged,
            clipped: self.clipped + other.clipped,
        }
    }

    fn share(&self, of: u64) -> f64 {
        of as f64 / self.elements as f64
    }

    fn is_swallowed(&self) -> bool {
        self.share(self.unchanged) >= RealisedNoise::SWALLOWED
    }

    fn told(self, level: f64, field: &Field, inputs: &[Option<Dtype>], draws: u64) -> RealisedNoise {
        let elements = self.elements as f64;
        let mut types: Vec<String> = Vec::new();
        for place in 0..inputs.len().max(1) {
            let name = rounds_to(field, input(inputs, place));
            if !types.contains(&name) {
                types.push(name);
            }
        }
        RealisedNoise {
            level,
            field: field.name.to_string(),
            dtype: types.join(", "),
            draws,
            elements: self.elements,
            asked: (self.asked / elements).sqrt(),
            received: Some((self.received / elements).sqrt()),
            unchanged: self.share(self.unchanged),
            clipped: self.share(self.clipped),
            columns: Vec::new(),
            unmeasured: None,
        }
    }
}

/// The types in which a value stands on its way, where that of the data rounds what that of the model would not.
fn rounds_to(field: &Field, input: Option<Dtype>) -> String {
    let data = field.dtype();
    match input {
        Some(input) if input.is_float() && !data.is_float() => {
            format!("{}, then {}", data.name(), input.name())
        }
        input => input.unwrap_or(data).name().to_owned(),
    }
}

fn values(row: &Row, field: usize) -> Option<&Values> {
    row.tensors.get(field).map(|tensor| &tensor.values)
}

/// Whether a type has a number next to `v`, and not only its largest or its least.
fn holds(dtype: Dtype, v: f64) -> bool {
    let stored = dtype.realise(v);
    match dtype {
        Dtype::Bytes => true,
        float if float.is_float() => stored.is_finite(),
        _ => (stored - v).abs() <= 0.5,
    }
}

#[cfg(test)]
mod tests;
