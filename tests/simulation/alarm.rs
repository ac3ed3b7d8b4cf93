//! When there are too many misses: an exact binomial test at the level 1 in 10,000.

/// The level of the test.
const LEVEL: f64 = 1e-4;

/// The fewest misses on `paths` paths that a method within `budget` has with probability at most [`LEVEL`]; more
/// than there are paths where even that many would prove nothing.
pub fn alarm(paths: u64, budget: f64) -> u64 {
    let n = paths as f64;
    let term = |k: u64| {
        let k = k as f64;
        let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
        libm::exp(choose + k * libm::log(budget) + (n - k) * libm::log1p(-budget))
    };
    let mut tail = 0.0;
    let fits = |k: &u64| {
        tail += term(*k);
        tail > LEVEL
    };
    (0..=paths).rev().find(fits).map_or(0, |k| k + 1)
}
