//! A dense network, read from JSON.
//!
//! All arithmetic is in 64 bits and every sum runs in index order, so that the answers are the same bits on
//! every machine. The shapes are checked when the file is read; from then on nothing can fail.

use serde::Deserialize;

use super::{Context, Model, Precision, Signature, Task, affine};

/// Why a file does not hold a network.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The text is not the JSON expected.
    #[error("the network cannot be read")]
    Json(#[from] serde_json::Error),
    /// The shapes do not fit together.
    #[error("layer {layer} of the network: expected {expected} {what}, found {found}")]
    Shape {
        /// The place of the layer, counted from 0.
        layer: usize,
        /// What was counted.
        what: &'static str,
        /// How many were expected.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// There is no layer, so there is no output.
    #[error("the network has no layer; expected at least one")]
    Empty,
}

/// The file: one affine map for each layer, the same function between them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    task: FileTask,
    input_shape: Vec<usize>,
    #[serde(default = "one")]
    input_scale: f64,
    layers: Vec<Layer>,
    activation: Activation,
    output: Last,
    #[serde(default)]
    classes: Option<usize>,
}

fn one() -> f64 {
    1.0
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum FileTask {
    Classification,
    Regression,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Activation {
    Relu,
}

/// What is done with the values of the last layer.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Last {
    Softmax,
    Identity,
}

/// `y = W x + b`; a row of the weights for each unit.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
struct Layer {
    weights: Vec<Vec<f64>>,
    bias: Vec<f64>,
}

/// A dense network with rectified layers.
#[derive(Debug, Clone)]
pub struct Network {
    scale: f64,
    layers: Vec<Layer>,
    last: Last,
    signature: Signature,
}

impl Network {
    /// Reads a network and checks that its layers fit together.
    ///
    /// It is asked in 32 bits and answers in 32 bits, as deployed networks do; in between it counts in 64.
    pub fn from_json(text: &str) -> Result<Self, NetworkError> {
        let file: File = serde_json::from_str(text)?;
        let Activation::Relu = file.activation;
        let mut width = file.input_shape.iter().product();
        for (place, layer) in file.layers.iter().enumerate() {
            check(place, "biases", layer.weights.len(), layer.bias.len())?;
            for unit in &layer.weights {
                check(place, "weights a unit", width, unit.len())?;
            }
            width = layer.bias.len();
        }
        let last = file.layers.len().checked_sub(1).ok_or(NetworkError::Empty)?;
        check(last, "units", file.classes.unwrap_or(width.max(1)), width)?;
        let task = match file.task {
            FileTask::Classification => Task::Classification,
            FileTask::Regression => Task::Regression,
        };
        let mut signature = Signature::plain(&file.name, task, Precision::Single, 0, width);
        for input in &mut signature.inputs {
            input.shape.clone_from(&file.input_shape);
        }
        Ok(Self { scale: file.input_scale, layers: file.layers, last: file.output, signature })
    }
}

fn check(layer: usize, what: &'static str, expected: usize, found: usize) -> Result<(), NetworkError> {
    if expected == found { Ok(()) } else { Err(NetworkError::Shape { layer, what, expected, found }) }
}

impl Model for Network {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict(&self, x: &[f64], _: &mut Context) -> Vec<f64> {
        let mut values: Vec<f64> = x.iter().map(|value| value * self.scale).collect();
        for (place, layer) in self.layers.iter().enumerate() {
            if place > 0 {
                for value in &mut values {
                    *value = value.max(0.0);
                }
            }
            let units = layer.weights.iter().zip(&layer.bias);
            values = units.map(|(weights, bias)| affine(weights, *bias, &values)).collect();
        }
        if self.last == Last::Softmax {
            softmax(&mut values);
        }
        values
    }
}

/// `e^v / sum e^v`, taken from the greatest value so that it cannot overflow.
fn softmax(values: &mut [f64]) {
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = libm::exp(*value - greatest);
        sum += *value;
    }
    for value in values.iter_mut() {
        *value /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"{"name":"small","task":"classification","input_shape":[2],"input_scale":0.5,
        "layers":[{"weights":[[1,0],[0,1],[-1,-1]],"bias":[0,-1,0]},
                  {"weights":[[1,2,3],[0,1,0]],"bias":[0.25,0]}],
        "activation":"relu","output":"identity","classes":2}"#;

    fn ask(text: &str, x: &[f64]) -> Vec<f64> {
        Network::from_json(text).unwrap().predict(x, &mut Context::new(0, 0))
    }

    #[test]
    fn the_layers_are_followed_by_hand() {
        // Scaled [2, 3]; first layer [2, 2, -5] -> [2, 2, 0]; second [2 + 4 + 0.25, 2].
        assert_eq!(ask(SMALL, &[4.0, 6.0]), [6.25, 2.0]);
        // Scaled [-2, 0.5]; first layer [-2, -0.5, 1.5] -> [0, 0, 1.5]; second [4.75, 0].
        assert_eq!(ask(SMALL, &[-4.0, 1.0]), [4.75, 0.0]);
    }

    #[test]
    fn a_softmax_sums_to_one_and_survives_great_values() {
        let text = SMALL.replace("identity", "softmax");
        let scores = ask(&text, &[4.0, 6.0]);
        assert!((scores[0] - 1.0 / (1.0 + (-4.25f64).exp())).abs() < 1e-15);
        assert_eq!(ask(&text, &[1e6, 1e6]), [1.0, 0.0]);
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        for (from, to, message) in [
            ("[0,1],", "[0,1,2],", "layer 0 of the network: expected 2 weights a unit, found 3"),
            ("[0,-1,0]", "[0,-1]", "layer 0 of the network: expected 3 biases, found 2"),
            (r#""classes":2"#, r#""classes":3"#, "layer 1 of the network: expected 3 units, found 2"),
        ] {
            let error = Network::from_json(&SMALL.replace(from, to)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        assert!(matches!(Network::from_json("{}"), Err(NetworkError::Json(_))));
    }
}
