//! What the model received of the noise: a table where that differs from what was asked for, and a warning where hardly
//! anything arrived.
//!
//! A measurement: nothing is claimed of it, and no limit is printed. The invariant: a level that rounding swallows is
//! never left out.

use super::numbers::typed;
use super::table::grid::{Column, tables};
use super::text::{shorten, wrap};
use crate::results::{RealisedColumn, RealisedNoise};

/// What is smaller than this share of the noise is no difference.
const VISIBLE: f64 = 0.01;

/// The table, and below it what was swallowed; empty where all noise arrives as it was asked for.
pub fn realised(found: &[RealisedNoise]) -> String {
    if !found.iter().any(differs) {
        return String::new();
    }
    let several = found.iter().any(|one| one.field != found[0].field);
    let field = |one: &RealisedNoise| if several { shorten(&one.field, 20) } else { String::new() };
    let groups = vec![vec![
        Column::some("field", found, field).map(Column::left),
        Column::some("type", found, |one| one.dtype.clone()).map(Column::left),
        Column::some("asked for", found, |one| size(one.asked)),
        Column::some("received", found, |one| one.received.map_or_else(|| "not measured".to_owned(), size)),
        Column::some("unchanged", found, |one| percent(one.unchanged)),
        Column::some("clipped", found, |one| percent(one.clipped)),
    ]];
    let draws = found.iter().map(|one| one.draws).max().unwrap_or_default();
    let unmeasured = found.iter().find_map(|one| one.unmeasured.as_ref());
    let received =
        if unmeasured.is_some() { "as it goes into the request" } else { "as the model receives it" };
    let head = format!(
        "noise {received}, after clipping and rounding: root mean squares over the first {draws} draws of \
         each level, in units of the level; a measurement, nothing is claimed of it"
    );
    let table = tables(Column::some("level", found, |one| typed(one.level)), groups, None);
    let warnings = swallowed(found).into_iter().map(|told| wrap(&format!("warning: {told}"), 2));
    [wrap(&head, 0), table].into_iter().chain(warnings).collect::<Vec<_>>().join("\n")
}

/// Whether something else arrives than was asked for.
fn differs(one: &RealisedNoise) -> bool {
    one.received.is_none_or(|received| (received - one.asked).abs() > VISIBLE * one.asked)
        || one.unmeasured.is_some()
        || one.unchanged > VISIBLE
        || one.clipped > VISIBLE
        || !one.columns.is_empty()
}

/// A sentence for each level whose noise hardly arrives, with what to do.
pub fn swallowed(found: &[RealisedNoise]) -> Vec<String> {
    let sentence = |one: &RealisedNoise| {
        let (level, field, dtype) = (typed(one.level), shorten(&one.field, 40), &one.dtype);
        let why = if one.clipped > one.unchanged / 2.0 {
            "held inside the range that clips them; widen --clip".to_owned()
        } else {
            format!("rounded to {dtype}; choose larger levels, or data and a model of a finer type")
        };
        format!(
            "level {level} hardly reaches the model: {} of the perturbed elements of `{field}` arrive as they do without \
             noise, {why}; what is found at this level says next to nothing about noise",
            percent(one.unchanged)
        )
    };
    let columns = found.iter().flat_map(|one| {
        let (clipped, rounded): (Vec<_>, Vec<_>) =
            one.columns.iter().partition(|it| it.clipped > it.unchanged / 2.0);
        [(rounded, "rounding"), (clipped, "clipping")]
            .into_iter()
            .filter_map(move |(columns, what)| columns_swallowed(one.level, &columns, what))
    });
    let unmeasured = found.iter().find_map(|one| one.unmeasured.as_ref()).map(|why| {
        format!(
            "what the model receives of the noise is not measured: {}; what rounding there swallows is not seen here",
            shorten(why, 250)
        )
    });
    let swallowed = found.iter().filter(|one| one.swallowed()).map(sentence);
    unmeasured.into_iter().chain(swallowed).chain(columns).collect()
}

/// How many columns are named in a sentence.
const NAMED: usize = 5;

/// A sentence for the columns whose noise is swallowed in this way.
fn columns_swallowed(level: f64, columns: &[&RealisedColumn], what: &str) -> Option<String> {
    let least = columns.iter().map(|it| it.unchanged).reduce(f64::min)?;
    let mut names: Vec<_> =
        columns.iter().take(NAMED).map(|it| format!("`{}`", shorten(&it.column, 40))).collect();
    if columns.len() > NAMED {
        names.push(format!("and {} more", columns.len() - NAMED));
    }
    let (plural, its) = if columns.len() == 1 { ("", "its") } else { ("s", "their") };
    let mut types: Vec<&str> = columns.iter().map(|it| it.dtype.as_str()).collect();
    types.dedup();
    let mend = match what {
        "rounding" => format!(
            "rounded to {}; choose larger levels, or leave {its} noise out with --fix",
            types.join(", ")
        ),
        _ => "held inside the range that clips them; widen --clip".to_owned(),
    };
    Some(format!(
        "column{plural} {}: {what} swallows the noise at level {}: {} of {its} values arrive as they do without noise, \
         {mend}",
        names.join(", "),
        typed(level),
        percent(least)
    ))
}

/// Three digits.
fn size(size: f64) -> String {
    if size == 0.0 {
        return "0".to_owned();
    }
    let digits = 2 - size.abs().log10().floor() as i32;
    match usize::try_from(digits) {
        Ok(digits) if digits <= 8 => {
            let text = format!("{size:.digits$}");
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            }
        }
        Err(_) if digits > -7 => format!("{size:.0}"),
        _ => format!("{size:.2e}"),
    }
}

/// A share, never rounded to all or to nothing.
fn percent(share: f64) -> String {
    match share {
        0.0 => "0 %".to_owned(),
        1.0 => "100 %".to_owned(),
        share => format!("{:.1} %", (share * 100.0).clamp(0.1, 99.9)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use crate::report::text::WIDTH;

    fn one(level: f64, dtype: &str, shares: (f64, f64), sizes: (f64, f64)) -> RealisedNoise {
        RealisedNoise {
            level,
            field: "image".to_owned(),
            dtype: dtype.to_owned(),
            draws: 256,
            elements: 16_384,
            asked: sizes.0,
            received: Some(sizes.1),
            unchanged: shares.0,
            clipped: shares.1,
            columns: Vec::new(),
            unmeasured: None,
        }
    }

    #[test]
    fn noise_that_arrives_as_it_was_asked_for_is_not_worth_a_line() {
        let fine = [one(0.1, "FP32", (0.0, 0.0), (0.100_3, 0.100_4))];
        assert_eq!(realised(&fine), "");
        assert!(swallowed(&fine).is_empty());
        assert_eq!(realised(&[]), "");
    }

    #[test]
    fn a_level_that_is_swallowed_is_told_with_what_to_do() {
        let found = [
            one(0.1, "UINT8", (1.0, 0.0), (0.1, 0.0)),
            one(0.2, "UINT8", (0.987_6, 0.0), (0.2, 0.111)),
            one(20.0, "UINT8", (0.02, 0.25), (20.03, 17.2)),
        ];
        let text = realised(&found);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("over the first 256 draws of each level"), "{text}");
        assert!(words.contains("20 UINT8 20 17.2 2.0 % 25.0 %"), "{text}");
        assert!(
            words.contains("warning: level 0.1 hardly reaches the model: 100 % of the perturbed"),
            "{text}"
        );
        assert!(words.contains("level 0.2 hardly reaches the model: 98.8 % of"), "{text}");
        assert!(
            words.contains("rounded to UINT8; choose larger levels, or data and a model of a finer"),
            "{text}"
        );
        assert_eq!(swallowed(&found).len(), 2);
        let clipped = swallowed(&[one(1.0, "FP32", (1.0, 0.9), (1.0, 0.0))]);
        assert!(clipped[0].contains("widen --clip"), "{clipped:?}");
    }

    #[test]
    fn columns_that_are_swallowed_are_named() {
        let column = |column: &str, unchanged, clipped| RealisedColumn {
            column: column.to_owned(),
            dtype: "INT64".to_owned(),
            unchanged,
            clipped,
        };
        let mut found = one(0.1, "FP32, INT64", (0.3, 0.0), (0.1, 0.08));
        found.columns = vec![column("age", 0.996, 0.0), column("fare", 1.0, 1.0)];
        assert_eq!(
            swallowed(&[found.clone()]),
            [
                "column `age`: rounding swallows the noise at level 0.1: 99.6 % of its values arrive as they do without \
                 noise, rounded to INT64; choose larger levels, or leave its noise out with --fix",
                "column `fare`: clipping swallows the noise at level 0.1: 100 % of its values arrive as they do without \
                 noise, held inside the range that clips them; widen --clip",
            ]
        );
        found.columns = (0..8).map(|i| column(&format!("c{i}"), 1.0, 0.0)).collect();
        let told = swallowed(&[found.clone()]).concat();
        assert!(
            told.starts_with("columns `c0`, `c1`, `c2`, `c3`, `c4`, and 3 more: rounding swallows"),
            "{told}"
        );
        assert!(realised(&[found]).contains("columns `c0`"));
    }

    #[test]
    fn several_fields_are_named_and_no_line_is_too_wide() {
        let mut found = vec![one(0.1, "FP16", (0.3, 0.1), (0.1, 0.08)); 2];
        assert!(!realised(&found).contains("image"));
        found[1].field = "a field with a rather long name \u{1b}[31m".to_owned();
        found.push(one(0.001, "FP16", (1.0, 0.0), (1e-12, 123_456_789_012.0)));
        let text = realised(&found);
        assert!(text.contains("image") && !text.contains('\u{1b}'), "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH && line.trim_end() == line, "{line}");
        }
    }

    #[test]
    fn sizes_have_three_digits_and_shares_are_never_rounded_away() {
        let sizes = [0.0, 0.012_345, 1.0, 12.345, 1234.5, 1e-12, 1e12].map(size);
        assert_eq!(sizes, ["0", "0.0123", "1", "12.3", "1234", "1.00e-12", "1.00e12"]);
        assert_eq!(
            [0.0, 1e-6, 0.5, 0.999_99, 1.0].map(percent),
            ["0 %", "0.1 %", "50.0 %", "99.9 %", "100 %"]
        );
    }

    #[test]
    fn the_report_tells_it() {
        let mut report = samples::precise();
        assert!(!crate::report::table::render(&report).contains("as the model receives"));
        report.realised = vec![one(0.05, "UINT8", (1.0, 0.0), (0.05, 0.0))];
        let text = crate::report::table::render(&report);
        assert!(text.contains("noise as the model receives it"), "{text}");
        assert!(text.contains("warning: level 0.05 hardly reaches the model"), "{text}");
        let json = crate::report::json::render(&report);
        assert!(json.contains("\"realised\"") && json.contains("\"unchanged\": 1"), "{json}");
        assert!(!crate::report::json::results_bytes(&report.results).windows(9).any(|w| w == b"unchanged"));
    }
}
