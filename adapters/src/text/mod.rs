//! JSON text: written exactly, read leniently, and understood as predictions.
//!
//! Shared by every protocol that speaks JSON; none is known in here. Nothing is lost on the way: integers
//! stay integers, a float keeps its bits, keys keep their order, and a bare `NaN` is a value that was read,
//! not a mistake of syntax.

mod names;
mod predict;
mod read;
mod scores;
mod write;

pub(crate) use names::plain;
pub(crate) use predict::{best_class, flatten, is_labels, lone, prediction};
pub(crate) use read::{Json, parse};
pub use write::Opaque;
pub(crate) use write::{
    base64, refuse_value, write_row, write_row_as, write_string, write_tensor, write_value,
};
