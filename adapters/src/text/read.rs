//! A JSON reader that takes what prediction servers send.
//!
//! Beyond the standard it reads the bare tokens `NaN`, `Infinity` and `-Infinity` (and the spellings of C),
//! strings and keys that are not UTF-8, raw control characters in strings, and a byte order mark. What it read is
//! left to the caller to judge. It never panics, and nests at most [`DEEPEST`] levels.

use std::borrow::Cow;

/// How deep arrays and objects may nest.
const DEEPEST: usize = 128;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number without point and exponent that fits.
    Int(i64),
    /// The same, above the largest `i64`.
    Uint(u64),
    /// Any other number, NaN and infinities included.
    Float(f64),
    /// The bytes of a string, escapes resolved; not always UTF-8. Half a surrogate pair is the three bytes that UTF-8
    /// would have for it, and does not have.
    Text(Vec<u8>),
    Array(Vec<Json>),
    /// The members in the order written, their keys as the bytes of strings.
    Object(Vec<(Vec<u8>, Json)>),
}

impl Json {
    /// The member with this name; the last one when it stands several times.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|(key, _)| key == name.as_bytes()).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// What a JSON Pointer (RFC 6901) names, `/outputs/0/data`; the empty pointer names all of it.
    pub(crate) fn pointer(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, Self::step)
    }

    /// What one step of a JSON Pointer names.
    pub(crate) fn step(&self, step: &str) -> Option<&Self> {
        match self {
            Self::Array(items) => step.parse::<usize>().ok().and_then(|i| items.get(i)),
            value => value.get(&step.replace("~1", "/").replace("~0", "~")),
        }
    }

    /// A string; bytes that are not UTF-8 are replaced.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(bytes) => Some(String::from_utf8_lossy(bytes)),
            _ => None,
        }
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// A number as the nearest `f64`.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(v) => Some(*v as f64),
            Self::Uint(v) => Some(*v as f64),
            Self::Float(v) => Some(*v),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(_) => "a truth value".to_owned(),
            Self::Int(_) | Self::Uint(_) | Self::Float(_) => "a number".to_owned(),
            Self::Text(_) => "a string".to_owned(),
            Self::Array(items) => format!("a list of {}", items.len()),
            Self::Object(members) => {
                let quoted = |(key, _): &(Vec<u8>, Self)| format!("`{}`", String::from_utf8_lossy(key));
                let keys: Vec<_> = members.iter().take(8).map(quoted).collect();
                format!("an object with {}", if keys.is_empty() { "no keys".into() } else { keys.join(", ") })
            }
        }
    }
}

/// Where the text stops being JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {at}: {expected} was expected")]
pub(crate) struct ParseError {
    at: usize,
    expected: &'static str,
}

impl ParseError {
    /// Whether a whole value was read, and more stands behind it.
    pub(crate) fn trailing(&self) -> bool {
        self.expected == END
    }
}

/// What was expected behind a whole value.
const END: &str = "the end";

/// Reads one value that fills the whole text.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json, ParseError> {
    let mut reader = Reader { bytes, at: if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < bytes.len() { Err(reader.expected(END)) } else { Ok(value) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn expected(&self, expected: &'static str) -> ParseError {
        ParseError { at: self.at, expected }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.bytes[self.at..].starts_with(token.as_bytes());
        if found {
            self.at += token.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, ParseError> {
        self.space();
        match self.peek() {
            Some(b'{') if depth < DEEPEST => self.object(depth),
            Some(b'[') if depth < DEEPEST => self.array(depth),
            Some(b'{' | b'[') => Err(self.expected("less nesting")),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    /// A value that is a bare word.
    fn word(&mut self) -> Result<Json, ParseError> {
        const WORDS: [(&str, Json); 7] = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("nan", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("inf", Json::Float(f64::INFINITY)),
        ];
        match WORDS.into_iter().find(|(word, _)| self.take(word)) {
            Some((_, value)) => Ok(value),
            None => Err(self.expected("a value")),
        }
    }

    fn number(&mut self) -> Result<Json, ParseError> {
        let start = self.at;
        if self.take("-") && !matches!(self.peek(), Some(b'0'..=b'9')) {
            return match self.word()? {
                Json::Float(v) => Ok(Json::Float(-v)),
                _ => Err(self.expected("a number")),
            };
        }
        while matches!(self.peek(), Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
            self.at += 1;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        // Minus zero is a float: as an integer it would lose its sign.
        let whole = text != "-0" && !text.contains(['.', 'e', 'E']);
        if let (true, Ok(v)) = (whole, text.parse::<i64>()) {
            return Ok(Json::Int(v));
        }
        if let (true, Ok(v)) = (whole, text.parse::<u64>()) {
            return Ok(Json::Uint(v));
        }
        text.parse::<f64>().map(Json::Float).map_err(|_| ParseError { at: start, expected: "a number" })
    }

    fn array(&mut self, depth: usize) -> Result<Json, ParseError> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take("]") {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take("]") {
                return Ok(Json::Array(items));
            }
            if !self.take(",") {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, ParseError> {
        self.at += 1;
        let mut members = Vec::new();
        self.space();
        if self.take("}") {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in quotes"));
            }
            let key = self.string()?;
            self.space();
            if !self.take(":") {
                return Err(self.expected("`:`"));
            }
            members.push((key, self.value(depth + 1)?));
            self.space();
            if self.take("}") {
                return Ok(Json::Object(members));
            }
            if !self.take(",") {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    /// The bytes of a string, the opening quote being next.
    fn string(&mut self) -> Result<Vec<u8>, ParseError> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\')).unwrap_or(rest.len());
            text.extend_from_slice(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(_) => self.escape(&mut text)?,
                None => return Err(self.expected("the closing quote of a string")),
            }
        }
    }

    /// One escape, the backslash being next.
    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), ParseError> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b @ (b'"' | b'\\' | b'/')) => b,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode(text);
            }
            _ => return Err(self.expected("an escape")),
        };
        self.at += 1;
        text.push(plain);
        Ok(())
    }

    /// The character of a `\u` escape. Halves of surrogate pairs stay apart: with them Python writes bytes that are not
    /// UTF-8.
    fn unicode(&mut self, text: &mut Vec<u8>) -> Result<(), ParseError> {
        let first = self.four_digits()?;
        if (0xd800..0xdc00).contains(&first) {
            let after = self.at;
            if self.take("\\u") {
                let second = self.four_digits()?;
                if (0xdc00..0xe000).contains(&second) {
                    push(text, 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
                    return Ok(());
                }
                self.at = after;
            }
        }
        push(text, first);
        Ok(())
    }

    fn four_digits(&mut self) -> Result<u32, ParseError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.expected("four hexadecimal digits"))?;
            self.at += 1;
        }
        Ok(code)
    }
}

/// The bytes of a character in UTF-8; of half a surrogate pair what they would be.
fn push(text: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => text
            .extend([0xe0 | (code >> 12), 0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f)].map(|b| b as u8)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Json {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn bare_words_that_are_no_numbers_are_read() {
        let Json::Array(items) = read("[NaN, Infinity, -Infinity, -NaN, nan, -inf, 1e999]") else {
            panic!("a list")
        };
        let values: Vec<f64> = items.iter().map(|item| item.number().unwrap()).collect();
        assert!(values[0].is_nan() && values[3].is_nan() && values[4].is_nan());
        assert_eq!(values[1..3], [f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!(values[5..], [f64::NEG_INFINITY, f64::INFINITY]);
    }

    #[test]
    fn integers_stay_exact() {
        assert_eq!(read("9223372036854775807"), Json::Int(i64::MAX));
        assert_eq!(read("-9223372036854775808"), Json::Int(i64::MIN));
        assert_eq!(read("18446744073709551615"), Json::Uint(u64::MAX));
        assert_eq!(read("18446744073709551616"), Json::Float(18_446_744_073_709_551_616.0));
        assert_eq!(read("2.0"), Json::Float(2.0));
        let Json::Float(zero) = read("-0") else { panic!("a float") };
        assert!(zero.is_sign_negative());
    }

    #[test]
    fn strings_keep_bytes_that_are_not_utf8() {
        assert_eq!(parse(b"\"a\xff\\u00e9\"").unwrap(), Json::Text(b"a\xff\xc3\xa9".to_vec()));
        assert_eq!(parse(b"{\"a\xe9\":1}").unwrap(), Json::Object(vec![(b"a\xe9".to_vec(), Json::Int(1))]));
        let smile = ["😀".as_bytes(), b"\xed\xa0\xbd\n/"].concat();
        assert_eq!(read(r#""\ud83d\ude00\ud83d\n\/""#), Json::Text(smile));
        assert_eq!(read(r#""\ud83dA""#), Json::Text(b"\xed\xa0\xbdA".to_vec()));
        assert_ne!(read(r#""caf\udce0""#), read(r#""caf\udce9""#));
    }

    #[test]
    fn pointers_follow_keys_positions_and_escapes() {
        let value = read(r#"{"a/b":[{"~":7}],"":1}"#);
        assert_eq!(value.pointer("/a~1b/0/~0"), Some(&Json::Int(7)));
        assert_eq!(value.pointer("/"), Some(&Json::Int(1)));
        assert_eq!(value.pointer(""), Some(&value));
        assert_eq!(value.pointer("/a~1b/1"), None);
        assert_eq!(value.pointer("a"), None);
    }

    #[test]
    fn a_mistake_is_placed() {
        let said = |text: &str| parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(said("[1, }"), "not JSON at byte 4: a value was expected");
        assert_eq!(said("[1 2]"), "not JSON at byte 3: `,` or `]` was expected");
        assert_eq!(said("{} x"), "not JSON at byte 3: the end was expected");
        for text in
            ["", "[", "{\"a\"", "{1:2}", "\"a", "\"\\x\"", "\"\\u12", "-", "-true", "1.2.3", "nul", "<html>"]
        {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(parse(b"\xef\xbb\xbf 1\n").unwrap(), Json::Int(1));
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn never_panics_on_what_looks_like_json(text in r#"[\[\]{}",:\\u0-9eE.+\-aNnIitfy ]{0,40}"#) {
            let _ = parse(text.as_bytes());
        }

        #[test]
        fn floats_keep_their_bits(v in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            let text = serde_json::to_string(&v).unwrap();
            let Json::Float(read) = parse(text.as_bytes()).unwrap() else { panic!("{text}") };
            prop_assert_eq!(read.to_bits(), v.to_bits());
        }
    }
}
