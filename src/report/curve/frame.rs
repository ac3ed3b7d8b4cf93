//! What is drawn where: the points of one report, and the axis of the risk that holds them.
//!
//! The invariant: everything that is drawn lies on the axis; what is in other units is not drawn.

use super::slices;
use crate::config::question::{GateQuantity, GateSpec, NoiseSpec};
use crate::report::across::{Across, BOTTOM, TOP, axes};
use crate::report::axis::Axis;
use crate::report::numbers::typed;
use crate::report::sentence::{level_unit, risk_name};
use crate::report::svg::Svg;
use crate::report::text::shorten;
use crate::results::{Bounded, Clean, LevelResult, Report, Results, Stopped};

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
    /// The levels.
    pub across: Across,
    /// Clean first where it has a risk, then the levels, ascending.
    pub points: Vec<Point>,
}

impl Frame {
    pub fn new(report: &Report) -> Frame {
        let results = &report.results;
        let across = Across::of(results.levels.iter().map(|l| l.level));
        let points = points(results, &across);
        Frame { y: risks(report, &points), points, across }
    }
}

/// Whether the whole data set was sent in passes, so that its mean loss is what is drawn.
pub fn in_passes(results: &Results) -> bool {
    results.levels.iter().any(|l| l.data_set.is_some())
}

/// Whether the threshold of a gate is on the axis of the picture.
pub fn on_axis(gate: &GateSpec, results: &Results) -> bool {
    match gate.quantity {
        GateQuantity::Risk => !in_passes(results),
        GateQuantity::DataSet(_) => in_passes(results),
        GateQuantity::Degradation | GateQuantity::Quantile(_) => false,
    }
}

/// What is drawn at a level: the mean loss of the data set where that was sent in passes, else the risk.
pub fn at_level(level: &LevelResult) -> Bounded {
    level.data_set.as_ref().map_or(level.risk, |set| set.mean)
}

/// What is drawn at clean; an exactly known risk is both of its own limits.
pub fn without_noise(clean: &Clean) -> Bounded {
    let known = clean.risk.estimate.filter(|_| clean.exact);
    known.map_or(clean.risk, |v| Bounded { lower: Some(v), upper: Some(v), ..clean.risk })
}

/// Clean, where it has a risk, and every level.
fn points(results: &Results, across: &Across) -> Vec<Point> {
    let clean = &results.clean;
    let exact = clean.exact && clean.risk.estimate.is_some();
    let first = Point { x: across.at(0), risk: without_noise(clean), exact, stopped: clean.stopped };
    let noisy = results.levels.iter().enumerate().map(|(i, l)| Point {
        x: across.at(i + 1),
        risk: at_level(l),
        exact: false,
        stopped: Some(l.stopped),
    });
    let shown = |p: &Point| p.risk.estimate.or(p.risk.lower).or(p.risk.upper).is_some();
    std::iter::once(first).filter(shown).chain(noisy).collect()
}

/// The axis of the risk: from 0, or the least value shown, to a round number above all.
fn risks(report: &Report, points: &[Point]) -> Axis {
    let shown = points.iter().flat_map(|p| [p.risk.estimate, p.risk.lower, p.risk.upper]).flatten();
    let gates = report.question.gates.iter().filter(|g| on_axis(g, &report.results)).map(|g| g.threshold);
    let parts = slices::drawn(&report.results).into_iter().flat_map(|s| s.points).map(|(_, risk)| risk);
    upward(shown.chain(gates).chain(parts), &report.results)
}

/// An axis for the risks of `results` that holds 0 and all that is `shown`.
pub fn upward(shown: impl Iterator<Item = f64>, results: &Results) -> Axis {
    let (low, high) =
        shown.filter(|v| v.is_finite()).fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    let top = results.range.map(|range| range.1).or(results.cap).unwrap_or(f64::INFINITY);
    let high = if low == high { top } else { high };
    // Some air above what is highest, but for the top of the range, which nothing can pass.
    let high = if high < top { (high * 1.04).min(top) } else { high };
    Axis::round(low, high, 6, (BOTTOM, TOP))
}

/// The grid, the axes and their titles.
pub fn draw(svg: &mut Svg, frame: &Frame, report: &Report) {
    let below = level_title(&report.question.noise, frame.across.even);
    axes(svg, &frame.y, &frame.across, &below, &risk_title(&report.results));
}

/// What is drawn upward.
pub fn risk_title(results: &Results) -> String {
    let of = if in_passes(results) { "mean loss of the data set" } else { "risk" };
    let capped = results.cap.map_or_else(String::new, |cap| format!(", E[min(L, {})]", typed(cap)));
    format!("{of}: {}{capped}", risk_name(results))
}

/// What the levels are.
pub fn level_title(noise: &NoiseSpec, even: bool) -> String {
    let spaced = if even { ", evenly spaced" } else { "" };
    format!("noise level{spaced} ({}, {})", shorten(&noise.family, 20), level_unit(noise))
}
