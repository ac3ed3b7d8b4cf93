//! Bodies for people: JSON laid out with long lists cut, what is no text as its size and its first bytes.
//!
//! Pure, and lenient: servers send tokens such as `NaN`, and JSON with raw bytes behind it. The invariants: every number
//! and name is shown as it was written, no line is wider than the terminal, and nothing steers it.

use std::fmt::Write;

use crate::report::text::{clean, shorten};

/// The most columns of a line, and the most lines.
const WIDTH: usize = 92;
const LINES: usize = 40;
/// Lists are cut after so many numbers, or so many lists.
const NUMBERS: usize = 8;
const LISTS: usize = 3;
/// So many bytes of an answer that is not understood are shown.
const BEGINS: usize = 200;
/// So many bytes of what is no text are shown, and so many characters of what is no JSON.
const BYTES: usize = 24;
const CHARACTERS: usize = 600;
/// Deeper nesting is shown as text.
const DEEPEST: usize = 24;

/// The body, of `size` bytes of which only the beginning may be here.
pub fn shown(body: &[u8], size: usize) -> String {
    if body.is_empty() {
        return String::new();
    }
    let Some((node, end)) = read(body) else { return plain(body, size) };
    let mut lines = Vec::new();
    lay(&node, "", "", 0, &mut lines);
    let over = lines.len().saturating_sub(LINES);
    if over > 0 {
        lines.truncate(LINES);
        lines.push(format!("… {over} lines more"));
    }
    let mut text = lines.join("\n");
    let rest = &body[end..];
    if !rest.trim_ascii().is_empty() {
        let _ = write!(text, "\n+ {}", hex(rest, size - end, BYTES));
    }
    text
}

fn plain(body: &[u8], size: usize) -> String {
    let text = String::from_utf8_lossy(body);
    if !is_text(&text) {
        return hex(body, size, BYTES);
    }
    let cut: String = text.chars().take(CHARACTERS).collect();
    let mut lines: Vec<String> = cut.lines().map(|line| shorten(line, WIDTH)).take(LINES).collect();
    if cut.len() < size {
        lines.push(format!("… of {size} bytes"));
    }
    lines.join("\n")
}

/// The first 200 bytes of a body of `size` bytes: text as it came, and what is none in hexadecimal.
pub fn begins(body: &[u8], size: usize) -> String {
    let mut first = &body[..body.len().min(BEGINS)];
    if let Err(error) = std::str::from_utf8(first)
        && error.error_len().is_none()
    {
        // A character that was cut in two.
        first = &first[..error.valid_up_to()];
    }
    let text = String::from_utf8_lossy(first);
    if is_text(&text) { text.into_owned() } else { hex(body, size, BEGINS) }
}

/// Whether it is for people, but for a character here and there.
fn is_text(text: &str) -> bool {
    let broken = text.chars().filter(|c| *c == '\u{fffd}' || (c.is_control() && !c.is_whitespace())).count();
    broken * 20 <= text.chars().count()
}

/// The size and the first bytes, at most so many.
fn hex(bytes: &[u8], size: usize, most: usize) -> String {
    let first: Vec<String> = bytes.iter().take(most).map(|byte| format!("{byte:02x}")).collect();
    let more = if size > most { " …" } else { "" };
    format!("{size} bytes: {}{more}", first.join(" "))
}

/// A value as it was written.
enum Node<'a> {
    Scalar(&'a [u8]),
    List(Vec<Self>),
    Map(Vec<(&'a [u8], Self)>),
}

/// The object or list at the beginning, and where it ends.
fn read(bytes: &[u8]) -> Option<(Node<'_>, usize)> {
    let mut reader = Reader { bytes, at: 0 };
    reader.space();
    let node = reader.value(0)?;
    (!matches!(node, Node::Scalar(_))).then_some((node, reader.at))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Steps over this byte and the space behind it.
    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.bytes.get(self.at) == Some(&byte)).then(|| {
            self.at += 1;
            self.space();
        })
    }

    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        if depth > DEEPEST {
            return None;
        }
        match self.bytes.get(self.at)? {
            b'[' => self.several(b']', |reader| reader.value(depth + 1)).map(Node::List),
            b'{' => {
                let member = |reader: &mut Self| {
                    let name = reader.scalar()?;
                    reader.space();
                    reader.eat(b':')?;
                    Some((name, reader.value(depth + 1)?))
                };
                self.several(b'}', member).map(Node::Map)
            }
            _ => self.scalar().map(Node::Scalar),
        }
    }

    fn several<T>(&mut self, end: u8, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.at += 1;
        self.space();
        let mut found = Vec::new();
        if self.bytes.get(self.at) != Some(&end) {
            loop {
                found.push(one(self)?);
                self.space();
                if self.eat(b',').is_none() {
                    break;
                }
            }
        }
        // What comes behind the value may be raw bytes, so that space there is not stepped over.
        (self.bytes.get(self.at) == Some(&end)).then(|| {
            self.at += 1;
            found
        })
    }

    fn scalar(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        if self.bytes.get(start) == Some(&b'"') {
            self.at += 1;
            while *self.bytes.get(self.at)? != b'"' {
                self.at += 1 + usize::from(self.bytes[self.at] == b'\\');
            }
            self.at += 1;
        } else {
            while self
                .bytes
                .get(self.at)
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
            {
                self.at += 1;
            }
        }
        (self.at > start).then(|| &self.bytes[start..self.at])
    }
}

/// Appends the lines of a value; `before` stands before it, `after` behind it.
fn lay(node: &Node<'_>, before: &str, after: &str, indent: usize, lines: &mut Vec<String>) {
    if lines.len() > LINES {
        // It is cut anyway; the count of lines must only go on.
        lines.push(String::new());
        return;
    }
    let pad = " ".repeat(indent);
    let room = WIDTH.saturating_sub(pad.len() + before.chars().count() + after.len());
    let flat = fitting(node, room);
    if flat.chars().count() <= room || is_scalar(node) {
        lines.push(format!("{pad}{}", shorten(&format!("{before}{flat}{after}"), WIDTH - pad.len())));
        return;
    }
    let (open, close) = if matches!(node, Node::Map(_)) { ('{', '}') } else { ('[', ']') };
    lines.push(format!("{pad}{before}{open}"));
    match node {
        Node::Map(members) => {
            for (i, (name, value)) in members.iter().enumerate() {
                let comma = if i + 1 < members.len() { "," } else { "" };
                lay(value, &format!("{}: ", scalar(name)), comma, indent + 2, lines);
            }
        }
        Node::List(items) => {
            let most = if items.iter().all(is_scalar) { NUMBERS } else { LISTS };
            for (i, item) in items.iter().take(most).enumerate() {
                let comma = if i + 1 < items.len() { "," } else { "" };
                lay(item, "", comma, indent + 2, lines);
            }
            if items.len() > most {
                lines.push(format!("{pad}  … {} more", items.len() - most));
            }
        }
        Node::Scalar(_) => {}
    }
    lines.push(format!("{pad}{close}{after}"));
}

fn is_scalar(node: &Node<'_>) -> bool {
    matches!(node, Node::Scalar(_))
}

/// On one line; of a list of numbers as many as there is room for.
fn fitting(node: &Node<'_>, room: usize) -> String {
    let Node::List(items) = node else { return flat(node) };
    let numbers = items.iter().all(is_scalar);
    let mut most = if numbers { NUMBERS } else { LISTS };
    let mut text = list(items, most);
    while numbers && most > 1 && text.chars().count() > room {
        most -= 1;
        text = list(items, most);
    }
    text
}

fn list(items: &[Node<'_>], most: usize) -> String {
    let mut each: Vec<String> = items.iter().take(most).map(flat).collect();
    if items.len() > most {
        each.push(format!("… {} more", items.len() - most));
    }
    format!("[{}]", each.join(", "))
}

/// On one line, long lists cut.
fn flat(node: &Node<'_>) -> String {
    match node {
        Node::Scalar(text) => scalar(text),
        Node::Map(members) => {
            let each: Vec<String> =
                members.iter().map(|(name, value)| format!("{}: {}", scalar(name), flat(value))).collect();
            format!("{{{}}}", each.join(", "))
        }
        Node::List(items) => list(items, if items.iter().all(is_scalar) { NUMBERS } else { LISTS }),
    }
}

fn scalar(text: &[u8]) -> String {
    shorten(&clean(&String::from_utf8_lossy(text)), WIDTH - 20)
}

#[cfg(test)]
#[path = "body/tests.rs"]
mod tests;
