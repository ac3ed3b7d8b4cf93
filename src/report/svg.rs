//! As much of SVG as a curve needs: lines, paths, marks and text, escaped.
//!
//! What is drawn where is left to others. The invariant: the document is well-formed XML whatever the
//! text, holds no script and refers to nothing outside itself.

use std::fmt::Write;

use super::text::clean;

/// A picture under construction.
pub(super) struct Svg {
    body: String,
    width: f64,
    height: f64,
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The text begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font {
    /// The size in pixels.
    pub size: f64,
    /// The colour.
    pub fill: &'static str,
    /// Where it stands relative to its point.
    pub anchor: Anchor,
    /// The angle in degrees by which it is turned around its point, clockwise.
    pub turned: f64,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it has a white rim, to be read where lines cross it.
    pub rimmed: bool,
}

impl Font {
    /// Upright text of a size.
    pub const fn new(size: f64, fill: &'static str, anchor: Anchor) -> Font {
        Font { size, fill, anchor, turned: 0.0, bold: false, rimmed: false }
    }
}

impl Svg {
    /// A white picture of this size in pixels, with a title and a description for those who do not see it.
    pub fn new(width: f64, height: f64, title: &str, description: &str) -> Svg {
        let mut svg = Svg { body: String::new(), width, height };
        svg.put(&format!("<title>{}</title>", escape(title)));
        svg.put(&format!("<desc>{}</desc>", escape(description)));
        svg.put(&format!(r##"<rect width="{}" height="{}" fill="#ffffff"/>"##, n(width), n(height)));
        svg
    }

    fn put(&mut self, element: &str) {
        self.body.push_str("  ");
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// A straight line; `style` holds further attributes.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), style: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.put(&format!(r#"<line x1="{}" y1="{}" x2="{}" y2="{}" {style}/>"#, n(x1), n(y1), n(x2), n(y2)));
    }

    /// A path through `points`, closed when `closed`.
    pub fn path(&mut self, points: &[(f64, f64)], closed: bool, style: &str) {
        let mut d = String::new();
        for (i, (x, y)) in points.iter().enumerate() {
            let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, n(*x), n(*y));
        }
        let end = if closed { "Z" } else { "" };
        self.put(&format!(r#"<path d="{d}{end}" {style}/>"#));
    }

    /// A circle.
    pub fn circle(&mut self, (x, y): (f64, f64), radius: f64, style: &str) {
        self.put(&format!(r#"<circle cx="{}" cy="{}" r="{}" {style}/>"#, n(x), n(y), n(radius)));
    }

    /// A line of text whose baseline is at `y`.
    pub fn text(&mut self, (x, y): (f64, f64), font: Font, text: &str) {
        let anchor = match font.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let turned = match font.turned {
            0.0 => String::new(),
            angle => format!(r#" transform="rotate({} {} {})""#, n(angle), n(x), n(y)),
        };
        let rim =
            if font.rimmed { r##" stroke="#ffffff" stroke-width="3" paint-order="stroke""## } else { "" };
        let weight = if font.bold { r#" font-weight="bold""# } else { "" };
        self.put(&format!(
            r#"<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{anchor}"{weight}{rim}{turned}>{}</text>"#,
            n(x),
            n(y),
            n(font.size),
            font.fill,
            escape(text),
        ));
    }

    /// The document.
    pub fn finish(self) -> String {
        let (width, height) = (n(self.width), n(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" \
             font-family=\"'DejaVu Sans', Verdana, 'Helvetica Neue', Arial, sans-serif\">\n{}</svg>\n",
            self.body
        )
    }
}

/// Text as XML holds it. Control characters, which XML 1.0 cannot hold, are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in clean(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A coordinate with at most two digits after the point; what is not finite becomes 0.
fn n(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.is_finite() { format!("{}", rounded + 0.0) } else { "0".to_owned() }
}

/// How wide a text is, at most, in pixels: no font is at hand, so each character counts as a wide one.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.64 } else { 1.0 }).sum::<f64>() * size
}

/// How many wide characters fit into `width` pixels.
pub(super) fn fitting(width: f64, size: f64) -> usize {
    (width / (0.64 * size)).max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_gives_a_well_formed_document_that_says_it() {
        for text in ["a<b & c>\"d'", "]]>", "<script>x</script>", "\u{1b}[0m\u{0}", "\u{ffff}é漢"] {
            let mut svg = Svg::new(10.0, 10.0, text, text);
            svg.text((1.0, 2.0), Font::new(9.0, "#000000", Anchor::Start), text);
            let document = svg.finish();
            let tree = roxmltree::Document::parse(&document).unwrap();
            let said = tree.descendants().find(|e| e.has_tag_name("text")).and_then(|e| e.text()).unwrap();
            assert_eq!(said, clean(text).replace('\u{ffff}', "\u{fffd}"));
        }
    }

    #[test]
    fn coordinates_are_short_and_finite() {
        assert_eq!(n(1.0 / 3.0), "0.33");
        assert_eq!(n(-0.001), "0");
        assert_eq!(n(12.0), "12");
        assert_eq!(n(f64::NAN), "0");
        assert_eq!(n(f64::INFINITY), "0");
    }
}
