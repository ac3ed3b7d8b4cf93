//! Reads bytes as whoever unescapes them would: `%2F`, `\/`, `\u002f`, `\x2f`, `&#47;`, `&#x2F;`, `&sol;`.
//!
//! What is looked for in them is left to the masker. The invariant: each byte that is meant knows where it is written.

use std::ops::Range;

/// A byte that is meant, and where it is written.
pub(super) type Meant = (u8, Range<usize>);

/// What an escape begins with.
pub(super) const BEGIN: &[u8] = b"%\\&";
/// The most bytes of an escape, but for zeros that lead nowhere.
pub(super) const LONGEST: usize = 9;
/// How often one escaping is looked for around another.
const DEPTH: usize = 3;

/// The names of HTML for the characters of ASCII that are no letters.
const NAMES: &[(&str, u8)] = &[
    ("excl", b'!'),
    ("quot", b'"'),
    ("num", b'#'),
    ("dollar", b'$'),
    ("percnt", b'%'),
    ("amp", b'&'),
    ("apos", b'\''),
    ("lpar", b'('),
    ("rpar", b')'),
    ("ast", b'*'),
    ("plus", b'+'),
    ("comma", b','),
    ("period", b'.'),
    ("sol", b'/'),
    ("colon", b':'),
    ("semi", b';'),
    ("lt", b'<'),
    ("equals", b'='),
    ("gt", b'>'),
    ("quest", b'?'),
    ("commat", b'@'),
    ("lsqb", b'['),
    ("bsol", b'\\'),
    ("rsqb", b']'),
    ("Hat", b'^'),
    ("lowbar", b'_'),
    ("grave", b'`'),
    ("lcub", b'{'),
    ("verbar", b'|'),
    ("rcub", b'}'),
];

/// The bytes as they are.
pub(super) fn plain(bytes: &[u8]) -> Vec<Meant> {
    bytes.iter().enumerate().map(|(at, byte)| (*byte, at..at + 1)).collect()
}

/// Where something may stand that is escaped and reaches no further than so many bytes from an escape.
pub(super) fn around(bytes: &[u8], reach: usize) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for at in (0..bytes.len()).filter(|at| BEGIN.contains(&bytes[*at])) {
        let open = &bytes[at..bytes.len().min(at + 2 * LONGEST)];
        if escape(&plain(open)).is_none() {
            continue;
        }
        let range = at.saturating_sub(reach)..bytes.len().min(at + reach);
        match ranges.last_mut() {
            Some(last) if last.end >= range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    ranges
}

/// What the bytes mean when they are unescaped once, twice, and so on, as long as that changes them.
pub(super) fn readings(bytes: &[u8]) -> Vec<Vec<Meant>> {
    let mut readings: Vec<Vec<Meant>> = Vec::new();
    if !bytes.iter().any(|byte| BEGIN.contains(byte)) {
        return readings;
    }
    let mut last = plain(bytes);
    while readings.len() < DEPTH {
        let next = unescape(&last);
        if next.len() == last.len() {
            break;
        }
        readings.push(next.clone());
        last = next;
    }
    readings
}

/// Where these bytes are written.
pub(super) fn find(reading: &[Meant], bytes: &[u8]) -> Option<Range<usize>> {
    let found = reading.windows(bytes.len()).find(|window| same(window, bytes))?;
    Some(found.first()?.1.start..found.last()?.1.end)
}

/// Whether these bytes are meant.
pub(super) fn same(reading: &[Meant], bytes: &[u8]) -> bool {
    reading.iter().zip(bytes).all(|((byte, _), other)| byte == other)
}

fn unescape(written: &[Meant]) -> Vec<Meant> {
    let mut meant = Vec::with_capacity(written.len());
    let mut at = 0;
    while at < written.len() {
        let Some((char, len)) = escape(&written[at..]) else {
            meant.push(written[at].clone());
            at += 1;
            continue;
        };
        let range = written[at].1.start..written[at + len - 1].1.end;
        match char {
            Char::Byte(byte) => meant.push((byte, range)),
            Char::Char(char) => {
                let mut bytes = [0; 4];
                let bytes = char.encode_utf8(&mut bytes).as_bytes();
                meant.extend(bytes.iter().map(|byte| (*byte, range.clone())));
            }
        }
        at += len;
    }
    meant
}

enum Char {
    Byte(u8),
    Char(char),
}

/// What the escape at the beginning means, and its length.
fn escape(written: &[Meant]) -> Option<(Char, usize)> {
    let byte = |at: usize| written.get(at).map(|(byte, _)| *byte);
    let number = |from: usize, digits: usize, radix: u32| {
        (from..from + digits).try_fold(0, |number: u32, at| {
            number.checked_mul(radix)?.checked_add(char::from(byte(at)?).to_digit(radix)?)
        })
    };
    // Two digits are a byte.
    let two = |from: usize| Some((Char::Byte(u8::try_from(number(from, 2, 16)?).ok()?), from + 2));
    match (byte(0)?, byte(1)?) {
        (b'%', _) => two(1),
        (b'\\', b'x') => two(2),
        (b'\\', b'u') => Some((Char::Char(char::from_u32(number(2, 4, 16)?)?), 6)),
        (b'\\', what @ (b'/' | b'"' | b'\'' | b'\\')) => Some((Char::Byte(what), 2)),
        (b'&', b'#') => {
            let (from, radix) = if matches!(byte(2)?, b'x' | b'X') { (3, 16) } else { (2, 10) };
            let digits = written.get(from..)?.iter().take_while(|(byte, _)| byte.is_ascii_hexdigit()).count();
            let ends = digits > 0 && byte(from + digits)? == b';';
            let code = ends.then(|| number(from, digits, radix)).flatten()?;
            Some((Char::Char(char::from_u32(code)?), from + digits + 1))
        }
        (b'&', _) => {
            let ends =
                |name: &str| byte(name.len() + 1) == Some(b';') && same(&written[1..], name.as_bytes());
            let (name, byte) = NAMES.iter().find(|(name, _)| ends(name))?;
            Some((Char::Byte(*byte), name.len() + 2))
        }
        _ => None,
    }
}
