//! How an audit would go, before it is made: its own fold, fed with made-up answers.
//!
//! Every path is a whole audit: the real [`Core`](super::Core) over the real [`Plan`], with a seed of its own, whose queries are
//! answered as the [`Guesses`] say. What the guesses are worth, and how the outcome is told, is for others.
//!
//! Invariant: the outcome is a function of the plan, the guesses, the seed and the number of paths, whatever the
//! machine.

mod counts;
mod guesses;
mod law;
mod path;
mod world;

#[cfg(test)]
mod tests;

pub use counts::{Chances, LevelCounts, Paths, Percentiles};
pub use guesses::{Guess, Guesses, Kept, Misguess};
pub use path::PathEnd;
pub use world::made_up;

use rand::Rng;

use super::plan::Plan;
use crate::bound::engine::Engines;
use crate::config::Conduct;
use crate::config::units::LARGEST_EXACT;
use crate::noise::{Seed, stream};
use path::walk;
use world::World;

/// How many paths there are where nothing else is said.
pub const PATHS: u64 = 2000;

/// So many paths are walked before the work is looked at.
const CHUNK: u64 = 100;

/// Threads that walk paths.
const THREADS: u64 = 2;

/// What is simulated.
#[derive(Clone, Copy)]
pub struct Simulation<'a> {
    /// The plan of the audit; its seed is not used.
    pub plan: &'a Plan,
    /// Its bounds.
    pub engines: &'a dyn Engines,
    /// The budget and the batch; the rest of it has no effect.
    pub conduct: &'a Conduct,
    /// The seed of the simulation.
    pub seed: u64,
}

impl Simulation<'_> {
    /// Walks so many paths under these guesses; fewer, but whole hundreds, once `work` steps were taken. A step
    /// is a query, and so is a fortieth of the reading of a level's bounds, which takes about as long.
    pub fn run(&self, guesses: &Guesses, paths: u64, work: u64) -> Paths {
        let world = World::new(self.plan, guesses);
        let mut ends: Vec<PathEnd> = Vec::new();
        let mut steps = 0_u64;
        while (ends.len() as u64) < paths && steps < work {
            let first = ends.len() as u64;
            let chunk = self.chunk(&world, first..(first + CHUNK).min(paths));
            steps = chunk.iter().fold(steps, |steps, end| steps.saturating_add(end.steps));
            ends.extend(chunk);
        }
        Paths::new(self.plan, ends)
    }

    /// Walks these paths, in their order.
    fn chunk(&self, world: &World, range: std::ops::Range<u64>) -> Vec<PathEnd> {
        let share = |thread: u64| {
            let mine = range.clone().filter(move |path| path % THREADS == thread);
            mine.map(|path| (path, self.path(world, path))).collect::<Vec<_>>()
        };
        let mut ends: Vec<(u64, PathEnd)> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..THREADS).map(|thread| scope.spawn(move || share(thread))).collect();
            let mut ends = share(0);
            // A thread that panicked has told why; its paths are walked once more, here, so that this does too.
            let rest =
                (1..THREADS).zip(others).flat_map(|(t, other)| other.join().unwrap_or_else(|_| share(t)));
            ends.extend(rest);
            ends
        });
        ends.sort_by_key(|(path, _)| *path);
        ends.into_iter().map(|(_, end)| end).collect()
    }

    fn path(&self, world: &World, path: u64) -> PathEnd {
        let mut rng = stream(Seed(self.seed), path);
        let mut plan = self.plan.clone();
        plan.question.seed = rng.next_u64() & LARGEST_EXACT;
        walk(plan, self.engines, self.conduct, world.answers(rng))
    }
}
