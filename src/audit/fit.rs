//! Whether the data fit what the server tells of the model, found before a row is sent.

use noisebound_adapters::{Description, Dtype, Port, Shape};

use super::columns::Apart;
use crate::data::{Dataset, Field};
use crate::form::{FORMS, Forming};
use crate::nearest::nearest;

/// How the data do not fit the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// An input has no field.
    #[error("the model's input '{input}' has no field of that name in the data, which have {fields}; {mend}")]
    Missing {
        /// The input.
        input: String,
        /// The fields, named.
        fields: String,
        /// What to do.
        mend: String,
    },
    /// A field has no input.
    #[error("the model has no input '{field}', only {inputs}; {mend}")]
    Unknown {
        /// The field, or the column.
        field: String,
        /// The inputs, named.
        inputs: String,
        /// What to do.
        mend: &'static str,
    },
    /// The dimensions differ.
    #[error("{row} has the shape {found}, but the model's {takes}; {mend}")]
    Shape {
        /// A row of the data, or the file, with its field.
        row: String,
        /// The input of the model, and the shape that it takes, -1 for any size.
        takes: String,
        /// The shape of the data.
        found: String,
        /// What to do.
        mend: String,
    },
    /// Numbers where strings are expected, or the other way round.
    #[error("field '{field}' is sent as {found}, but the model's input '{input}' takes {expected}{hint}")]
    Type {
        /// The field of the data.
        field: String,
        /// The input of the model.
        input: String,
        /// The type that the model takes.
        expected: &'static str,
        /// The type of the data, as they are sent.
        found: &'static str,
        /// What to do, for images.
        hint: &'static str,
    },
    /// A value does not arrive as it is.
    #[error(
        "{row}, {place} is {value}, and the model takes {dtype}, in which that is another number; {mend}"
    )]
    Lost {
        /// The row, counted from 0, or the file.
        row: String,
        /// The column or element.
        place: String,
        /// The value.
        value: String,
        /// The type that the model takes.
        dtype: &'static str,
        /// What to do.
        mend: &'static str,
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

/// Checks the fields, in the form in which they are sent, against the inputs, where the server tells them, and the
/// batch.
pub fn fit(
    dataset: &Dataset,
    form: Option<&Forming>,
    description: &Description,
    batch: usize,
) -> Result<(), Misfit> {
    if let Some(most) = description.max_batch
        && batch > most
    {
        return Err(Misfit::Batch { batch, most });
    }
    let inputs = &description.inputs;
    if inputs.is_empty() {
        return Ok(());
    }
    match Apart::of(dataset, inputs) {
        Some(apart) => pairs(&apart.fields(dataset), None, inputs, true),
        None => pairs(&dataset.fields, form, inputs, false),
    }
}

/// The places of the fields that have no input of their name, and the inputs that have no field and need one.
fn left<'a>(fields: &[Field], inputs: &'a [Port]) -> (Vec<usize>, Vec<&'a Port>) {
    let named = |name: &str| fields.iter().any(|field| *field.name == *name);
    let is_input = |place: &usize| inputs.iter().any(|input| *input.name == *fields[*place].name);
    let fields_left = (0..fields.len()).filter(|place| !is_input(place)).collect();
    let left = inputs.iter().filter(|input| !named(&input.name));
    (fields_left, left.filter(|input| !input.optional || inputs.len() == 1).collect())
}

/// The input that each field goes to, where one is known: that of its name, or what is left of both.
pub(super) fn inputs_of<'a>(fields: &[Field], inputs: &'a [Port]) -> Vec<Option<&'a Port>> {
    let named = fields.iter().map(|field| inputs.iter().find(|input| *input.name == *field.name));
    let mut found: Vec<_> = named.collect();
    let (fields_left, left) = left(fields, inputs);
    if let (&[place], &[input]) = (&*fields_left, &*left) {
        found[place] = Some(input);
    }
    found
}

/// Pairs each field with an input: by name, or as what is left of both. `columns`: the fields are those of a table.
fn pairs(fields: &[Field], form: Option<&Forming>, inputs: &[Port], columns: bool) -> Result<(), Misfit> {
    let place_of = |name: &str| fields.iter().position(|field| *field.name == *name);
    let (fields_left, left) = left(fields, inputs);
    for (place, input) in inputs.iter().filter_map(|input| Some((place_of(&input.name)?, input))) {
        fit_each(fields, place, form, input)?;
    }
    match (&fields_left[..], &left[..]) {
        ([], []) => Ok(()),
        // A single field serves a single input whatever it is called.
        ([place], [input]) => fit_each(fields, *place, form, input),
        (_, [input, ..]) => Err(Misfit::Missing {
            input: input.name.clone(),
            fields: names("field", fields.iter().map(|field| &*field.name)),
            mend: missing(input, fields_left.iter().map(|place| &*fields[*place].name)),
        }),
        ([place, ..], []) => Err(Misfit::Unknown {
            field: fields[*place].name.to_string(),
            inputs: names("input", inputs.iter().map(|input| input.name.as_str())),
            mend: if columns {
                "drop that column of the table"
            } else {
                "leave that array or column out of the data"
            },
        }),
    }
}

/// What to do about an input without a field; these are the fields without an input.
fn missing<'a>(input: &Port, left: impl Iterator<Item = &'a str> + Clone) -> String {
    let likely = nearest(&input.name, left);
    let renamed = likely.map(|name| format!("rename '{name}' if it is meant, ")).unwrap_or_default();
    format!(
        "{renamed}name several arrays of an npz with FILE.npz:ONE,OTHER, or give the same value in every request with \
         --input {}=VALUE",
        input.name
    )
}

/// Whether the rows of a field, in the form in which they are sent, fit the input.
fn fit_each(fields: &[Field], place: usize, form: Option<&Forming>, input: &Port) -> Result<(), Misfit> {
    let field = &fields[place];
    let used = form.map(Forming::name);
    for (shape, row) in field.shape.each() {
        let (formed, found) = form
            .map_or((Shape::clone(shape), field.dtype()), |form| form.becomes(place, shape, field.dtype()));
        fit_one(field, row, &formed, (found, used), input)?;
    }
    Ok(())
}

/// Whether rows that are sent in these dimensions and this type fit the input.
fn fit_one(
    field: &Field,
    row: usize,
    sent: &[usize],
    (found, form): (Dtype, Option<&'static str>),
    input: &Port,
) -> Result<(), Misfit> {
    let image = field.holds_images();
    if let Some(expected) = input.dtype
        && (expected == Dtype::Bytes) != (found == Dtype::Bytes)
    {
        let hint = match found {
            Dtype::Bytes => "; send the pixels: --send-as tensor, nhwc or nchw",
            _ if image => "; send files: --send-as png",
            _ => "",
        };
        let (field, input) = (field.name.to_string(), input.name.clone());
        return Err(Misfit::Type { field, input, expected: expected.name(), found: found.name(), hint });
    }
    let Some(shape) = &input.shape else { return Ok(()) };
    let takes = |(takes, has): (&i64, &usize)| *takes < 0 || u64::try_from(*takes) == Ok(*has as u64);
    // One value, or a file, is one element, in however many dimensions.
    let lone = sent.is_empty() && shape.iter().all(|size| takes((size, &1)));
    let fits = |sent: &[usize]| shape.len() == sent.len() && shape.iter().zip(sent).all(takes);
    // A grey image may go without its dimension of one channel.
    let grey = match sent {
        [image @ .., 1] | [1, image @ ..] if field.holds_images() => fits(image),
        _ => false,
    };
    if lone || grey || fits(sent) {
        return Ok(());
    }
    let (takes, found) = (format!("input '{}' takes {shape:?}", input.name), format!("{sent:?}"));
    let (row, mend) = if image {
        (field.shape.name(row), resize(shape, sent, form))
    } else {
        ("a row".to_owned(), "give data of that shape, or another --model".to_owned())
    };
    let row = format!("{row} of field '{}'", field.name);
    Err(Misfit::Shape { row, takes, found, mend })
}

/// What to do about images that are sent in one shape, and in this form, where the model takes another.
fn resize(takes: &[i64], sent: &[usize], used: Option<&'static str>) -> String {
    let sent: Vec<i64> = sent.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect();
    let used = used.unwrap_or("tensor");
    let others: Vec<&str> = FORMS.iter().map(|kind| kind.name).filter(|name| *name != used).collect();
    let forms = format!("--send-as {}", others.join(", "));
    match (size(takes), size(&sent)) {
        (Some(takes), Some(sent)) if takes != sent && takes.0 > 0 && takes.1 > 0 => {
            let (height, width) = takes;
            format!(
                "make the images alike (mogrify -resize {width}x{height}! FILES), or send another form: {forms}"
            )
        }
        (Some(_), Some(_)) => format!(
            "send another form: {forms}; where only the channels differ, change them (mogrify -colorspace gray FILES)"
        ),
        _ => format!("send another form: {forms}"),
    }
}

/// Height and width of an image in these dimensions, channels first or last.
fn size(shape: &[i64]) -> Option<(i64, i64)> {
    match *shape {
        [height, width] | [1 | 3, height, width] | [height, width, 1 | 3] => Some((height, width)),
        _ => None,
    }
}

fn names<'a>(what: &str, names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let (count, listed) = (names.len(), names.collect::<Vec<_>>().join(", "));
    format!("{count} {what}{} ({listed})", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use noisebound_adapters::Values;

    use super::*;

    fn fit_bare(dataset: &Dataset, description: &Description, batch: usize) -> Result<(), Misfit> {
        fit(dataset, None, description, batch)
    }

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
            optional: false,
        };
        Description {
            inputs: inputs.iter().map(port).collect(),
            max_batch: Some(8),
            ..Description::default()
        }
    }

    #[test]
    fn one_field_fits_one_input_of_its_shape() {
        assert_eq!(fit_bare(&dataset(&["a"], &[64]), &description(&[("x", &[64])]), 8), Ok(()));
        assert_eq!(fit_bare(&dataset(&["a"], &[3, 9]), &description(&[("x", &[3, -1])]), 8), Ok(()));
        let told =
            fit_bare(&dataset(&["a"], &[8, 8]), &description(&[("x", &[64])]), 8).unwrap_err().to_string();
        let shapes = "a row of field 'a' has the shape [8, 8], but the model's input 'x' takes [64]; ";
        assert!(told.starts_with(shapes), "{told}");
    }

    #[test]
    fn several_inputs_are_found_by_name() {
        let two = description(&[("b", &[4]), ("a", &[4])]);
        assert_eq!(fit_bare(&dataset(&["a", "b"], &[4]), &two, 1), Ok(()));
        assert_eq!(fit_bare(&dataset(&["a", "c"], &[4]), &two, 1), Ok(()), "one of each is left");
        let told = |names: &[&str]| fit_bare(&dataset(names, &[4]), &two, 1).unwrap_err().to_string();
        let missing = "the model's input 'b' has no field of that name in the data, which have 1 field (a); ";
        let one = told(&["a"]);
        assert!(one.starts_with(missing) && one.contains("--input b=VALUE"), "{one}");
        assert!(told(&["c"]).starts_with("the model's input 'b' has no field"), "{}", told(&["c"]));
        assert_eq!(
            told(&["a", "b", "c"]),
            "the model has no input 'c', only 2 inputs (b, a); leave that array or column out of the data"
        );
    }

    #[test]
    fn an_optional_input_may_be_left_out() {
        let mut two = description(&[("a", &[4]), ("b", &[4])]);
        two.inputs[1].optional = true;
        for names in [&["a"][..], &["anything"], &["a", "b"]] {
            assert_eq!(fit_bare(&dataset(names, &[4]), &two, 1), Ok(()));
        }
    }

    #[test]
    fn one_value_is_a_row_of_one() {
        let ids = description(&[("id", &[1]), ("x", &[-1])]);
        assert_eq!(fit_bare(&dataset(&["id", "x"], &[]), &ids, 1), Ok(()));
        let wide = description(&[("x", &[2])]);
        assert!(matches!(fit_bare(&dataset(&["x"], &[]), &wide, 1), Err(Misfit::Shape { .. })));
    }

    #[test]
    fn a_batch_is_held_to_what_the_server_takes() {
        let one = dataset(&["a"], &[4]);
        assert_eq!(fit(&one, None, &description(&[]), 9), Err(Misfit::Batch { batch: 9, most: 8 }));
        assert_eq!(fit(&one, None, &description(&[]), 8), Ok(()));
    }
}
