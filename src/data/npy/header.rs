//! The header of an npy: type, order and shape of what follows.
//!
//! A header is a Python dictionary with three keys. Only what NumPy writes there is read, in one pass
//! without recursion, so that the time is linear in its length whatever a hostile file holds; sizes are
//! multiplied with care for overflow.

use noisebound_adapters::Dtype;

use crate::data::array::shape_text;

/// What the elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Kind {
    /// Numbers or truth values.
    Number(Dtype),
    /// Byte strings of a fixed length in bytes, at least 1.
    ByteText(usize),
    /// Texts of a fixed length in code points, at least 1.
    Text(usize),
}

/// The header of an npy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Header {
    /// What the elements are.
    pub kind: Kind,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// Whether the first index runs fastest.
    pub fortran: bool,
    /// Every dimension.
    pub shape: Vec<usize>,
    /// How many bytes stand before the elements.
    pub start: usize,
    /// How many bytes the elements take.
    pub size: usize,
}

/// Why a header cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::data) enum HeaderError {
    /// It is not a header, or it is cut short.
    Malformed(String),
    /// It announces elements that are not read.
    Unsupported(String),
}

type Result<T> = std::result::Result<T, HeaderError>;

fn malformed<T>(what: impl Into<String>) -> Result<T> {
    Err(HeaderError::Malformed(what.into()))
}

impl Header {
    /// How many bytes tell [`Header::length`].
    pub const PREFIX: usize = 12;

    /// How many bytes stand before the elements, told by the first [`Header::PREFIX`] bytes of a file.
    pub fn length(prefix: &[u8]) -> Result<usize> {
        let [0x93, b'N', b'U', b'M', b'P', b'Y', major, _, a, b, c, d, ..] = *prefix else {
            return malformed("does not start as an npy does; expected a file written by numpy.save");
        };
        match major {
            1 => Ok(10 + usize::from(u16::from_le_bytes([a, b]))),
            2 | 3 => usize::try_from(u32::from_le_bytes([a, b, c, d]))
                .ok()
                .and_then(|length| length.checked_add(12))
                .map_or_else(|| malformed("announces a header that does not fit into memory"), Ok),
            _ => malformed(format!("is of npy version {major}; expected 1, 2 or 3")),
        }
    }

    /// Reads the header at the start of `bytes`, which may hold more than it.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let start = Self::length(bytes)?;
        let from = if bytes.get(6) == Some(&1) { 10 } else { 12 };
        let Some(text) = bytes.get(from..start) else {
            return malformed(format!(
                "is cut short: the header takes {start} bytes, the file has {}",
                bytes.len()
            ));
        };
        let Ok(text) = std::str::from_utf8(text) else { return malformed("has a header that is not text") };
        let entries = Entries::read(text)?;
        let (kind, big_endian, item) = element(entries.descr)?;
        let shape = entries.shape;
        let size = shape.iter().try_fold(item, |product, dimension| product.checked_mul(*dimension));
        let Some(size) = size else {
            return malformed(format!("announces shape {}, more than fits into memory", shape_text(&shape)));
        };
        Ok(Self { kind, big_endian, fortran: entries.fortran, shape, start, size })
    }
}

/// The three entries of the dictionary.
struct Entries<'a> {
    descr: &'a str,
    fortran: bool,
    shape: Vec<usize>,
}

impl<'a> Entries<'a> {
    fn read(text: &'a str) -> Result<Self> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        let mut rest = expect(text, '{')?;
        while !rest.starts_with('}') {
            let (key, after) = quoted(rest)?;
            rest = expect(after, ':')?;
            match key {
                "descr" if rest.starts_with('[') => {
                    return Err(HeaderError::Unsupported(
                        "holds records; expected one type of number, so save each field as an array of its own"
                            .into(),
                    ));
                }
                "descr" => descr = Some(take(&mut rest, quoted)?),
                "fortran_order" => fortran = Some(take(&mut rest, truth)?),
                "shape" => shape = Some(take(&mut rest, tuple)?),
                _ => return malformed(format!("has a header with the unknown key `{key}`")),
            }
            if !rest.starts_with('}') {
                rest = expect(rest, ',')?;
            }
        }
        match (descr, fortran, shape, rest[1..].trim().is_empty()) {
            (Some(descr), Some(fortran), Some(shape), true) => Ok(Self { descr, fortran, shape }),
            (.., false) => malformed("has a header with text after its end"),
            _ => malformed("has a header without `descr`, `fortran_order` or `shape`"),
        }
    }
}

/// Runs a reader at the start of `rest` and moves behind what it took.
fn take<'a, T>(rest: &mut &'a str, reader: impl Fn(&'a str) -> Result<(T, &'a str)>) -> Result<T> {
    let (value, after) = reader(rest)?;
    *rest = after;
    Ok(value)
}

fn expect(text: &str, mark: char) -> Result<&str> {
    match text.trim_start().strip_prefix(mark) {
        Some(rest) => Ok(rest.trim_start()),
        None => malformed(format!("has a header without the `{mark}` that was expected")),
    }
}

fn quoted(text: &str) -> Result<(&str, &str)> {
    let quote = if text.starts_with('"') { '"' } else { '\'' };
    match text.strip_prefix(quote).and_then(|inside| inside.split_once(quote)) {
        Some((word, rest)) => Ok((word, rest.trim_start())),
        None => malformed("has a header without the quoted word that was expected"),
    }
}

fn truth(text: &str) -> Result<(bool, &str)> {
    match (text.strip_prefix("True"), text.strip_prefix("False")) {
        (Some(rest), _) => Ok((true, rest.trim_start())),
        (_, Some(rest)) => Ok((false, rest.trim_start())),
        _ => malformed("has a header whose `fortran_order` is neither True nor False"),
    }
}

fn tuple(text: &str) -> Result<(Vec<usize>, &str)> {
    let Some((inside, rest)) = expect(text, '(')?.split_once(')') else {
        return malformed("has a header whose `shape` does not end");
    };
    let inside = inside.trim().strip_suffix(',').unwrap_or(inside.trim());
    if inside.is_empty() {
        return Ok((Vec::new(), rest.trim_start()));
    }
    let shape: std::result::Result<Vec<usize>, _> =
        inside.split(',').map(|part| part.trim().parse()).collect();
    match shape {
        Ok(shape) => Ok((shape, rest.trim_start())),
        Err(_) => malformed(format!("has a header with the shape `({inside})`, expected whole numbers")),
    }
}

/// What a type string stands for: the elements, whether they are big-endian, the bytes of one.
fn element(descr: &str) -> Result<(Kind, bool, usize)> {
    let unsupported = |what: &str| {
        Err(HeaderError::Unsupported(format!(
            "holds {what} (`{descr}`); expected numbers, so save them with .astype('float32') or the like"
        )))
    };
    let (big_endian, code) = match (descr.strip_prefix('>'), descr.strip_prefix(['<', '|', '='])) {
        (Some(code), _) => (true, code),
        (_, Some(code)) => (false, code),
        _ => return unsupported("an unknown type"),
    };
    let dtype = match code {
        "b1" => Dtype::Bool,
        "i1" => Dtype::I8,
        "i2" => Dtype::I16,
        "i4" => Dtype::I32,
        "i8" => Dtype::I64,
        "u1" => Dtype::U8,
        "u2" => Dtype::U16,
        "u4" => Dtype::U32,
        "u8" => Dtype::U64,
        "f2" => Dtype::F16,
        "f4" => Dtype::F32,
        "f8" => Dtype::F64,
        _ => {
            let length = code.get(1..).and_then(|length| length.parse::<usize>().ok());
            return match (code.chars().next(), length) {
                (Some('S' | 'U'), Some(0)) => unsupported("texts of no length"),
                (Some('S'), Some(length)) => Ok((Kind::ByteText(length), big_endian, length)),
                (Some('U'), Some(length)) => match length.checked_mul(4) {
                    Some(size) => Ok((Kind::Text(length), big_endian, size)),
                    None => malformed("announces texts that do not fit into memory"),
                },
                (Some('O'), _) => unsupported("pickled Python objects, which are never loaded"),
                (Some('c'), _) => unsupported("complex numbers"),
                (Some('M' | 'm'), _) => unsupported("dates or durations"),
                _ => unsupported("a type that is not read"),
            };
        }
    };
    let size = dtype.size().unwrap_or(1);
    Ok((Kind::Number(dtype), big_endian, size))
}
