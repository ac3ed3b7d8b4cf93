//! Results on stdout, everything else on stderr.

use std::io::{self, Write};

/// Prints a result. A reader that has gone away is no failure.
pub fn out(text: &str) -> io::Result<()> {
    write(&mut io::stdout().lock(), text)
}

/// Tells something about the run. When it cannot be told, there is nobody to tell that to.
pub fn tell(text: &str) {
    drop(write(&mut io::stderr().lock(), text));
}

fn write(to: &mut impl Write, text: &str) -> io::Result<()> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(to, "{text}{end}").and_then(|()| to.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
