//! From what was typed (flags, environment, file, defaults) to a validated [`Question`] and [`Conduct`].

pub mod conduct;
pub mod question;

pub use conduct::Conduct;
pub use question::Question;
