//! The pixels of a png: grey stays grey, a palette becomes its colours, 1, 2 and 4 bits become 8.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};

use super::decode::{MOST_PIXELS, Pixels, check_orientation, check_size};

/// What the decoder may take beside the pixels, which are not counted: a row, and what is unpacked at a time.
const MEMORY: usize = 1 << 26;

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, String> {
    let broken = |error: DecodingError| format!("is not a whole png ({error}); save it again");
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MEMORY });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let head = decoder.read_header_info().map_err(broken)?;
    let (width, height) = (head.width as usize, head.height as usize);
    check_size(width, height)?;
    if head.bit_depth == BitDepth::Sixteen {
        return Err(
            "has 16 bits for each channel; expected 8, which noise acts on: mogrify -depth 8 FILE".to_owned()
        );
    }
    let mut reader = decoder.read_info().map_err(broken)?;
    if reader.info().animation_control.is_some() {
        return Err("is an animation; expected one image".to_owned());
    }
    let (colour, _) = reader.output_color_type();
    let samples = colour.samples();
    let mut values = vec![0; width * height * samples];
    if reader.output_buffer_size() != Some(values.len()) || values.len() > MOST_PIXELS * 4 {
        return Err("unpacks to another size than it says; save it again".to_owned());
    }
    reader.next_frame(&mut values).map_err(broken)?;
    reader.finish().map_err(broken)?;
    if let Some(exif) = &reader.info().exif_metadata {
        check_orientation(exif)?;
    }
    let channels = match colour {
        ColorType::GrayscaleAlpha | ColorType::Rgba => {
            values = opaque(&values, samples, width)?;
            samples - 1
        }
        _ => samples,
    };
    Ok(Pixels { height, width, channels, values })
}

/// The values without the last channel of each pixel, which says how opaque it is, where all are wholly.
fn opaque(values: &[u8], samples: usize, width: usize) -> Result<Vec<u8>, String> {
    let pixels = || values.chunks_exact(samples);
    if let Some(i) = pixels().position(|pixel| pixel.last() != Some(&u8::MAX)) {
        return Err(format!(
            "is transparent (pixel {} of row {}), and what shows through is for the program to choose; lay it on a \
             colour: mogrify -background white -alpha remove -alpha off FILE",
            i % width,
            i / width
        ));
    }
    Ok(pixels().flat_map(|pixel| &pixel[..samples - 1]).copied().collect())
}
