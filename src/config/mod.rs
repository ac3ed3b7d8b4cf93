//! From what was typed (flags, environment, file, defaults) to a validated [`Question`] and [`Conduct`].
//!
//! In two stages, with every problem told at once: [`Typed`] is text with its place; [`Settings`] is valid
//! without the data; [`Settings::question`] adds what the data decide and [`Settings::connect`] makes the
//! endpoint. [`plan`] writes all of it as an audit file, which [`mod@file`] reads back to the same. Nothing in here
//! sends a request; the only place of the program that names the protocols is [`target`].

pub mod conduct;
pub mod differences;
pub mod file;
pub mod gate;
pub mod plan;
pub mod problem;
pub mod quantity;
pub mod question;
pub mod range;
pub mod settings;
pub mod several;
pub mod target;
pub mod typed;
pub mod units;

pub use conduct::Conduct;
pub use problem::{Misfit, Origin, Problem, Problems};
pub use question::Question;
pub use range::NoRange;
pub use settings::{DataFacts, Settings};
pub use target::Target;
pub use typed::Typed;
