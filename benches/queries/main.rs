//! How many queries does noisebound need, and how many do other methods? Makes the page `docs/queries.md`.
//!
//!     cargo bench --bench queries                    prints the page
//!     cargo bench --bench queries -- --write         writes it to docs/queries.md
//!     cargo test --bench queries -- --quick          prints it with few questions and few runs, in seconds
//!
//! All methods are given the same losses, whose distribution is known. Exit code 1 when noisebound needs more than
//! it did when its engines were chosen, or sends what it does not charge under a rate limit: a bound may be valid
//! and wasteful, and every query costs the user.

mod contest;
mod format;
mod losses;
mod measure;
mod ours;
mod page;
mod reference;
mod rivals;
mod tables;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use page::Found;

#[derive(Parser)]
struct Args {
    /// Few questions and few runs.
    #[arg(long)]
    quick: bool,
    /// Write docs/queries.md in place of printing it.
    #[arg(long, conflicts_with = "quick")]
    write: bool,
    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> std::io::Result<ExitCode> {
    let args = Args::parse();
    let started = Instant::now();
    let found = Found::new(args.quick, |what| {
        let seconds = started.elapsed().as_secs();
        // Progress that nobody can read is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{what}: done after {seconds} s");
    });
    if args.write {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/queries.md");
        std::fs::write(path, found.page())?;
    } else {
        std::io::stdout().write_all(found.page().as_bytes())?;
    }
    if found.good() {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(std::io::stderr(), "more is needed than when the engines were chosen, or sent than charged")?;
    Ok(ExitCode::FAILURE)
}
