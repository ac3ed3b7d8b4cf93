//! What a prediction is compared with.

use super::Class;

/// The target of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A number: a value, or a class where it is whole.
    Number(f64),
    /// A class by its name.
    Name(Box<str>),
    /// Several numbers, for models that predict several.
    Values(Box<[f64]>),
}

impl Target {
    /// The class that it stands for; `None` for fractions and for several numbers.
    pub fn class(&self) -> Option<Class> {
        /// Beyond this, neighbouring whole numbers are the same 64-bit float.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Number(v) if v.trunc() == *v && v.abs() <= EXACT => Some(Class::Number(*v as i64)),
            Self::Name(name) => Some(Class::named(name)),
            Self::Number(_) | Self::Values(_) => None,
        }
    }
}
