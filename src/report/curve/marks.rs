//! What was found: intervals, estimates, the clean risk and the verdicts.
//!
//! Colour is never the only sign: a level that did not stop by itself is hollow and has a word, and each
//! verdict has a shape of its own.

use super::frame::{Frame, Point, on_axis};
use crate::config::question::Relation;
use crate::report::across::{BOTTOM, LEFT, RIGHT, TOP};
use crate::report::numbers::{Digits, typed};
use crate::report::palette::colour;
use crate::report::svg::{Anchor, Font, Svg, width_of};
use crate::report::table::{verdict, word};
use crate::report::text::shorten;
use crate::results::{Report, Stopped, Verdict};

/// The radius of an estimate's dot.
const DOT: f64 = 4.0;

/// Whether a level's limits are not what the plan was after.
pub fn early(stopped: Option<Stopped>) -> bool {
    matches!(stopped, Some(Stopped::Cut | Stopped::Unanswered | Stopped::Inconsistent))
}

/// The band and the dashed lines from level to level, where both neighbours have the limit.
pub fn guides(svg: &mut Svg, frame: &Frame) {
    let dashed =
        format!(r#"fill="none" stroke="{}" stroke-opacity="0.55" stroke-dasharray="4 3""#, colour::CURVE);
    for pair in frame.points.windows(2) {
        let edge = |limit: fn(&Point) -> Option<f64>| {
            let ends: Vec<(f64, f64)> =
                pair.iter().filter_map(|p| Some((p.x, frame.y.at(limit(p)?)))).collect();
            (ends.len() == 2).then_some(ends)
        };
        let (lower, upper) = (edge(|p| p.risk.lower), edge(|p| p.risk.upper));
        if let (Some(lower), Some(upper)) = (&lower, &upper) {
            let around = [upper[0], upper[1], lower[1], lower[0]];
            svg.path(&around, true, &format!(r#"class="guide" fill="{}" fill-opacity="0.1""#, colour::CURVE));
        }
        for edge in [lower, upper].into_iter().flatten() {
            svg.path(&edge, false, &dashed);
        }
    }
}

/// The clean risk as a line across the plot, named in the margin.
pub fn clean(svg: &mut Svg, frame: &Frame, report: &Report) {
    let clean = &report.results.clean;
    let Some(risk) = clean.risk.estimate else { return };
    let y = frame.y.at(risk);
    let style =
        format!(r#"class="clean" stroke="{}" stroke-width="1.2" stroke-dasharray="9 4""#, colour::INK);
    svg.line((LEFT, y), (RIGHT, y), &style);
    let font = Font::new(10.0, colour::INK, Anchor::Start);
    let number = Digits::of(&report.results).estimate(&clean.risk);
    svg.text((RIGHT + 10.0, y - 1.0), font, "clean risk");
    svg.text((RIGHT + 10.0, y + 11.0), font, &format!("{}{number}", if clean.exact { "" } else { "about " }));
}

/// An interval bar with caps and a dot for each level.
pub fn points(svg: &mut Svg, frame: &Frame) {
    let cap = (frame.across.spacing * 0.3).min(6.0);
    let stroke = format!(r#"stroke="{}" stroke-width="1.8""#, colour::CURVE);
    for point in &frame.points {
        let at = |v: Option<f64>| v.map(|v| frame.y.at(v));
        let (estimate, lower, upper) = (at(point.risk.estimate), at(point.risk.lower), at(point.risk.upper));
        // With one limit alone, the bar runs from it to the estimate.
        if let (Some(from), Some(to)) = (lower.or(estimate), upper.or(estimate)) {
            svg.line((point.x, from), (point.x, to), &stroke);
        }
        for y in [lower, upper].into_iter().flatten().filter(|_| !point.exact) {
            svg.line((point.x - cap, y), (point.x + cap, y), &format!(r#"class="limit" {stroke}"#));
        }
        let early = early(point.stopped);
        if let Some(y) = estimate {
            let fill = if early { "#ffffff" } else { colour::CURVE };
            svg.circle((point.x, y), DOT, &format!(r#"class="estimate" fill="{fill}" {stroke}"#));
        }
        if let Some(stopped) = point.stopped.filter(|_| early) {
            let ys: Vec<f64> = [estimate, lower, upper].into_iter().flatten().collect();
            let top = ys.iter().copied().reduce(f64::min).unwrap_or(BOTTOM);
            let bottom = ys.into_iter().reduce(f64::max).unwrap_or(BOTTOM);
            name(svg, frame, point.x, (top, bottom), word(stopped));
        }
    }
}

/// A word above what is drawn from `top` to `bottom`, or below it, or left of it, where there is room; turned
/// where levels are close.
fn name(svg: &mut Svg, frame: &Frame, x: f64, (top, bottom): (f64, f64), word: &str) {
    let font = Font { rimmed: true, ..Font::new(10.0, colour::INK, Anchor::Middle) };
    let long = width_of(word, font.size);
    let turned = long + 10.0 > frame.across.spacing;
    let need = if turned { long + 12.0 } else { 22.0 };
    let (above, below) = (top - TOP >= need, BOTTOM - bottom >= need);
    let upward = |anchor| Font { anchor, turned: -90.0, ..font };
    let ((x, y), font) = match (turned, above, below) {
        (false, true, _) => ((x, top - 9.0), font),
        (false, false, true) => ((x, bottom + 18.0), font),
        (false, false, false) => ((x - 9.0, top + 20.0), Font { anchor: Anchor::End, ..font }),
        (true, true, _) => ((x + 3.5, top - 9.0), upward(Anchor::Start)),
        (true, false, true) => ((x + 3.5, bottom + 9.0), upward(Anchor::End)),
        (true, false, false) => ((x - 7.0, BOTTOM - 10.0), upward(Anchor::Start)),
    };
    svg.text((x, y), font, word);
}

/// Up to where the critical statement holds: a line at its level, with a wedge on the axis.
pub fn critical(svg: &mut Svg, frame: &Frame, report: &Report) {
    let Some(found) = &report.results.critical else { return };
    let claim = shorten(&found.claim, 30);
    let (level, text) = match (found.level, found.next) {
        (Some(level), Some(_)) => (level, format!("{claim} holds up to {}", typed(level))),
        (Some(level), None) => (level, format!("{claim} holds at all levels")),
        (None, Some(next)) => (next, format!("{claim} not shown at {}", typed(next))),
        (None, None) => return,
    };
    let Some(x) = frame.across.place(level) else { return };
    let (shade, dashes) =
        if found.level.is_some() { (colour::HOLDS, "none") } else { (colour::FAINT, "2 3") };
    let style =
        format!(r#"class="critical" stroke="{shade}" stroke-width="1.2" stroke-dasharray="{dashes}""#);
    svg.line((x, TOP), (x, BOTTOM), &style);
    let wedge = [(x, BOTTOM), (x - 6.0, BOTTOM - 9.0), (x + 6.0, BOTTOM - 9.0)];
    svg.path(&wedge, true, &format!(r#"class="critical-wedge" fill="{shade}""#));
    let font = Font { rimmed: true, ..Font::new(9.5, shade, Anchor::Start) };
    // On the side with more room; the text would hide the curve less where risks are small.
    let (x, anchor) =
        if x > f64::midpoint(LEFT, RIGHT) { (x - 6.0, Anchor::End) } else { (x + 6.0, Anchor::Start) };
    svg.text((x, TOP + 11.0), Font { anchor, ..font }, &text);
}

/// The threshold of each gate with its verdict: at its level, or across all of them.
pub fn gates(svg: &mut Svg, frame: &Frame, report: &Report) {
    let asked = report.question.gates.iter().zip(&report.results.gates);
    let shown: Vec<_> = asked.filter(|(gate, _)| on_axis(gate, &report.results)).collect();
    let named = shown.len() <= 4;
    for (gate, got) in shown {
        let y = frame.y.at(gate.threshold);
        // Where levels are close, the symbol stands at the level itself and the bar is left out.
        let half = if frame.across.spacing < 40.0 { 0.0 } else { 14.0 };
        let (from, to) = match gate.level {
            None => (LEFT, RIGHT),
            Some(level) => match frame.across.place(level) {
                Some(x) => (x - half, x + half),
                None => continue,
            },
        };
        svg.line(
            (from, y),
            (to, y),
            &format!(r#"class="gate" stroke="{}" stroke-width="2""#, shade(got.verdict)),
        );
        symbol(svg, (to, y), (frame.across.spacing * 0.2).min(5.0), got.verdict);
        if named {
            let relation = match gate.relation {
                Relation::AtMost => "≤",
                Relation::AtLeast => "≥",
            };
            let all = if gate.level.is_none() { "all " } else { "" };
            let text = format!("{all}{relation} {} {}", typed(gate.threshold), verdict(got.verdict));
            label(svg, (from, to), y, got.verdict, &text);
        }
    }
}

/// The text of a gate, right of its mark, or left of it where there is no room, or above a whole line.
fn label(svg: &mut Svg, (from, to): (f64, f64), y: f64, verdict: Verdict, text: &str) {
    let font = Font { rimmed: true, ..Font::new(9.5, shade(verdict), Anchor::Start) };
    let free = RIGHT - to;
    if to >= RIGHT {
        svg.text((RIGHT - 8.0, y - 5.0), Font { anchor: Anchor::End, ..font }, text);
    } else if free > width_of(text, font.size) + 8.0 {
        svg.text((to + 8.0, y + 3.5), font, text);
    } else {
        svg.text((from - 5.0, y + 3.5), Font { anchor: Anchor::End, ..font }, text);
    }
}

/// The colour of a verdict.
fn shade(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => colour::HOLDS,
        Verdict::Fails => colour::FAILS,
        Verdict::Undecided => colour::FAINT,
    }
}

/// The shape of a verdict: a disc with a tick, a square with a cross, a hollow diamond.
pub fn symbol(svg: &mut Svg, (x, y): (f64, f64), r: f64, verdict: Verdict) {
    let fill = format!(r#"class="verdict" fill="{}""#, shade(verdict));
    let white = r##"fill="none" stroke="#ffffff" stroke-width="1.4""##;
    let p = |dx: f64, dy: f64| (x + dx * r, y + dy * r);
    match verdict {
        Verdict::Holds => {
            svg.circle((x, y), r, &fill);
            svg.path(&[p(-0.5, 0.0), p(-0.1, 0.45), p(0.5, -0.4)], false, white);
        }
        Verdict::Fails => {
            svg.path(&[p(-1.0, -1.0), p(1.0, -1.0), p(1.0, 1.0), p(-1.0, 1.0)], true, &fill);
            svg.path(&[p(-0.5, -0.5), p(0.5, 0.5)], false, white);
            svg.path(&[p(-0.5, 0.5), p(0.5, -0.5)], false, white);
        }
        Verdict::Undecided => {
            let hollow =
                format!(r##"class="verdict" fill="#ffffff" stroke="{}" stroke-width="1.4""##, shade(verdict));
            svg.path(&[p(0.0, -1.1), p(1.1, 0.0), p(0.0, 1.1), p(-1.1, 0.0)], true, &hollow);
        }
    }
}
