//! Hides secrets in any text that is about to be shown.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// The shortest beginning of a secret that is hidden where a text was cut inside it.
const SHORTEST_PIECE: usize = 3;

/// The shortest last word of a secret of several words that is hidden by itself.
const SHORTEST_WORD: usize = 6;

/// The shortest part of a base64 text that is hidden by itself.
const SHORTEST_BASE64: usize = 8;

/// Knows every secret that was sent, in the spellings a server may echo: plain, base64 (both alphabets; also inside
/// a longer text that was encoded whole, as in Basic), percent-encoded in whatever part, and escaped as in JSON.
#[derive(Clone, Default)]
pub struct Masker {
    /// The secrets as they are.
    plain: Vec<String>,
    /// Longest first, so that a secret which holds another one is hidden whole.
    spellings: Vec<String>,
}

impl Masker {
    /// Learns one more secret. Earlier ones stay known, as a server may still repeat them.
    pub fn add(&mut self, secret: &str) {
        // A variable may hold `Bearer abc` as a whole, and the server repeat `abc` alone.
        let last_word = secret.rsplit(' ').next().filter(|word| word.len() >= SHORTEST_WORD);
        for secret in std::iter::once(secret).chain(last_word) {
            let base64 = base64(secret.as_bytes());
            let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let json = serde_json::Value::from(secret).to_string();
            let spellings = [
                secret.to_owned(),
                base64.replace('+', "-").replace('/', "_"),
                base64,
                percent.replace('+', "%20"),
                small_hex(&percent),
                small_hex(&percent.replace('+', "%20")),
                percent,
                json.trim_matches('"').to_owned(),
            ];
            // What the mask itself holds would be found for ever.
            let findable = secret.len() >= SHORTEST_PIECE && secret.bytes().any(|byte| byte != b'*');
            if findable && !self.plain.iter().any(|plain| plain == secret) {
                self.plain.push(secret.to_owned());
            }
            let inside = inside_base64(secret.as_bytes());
            let inside =
                inside.iter().flat_map(|part| [part.clone(), part.replace('+', "-").replace('/', "_")]);
            for spelling in spellings.into_iter().chain(inside) {
                if !spelling.is_empty() && !self.spellings.contains(&spelling) {
                    self.spellings.push(spelling);
                }
            }
        }
        self.spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    }

    /// The text with `***` for every secret. Where the text ends in `…`, it was cut: the beginning of a
    /// secret that stands before the cut is hidden too.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for spelling in &self.spellings {
            if text.contains(spelling.as_str()) {
                text = Cow::Owned(text.replace(spelling.as_str(), MASK));
            }
        }
        if text.contains('%') {
            for secret in &self.plain {
                while let Some(span) = percent_encoded(&text, secret.as_bytes()) {
                    text = Cow::Owned(format!("{}{MASK}{}", &text[..span.start], &text[span.end..]));
                }
            }
        }
        let piece =
            text.strip_suffix('…').and_then(|kept| self.piece_at_end(kept).map(|len| kept.len() - len));
        match piece {
            Some(start) => Cow::Owned(format!("{}{MASK}…", &text[..start])),
            None => text,
        }
    }

    /// Whether no secret is known, so that nothing can change.
    pub fn is_empty(&self) -> bool {
        self.spellings.is_empty()
    }

    /// As [`Masker::mask`], for bytes that need not be text.
    pub fn mask_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return match self.mask(text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            };
        }
        let mut bytes = Cow::Borrowed(bytes);
        for spelling in &self.spellings {
            if let Some(replaced) = replace(&bytes, spelling.as_bytes(), MASK.as_bytes()) {
                bytes = Cow::Owned(replaced);
            }
        }
        bytes
    }

    /// The length of the longest beginning of a secret with which the text ends.
    fn piece_at_end(&self, text: &str) -> Option<usize> {
        self.spellings
            .iter()
            .flat_map(|spelling| spelling.char_indices().map(move |(at, _)| &spelling[..at]))
            .filter(|piece| piece.len() >= SHORTEST_PIECE && text.ends_with(piece))
            .map(str::len)
            .max()
    }
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masker({} spellings)", self.spellings.len())
    }
}

/// Where the text holds the secret with some of its bytes percent-encoded.
fn percent_encoded(text: &str, secret: &[u8]) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    // Each byte as it is meant, with the place where it begins.
    let mut meant = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let encoded = (bytes[at] == b'%').then(|| Some(hex(at + 1)? * 16 + hex(at + 2)?)).flatten();
        meant.push((encoded.map_or(bytes[at], |byte| byte as u8), at));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    let same = |window: &&[(u8, usize)]| window.iter().zip(secret).all(|((byte, _), other)| byte == other);
    let first = meant.windows(secret.len()).position(|window| same(&window))?;
    let end = meant.get(first + secret.len()).map_or(bytes.len(), |(_, at)| *at);
    // Whole characters, whatever a server made of them.
    let range = meant[first].1..end;
    (text.is_char_boundary(range.start) && text.is_char_boundary(range.end)).then_some(range)
}

/// The characters that the secret makes of a base64 text of which it is a part, for each place where it can begin.
fn inside_base64(secret: &[u8]) -> Vec<String> {
    let part = |before: usize| {
        let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(secret.iter().copied()).collect();
        let text = base64(&padded);
        // Characters that hold bits of what stands before and after are not the secret's own.
        let (start, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        text.get(start..end).unwrap_or_default().to_owned()
    };
    (0..3).map(part).filter(|part| part.len() >= SHORTEST_BASE64).collect()
}

/// The bytes with `with` for every `what`, which is not empty; `None` where it does not occur.
fn replace(bytes: &[u8], what: &[u8], with: &[u8]) -> Option<Vec<u8>> {
    let next = |bytes: &[u8]| bytes.windows(what.len()).position(|window| window == what);
    let mut rest = bytes;
    let mut replaced = Vec::new();
    while let Some(at) = next(rest) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(with);
        rest = &rest[at + what.len()..];
    }
    if rest.len() == bytes.len() {
        return None;
    }
    replaced.extend_from_slice(rest);
    Some(replaced)
}

/// The same percent-encoding with `%2f` for `%2F`.
fn small_hex(percent: &str) -> String {
    let mut digits = 0;
    percent
        .chars()
        .map(|c| {
            let small = digits > 0;
            digits = if c == '%' { 2 } else { digits - i32::from(small) };
            if small { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

/// Standard base64 (RFC 4648 section 4) without padding, so that it is found with and without.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * digit)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masker(secret: &str) -> Masker {
        let mut masker = Masker::default();
        masker.add(secret);
        masker
    }

    #[test]
    fn base64_agrees_with_the_vectors_of_rfc_4648() {
        for (plain, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }

    #[test]
    fn every_spelling_is_hidden() {
        let masker = masker("a/B c?\"d");
        for text in
            ["a/B c?\"d", "YS9CIGM/ImQ=", "YS9CIGM_ImQ", "a%2FB+c%3F%22d", "a%2fB%20c%3f%22d", "a/B c?\\\"d"]
        {
            let shown = masker.mask(text).into_owned();
            assert!(shown.starts_with(MASK) && shown.len() < 6, "{text} is shown as {shown}");
        }
    }

    #[test]
    fn a_secret_that_is_percent_encoded_in_whatever_part_is_hidden() {
        let masker = masker("t0k/en+x");
        for text in ["%74%30%6b%2F%65%6E%2b%78", "t%30k%2fen+x", "t0k/e%6e%2Bx"] {
            assert_eq!(masker.mask(&format!("a {text} %zz 5%")), "a *** %zz 5%", "{text}");
        }
        assert_eq!(masker.mask("100% of t%30k"), "100% of t%30k");
        let mut odd = Masker::default();
        odd.add("***");
        assert_eq!(odd.mask("%2a%2a%2a"), "%2a%2a%2a", "there is an end to it");
    }

    #[test]
    fn a_secret_inside_a_base64_text_is_hidden() {
        let masker = masker("s3cr3t+t0ken");
        for before in ["", "u", "us", "user:", "some body:"] {
            for after in ["", "!", "??"] {
                let text = base64(format!("{before}s3cr3t+t0ken{after}").as_bytes());
                let shown = masker.mask(&text).into_owned();
                assert!(shown.contains(MASK), "{before}|{after}: {text} is shown as {shown}");
                let left: usize = shown.split(MASK).map(str::len).sum();
                assert!(left <= (before.len() + after.len()) * 4 / 3 + 6, "{shown}");
            }
        }
    }

    #[test]
    fn a_secret_inside_another_leaves_nothing() {
        let mut masker = masker("abc");
        masker.add("abcdef");
        assert_eq!(masker.mask("x abcdef y abc"), "x *** y ***");
    }

    #[test]
    fn bytes_that_are_no_text_hide_it_too() {
        let masker = masker("sesame");
        assert_eq!(&*masker.mask_bytes(b"\xffsesame\xfesesamesesam"), b"\xff***\xfe***sesam");
        assert_eq!(&*masker.mask_bytes(b"a sesame"), b"a ***");
        assert_eq!(&*masker.mask_bytes(b"\xffsesam"), b"\xffsesam");
        assert!(matches!(masker.mask_bytes(b""), Cow::Borrowed(b"")));
    }

    #[test]
    fn the_token_after_bearer_is_hidden_alone() {
        assert_eq!(masker("Bearer k3y-k3y").mask("bad key k3y-k3y"), "bad key ***");
    }

    #[test]
    fn the_beginning_of_a_secret_before_a_cut_is_hidden() {
        let masker = masker("sesame-open");
        assert_eq!(masker.mask("got sesame-op…"), "got ***…");
        assert_eq!(masker.mask("got sesame-op"), "got sesame-op");
        assert_eq!(masker.mask("plain…"), "plain…");
    }
}
