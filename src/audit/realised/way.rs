//! What becomes of numbers between the row and the model where the request changes them: a body template that computes,
//! a file that is compressed, normalized pixels that are rounded once more.
//!
//! Measured from outside, as nothing but what arrives counts: a file is read back; of a template it is found which number
//! of the request each value decides, by changing one value of the first row at a time, and whether other rows go the same
//! way, by changing all of their values at once. The invariant: where that cannot be told for each value, nothing is
//! measured, and it is said why.

use noisebound_adapters::{Dtype, Endpoint, Row, Tensor, Values};
use serde_json::Value;

use crate::data::{Dataset, Field, decode};
use crate::form::Forming;
use crate::noise::Mask;

/// So many values of a row are changed one by one.
const MOST: usize = 1024;
/// So many rows, from all over the data, are looked at whether they go the way of the first.
const ROWS: usize = 32;
/// How far, so that what is rounded is no matter. Half of it in the other direction, or in the same where a type ends, so
/// that what is not in proportion is noticed.
const STEP: f64 = 1024.0;
/// The same for types of eight bits.
const SMALL: f64 = 32.0;
/// What may remain of rounding in what is in proportion.
const ROUNDING: f64 = 0.1;
/// Multiples of it are spread evenly between whole numbers.
const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// A factor so near to 1 is 1.
const ONE: f64 = 0.01;

/// A way that changes numbers.
pub(in crate::audit) enum Way<'a> {
    /// Images are sent as files that are not exact.
    Form(&'a Forming),
    /// Pixels are sent as numbers, in a type that rounds them: what arrives for each value of a pixel, in pixels, for each
    /// field that is sent so and each of its channels.
    Numbers(Vec<Option<Vec<[f64; 256]>>>),
    /// The request is made by a template.
    Body(Body<'a>),
}

/// A template, and the number of its request that each value decides.
pub(in crate::audit) struct Body<'a> {
    endpoint: &'a dyn Endpoint,
    /// For each field, for each of its values.
    places: Vec<Vec<Place>>,
    /// How many leaves a request has.
    leaves: usize,
}

/// Where a value of a row goes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// It is not perturbed, so that nobody asks.
    Unasked,
    /// The request is the same whatever it is.
    Nowhere,
    /// This leaf is it, times a factor.
    Leaf(usize, f64),
}

/// A leaf of a request.
#[derive(Debug, Clone, PartialEq)]
enum Leaf {
    Number(f64),
    Other(String),
}

impl<'a> Way<'a> {
    /// The way of pixels that are sent as numbers, where these are rounded to a type of 16 bits or to whole numbers;
    /// none where they arrive as they are. `inputs` are the types in which the model takes the fields.
    pub fn numbers(form: &Forming, dataset: &Dataset, inputs: &[Vec<Option<Dtype>>]) -> Option<Self> {
        let of = |(place, (field, inputs)): (usize, (&Field, &Vec<Option<Dtype>>))| {
            let input = inputs.first().copied().flatten()?;
            let (shape, _) = *field.shape.each().first()?;
            let arrives = |numbers: [f32; 256]| {
                // A pixel more is so much more of what is sent.
                let unit = f64::from(numbers[255] - numbers[0]) / 255.0;
                numbers.map(|number| input.realise(f64::from(number)) / unit)
            };
            Some(form.numbers(place, shape, field.dtype())?.into_iter().map(arrives).collect())
        };
        let fields: Vec<_> = dataset.fields.iter().zip(inputs).enumerate().map(of).collect();
        fields.iter().any(Option::is_some).then_some(Self::Numbers(fields))
    }

    /// The way through the body template of an endpoint.
    ///
    /// # Errors
    /// Why it cannot be told what the model receives.
    pub fn through(endpoint: &'a dyn Endpoint, dataset: &Dataset, mask: &Mask) -> Result<Self, String> {
        Self::follow(endpoint, dataset, mask).map_err(|why| computes(&why))
    }

    fn follow(endpoint: &'a dyn Endpoint, dataset: &Dataset, mask: &Mask) -> Result<Self, String> {
        let mut row = Row::default();
        dataset.fill(0, &mut row);
        let before = leaves(endpoint, &row)?;
        let perturbed: usize =
            row.tensors.iter().enumerate().map(|(i, it)| mask.perturbed(i, it.values.len())).sum();
        if perturbed > MOST {
            return Err(format!(
                "it has {perturbed} perturbed values a row, and at most {MOST} are followed"
            ));
        }
        let mut places = Vec::with_capacity(row.tensors.len());
        for field in 0..row.tensors.len() {
            let width = row.tensors[field].values.len();
            let factors = mask.factors.get(field).into_iter().flat_map(|factors| factors.iter().cycle());
            let mut of_field = vec![Place::Unasked; width];
            for (i, _) in (0..width).zip(factors).filter(|(_, factor)| **factor != 0.0) {
                of_field[i] = place(endpoint, &mut row, field, i, &before)?;
            }
            places.push(of_field);
        }
        let body = Body { endpoint, places, leaves: before.len() };
        for i in 1..ROWS.min(dataset.rows) {
            let number = i * dataset.rows / ROWS.min(dataset.rows);
            dataset.fill(number, &mut row);
            if !body.takes(&mut row)? {
                return Err(format!("row {number} is not sent as row 0 is"));
            }
        }
        Ok(Self::Body(body))
    }

    /// Why a row that goes another way could not be looked at.
    pub fn strange(&self) -> String {
        match self {
            Self::Form(_) | Self::Numbers(_) => "a file that is sent cannot be read back".to_owned(),
            Self::Body(_) => computes("rows have requests of different forms"),
        }
    }

    /// The values of a row as they arrive, field by field; none where this row goes another way.
    pub fn pass(&self, row: &Row) -> Option<Vec<Vec<f64>>> {
        match self {
            Self::Form(form) => {
                let mut sent = row.clone();
                form.give(&mut sent);
                row.tensors
                    .iter()
                    .zip(&sent.tensors)
                    .map(|(row, sent)| read_back(&row.values, &sent.values))
                    .collect()
            }
            Self::Numbers(fields) => {
                let pass = |(tensor, numbers): (&Tensor, &Option<Vec<[f64; 256]>>)| match (
                    &tensor.values,
                    numbers,
                ) {
                    (Values::U8(pixels), Some(numbers)) => pixels
                        .iter()
                        .zip(numbers.iter().cycle())
                        .map(|(pixel, numbers)| numbers[usize::from(*pixel)])
                        .collect(),
                    (values, _) => (0..values.len()).map(|i| values.number(i).unwrap_or_default()).collect(),
                };
                Some(row.tensors.iter().zip(fields).map(pass).collect())
            }
            Self::Body(body) => body.pass(row),
        }
    }
}

/// Why nothing is measured behind a template.
fn computes(why: &str) -> String {
    format!("the body template computes with the values, and {why}")
}

impl Body<'_> {
    /// Whether this row goes the way of the first: its values are changed all at once, each by another step, and each
    /// number of the request must follow the value that decides it, and no other number anything.
    fn takes(&self, row: &mut Row) -> Result<bool, String> {
        let before = leaves(self.endpoint, row)?;
        let widths = row.tensors.iter().map(|tensor| tensor.values.len());
        if before.len() != self.leaves || !self.places.iter().map(Vec::len).eq(widths) {
            return Ok(false);
        }
        for direction in 0..2 {
            let mut shifted = row.clone();
            // What each leaf has to move by.
            let mut moves = vec![None; before.len()];
            let each =
                self.places.iter().enumerate().flat_map(|(field, of)| (0..of.len()).map(move |i| (field, i)));
            for (nth, (field, i)) in each.enumerate() {
                let place = self.places[field][i];
                let values = &mut shifted.tensors[field].values;
                let Some(was) = values.number(i).filter(|_| place != Place::Unasked) else { continue };
                // Neighbours take steps that differ by more than is forgiven.
                let share = 0.5 + (nth as f64 * GOLDEN).fract() / 2.0;
                values.set_number(i, was + steps(values, was)[direction] * share);
                let moved = values.number(i).unwrap_or(was) - was;
                if let Place::Leaf(at, factor) = place {
                    moves[at] = Some(factor * moved);
                }
            }
            let after = leaves(self.endpoint, &shifted)?;
            let follows = |((before, after), moved): ((&Leaf, &Leaf), &Option<f64>)| match moved {
                None => before == after,
                Some(moved) => before
                    .number()
                    .zip(after.number())
                    .is_some_and(|(before, after)| (after - before - moved).abs() <= ROUNDING * moved.abs()),
            };
            if after.len() != before.len() || !before.iter().zip(&after).zip(&moves).all(follows) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn pass(&self, row: &Row) -> Option<Vec<Vec<f64>>> {
        let leaves = leaves(self.endpoint, row).ok()?;
        let same = |(field, tensor): (&Vec<Place>, &Tensor)| field.len() == tensor.values.len();
        if leaves.len() != self.leaves || !self.places.iter().zip(&row.tensors).all(same) {
            return None;
        }
        let arrives = |place: &Place| match place {
            Place::Unasked | Place::Nowhere => Some(0.0),
            Place::Leaf(at, factor) => leaves.get(*at).and_then(Leaf::number).map(|number| number / factor),
        };
        self.places.iter().map(|field| field.iter().map(arrives).collect()).collect()
    }
}

/// The numbers that a server reads of a file; those of a tensor as they are.
fn read_back(values: &Values, sent: &Values) -> Option<Vec<f64>> {
    match sent {
        Values::Bytes(files) if values.dtype() != sent.dtype() => {
            let pixels = decode(files.first()?).ok()?.values;
            (pixels.len() == values.len()).then(|| pixels.into_iter().map(f64::from).collect())
        }
        _ => Some((0..values.len()).map(|i| values.number(i).unwrap_or_default()).collect()),
    }
}

/// By how much a value is changed.
fn steps(values: &Values, was: f64) -> [f64; 2] {
    if values.dtype().is_float() {
        // Next to a large value a small step would be rounded away by the type itself.
        let step = STEP.max(was.abs() / 4.0);
        let step = if was > 0.0 { -step } else { step };
        // Both ways, unless the type ends there.
        let other = -step / 2.0;
        return [step, if values.dtype().realise(was + other).is_finite() { other } else { step / 2.0 }];
    }
    let step = if was >= SMALL { -SMALL } else { SMALL };
    [step, step / 2.0]
}

/// Where one value of a row goes, found by changing it.
fn place(
    endpoint: &dyn Endpoint,
    row: &mut Row,
    field: usize,
    i: usize,
    before: &[Leaf],
) -> Result<Place, String> {
    let name = row.tensors[field].name.clone();
    let values = &row.tensors[field].values;
    let Some(was) = values.number(i) else { return Ok(Place::Unasked) };
    let mut found = Vec::new();
    for step in steps(values, was) {
        let values = &mut row.tensors[field].values;
        values.set_number(i, was + step);
        let moved = values.number(i).unwrap_or(was) - was;
        if moved == 0.0 || !moved.is_finite() {
            return Err(format!("value {i} of `{name}` cannot be changed by {step}"));
        }
        let after = leaves(endpoint, row);
        row.tensors[field].values.set_number(i, was);
        let after = after?;
        let changed: Vec<usize> =
            (0..before.len().max(after.len())).filter(|at| before.get(*at) != after.get(*at)).collect();
        let numbers = |at: usize| Some((before.get(at)?.number()?, after.get(at)?.number()?));
        found.push(match changed[..] {
            [] => None,
            [at] => match numbers(at) {
                Some((before, after)) => Some((at, (after - before) / moved)),
                None => {
                    return Err(format!(
                        "value {i} of `{name}` becomes a text or changes what the request is made of"
                    ));
                }
            },
            _ => return Err(format!("value {i} of `{name}` decides {} of its numbers", changed.len())),
        });
    }
    match found[..] {
        [None, None] => Ok(Place::Nowhere),
        [Some((at, whole)), Some((same, half))]
            if at == same && (whole - half).abs() <= ROUNDING * whole.abs() =>
        {
            let factor = if (whole - 1.0).abs() <= ONE { 1.0 } else { whole };
            Ok(Place::Leaf(at, factor))
        }
        _ => Err(format!("value {i} of `{name}` is not sent in proportion")),
    }
}

/// The numbers and other leaves of the request for a row, in its order.
fn leaves(endpoint: &dyn Endpoint, row: &Row) -> Result<Vec<Leaf>, String> {
    let request = endpoint.preview(std::slice::from_ref(row)).map_err(|failure| failure.said.to_string())?;
    let body =
        serde_json::from_slice(&request.body).map_err(|error| format!("the request is no JSON: {error}"))?;
    let mut leaves = Vec::new();
    collect(&body, &mut leaves);
    Ok(leaves)
}

fn collect(value: &Value, leaves: &mut Vec<Leaf>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, leaves)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            leaves.push(Leaf::Other(key.clone()));
            collect(member, leaves);
        }),
        Value::Number(number) => {
            leaves.push(number.as_f64().map_or_else(|| Leaf::Other(number.to_string()), Leaf::Number));
        }
        // Some services take numbers as texts.
        Value::String(text) => {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            leaves.push(number.map_or_else(|| Leaf::Other(text.clone()), Leaf::Number));
        }
        Value::Null | Value::Bool(_) => leaves.push(Leaf::Other(value.to_string())),
    }
}

impl Leaf {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Other(_) => None,
        }
    }
}
