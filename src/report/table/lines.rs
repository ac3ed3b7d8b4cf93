//! What is told in a line of its own: the clean risk, the data set, gates, the critical level, the index, how often
//! the endpoint contradicts itself, and draws without an answer.
//!
//! The invariant: a line stands only where the report has what it tells.

use super::{verdict, word};
use crate::report::numbers::{Digits, typed};
use crate::report::sentence::{self, risk_word};
use crate::report::text::{clean, shorten, wrap};
use crate::report::walk::What;
use crate::results::{
    Bounded, CleanAnswers, CriticalResult, DataSetLoss, GateResult, LevelResult, Report, Results, Verdict,
};

/// The clean risk.
pub fn clean_line(report: &Report) -> String {
    let results = &report.results;
    let (clean, digits) = (&results.clean, Digits::of(results));
    if clean.risk.estimate.is_none() {
        return String::new();
    }
    let (name, risk) = (risk_word(results), digits.estimate(&clean.risk));
    if sentence::by_definition(results) {
        return format!(
            "clean {name} 0, by definition: {} rows were asked clean to compare with",
            clean.draws
        );
    }
    if clean.exact {
        return format!(
            "clean {name} {risk}, known exactly: all {} rows were asked and answered",
            clean.draws
        );
    }
    let limits = match (clean.risk.lower, clean.risk.upper) {
        (None, None) => String::new(),
        _ => format!(" {}", digits.limits(&clean.risk)),
    };
    let paired = results.levels.iter().any(|l| l.degradation.is_some());
    if results.clean_answers == CleanAnswers::Fresh && clean.stopped.is_none() && !paired {
        let told = format!(
            "clean {name} {risk}, an estimate from {} rows: this endpoint does not answer a row the same way twice, so ",
            clean.draws
        );
        return wrap(&(told + unclaimed(results)), 2);
    }
    let stopped = clean.stopped.map_or_else(String::new, |s| format!(", stopped: {}", word(s)));
    wrap(&format!("clean {name} {risk}{limits}, from {} draws{stopped}", clean.draws), 2)
}

/// What is not claimed where clean answers do not repeat, and what would have it claimed.
fn unclaimed(results: &Results) -> &'static str {
    match (results.loss.as_str(), results.noise_floor.is_some()) {
        // Against a fresh clean answer, it is how often two clean answers differ.
        ("flip", false) => "no limits are claimed for it; --noise-floor claims some",
        ("flip", true) => "no limits are claimed for it beside the noise floor",
        _ => {
            "it has no limits, and neither has the degradation, of which nothing is told: with --clean-pass 0 both are \
             claimed and bounded"
        }
    }
}

/// A line for each level where the whole data set was sent in passes.
pub fn data_set(results: &Results) -> String {
    let digits = Digits::of(results);
    let lines = results.levels.iter().filter_map(|l| {
        let set = l.data_set.as_ref()?;
        Some(wrap(&format!("data set at level {}: {}", typed(l.level), passes(set, digits, results)), 2))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn passes(set: &DataSetLoss, digits: Digits, results: &Results) -> String {
    let of = if set.planned > 0 { format!(" of {}", set.planned) } else { String::new() };
    let mean =
        set.mean.estimate.map_or_else(String::new, |_| format!(", mean {}", digits.estimate(&set.mean)));
    let share = sentence::percent_of(set.share);
    let sure = if results.asymptotic { "probability near" } else { "probability >=" };
    let limit = match set.mean.upper {
        Some(upper) => {
            let limit = digits.limits(&Bounded { upper: Some(upper), ..Bounded::default() });
            format!(
                "; with {sure} {}, {share} % of fresh noise draws keep the data set's mean loss at or below {}",
                typed(results.confidence),
                limit.trim_start_matches("<= "),
            )
        }
        None if set.passes < set.planned => {
            format!("; the limit for {share} % of fresh noise draws needs all {}", set.planned)
        }
        None => String::new(),
    };
    format!("{}{of} passes{mean}{limit}", set.passes)
}

/// The gates, one a line, and up to which level the critical statement holds.
pub fn gates(results: &Results) -> String {
    let line = |g: &GateResult| format!("gate {:<9}  {}", verdict(g.verdict), shorten(&clean(&g.claim), 80));
    let critical = results.critical.as_ref().map(|c| wrap(&critical(c), 2));
    results.gates.iter().map(line).chain(critical).collect::<Vec<_>>().join("\n")
}

/// Up to which level a statement holds.
pub fn critical(found: &CriticalResult) -> String {
    let claim = shorten(&found.claim, 60);
    match (found.level, found.next) {
        (Some(_), None) => format!("{claim} holds at all levels"),
        (Some(level), Some(next)) => {
            let there = if found.verdict == Verdict::Fails { "it fails" } else { "it is undecided" };
            format!("{claim} holds at every level up to {}; at {} {there}", typed(level), typed(next))
        }
        (None, Some(next)) => {
            let there = if found.verdict == Verdict::Fails { ": it fails there" } else { "" };
            format!("{claim} was not shown to hold even at {}{there}", typed(next))
        }
        (None, None) => format!("{claim} was not shown to hold at any level"),
    }
}

/// The robustness index, how often the endpoint contradicts itself, and whether the model stayed the same.
pub fn whole(report: &Report) -> String {
    let results = &report.results;
    let index = results.index.as_ref().map(|index| {
        let digits = Digits::of_all(What::Index, results);
        let name = risk_word(results);
        let what = match results.loss.as_str() {
            "error" | "flip" => format!("1 - {name}"),
            _ => format!("clean {name} / {name}"),
        };
        let limits = match (index.lower, index.upper) {
            (None, None) => "; an estimate, nothing is claimed of it".to_owned(),
            _ => "; its limits follow from those of the risks".to_owned(),
        };
        let shown = digits.limits(index);
        let shown = if shown == "-" { String::new() } else { format!(" {shown}") };
        format!(
            "robustness index {}{shown}: the mean over the levels of {what}{limits}",
            digits.estimate(index)
        )
    });
    let floor = results.noise_floor.as_ref().map(|floor| {
        let digits = Digits::of_all(What::NoiseFloor, results);
        let missing = match floor.unanswered {
            0 => String::new(),
            n => format!(", {n} of them unanswered"),
        };
        if floor.differ.estimate.is_none() && floor.differ.upper.is_none() {
            return format!("noise floor: nothing is known from {} pairs{missing}", floor.pairs);
        }
        let limits = match digits.limits_percent(&floor.differ) {
            dash if dash == "-" => String::new(),
            limits => format!(" {limits}"),
        };
        format!(
            "noise floor: asked the same row twice without noise, the endpoint contradicts itself in {} of pairs{limits} \
             ({} pairs{missing})",
            digits.estimate_percent(&floor.differ),
            floor.pairs,
        )
    });
    index
        .into_iter()
        .chain(floor)
        .chain(identity(report))
        .map(|line| wrap(&line, 2))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether the model stayed the same, as far as that was seen, and how many answers no clean row speaks for.
pub fn identity(report: &Report) -> Option<String> {
    let (on_the_way, apart) = (report.results.sentinels.as_ref(), report.run.identity.as_ref());
    let counted = on_the_way.map_or((0, 0), |found| (found.asked, found.unanswered));
    let (others, others_missing) = apart.map_or((0, 0), |found| (found.asked, found.unanswered));
    let (asked, missing) = (counted.0 + others, counted.1 + others_missing);
    let unconfirmed = apart.map_or(0, |found| found.unconfirmed);
    let open = match unconfirmed {
        1 => "1 answer that counts".to_owned(),
        n => format!("{n} answers that count"),
    };
    if asked == 0 {
        let told = || {
            format!("identity of the model: no clean row was asked again, and {open} may be of another one")
        };
        return (unconfirmed > 0).then(told);
    }
    let at_the_end = others > 0 && unconfirmed == 0 && report.run.cut.is_none();
    let when = match (at_the_end, asked) {
        (true, 1) => "at the end",
        (true, _) => "on the way and at the end",
        (false, _) => "on the way",
    };
    let rows = if asked == 1 { "1 clean row was" } else { &format!("{asked} clean rows were") };
    let (answered, last) = match (asked.saturating_sub(missing), missing) {
        (_, 0) => ("answered as at the start".to_owned(), " came after the last one, and"),
        (0, _) => ("not answered".to_owned(), ""),
        (same, missing) => (
            format!("{same} of them answered as at the start, {missing} not at all"),
            " came after the last one that was, and",
        ),
    };
    let open =
        if unconfirmed > 0 { format!("; {open}{last} may be of another model") } else { String::new() };
    Some(format!("identity of the model: {rows} asked again {when}, and {answered}{open}"))
}

/// One line for each level with unanswered draws: how many, and where the estimate would lie with them.
pub fn unanswered(results: &Results) -> String {
    let digits = Digits::of(results);
    let clean = ("clean".to_owned(), results.clean.unanswered, results.clean.draws, &results.clean.risk);
    let noisy = |l: &LevelResult| (format!("level {}", typed(l.level)), l.unanswered, l.draws);
    std::iter::once(clean)
        .chain(results.levels.iter().map(|l| {
            let (place, missing, draws) = noisy(l);
            (place, missing, draws, &l.risk)
        }))
        .filter(|(_, missing, _, _)| *missing > 0)
        .map(|(place, missing, draws, risk)| {
            let range = risk.estimate_range.map_or_else(String::new, |(low, high)| {
                let both = Bounded { lower: Some(low), upper: Some(high), ..Bounded::default() };
                format!("; the estimate is in {}", digits.limits(&both))
            });
            wrap(&format!("unanswered at {place}: {missing} of {draws} draws{range}"), 2)
        })
        .collect::<Vec<_>>()
        .join("\n")
}
