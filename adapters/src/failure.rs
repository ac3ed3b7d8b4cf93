//! A request without a usable answer.

use std::fmt;
use std::time::Duration;

use crate::http::quote;

/// What kind of obstacle it was; the client decides what to do by this alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// No connection, or it broke before a whole answer had come.
    Unreachable,
    /// No whole answer within the time allowed.
    TimedOut,
    /// The server has too much to do, or limits the rate.
    Overloaded,
    /// The server stumbled; the same request may succeed.
    Transient,
    /// An answer came that does not fit the protocol.
    Malformed,
    /// The model itself raised an exception.
    ModelFailed,
    /// The server refuses this request for what it contains.
    Rejected,
    /// The answer holds NaN or an infinity.
    NonFinite,
    /// The credentials are missing, wrong or expired.
    Auth,
    /// The model, version or path does not exist.
    NotFound,
    /// The server points to another place.
    Redirected,
    /// The model or the server needs what this adapter does not offer.
    Unsupported,
    /// What was typed about the model does not go with what it says of itself, so that no row can be sent.
    Usage,
}

impl FailureKind {
    /// A lower-case name, as it stands in journals and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::Overloaded => "overloaded",
            Self::Transient => "transient",
            Self::Malformed => "malformed",
            Self::ModelFailed => "model-failed",
            Self::Rejected => "rejected",
            Self::NonFinite => "non-finite",
            Self::Auth => "auth",
            Self::NotFound => "not-found",
            Self::Redirected => "redirected",
            Self::Unsupported => "unsupported",
            Self::Usage => "usage",
        }
    }
}

/// One failed request: what kind, what the server said, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of obstacle.
    pub kind: FailureKind,
    /// How long the server asked us to wait before the next request, from `Retry-After`.
    pub pushback: Option<Duration>,
    /// The server's or the transport's own words, at most [`Failure::SAID`] bytes, secrets masked. Where an answer does
    /// not fit, what was expected stands before the first bytes of it.
    pub said: Box<str>,
    /// The URL that was asked, without credentials.
    pub at: Box<str>,
}

/// What stands before the pointers that would fit, and before the beginning of an answer.
const FITS: &str = "; what would fit: ";
const BEGINS: &str = "; it begins: ";
/// What stands in its place where there is none.
const EMPTY: &str = "; it is empty";
/// What stands before something that was found in an answer: its beginning, the names in it, or a value.
const FOUND: [&str; 5] = [FITS, BEGINS, ", found ", "; the answer is ", "; it is "];
/// The names in an object are found in the answer too.
const OBJECT: &str = "an object with `";
/// So many bytes that are no text are quoted.
const BYTES: usize = 16;

impl Failure {
    /// The most bytes of a server's words that are kept.
    pub const SAID: usize = 200;

    /// A failure without pushback; `said` is cut to [`Failure::SAID`] bytes, control characters become
    /// spaces.
    pub fn new(kind: FailureKind, said: impl AsRef<str>, at: impl Into<Box<str>>) -> Self {
        Self { kind, pushback: None, said: shorten(said.as_ref(), Self::SAID), at: at.into() }
    }

    /// An answer that does not fit: what was expected, in at most twice [`Failure::SAID`] bytes, then its first
    /// [`Failure::SAID`] bytes.
    pub(crate) fn showing(kind: FailureKind, expected: impl AsRef<str>, answer: &[u8]) -> Self {
        let expected = shorten(expected.as_ref(), 2 * Self::SAID);
        let said = if answer.is_empty() {
            format!("{expected}{EMPTY}")
        } else {
            format!("{expected}{BEGINS}{}", shorten(&readable(answer), Self::SAID))
        };
        Self { kind, pushback: None, said: said.into(), at: "".into() }
    }

    /// The same, with the first bytes of an answer that does not fit, where it does not have them yet.
    pub(crate) fn shown(self, answer: &[u8]) -> Self {
        let misfit = matches!(self.kind, FailureKind::Malformed | FailureKind::NonFinite);
        if !misfit || [BEGINS, EMPTY].iter().any(|mark| self.said.contains(mark)) {
            return self;
        }
        Self { pushback: self.pushback, ..Self::showing(self.kind, &self.said, answer) }
    }

    /// As [`Failure::showing`], with the JSON Pointers that would have read the answer before its beginning.
    pub(crate) fn misfit(expected: impl AsRef<str>, pointers: &[String], answer: &[u8]) -> Self {
        let told = |pointer: &String| match pointer.as_str() {
            "" => "an empty --answer (all of it)".to_owned(),
            pointer => format!("--answer {}", quoted(pointer)),
        };
        let fits = pointers.iter().map(told).collect::<Vec<_>>().join(", ");
        let fits = if fits.is_empty() { fits } else { format!("{FITS}{fits}") };
        Self::showing(FailureKind::Malformed, format!("{}{fits}", expected.as_ref()), answer)
    }

    /// What it was alone, without what would fit and the beginning of the answer behind it.
    pub fn reason(&self) -> &str {
        let end = [FITS, BEGINS, EMPTY].into_iter().filter_map(|mark| self.said.find(mark)).min();
        &self.said[..end.unwrap_or(self.said.len())]
    }

    /// The same with nothing of an answer that does not fit: what was expected is kept, and what was found, what would
    /// fit and the beginning of the answer are left out. The words of a server that refuses are its own, and stay.
    #[must_use]
    pub fn without_answer(self) -> Self {
        let misfit = matches!(self.kind, FailureKind::Malformed | FailureKind::NonFinite);
        let marks = if misfit { &FOUND[..] } else { &FOUND[..2] };
        let object = self.said.find(OBJECT).filter(|_| misfit).map(|at| at + "an object".len());
        let end = marks.iter().filter_map(|mark| self.said.find(mark)).chain(object).min();
        let said = self.said[..end.unwrap_or(self.said.len())].into();
        Self { said, ..self }
    }

    /// A failure found where the URL is not known; the endpoint fills it in.
    pub(crate) fn unplaced(kind: FailureKind, said: impl AsRef<str>) -> Self {
        Self::new(kind, said, "")
    }
}

/// The first bytes of an answer on one line: what is text as such, what is none in hexadecimal.
fn readable(answer: &[u8]) -> String {
    let first = &answer[..answer.len().min(2 * Failure::SAID)];
    let text = match str::from_utf8(first) {
        Err(error) if error.error_len().is_some() => &first[..error.valid_up_to()],
        _ => return quote(answer),
    };
    let rest = &answer[text.len()..];
    let bytes: Vec<_> = rest.iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if rest.len() > BYTES { " …" } else { "" };
    let bytes = format!("{} bytes: {}{more}", rest.len(), bytes.join(" "));
    if text.is_empty() { bytes } else { format!("{} + {bytes}", quote(text)) }
}

/// A pointer as a shell reads it back: `*` and spaces mean something there.
fn quoted(pointer: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/_-.~".contains(c);
    if pointer.chars().all(plain) {
        pointer.to_owned()
    } else {
        format!("'{}'", pointer.replace('\'', r"'\''"))
    }
}

fn shorten(said: &str, most: usize) -> Box<str> {
    let mut kept: String = said.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if kept.len() > most {
        let cut = (0..=most - '…'.len_utf8()).rev().find(|i| kept.is_char_boundary(*i)).unwrap_or(0);
        kept.truncate(cut);
        kept.push('…');
    }
    kept.into()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.at, self.said, self.kind.name())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_stands_before_what_would_fit_and_the_answer() {
        let failure =
            Failure::misfit("nothing is at `/y`", &["/x".into(), String::new()], b"{; it begins: }");
        assert_eq!(failure.reason(), "nothing is at `/y`");
        assert!(
            failure.said.contains("--answer /x, an empty --answer (all of it); it begins: {"),
            "{failure}"
        );
        let starred = Failure::misfit("no", &["/p/*/x".into(), "/it's".into()], b"1").said;
        assert_eq!(&*starred, r"no; what would fit: --answer '/p/*/x', --answer '/it'\''s'; it begins: 1");
        assert_eq!(Failure::misfit("no", &[], b"").reason(), "no");
        assert_eq!(&*Failure::misfit("no", &[], b"").said, "no; it is empty");
        assert_eq!(Failure::new(FailureKind::Rejected, "too large", "at").reason(), "too large");
    }

    #[test]
    fn nothing_of_an_answer_is_left_where_none_is_to_be_kept() {
        let kept = |kind, said: &str| Failure::new(kind, said, "at").without_answer().said.to_string();
        for (said, left) in [
            ("the answer is not JSON; it begins: {\"p\":[0.1", "the answer is not JSON"),
            ("a list of 2 was expected, found a list of 1; it begins: [0.1]", "a list of 2 was expected"),
            ("nothing is at `/y`; the answer is an object with `cat`", "nothing is at `/y`"),
            (
                "an answer is an object with `cat`, `dog`: numbers were expected; what would fit: --answer /cat",
                "an answer is an object",
            ),
            ("no answer within 10s", "no answer within 10s"),
        ] {
            assert_eq!(kept(FailureKind::Malformed, said), left);
        }
        let words = "HTTP 400: 4 columns were expected, found 3; it is too short";
        assert_eq!(kept(FailureKind::Rejected, words), words);
        let streams = Failure::showing(FailureKind::Unsupported, "the handler streams", b"0.1");
        assert_eq!(&*streams.without_answer().said, "the handler streams");
    }

    #[test]
    fn the_beginning_is_shown_once_and_bytes_as_bytes() {
        let shown =
            |answer: &[u8]| Failure::unplaced(FailureKind::Malformed, "no").shown(answer).said.to_string();
        assert_eq!(shown(b"{\"a\": \n1}"), "no; it begins: {\"a\": 1}");
        assert_eq!(shown(b"{\"a\"}\xff\x00"), "no; it begins: {\"a\"} + 2 bytes: ff 00");
        assert_eq!(shown(&[0xff; 99]), format!("no; it begins: 99 bytes: {}…", "ff ".repeat(16)));
        // A character that is cut in two is text.
        assert!(!shown("é".repeat(300).as_bytes().get(..401).unwrap()).contains("bytes:"));
        let busy = Failure { pushback: Some(Duration::from_secs(1)), ..Failure::misfit("a", &[], b"b") };
        assert_eq!(busy.clone().shown(b"c"), busy);
        let refused = Failure::unplaced(FailureKind::Rejected, "too large");
        assert_eq!(refused.clone().shown(b"c"), refused);
    }

    #[test]
    fn long_words_are_cut_at_a_character() {
        let failure = Failure::new(FailureKind::Rejected, "é\n".repeat(500), "http://h/");
        assert!(failure.said.len() <= Failure::SAID);
        assert!(failure.said.ends_with('…'));
        assert!(!failure.said.contains('\n'));
    }
}
