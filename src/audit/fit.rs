//! Whether the data fit what the server tells of the model, found before a row is sent.

use noisebound_adapters::{Description, Dtype, Port};

use crate::data::{Dataset, Field};

/// How the data do not fit the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// There are more or fewer fields than inputs.
    #[error("the data have {fields} but the model has {inputs}; choose a field with FILE.npz:NAME")]
    Count {
        /// The fields, named.
        fields: String,
        /// The inputs, named.
        inputs: String,
    },
    /// An input has no field.
    #[error("the model's input '{input}' has no field of that name in the data, which have {fields}")]
    Missing {
        /// The input.
        input: String,
        /// The fields, named.
        fields: String,
    },
    /// The dimensions differ.
    #[error(
        "a row of field '{field}' has the shape {found}, but the model's input '{input}' takes {expected}; give data \
         of that shape, or another --model"
    )]
    Shape {
        /// The field of the data.
        field: String,
        /// The input of the model.
        input: String,
        /// The shape that the model takes, -1 for any size.
        expected: String,
        /// The shape of the data.
        found: String,
    },
    /// Numbers where strings are expected, or the other way round.
    #[error("field '{field}' holds {found}, but the model's input '{input}' takes {expected}")]
    Type {
        /// The field of the data.
        field: String,
        /// The input of the model.
        input: String,
        /// The type that the model takes.
        expected: &'static str,
        /// The type of the data.
        found: &'static str,
    },
    /// The batch is too large.
    #[error("a batch of {batch} rows (-b) is more than this endpoint takes in one request: {most}; lower -b")]
    Batch {
        /// What was asked for.
        batch: usize,
        /// What the endpoint takes.
        most: usize,
    },
}

/// Checks the fields against the inputs, where the server tells them, and the batch.
pub fn fit(dataset: &Dataset, description: &Description, batch: usize) -> Result<(), Misfit> {
    if let Some(most) = description.max_batch
        && batch > most
    {
        return Err(Misfit::Batch { batch, most });
    }
    let inputs = &description.inputs;
    if inputs.is_empty() {
        return Ok(());
    }
    let fields = || names("field", dataset.fields.iter().map(|field| &*field.name));
    if inputs.len() != dataset.fields.len() {
        let inputs = names("input", inputs.iter().map(|input| input.name.as_str()));
        return Err(Misfit::Count { fields: fields(), inputs });
    }
    for input in inputs {
        // A single field serves a single input whatever it is called.
        let named = dataset.fields.iter().find(|field| *field.name == *input.name);
        let field = if inputs.len() == 1 { dataset.fields.first() } else { named };
        let field = field.ok_or_else(|| Misfit::Missing { input: input.name.clone(), fields: fields() })?;
        fit_one(field, input)?;
    }
    Ok(())
}

fn fit_one(field: &Field, input: &Port) -> Result<(), Misfit> {
    let found = field.values.dtype();
    if let Some(expected) = input.dtype
        && (expected == Dtype::Bytes) != (found == Dtype::Bytes)
    {
        let (field, input) = (field.name.to_string(), input.name.clone());
        return Err(Misfit::Type { field, input, expected: expected.name(), found: found.name() });
    }
    let Some(shape) = &input.shape else { return Ok(()) };
    let fits = shape.len() == field.shape.len()
        && shape
            .iter()
            .zip(field.shape.iter())
            .all(|(takes, has)| *takes < 0 || u64::try_from(*takes) == Ok(*has as u64));
    if fits {
        return Ok(());
    }
    let (expected, found) = (format!("{shape:?}"), format!("{:?}", field.shape));
    Err(Misfit::Shape { field: field.name.to_string(), input: input.name.clone(), expected, found })
}

fn names<'a>(what: &str, names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let (count, listed) = (names.len(), names.collect::<Vec<_>>().join(", "));
    format!("{count} {what}{} ({listed})", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use noisebound_adapters::Values;

    use super::*;

    fn dataset(names: &[&str], shape: &[usize]) -> Dataset {
        let size = shape.iter().product();
        let field = |name: &&str| Field {
            name: (*name).into(),
            shape: shape.into(),
            values: Values::F32(vec![0.0; size]),
            columns: None,
        };
        Dataset { fields: names.iter().map(field).collect(), rows: 1, targets: None, blake3: String::new() }
    }

    fn description(inputs: &[(&str, &[i64])]) -> Description {
        let port = |(name, shape): &(&str, &[i64])| Port {
            name: (*name).to_owned(),
            dtype: Some(Dtype::F32),
            shape: Some(shape.to_vec()),
        };
        Description {
            inputs: inputs.iter().map(port).collect(),
            max_batch: Some(8),
            ..Description::default()
        }
    }

    #[test]
    fn one_field_fits_one_input_of_its_shape() {
        assert_eq!(fit(&dataset(&["a"], &[64]), &description(&[("x", &[64])]), 8), Ok(()));
        assert_eq!(fit(&dataset(&["a"], &[3, 9]), &description(&[("x", &[3, -1])]), 8), Ok(()));
        let told = fit(&dataset(&["a"], &[8, 8]), &description(&[("x", &[64])]), 8).unwrap_err().to_string();
        let shapes = "a row of field 'a' has the shape [8, 8], but the model's input 'x' takes [64]; ";
        assert!(told.starts_with(shapes), "{told}");
    }

    #[test]
    fn several_inputs_are_found_by_name() {
        let two = description(&[("b", &[4]), ("a", &[4])]);
        assert_eq!(fit(&dataset(&["a", "b"], &[4]), &two, 1), Ok(()));
        assert!(matches!(fit(&dataset(&["a", "c"], &[4]), &two, 1), Err(Misfit::Missing { .. })));
        assert!(matches!(fit(&dataset(&["a"], &[4]), &two, 1), Err(Misfit::Count { .. })));
    }

    #[test]
    fn a_batch_is_held_to_what_the_server_takes() {
        let one = dataset(&["a"], &[4]);
        assert_eq!(fit(&one, &description(&[]), 9), Err(Misfit::Batch { batch: 9, most: 8 }));
        assert_eq!(fit(&one, &description(&[]), 8), Ok(()));
    }
}
