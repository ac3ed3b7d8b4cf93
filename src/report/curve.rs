//! `curve.svg`: the robustness curve, an interval for each level and the clean risk to compare with.
//!
//! `frame` decides where values lie, `marks` draws what was found, `slices` the parts of it, `words` what it means. Limits are
//! drawn at the levels where they are stated; what joins them is dashed and called a guide. Numbers are
//! left to the report, the guarantee to [`super::sentence`].

pub(super) mod frame;
mod marks;
mod slices;
mod words;

use self::frame::Frame;
use super::across::{HEIGHT, WIDTH};
use super::svg::Svg;
use crate::results::Report;

/// The picture as an SVG document, 800 by 500 pixels.
pub fn render(report: &Report) -> String {
    let frame = Frame::new(report);
    let mut svg = Svg::new(WIDTH, HEIGHT, &words::title(report), &words::description(report));
    frame::draw(&mut svg, &frame, report);
    marks::guides(&mut svg, &frame);
    marks::critical(&mut svg, &frame, report);
    marks::clean(&mut svg, &frame, report);
    marks::gates(&mut svg, &frame, report);
    marks::points(&mut svg, &frame);
    slices::draw(&mut svg, &frame, report);
    words::draw(&mut svg, &frame, report);
    svg.finish()
}

#[cfg(test)]
mod tests;
