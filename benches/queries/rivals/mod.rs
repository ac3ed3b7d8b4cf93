//! What noisebound is compared with: published methods, each implemented as its paper gives it. None of this is
//! part of the product.
//!
//! Those that may be read at any time are [`Bound`](noisebound::bound::Bound)s, and are read more often than
//! noisebound reads its own: after every draw up to 200, then at every half percent more. Invariant: where a paper
//! leaves something open, what favours the method is chosen.

pub mod bernstein;
pub mod betting;
pub mod fixed;
pub mod mixture;
pub mod provero;

/// The draws at which rivals are read, up to `cap`.
pub fn readings(cap: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(1), |t: &u64| Some(t + (t / 200).max(1))).take_while(move |t| *t <= cap)
}
