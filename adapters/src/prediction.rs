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
