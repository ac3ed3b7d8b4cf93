//! Plays every cell and prints what was counted; see the module `simulation`.
//!
//!     tests/simulation/run                    2,000 paths of each cell
//!     tests/simulation/run --short --runs 500
//!     tests/simulation/run --write            writes docs/simulation.md as well
//!
//! Ends with 1 where a method that must hold does not, or a broken one is not caught.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

#[path = "mod.rs"]
mod simulation;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests")]
mod support;

use simulation::{Size, Table};

#[derive(Parser)]
struct Args {
    /// How many paths of each cell.
    #[arg(long, default_value_t = 2000)]
    runs: u64,
    /// Short paths, and fewer cells.
    #[arg(long)]
    short: bool,
    /// Plays only the cells whose name has this in it.
    #[arg(long, default_value = "")]
    only: String,
    /// From which the random numbers of every path are made.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes docs/simulation.md.
    #[arg(long, conflicts_with_all = ["short", "only"])]
    write: bool,
}

fn main() -> ExitCode {
    let Args { runs, short, only, seed, write } = Args::parse();
    let started = Instant::now();
    let mut cells = simulation::cells(if short { Size::Short } else { Size::Full });
    cells.retain(|cell| cell.name.contains(&only));
    let misses = simulation::play(&cells, seed, runs);
    let table = Table::new(&cells, &misses, runs);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let took = format!("{} s on {cores} cores", started.elapsed().as_secs().max(1));
    let bad = table.bad().len();
    let told = format!("{table}\nseed {seed}, {took}; {bad} lines are not as they must be\n");
    std::io::stdout().write_all(told.as_bytes()).expect("stdout is open");
    if write {
        let text = page(&table, seed, runs);
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/simulation.md"), text)
            .expect("docs can be written");
    }
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The page of the docs.
fn page(table: &Table, seed: u64, runs: u64) -> String {
    let text = include_str!("page.md");
    text.replace("{table}", table.to_string().trim_end())
        .replace("{seed}", &seed.to_string())
        .replace("{runs}", &runs.to_string())
}
