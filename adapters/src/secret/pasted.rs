//! Tells the names of variables and files from secrets that were pasted in their place.
//!
//! The invariant: of what could be a secret no more than its beginning is shown.

use std::path::Path;

/// The most characters of a pasted secret that are shown, and no more than one of so many.
const SHOWN: usize = 4;

/// The most digits of a name, but for names of what exists.
const DIGITS: usize = 4;

/// Whether this is written as names of variables are: words in capitals, as in `API_TOKEN_2`. Tokens hold small letters, or
/// digits in between.
pub(super) fn is_name(name: &str) -> bool {
    const LONGEST: usize = 64;
    const LONGEST_WORD: usize = 16;
    // `K8S` and `B2B` are words.
    const SHORT_WORD: usize = 4;
    let word = |word: &str| {
        let letter_after_digit =
            word.as_bytes().windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic());
        word.len() <= LONGEST_WORD && (word.len() <= SHORT_WORD || !letter_after_digit)
    };
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= LONGEST && name.bytes().all(plain) && digits(name) <= DIGITS && name.split('_').all(word)
}

/// Whether a path may be shown: something is there, or it is written as paths of files are.
pub(super) fn is_path(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let parts = text.contains(std::path::is_separator);
    exists(path) || parts && is_plain(&text) && !text.contains(|c: char| c.is_ascii_uppercase())
}

/// Whether a path is more like a secret: nothing is there, and files are seldom called so.
pub(super) fn is_pasted(path: &Path) -> bool {
    const LONG: usize = 24;
    let text = path.to_string_lossy();
    let mixed = text.len() > LONG && text.contains(|c: char| c.is_ascii_uppercase());
    !exists(path) && (mixed || !is_plain(&text))
}

/// The beginning of what could be a secret.
pub(super) fn beginning(text: &str) -> String {
    let shown = SHOWN.min(text.chars().count() / SHOWN);
    text.chars().take(shown).chain(['…']).collect()
}

fn is_plain(text: &str) -> bool {
    let usual = |c: char| c.is_alphanumeric() || ".-_ ~:".contains(c) || std::path::is_separator(c);
    text.chars().all(usual) && digits(text) <= DIGITS
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether it exists, or a folder that it names.
fn exists(path: &Path) -> bool {
    let named = |folder: &Path| folder.file_name().is_some() && folder.exists();
    path.exists() || path.ancestors().skip(1).any(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made up, in the forms of those who give them out.
    const TOKENS: [&str; 8] = [
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "hf_AbCdEfGhIjKlMnOpQrStUvWxYz",
        "AKIAIOSFODNN7EXAMPLE",
        "JBSWY3DPEHPK3PXP",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "0123456789abcdef0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "s3cr3t+t0ken/with=signs",
    ];

    #[test]
    fn names_are_told_from_tokens() {
        for name in
            ["TOKEN", "OUR_TOKEN", "_KEY", "API_KEY_2", "K8S_TOKEN", "OAUTH2_SECRET", "NO_SUCH_VARIABLE"]
        {
            assert!(is_name(name), "{name}");
        }
        for token in TOKENS.into_iter().chain(["hunter", "sk_live", "A1B2C3D4E5"]) {
            assert!(!is_name(token), "{token}");
        }
    }

    #[test]
    fn paths_are_told_from_tokens() {
        for path in ["secrets/token", "/run/secrets/token", "no/such/file", "./token", "src/NoSuchFile12345"]
        {
            assert!(is_path(Path::new(path)) && !is_pasted(Path::new(path)), "{path}");
        }
        for path in ["token", "key.json", "Token.txt"] {
            assert!(
                !is_path(Path::new(path)) && !is_pasted(Path::new(path)),
                "{path}: not shown, and not refused"
            );
        }
        for token in TOKENS.into_iter().filter(|token| token.len() > 20) {
            assert!(!is_path(Path::new(token)) && is_pasted(Path::new(token)), "{token}");
        }
    }

    #[test]
    fn no_more_than_a_quarter_of_it_is_shown() {
        assert_eq!(beginning(TOKENS[0]), "ghp_…");
        assert_eq!(beginning("hunter2"), "h…");
        assert_eq!(beginning("abc"), "…");
        assert_eq!(beginning("éèàùéèàù"), "éè…");
    }
}
