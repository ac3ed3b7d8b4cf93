//! `trade-off.svg`: several endpoints, each by its clean risk and its robustness index, with their limits.
//!
//! [`curves`] puts their robustness curves into one picture. Which endpoints can be compared, and what is claimed of
//! their differences, is left to those who compare.
//!
//! The invariant: each endpoint has a shape and a colour of its own, the same in both pictures, and its name.

mod curves;
mod labels;

pub use self::curves::curves;

use self::labels::Labels;
use super::across::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid, tick, titles};
use super::axis::Axis;
use super::numbers::Digits;
use super::palette::{colour, shade, shape};
use super::svg::{Anchor, Font, Svg};
use super::text::{list, shorten};
use crate::results::Bounded;

/// One endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeOffPoint {
    /// What it is called in the picture.
    pub name: String,
    /// Its clean risk, in units of the loss; without limits where it is known exactly, or nothing is claimed.
    pub clean: Bounded,
    /// Its robustness index.
    pub index: Bounded,
}

impl TradeOffPoint {
    /// Both estimates, where there are both.
    fn middle(&self) -> Option<(f64, f64)> {
        let finite = |v: Option<f64>| v.filter(|v| v.is_finite());
        Some((finite(self.clean.estimate)?, finite(self.index.estimate)?))
    }
}

/// The longest name, in characters.
const NAME: usize = 28;

/// The picture as an SVG document, 800 by 500 pixels. Endpoints without both estimates are named below it.
pub fn render(points: &[TradeOffPoint]) -> String {
    let title = "clean risk and robustness";
    let mut svg = Svg::new(WIDTH, HEIGHT, title, &description(points));
    let bold = Font { bold: true, ..Font::new(16.0, colour::INK, Anchor::Start) };
    svg.text((LEFT, 26.0), bold, title);
    let faint = Font::new(11.0, colour::FAINT, Anchor::Start);
    svg.text((LEFT, 45.0), faint, "better endpoints are further left and further up; lines are limits");
    let x = scale(points.iter().map(|p| &p.clean), (LEFT, RIGHT), 8);
    let y = scale(points.iter().map(|p| &p.index), (BOTTOM, TOP), 6);
    grid(&mut svg, &y);
    titles(&mut svg, BOTTOM + 38.0, "clean risk", "robustness index");
    for (value, label) in &x.ticks {
        tick(&mut svg, x.at(*value));
        let font = Font::new(10.0, colour::INK, Anchor::Middle);
        svg.text((x.at(*value), BOTTOM + 16.0), font, label);
    }
    marks(&mut svg, &x, &y, points);
    let absent: Vec<String> =
        points.iter().filter(|p| p.middle().is_none()).map(|p| shorten(&p.name, NAME)).collect();
    let caption = match absent.len() {
        0 => "A point without lines is an estimate, or known exactly; the report says which.".to_owned(),
        _ => shorten(&format!("Without a clean risk or an index, so not shown: {}.", list(&absent)), 118),
    };
    svg.text((20.0, HEIGHT - 10.0), Font::new(10.0, colour::FAINT, Anchor::Start), &caption);
    svg.finish()
}

/// Limits, shapes and names; the names last, so that no line crosses them.
fn marks(svg: &mut Svg, x: &Axis, y: &Axis, points: &[TradeOffPoint]) {
    let shown: Vec<_> = points.iter().enumerate().filter_map(|(i, p)| Some((i, p, p.middle()?))).collect();
    let ends = |b: &Bounded, axis: &Axis, at: f64| {
        let end = |limit: Option<f64>| limit.map_or(at, |v| axis.at(v));
        (end(b.lower), end(b.upper), b.lower.or(b.upper).is_some())
    };
    let mut labels = Labels::default();
    for (i, point, (clean, index)) in &shown {
        let (px, py) = (x.at(*clean), y.at(*index));
        let stroke = format!(r#"class="limits" stroke="{}" stroke-width="1.6""#, shade(*i));
        let (from, to, some) = ends(&point.clean, x, px);
        if some {
            svg.line((from, py), (to, py), &stroke);
            labels.spare((from, to, py - 2.0, py + 2.0));
        }
        let (from, to, some) = ends(&point.index, y, py);
        if some {
            svg.line((px, from), (px, to), &stroke);
            labels.spare((px - 2.0, px + 2.0, to.min(from), to.max(from)));
        }
        labels.keep_free((px - 6.0, px + 6.0, py - 6.0, py + 6.0));
    }
    for (i, _, (clean, index)) in &shown {
        shape(svg, (x.at(*clean), y.at(*index)), 5.0, *i, "endpoint");
    }
    for (i, point, (clean, index)) in &shown {
        labels.put(svg, (x.at(*clean), y.at(*index)), shade(*i), &shorten(&point.name, NAME));
    }
}

/// An axis that holds all estimates and limits, with some air around them.
fn scale<'a>(all: impl Iterator<Item = &'a Bounded>, pixels: (f64, f64), ticks: usize) -> Axis {
    let values = all.flat_map(|b| [b.estimate, b.lower, b.upper]).flatten().filter(|v| v.is_finite());
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return Axis::round(0.0, 1.0, ticks, pixels);
    }
    let span = high / 2.0 - low / 2.0;
    // Where all are alike, as much around them as they are large.
    let air = if span > 1e-9 * high.abs() { span * 0.1 } else { (high.abs() * 0.1).max(0.01) };
    // A risk and an index are never below 0.
    let start = if low >= 0.0 { (low - air).max(0.0) } else { low - air };
    Axis::round(start, high + air, ticks, pixels)
}

/// Every endpoint with its numbers.
fn description(points: &[TradeOffPoint]) -> String {
    let cleans: Vec<&Bounded> = points.iter().map(|p| &p.clean).collect();
    let indices: Vec<&Bounded> = points.iter().map(|p| &p.index).collect();
    let told = |all: &[&Bounded], b: &Bounded| {
        let digits = Digits::among(all, 0.01);
        match b.lower.or(b.upper) {
            Some(_) => format!("{} {}", digits.estimate(b), digits.limits(b)),
            None => digits.estimate(b),
        }
    };
    let one = |p: &TradeOffPoint| {
        let (clean, index) = (told(&cleans, &p.clean), told(&indices, &p.index));
        format!("{}: clean risk {clean}, robustness index {index}", shorten(&p.name, NAME))
    };
    let all: Vec<String> = points.iter().map(one).collect();
    format!("Endpoints by clean risk, to the right, and robustness index, upward. {}.", all.join("; "))
}

#[cfg(test)]
mod tests;
