//! What the picture says in words: title, legend and caption.
//!
//! The legend names only what is in the picture; the caption ends with the guarantee in one line.

use super::frame::{Frame, in_passes, on_axis};
use super::marks::{early, symbol};
use crate::report::across::{HEIGHT, LEFT, WIDTH};
use crate::report::numbers::typed;
use crate::report::palette::colour;
use crate::report::sentence::{self, risk_name};
use crate::report::svg::{Anchor, Font, Svg, fitting, width_of};
use crate::report::table::{lines, verdict};
use crate::report::text::shorten;
use crate::results::{Report, Verdict};

/// The size of the title.
const TITLE: f64 = 16.0;

/// Model, loss and noise; a long model name is shortened so that the rest stays.
pub fn title(report: &Report) -> String {
    let noise = shorten(&report.question.noise.family, 20);
    let rest = format!(": {} under {noise} noise", risk_name(&report.results));
    let model = report.endpoint.model.as_deref().unwrap_or(&report.endpoint.url);
    // Bold letters are a tenth wider.
    let most = fitting(WIDTH - LEFT - 20.0, TITLE * 1.1).saturating_sub(rest.chars().count());
    format!("{}{rest}", shorten(model, most.max(12)))
}

/// What the picture claims, for those who do not see it.
pub fn description(report: &Report) -> String {
    let warning = sentence::warning(report).map_or_else(String::new, |w| format!("{w} "));
    let critical =
        report.results.critical.as_ref().map_or_else(String::new, |c| format!(" {}.", lines::critical(c)));
    format!("{warning}{}{critical}", sentence::short(report))
}

/// Title, legend and caption.
pub fn draw(svg: &mut Svg, frame: &Frame, report: &Report) {
    let bold = Font { bold: true, ..Font::new(TITLE, colour::INK, Anchor::Start) };
    svg.text((LEFT, 26.0), bold, &title(report));
    let faint = Font::new(11.0, colour::FAINT, Anchor::Start);
    let version = report
        .endpoint
        .version
        .as_deref()
        .map_or_else(String::new, |v| format!("version {}, ", shorten(v, 20)));
    let facts = format!(
        "{version}confidence {}, {} rows, {} queries",
        typed(report.results.confidence),
        report.data.rows,
        report.run.queries
    );
    match sentence::warning(report) {
        Some(loud) => {
            let font = Font { bold: true, ..Font::new(11.0, colour::FAILS, Anchor::Start) };
            svg.text((LEFT, 45.0), font, &loud);
        }
        None => svg.text((LEFT, 45.0), faint, &facts),
    }
    legend(svg, frame, report);
    let caption = Font::new(10.0, colour::FAINT, Anchor::Start);
    if frame.points.iter().any(|p| p.risk.estimate.is_some()) {
        svg.text((20.0, HEIGHT - 26.0), caption, &claimed(frame, report));
    }
    svg.text((20.0, HEIGHT - 10.0), caption, &sentence::short(report));
}

/// Whether any level has limits, and whether any has a lower one.
fn limits(frame: &Frame) -> (bool, bool) {
    let noisy = || frame.points.iter().filter(|p| p.stopped.is_some());
    (noisy().any(|p| p.risk.lower.or(p.risk.upper).is_some()), noisy().any(|p| p.risk.lower.is_some()))
}

/// Which of the marks are claims, and which gates are not among them.
fn claimed(frame: &Frame, report: &Report) -> String {
    let claimed = match limits(frame) {
        (true, _) => "Limits are stated at the marked levels; the dashed lines between them guide the eye.",
        (false, _) => "Dots are estimates, about which nothing is claimed.",
    };
    match report.question.gates.iter().filter(|g| !on_axis(g, &report.results)).count() {
        0 => claimed.to_owned(),
        1 => format!("{claimed} 1 more gate is in the report."),
        more => format!("{claimed} {more} more gates are in the report."),
    }
}

/// A row of what the marks mean, above the plot.
fn legend(svg: &mut Svg, frame: &Frame, report: &Report) {
    let y = 68.0;
    let mut x = LEFT + 6.0;
    let font = Font::new(10.0, colour::INK, Anchor::Start);
    let say = |svg: &mut Svg, x: &mut f64, text: &str| {
        svg.text((*x + 12.0, y + 3.5), font, text);
        *x += 12.0 + width_of(text, font.size) + 14.0;
    };
    let (some, lower) = limits(frame);
    let stroke = format!(r#"stroke="{}" stroke-width="1.8""#, colour::CURVE);
    if some {
        svg.line((x, y - 7.0), (x, if lower { y + 7.0 } else { y }), &stroke);
        svg.line((x - 4.0, y - 7.0), (x + 4.0, y - 7.0), &stroke);
    }
    if some && lower {
        svg.line((x - 4.0, y + 7.0), (x + 4.0, y + 7.0), &stroke);
    }
    if frame.points.iter().any(|p| p.risk.estimate.is_some()) {
        svg.circle((x, y), 3.5, &format!(r#"fill="{}""#, colour::CURVE));
        let text = match (some, lower) {
            (true, _) if in_passes(&report.results) => {
                "mean of the passes, and the limit for a share of them"
            }
            (true, true) => "estimate and limits",
            (true, false) => "estimate and upper limit",
            (false, _) => "estimate",
        };
        say(svg, &mut x, text);
    }
    if frame.points.iter().any(|p| early(p.stopped) && p.risk.estimate.is_some()) {
        svg.circle((x, y), 3.5, &format!(r##"fill="#ffffff" {stroke}"##));
        say(svg, &mut x, "ended early");
    }
    for shown in [Verdict::Holds, Verdict::Fails, Verdict::Undecided] {
        let asked = report.question.gates.iter().zip(&report.results.gates);
        if asked.filter(|(g, _)| on_axis(g, &report.results)).any(|(_, got)| got.verdict == shown) {
            symbol(svg, (x, y), 5.0, shown);
            say(svg, &mut x, &format!("gate {}", verdict(shown)));
        }
    }
}
