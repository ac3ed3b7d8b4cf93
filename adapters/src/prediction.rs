//! What a model answered for one row, decoded.

use crate::Tensor;

/// The decoded answer for one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction {
    /// One tensor for each output that was asked for; each shape is that of one row.
    Tensors(Vec<Tensor>),
    /// Class names with scores, best first. A class that is absent is unknown, not zero.
    Labels(Vec<(Box<str>, f64)>),
}

impl Prediction {
    /// Whether it is one output: labels, or a single tensor.
    pub(crate) fn is_single(&self) -> bool {
        match self {
            Self::Tensors(tensors) => tensors.len() == 1,
            Self::Labels(_) => true,
        }
    }

    /// Whether there is no value in it at all.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Tensors(tensors) => tensors.iter().all(|tensor| tensor.values.is_empty()),
            Self::Labels(labels) => labels.is_empty(),
        }
    }
}
