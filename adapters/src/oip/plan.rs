//! How rows become requests for one model, fixed once the server has told what it tells.

use super::{Config, Model, Server, TritonOptions};
use crate::{Description, Dtype, Failure, FailureKind, Port, Row};

/// An input of the model.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Its shape is that on the wire.
    pub(super) port: Port,
    pub(super) optional: bool,
}

/// Whether several rows fit into one tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Batching {
    /// The first dimension counts the rows, at most so many.
    Dimension(Option<usize>),
    /// One row is one request.
    Lone,
}

/// All that encoding and decoding need to know.
#[derive(Debug)]
pub(crate) struct Plan {
    model: String,
    version: Option<String>,
    server: Option<String>,
    pub(super) inputs: Vec<Input>,
    /// Shapes as they go over the wire.
    pub(super) outputs: Vec<Port>,
    /// The output to ask for; `None` where the server does not tell which there are.
    pub(crate) output: Option<String>,
    pub(super) batching: Batching,
    pub(crate) binary: bool,
    /// Whether the server is Triton, which refuses 16-bit floats in JSON.
    pub(crate) triton: bool,
}

/// One field of a row and the input it goes to.
#[derive(Debug)]
pub(super) struct Binding<'a> {
    pub(super) input: &'a str,
    pub(super) dtype: Dtype,
    /// The position of the field in the row.
    pub(super) field: usize,
    /// Whether a first dimension of 1 is put before the row's own.
    pub(super) lifted: bool,
}

impl Plan {
    /// # Errors
    /// Unsupported when the output to read is not settled.
    pub(super) fn new(
        options: &TritonOptions,
        server: &Server,
        model: &Model,
        config: Option<&Config>,
    ) -> Result<Self, Failure> {
        let mut versions = model.versions.iter();
        let only_version = versions.next().filter(|_| versions.next().is_none());
        Ok(Self {
            model: options.model.clone(),
            version: options.version.as_ref().or(only_version).cloned(),
            server: server.name.clone(),
            inputs: inputs(&model.inputs, config),
            outputs: model.outputs.clone(),
            output: choose(options.output.as_deref(), &model.outputs)?,
            batching: batching(&model.inputs, config),
            binary: options.binary.unwrap_or(server.binary),
            triton: config.is_some(),
        })
    }

    pub(crate) fn description(&self) -> Description {
        let row = |port: &Port| Port { shape: self.row_shape(port), ..port.clone() };
        Description {
            model: Some(self.model.clone()),
            version: self.version.clone(),
            server: self.server.clone(),
            inputs: self.inputs.iter().map(|input| row(&input.port)).collect(),
            outputs: self.outputs.iter().map(row).collect(),
            max_batch: match self.batching {
                Batching::Dimension(max) => max,
                Batching::Lone => Some(1),
            },
            ..Description::default()
        }
    }

    /// The dimensions of one row; `None` where they may be read in two ways.
    fn row_shape(&self, port: &Port) -> Option<Vec<i64>> {
        let shape = port.shape.as_ref()?;
        match self.batching {
            Batching::Dimension(_) => shape.get(1..).map(<[i64]>::to_vec),
            Batching::Lone if may_be_lifted(shape) => None,
            Batching::Lone => Some(shape.clone()),
        }
    }

    /// Finds the input for each field: the only one for a single field, else by name.
    pub(super) fn bind<'a>(&'a self, row: &'a Row) -> Result<Vec<Binding<'a>>, Failure> {
        let refuse = |said: String| Err(Failure::unplaced(FailureKind::Unsupported, said));
        let mut bindings = Vec::with_capacity(row.tensors.len());
        for (field, tensor) in row.tensors.iter().enumerate() {
            let binding = if self.inputs.is_empty() {
                Binding { input: &tensor.name, dtype: tensor.values.dtype(), field, lifted: false }
            } else {
                let named = self.inputs.iter().find(|input| *input.port.name == *tensor.name);
                let only = || if row.tensors.len() == 1 { self.only_input() } else { None };
                let Some(input) = named.or_else(only) else {
                    return refuse(format!(
                        "the model has no input `{}`: it takes {}",
                        tensor.name,
                        self.names()
                    ));
                };
                let deeper = input
                    .port
                    .shape
                    .as_ref()
                    .is_some_and(|shape| may_be_lifted(shape) && shape.len() == tensor.shape.len() + 1);
                Binding {
                    input: &input.port.name,
                    dtype: input.port.dtype.unwrap_or_else(|| tensor.values.dtype()),
                    field,
                    lifted: self.batching == Batching::Lone && deeper,
                }
            };
            bindings.push(binding);
        }
        let given = |input: &&Input| bindings.iter().any(|binding| binding.input == input.port.name);
        if let Some(input) = self.inputs.iter().find(|input| !input.optional && !given(input)) {
            return refuse(format!("the data has no field for input `{}` of the model", input.port.name));
        }
        Ok(bindings)
    }

    /// The one input that a single field can only mean.
    fn only_input(&self) -> Option<&Input> {
        let mut required = self.inputs.iter().filter(|input| !input.optional);
        match (required.next(), required.next()) {
            (Some(input), None) => Some(input),
            (None, _) if self.inputs.len() == 1 => self.inputs.first(),
            _ => None,
        }
    }

    fn names(&self) -> String {
        names(self.inputs.iter().map(|input| &input.port))
    }
}

/// The inputs with what the configuration adds.
fn inputs(ports: &[Port], config: Option<&Config>) -> Vec<Input> {
    let optional = |port: &Port| config.is_some_and(|config| config.optional.contains(&port.name));
    ports.iter().map(|port| Input { port: port.clone(), optional: optional(port) }).collect()
}

/// Whether a first dimension may stand for a batch that the configuration does not speak of.
pub(super) fn may_be_lifted(shape: &[i64]) -> bool {
    shape.len() > 1 && shape.first() == Some(&-1)
}

fn choose(wanted: Option<&str>, outputs: &[Port]) -> Result<Option<String>, Failure> {
    let listed = names(outputs.iter());
    let refuse = |said: String| Err(Failure::unplaced(FailureKind::Unsupported, said));
    match (wanted, outputs) {
        (Some(wanted), []) => Ok(Some(wanted.to_owned())),
        (Some(wanted), _) if outputs.iter().any(|port| port.name == wanted) => Ok(Some(wanted.to_owned())),
        (Some(wanted), _) => refuse(format!("the model has no output `{wanted}`: it has {listed}")),
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only.name.clone())),
        (None, _) => {
            refuse(format!("the model has several outputs, {listed}: choose one with --output NAME"))
        }
    }
}

fn batching(inputs: &[Port], config: Option<&Config>) -> Batching {
    let mut shapes = inputs.iter().filter_map(|port| port.shape.as_ref());
    match config {
        Some(config) if config.max_batch > 0 => Batching::Dimension(Some(config.max_batch)),
        None if shapes.all(|shape| shape.first() == Some(&-1)) => Batching::Dimension(None),
        _ => Batching::Lone,
    }
}

fn names<'a>(ports: impl Iterator<Item = &'a Port>) -> String {
    ports.map(|port| format!("`{}`", port.name)).collect::<Vec<_>>().join(", ")
}
