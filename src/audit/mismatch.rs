//! Where the type that the model takes lets one doubt whether noise is added to what it is meant for: noise on whole
//! numbers that may be ids, and measurements that get none as the data hold them as whole numbers.
//!
//! Pure. Invariant: advice and no claim; what was said with `--perturb` or `--fix` is not doubted.

use noisebound_adapters::Dtype;

use crate::config::question::NoiseSpec;
use crate::data::{Dataset, Field};
use crate::noise::Mask;

/// So many columns are named.
const NAMED: usize = 5;

/// A sentence for each field of which that is to be doubted. `inputs` are the types in which the model takes the fields,
/// as [`input_types`](super::realised::input_types) gives them.
pub(super) fn mismatches(
    dataset: &Dataset,
    mask: &Mask,
    noise: &NoiseSpec,
    inputs: &[Vec<Option<Dtype>>],
) -> Vec<String> {
    if noise.perturb.is_some() {
        return Vec::new();
    }
    let fields = dataset.fields.iter().zip(&mask.factors).zip(inputs);
    fields.filter_map(|((field, factors), inputs)| of_field(field, factors, noise, inputs)).collect()
}

fn of_field(field: &Field, factors: &[f64], noise: &NoiseSpec, inputs: &[Option<Dtype>]) -> Option<String> {
    let names: Vec<&str> = match (&field.columns, inputs.len()) {
        (Some(columns), several) if several == columns.len() => columns.iter().map(String::as_str).collect(),
        _ => vec![&*field.name],
    };
    let fixed = |name: &str| noise.fix.iter().flatten().any(|fixed| fixed == name);
    // One factor may stand for many inputs, and many factors for one.
    let perturbed = |place: usize| match (factors.len(), inputs.len()) {
        (all, several) if all == several => factors[place] != 0.0,
        _ => factors.iter().any(|factor| *factor != 0.0),
    };
    let those = |noisy: bool, of: fn(Dtype) -> bool| -> (Vec<&str>, Option<Dtype>) {
        let each = names.iter().zip(inputs).enumerate();
        let found = each.filter_map(|(place, (name, input))| {
            let input = (*input)?;
            (perturbed(place) == noisy && of(input)).then_some((*name, input))
        });
        let found: Vec<_> = found.collect();
        (found.iter().map(|(name, _)| *name).collect(), found.first().map(|(_, input)| *input))
    };
    let data = field.dtype();
    if data.is_float() {
        let (names, input) = those(true, is_whole);
        return input.map(|input| {
            format!(
                "noise is added to {}, which the model takes as {}: it arrives rounded to whole numbers; where these are ids \
                 or classes and no measurements, leave them out with --fix",
                listed(&names),
                input.name()
            )
        });
    }
    if !is_whole(data) || fixed(&field.name) {
        return None;
    }
    let (names, input) = those(false, Dtype::is_float);
    input.map(|input| {
        format!(
            "no noise is added to {}: the data hold {} and the model takes {}; where these are measurements, store them as \
             floats (in JSON write 1.0 for 1, or name them in --perturb), else leave them out with --fix",
            listed(&names),
            data.name(),
            input.name()
        )
    })
}

/// Whether the values of a type may be ids: whole numbers but those of pixels.
const fn is_whole(dtype: Dtype) -> bool {
    !matches!(dtype, Dtype::Bool | Dtype::Bytes) && !dtype.takes_noise()
}

fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named = names.iter().take(NAMED).map(|name| format!("`{}`", name.escape_debug()));
    let more = (more > 0).then(|| format!("{more} more"));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use noisebound_adapters::Values;

    use super::*;
    use crate::config::question::Scale;
    use crate::data::mask;

    fn field(name: &str, values: Values, columns: Option<&[&str]>) -> Field {
        let width = columns.map_or(1, <[&str]>::len);
        let columns = columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        Field { name: name.into(), shape: [width][..].into(), values, columns }
    }

    fn said(fields: Vec<Field>, noise: &NoiseSpec, inputs: &[&[Option<Dtype>]]) -> Vec<String> {
        let dataset = Dataset { fields, rows: 2, targets: None, blake3: String::new() };
        let mask = mask(&dataset, noise).unwrap();
        let inputs: Vec<_> = inputs.iter().map(|inputs| inputs.to_vec()).collect();
        mismatches(&dataset, &mask, noise, &inputs)
    }

    fn spec(perturb: Option<&[&str]>, fix: Option<&[&str]>) -> NoiseSpec {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        NoiseSpec {
            family: "gaussian".into(),
            scale: Scale::Absolute,
            clip: None,
            perturb: perturb.map(owned),
            fix: fix.map(owned),
        }
    }

    fn two() -> Vec<Field> {
        let x = field("x", Values::F64(vec![1.0, 2.0]), None);
        vec![x, field("id", Values::I64(vec![7, 8]), None)]
    }

    #[test]
    fn noise_on_whole_numbers_is_doubted() {
        let told = said(two(), &spec(None, None), &[&[Some(Dtype::I64)], &[Some(Dtype::I64)]]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("noise is added to `x`, which the model takes as INT64"), "{told:?}");
        let types = [&[Some(Dtype::I64)][..], &[Some(Dtype::I64)]];
        assert!(said(two(), &spec(Some(&["x"]), None), &types).is_empty(), "asked for");
        for fine in [Some(Dtype::F32), Some(Dtype::U8), None] {
            assert!(said(two(), &spec(None, None), &[&[fine], &[Some(Dtype::I64)]]).is_empty(), "{fine:?}");
        }
    }

    #[test]
    fn whole_numbers_that_the_model_takes_as_floats_are_doubted() {
        let types = [&[Some(Dtype::F32)][..], &[Some(Dtype::F32)]];
        let told = said(two(), &spec(None, None), &types);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with("no noise is added to `id`: the data hold INT64 and the model takes FP32")
        );
        assert!(said(two(), &spec(None, Some(&["id"])), &types).is_empty(), "said so");
        assert!(said(two(), &spec(Some(&["x"]), None), &types).is_empty(), "said so");
    }

    #[test]
    fn columns_are_named_one_by_one() {
        let columns = ["age", "fare", "deck"];
        let table = || vec![field("x", Values::F64(vec![0.0, 1.5, 2.0, 3.0, 4.0, 5.0]), Some(&columns))];
        let inputs = [Some(Dtype::I64), Some(Dtype::F32), Some(Dtype::I32)];
        let told = said(table(), &spec(None, None), &[&inputs]);
        assert!(
            told[0].starts_with("noise is added to `age`, `deck`, which the model takes as INT64"),
            "{told:?}"
        );
        let told = said(table(), &spec(None, Some(&["age"])), &[&inputs]);
        assert!(told[0].starts_with("noise is added to `deck`, which the model takes as INT32"), "{told:?}");
        assert!(said(table(), &spec(None, Some(&["age", "deck"])), &[&inputs]).is_empty());
    }
}
