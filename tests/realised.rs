//! What the model receives of the noise: measured before a query is sent, and held against what arrives.

use std::sync::Arc;

use noisebound::audit::{Ending, Query, Seen};
use noisebound::journal::Line;
use noisebound_mock_server::Options;
use noisebound_mock_server::models::{Element, LinearRegression, Recast};

use crate::bench::{Bench, ROWS, TAKEN_OUT, npy, write_npy};
use crate::model_inputs::array;

/// An npy of bytes: a header like that of floats, with another type.
fn pixels(shape: &[usize], values: &[u8]) -> Vec<u8> {
    let floats = npy(shape, &[]);
    let head = String::from_utf8_lossy(&floats[10..]).replace("<f8", "|u1");
    [&floats[..10], head.as_bytes(), values].concat()
}

/// A model that answers with the first of its four inputs, which it takes in 16 bits: what it answers is what it has
/// received, through a server that reads the bytes by itself.
#[test]
fn what_is_measured_is_what_arrives() {
    let echo = LinearRegression::new("echo", vec![1.0, 0.0, 0.0, 0.0], 0.0);
    let echo = Recast::new("echo", Arc::new(echo)).typed(Element::Fp16, &[4]);
    let bench = Bench::with(Options { models: vec![Arc::new(echo)], ..Options::default() });
    write_npy(&bench.path("x.npy"), &[ROWS, 4], &[1000.0; ROWS * 4]);
    write_npy(&bench.path("y.npy"), &[ROWS], &[0.0; ROWS]);
    let target = bench.mock().url("triton", "echo");
    let flags = [
        ("--loss", "absolute-error"),
        ("--loss-range", "0,2000"),
        ("--precision", "20"),
        ("--levels", "0.02,0.3,40"),
        ("--perturb", "0"),
        ("--clip", "900,1010"),
        ("-b", "64"),
    ];
    let ran = bench.audit(&target, &flags);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = bench.report("run");
    assert_eq!(report.realised.len(), 3);
    let mut moved = vec![Vec::new(); 3];
    for line in bench.journal("run") {
        let Line::Settled(settled) = line else { continue };
        for record in settled.records {
            let Query::Draw(id) = record.query else { continue };
            let Ending::Answered { seen: Seen::Values(seen), .. } = record.ending else { panic!("{id}") };
            if id.level > 0 && id.index < 256 {
                moved[id.level as usize - 1].push(seen[0] - 1000.0);
            }
        }
    }
    for (found, moved) in report.realised.iter().zip(moved) {
        assert_eq!((found.dtype.as_str(), found.draws, found.elements), ("FP16", 256, 256));
        assert_eq!(moved.len(), 256, "all draws that were measured were asked");
        let size = (moved.iter().map(|d| d * d).sum::<f64>() / 256.0).sqrt();
        assert!((found.received.unwrap() - size).abs() <= 1e-9 * size, "{found:?} and {size} arrived");
        let unchanged = moved.iter().filter(|d| **d == 0.0).count();
        assert_eq!(found.unchanged, unchanged as f64 / 256.0, "{found:?}");
        let held = moved.iter().filter(|d| [10.0, -100.0].contains(*d)).count();
        assert!((found.clipped - held as f64 / 256.0).abs() < 0.02, "{found:?}: {held} held");
    }
    assert!(report.realised[0].swallowed() && !report.realised[1].swallowed());
    assert!(report.realised[2].clipped > 0.3);
}

/// Noise that pixels round away: a warning before the first noisy query, in the text and in the report; and it can be
/// verified.
#[test]
fn a_level_that_rounding_swallows_is_told() {
    let bench = Bench::new();
    let values: Vec<u8> = (0..ROWS * 4).map(|i| (100 + i % 50) as u8).collect();
    bench.write("pixels.npy", pixels(&[ROWS, 4], &values));
    let flags = [("--data", "pixels.npy"), ("--targets", TAKEN_OUT), ("--levels", "0.1,20")];
    let ran = bench.audit(&bench.json(), &flags);
    assert_eq!(ran.code, 0, "{ran:?}");
    let warning = "warning: level 0.1 hardly reaches the model: 100 % of the perturbed elements of `pixels` arrive as \
                   they do without noise, rounded to UINT8; choose larger levels";
    let told = ran.err.find(warning).unwrap_or_else(|| panic!("{ran:?}"));
    assert!(told < ran.err.find("forecast:").unwrap(), "{ran:?}");
    assert!(!ran.err.contains("level 20 hardly"), "{ran:?}");
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(warning) && words.contains("noise as the model receives it"), "{words}");
    let report = bench.report("run");
    let [small, large] = &report.realised[..] else { panic!("{report:?}") };
    assert_eq!((small.unchanged, small.received, small.clipped), (1.0, Some(0.0), 0.0));
    assert!(
        large.unchanged < 0.05 && (large.received.unwrap() / large.asked - 1.0).abs() < 0.01,
        "{large:?}"
    );
    // Nothing arrived, so that nothing was answered otherwise.
    assert_eq!(report.results.levels[0].risk.estimate, Some(0.0));
    bench.assert_verified("run");
    let text = std::fs::read_to_string(bench.path("run").join("report.json")).unwrap();
    std::fs::write(
        bench.path("run").join("report.json"),
        text.replace("\"unchanged\": 1.0", "\"unchanged\": 0.5"),
    )
    .unwrap();
    let ran = bench.command(["verify", "run"], &[]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.out.contains("report.json and journal.jsonl measure the noise differently"), "{ran:?}");
}

/// What was measured at the start stands in the report of an audit that was resumed, and in that of one that was done.
#[test]
fn a_resumed_audit_tells_what_was_measured_at_its_start() {
    let bench = Bench::new();
    let whole = bench.audit(&bench.triton(), &[("--run-dir", "whole"), ("--clip", "-1,1")]);
    assert_eq!(whole.code, 0, "{whole:?}");
    let wanted = bench.report("whole").realised;
    assert!(wanted[0].clipped > 0.05 && wanted[0].dtype == "FP64", "{wanted:?}");
    let part = bench.audit(&bench.triton(), &[("-n", "100"), ("--clip", "-1,1")]);
    assert_eq!(part.code, 98, "{part:?}");
    for _ in 0..2 {
        let ran = bench.command(["audit", "--resume", "run", "-n", "10000"], &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(bench.report("run").realised, wanted);
        bench.assert_verified("run");
    }
}

/// What a body template makes of the noise is what is measured: what it rounds, scales, leaves out, or makes of it so that
/// nobody can tell.
#[test]
fn what_a_body_template_makes_of_the_noise_is_measured() {
    let echo = LinearRegression::new("echo", vec![1.0, 0.0, 0.0, 0.0], 0.0);
    let bench = Bench::with(Options { models: vec![Arc::new(echo)], ..Options::default() });
    write_npy(&bench.path("x.npy"), &[ROWS, 4], &[0.3137; ROWS * 4]);
    write_npy(&bench.path("y.npy"), &[ROWS], &[0.0; ROWS]);
    let target = bench.mock().url("json", "echo");
    let audit = |run: &str, value: &str, more: &str| {
        let each = format!(
            "{{% for v in row %}}{{{{ {value} }}}}{{% if not loop.last %}}, {{% endif %}}{{% endfor %}}"
        );
        let body = format!(r#"{{"instances": [[{each}]]{more}}}"#);
        let flags = [
            ("--body", body.as_str()),
            ("--answer", "/predictions"),
            ("--loss", "absolute-error"),
            ("--loss-range", "0,20"),
            ("--precision", "0.2"),
            ("--levels", "0.001,0.4"),
            ("--perturb", "0"),
            ("--run-dir", run),
        ];
        let ran = bench.audit(&target, &flags);
        assert_eq!(ran.code, 0, "{value}: {ran:?}");
        bench.assert_verified(run);
        (ran, bench.report(run).realised)
    };
    // What the model answered is what it received, times the scale of the template.
    for (run, value, scale) in [("round", "v|round(1)", 1.0), ("half", "v * 0.5", 0.5), ("kept", "v", 1.0)] {
        let (ran, found) = audit(run, value, "");
        let clean = if run == "round" { 0.3 } else { 0.3137 * scale };
        let mut moved = vec![Vec::new(); 2];
        for line in bench.journal(run) {
            let Line::Settled(settled) = line else { continue };
            for record in settled.records {
                let Query::Draw(id) = record.query else { continue };
                let Ending::Answered { seen: Seen::Values(seen), .. } = record.ending else { panic!("{id}") };
                if id.level > 0 && id.index < 256 {
                    moved[id.level as usize - 1].push(seen[0] - clean);
                }
            }
        }
        for (found, moved) in found.iter().zip(&moved) {
            assert_eq!((found.unmeasured.as_ref(), moved.len()), (None, 256), "{run}: {found:?}");
            let size = (moved.iter().map(|d| d * d).sum::<f64>() / 256.0).sqrt() / scale;
            assert!((found.received.unwrap() - size).abs() <= 1e-9, "{run}: {found:?} and {size} arrived");
            let unchanged = moved.iter().filter(|d| d.abs() < 1e-12).count();
            assert_eq!(found.unchanged, unchanged as f64 / 256.0, "{run}: {found:?}");
        }
        let [small, large] = &found[..] else { panic!("{found:?}") };
        assert_eq!(small.swallowed(), run == "round", "{run}: {small:?}");
        assert_eq!(ran.err.contains("level 0.001 hardly reaches the model"), run == "round", "{}", ran.err);
        assert!(
            (large.received.unwrap() / large.asked - 1.0).abs() < 0.05,
            "{run}, scale {scale}: {large:?}"
        );
    }
    // Nothing of the row is sent.
    let (ran, found) = audit("constant", "0", "");
    assert!(found.iter().all(|one| one.unchanged == 1.0 && one.swallowed()), "{found:?}");
    assert!(ran.err.contains("level 0.4 hardly reaches the model"), "{}", ran.err);
    // A value that stands twice, and one that is not in proportion.
    for (run, value, more) in [
        ("square", "v * v", ""),
        ("twice", "v", r#", "first": {{ row[0] }}"#),
        ("branch", "v * 2 if v > 0.5 else v", ""),
    ] {
        let (ran, found) = audit(run, value, more);
        assert!(found.iter().all(|one| one.unmeasured.is_some() && one.received.is_none()), "{found:?}");
        let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [&ran.err, &words] {
            assert!(text.contains("what the model receives of the noise is not measured"), "{text}");
        }
        assert!(words.contains("noise as it goes into the request"), "{words}");
    }
}

/// A template may do with other rows what it does not do with the first one.
#[test]
fn rows_that_a_template_treats_otherwise_than_the_first_are_not_measured() {
    let echo = LinearRegression::new("echo", vec![1.0, 0.0, 0.0, 0.0], 0.0);
    let bench = Bench::with(Options { models: vec![Arc::new(echo)], ..Options::default() });
    let rows: Vec<f64> =
        (0..ROWS).flat_map(|row| [0.3, if row == 0 { 0.0 } else { 1.0 }, 0.0, 0.0]).collect();
    write_npy(&bench.path("x.npy"), &[ROWS, 4], &rows);
    write_npy(&bench.path("y.npy"), &[ROWS], &[0.0; ROWS]);
    let target = bench.mock().url("json", "echo");
    // Another factor, another place, another form; and one that goes the same way with all.
    let bodies = [
        ("factor", "[{{ row[0] * (2 if row[1] > 0.5 else 1) }}, 0, 0, 0]"),
        ("place", "{% if row[1] > 0.5 %}[{{ row[1] }}, {{ row[0] }}, 0, 0]{% else %}{{ row }}{% endif %}"),
        (
            "form",
            "{% if row[1] > 0.5 %}[{{ row[0] }}, 0.0, 0, 0]{% else %}[{{ row[0] }}, 0, 0, 0]{% endif %}",
        ),
        ("same", "[{{ row[0] }}, {{ 2 if row[1] > 0.5 else 1 }}, 0, 0]"),
    ];
    for (run, body) in bodies {
        let body = format!(r#"{{"instances": [{body}]}}"#);
        let flags = [
            ("--body", body.as_str()),
            ("--answer", "/predictions"),
            ("--loss", "absolute-error"),
            ("--loss-range", "0,20"),
            ("--precision", "0.5"),
            ("--levels", "0.4"),
            ("--perturb", "0"),
            ("--run-dir", run),
        ];
        let ran = bench.audit(&target, &flags);
        assert_eq!(ran.code, 0, "{run}: {ran:?}");
        let found = &bench.report(run).realised[0];
        let measured = ["form", "same"].contains(&run);
        assert_eq!(
            (found.unmeasured.is_none(), found.received.is_some()),
            (measured, measured),
            "{run}: {found:?}"
        );
        assert_eq!(
            ran.err.contains("is not sent as row 0 is; what rounding"),
            !measured,
            "{run}: {}",
            ran.err
        );
    }
}

/// Where the type of the data itself rounds small changes away, larger ones still arrive.
#[test]
fn large_values_are_followed_through_a_template() {
    let echo = LinearRegression::new("echo", vec![1.0, 0.0, 0.0, 0.0], 0.0);
    let bench = Bench::with(Options { models: vec![Arc::new(echo)], ..Options::default() });
    let large: Vec<u8> = [3e12_f32; ROWS * 4].iter().flat_map(|v| v.to_le_bytes()).collect();
    bench.write("x.npy", array("<f4", &[ROWS, 4], &large));
    write_npy(&bench.path("y.npy"), &[ROWS], &[0.0; ROWS]);
    let body =
        r#"{"instances": [[{% for v in row %}{{ v * 2 }}{% if not loop.last %}, {% endif %}{% endfor %}]]}"#;
    let flags = [
        ("--body", body),
        ("--answer", "/predictions"),
        ("--loss", "absolute-error"),
        ("--loss-range", "0,1e14"),
        ("--precision", "4e13"),
        ("--levels", "0.001,4e11"),
        ("--perturb", "0"),
    ];
    let ran = bench.audit(&bench.mock().url("json", "echo"), &flags);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = bench.report("run");
    let [small, large] = &report.realised[..] else { panic!("{report:?}") };
    assert!(small.unmeasured.is_none() && small.unchanged == 1.0, "{small:?}");
    assert!(
        (large.received.unwrap() / large.asked - 1.0).abs() < 0.01 && large.unchanged == 0.0,
        "{large:?}"
    );
}
