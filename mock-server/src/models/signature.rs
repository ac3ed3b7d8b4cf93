//! What a model is called, and the shapes and types of what goes in and comes out.

use super::{Element, Values};

/// What kind of answer a model gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A score for each class; the class is the place of the greatest.
    Classification,
    /// Numbers.
    Regression,
}

/// The width of the floating-point numbers in which a plain model is asked and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Inputs are rounded to 32 bits before the model sees them, outputs before they are sent.
    Single,
    /// 64 bits throughout.
    Double,
}

impl Precision {
    /// The type of numbers of this width.
    pub fn element(self) -> Element {
        match self {
            Precision::Single => Element::Fp32,
            Precision::Double => Element::Fp64,
        }
    }
}

/// One input of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// The type of its elements.
    pub element: Element,
    /// The dimensions for one row.
    pub shape: Vec<usize>,
    /// Whether a request may leave it out.
    pub optional: bool,
}

impl Input {
    /// An input that each request must have.
    pub fn new(name: &str, element: Element, shape: &[usize]) -> Self {
        Self { name: name.to_owned(), element, shape: shape.to_vec(), optional: false }
    }

    /// How many values one row gives it.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }
}

/// One output of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The type of its elements. Texts are the labels at the places that the model answers.
    pub element: Element,
    /// How many values it holds for one row, at least one.
    pub size: usize,
    /// The names of its classes, where it has such.
    pub labels: Vec<String>,
}

impl Output {
    /// An output whose values have no names.
    pub fn new(name: &str, element: Element, size: usize) -> Self {
        Self { name: name.to_owned(), element, size, labels: Vec::new() }
    }
}

/// The name of a model, and the shapes and types of what goes in and comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name under which it is deployed.
    pub name: String,
    /// What it answers.
    pub task: Task,
    /// The most rows in one request; `None` where it has no batch dimension and takes one row without.
    pub max_batch: Option<usize>,
    /// Its inputs, in their order, at least one.
    pub inputs: Vec<Input>,
    /// Its outputs, in their order.
    pub outputs: Vec<Output>,
}

impl Signature {
    /// The name of the one input of a plain model.
    pub const INPUT: &'static str = "x";

    /// The most rows in one request to a plain model.
    pub const MAX_BATCH: usize = 64;

    /// A model with one input of `width` values, called `x`, and one output.
    ///
    /// The output is called `probabilities` for a classifier, `prediction` for a regression.
    pub fn plain(name: &str, task: Task, precision: Precision, width: usize, size: usize) -> Self {
        let output = match task {
            Task::Classification => "probabilities",
            Task::Regression => "prediction",
        };
        let element = precision.element();
        Self {
            name: name.to_owned(),
            task,
            max_batch: Some(Self::MAX_BATCH),
            inputs: vec![Input::new(Self::INPUT, element, &[width])],
            outputs: vec![Output::new(output, element, size)],
        }
    }

    /// The number of values that one row gives the first input.
    pub fn width(&self) -> usize {
        self.inputs.first().map_or(0, Input::width)
    }

    /// The number of values of the answer for one row, all outputs together.
    pub fn answer_width(&self) -> usize {
        self.outputs.iter().map(|output| output.size).sum()
    }

    /// Rounds the answer for one row to what the outputs hold.
    pub fn round(&self, answer: &mut [f64]) {
        let elements =
            self.outputs.iter().flat_map(|output| std::iter::repeat_n(output.element, output.size));
        for (value, element) in answer.iter_mut().zip(elements) {
            if !value.is_nan() && element != Element::Bytes {
                *value = element.round(*value);
            }
        }
    }
}

/// The rows of one request: what they give each input of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// How many rows there are.
    pub rows: usize,
    /// For each input in the order of the signature the values of all rows, one row after the other; none where
    /// an optional input was left out.
    pub inputs: Vec<Values>,
}

impl Batch {
    /// Rows of numbers for the first input alone, as its type holds them. `None` where another input must have
    /// values too, or the numbers are no whole rows.
    pub fn of_numbers(signature: &Signature, numbers: Vec<f64>) -> Option<Self> {
        let (first, others) = signature.inputs.split_first()?;
        let rows = numbers.len().checked_div(first.width())?;
        if numbers.len() != rows * first.width() || others.iter().any(|input| !input.optional) {
            return None;
        }
        let values = std::iter::once(Values::from_numbers(first.element, numbers));
        let inputs = values.chain(others.iter().map(|input| Values::none(input.element))).collect();
        Some(Self { rows, inputs })
    }

    /// What row number `row` gives each input.
    pub fn row(&self, row: usize) -> Vec<Values> {
        let part = |values: &Values| {
            let width = values.len().checked_div(self.rows).unwrap_or(0);
            values.part(row * width, width)
        };
        self.inputs.iter().map(part).collect()
    }
}
