//! Where the bytes of a journal go.

use std::fs::File;
use std::io::{self, Write};

/// A place that keeps bytes: a file, or a fake of one.
pub trait Sink: Send + Sync + 'static {
    /// Hands all bytes to the operating system, at the end of what was written before.
    fn write_all(&self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything that was written is on the disk. Another thread may write meanwhile.
    fn sync_data(&self) -> io::Result<()>;
}

impl Sink for File {
    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self;
        Write::write_all(&mut file, bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }
}
