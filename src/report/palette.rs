//! Colours, and what tells several things of one kind apart.
//!
//! The invariant: colour is never the only sign. Up to [`KINDS`] things differ in colour, shape and dashes, and
//! more in the pair of colour and shape.

use super::svg::Svg;

/// The colours, apart for colour-blind eyes (after Okabe and Ito, 2008).
pub(super) mod colour {
    pub const INK: &str = "#1a1a1a";
    pub const FAINT: &str = "#595959";
    pub const GRID: &str = "#e4e4e4";
    pub const CURVE: &str = "#0072b2";
    pub const HOLDS: &str = "#00805c";
    pub const FAILS: &str = "#c44e00";
}

/// How many things differ in everything.
pub(super) const KINDS: usize = 6;

/// Colour and dashes, in the order of the shapes.
const STYLES: [(&str, &str); KINDS] = [
    ("#0072b2", "none"),
    ("#d55e00", "6 3"),
    ("#00805c", "2 2"),
    ("#aa4499", "8 2 2 2"),
    ("#8a6d00", "4 4"),
    ("#4d4d4d", "1 3"),
];

/// The colour of the thing with that number, from 0 on.
pub(super) fn shade(i: usize) -> &'static str {
    STYLES[i % KINDS].0
}

/// Its dashes, as SVG says them.
pub(super) fn dashes(i: usize) -> &'static str {
    STYLES[i % KINDS].1
}

/// Its shape around a point: disc, square, triangle, diamond, cross, upside-down triangle.
pub(super) fn shape(svg: &mut Svg, (x, y): (f64, f64), r: f64, i: usize, class: &str) {
    let p = |dx: f64, dy: f64| (x + dx * r, y + dy * r);
    let style = format!(r##"class="{class}" fill="{}" stroke="#ffffff" stroke-width="0.8""##, shade(i));
    match (i + i / KINDS) % KINDS {
        0 => svg.circle((x, y), r, &style),
        1 => svg.path(&[p(-0.9, -0.9), p(0.9, -0.9), p(0.9, 0.9), p(-0.9, 0.9)], true, &style),
        2 => svg.path(&[p(0.0, -1.2), p(1.1, 0.9), p(-1.1, 0.9)], true, &style),
        3 => svg.path(&[p(0.0, -1.3), p(1.3, 0.0), p(0.0, 1.3), p(-1.3, 0.0)], true, &style),
        4 => {
            let arms = [(-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4)];
            let half: Vec<(f64, f64)> = arms.iter().map(|&(dx, dy)| p(dx, dy)).collect();
            let rest: Vec<(f64, f64)> = arms.iter().map(|&(dx, dy)| p(-dx, -dy)).collect();
            svg.path(&[half, rest].concat(), true, &style);
        }
        _ => svg.path(&[p(0.0, 1.2), p(1.1, -0.9), p(-1.1, -0.9)], true, &style),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thirty_six_things_look_different() {
        let drawn = |i: usize| {
            let mut svg = Svg::new(9.0, 9.0, "", "");
            shape(&mut svg, (4.0, 4.0), 3.0, i, "x");
            svg.finish()
        };
        let all: std::collections::BTreeSet<String> = (0..36).map(drawn).collect();
        assert_eq!(all.len(), 36);
    }
}
