//! Where things lie: the plot, its axes, and a place for each level.
//!
//! The invariant: every place is inside the plot, and neighbouring levels are at least [`CLOSE`] pixels
//! apart or spaced evenly.

use super::colour;
use crate::config::question::NoiseSpec;
use crate::report::axis::Axis;
use crate::report::numbers::typed;
use crate::report::sentence::{level_unit, risk_name};
use crate::report::svg::{Anchor, Font, Svg, width_of};
use crate::report::text::shorten;
use crate::results::{Bounded, Report, Stopped};

pub const WIDTH: f64 = 800.0;
pub const HEIGHT: f64 = 500.0;
pub const LEFT: f64 = 76.0;
pub const RIGHT: f64 = 716.0;
pub const TOP: f64 = 88.0;
pub const BOTTOM: f64 = 388.0;
/// Free space between the sides of the plot and the outermost levels.
const PAD: f64 = 20.0;
/// Levels closer than that many pixels are spaced evenly instead.
const CLOSE: f64 = 20.0;

/// One level of the picture; clean is one too where it has a risk.
pub struct Point {
    /// Its place, in pixels from the left.
    pub x: f64,
    /// What is known there; an exactly known risk is both of its own limits.
    pub risk: Bounded,
    /// Whether the risk is known and not bounded.
    pub exact: bool,
    /// What stopped it; nothing for an exactly known clean risk.
    pub stopped: Option<Stopped>,
}

/// The plot of one report.
pub struct Frame {
    /// The risk.
    pub y: Axis,
    /// Clean first where it has a risk, then the levels, ascending.
    pub points: Vec<Point>,
    /// The labels below the plot, with their places.
    labels: Vec<(f64, String)>,
    /// Whether the levels are spaced evenly, not to scale.
    even: bool,
    /// The least distance between neighbouring levels, in pixels.
    pub spacing: f64,
    /// The levels with their places, clean first.
    places: Vec<(f64, f64)>,
}

impl Frame {
    pub fn new(report: &Report) -> Frame {
        let results = &report.results;
        let levels: Vec<f64> = std::iter::once(0.0).chain(results.levels.iter().map(|l| l.level)).collect();
        let scale =
            Axis::exact(0.0, levels.iter().copied().fold(0.0, f64::max), 8, (LEFT + PAD, RIGHT - PAD));
        let gap = |xs: &[f64]| xs.windows(2).map(|w| w[1] - w[0]).fold(RIGHT - LEFT, f64::min);
        let mut xs: Vec<f64> = levels.iter().map(|&v| scale.at(v)).collect();
        let even = gap(&xs) < CLOSE;
        if even {
            let step = (RIGHT - LEFT - 2.0 * PAD) / (levels.len() - 1).max(1) as f64;
            xs = (0..levels.len()).map(|i| LEFT + PAD + i as f64 * step).collect();
        }
        let spacing = gap(&xs);
        let places: Vec<(f64, f64)> = levels.iter().copied().zip(xs).collect();
        let labels = if even {
            places.iter().map(|&(v, x)| (x, typed(v))).collect()
        } else {
            scale.ticks.iter().map(|(v, label)| (scale.at(*v), label.clone())).collect()
        };
        let points = points(report, &places);
        Frame { y: risks(report, &points), points, labels, even, spacing, places }
    }

    /// The place of a level of the grid.
    pub fn place(&self, level: f64) -> Option<f64> {
        self.places.iter().find(|(v, _)| *v == level).map(|(_, x)| *x)
    }
}

/// Clean, where it has a risk, and every level.
fn points(report: &Report, places: &[(f64, f64)]) -> Vec<Point> {
    let results = &report.results;
    let clean = &results.clean;
    let known = clean.risk.estimate.filter(|_| clean.exact);
    let risk = known.map_or(clean.risk, |v| Bounded { lower: Some(v), upper: Some(v), ..clean.risk });
    let first = Point { x: places[0].1, risk, exact: known.is_some(), stopped: clean.stopped };
    let noisy = results.levels.iter().zip(&places[1..]);
    let noisy =
        noisy.map(|(l, (_, x))| Point { x: *x, risk: l.risk, exact: false, stopped: Some(l.stopped) });
    let shown = |p: &Point| p.risk.estimate.or(p.risk.lower).or(p.risk.upper).is_some();
    std::iter::once(first).filter(shown).chain(noisy).collect()
}

/// The axis of the risk: from 0, or the least value shown, to a round number above all.
fn risks(report: &Report, points: &[Point]) -> Axis {
    let shown = points.iter().flat_map(|p| [p.risk.estimate, p.risk.lower, p.risk.upper]).flatten();
    let gates = report.question.gates.iter().map(|g| g.threshold);
    let (low, high) = shown
        .chain(gates)
        .filter(|v| v.is_finite())
        .fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    let top = report.results.range.map_or(f64::INFINITY, |range| range.1);
    let high = if low == high { top } else { high };
    // Some air above what is highest, but for the top of the range, which nothing can pass.
    let high = if high < top { (high * 1.04).min(top) } else { high };
    Axis::round(low, high, 6, (BOTTOM, TOP))
}

/// The grid, the axes and their titles.
pub fn draw(svg: &mut Svg, frame: &Frame, report: &Report) {
    for (value, label) in &frame.y.ticks {
        let y = frame.y.at(*value);
        svg.line((LEFT, y), (RIGHT, y), &format!(r#"stroke="{}""#, colour::GRID));
        svg.text((LEFT - 8.0, y + 3.5), Font::new(10.0, colour::INK, Anchor::End), label);
    }
    let axis = format!(r#"stroke="{}" stroke-width="1.2""#, colour::FAINT);
    svg.line((LEFT, TOP), (LEFT, BOTTOM), &axis);
    svg.line((LEFT, BOTTOM), (RIGHT, BOTTOM), &axis);
    let widest = frame.labels.iter().map(|(_, label)| width_of(label, 10.0)).fold(0.0, f64::max);
    let slanted = frame.even && widest + 4.0 > frame.spacing;
    for (x, label) in &frame.labels {
        svg.line((*x, BOTTOM), (*x, BOTTOM + 4.0), &axis);
        let font = Font::new(10.0, colour::INK, Anchor::Middle);
        if slanted {
            let font = Font { anchor: Anchor::End, turned: -40.0, ..font };
            svg.text((*x + 4.0, BOTTOM + 14.0), font, label);
        } else {
            svg.text((*x, BOTTOM + 16.0), font, label);
        }
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let below = BOTTOM + if slanted { 62.0 } else { 38.0 };
    let font = Font::new(12.0, colour::INK, Anchor::Middle);
    svg.text((middle, below), font, &level_title(&report.question.noise, frame.even));
    let name = format!("risk: {}", risk_name(&report.results));
    svg.text((20.0, f64::midpoint(TOP, BOTTOM)), Font { turned: -90.0, ..font }, &name);
}

fn level_title(noise: &NoiseSpec, even: bool) -> String {
    let spaced = if even { ", evenly spaced" } else { "" };
    format!("noise level{spaced} ({}, {})", shorten(&noise.family, 20), level_unit(noise))
}
