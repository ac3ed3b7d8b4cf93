//! How rows become requests for one model, fixed once the server has told what it tells.

use super::fixed::{Fixed, fixed};
use super::{Config, Model, Parameter, Server, TritonOptions};
use crate::nearest::nearest;
use crate::{Description, Dtype, Failure, FailureKind, Port, Row};

/// An input of the model.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Its shape is that on the wire.
    pub(super) port: Port,
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
    /// The inputs that are the same in every request.
    pub(super) fixed: Vec<Fixed>,
    /// How many of the best classes are asked for in place of the values.
    pub(crate) classes: Option<u32>,
    /// What every request tells the model beside its inputs.
    pub(crate) parameters: Vec<Parameter>,
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
    /// What the server told, before anything that was typed is held against it.
    pub(super) fn draft(
        options: &TritonOptions,
        server: &Server,
        model: &Model,
        config: Option<&Config>,
    ) -> Self {
        let mut versions = model.versions.iter();
        let only_version = versions.next().filter(|_| versions.next().is_none());
        Self {
            model: options.model.clone(),
            version: options.version.as_ref().or(only_version).cloned(),
            server: server.name.clone(),
            inputs: inputs(&model.inputs, config),
            outputs: model.outputs.clone(),
            output: None,
            batching: batching(&model.inputs, config),
            binary: options.binary.unwrap_or(server.binary),
            triton: config.is_some(),
            fixed: Vec::new(),
            classes: options.classes,
            parameters: options.parameters.clone(),
        }
    }

    /// With the output to read and the inputs that never change.
    ///
    /// # Errors
    /// Usage when the output is not settled, or what was typed does not go with the model.
    pub(super) fn settled(mut self, options: &TritonOptions) -> Result<Self, Failure> {
        self.output = choose(options.output.as_deref(), &self.outputs)?;
        self.fixed = fixed(&options.inputs, &self.inputs, |input| self.row_shape(&input.port))?;
        self.check_classes()?;
        Ok(self)
    }

    /// Without a batch dimension the server takes the whole tensor for one row, and indices are places in it.
    fn check_classes(&self) -> Result<(), Failure> {
        let why = match (self.classes, self.batching, &self.output) {
            (None, ..) | (Some(_), Batching::Dimension(_), Some(_)) => return Ok(()),
            (_, Batching::Lone, _) => {
                "the model has no batch dimension, so that classes would be counted wrongly"
            }
            (_, _, None) => "the server does not tell which outputs there are; name one with --output",
        };
        Err(Failure::unplaced(FailureKind::Usage, format!("--classes: {why}")))
    }

    /// Sixteen bits have no form but their raw bytes; `why` says where that is so.
    ///
    /// # Errors
    /// Usage when another form was asked for and an input takes such floats.
    pub(crate) fn check_sixteen(&self, why: &str) -> Result<(), Failure> {
        let sixteen = |dtype: &Dtype| matches!(dtype, Dtype::F16 | Dtype::Bf16);
        let of = |input: &Input| Some((input.port.name.clone(), input.port.dtype.filter(sixteen)?));
        match self.inputs.iter().find_map(of).filter(|_| !self.binary) {
            None => Ok(()),
            Some((name, dtype)) => {
                let said = format!(
                    "--tensors: input `{name}` takes {}, and {} tensors {why}",
                    dtype.name(),
                    dtype.name()
                );
                Err(Failure::unplaced(FailureKind::Usage, said))
            }
        }
    }

    pub(crate) fn description(&self) -> Description {
        let row = |port: &Port| Port { shape: self.row_shape(port), ..port.clone() };
        let varies = |input: &&Input| self.fixed.iter().all(|fixed| fixed.input != input.port.name);
        Description {
            model: Some(self.model.clone()),
            version: self.version.clone(),
            server: self.server.clone(),
            inputs: self.inputs.iter().filter(varies).map(|input| row(&input.port)).collect(),
            outputs: self.outputs.iter().map(row).collect(),
            max_batch: match self.batching {
                Batching::Dimension(max) => max,
                Batching::Lone => Some(1),
            },
            notes: Vec::new(),
            hint: self.hint(),
        }
    }

    /// MLServer's runtimes tell no outputs, and answer with the one that they take for the usual.
    fn hint(&self) -> Option<String> {
        let mlserver = self.server.as_deref().is_some_and(|server| server.starts_with("mlserver"));
        (mlserver && self.outputs.is_empty() && self.output.is_none()).then(|| {
            "The server tells no outputs; a scikit-learn classifier on MLServer answers with hard labels unless its \
             scores are asked for: --output predict_proba."
                .to_owned()
        })
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

    /// Finds the input for each field: that of its name; where one field and one input are left, they are meant for
    /// each other.
    pub(super) fn bind<'a>(&'a self, row: &'a Row) -> Result<Vec<Binding<'a>>, Failure> {
        let refuse = |said: String| Err(Failure::unplaced(FailureKind::Unsupported, said));
        let mut bindings = Vec::with_capacity(row.tensors.len());
        for (field, tensor) in row.tensors.iter().enumerate() {
            if self.inputs.is_empty() {
                let dtype = tensor.values.dtype();
                bindings.push(Binding { input: &tensor.name, dtype, field, lifted: false });
                continue;
            }
            let Some(input) = self.named(&tensor.name).or_else(|| self.only_left(row)) else {
                let said = format!("the model has no input `{}`: it takes {}", tensor.name, self.names());
                return refuse(said);
            };
            let shape = input.port.shape.as_ref();
            let deeper =
                shape.is_some_and(|shape| may_be_lifted(shape) && shape.len() == tensor.shape.len() + 1);
            bindings.push(Binding {
                input: &input.port.name,
                dtype: input.port.dtype.unwrap_or_else(|| tensor.values.dtype()),
                field,
                lifted: self.batching == Batching::Lone && deeper,
            });
        }
        let given = |input: &&Input| {
            bindings.iter().any(|binding| binding.input == input.port.name) || self.is_fixed(&input.port.name)
        };
        if let Some(input) = self.inputs.iter().find(|input| !input.port.optional && !given(input)) {
            return refuse(format!("the data has no field for input `{}` of the model", input.port.name));
        }
        Ok(bindings)
    }

    /// Whether the server tells which inputs there are.
    pub(crate) fn tells_inputs(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// The dimensions in which one value a row is sent: as many as the input has, where each can be 1.
    pub(super) fn lone_shape(&self, input: &str) -> Vec<usize> {
        let port = self.inputs.iter().map(|input| &input.port).find(|port| port.name == input);
        let shape = port.and_then(|port| self.row_shape(port)).unwrap_or_default();
        if shape.iter().all(|size| matches!(size, 1 | -1)) { vec![1; shape.len()] } else { Vec::new() }
    }

    /// The dimensions in which a row of these is sent: without the one channel of a grey image, first or last, where the
    /// input has no such dimension.
    pub(super) fn without_channel<'a>(&self, input: &str, sent: &'a [usize]) -> &'a [usize] {
        let port = self.inputs.iter().map(|input| &input.port).find(|port| port.name == input);
        let Some(shape) = port.and_then(|port| self.row_shape(port)) else { return sent };
        let takes = |(takes, has): (&i64, &usize)| *takes < 0 || u64::try_from(*takes) == Ok(*has as u64);
        match sent {
            [image @ .., 1] | [1, image @ ..]
                if image.len() >= 2 && image.len() == shape.len() && shape.iter().zip(image).all(takes) =>
            {
                image
            }
            _ => sent,
        }
    }

    fn is_fixed(&self, name: &str) -> bool {
        self.fixed.iter().any(|fixed| fixed.input == name)
    }

    fn named(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.port.name == name && !self.is_fixed(name))
    }

    /// The one input that the one field without an input of its name can only mean.
    fn only_left(&self, row: &Row) -> Option<&Input> {
        if row.tensors.iter().filter(|tensor| self.named(&tensor.name).is_none()).count() != 1 {
            return None;
        }
        let named = |name: &str| row.tensors.iter().any(|tensor| *tensor.name == *name);
        let left = || {
            self.inputs.iter().filter(|input| !named(&input.port.name) && !self.is_fixed(&input.port.name))
        };
        let mut required = left().filter(|input| !input.port.optional);
        match (required.next(), required.next()) {
            (Some(input), None) => Some(input),
            (None, _) if self.inputs.len() == 1 => left().next(),
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
    ports.iter().map(|port| Input { port: Port { optional: optional(port), ..port.clone() } }).collect()
}

/// Whether a first dimension may stand for a batch that the configuration does not speak of.
pub(super) fn may_be_lifted(shape: &[i64]) -> bool {
    shape.len() > 1 && shape.first() == Some(&-1)
}

fn choose(wanted: Option<&str>, outputs: &[Port]) -> Result<Option<String>, Failure> {
    let listed = names(outputs.iter());
    let refuse = |said: String| Err(Failure::unplaced(FailureKind::Usage, said));
    match (wanted, outputs) {
        (Some(wanted), []) => Ok(Some(wanted.to_owned())),
        (Some(wanted), _) if outputs.iter().any(|port| port.name == wanted) => Ok(Some(wanted.to_owned())),
        (Some(wanted), _) => {
            let near = meant(wanted, outputs.iter());
            refuse(format!("--output {wanted}: the model has no such output; {near}it has {listed}"))
        }
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only.name.clone())),
        (None, _) => {
            refuse(format!("the model has several outputs: choose one with --output NAME; it has {listed}"))
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

/// The name that was probably meant, as the beginning of a sentence; nothing where none is near.
pub(super) fn meant<'a>(typed: &str, ports: impl Iterator<Item = &'a Port>) -> String {
    let near = nearest(typed, ports.map(|port| port.name.as_str()));
    near.map_or_else(String::new, |name| format!("did you mean `{name}`? "))
}

pub(super) fn names<'a>(ports: impl Iterator<Item = &'a Port>) -> String {
    ports.map(|port| format!("`{}`", port.name)).collect::<Vec<_>>().join(", ")
}
