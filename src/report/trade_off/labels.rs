//! Names beside points, where they do not cover one another.
//!
//! The invariant: a name that fits beside the axis stays there and on the page, covers another one or a point only where
//! all of its places are taken, and a line only where no place is free of all three.

use crate::report::across::{LEFT, WIDTH};
use crate::report::svg::{Anchor, Font, Svg, width_of};

/// A box: left, right, top, bottom.
type Extent = (f64, f64, f64, f64);

/// The places that are taken.
#[derive(Debug, Default)]
pub struct Labels {
    taken: Vec<Extent>,
    crossed: Vec<Extent>,
}

impl Labels {
    /// Keeps a box free of names.
    pub fn keep_free(&mut self, extent: Extent) {
        self.taken.push(extent);
    }

    /// Keeps a line free of names, if that can be.
    pub fn spare(&mut self, extent: Extent) {
        self.crossed.push(extent);
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
        let places: Vec<Extent> = places.filter(|e| e.0 >= LEFT && e.1 <= WIDTH).collect();
        let free = |e: &&Extent| !self.taken.iter().any(|t| overlap(*t, **e));
        let clear = |e: &&Extent| free(e) && !self.crossed.iter().any(|c| overlap(*c, **e));
        let place = places.iter().find(clear).or_else(|| places.iter().find(free)).or(places.first());
        let place = place.copied().unwrap_or((0.0, long, y - font.size, y));
        self.taken.push(place);
        // The width is a guess, so the end that is next to the point is the one that is fixed.
        if place.1 < x {
            svg.text((place.1, place.3 - 2.0), Font { anchor: Anchor::End, ..font }, text);
        } else {
            svg.text((place.0, place.3 - 2.0), font, text);
        }
    }
}

fn overlap(a: Extent, b: Extent) -> bool {
    a.0 < b.1 && b.0 < a.1 && a.2 < b.3 && b.2 < a.3
}
