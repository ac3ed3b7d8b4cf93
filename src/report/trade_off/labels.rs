//! Names beside points, where they do not cover one another.
//!
//! The invariant: a name that fits the page stays on it, and covers another one or a point only where all of its
//! places are taken.

use crate::report::across::WIDTH;
use crate::report::svg::{Anchor, Font, Svg, width_of};

/// A box: left, right, top, bottom.
type Extent = (f64, f64, f64, f64);

/// The places that are taken.
#[derive(Debug, Default)]
pub struct Labels {
    taken: Vec<Extent>,
}

impl Labels {
    /// Keeps a box free of names.
    pub fn keep_free(&mut self, extent: Extent) {
        self.taken.push(extent);
    }

    /// Writes `text` beside a point: at the first of ever more distant places that is free, or beside it.
    pub fn put(&mut self, svg: &mut Svg, (x, y): (f64, f64), fill: &'static str, text: &str) {
        let font = Font { rimmed: true, bold: true, ..Font::new(11.0, fill, Anchor::Start) };
        // Bold letters are a tenth wider.
        let long = width_of(text, font.size) * 1.1;
        let places = [-8.0, 16.0, -22.0, 30.0, -36.0, 44.0].into_iter().flat_map(|dy| {
            let right = (x + 9.0, x + 9.0 + long, y + dy - font.size, y + dy + 2.0);
            let left = (x - 9.0 - long, x - 9.0, y + dy - font.size, y + dy + 2.0);
            [right, left]
        });
        let on_page = |e: &Extent| e.0 >= 0.0 && e.1 <= WIDTH;
        let mut places = places.filter(on_page).peekable();
        let first = places.peek().copied().unwrap_or((0.0, long, y - font.size, y));
        let place = places.find(|e| !self.taken.iter().any(|t| overlap(*t, *e))).unwrap_or(first);
        self.taken.push(place);
        svg.text((place.0, place.3 - 2.0), font, text);
    }
}

fn overlap(a: Extent, b: Extent) -> bool {
    a.0 < b.1 && b.0 < a.1 && a.2 < b.3 && b.2 < a.3
}
