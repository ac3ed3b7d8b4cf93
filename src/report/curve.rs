//! `curve.svg`: the robustness curve, an interval for each level and the clean risk to compare with.
//!
//! `frame` decides where values lie, `marks` draws what was found, `words` what it means. Limits are
//! drawn at the levels where they are stated; what joins them is dashed and called a guide. Numbers are
//! left to the report, the guarantee to [`super::sentence`].

mod frame;
mod marks;
mod words;

use self::frame::{Frame, HEIGHT, WIDTH};
use super::sentence;
use super::svg::Svg;
use crate::results::Report;

/// The colours, apart for colour-blind eyes and never the only sign (after Okabe and Ito, 2008).
mod colour {
    pub const INK: &str = "#1a1a1a";
    pub const FAINT: &str = "#595959";
    pub const GRID: &str = "#e4e4e4";
    pub const CURVE: &str = "#0072b2";
    pub const HOLDS: &str = "#00805c";
    pub const FAILS: &str = "#c44e00";
}

/// The picture as an SVG document, 800 by 500 pixels.
pub fn render(report: &Report) -> String {
    let frame = Frame::new(report);
    let mut svg = Svg::new(WIDTH, HEIGHT, &words::title(report), &sentence::short(report));
    frame::draw(&mut svg, &frame, report);
    marks::guides(&mut svg, &frame);
    marks::clean(&mut svg, &frame, report);
    marks::gates(&mut svg, &frame, report);
    marks::points(&mut svg, &frame);
    words::draw(&mut svg, &frame, report);
    svg.finish()
}

#[cfg(test)]
mod tests;
