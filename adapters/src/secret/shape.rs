//! Texts that are credentials by what they look like, whatever their names say.
//!
//! What a name tells is left to [`header`](super::header). The invariant: what people make up or a program numbers (the
//! name of a model, a media type, a UUID, a digest, a trace id) is none.

use std::ops::RangeInclusive;

/// A kind of token: how it begins, what follows, and how many of that.
type Kind = (&'static str, fn(u8) -> bool, RangeInclusive<usize>);

const KINDS: [Kind; 15] = [
    // GitHub.
    ("ghp_", letter, 20..=LONGEST),
    ("gho_", letter, 20..=LONGEST),
    ("ghu_", letter, 20..=LONGEST),
    ("ghs_", letter, 20..=LONGEST),
    ("ghr_", letter, 20..=LONGEST),
    ("github_pat_", joined, 20..=LONGEST),
    // GitLab.
    ("glpat-", joined, 16..=LONGEST),
    // Slack.
    ("xoxb-", joined, 10..=LONGEST),
    ("xoxp-", joined, 10..=LONGEST),
    ("xoxa-", joined, 10..=LONGEST),
    // AWS, Google.
    ("AKIA", capital, 16..=16),
    ("AIza", joined, 35..=35),
    // Hugging Face, Databricks.
    ("hf_", letter, 20..=LONGEST),
    ("dapi", hexadecimal, 32..=34),
    // OpenAI and those who do as it does; see `is_random`.
    ("sk-", joined, 16..=LONGEST),
];

/// No token is longer.
const LONGEST: usize = 4096;
/// The fewest letters in a row that nobody makes up, if a digit is among them.
const RANDOM: usize = 16;

fn letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn joined(byte: u8) -> bool {
    letter(byte) || byte == b'-' || byte == b'_'
}

fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// The token may end in `-2`, as which of several it is.
fn hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')
}

/// Whether a text is a credential or has one in it: a JSON Web Token, a private key, a token of a well-known service, or
/// `Bearer` or `Basic` with what follows them.
pub fn is_token(text: &str) -> bool {
    let mut words = text.split(|c: char| c != '.' && !u8::try_from(c).is_ok_and(joined));
    is_scheme(text)
        || text.split_once("-----BEGIN ").is_some_and(|(_, key)| key.contains("PRIVATE KEY"))
        || words.any(|word| is_web_token(word) || word.split('.').any(is_of_a_service))
}

/// Three parts in base64url, or five where it is encrypted; the first is a JSON object (RFC 7519).
fn is_web_token(word: &str) -> bool {
    let parts: Vec<&str> = word.trim_matches('.').split('.').collect();
    // The signature of one that is not signed is empty.
    let known = matches!(parts.len(), 3 | 5) || (parts.len() == 2 && word.ends_with('.'));
    known && parts[0].starts_with("eyJ") && parts[0].len() > 8 && !parts[1..].concat().is_empty()
}

fn is_of_a_service(word: &str) -> bool {
    KINDS.iter().any(|(start, of, lengths)| {
        word.strip_prefix(*start).is_some_and(|rest| {
            lengths.contains(&rest.len()) && rest.bytes().all(*of) && (*start != "sk-" || is_random(rest))
        })
    })
}

/// Whether nobody made it up: `sk-learn-forest-2026` is the name of a model.
fn is_random(text: &str) -> bool {
    let has = |part: &str, what: fn(&u8) -> bool| part.bytes().any(|byte| what(&byte));
    text.split(['-', '_']).any(|part| {
        part.len() >= RANDOM && has(part, u8::is_ascii_digit) && has(part, u8::is_ascii_alphabetic)
    })
}

/// Whether the whole text is the value of an `Authorization` header: a scheme, and one word after it.
fn is_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once(' ') else { return false };
    let word = rest.trim_start();
    if word.is_empty() || word.contains(char::is_whitespace) || word.contains('{') {
        return false;
    }
    // `Basic training` is no user with a password.
    let basic = || from_base64(word.as_bytes()).is_some_and(|user| user.is_ascii() && user.contains(&b':'));
    scheme.eq_ignore_ascii_case("bearer") || (scheme.eq_ignore_ascii_case("basic") && basic())
}

/// The bytes of a text in base64, padded or not (RFC 4648 section 4); none where it is no such text.
pub(crate) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let padding = text.iter().rev().take_while(|letter| **letter == b'=').count();
    let text = &text[..text.len() - padding];
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let mut bits = 0_u32;
        for letter in group {
            let six = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        // Four letters are three bytes, three are two, two are one, and one alone is none.
        let whole = group.len().checked_sub(1).filter(|whole| *whole > 0)?;
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..=whole]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // In pieces, as scanners of repositories look for such tokens too.
    fn tokens() -> Vec<String> {
        let hex = "0123456789abcdef";
        vec![
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij".into(),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.".into(),
            "eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn".into(),
            format!("{}{hex}{hex}", "sk-"),
            format!("{}proj-Ab1_{hex}-x", "sk-"),
            format!("{}{hex}{hex}", "ghp_"),
            format!("{}{hex}{hex}", "ghs_"),
            format!("{}11AAAA0_{hex}", "github_pat_"),
            format!("{}{hex}-x_1", "glpat-"),
            format!("{}123456789012-abc", "xoxb-"),
            format!("{}123456789012-abc", "xoxp-"),
            format!("{}ABCDEFGH12345678", "AKIA"),
            format!("{}{hex}-_{hex}A", "AIza"),
            format!("{}AbcdefghijklmnopqrsTuvw", "hf_"),
            format!("{}{hex}{hex}", "dapi"),
            format!("{}{hex}{hex}-2", "dapi"),
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE".into(),
            "-----BEGIN PRIVATE KEY-----\\nMIIE".into(),
            "Bearer hunter2".into(),
            "bearer  4f2a99c1".into(),
            "Basic dXNlcjpwYXNz".into(),
            "basic YTpi".into(),
        ]
    }

    #[test]
    fn tokens_are_known_by_themselves_and_in_a_text() {
        for token in tokens() {
            assert!(is_token(&token), "{token}");
            if !is_scheme(&token) {
                for text in [
                    format!("session={token}; path=/"),
                    format!("{{\"a\": [\"{token}\"]}}"),
                    format!("é {token}é"),
                    format!("see {token}."),
                ] {
                    assert!(is_token(&text), "{text}");
                }
            }
        }
    }

    #[test]
    fn ordinary_values_are_none() {
        for text in [
            "",
            "blue",
            "application/json",
            "no-cache, max-age=0",
            "123e4567-e89b-12d3-a456-426614174000",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "resnet50.v1.5",
            "1.2.3",
            "google/vit-base-patch16-224",
            "sk-learn-random-forest-2026-01-31",
            "sk-learn.ensemble.RandomForestClassifier",
            "hf_internal_testing_tiny_random_bert",
            "hf-internal-testing/tiny-random-vit",
            "dapi",
            "AKIA",
            "AIzawa",
            "AKIATHEMODELOFTHEYEAR",
            "eyJ",
            "eye.of.tiger",
            "eyJ.a.b",
            "Bearer",
            "token_type Bearer",
            "Bearer of bad news",
            "Bearer {{ model }}",
            "Basic training",
            "Basic ResNet50",
            "Basic",
            "-----BEGIN CERTIFICATE-----",
            "Mozilla/5.0 (X11; Linux x86_64)",
            "http://h:8000/v2/models/digits/versions/3",
        ] {
            assert!(!is_token(text), "{text}");
        }
    }

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for (text, bytes) in [
            (&b""[..], &b""[..]),
            (b"Zg", b"f"),
            (b"Zg==", b"f"),
            (b"Zm8=", b"fo"),
            (b"Zm9v", b"foo"),
            (b"Zm9vYmFy", b"foobar"),
            (b"+/+/", b"\xfb\xff\xbf"),
        ] {
            assert_eq!(from_base64(text).as_deref(), Some(bytes), "{text:?}");
        }
        for text in [&b"Z"[..], b"Zm9vY", b"Z%==", b"Zg==Zg=="] {
            assert_eq!(from_base64(text), None, "{text:?}");
        }
    }
}
