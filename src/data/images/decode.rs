//! From the bytes of an image file to its pixels.
//!
//! What a model would be shown in more than one way is refused, each with the mend: transparency, 16-bit channels, ink
//! colours, an orientation that some programs obey and others do not. Nothing is allocated before the dimensions are
//! known and small enough.

use super::{jpeg, png};

/// The largest width and height, in pixels.
pub(super) const LONGEST: usize = 16_384;
/// The most pixels of one image.
pub(super) const MOST_PIXELS: usize = 1 << 26;

/// The pixels of an image, 8 bits for each channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// At least 1.
    pub height: usize,
    /// At least 1.
    pub width: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub channels: usize,
    /// Row by row from the top, pixel by pixel from the left, channel by channel.
    pub values: Vec<u8>,
}

/// The pixels in a png or jpeg file, told apart by their content.
///
/// # Errors
/// What is wrong with the file, or what it holds that cannot be audited.
pub fn decode(bytes: &[u8]) -> Result<Pixels, String> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png::decode(bytes)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        jpeg::decode(bytes)
    } else {
        Err("is neither a png nor a jpeg, whatever its name says; convert it, or move it away".to_owned())
    }
}

/// Refuses what would take too much memory.
pub(super) fn check_size(width: usize, height: usize) -> Result<(), String> {
    if width == 0 || height == 0 || width > LONGEST || height > LONGEST || width * height > MOST_PIXELS {
        return Err(format!(
            "is {width} pixels wide and {height} high; expected 1 to {LONGEST} each and at most {} million in all: \
             make it smaller",
            MOST_PIXELS / 1_000_000
        ));
    }
    Ok(())
}

/// Refuses an orientation that is not the one in which the pixels are stored.
pub(super) fn check_orientation(exif: &[u8]) -> Result<(), String> {
    match super::exif::orientation(exif) {
        None | Some(1) => Ok(()),
        Some(other) => Err(format!(
            "asks in its EXIF data to be turned (orientation {other}), which some programs do and others do not; turn \
             the pixels themselves: mogrify -auto-orient FILE"
        )),
    }
}
