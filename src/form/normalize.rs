//! From the value of a pixel to a number of 32 bits, as torchvision's `ToTensor` and `Normalize` compute it.

use crate::config::question::Normalize;

/// For each channel, the number for each of the 256 values.
pub(super) fn tables(normalize: &Normalize, channels: usize) -> Vec<[f32; 256]> {
    let number = |value: u8, channel: usize| {
        let unit = f32::from(value) / 255.0;
        match normalize {
            Normalize::None => f32::from(value),
            Normalize::Unit => unit,
            Normalize::MeanStd { mean, std } => (unit - at(mean, channel)) / at(std, channel),
        }
    };
    let mut tables = vec![[0.0; 256]; channels];
    for (channel, table) in tables.iter_mut().enumerate() {
        for value in 0..=u8::MAX {
            table[usize::from(value)] = number(value, channel);
        }
    }
    tables
}

/// One for all channels, or one for each.
fn at(values: &[f64], channel: usize) -> f32 {
    values.get(channel).or(values.first()).copied().unwrap_or_default() as f32
}

/// Why images with so many channels cannot be normalized so.
pub(super) fn check(normalize: &Normalize, channels: usize) -> Result<(), String> {
    let Normalize::MeanStd { mean, .. } = normalize else { return Ok(()) };
    if mean.len() == 1 || mean.len() == channels {
        return Ok(());
    }
    let plural = if channels == 1 { "" } else { "s" };
    Err(format!(
        "has {channels} channel{plural}, and --normalize has {} means; give one, or one for each channel",
        mean.len()
    ))
}
