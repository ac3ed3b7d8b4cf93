//! Text that came from elsewhere (model names, URLs, reasons) made fit for a terminal or a picture, and
//! lines broken at a width.
//!
//! The invariant: what leaves [`clean`] holds no control character, so no report can steer a terminal.

/// How wide a line of the terminal report may be, in characters.
pub(crate) const WIDTH: usize = 100;

/// `text` with every control and direction-changing character replaced.
pub(crate) fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// `text`, cleaned, in at most `most` characters; the middle is left out, as both ends of a URL tell.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    let text = clean(text);
    let length = text.chars().count();
    if length <= most {
        return text;
    }
    let kept = most.saturating_sub(1);
    let tail = kept / 2;
    let head: String = text.chars().take(kept - tail).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{head}…{end}")
}

/// `text` broken between words into lines of at most [`WIDTH`] characters; a longer word is shortened.
/// Every line but the first is indented by `indent` spaces.
pub(crate) fn wrap(text: &str, indent: usize) -> String {
    wrap_to(text, WIDTH, indent).join("\n")
}

/// Like [`wrap`], at another width, as lines.
pub(crate) fn wrap_to(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let word = shorten(word, width - indent);
        let length = word.chars().count();
        let empty = line.trim_start().is_empty();
        if !empty && used + 1 + length > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            used = indent;
        } else if !empty {
            line.push(' ');
            used += 1;
        }
        line.push_str(&word);
        used += length;
    }
    lines.push(line);
    lines
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_passes() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{9b}d\u{202e}e"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}e");
    }

    #[test]
    fn shortening_keeps_both_ends_and_the_length() {
        assert_eq!(shorten("abcdefghij", 10), "abcdefghij");
        assert_eq!(shorten("abcdefghijk", 6), "abc…jk");
        assert_eq!(shorten("ééééé", 3), "é…é");
        assert_eq!(shorten("abc", 0), "…");
    }

    #[test]
    fn lines_keep_their_width_whatever_the_words() {
        let long = "x".repeat(300);
        for text in [long.as_str(), &format!("a {long} b"), &"word ".repeat(80)] {
            for line in wrap(text, 4).lines() {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
        assert_eq!(wrap_to("aa bb cc dd", 5, 0), ["aa bb", "cc dd"]);
        assert_eq!(wrap_to("aa bb cc dd", 6, 1), ["aa bb", " cc dd"]);
        assert_eq!(wrap_to("", 6, 1), [""]);
    }

    #[test]
    fn lists_read_like_prose() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
