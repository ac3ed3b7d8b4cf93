//! What a server tells about itself and the model, one response after the other.

use super::{Plan, TritonOptions};
use crate::{Description, Failure, FailureKind, Port};

/// Which response comes next, and what the earlier ones told.
#[derive(Debug, Clone, Default)]
pub(crate) enum Learning {
    /// The server's metadata.
    #[default]
    Server,
    /// The model's metadata.
    Model { server: Server },
    /// The model's configuration, which only Triton has, and which is kept where no plan came of it.
    Config { server: Server, model: Model, config: Option<Config> },
}

/// What the server told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Server {
    /// Name and version.
    pub(crate) name: Option<String>,
    /// Whether it takes raw tensors.
    pub(crate) binary: bool,
}

/// What the model's metadata told; shapes as they go over the wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) versions: Vec<String>,
    pub(crate) inputs: Vec<Port>,
    pub(crate) outputs: Vec<Port>,
}

/// What only Triton's configuration tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    /// The most rows in a request; 0 when the model has no batch dimension.
    pub(crate) max_batch: usize,
    /// The inputs that may be left out.
    pub(crate) optional: Vec<String>,
    /// Whether a request may have any number of answers.
    pub(crate) decoupled: bool,
    /// Whether it keeps state between requests.
    pub(crate) stateful: bool,
}

impl Learning {
    /// The server told about itself.
    pub(crate) fn server(&mut self, server: Server) {
        *self = Self::Model { server };
    }

    /// The model's metadata came.
    pub(crate) fn model(&mut self, model: Model) {
        let server = match self {
            Self::Model { server } => std::mem::take(server),
            Self::Server | Self::Config { .. } => Server::default(),
        };
        *self = Self::Config { server, model, config: None };
    }

    /// What was told so far about the model of these options.
    pub(crate) fn description(&self, options: &TritonOptions) -> Description {
        let unknown = Description { model: Some(options.model.clone()), ..Description::default() };
        match self {
            Self::Server => unknown,
            Self::Model { server } => Description { server: server.name.clone(), ..unknown },
            Self::Config { server, model, config } => {
                Plan::draft(options, server, model, config.as_ref()).description()
            }
        }
    }

    /// The configuration came, or there is none.
    ///
    /// # Errors
    /// Unsupported when the model keeps state or answers more than once; usage when what was typed does not go with it.
    pub(crate) fn config(&mut self, options: &TritonOptions, told: Option<Config>) -> Result<Plan, Failure> {
        told.as_ref().map_or(Ok(()), Config::check)?;
        match self {
            Self::Config { server, model, config } => {
                *config = told;
                Plan::draft(options, server, model, config.as_ref()).settled(options)
            }
            Self::Model { .. } | Self::Server => {
                Plan::draft(options, &Server::default(), &Model::default(), told.as_ref()).settled(options)
            }
        }
    }
}

impl Config {
    fn check(&self) -> Result<(), Failure> {
        let refuse = |key: &str, why: &str| {
            let said = format!("the model's configuration has {key}: {why}");
            Err(Failure::unplaced(FailureKind::Unsupported, said))
        };
        if self.decoupled {
            return refuse(
                "model_transaction_policy.decoupled",
                "it gives any number of answers to a request, one was expected",
            );
        }
        if self.stateful {
            return refuse(
                "sequence_batching",
                "it remembers earlier requests, so asking would change its answers",
            );
        }
        Ok(())
    }
}
