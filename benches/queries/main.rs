//! How many queries does noisebound need, and how many do other methods? Writes the page `docs/queries.md`.
//!
//!     cargo bench --bench queries                    prints the page
//!     cargo bench --bench queries -- --write         writes it to docs/queries.md
//!     cargo test --bench queries -- --quick          a few cells and few runs, in seconds
//!
//! All methods are given the same losses, whose distribution is known. Exit code 1 when noisebound needs more than
//! it did when its engines were chosen, or sends what it does not charge under a rate limit: a bound may be valid
//! and wasteful, and every query costs the user.

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

use tables::{gates, intervals, ranges, sent};

#[derive(Parser)]
struct Args {
    /// Few cells and few runs.
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
    let told = |what: &str| writeln!(std::io::stderr(), "{what}: {:.0} s", started.elapsed().as_secs_f64());
    let two = intervals::rows(&intervals::cells(true, args.quick), args.quick);
    told("two")?;
    let one = intervals::rows(&intervals::cells(false, args.quick), args.quick);
    told("one")?;
    let gates = gates::rows(&gates::cells(args.quick), args.quick);
    told("gates")?;
    let ranges = ranges::rows(&ranges::cells(args.quick), args.quick);
    told("ranges")?;
    let sent = sent::rows(&two, args.quick);
    told("sent")?;
    let compared = reference::compare(&two.iter().chain(&one).collect::<Vec<_>>(), &gates, &ranges);
    let mut out = std::io::stdout();
    writeln!(out, "{}\n{}\n{}\n{}\n{}\n{}", intervals::table(&two), intervals::table(&one), gates::table(&gates), ranges::table(&ranges), sent::table(&sent), reference::table(&compared))?;
    let bad = compared.iter().any(reference::Compared::too_many) || !sent.iter().all(sent::Row::nothing_wasted);
    let _ = Path::new("");
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
