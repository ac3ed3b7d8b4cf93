//! Hides secrets in any text that is about to be shown.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::escapes;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// What stands where a text was cut.
pub(crate) const CUT: &[u8] = "…".as_bytes();

/// The shortest beginning of a secret that is hidden where a text was cut inside it.
const SHORTEST_PIECE: usize = 3;

/// The shortest last word of a secret of several words that is hidden by itself.
const SHORTEST_WORD: usize = 6;

/// The shortest part of a base64 text that is hidden by itself.
const SHORTEST_BASE64: usize = 8;

/// Knows every secret that was sent, in the spellings a server may echo: plain, base64 (both alphabets; also inside
/// a longer text that was encoded whole, as in Basic), hexadecimal, and escaped in whatever part as URLs, JSON and HTML
/// do it.
#[derive(Clone, Default)]
pub struct Masker {
    /// Longest first, so that a secret which holds another one is hidden whole.
    spellings: Vec<String>,
}

impl Masker {
    /// The fewest characters of a secret that is hidden. A shorter one stands everywhere by chance, in numbers and names.
    pub const SHORTEST: usize = 4;

    /// Learns one more secret, unless it is shorter than [`Masker::SHORTEST`]. Earlier ones stay known, as a server may
    /// still repeat them.
    pub fn add(&mut self, secret: &str) {
        if secret.chars().count() < Self::SHORTEST {
            return;
        }
        // A variable may hold `Bearer abc` as a whole, and the server repeat `abc` alone.
        let last_word = secret.rsplit(' ').next().filter(|word| word.len() >= SHORTEST_WORD);
        for secret in std::iter::once(secret).chain(last_word) {
            let base64 = base64(secret.as_bytes());
            // Escapes are read; a space that is written as `+` is not one of them.
            let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
            let spellings = [
                secret.to_owned(),
                base64.replace('+', "-").replace('/', "_"),
                base64,
                small_hex(&form),
                form,
                hex.to_uppercase(),
                hex,
            ];
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

    /// The text with `***` for every secret. Where there is a `…`, it was cut: the beginning of a secret that stands before
    /// the cut is hidden too.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.mask_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Spellings are whole characters, so the rest still is.
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Whether no secret is known, so that nothing can change.
    pub fn is_empty(&self) -> bool {
        self.spellings.is_empty()
    }

    /// As [`Masker::mask`], for bytes that need not be text.
    pub fn mask_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut bytes = Cow::Borrowed(bytes);
        for spelling in &self.spellings {
            if let Some(replaced) = replace(&bytes, spelling.as_bytes(), MASK.as_bytes()) {
                bytes = Cow::Owned(replaced);
            }
        }
        // Each turn takes away a byte that is no `*`, so there is an end to it.
        while let Some(span) = self.escaped(&bytes) {
            bytes = Cow::Owned([&bytes[..span.start], MASK.as_bytes(), &bytes[span.end..]].concat());
        }
        let mut from = 0;
        while let Some(cut) = find(&bytes[from..], CUT).map(|at| from + at) {
            from = cut + CUT.len();
            // No piece is longer than that.
            let near = cut.saturating_sub(self.reach());
            if let Some(start) = self.piece_at_end(&bytes[near..cut]).map(|start| near + start) {
                bytes = Cow::Owned([&bytes[..start], MASK.as_bytes(), &bytes[cut..]].concat());
                from = start + MASK.len() + CUT.len();
            }
        }
        bytes
    }

    /// The most bytes in which a secret is written: each of the longest spelling may be escaped, and the escape again.
    fn reach(&self) -> usize {
        self.spellings.first().map_or(0, |longest| longest.len() * 2 * escapes::LONGEST)
    }

    /// Where a secret stands of which some bytes are escaped.
    fn escaped(&self, bytes: &[u8]) -> Option<Range<usize>> {
        let spellings = || self.spellings.iter().filter(|spelling| findable(spelling));
        escapes::around(bytes, self.reach()).into_iter().find_map(|range| {
            let start = range.start;
            let readings = escapes::readings(&bytes[range]);
            let found = readings
                .iter()
                .find_map(|read| spellings().find_map(|spelling| escapes::find(read, spelling.as_bytes())));
            found.map(|found| start + found.start..start + found.end)
        })
    }

    /// Where the longest beginning of a secret begins with which the bytes end, escaped or not; an escape that the
    /// cut went through is part of it.
    fn piece_at_end(&self, bytes: &[u8]) -> Option<usize> {
        let open = bytes.len().saturating_sub(escapes::LONGEST);
        let cut = bytes[open..].iter().rposition(|byte| escapes::BEGIN.contains(byte));
        let whole = [Some(bytes), cut.map(|at| &bytes[..open + at])];
        let begins = whole.into_iter().flatten().flat_map(|bytes| {
            let plain = escapes::plain(bytes);
            let readings = std::iter::once(plain).chain(escapes::readings(bytes));
            readings
                .filter_map(|reading| {
                    self.spellings
                        .iter()
                        .filter_map(|spelling| {
                            let spelling = spelling.as_bytes();
                            let longest = spelling.len().saturating_sub(1).min(reading.len());
                            let ends = |len: &usize| {
                                escapes::same(&reading[reading.len() - len..], &spelling[..*len])
                            };
                            let len = (SHORTEST_PIECE..=longest).rev().find(ends)?;
                            Some(reading[reading.len() - len].1.start)
                        })
                        .min()
                })
                .collect::<Vec<_>>()
        });
        begins.min()
    }
}

/// Whether a search for it comes to an end: what the mask itself holds would be found for ever.
fn findable(spelling: &str) -> bool {
    spelling.len() >= SHORTEST_PIECE && spelling.bytes().any(|byte| byte != b'*')
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masker({} spellings)", self.spellings.len())
    }
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

/// Where `what`, which is not empty, first occurs.
fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The bytes with `with` for every `what`, which is not empty; `None` where it does not occur.
fn replace(bytes: &[u8], what: &[u8], with: &[u8]) -> Option<Vec<u8>> {
    let next = |bytes: &[u8]| find(bytes, what);
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
    use proptest::prelude::*;

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
        for text in [
            "a/B c?\"d",
            "YS9CIGM/ImQ=",
            "YS9CIGM_ImQ",
            "a%2FB+c%3F%22d",
            "a%2fB%20c%3f%22d",
            "a/B c?\\\"d",
            "612f4220633f2264",
            "612F4220633F2264",
        ] {
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
        odd.add("****");
        assert_eq!(odd.mask("%2a%2a%2a%2a"), "%2a%2a%2a%2a", "there is an end to it");
    }

    #[test]
    fn a_secret_that_is_escaped_for_json_or_html_is_hidden() {
        let masker = masker("t0k/en+x=");
        for text in [
            r"t0k\/en+x=",
            r"t0k\/en\u002bx\u003D",
            r"\u0074\u0030\u006b\u002f\u0065\u006E\u002B\u0078\u003d",
            r"t0k\x2fen\x2Bx=",
            "t0k&#x2F;en&#43;x&equals;",
            "t0k&sol;en&plus;x&#X3d;",
            "&#116;0k/en&#0043;x=",
            // One escaped by the other.
            r"t0k\\/en\\u002bx=",
            "t0k&amp;#x2F;en+x=",
            r"t0k\u00252Fen+x=",
            // Its base64.
            r"dDBrL2VuK3g9",
            r"dDBrL2VuK3\u0067\u0039",
        ] {
            assert_eq!(masker.mask(&format!("é {text} &c; \\")), "é *** &c; \\", "{text}");
            let bytes = [b"\xff", text.as_bytes(), b"\xfe"].concat();
            assert_eq!(&*masker.mask_bytes(&bytes), b"\xff***\xfe", "{text}");
        }
        for text in
            [r"t0k\\ /en+x=", "t0k&#x2F;en&x=", "t0k&#99999999999;", r"t0k\u", "&#;&#x;&;&", "%", "\\"]
        {
            assert_eq!(masker.mask(text), text);
        }
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
        let mut masker = masker("abcd");
        masker.add("abcdef");
        assert_eq!(masker.mask("x abcdef y abcd"), "x *** y ***");
    }

    #[test]
    fn what_is_too_short_for_a_secret_is_not_hidden() {
        for short in ["", "1", "v1", "abc", "é1é"] {
            let masker = masker(short);
            assert!(masker.is_empty(), "{short}");
            assert_eq!(masker.mask("abc v1.1 é1é"), "abc v1.1 é1é");
        }
        assert_eq!(masker("abcd").mask("abc abcd"), "abc ***");
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
        for text in
            [r"\u0073es%61me-o…", r"sesame-\u00…", "sesame&#45;op…", "sesame&#4…", "sesame%…", r"sesame\…"]
        {
            assert_eq!(masker.mask(&format!("got {text}")), "got ***…", "{text}");
        }
        assert_eq!(masker.mask("got 5%…"), "got 5%…");
        assert_eq!(masker.mask("a sesame-op… and ses…; it is … sesam"), "a ***… and ***…; it is … sesam");
    }

    proptest! {
        /// However each byte of a secret is written, and whatever stands around it.
        #[test]
        fn no_way_of_writing_it_shows_a_secret(
            secret in "[!-)+-~]{4,16}",
            ways in proptest::collection::vec(0..9_u8, 16),
            twice in any::<bool>(),
            before in "[a-z &%#;x]{0,8}",
        ) {
            // Unescaping twice would take a backslash of the secret for the beginning of an escape.
            let twice = twice && !secret.contains(['\\', '%', '&']);
            let write = |byte: u8, way: u8| match way {
                0 => format!("%{byte:02x}"),
                1 => format!("%{byte:02X}"),
                2 => format!("\\u{byte:04x}"),
                3 => format!("\\x{byte:02X}"),
                4 => format!("&#{byte};"),
                5 => format!("&#x{byte:x};"),
                6 if b"/\"'\\".contains(&byte) => format!("\\{}", char::from(byte)),
                // By itself what begins an escape could make one with what follows it.
                _ if b"%\\&".contains(&byte) => format!("&#{byte};"),
                _ => char::from(byte).to_string(),
            };
            let written: String =
                secret.bytes().zip(&ways).map(|(byte, way)| write(byte, *way)).collect::<Vec<_>>().concat();
            // As a page that quotes a URL, say.
            let written = if twice { written.replace('&', "&amp;").replace('%', "%25") } else { written };
            let text = format!("{before} {written} .");
            let shown = masker(&secret).mask(&text).into_owned();
            prop_assert!(shown.contains(MASK) && !shown.contains(&written), "{secret} as {text} is shown as {shown}");
        }
    }
}
