use super::*;
use crate::report::schema::tests::misfits;
use crate::report::text::WIDTH;
use crate::report::{samples as of_audits, schema as of_reports};
use crate::results::Report;

/// Each sample against its file in `snapshots/`; `INSTA_UPDATE=always` writes them anew.
#[test]
fn every_sample_reads_as_agreed() {
    for (name, comparison) in samples::all() {
        insta::assert_snapshot!(name, text::render(&comparison));
    }
}

#[test]
fn no_line_is_too_wide() {
    let precise = of_audits::precise();
    let sets: Vec<(&str, &Report)> =
        ["one", "a name that is far longer than any column of a table should be"]
            .into_iter()
            .map(|name| (name, &precise))
            .collect();
    let beside = ("side by side", reports::render(&sets));
    let texts = samples::all().into_iter().map(|(name, comparison)| (name, text::render(&comparison)));
    for (name, text) in texts.chain([beside]) {
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{name}: {line}");
            assert_eq!(line.trim_end(), line, "{name}");
        }
    }
}

#[test]
fn what_is_written_reads_back_the_same_and_fits_the_schema() {
    let schema = schema::schema();
    for (name, comparison) in samples::all() {
        let folder = tempfile::tempdir().unwrap();
        write_all(&comparison, folder.path()).unwrap();
        let file = folder.path().join("compare.json");
        assert_eq!(json::read(&file).unwrap(), comparison, "{name}");
        let value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(misfits(&schema, &value), Vec::<String>::new(), "{name}");
        assert!(!misfits(&of_reports::schema(), &value).is_empty(), "{name} is no report of an audit");
        assert!(folder.path().join("trade-off.svg").exists());
    }
}

#[test]
fn other_formats_and_spoiled_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compare.json");
    let whole = json::render(&samples::two());
    let spoiled = [
        (whole.replace("comparison/1", "comparison/2"), "found `noisebound.comparison/2`"),
        (whole.replace("\"format\"", "\"form\""), "found no `format` field"),
        (whole[..whole.len() / 2].to_owned(), "not a comparison"),
        (whole.replace("\"draws\": 1710", "\"draws\": \"many\""), "not a comparison"),
    ];
    for (text, word) in spoiled {
        std::fs::write(&file, text).unwrap();
        let said = json::read(&file).unwrap_err().to_string();
        assert!(said.contains(word), "{said}");
    }
}

/// A reader is told of everything that is not claimed, and of nothing that was not found.
#[test]
fn words_speak_of_what_is_there() {
    let said =
        |comparison: Comparison| text::render(&comparison).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said(samples::nothing()).contains("Nothing is claimed"));
    assert!(!said(samples::nothing()).contains("With probability"));
    let two = said(samples::two());
    assert!(two.contains("all limits and verdicts above hold together") && !two.contains("margin"), "{two}");
    let margin = said(samples::three_with_a_margin());
    assert!(margin.contains("The margin holds where the difference is at most 0.02."), "{margin}");
    let capped = said(samples::capped());
    assert!(capped.contains("counts as 2500") && !capped.contains("lost alone"), "{capped}");
    assert!(said(samples::clean_drawn()).contains("population from which"));
    let flips = said(samples::flips());
    assert!(!flips.contains("robustness index") && !flips.contains("clean risk"), "{flips}");
    let cut = said(samples::cut_short());
    assert!(cut.contains("unanswered at level 0.1: 16 of 1710 pairs with B"), "{cut}");
    assert!(cut.contains("The run was cut (B: the endpoint is unusable"), "{cut}");
    assert!(said(samples::inconsistent()).contains("contradict each other at 0.1"));
}

/// Two endpoints may serve models of one name.
#[test]
fn the_picture_names_every_endpoint() {
    let mut comparison = samples::two();
    comparison.endpoints[1].told.model = comparison.endpoints[0].told.model.clone();
    let text = picture(&comparison);
    assert!(text.contains("A: digits-a") && text.contains("B: digits-a"), "{text}");
}

#[test]
fn reports_side_by_side_read_as_agreed() {
    let (one, other) = (of_audits::precise(), of_audits::upper_alone());
    insta::assert_snapshot!("side_by_side", reports::render(&[("one", &one), ("other", &other)]));
}
