//! Pictures as the models here take them: square, grey, and as dark as the digits of their data set.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::picture::{BRIGHTEST, Picture};

/// The bytes of a text in base64.
pub(super) fn decode(text: &Value) -> Option<Vec<u8>> {
    STANDARD.decode(text.as_str()?).ok()
}

/// The side of a square picture of so many pixels.
pub(super) fn side(pixels: usize) -> Option<usize> {
    let side = pixels.isqrt();
    (side > 1 && side * side == pixels).then_some(side)
}

/// The pixels of a PNG, made smaller to as many as the model takes by the mean over each block. `None` where it is no
/// PNG, or not square, or no whole number of blocks.
pub(super) fn read(bytes: &[u8], pixels: usize) -> Option<Vec<f64>> {
    let side = side(pixels)?;
    let Picture { width, height, channels, samples } = Picture::open(bytes)?;
    if width != height || !width.is_multiple_of(side) {
        return None;
    }
    let colours = if channels < 3 { 1 } else { 3 };
    let grey = |pixel: &[u8]| pixel.iter().take(colours).map(|v| f64::from(*v)).sum::<f64>() / colours as f64;
    let grey: Vec<f64> = samples.chunks_exact(channels).map(grey).collect();
    let block = width / side;
    let mean = |place: usize| {
        let (top, left) = (place / side * block, place % side * block);
        let rows = (top..top + block).map(|row| &grey[row * width + left..row * width + left + block]);
        rows.flatten().sum::<f64>() / (block * block) as f64
    };
    Some((0..pixels).map(|place| mean(place) * BRIGHTEST / 255.0).collect())
}

#[cfg(test)]
mod tests {
    use png::ColorType;

    use super::*;
    use crate::picture::tests::png as file;

    fn png(side: u32, colour: ColorType, samples: &[u8]) -> Vec<u8> {
        file((side, side), colour, samples)
    }

    #[test]
    fn a_picture_is_its_pixels_or_the_means_of_blocks() {
        let grey = png(2, ColorType::Grayscale, &[0, 255, 51, 102]);
        assert_eq!(read(&grey, 4).unwrap(), [0.0, 16.0, 3.2, 6.4]);
        let twice = [0, 0, 255, 255, 0, 0, 255, 255, 50, 52, 102, 102, 51, 51, 102, 102];
        assert_eq!(read(&png(4, ColorType::Grayscale, &twice), 4).unwrap(), [0.0, 16.0, 3.2, 6.4]);
        let colours: Vec<u8> = [0, 255, 51, 102].iter().flat_map(|v| [*v; 3]).collect();
        assert_eq!(read(&png(2, ColorType::Rgb, &colours), 4).unwrap(), [0.0, 16.0, 3.2, 6.4]);
    }

    #[test]
    fn what_does_not_fit_is_no_picture() {
        let grey = png(2, ColorType::Grayscale, &[0, 255, 51, 102]);
        for (bytes, pixels) in
            [(&grey[..], 9), (&grey[..], 5), (&grey[..20], 4), (b"", 4), (b"\xff\xd8\xff", 4)]
        {
            assert_eq!(read(bytes, pixels), None);
        }
        assert_eq!((side(64), side(63), side(1), side(0)), (Some(8), None, None, None));
    }
}
