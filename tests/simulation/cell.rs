//! What is played, and what is counted on it.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// What was false at some time on one path.
#[derive(Debug, Clone, Copy, Default)]
pub struct Misses {
    /// A lower limit was above the truth, or a risk was said to be higher than it is.
    pub lower: bool,
    /// An upper limit was below the truth, or a risk was said to be lower than it is.
    pub upper: bool,
}

impl Misses {
    /// What was false in any of two.
    pub fn or(self, other: Self) -> Self {
        Self { lower: self.lower || other.lower, upper: self.upper || other.upper }
    }
}

/// One kind of miss, and the probability with which a path may have it.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// What is counted.
    pub what: &'static str,
    /// The largest probability that the method allows.
    pub budget: f64,
    /// Whether a path counts.
    pub counts: fn(Misses) -> bool,
}

impl Count {
    /// Paths on which a lower limit was wrong.
    pub fn lower(budget: f64) -> Self {
        Self { what: "lower", budget, counts: |misses| misses.lower }
    }

    /// Paths on which an upper limit was wrong.
    pub fn upper(budget: f64) -> Self {
        Self { what: "upper", budget, counts: |misses| misses.upper }
    }

    /// Paths on which anything was wrong.
    pub fn either(budget: f64) -> Self {
        Self { what: "either", budget, counts: |misses| misses.lower || misses.upper }
    }

    /// Each side at this budget, and both together.
    pub fn sides(budget: f64) -> Vec<Self> {
        vec![Self::lower(budget), Self::upper(budget), Self::either(2.0 * budget)]
    }
}

/// What is to come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// No count sets off its alarm.
    Hold,
    /// Every count sets off its alarm.
    BeCaught,
}

/// How far the paths go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Beyond the draws that an audit needs.
    Full,
    /// Short paths, for the tests.
    Short,
}

impl Size {
    /// The draws of a path that has `full` of them in full.
    pub fn draws(self, full: u64) -> u64 {
        match self {
            Self::Full => full,
            Self::Short => full.min(1_000),
        }
    }
}

/// A made-up world, a method, and a way of looking.
pub struct Cell {
    /// What it is; the random numbers depend on it.
    pub name: String,
    /// What is counted.
    pub counts: Vec<Count>,
    /// What is to come out.
    pub must: Must,
    /// It is played on this many paths at least; more than 0 where paths are short and misses hard to tell.
    pub least: u64,
    /// Plays one path.
    pub path: Box<dyn Fn(ChaCha8Rng) -> Misses + Send + Sync>,
}

impl Cell {
    /// A cell with a method that holds.
    pub fn new(
        name: impl Into<String>,
        counts: Vec<Count>,
        path: impl Fn(ChaCha8Rng) -> Misses + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), counts, must: Must::Hold, least: 0, path: Box::new(path) }
    }

    /// The same, with a method that does not hold.
    pub fn broken(self) -> Self {
        Self { must: Must::BeCaught, ..self }
    }

    /// The same, on at least so many paths.
    pub fn at_least(self, least: u64) -> Self {
        Self { least, ..self }
    }

    /// The paths that are played where others are played `runs` times.
    pub fn paths(&self, runs: u64) -> u64 {
        runs.max(self.least)
    }

    /// What is false on a path.
    pub fn play(&self, seed: u64, path: u64) -> Misses {
        let key = blake3::hash(format!("{seed} {path} {}", self.name).as_bytes());
        (self.path)(ChaCha8Rng::from_seed(*key.as_bytes()))
    }
}
