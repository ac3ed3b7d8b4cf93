//! The npz format: a zip archive whose members are npy files, as `numpy.savez` writes it.
//!
//! A member is unpacked only as far as its own npy header says, so an archive cannot make more of itself
//! than an array of that shape takes.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{DataError, npy};
use crate::nearest::nearest;

/// No npy header that NumPy writes for numbers comes near this many bytes.
const LONGEST_HEADER: usize = 1 << 20;

/// Unpacks one npy. Gives the name of the array, without `.npy`, and the bytes of the npy.
///
/// Without a name the archive must hold one array. `at` names the archive in errors.
pub(super) fn unpack(bytes: &[u8], member: Option<&str>, at: &str) -> Result<(String, Vec<u8>), DataError> {
    let broken = |error: zip::result::ZipError| {
        DataError::malformed(
            at,
            format!("is not a whole zip archive ({error}); expected a file written by numpy.savez"),
        )
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let name = choose(&arrays(&archive), member, at)?;
    let at = format!("{at}:{name}");
    let index = (0..archive.len())
        .find(|i| {
            archive
                .name_for_index(*i)
                .and_then(Result::ok)
                .is_some_and(|found| array_name(&found) == Some(&name))
        })
        .unwrap_or(archive.len());
    let packed = archive
        .by_index(index)
        .map_err(|error| DataError::malformed(&at, format!("cannot be unpacked ({error})")))?;
    let bytes = unpack_one(packed, &at)?;
    Ok((name, bytes))
}

fn array_name(member: &str) -> Option<&str> {
    member.strip_suffix(".npy").filter(|name| !name.is_empty())
}

fn arrays<R: Read + std::io::Seek>(archive: &ZipArchive<R>) -> Vec<String> {
    let members = archive.file_names().filter_map(Result::ok);
    members.filter_map(|name| array_name(&name).map(str::to_owned)).collect()
}

fn choose(arrays: &[String], member: Option<&str>, at: &str) -> Result<String, DataError> {
    let listed = arrays.join(", ");
    match (member, arrays) {
        (_, []) => Err(DataError::unsupported(at, "holds no array; expected a file written by numpy.savez")),
        (None, [only]) => Ok(only.clone()),
        (None, [first, ..]) => {
            let what = format!(
                "holds several arrays ({listed}); say which, as in `{at}:{first}`, or name all that the model takes, with \
                 commas between"
            );
            Err(DataError::unsupported(at, what))
        }
        (Some(member), _) => {
            let wanted = array_name(member).unwrap_or(member);
            if let Some(name) = arrays.iter().find(|name| *name == wanted) {
                return Ok(name.clone());
            }
            let hint = nearest(wanted, arrays.iter().map(String::as_str))
                .map_or_else(String::new, |name| format!("; did you mean `{at}:{name}`?"));
            Err(DataError::unsupported(at, format!("holds no array `{wanted}`, only {listed}{hint}")))
        }
    }
}

fn unpack_one<R: Read>(mut packed: ZipFile<'_, R>, at: &str) -> Result<Vec<u8>, DataError> {
    let declared = packed.size();
    let mut bytes = Vec::new();
    fetch(&mut packed, npy::Header::PREFIX, &mut bytes, at)?;
    let start = npy::Header::length(&bytes).map_err(|error| error.at(at))?;
    if start > LONGEST_HEADER {
        return Err(DataError::malformed(at, format!("announces a header of {start} bytes")));
    }
    fetch(&mut packed, start.saturating_sub(bytes.len()), &mut bytes, at)?;
    let header = npy::header(&bytes, at)?;
    let whole = header.start.saturating_add(header.size);
    if declared != whole as u64 {
        let found = usize::try_from(declared).unwrap_or(usize::MAX).saturating_sub(header.start);
        return Err(DataError::malformed(at, npy::mismatch(&header, found)));
    }
    let rest = whole.saturating_sub(bytes.len());
    if bytes.try_reserve_exact(rest).is_err() {
        return Err(DataError::unsupported(at, format!("takes {whole} bytes, more than there is memory")));
    }
    // One byte more than announced, to see an archive that declares less than it holds.
    fetch(&mut packed, rest.saturating_add(1), &mut bytes, at)?;
    if bytes.len() == whole {
        Ok(bytes)
    } else {
        Err(DataError::malformed(at, npy::mismatch(&header, bytes.len() - header.start)))
    }
}

/// Appends up to `count` bytes.
fn fetch(packed: &mut impl Read, count: usize, bytes: &mut Vec<u8>, at: &str) -> Result<(), DataError> {
    match packed.take(count as u64).read_to_end(bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(DataError::malformed(at, format!("cannot be unpacked ({error}); save it again"))),
    }
}

#[cfg(test)]
mod tests;
