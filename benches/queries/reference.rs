//! What the engines needed when they were chosen, before they were part of this program: medians of 100 to 400 runs
//! in another language, each reading standing alone, on a grid of draws half a percent to a percent apart.
//!
//! An audit reads at checkpoints, which are 16 draws or 2 % apart, and intersects its readings. The first costs a
//! little, the second saves 8 to 18 % with AIM at risks from 0.05 on.
#![expect(clippy::unreadable_literal, reason = "a table reads better without separators")]

use crate::format::{Table, known};
use crate::losses::Losses;
use crate::measure::Measured;
use crate::tables::{gates, intervals, ranges};

/// More than this times the reference is marked.
const MARKED: f64 = 1.05;

/// For a level, a precision, a risk: the medians of AIM and AIM-D two-sided, and of both one-sided.
const INTERVALS: [(u64, f64, f64, [u64; 4]); 24] = [
    (1, 0.02, 0.0, [137, 149, 236, 184]),
    (1, 0.02, 0.001, [137, 149, 236, 184]),
    (1, 0.02, 0.01, [263, 284, 405, 290]),
    (1, 0.02, 0.05, [982, 751, 994, 602]),
    (1, 0.02, 0.2, [3243, 2068, 2820, 1570]),
    (1, 0.02, 0.5, [5065, 3011, 4194, 2258]),
    (1, 0.005, 0.0, [559, 606, 954, 744]),
    (1, 0.005, 0.001, [559, 606, 1406, 744]),
    (1, 0.005, 0.01, [3323, 2687, 3463, 2210]),
    (1, 0.005, 0.05, [15443, 10007, 13619, 7607]),
    (1, 0.005, 0.2, [52048, 30913, 43444, 23101]),
    (1, 0.005, 0.5, [81263, 47378, 67170, 35417]),
    (10, 0.02, 0.0, [199, 214, 366, 324]),
    (10, 0.02, 0.001, [199, 214, 366, 324]),
    (10, 0.02, 0.01, [441, 507, 667, 537]),
    (10, 0.02, 0.05, [1534, 1375, 1674, 1275]),
    (10, 0.02, 0.2, [5086, 3853, 4747, 3366]),
    (10, 0.02, 0.5, [7950, 5638, 7073, 4835]),
    (10, 0.005, 0.0, [814, 869, 1483, 1298]),
    (10, 0.005, 0.001, [1352, 1508, 2389, 1837]),
    (10, 0.005, 0.01, [5227, 4876, 5924, 4656]),
    (10, 0.005, 0.05, [24258, 18623, 22916, 16311]),
    (10, 0.005, 0.2, [81512, 58599, 73494, 50333]),
    (10, 0.005, 0.5, [127287, 89782, 113255, 77113]),
];

/// For a number of gates and a risk: the median.
const GATES: [(u64, f64, u64); 16] = [
    (1, 0.0, 75),
    (1, 0.01, 149),
    (1, 0.03, 778),
    (1, 0.045, 14456),
    (1, 0.055, 13490),
    (1, 0.07, 962),
    (1, 0.1, 184),
    (1, 0.2, 30),
    (10, 0.0, 123),
    (10, 0.01, 253),
    (10, 0.03, 1325),
    (10, 0.045, 23374),
    (10, 0.055, 24943),
    (10, 0.07, 1664),
    (10, 0.1, 303),
    (10, 0.2, 46),
];

/// For a number of levels and losses: the median of AIM-bets.
const RANGES: [(u64, Losses, u64); 16] = [
    (1, Losses::Beta(0.5, 20.0), 926),
    (1, Losses::Beta(2.0, 40.0), 930),
    (1, Losses::Mix, 16146),
    (1, Losses::Coin(0.0), 121),
    (1, Losses::Coin(0.01), 305),
    (1, Losses::Coin(0.05), 1039),
    (1, Losses::Coin(0.2), 3574),
    (1, Losses::Coin(0.5), 5488),
    (10, Losses::Beta(0.5, 20.0), 1318),
    (10, Losses::Beta(2.0, 40.0), 1320),
    (10, Losses::Mix, 24526),
    (10, Losses::Coin(0.0), 181),
    (10, Losses::Coin(0.01), 488),
    (10, Losses::Coin(0.05), 1624),
    (10, Losses::Coin(0.2), 5438),
    (10, Losses::Coin(0.5), 8404),
];

/// One of our medians beside its reference.
pub struct Compared {
    what: String,
    found: Measured,
    runs: u64,
    reference: u64,
}

impl Compared {
    fn ratio(&self) -> f64 {
        self.found.median.map_or(f64::INFINITY, |median| median as f64 / self.reference as f64)
    }

    /// Whether most runs need more than 5 % above the reference and what lies between two checkpoints. Most are six
    /// in ten: the reference is a median of as few as 100 runs, whose rank is known to ten in a hundred.
    pub fn too_many(&self) -> bool {
        let reference = self.reference as f64;
        let allowed = MARKED * reference + (0.02 * reference).max(16.0);
        self.found.p40.is_none_or(|draws| draws as f64 > allowed)
    }
}

/// Everything that has a reference.
pub fn compare(intervals: &[&intervals::Row], gates: &[gates::Row], ranges: &[ranges::Row]) -> Vec<Compared> {
    let of_intervals = intervals.iter().flat_map(|row| {
        let cell = row.cell;
        let known = INTERVALS
            .iter()
            .find(|known| (known.0, known.1, known.2) == (cell.levels, cell.precision, cell.risk));
        let (sides, first) = if cell.two_sided { ("two-sided", 0) } else { ("one-sided", 2) };
        known.into_iter().flat_map(move |known| {
            [0, 1].map(|engine| Compared {
                what: format!(
                    "{} {sides}, levels {}, precision {}, risk {}",
                    intervals::COLUMNS[engine],
                    cell.levels,
                    cell.precision,
                    cell.risk
                ),
                found: row.found[engine],
                runs: row.runs,
                reference: known.3[first + engine],
            })
        })
    });
    let of_gates = gates.iter().filter_map(|row| {
        let cell = row.cell;
        let known = GATES.iter().find(|known| (known.0, known.1) == (cell.levels, cell.risk));
        known.map(|known| Compared {
            what: format!("gate, levels {}, risk {}", cell.levels, cell.risk),
            found: row.found[0],
            runs: row.runs,
            reference: known.2,
        })
    });
    let of_ranges = ranges.iter().filter_map(|row| {
        let cell = row.cell;
        let known = RANGES.iter().find(|known| (known.0, known.1) == (cell.levels, cell.losses));
        known.map(|known| Compared {
            what: format!("AIM-bets, levels {}, {}", cell.levels, cell.losses.name()),
            found: row.found[0],
            runs: row.runs,
            reference: known.2,
        })
    });
    of_intervals.chain(of_gates).chain(of_ranges).collect()
}

/// The table of these comparisons.
pub fn table(compared: &[Compared]) -> Table {
    let mut table = Table::new(&["what", "here", "reference", "here / reference", "runs"]);
    for one in compared {
        let mark = match (one.too_many(), one.ratio() > MARKED) {
            (true, _) => " **too many**",
            (false, true) => " (above 1.05)",
            (false, false) => "",
        };
        table.push(vec![
            one.what.clone(),
            one.found.median.map_or_else(String::new, known),
            known(one.reference),
            format!("{:.2}{mark}", one.ratio()),
            known(one.runs),
        ]);
    }
    table
}
