//! Writing a journal: one writer, one write for each line, and a thread that brings them to the disk.
//!
//! When a verdict may be shown is left to the audit, which calls [`Journal::sync`] before. The one
//! invariant: after anything failed nothing more is written, so that at most the last line is torn.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::chain::Chain;
use super::{Header, JournalError, Line, Reader, Sink, Tail, line};

/// The shortest time between two syncs that nobody asked for.
const SYNC_EVERY: Duration = Duration::from_millis(100);

/// An open journal. It is locked against other writers until it is closed or dropped.
pub struct Journal {
    path: PathBuf,
    sink: Arc<dyn Sink>,
    chain: Chain,
    buffer: Vec<u8>,
    failed: bool,
    shared: Arc<Shared>,
    syncer: Option<JoinHandle<()>>,
}

/// A journal that exists and is locked to be gone on with. Its lines come first, by [`Reopened::lines`]; when all
/// were read, [`Reopened::go_on`] makes it one to write to.
pub struct Reopened {
    file: File,
    path: PathBuf,
    reader: Reader<BufReader<File>>,
}

impl Reopened {
    /// The first line.
    pub fn header(&self) -> &Header {
        self.reader.header()
    }

    /// The other lines, those that were not yet taken.
    pub fn lines(&mut self) -> impl Iterator<Item = Result<Line, JournalError>> {
        self.reader.by_ref()
    }

    /// Ready for more lines; what is torn at the end is cut off, and a warning says so. Beside it, where the whole
    /// lines ended. Lines that were not yet taken are checked too.
    pub fn go_on(mut self) -> Result<(Journal, Tail), JournalError> {
        self.lines().try_for_each(|line| line.map(drop))?;
        let (_, chain, tail) = self.reader.into_parts();
        let io = |doing| {
            let path = self.path.clone();
            move |source| JournalError::Io { path, doing, source }
        };
        if tail.torn > 0 {
            let (path, torn) = (self.path.display(), tail.torn);
            tracing::warn!(
                "{path}: the last {torn} bytes were not wholly written, never counted, and are cut off"
            );
            self.file.set_len(tail.whole).and_then(|()| self.file.sync_data()).map_err(io("mend"))?;
        }
        let journal = Journal::over(&self.path, Arc::new(self.file), chain).map_err(io("open"))?;
        Ok((journal, tail))
    }
}

/// What the writer and the syncing thread tell each other.
#[derive(Default)]
struct Shared {
    state: Mutex<SyncState>,
    changed: Condvar,
    /// Held by whoever syncs, until what came of it is noted: the system tells that lines were lost once, and the sync
    /// after that succeeds.
    turn: Mutex<()>,
}

#[derive(Default)]
struct SyncState {
    /// Lines were written since the last sync began.
    dirty: bool,
    closed: bool,
    failure: Option<io::Error>,
}

impl Journal {
    /// Starts a journal in a new file, with its header on the disk.
    pub fn create(path: impl AsRef<Path>, header: &Header) -> Result<Self, JournalError> {
        let path = path.as_ref();
        let file =
            OpenOptions::new().append(true).create_new(true).open(path).map_err(|source| {
                match source.kind() {
                    io::ErrorKind::AlreadyExists => JournalError::Exists { path: path.into() },
                    _ => JournalError::Io { path: path.into(), doing: "create", source },
                }
            })?;
        lock(&file, path)?;
        let journal = Self::begin(path, Arc::new(file), header)?;
        sync_folder(path);
        Ok(journal)
    }

    /// Opens a journal that exists, to go on with it; it is locked from here on.
    pub fn reopen(path: impl AsRef<Path>) -> Result<Reopened, JournalError> {
        let path = path.as_ref();
        let io = |source| JournalError::Io { path: path.into(), doing: "open", source };
        let file = OpenOptions::new().read(true).append(true).open(path).map_err(io)?;
        lock(&file, path)?;
        // What is written goes to the end, wherever the reader is.
        let input = BufReader::with_capacity(1 << 16, file.try_clone().map_err(io)?);
        let reader = Reader::new(input, path)?;
        Ok(Reopened { file, path: path.into(), reader })
    }

    /// Starts a journal in any sink; `path` is for messages.
    pub(crate) fn begin(path: &Path, sink: Arc<dyn Sink>, header: &Header) -> Result<Self, JournalError> {
        let start = |source| JournalError::Io { path: path.into(), doing: "start", source };
        let mut journal = Self::over(path, sink, Chain::default()).map_err(start)?;
        serde_json::to_writer(&mut journal.buffer, header).map_err(|e| start(e.into()))?;
        journal.write_buffer()?;
        journal.sync()?;
        Ok(journal)
    }

    fn over(path: &Path, sink: Arc<dyn Sink>, chain: Chain) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let syncer = thread::Builder::new().name("journal".into()).spawn({
            let (shared, sink) = (Arc::clone(&shared), Arc::clone(&sink));
            move || shared.keep_synced(&*sink)
        })?;
        Ok(Self {
            path: path.into(),
            sink,
            chain,
            buffer: Vec::new(),
            failed: false,
            shared,
            syncer: Some(syncer),
        })
    }

    /// Hands a line to the operating system. It is on the disk after [`Journal::sync`], or soon.
    pub fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        self.check()?;
        self.buffer.clear();
        line::write(line, &mut self.buffer).map_err(|e| self.write_error("write to", e.into()))?;
        self.write_buffer()
    }

    /// Returns when every line is on the disk. It blocks for as long as the disk needs.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.check()?;
        self.shared.sync(&*self.sink).map_err(|source| self.write_error("sync", source))
    }

    /// Brings every line to the disk and gives up the lock.
    pub fn close(mut self) -> Result<(), JournalError> {
        self.stop_syncing();
        self.sync()
    }

    fn write_buffer(&mut self) -> Result<(), JournalError> {
        self.chain.seal(&mut self.buffer);
        self.sink.write_all(&self.buffer).map_err(|source| self.write_error("write to", source))?;
        self.shared.state().dirty = true;
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Whether nothing has failed so far, here or in the syncing thread.
    fn check(&mut self) -> Result<(), JournalError> {
        if self.failed {
            return Err(JournalError::Closed { path: self.path.clone() });
        }
        let failure = self.shared.state().failure.take();
        failure.map_or(Ok(()), |source| Err(self.write_error("sync", source)))
    }

    fn write_error(&mut self, doing: &'static str, source: io::Error) -> JournalError {
        self.failed = true;
        JournalError::Write { path: self.path.clone(), doing, source }
    }

    fn stop_syncing(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_one();
        if let Some(syncer) = self.syncer.take() {
            // It holds nothing that a panic of it could spoil.
            let _ = syncer.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.stop_syncing();
    }
}

impl Shared {
    /// Syncs whenever lines were written, but not too often, until it is closed.
    fn keep_synced(&self, sink: &dyn Sink) {
        loop {
            let waits = self.changed.wait_while(self.state(), |state| !state.dirty && !state.closed);
            let mut state = waits.unwrap_or_else(PoisonError::into_inner);
            if state.closed {
                return;
            }
            state.dirty = false;
            drop(state);
            {
                let _turn = self.turn();
                if let Err(failure) = sink.sync_data() {
                    self.state().failure = Some(failure);
                    return;
                }
            }
            drop(self.changed.wait_timeout_while(self.state(), SYNC_EVERY, |state| !state.closed));
        }
    }

    /// Syncs now, after a sync that is under way; the failure of that one counts.
    fn sync(&self, sink: &dyn Sink) -> io::Result<()> {
        let _turn = self.turn();
        let failure = {
            let mut state = self.state();
            state.dirty = false;
            state.failure.take()
        };
        failure.map_or_else(|| sink.sync_data(), Err)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, SyncState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|refusal| match refusal {
        TryLockError::WouldBlock => JournalError::Locked { path: path.into() },
        TryLockError::Error(source) => JournalError::Io { path: path.into(), doing: "lock", source },
    })
}

/// Brings the name of a new file to the disk, where the system can.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        // Some systems cannot sync a folder; the lines are safe without it unless the machine stops now.
        let _ = folder.sync_all();
    }
}
