//! Which elements of a row are perturbed, how strongly, and between which limits.
//!
//! A [`Mask`] that leaves this module perturbs at least one element, only elements of types that take
//! noise, and its clip range holds every value that it could touch, so that clipping never changes a clean
//! row.

use noisebound_adapters::Dtype;

use super::{Dataset, Field};
use crate::config::question::{NoiseSpec, Scale};
use crate::nearest::nearest;
use crate::noise::Mask;

/// Why there is no mask.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MaskError {
    /// Both lists of columns were given.
    #[error("--perturb and --fix exclude each other; give one of them")]
    Both,
    /// A column that the data do not have.
    #[error("--{flag}: there is no `{column}` in the data; {hint}")]
    Unknown {
        /// `perturb` or `fix`.
        flag: &'static str,
        /// What was typed.
        column: String,
        /// What there is, or what is most like it.
        hint: String,
    },
    /// A field whose type takes no noise.
    #[error(
        "--perturb: `{column}` is of type {dtype}; noise is added to floats and to UINT8 (images) alone; store it as floats \
         where these are measurements"
    )]
    Type {
        /// What was typed.
        column: String,
        /// The type of the field.
        dtype: &'static str,
    },
    /// Nothing is left to perturb.
    #[error("nothing is left to perturb: {0}")]
    Nothing(String),
    /// The clip range is not a range.
    #[error("--clip: found {0},{1}, expected two finite numbers, the lower one first")]
    Clip(f64, f64),
    /// A value of the data lies outside the clip range.
    #[error(
        "--clip: row {row}, {place} is {value}, outside {low},{high}; widen the range, or name the column in --fix"
    )]
    Outside {
        /// The row, counted from 0.
        row: usize,
        /// The column or element.
        place: String,
        /// What was found.
        value: f64,
        /// The lower end of the range.
        low: f64,
        /// The upper end of the range.
        high: f64,
    },
    /// Images have no columns.
    #[error(
        "--scale std: `{0}` holds images, whose pixels have no columns to take deviations of; use --scale absolute, with \
         levels in units of a pixel's values, 0 to 255"
    )]
    Images(String),
    /// The standard deviation of a column overflows.
    #[error("--scale std: the standard deviation of {0} is too large for a 64-bit float; rescale the column")]
    Deviation(String),
}

/// The mask for every row of `dataset`: factor 1 under `--scale absolute`, the standard deviation of the
/// column under `--scale std`, and 0 where nothing is added. Columns of a table are named by their names,
/// elements of an array by their place in the row, `3` or `10-19`, counted from 0; a field's name stands
/// for all of it. An image is perturbed as a whole or not at all: it has one factor.
pub fn mask(dataset: &Dataset, noise: &NoiseSpec) -> Result<Mask, MaskError> {
    let chosen = chosen(dataset, noise)?;
    if chosen.iter().flatten().all(|chosen| !chosen) {
        return Err(MaskError::Nothing(left_out(dataset, noise)));
    }
    let factors = match noise.scale {
        Scale::Absolute => {
            chosen.iter().map(|of| of.iter().map(|c| f64::from(u8::from(*c))).collect()).collect()
        }
        Scale::Std => deviations(dataset, &chosen)?,
    };
    let mask = Mask { factors, clip: noise.clip };
    if let Some((low, high)) = noise.clip {
        check_clip(dataset, &mask, low, high)?;
    }
    Ok(mask)
}

/// For each field, for each element of a row, whether it is to be perturbed.
fn chosen(dataset: &Dataset, noise: &NoiseSpec) -> Result<Vec<Vec<bool>>, MaskError> {
    let all = |value: fn(&Field) -> bool| -> Vec<Vec<bool>> {
        dataset.fields.iter().map(|field| vec![value(field); field.width()]).collect()
    };
    let takes_noise = |field: &Field| field.dtype().takes_noise();
    match (&noise.perturb, &noise.fix) {
        (Some(_), Some(_)) => Err(MaskError::Both),
        (Some(columns), None) => {
            let mut chosen = all(|_| false);
            for column in columns {
                let (field, from, to) = find(dataset, "perturb", column)?;
                let dtype = dataset.fields[field].dtype();
                if !dtype.takes_noise() {
                    return Err(MaskError::Type { column: column.clone(), dtype: dtype.name() });
                }
                chosen[field][from..to].fill(true);
            }
            Ok(chosen)
        }
        (None, fix) => {
            let mut chosen = all(takes_noise);
            for column in fix.iter().flatten() {
                let (field, from, to) = find(dataset, "fix", column)?;
                chosen[field][from..to].fill(false);
            }
            Ok(chosen)
        }
    }
}

/// The field that `column` is in, and which of its elements: from the first to before the second number,
/// both within the field.
fn find(dataset: &Dataset, flag: &'static str, column: &str) -> Result<(usize, usize, usize), MaskError> {
    let column = column.trim();
    let fields = &dataset.fields;
    for (i, field) in fields.iter().enumerate() {
        let place = field.columns.as_ref().and_then(|names| names.iter().position(|name| name == column));
        if let Some(place) = place {
            return Ok((i, place, place + 1));
        }
    }
    if let Some(i) = fields.iter().position(|field| *field.name == *column) {
        return Ok((i, 0, fields[i].width()));
    }
    if let [field] = &fields[..]
        && field.columns.is_none()
        && !field.holds_images()
        && let Some((from, to)) = range(column)
        && from < to
        && to <= field.width()
    {
        return Ok((0, from, to));
    }
    Err(MaskError::Unknown { flag, column: column.to_owned(), hint: hint(dataset, column) })
}

/// `3` is 3 to 4, `10-19` is 10 to 20.
fn range(text: &str) -> Option<(usize, usize)> {
    let (from, last) = text.split_once('-').unwrap_or((text, text));
    Some((from.trim().parse().ok()?, last.trim().parse::<usize>().ok()?.checked_add(1)?))
}

fn hint(dataset: &Dataset, column: &str) -> String {
    let names: Vec<&str> = dataset
        .fields
        .iter()
        .flat_map(|field| field.columns.iter().flatten().map(String::as_str).chain([&*field.name]))
        .collect();
    if let Some(name) = nearest(column, names.iter().copied()) {
        return format!("did you mean `{name}`?");
    }
    match &dataset.fields[..] {
        [field] if field.columns.is_none() && !field.holds_images() => format!(
            "expected `{}`, an element from 0 to {}, or a range of them, as in `10-19`",
            field.name,
            field.width() - 1
        ),
        _ => format!("expected one of {}", names.join(", ")),
    }
}

/// The standard deviation of each chosen element, 0 for the others.
fn deviations(dataset: &Dataset, chosen: &[Vec<bool>]) -> Result<Vec<Vec<f64>>, MaskError> {
    let mut factors = Vec::new();
    for (field, chosen) in dataset.fields.iter().zip(chosen) {
        if field.holds_images() && chosen.contains(&true) {
            return Err(MaskError::Images(field.name.to_string()));
        }
        let mut of_field = field.deviations();
        for (i, (deviation, chosen)) in of_field.iter_mut().zip(chosen).enumerate() {
            if !chosen {
                *deviation = 0.0;
            } else if !deviation.is_finite() {
                return Err(MaskError::Deviation(field.element(i)));
            }
        }
        factors.push(of_field);
    }
    if factors.iter().flatten().all(|factor| *factor == 0.0) {
        let why = "every column is constant, so its standard deviation is 0; use --scale absolute";
        return Err(MaskError::Nothing(why.into()));
    }
    Ok(factors)
}

fn check_clip(dataset: &Dataset, mask: &Mask, low: f64, high: f64) -> Result<(), MaskError> {
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Err(MaskError::Clip(low, high));
    }
    for (field, factors) in dataset.fields.iter().zip(&mask.factors) {
        // The ends as the type of the field stores them: 0.1 is a little more than 0.1 in 32 bits.
        let (least, most) = (field.dtype().realise(low), field.dtype().realise(high));
        let outside = |row: usize| {
            let (_, start, width) = field.shape.row(row)?;
            let values = (start..start.saturating_add(width)).filter_map(|i| field.values.number(i));
            let mut perturbed =
                factors.iter().enumerate().cycle().zip(values).filter(|((_, f), _)| **f != 0.0);
            let ((element, _), value) = perturbed.find(|(_, v)| !(least..=most).contains(v))?;
            Some((element, value))
        };
        let found = (0..dataset.rows).find_map(|row| Some((row, outside(row)?)));
        if let Some((row, (element, value))) = found {
            return Err(MaskError::Outside { row, place: field.element(element), value, low, high });
        }
    }
    Ok(())
}

/// Why no element is perturbed, and what to do about it.
fn left_out(dataset: &Dataset, noise: &NoiseSpec) -> String {
    if noise.perturb.is_some() {
        return "--perturb names no column; name those that noise is to be added to".to_owned();
    }
    let fields = || dataset.fields.iter();
    let could: Vec<String> = fields()
        .filter(|field| field.dtype().takes_noise())
        .map(|field| format!("`{}`", field.name))
        .collect();
    if !could.is_empty() {
        let could = could.join(", ");
        return format!("--fix names all of {could}; leave out of it what noise is to be added to");
    }
    let are: Vec<String> =
        fields().map(|field| format!("`{}` is {}", field.name, Dtype::name(field.dtype()))).collect();
    let number = fields().find(|field| field.dtype() != Dtype::Bytes);
    let floats = number.map_or_else(String::new, |field| {
        format!("; where these are measurements, store them as floats: {}.astype('float32'); in JSON write 1.0 for 1, or name them in --perturb", field.name)
    });
    format!("{}, and noise is added to floats and to UINT8 (images) alone{floats}", are.join(", "))
}

#[cfg(test)]
mod tests;
