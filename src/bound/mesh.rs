//! The nulls that engines with a pointer publish as limits, and the pointer: a place on the mesh that only moves
//! down.
//!
//! The nulls are `m_i = i * precision / 100`; the top is the first at 1 or above. Whether a null may be passed is
//! for the engine to say. Invariant: the places depend on the precision only, never on the data.

/// Nulls for each step of the size of the precision.
pub const FINENESS: f64 = 100.0;

/// The finest precision that is aimed at, as steps on the mesh of a finer one would cost more than they gain: it
/// takes more than 300,000 draws to reach in the best case.
const FINEST: f64 = 1e-5;

/// A place on the mesh, above which every null was rejected.
#[derive(Debug, Clone, Copy)]
pub struct Mesh {
    precision: f64,
    /// The limit is `at(index)`, or 1 at the top.
    pub index: u64,
}

impl Mesh {
    /// The top of the mesh for a precision, as [`usable`] gives it.
    pub fn new(precision: f64) -> Self {
        let mut mesh = Self { precision, index: (FINENESS / precision) as u64 };
        while mesh.at(mesh.index) < 1.0 {
            mesh.index += 1;
        }
        while mesh.index > 1 && mesh.at(mesh.index - 1) >= 1.0 {
            mesh.index -= 1;
        }
        mesh
    }

    /// The null at a place.
    pub fn at(&self, index: u64) -> f64 {
        index as f64 * self.precision / FINENESS
    }

    /// The first place whose null is at or above a mean: wealth that rises with the null above the mean does so
    /// from there on.
    pub fn place(&self, mean: f64) -> u64 {
        let mut index = (mean * FINENESS / self.precision) as u64;
        while self.at(index) < mean {
            index += 1;
        }
        index
    }

    /// The null at the pointer, at most 1.
    pub fn limit(&self) -> f64 {
        self.at(self.index).min(1.0)
    }

    /// Moves to the lowest null above place `floor` that is rejected, where rejection of one there implies that
    /// of all above it.
    pub fn leap(&mut self, floor: u64, rejects: impl Fn(u64) -> bool) {
        if self.index <= floor + 1 || !rejects(self.index - 1) {
            return;
        }
        let (mut open, mut shut) = (floor, self.index - 1);
        while shut - open > 1 {
            let middle = open + (shut - open) / 2;
            if rejects(middle) {
                shut = middle;
            } else {
                open = middle;
            }
        }
        self.index = shut;
    }
}

/// A precision that a mesh can be made for: what is no number or too fine becomes the finest there is.
pub fn usable(precision: f64) -> f64 {
    if precision > FINEST { precision.min(1.0) } else { FINEST }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_the_mesh_is_the_first_null_at_1_or_above() {
        for precision in [0.005, 0.01, 0.02, 0.03, 0.07, 1.0 / 3.0, 1.0, 1e-5] {
            let mesh = Mesh::new(precision);
            assert!(mesh.at(mesh.index) >= 1.0 && mesh.at(mesh.index - 1) < 1.0, "{precision}");
            assert_eq!(mesh.limit(), 1.0);
        }
    }

    #[test]
    fn a_leap_ends_at_the_lowest_null_that_is_rejected() {
        for lowest in 3..=100 {
            let mut mesh = Mesh::new(1.0);
            mesh.leap(2, |index| index >= lowest);
            assert_eq!(mesh.index, lowest, "{lowest}");
        }
        let mut mesh = Mesh::new(1.0);
        mesh.leap(2, |_| true);
        assert_eq!(mesh.index, 3, "no null at or below the floor is looked at");
    }

    #[test]
    fn every_precision_is_made_usable() {
        for odd in [f64::NAN, -1.0, 0.0, f64::NEG_INFINITY, 1e-300] {
            assert_eq!(usable(odd), FINEST, "{odd}");
        }
        assert_eq!(usable(f64::INFINITY), 1.0);
        assert_eq!(usable(0.25), 0.25);
    }
}
