//! Models that answer the same row differently: a coin, and a classifier whose answer a coin turns over.
//!
//! The coin is thrown anew for each row of each request; nothing of the row decides it.

use super::{Context, LinearClassifier, Model, Precision, Signature, Task};

/// Answers class 1 with a fixed probability, class 0 otherwise.
#[derive(Debug, Clone)]
pub struct Coin {
    probability: f64,
    signature: Signature,
}

impl Coin {
    /// A coin for rows of `width` values that shows class 1 with this probability.
    pub fn new(name: &str, width: usize, probability: f64) -> Self {
        let signature = Signature::plain(name, Task::Classification, Precision::Double, width, 2);
        Self { probability, signature }
    }
}

impl Model for Coin {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict(&self, _: &[f64], request: &mut Context) -> Vec<f64> {
        if request.chance(self.probability) { vec![0.0, 1.0] } else { vec![1.0, 0.0] }
    }
}

/// A linear classifier whose two scores change places with a fixed probability.
#[derive(Debug, Clone)]
pub struct Flipped {
    model: LinearClassifier,
    probability: f64,
}

impl Flipped {
    /// The classifier, each of its answers turned over with this probability.
    pub fn new(model: LinearClassifier, probability: f64) -> Self {
        Self { model, probability }
    }
}

impl Model for Flipped {
    fn signature(&self) -> &Signature {
        self.model.signature()
    }

    fn predict(&self, x: &[f64], request: &mut Context) -> Vec<f64> {
        let mut scores = self.model.predict(x, request);
        if request.chance(self.probability) {
            scores.reverse();
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often class 1 is the answer to one row, asked in `n` requests.
    fn share(model: &dyn Model, x: &[f64], n: u64) -> f64 {
        let ones = (0..n).filter(|&i| model.predict(x, &mut Context::new(7, i))[1] > 0.5).count();
        ones as f64 / n as f64
    }

    #[test]
    fn the_coin_shows_its_probability() {
        // 20000 throws: five standard errors are below 0.018.
        assert!((share(&Coin::new("m", 1, 0.3), &[0.0], 20_000) - 0.3).abs() < 0.018);
    }

    #[test]
    fn the_flipped_classifier_turns_over_at_its_rate() {
        let model = LinearClassifier::new("m", vec![1.0], 0.0);
        let flipped = Flipped::new(model, 0.1);
        assert!((share(&flipped, &[3.0], 20_000) - 0.9).abs() < 0.018);
        assert!((share(&flipped, &[-3.0], 20_000) - 0.1).abs() < 0.018);
    }

    #[test]
    fn rows_of_one_request_are_thrown_apart() {
        let coin = Coin::new("m", 1, 0.5);
        let mut context = Context::new(1, 1);
        let throws: Vec<_> = (0..64).map(|_| coin.predict(&[0.0], &mut context)).collect();
        assert!(throws.iter().any(|t| t != &throws[0]));
    }
}
