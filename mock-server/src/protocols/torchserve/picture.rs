//! Pictures as the models here take them: square, grey, and as dark as the digits of their data set.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};

/// The value of the brightest pixel of the digits, which a picture stores as 255.
const BRIGHTEST: f64 = 16.0;

/// The widest picture that is opened.
const WIDEST: usize = 4096;

/// The side of a square picture of so many pixels.
pub(super) fn side(pixels: usize) -> Option<usize> {
    let side = pixels.isqrt();
    (side > 1 && side * side == pixels).then_some(side)
}

/// The pixels of a PNG, made smaller to as many as the model takes by the mean over each block. `None` where it is no
/// PNG, or not square, or no whole number of blocks.
pub(super) fn read(bytes: &[u8], pixels: usize) -> Option<Vec<f64>> {
    let side = side(pixels)?;
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 1 << 26 });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    if width != height || width > WIDEST || !width.is_multiple_of(side) {
        return None;
    }
    let mut buffer = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut buffer).ok()?;
    let channels = match frame.color_type {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        ColorType::Indexed => return None,
    };
    let colours = if channels < 3 { 1 } else { 3 };
    let grey = |pixel: &[u8]| pixel.iter().take(colours).map(|v| f64::from(*v)).sum::<f64>() / colours as f64;
    let grey: Vec<f64> = buffer.get(..width * width * channels)?.chunks_exact(channels).map(grey).collect();
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
    use super::*;

    fn png(side: u32, color: ColorType, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        bytes
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
