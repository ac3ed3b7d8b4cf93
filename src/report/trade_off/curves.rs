//! The robustness curves of several reports in one picture, their intervals side by side at each level.
//!
//! The invariant: what is drawn is what each report states alone; nothing is said about differences.

use crate::report::across::{Across, HEIGHT, LEFT, RIGHT, WIDTH, axes};
use crate::report::axis::Axis;
use crate::report::curve::frame::{at_level, level_title, risk_title, upward, without_noise};
use crate::report::numbers::typed;
use crate::report::palette::{colour, dashes, shade, shape};
use crate::report::sentence::{self, risk_name};
use crate::report::svg::{Anchor, Font, Svg, fitting, width_of};
use crate::report::text::shorten;
use crate::results::{Bounded, Report};

/// The robustness curves of `sets`, each with the name that it has in the picture, as an SVG document of 800 by 500
/// pixels. They must be about the same loss and noise, which are told as those of the first.
pub fn curves(sets: &[(&str, &Report)]) -> String {
    let names: Vec<&str> = sets.iter().map(|(name, _)| *name).collect();
    let Some((_, first)) = sets.first() else {
        return Svg::new(WIDTH, HEIGHT, "robustness curves", "No endpoint was compared.").finish();
    };
    let noise = shorten(&first.question.noise.family, 20);
    let title = format!("{} under {noise} noise", risk_name(&first.results));
    let said = guarantee(sets);
    let description = format!("Robustness curves of {}, in this order. {said}", short_list(&names));
    let mut svg = Svg::new(WIDTH, HEIGHT, &title, &description);
    let bold = Font { bold: true, ..Font::new(16.0, colour::INK, Anchor::Start) };
    svg.text((LEFT, 26.0), bold, &title);
    if let Some(loud) = sets.iter().find_map(|(_, report)| sentence::warning(report)) {
        let font = Font { bold: true, ..Font::new(11.0, colour::FAILS, Anchor::Start) };
        svg.text((LEFT, 45.0), font, &loud);
    }
    legend(&mut svg, &names);
    let mut levels: Vec<f64> =
        sets.iter().flat_map(|(_, report)| report.results.levels.iter().map(|l| l.level)).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let across = Across::of(levels.into_iter());
    let lines: Vec<Vec<(f64, Bounded)>> = sets.iter().map(|(_, report)| line(report)).collect();
    let shown = lines.iter().flatten().flat_map(|(_, b)| [b.estimate, b.lower, b.upper]).flatten();
    let y = upward(shown, &first.results);
    let below = level_title(&first.question.noise, across.even);
    axes(&mut svg, &y, &across, &below, &risk_title(&first.results));
    let step = (across.spacing * 0.6 / sets.len() as f64).min(10.0);
    for (i, line) in lines.iter().enumerate() {
        let aside = (i as f64 - (lines.len() - 1) as f64 / 2.0) * step;
        draw(&mut svg, &across, &y, aside, line, i);
    }
    let caption = Font::new(10.0, colour::FAINT, Anchor::Start);
    let guide = "Marks of one level stand side by side; the lines between levels only guide the eye.";
    svg.text((20.0, HEIGHT - 26.0), caption, guide);
    svg.text((20.0, HEIGHT - 10.0), caption, &said);
    svg.finish()
}

/// Clean and the levels of one report, with what is known there.
fn line(report: &Report) -> Vec<(f64, Bounded)> {
    let results = &report.results;
    let clean = (0.0, without_noise(&results.clean));
    let shown = |(_, b): &(f64, Bounded)| b.estimate.or(b.lower).or(b.upper).is_some();
    std::iter::once(clean)
        .chain(results.levels.iter().map(|l| (l.level, at_level(l))))
        .filter(shown)
        .collect()
}

/// The curve of the endpoint with number `i`, moved `aside` by so many pixels.
fn draw(svg: &mut Svg, across: &Across, y: &Axis, aside: f64, line: &[(f64, Bounded)], i: usize) {
    let place = |level: f64| across.place(level).map(|x| (x + aside).clamp(LEFT, RIGHT));
    let guide: Vec<(f64, f64)> =
        line.iter().filter_map(|(level, b)| Some((place(*level)?, y.at(b.estimate?)))).collect();
    let style = format!(
        r#"class="guide" fill="none" stroke="{}" stroke-opacity="0.5" stroke-dasharray="{}""#,
        shade(i),
        dashes(i)
    );
    svg.path(&guide, false, &style);
    let stroke = format!(r#"stroke="{}" stroke-width="1.6""#, shade(i));
    for (level, b) in line {
        let Some(x) = place(*level) else { continue };
        let at = |v: Option<f64>| v.map(|v| y.at(v));
        let (estimate, lower, upper) = (at(b.estimate), at(b.lower), at(b.upper));
        if let (Some(from), Some(to)) = (lower.or(estimate), upper.or(estimate)) {
            svg.line((x, from), (x, to), &stroke);
        }
        for y in [lower, upper].into_iter().flatten().filter(|_| b.lower != b.upper) {
            svg.line((x - 3.0, y), (x + 3.0, y), &format!(r#"class="limit" {stroke}"#));
        }
        if let Some(y) = estimate {
            shape(svg, (x, y), 3.6, i, "estimate");
        }
    }
}

/// The names with their shapes, above the plot.
fn legend(svg: &mut Svg, names: &[&str]) {
    let font = Font::new(10.0, colour::INK, Anchor::Start);
    let room = (WIDTH - LEFT - 10.0) / names.len().max(1) as f64;
    let mut x = LEFT + 6.0;
    for (i, name) in names.iter().enumerate() {
        shape(svg, (x, 68.0), 4.0, i, "key");
        let name = shorten(name, fitting(room - 28.0, font.size).clamp(1, 28));
        svg.text((x + 10.0, 71.5), font, &name);
        x += width_of(&name, font.size) + 24.0;
    }
}

/// How sure the limits are: each report for itself.
fn guarantee(sets: &[(&str, &Report)]) -> String {
    let mut sure: Vec<f64> = sets.iter().map(|(_, report)| report.results.confidence).collect();
    sure.dedup();
    let near = if sets.iter().any(|(_, r)| r.results.asymptotic) { "near" } else { "at least" };
    let with = match sure.as_slice() {
        [one] => format!("with probability {near} {}", typed(*one)),
        _ => "with the probability in that report".to_owned(),
    };
    format!(
        "The limits of each report hold together {with}, apart from the others; no difference is claimed."
    )
}

/// The names, shortened.
fn short_list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| shorten(name, 40)).collect();
    crate::report::text::list(&names)
}
