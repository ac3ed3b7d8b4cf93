//! The orientation in EXIF data: one entry of the first directory of a TIFF file (Exif 2.32, 4.6.4).

/// The tag of the orientation, and the type of a 16-bit number.
const ORIENTATION: (u16, u16) = (0x0112, 3);

/// The orientation, 1 for pixels that are stored as they are to be seen; `None` where the data do not tell.
pub(super) fn orientation(exif: &[u8]) -> Option<u16> {
    let big = match exif.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let two = |at: usize| {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let four = |at: usize| {
        let bytes = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let directory = usize::try_from(four(4)?).ok()?;
    let entries = usize::from(two(directory)?);
    (0..entries).find_map(|i| {
        let entry = directory.checked_add(2 + 12 * i)?;
        let kind = (two(entry)?, two(entry.checked_add(2)?)?);
        (kind == ORIENTATION).then(|| two(entry.checked_add(8)?)).flatten()
    })
}
