//! What can go wrong with a journal.

use std::io;
use std::path::{Path, PathBuf};

impl JournalError {
    /// Whether the journal cannot be used as it is: something that the user can set right, and no failure to write.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Write { .. } | Self::Closed { .. })
    }
}

/// What can be done about a line that is no use: to go back to the one before it.
fn cut_back(path: &Path, line: u64) -> String {
    // Without its first line a journal is none.
    if line < 2 {
        return String::new();
    }
    let (path, before) = (path.display(), line - 1);
    format!(
        "; the lines before it are whole, and can be gone on with: `head -n {before} {path} >{path}.whole`, then put that \
         file in its place, and `noisebound audit --resume` asks again what is lost"
    )
}

/// Why a journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A new journal would overwrite a file.
    #[error("{}: this journal exists already; keep it, and start a new audit in another folder with --run-dir", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another writer holds the lock.
    #[error("{}: this journal is locked: another run of noisebound is writing it; wait for its end", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{}: cannot {doing} the journal", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `open`, `read`, ...
        doing: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A line could not be written, or not be brought to the disk.
    #[error("{}: cannot {doing} the journal; its lines before are whole", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What was tried: `write to` or `sync`.
        doing: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Nothing is written after a failure, as the last line may be torn.
    #[error("{}: the journal is closed since it could not be written", path.display())]
    Closed {
        /// The file.
        path: PathBuf,
    },
    /// There is not even a whole first line.
    #[error("{}: this journal holds no whole line, so no answer is in it; start a new audit in another folder", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The first line is not the header of a journal of this format.
    #[error(
        "{}:1: expected a journal of the format {expected}, found {found}; read it with the version of noisebound that wrote it",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The format that this version reads.
        expected: &'static str,
        /// The format found, or what stands there instead.
        found: String,
    },
    /// A line is not the one that was written after the line before it.
    #[error(
        "{}:{line}: this line was changed or damaged, or one before it is missing: expected the hash {expected}, found {found}{}",
        path.display(),
        cut_back(path, *line)
    )]
    Chain {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The hash that the line and the one before it have.
        expected: String,
        /// The hash at its end, or what stands there instead.
        found: String,
    },
    /// A line is whole, but not what this version writes.
    #[error("{}:{line}: cannot understand this line: {what}{}", path.display(), cut_back(path, *line))]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What was expected and found.
        what: String,
    },
}
