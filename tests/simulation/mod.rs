//! How often is something that is stated false, watched over whole paths of draws? And would this notice a
//! method that does not hold?
//!
//! A *cell* is a made-up world, a method and a way of looking; it is played on many *paths*, each from its own
//! random numbers, and counts the paths on which something was false at any time. A method that keeps to its
//! budget sets off the alarm of a count once in 10,000 seeds; the seed is fixed, so what passes once passes
//! always. The cells with broken methods must set it off.
//!
//! [`law`] makes losses, [`path`] looks at limits, [`engines`], [`gates`], [`levels`] and [`fold`] are the cells
//! of methods that hold, [`broken`] and [`permutation`] those of methods that do not; [`play`] plays them,
//! [`alarm`] judges and [`table`] prints. Invariant: what a cell counts is a function of seed, name and size.

mod alarm;
mod broken;
mod cell;
mod engines;
mod fold;
mod gates;
mod law;
mod levels;
mod path;
mod permutation;
mod play;
#[cfg(test)]
mod short;
mod table;

pub use cell::{Cell, Must, Size};
pub use play::play;
pub use table::Table;

/// All cells, those of methods that hold first.
pub fn cells(size: Size) -> Vec<Cell> {
    let mut cells = engines::cells(size);
    cells.extend(gates::cells(size));
    cells.extend(levels::cells(size));
    cells.extend(fold::cells(size));
    cells.extend(permutation::cells());
    cells.extend(broken::cells(size));
    // Stable: what must hold comes first.
    cells.sort_by_key(|cell| cell.must == Must::BeCaught);
    cells
}
