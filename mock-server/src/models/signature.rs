//! What a model is called, and the shapes of what goes in and comes out.

/// What kind of answer a model gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A score for each class; the class is the place of the greatest.
    Classification,
    /// Numbers.
    Regression,
}

/// The width of the floating-point numbers in which a model is asked and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Inputs are rounded to 32 bits before the model sees them, outputs before they are sent.
    Single,
    /// 64 bits throughout.
    Double,
}

impl Precision {
    /// The value as a tensor of this precision holds it.
    #[inline]
    pub fn round(self, value: f64) -> f64 {
        match self {
            Precision::Single => f64::from(value as f32),
            Precision::Double => value,
        }
    }
}

/// One output of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// How many values it holds for one row, at least one.
    pub size: usize,
}

/// The name of a model and the shapes of what goes in and comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name under which it is deployed.
    pub name: String,
    /// What it answers.
    pub task: Task,
    /// The numbers it is asked with and answers with.
    pub precision: Precision,
    /// The dimensions of one row of its one input, which is called `x`.
    pub shape: Vec<usize>,
    /// Its outputs, in their order.
    pub outputs: Vec<Output>,
}

impl Signature {
    /// The name of the one input of every model here.
    pub const INPUT: &'static str = "x";

    /// A model with one input of `width` values and one output.
    ///
    /// The output is called `probabilities` for a classifier, `prediction` for a regression.
    pub fn plain(name: &str, task: Task, precision: Precision, width: usize, size: usize) -> Self {
        let output = match task {
            Task::Classification => "probabilities",
            Task::Regression => "prediction",
        };
        let outputs = vec![Output { name: output.to_owned(), size }];
        Self { name: name.to_owned(), task, precision, shape: vec![width], outputs }
    }

    /// The number of values of one row.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// The number of values of the answer for one row, all outputs together.
    pub fn answer_width(&self) -> usize {
        self.outputs.iter().map(|output| output.size).sum()
    }
}
