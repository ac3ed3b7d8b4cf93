//! The plot that curves share: a place for each level from left to right, the grid, the axes.
//!
//! The invariant: every place is inside the plot, and neighbouring levels are at least [`CLOSE`] pixels
//! apart or spaced evenly.

use super::axis::Axis;
use super::numbers::typed;
use super::palette::colour;
use super::svg::{Anchor, Font, Svg, width_of};

/// The size of a picture in pixels.
pub(super) const WIDTH: f64 = 800.0;
pub(super) const HEIGHT: f64 = 500.0;
/// The sides of the plot in it.
pub(super) const LEFT: f64 = 76.0;
pub(super) const RIGHT: f64 = 716.0;
pub(super) const TOP: f64 = 88.0;
pub(super) const BOTTOM: f64 = 388.0;
/// Free space between the sides of the plot and the outermost levels.
const PAD: f64 = 20.0;
/// Levels closer than that many pixels are spaced evenly instead.
const CLOSE: f64 = 20.0;

/// Clean and the levels, from left to right.
pub(super) struct Across {
    /// The labels below the plot, with their places.
    labels: Vec<(f64, String)>,
    /// Whether the levels are spaced evenly, not to scale.
    pub even: bool,
    /// The least distance between neighbouring levels, in pixels.
    pub spacing: f64,
    /// The levels with their places, clean first.
    places: Vec<(f64, f64)>,
}

impl Across {
    /// Places for clean and `levels`, which ascend.
    pub fn of(levels: impl Iterator<Item = f64>) -> Across {
        let levels: Vec<f64> = std::iter::once(0.0).chain(levels).collect();
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
        Across { labels, even, spacing, places }
    }

    /// Whether the labels are too wide for their places, so that they are turned.
    pub fn slanted(&self) -> bool {
        let widest = self.labels.iter().map(|(_, label)| width_of(label, 10.0)).fold(0.0, f64::max);
        self.even && widest + 4.0 > self.spacing
    }

    /// The place of a level, or of clean, which is level 0.
    pub fn place(&self, level: f64) -> Option<f64> {
        self.places.iter().find(|(v, _)| *v == level).map(|(_, x)| *x)
    }

    /// The place of clean, or of the level with that number, from 1 on; the last one where there are fewer.
    pub fn at(&self, i: usize) -> f64 {
        self.places.get(i).or(self.places.last()).map_or(LEFT, |(_, x)| *x)
    }
}

/// The horizontal grid with its labels.
pub(super) fn grid(svg: &mut Svg, y: &Axis) {
    for (value, label) in &y.ticks {
        let y = y.at(*value);
        svg.line((LEFT, y), (RIGHT, y), &format!(r#"stroke="{}""#, colour::GRID));
        svg.text((LEFT - 8.0, y + 3.5), Font::new(10.0, colour::INK, Anchor::End), label);
    }
}

/// The lines of the axes and their titles, the lower one at `below`.
pub(super) fn titles(svg: &mut Svg, below: f64, across: &str, up: &str) {
    let axis = format!(r#"stroke="{}" stroke-width="1.2""#, colour::FAINT);
    svg.line((LEFT, TOP), (LEFT, BOTTOM), &axis);
    svg.line((LEFT, BOTTOM), (RIGHT, BOTTOM), &axis);
    let font = Font::new(12.0, colour::INK, Anchor::Middle);
    svg.text((f64::midpoint(LEFT, RIGHT), below), font, across);
    svg.text((20.0, f64::midpoint(TOP, BOTTOM)), Font { turned: -90.0, ..font }, up);
}

/// The grid, the axes with the levels on the lower one, and their titles.
pub(super) fn axes(svg: &mut Svg, y: &Axis, across: &Across, below: &str, up: &str) {
    grid(svg, y);
    let slanted = across.slanted();
    titles(svg, BOTTOM + if slanted { 62.0 } else { 38.0 }, below, up);
    for (x, label) in &across.labels {
        tick(svg, *x);
        let font = Font::new(10.0, colour::INK, Anchor::Middle);
        if slanted {
            let font = Font { anchor: Anchor::End, turned: -40.0, ..font };
            svg.text((*x + 4.0, BOTTOM + 14.0), font, label);
        } else {
            svg.text((*x, BOTTOM + 16.0), font, label);
        }
    }
}

/// A tick of the lower axis.
pub(super) fn tick(svg: &mut Svg, x: f64) {
    let style = format!(r#"stroke="{}" stroke-width="1.2""#, colour::FAINT);
    svg.line((x, BOTTOM), (x, BOTTOM + 4.0), &style);
}
