//! The page: what was measured, in the order in which somebody who pays for queries wants to know it.

use crate::contest;
use crate::format::Table;
use crate::reference;
use crate::tables::{gates, intervals, ranges, sent};

/// Everything that was measured.
pub struct Found {
    /// Few cells and few runs.
    pub quick: bool,
    /// Two-sided limits.
    pub two_sided: Vec<intervals::Row>,
    /// Upper limits alone.
    pub one_sided: Vec<intervals::Row>,
    /// Gates.
    pub gates: Vec<gates::Row>,
    /// Limits from losses in a range.
    pub ranges: Vec<ranges::Row>,
    /// What is sent.
    pub sent: Vec<sent::Row>,
}

impl Found {
    /// Measures everything. `told` hears of each part when it is done.
    pub fn new(quick: bool, told: impl Fn(&str)) -> Self {
        let two_sided = intervals::rows(&intervals::cells(true, quick), quick);
        told("two-sided limits");
        let one_sided = intervals::rows(&intervals::cells(false, quick), quick);
        told("upper limits");
        let gates = gates::rows(&gates::cells(quick), quick);
        told("gates");
        let ranges = ranges::rows(&ranges::cells(quick), quick);
        told("losses in a range");
        let sent = sent::rows(quick);
        told("what is sent");
        Self { quick, two_sided, one_sided, gates, ranges, sent }
    }

    fn intervals(&self) -> Vec<&intervals::Row> {
        self.two_sided.iter().chain(&self.one_sided).collect()
    }

    fn compared(&self) -> Vec<reference::Compared> {
        reference::compare(&self.intervals(), &self.gates, &self.ranges)
    }

    /// Whether noisebound needs what it needed, and sends what it charges.
    pub fn good(&self) -> bool {
        !self.compared().iter().any(reference::Compared::too_many)
            && self.sent.iter().all(sent::Row::nothing_wasted)
    }

    /// The page in Markdown.
    pub fn page(&self) -> String {
        let contests = contest::contests(&self.intervals(), &self.gates, &self.ranges);
        let note = if self.quick { "\n*A quick look: few questions, few runs.*\n" } else { "" };
        [
            format!("# How many queries are needed\n{note}"),
            contest::lead(&contests),
            format!("{LEAD}\n{}", contest::first(&contests)),
            format!("{GROUPS}\n{}", contest::groups(&contests)),
            format!("{LOSES}\n\n{}", contest::provero(&self.gates)),
            format!("{HOW}\n"),
            section(TWO_SIDED, &intervals::table(&self.two_sided)),
            section(ONE_SIDED, &intervals::table(&self.one_sided)),
            section(GATES, &gates::table(&self.gates)),
            section(RANGES, &ranges::table(&self.ranges)),
            section(SENT, &sent::table(&self.sent)),
            section(REFERENCE, &reference::table(&self.compared())),
        ]
        .join("\n")
    }
}

fn section(text: &str, table: &Table) -> String {
    format!("{text}\n{table}")
}

const LEAD: &str = "\
Every query costs money or capacity, so an audit stops as soon as it knows enough. The middle of many audits, in noisy
rows at one level, at 95 % confidence; *best other* is the published method that does best on that question, of those
that may be watched and stopped at any time, as an audit may:
";

const GROUPS: &str = "\
Over all questions on this page, the best other method needs this many times as many rows (below 1, fewer):
";

const LOSES: &str = "\
So noisebound saves much where a model is wrong now and then, and little where it is hardly ever wrong: there few rows
are enough for every good method, and the best of them, not always the same one, may need fewer than noisebound. What
saves most is to ask for less: limits twice as wide take a quarter of the rows.";

const HOW: &str = "\
## How it was measured

`cargo bench --bench queries -- --write` makes this page, in minutes. The losses come from distributions whose mean is
known, from generators seeded 0, 1, 2, ... up to the number of *runs* in the last column (hedged betting, which takes
long to compute: up to 51), and every method is given the same ones. An entry is the median and the 90th percentile of
the draws at which a method stops; `>` stands before what had not stopped after so many.

With 10 *levels* all limits, or all gates, hold together with 95 % probability, and what is counted is one of them.
Only noisy rows are counted. Clean ones come on top, once for all levels: up to 64 rows are asked twice, and every row
once (of data sets of up to 5,000 rows; with more, clean is a level like the others).

* **noisebound** is driven as an audit drives it: through the public interface, read at checkpoints, each reading
  intersected with those before. Bold is the engine that it takes when it knows nothing of the risk.
* **Beta mixture**: the Beta(1/2, 1/2) mixture (Robbins 1970), for losses of 0 or 1 the same as universal portfolios.
* **PrPl-EB** and **hedged betting**: Waudby-Smith and Ramdas, JRSS-B 2024. These three are read after each draw up to
  200, then at every half percent more, and their readings are intersected.
* **PROVERO**: Baluta et al., ICSE 2021, for gates; A + B tells risks up to A from risks of A + B and more, and may say
  either in between. Only where A + B is at most the threshold does it prove as much as a gate.
* **Hoeffding, fixed n**: rows fixed beforehand, not looked at before the last, whatever the risk.
* **Clopper-Pearson oracle**, **exact test oracle**: the fewest rows at which an exact limit or test that *knows the
  risk* is done every second time. Nobody can have these; they show what there is to gain.
* **CLT**, **ln(1/a)/KL**: the rows that the central limit theorem gives, the variance known, and the mean number that
  no sequential test with error `a` gets below (Wald).";

const TWO_SIDED: &str = "\
## A lower and an upper limit on an error rate

Until half the distance between the limits is at most the precision. 0.05 is the default of the command.
";

const ONE_SIDED: &str = "\
## An upper limit on an error rate

Until the limit is at most the precision above the mean of the losses (`--side upper`).
";

const GATES: &str = "\
## A gate: is the error rate at most 0.05?

In brackets: the share of runs in which the verdict was right, where that is below 0.99. All methods but PROVERO may be
wrong in 5 % of the runs, or 0.5 % each with ten gates; PROVERO says either between A and A + B.
";

const RANGES: &str = "\
## Limits on a mean of losses in a range

The range is scaled to 0 to 1. *mix* is Beta(1, 200), and Beta(50, 1) once in twenty.
";

const SENT: &str = "\
## What is charged, and what is sent

The tables above count the rows that are *charged*: on which results rest, and which the budget pays for. Under a rate
limit nothing else is sent. With `--rate none` rows are sent ahead (`--ahead`, by default twice `-c` times `-b`), so
that the endpoint is not kept waiting at checkpoints; when a level stops, some of them have been in vain. Played through
the fold of the program, with answers that come back in any order: the questions of the four tables above, about one of
their levels, down to a precision of 0.02 for error rates (finer ones take long, and what is sent ahead does not depend
on how many draws there are). What is charged is the same in every column; the command fails where it is not.
";

const REFERENCE: &str = "\
## Against what the engines needed when they were chosen

When the engines were chosen they were compared by simulations of their own: medians of 100 to 400 runs, with every
reading on its own (not intersected), half a percent to a percent apart. An audit intersects its readings, which saves
AIM and AIM-bets 8 to 20 % at risks from 0.05 on, and reads at checkpoints 16 draws or 2 % apart. That costs a small gate
one or two checkpoints, and every gate what is lost when the evidence is enough only between two of them.

Eleven rows are more than 5 % above the reference, all others within 5 % or below. *AIM-D one-sided, precision 0.005, risk
0.001*: the reference is what is needed without a single loss, which fewer than half of all runs can see (0.999^744 =
0.475), so it cannot be the median. *Gates of up to 210 draws*: one or two checkpoints of 16 draws. The four larger gates
lie 7 to 17 % above; checkpoints explain a part of it, and the medians of the reference are of a few hundred runs.

A ratio above 1.05 is marked. The command that makes this page fails where there are *too many*: where in six of ten
runs more is needed than the reference, 5 % and one step between checkpoints (16 draws or 2 %).
";
