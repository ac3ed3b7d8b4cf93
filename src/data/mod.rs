//! Data sets: readers, one file for each format, all giving a [`Dataset`].
//!
//! What is read is checked once, here: every number that leaves this module is finite, every row is whole,
//! and there are as many targets as rows. What a target means is left to the loss, and where the noise
//! comes from to [`noise`](crate::noise); this module only says which elements may be perturbed
//! ([`mask`]).

mod array;
mod csv;
mod dataset;
mod error;
mod hash;
mod images;
mod input_data;
mod load;
mod mask;
mod npy;
mod npz;
mod shapes;
mod slices;
mod source;
mod targets;

#[cfg(test)]
mod tests;

pub use dataset::{Dataset, Field};
pub use error::DataError;
pub use images::{Pixels, decode, image_labels};
pub use load::{load, load_bytes};
pub use mask::{MaskError, mask};
pub use shapes::{Image, Shapes};
pub use slices::{MOST_SLICES, SliceError, TARGET, slices};
pub use source::{DataSource, Format, TargetSource};
