//! The fold of a comparison.
