//! What a model may know of the request that asks it: a random stream, and the parameters that came with it.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value};

/// The random stream of one request, and its parameters.
///
/// The stream is a function of the seed of the server and of the number of the request in order of arrival, so that
/// a randomised model is independent from request to request and never tied to a row.
#[derive(Debug)]
pub struct Context {
    rng: ChaCha8Rng,
    parameters: Map<String, Value>,
}

impl Context {
    /// The stream of the request with this number.
    pub fn new(seed: u64, request: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(request);
        Self { rng, parameters: Map::new() }
    }

    /// The same with the parameters of the request.
    #[must_use]
    pub fn with_parameters(self, parameters: Map<String, Value>) -> Self {
        Self { parameters, ..self }
    }

    /// The parameter of this name, if the request has one.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.get(name)
    }

    /// A number in `[0, 1)`, uniform on the multiples of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_depends_on_seed_and_request_and_on_nothing_else() {
        assert_eq!(Context::new(1, 2).uniform(), Context::new(1, 2).uniform());
        assert_ne!(Context::new(1, 2).uniform(), Context::new(1, 3).uniform());
        assert_ne!(Context::new(1, 2).uniform(), Context::new(2, 2).uniform());
    }

    #[test]
    fn the_ends_of_chance_are_certain() {
        let mut context = Context::new(0, 0);
        assert!((0..1000).all(|_| context.chance(1.0) && !context.chance(0.0)));
    }
}
