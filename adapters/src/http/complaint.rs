//! The words of a server that refused, wherever it put them.

use crate::Failure;
use crate::text::{Json, parse};

/// Beyond this many bytes a body is quoted, not searched.
const LARGEST_COMPLAINT: usize = 1 << 20;

/// Where servers put their message, the most telling place first.
const PLACES: [&str; 6] = ["/error", "/detail", "/message", "/error_code", "/status/info", "/error/message"];

/// The message in the body of a failed request, whatever its content type; the beginning of the body where
/// there is none that is known.
pub(crate) fn complaint(body: &[u8]) -> String {
    let json = (body.len() <= LARGEST_COMPLAINT).then(|| parse(body).ok()).flatten();
    let found = json.as_ref().and_then(|json| {
        PLACES.iter().filter_map(|place| json.pointer(place)).map(words).find(|words| !words.is_empty())
    });
    found.unwrap_or_else(|| quote(exception(body).unwrap_or(body)))
}

/// The last line of a traceback of Python, which names the exception.
fn exception(body: &[u8]) -> Option<&[u8]> {
    let body = body.trim_ascii();
    body.starts_with(b"Traceback (most recent call last)")
        .then(|| body.rsplit(|byte| *byte == b'\n').next())?
}

/// A string, or the strings in a list of validation errors; empty for anything else.
fn words(value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let told = items.iter().map(|item| words(item.get("msg").unwrap_or(item)));
            told.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ")
        }
        value => value.text().map_or_else(String::new, |text| quote(text.as_bytes())),
    }
}

/// The first bytes of a body as one line, ending in `…` where it was cut.
pub(crate) fn quote(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(8 * Failure::SAID)]);
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if body.len() > 8 * Failure::SAID {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_where_servers_put_them() {
        for (body, words) in [
            (r#"{"error":"[request id: a] bad"}"#, "[request id: a] bad"),
            (r#"{"detail":"Not Found"}"#, "Not Found"),
            (
                r#"{"detail":[{"loc":["body"],"msg":"field required"},{"msg":"too long"}]}"#,
                "field required; too long",
            ),
            (r#"{"error":"b","detail":["x"]}"#, "b"),
            (r#"{"code":404,"type":"T","message":"m"}"#, "m"),
            (r#"{"error_code":"BAD","message":""}"#, "BAD"),
            (r#"{"status":{"code":-1,"info":"names"}}"#, "names"),
            (r#"{"error":{"code":429,"message":"quota"}}"#, "quota"),
            (r#"{"other":1}"#, r#"{"other":1}"#),
            (
                "Traceback (most recent call last):\n  File \"a.py\"\nValueError: 9 features\n",
                "ValueError: 9 features",
            ),
            ("<html>\n  Bad\tGateway", "<html> Bad Gateway"),
            ("", ""),
        ] {
            assert_eq!(complaint(body.as_bytes()), words);
        }
    }

    #[test]
    fn a_long_body_is_cut() {
        let quoted = quote(&[b'x'; 10_000]);
        assert!(quoted.ends_with("x…") && quoted.len() < 2_000);
    }
}
