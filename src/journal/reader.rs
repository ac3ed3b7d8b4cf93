//! Reading a journal back, line by line.
//!
//! What the lines mean together is left to the audit. The one invariant: every line that is handed out is
//! the one that was written at that place.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

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
        let mut tail = Tail::default();
        if !next_line(&mut input, &mut buffer, &mut tail, path)? {
            return Err(JournalError::Empty { path: path.into() });
        }
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
        if !next_line(&mut self.input, &mut self.buffer, &mut self.tail, &self.path)? {
            return Ok(None);
        }
        self.lines += 1;
        open(&mut self.chain, &self.buffer, &self.path, self.lines)?;
        let content = |what| JournalError::Content { path: self.path.clone(), line: self.lines, what };
        line::read(&self.buffer).map(Some).map_err(content)
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

/// Reads the next whole line into `buffer`, without its line feed; `false` at the end.
fn next_line(
    input: &mut impl BufRead,
    buffer: &mut Vec<u8>,
    tail: &mut Tail,
    path: &Path,
) -> Result<bool, JournalError> {
    buffer.clear();
    let read = input.read_until(b'\n', buffer).map_err(|source| JournalError::Io {
        path: path.into(),
        doing: "read",
        source,
    })?;
    if buffer.pop_if(|byte| *byte == b'\n').is_some() {
        tail.whole += read as u64;
        return Ok(true);
    }
    tail.torn = read as u64;
    Ok(false)
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
