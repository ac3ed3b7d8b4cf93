//! noisebound against the best of the others, question by question: what the first lines of the page say.
//!
//! Only methods take part that may be read at any time and whose statements are as strong. Invariant: nothing is
//! chosen by how it turned out; the questions that stand first on the page are a fixed list.

use crate::format::{Table, known};
use crate::losses::Losses;
use crate::measure::Measured;
use crate::tables::{gates, intervals, ranges};

/// The medians for one question.
pub struct Contest {
    group: &'static str,
    what: String,
    /// Whether it is one of those that stand first on the page.
    first: bool,
    ours: u64,
    other: Option<(&'static str, u64)>,
    hoeffding: Option<u64>,
}

/// The groups of questions, as the page names them.
pub const GROUPS: [&str; 5] = [
    "limits on a risk of 0.2 or 0.5",
    "limits on a risk of 0.05",
    "limits on a risk of 0.01 or less",
    "a gate",
    "limits on a mean of losses in a range",
];

impl Contest {
    fn new(group: usize, what: String, ours: &Measured, names: &[&'static str], others: &[Measured]) -> Self {
        let medians = names.iter().zip(others).filter_map(|(name, other)| Some((*name, other.median?)));
        Self {
            group: GROUPS[group],
            what,
            first: false,
            ours: ours.median.unwrap_or(u64::MAX),
            other: medians.min_by_key(|(_, median)| *median),
            hoeffding: None,
        }
    }

    /// How many times as many draws the best other method needs.
    fn times(&self) -> Option<f64> {
        self.other.map(|(_, median)| median as f64 / self.ours as f64)
    }
}

/// All questions, with whoever does best.
pub fn contests(intervals: &[&intervals::Row], gates: &[gates::Row], ranges: &[ranges::Row]) -> Vec<Contest> {
    let intervals = intervals.iter().map(|row| of_interval(row));
    intervals.chain(gates.iter().map(of_gate)).chain(ranges.iter().map(of_range)).collect()
}

fn of_interval(row: &intervals::Row) -> Contest {
    let cell = row.cell;
    let group = if cell.risk >= 0.2 { 0 } else { usize::from(cell.risk < 0.05) + 1 };
    let first =
        cell.two_sided
            && [(1, 0.05, 0.05), (1, 0.05, 0.2), (1, 0.02, 0.05), (1, 0.02, 0.2), (10, 0.05, 0.2)]
                .contains(&(cell.levels, cell.precision, cell.risk));
    let contest =
        Contest::new(group, about_interval(cell), &row.chosen(), &intervals::COLUMNS[2..], &row.found[2..]);
    Contest { first, hoeffding: Some(row.hoeffding()), ..contest }
}

/// The question of a cell in words.
pub fn about_interval(cell: intervals::Cell) -> String {
    format!("{}, risk {}", limits(cell.two_sided, cell.precision, cell.levels), cell.risk)
}

/// See [`about_interval`].
pub fn about_gate(cell: gates::Cell) -> String {
    let many = if cell.levels == 1 { "a gate".to_owned() } else { format!("each of {} gates", cell.levels) };
    format!("{many} `error <= {}`, risk {}", gates::THRESHOLD, cell.risk)
}

/// See [`about_interval`].
pub fn about_range(cell: ranges::Cell) -> String {
    format!("{}, losses {}", limits(true, cell.precision, cell.levels), cell.losses.name())
}

fn limits(two_sided: bool, precision: f64, levels: u64) -> String {
    let limits = if two_sided { "limits" } else { "an upper limit" };
    let levels = if levels == 1 { String::new() } else { format!(" at each of {levels} levels") };
    format!("{limits} within {precision}{levels}")
}

fn of_gate(row: &gates::Row) -> Contest {
    let cell = row.cell;
    // The last one may let a risk of 0.06 pass.
    let others = 1..gates::COLUMNS.len() - 1;
    let contest =
        Contest::new(3, about_gate(cell), &row.found[0], &gates::COLUMNS[others.clone()], &row.found[others]);
    Contest { first: cell.levels == 1 && [0.0, 0.01, 0.1].contains(&cell.risk), ..contest }
}

fn of_range(row: &ranges::Row) -> Contest {
    let cell = row.cell;
    let first = cell.levels == 1 && cell.losses == Losses::Beta(2.0, 40.0);
    let contest = Contest::new(4, about_range(cell), &row.found[0], &ranges::COLUMNS[1..], &row.found[1..]);
    Contest { first, hoeffding: Some(cell.hoeffding()), ..contest }
}

/// The first sentence: a typical question.
pub fn lead(contests: &[Contest]) -> String {
    let typical = contests.iter().find(|contest| contest.what == "limits within 0.02, risk 0.05");
    let told = typical.and_then(|contest| Some((contest.ours, contest.other?, contest.hoeffding?)));
    told.map_or_else(String::new, |(ours, (name, other), hoeffding)| {
        format!(
            "To bound an error rate of 0.05 within 0.02, noisebound asks about **{}** noisy rows; the best other \
             method that\nmay be watched as it goes ({name}) {}, and Hoeffding's inequality, with the number fixed \
             beforehand, {}.\n",
            known(ours),
            known(other),
            known(hoeffding),
        )
    })
}

/// The questions that stand first.
pub fn first(contests: &[Contest]) -> Table {
    let head =
        ["question", "noisebound", "best other", "that is", "times as many", "Hoeffding, n fixed before"];
    let mut table = Table::new(&head);
    for contest in contests.iter().filter(|contest| contest.first) {
        let (name, median) = contest.other.map_or(("none", String::new()), |(name, n)| (name, known(n)));
        table.push(vec![
            contest.what.clone(),
            format!("**{}**", known(contest.ours)),
            median,
            name.to_owned(),
            contest.times().map_or_else(String::new, |times| format!("{times:.2}")),
            contest.hoeffding.map_or_else(|| "-".to_owned(), known),
        ]);
    }
    table
}

/// How many times as many draws the best other method needs: least, middle and most in each group.
pub fn groups(contests: &[Contest]) -> Table {
    let mut table = Table::new(&["question", "least", "middle", "most", "questions"]);
    for group in GROUPS {
        let of_group = contests.iter().filter(|contest| contest.group == group);
        let mut times: Vec<f64> = of_group.filter_map(Contest::times).collect();
        times.sort_by(f64::total_cmp);
        let Some(last) = times.len().checked_sub(1) else { continue };
        let mut line = vec![group.to_owned()];
        line.extend([0, last.div_ceil(2), last].map(|rank| format!("{:.2}", times[rank])));
        line.push(times.len().to_string());
        table.push(line);
    }
    table
}

/// PROVERO, which is made for gates: how many times as many draws it needs in each of its settings, least and most.
pub fn provero(gates: &[gates::Row]) -> String {
    let settings = 4..gates::COLUMNS.len();
    let of_setting = |setting: usize| -> Vec<f64> {
        let ratio = |row: &gates::Row| Some(row.found[setting].median? as f64 / row.found[0].median? as f64);
        gates.iter().filter_map(ratio).collect()
    };
    let span = |times: &[f64]| {
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        format!("{least:.1} to {most:.0}")
    };
    let name = |setting: usize| gates::COLUMNS[setting].trim_start_matches("PROVERO ");
    let told: Vec<String> = settings
        .clone()
        .map(|setting| format!("{} for {}", span(&of_setting(setting)), name(setting)))
        .collect();
    let all: Vec<f64> = settings.flat_map(of_setting).collect();
    format!(
        "PROVERO, made for gates, takes {} times as many rows as noisebound over its three settings:\n{}. The last of \
         them may\nlet a risk of 0.06 pass.\n",
        span(&all),
        told.join(", "),
    )
}
