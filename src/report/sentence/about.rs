//! What the claims are about: the risk, the rows, the noise, each in words.
//!
//! The invariant: where losses are capped, whatever is called a risk is called capped.

use crate::config::Question;
use crate::config::question::{NoiseSpec, Scale, Scope};
use crate::report::numbers::typed;
use crate::report::text::{list, shorten};
use crate::results::{CleanAnswers, Report, Results};

/// What is bounded, over which rows and which noise, and what that says about other data.
pub(super) fn about(report: &Report) -> String {
    let rows = report.data.rows;
    let noise = noise(&report.question.noise);
    let mean = mean_of_loss(&report.results);
    if report.results.levels.iter().any(|level| level.data_set.is_some()) {
        return format!(
            "Each pass asks all {rows} rows of this data set once, with fresh noise. The mean loss of a pass is {mean}, \
             over these rows and for one draw of {noise}. What is stated is about how it varies with the noise; it \
             says nothing about other data."
        );
    }
    match report.question.scope {
        Scope::DataSet => format!(
            "The risk is {mean}, over the {rows} rows of this data set, drawn uniformly with replacement, and over \
             {noise}. It says nothing about other data."
        ),
        Scope::Population => format!(
            "The risk is {mean}, over the population from which the {rows} rows are independent draws, and over \
             {noise}; each row is asked at most once at a level. It says something about other data where they are \
             draws from the same population, and nothing where they are not.{}",
            scale_of_sample(&report.question, rows).unwrap_or_default()
        ),
    }
}

/// That the size of the noise is that of a sample, where claims are about the population that it is from.
pub(in crate::report) fn scale_of_sample(question: &Question, rows: u64) -> Option<String> {
    let sample = question.scope == Scope::Population && question.noise.scale == Scale::Std;
    sample.then(|| {
        format!(
            " Yet the standard deviations of the columns, in which the levels are given, were taken from these {rows} \
             rows and are treated as fixed, though another sample would have given slightly others: the risk is that \
             under noise of just this size."
        )
    })
}

/// What the cap does, and that two statements belong together.
pub(super) fn cap(results: &Results) -> Option<String> {
    let cap = typed(results.cap?);
    Some(format!(
        "No bound on the mean of losses without a range holds without a cap: the risk is that of {}, in which a loss L \
         above {cap} counts as {cap}. P(L > {cap}) says how often that happens, and only both together say \
         something about the losses themselves: E[min(L, {cap})] <= u and P(L > {cap}) <= v.",
        capped(results).unwrap_or_default(),
    ))
}

/// The loss that the risk is the mean of, where it is capped: `the capped squared error, E[min(L, 25)]`.
fn capped(results: &Results) -> Option<String> {
    let cap = results.cap?;
    Some(format!("the capped {}, E[min(L, {})]", loss_words(&results.loss), typed(cap)))
}

/// What a risk is called in a sentence: `risk`, or `capped risk E[min(L, 25)]`.
pub fn risk_word(results: &Results) -> String {
    results.cap.map_or_else(|| "risk".to_owned(), |cap| format!("capped risk E[min(L, {})]", typed(cap)))
}

/// The risk in words.
pub(in crate::report) fn mean_of_loss(results: &Results) -> String {
    if let Some(capped) = capped(results) {
        return format!("the mean of {capped}");
    }
    match (results.loss.as_str(), results.clean_answers) {
        ("error", _) => "the share of wrong predictions".to_owned(),
        ("flip", CleanAnswers::Recorded) => {
            "the share of predictions that differ from the clean answers recorded in this run".to_owned()
        }
        ("flip", CleanAnswers::Fresh) => {
            "the share of predictions that differ from the answer to the same row \
             without noise, asked anew for each draw"
                .to_owned()
        }
        _ => format!("the {}", risk_name(results)),
    }
}

/// The short name of the mean of a loss: `error rate`, `mean squared error`, `mean capped squared error`.
pub fn risk_name(results: &Results) -> String {
    let capped = if results.cap.is_some() { "capped " } else { "" };
    match results.loss.as_str() {
        loss @ ("error" | "flip") => format!("{loss} rate"),
        loss => format!("mean {capped}{}", loss_words(loss)),
    }
}

/// A loss as people say it.
fn loss_words(loss: &str) -> String {
    match loss {
        "squared-error" | "absolute-error" => loss.replace('-', " "),
        other => shorten(other, 40),
    }
}

/// What a level measures: `standard deviation, in units of the data`.
pub fn level_unit(noise: &NoiseSpec) -> String {
    let measure = match noise.family.as_str() {
        "gaussian" => "standard deviation, ",
        "uniform" => "half-width, ",
        _ => "",
    };
    let unit = match noise.scale {
        Scale::Absolute => "in units of the data",
        Scale::Std => "in standard deviations of each column",
    };
    format!("{measure}{unit}")
}

/// The noise in words.
pub(in crate::report) fn noise(noise: &NoiseSpec) -> String {
    let mut parts =
        vec![format!("{} noise of the level (its {})", shorten(&noise.family, 40), level_unit(noise))];
    let columns = |names: &[String]| {
        let shown: Vec<String> = names.iter().take(5).map(|n| format!("`{}`", shorten(n, 30))).collect();
        match names.len() - shown.len() {
            0 => list(&shown),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    };
    if let Some(names) = noise.perturb.as_deref().filter(|n| !n.is_empty()) {
        parts.push(format!("added to {} alone", columns(names)));
    }
    if let Some(names) = noise.fix.as_deref().filter(|n| !n.is_empty()) {
        parts.push(format!("added to all columns but {}", columns(names)));
    }
    if let Some((low, high)) = noise.clip {
        parts.push(format!("the sum held inside [{}, {}]", typed(low), typed(high)));
    }
    parts.join(", ")
}

/// What has to be true for the claims to hold.
pub(super) fn assumptions(report: &Report) -> String {
    let mut all = vec![
        "that the endpoint answers a row with the same distribution throughout (it does not drift)"
            .to_owned(),
    ];
    if report.question.scope == Scope::Population {
        all.push("that the rows are independent draws from the population".to_owned());
    }
    if let Some((low, high)) = report.question.loss.range {
        all.push(format!(
            "that every {} lies within [{}, {}], as was promised",
            report.results.loss,
            typed(low),
            typed(high)
        ));
    }
    if report.results.asymptotic {
        all.push(
            "that losses have no heavy tail, and that the draws are enough to show their spread".to_owned(),
        );
    }
    all.push("and that the seed has not been used on this model and data to choose the plan".to_owned());
    format!("This assumes {}.", all.join("; "))
}
