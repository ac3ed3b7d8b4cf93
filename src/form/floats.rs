//! What the forms of normalized numbers share.

use noisebound_adapters::Values;

use super::{Size, normalize};
use crate::config::question::Normalize;

/// The numbers of an image whose channels come last, as they are stored.
pub(super) fn channels_last(normalize: &Normalize, pixels: &[u8], size: Size) -> Values {
    let tables = normalize::tables(normalize, size.channels);
    let number = |(value, table): (&u8, &[f32; 256])| table[usize::from(*value)];
    Values::F32(pixels.iter().zip(tables.iter().cycle()).map(number).collect())
}

/// The numbers of an image, one channel behind the other.
pub(super) fn channels_first(normalize: &Normalize, pixels: &[u8], size: Size) -> Values {
    let tables = normalize::tables(normalize, size.channels);
    let plane = |(channel, table): (usize, &[f32; 256])| {
        let of_channel = pixels.iter().skip(channel).step_by(size.channels);
        of_channel.map(|value| table[usize::from(*value)]).collect::<Vec<f32>>()
    };
    Values::F32(tables.iter().enumerate().flat_map(plane).collect())
}
