//! The slices: a thin line of estimates for each, without limits, so that the curve stays readable.
//!
//! The invariant: none is drawn where there are more than can be told apart.

use super::frame::Frame;
use crate::report::across::{HEIGHT, WIDTH};
use crate::report::palette::{KINDS, colour, dashes, shade, shape};
use crate::report::svg::{Anchor, Font, Svg, fitting, width_of};
use crate::report::text::shorten;
use crate::results::{Report, Results};

/// One slice: its name, and its estimates with their levels, clean being level 0.
pub struct Slice<'a> {
    name: &'a str,
    /// Levels and estimates.
    pub points: Vec<(f64, f64)>,
}

/// The slices that are drawn.
pub fn drawn(results: &Results) -> Vec<Slice<'_>> {
    let clean = results.clean.slices.iter().map(|s| (0.0, s));
    let noisy = results.levels.iter().flat_map(|l| l.slices.iter().map(|s| (l.level, s)));
    let mut all: Vec<Slice> = Vec::new();
    for (level, slice) in clean.chain(noisy) {
        let Some(estimate) = slice.risk.estimate else { continue };
        match all.iter_mut().find(|s| s.name == slice.value) {
            Some(known) => known.points.push((level, estimate)),
            None => all.push(Slice { name: &slice.value, points: vec![(level, estimate)] }),
        }
    }
    if all.len() > KINDS { Vec::new() } else { all }
}

/// The lines, and what they mean below the plot.
pub fn draw(svg: &mut Svg, frame: &Frame, report: &Report) {
    let all = drawn(&report.results);
    if all.is_empty() {
        return;
    }
    for (i, slice) in all.iter().enumerate() {
        let place = |&(level, risk): &(f64, f64)| Some((frame.across.place(level)?, frame.y.at(risk)));
        let points: Vec<(f64, f64)> = slice.points.iter().filter_map(place).collect();
        let style = format!(
            r#"class="slice" fill="none" stroke="{}" stroke-dasharray="{}" stroke-opacity="0.8""#,
            shade(i + 1),
            dashes(i + 1)
        );
        svg.path(&points, false, &style);
        for at in points {
            shape(svg, at, 2.6, i + 1, "slice-mark");
        }
    }
    let (mut x, y) = (20.0, HEIGHT - if frame.across.slanted() { 40.0 } else { 48.0 });
    let font = Font::new(10.0, colour::INK, Anchor::Start);
    let room = (WIDTH - 40.0) / (all.len() + 1) as f64;
    let column = report.question.slice.as_ref().map_or("slice", |s| s.column.as_str());
    let head =
        format!("{} (estimates):", shorten(column, fitting(room, font.size).saturating_sub(13).max(4)));
    svg.text((x, y + 3.5), font, &head);
    x += width_of(&head, font.size) + 12.0;
    for (i, slice) in all.iter().enumerate() {
        let name = shorten(slice.name, fitting(room - 26.0, font.size).max(4));
        shape(svg, (x, y), 3.2, i + 1, "key");
        svg.text((x + 8.0, y + 3.5), font, &name);
        x += width_of(&name, font.size) + 22.0;
    }
}
