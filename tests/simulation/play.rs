//! Plays cells on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::Cell;

/// The paths of one piece of work.
const CHUNK: u64 = 50;

/// The misses of each count of each cell, where cells are played `runs` times or as often as they need.
pub fn play(cells: &[Cell], seed: u64, runs: u64) -> Vec<Vec<u64>> {
    let work: Vec<(usize, u64)> = (0..cells.len())
        .flat_map(|cell| (0..cells[cell].paths(runs)).step_by(CHUNK as usize).map(move |from| (cell, from)))
        .collect();
    let misses = Mutex::new(cells.iter().map(|cell| vec![0; cell.counts.len()]).collect::<Vec<_>>());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(&(place, from)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let cell = &cells[place];
                    let until = (from + CHUNK).min(cell.paths(runs));
                    let found = chunk(cell, seed, from, until);
                    let mut misses = misses.lock().expect("no thread panics while it adds");
                    misses[place].iter_mut().zip(found).for_each(|(all, some)| *all += some);
                }
            });
        }
    });
    misses.into_inner().expect("no thread panics while it adds")
}

fn chunk(cell: &Cell, seed: u64, from: u64, until: u64) -> Vec<u64> {
    let mut found = vec![0; cell.counts.len()];
    for path in from..until {
        let misses = cell.play(seed, path);
        for (count, found) in cell.counts.iter().zip(&mut found) {
            *found += u64::from((count.counts)(misses));
        }
    }
    found
}
