use super::*;
use crate::report::samples;

/// Each sample against its file in `snapshots/`; `INSTA_UPDATE=always` writes them anew.
#[test]
fn every_sample_reads_as_agreed() {
    for (name, report) in samples::all() {
        insta::assert_snapshot!(name, render(&report));
    }
}

#[test]
fn no_line_is_too_wide_and_no_text_steers_the_terminal() {
    for (name, report) in samples::all() {
        let text = render(&report);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{name}: {line}");
            assert_eq!(line.trim_end(), line, "{name}");
        }
        assert!(!text.contains('\u{1b}'), "{name}");
    }
}

#[test]
fn no_limit_is_shown_that_the_report_does_not_state() {
    let text = render(&samples::gates_alone());
    assert!(!text.contains("[lower") && !text.contains("upper limit"), "{text}");
}
