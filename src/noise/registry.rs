//! The noise families by name.

use super::{Gaussian, Noise, Uniform};

/// One noise family, as it is chosen by `--noise`.
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// One line about it, for help.
    pub about: &'static str,
    pub(super) build: fn() -> Box<dyn Noise>,
}

/// Every noise family.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "gaussian",
        about: "normal noise on each element; the level is its standard deviation",
        build: || Box::new(Gaussian),
    },
    Family {
        name: "uniform",
        about: "uniform noise on each element; the level is its half-width",
        build: || Box::new(Uniform),
    },
];

/// The family with this name; `None` when there is none, see [`FAMILIES`].
pub fn family(name: &str) -> Option<Box<dyn Noise>> {
    FAMILIES.iter().find(|family| family.name == name).map(|family| (family.build)())
}
