//! From what was typed (flags, environment, file, defaults) to a validated [`Question`] and [`Conduct`].

pub mod conduct;
pub mod file;
pub mod gate;
pub mod nearest;
pub mod plan;
pub mod problem;
pub mod question;
pub mod settings;
pub mod target;
pub mod typed;
pub mod units;

pub use conduct::Conduct;
pub use problem::{Misfit, Origin, Problem, Problems};
pub use question::Question;
pub use settings::{DataFacts, Settings};
pub use target::Target;
pub use typed::Typed;
