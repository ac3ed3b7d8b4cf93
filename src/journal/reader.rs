//! Reading a journal back, line by line.
//!
//! What the lines mean together is left to the audit. The one invariant: every line that is handed out is
//! the one that was written at that place. What was not wholly written at the end is left out, and counted.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde_json::Value;

use super::chain::Chain;
use super::{Header, JournalError, Line, Tail, line};

/// Reads a whole journal: its header, its lines, and where they end.
pub fn read(path: impl AsRef<Path>) -> Result<(Header, Vec<Line>, Tail), JournalError> {
    let mut reader = Reader::open(path)?;
    let lines = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((reader.header, lines, reader.tail))
}

/// An iterator over the lines of a journal after the first. It ends at the first error.
pub struct Reader<R = BufReader<File>> {
    input: R,
    path: PathBuf,
    chain: Chain,
    buffer: Vec<u8>,
    header: Header,
    /// Lines read.
    lines: u64,
    tail: Tail,
    ended: bool,
}

impl Reader {
    /// Opens a journal and reads its header.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| JournalError::Io {
            path: path.into(),
            doing: "open",
            source,
        })?;
        Self::new(BufReader::with_capacity(1 << 16, file), path)
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads the header; `path` is for messages.
    ///
    /// # Errors
    /// When there is no whole first line, or it is no header of this format.
    pub fn new(mut input: R, path: &Path) -> Result<Self, JournalError> {
        let mut buffer = Vec::new();
        let Read { bytes, whole } = read_line(&mut input, &mut buffer, path)?;
        if !whole {
            return Err(JournalError::Empty { path: path.into() });
        }
        let tail = Tail { whole: bytes, torn: 0 };
        let mut chain = Chain::default();
        let header = read_header(&buffer, &mut chain, path)?;
        Ok(Self { input, path: path.into(), chain, buffer, header, lines: 1, tail, ended: false })
    }

    /// The first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where the whole lines end, once the iterator has ended.
    pub fn tail(&self) -> Tail {
        self.tail
    }

    /// What a writer needs to go on.
    pub(super) fn into_parts(self) -> (Header, Chain, Tail) {
        (self.header, self.chain, self.tail)
    }

    fn next_line(&mut self) -> Result<Option<Line>, JournalError> {
        let Read { bytes, whole } = read_line(&mut self.input, &mut self.buffer, &self.path)?;
        if !whole {
            self.tail.torn = bytes;
            return Ok(None);
        }
        self.lines += 1;
        if let Err(damaged) = open(&mut self.chain, &self.buffer, &self.path, self.lines) {
            self.tail.torn = bytes + self.never_written()?.ok_or(damaged)?;
            return Ok(None);
        }
        self.tail.whole += bytes;
        let content = |what| JournalError::Content { path: self.path.clone(), line: self.lines, what };
        line::read(&self.buffer).map(Some).map_err(content)
    }

    /// How many bytes follow a line that is no text of a journal, as where a machine stopped before what was written got
    /// to the disk: zeros stand there, or what was there before. None where this is not so: where the line is one, though
    /// not the right one, or where one follows.
    fn never_written(&mut self) -> Result<Option<u64>, JournalError> {
        let mut after = 0;
        while !is_object(&self.buffer) {
            let Read { bytes, whole } = read_line(&mut self.input, &mut self.buffer, &self.path)?;
            after += bytes;
            if !whole {
                return Ok(Some(after));
            }
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Line, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_line().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// What [`read_line`] read.
struct Read {
    /// So many bytes; 0 at the end.
    bytes: u64,
    /// Whether they end in a line feed.
    whole: bool,
}

/// Reads up to the next line feed into `buffer`, without the line feed.
fn read_line(input: &mut impl BufRead, buffer: &mut Vec<u8>, path: &Path) -> Result<Read, JournalError> {
    buffer.clear();
    let read = input.read_until(b'\n', buffer).map_err(|source| JournalError::Io {
        path: path.into(),
        doing: "read",
        source,
    })?;
    Ok(Read { bytes: read as u64, whole: buffer.pop_if(|byte| *byte == b'\n').is_some() })
}

/// Whether a text is that of a line, be it the right one or not.
fn is_object(text: &[u8]) -> bool {
    text.first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

fn open(chain: &mut Chain, text: &[u8], path: &Path, line: u64) -> Result<(), JournalError> {
    chain.open(text).map_err(|mismatch| JournalError::Chain {
        path: path.into(),
        line,
        expected: mismatch.expected,
        found: mismatch.found,
    })
}

/// Reads the first line. Its format comes first, as another format may have another chain.
fn read_header(text: &[u8], chain: &mut Chain, path: &Path) -> Result<Header, JournalError> {
    let value: Option<Value> = serde_json::from_slice(text).ok();
    let format = value.as_ref().and_then(|value| value.get("format")?.as_str());
    if format != Some(Header::FORMAT) {
        return Err(JournalError::Format {
            path: path.into(),
            expected: Header::FORMAT,
            found: format.map_or_else(|| "a first line without a format".into(), str::to_owned),
        });
    }
    open(chain, text, path, 1)?;
    serde_json::from_slice(text).map_err(|e| JournalError::Content {
        path: path.into(),
        line: 1,
        what: e.to_string(),
    })
}
