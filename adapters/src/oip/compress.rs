//! Bodies and messages of requests, compressed.

use std::io::{self, Write};

use flate2::Compression as Level;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::Compression;
use crate::{Failure, FailureKind};

/// Compresses a body in place.
pub(crate) fn compress(how: Compression, body: &mut Vec<u8>) -> Result<(), Failure> {
    let packed: io::Result<Vec<u8>> = match how {
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Level::default());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
        Compression::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Level::default());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
    };
    *body = packed.map_err(|error| {
        let said = format!("the body cannot be compressed: {error}");
        Failure::unplaced(FailureKind::Unsupported, said)
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::{GzDecoder, ZlibDecoder};

    use super::*;

    #[test]
    fn what_is_compressed_unpacks() {
        let text = b"0.1,0.2,".repeat(100);
        for (_, how) in Compression::ALL {
            let (mut body, mut unpacked) = (text.clone(), Vec::new());
            compress(how, &mut body).unwrap();
            assert!(body.len() < text.len() / 4);
            match how {
                Compression::Gzip => GzDecoder::new(&*body).read_to_end(&mut unpacked).unwrap(),
                Compression::Deflate => ZlibDecoder::new(&*body).read_to_end(&mut unpacked).unwrap(),
            };
            assert_eq!(unpacked, text);
        }
    }
}
