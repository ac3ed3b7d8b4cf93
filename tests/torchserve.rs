//! TorchServe whole: every envelope asks the same, keys are read again when they die, and the management address is told
//! nothing that it must not know.

use noisebound::report::json::results_bytes;
use noisebound_mock_server::faults::Faults;
use noisebound_mock_server::{KeyFile, Options};

use crate::bench::{Bench, Ran, TAKEN_OUT};

fn target(bench: &Bench) -> String {
    bench.mock().url("torchserve", "linear-classifier")
}

/// The results of an audit in `run`, which must have ended well.
fn results(bench: &Bench, run: &str, flags: &[(&str, &str)]) -> Vec<u8> {
    let ran = bench.audit(&target(bench), &[&[("--run-dir", run)], flags].concat());
    assert_eq!(ran.code, 0, "{run}: {ran:?}");
    results_bytes(&bench.report(run).results)
}

#[test]
fn every_envelope_has_the_same_results() {
    let bench = Bench::new();
    let json = results(&bench, "json", &[]);
    for (envelope, batch) in [
        ("json", "1"),
        ("bytes", "1"),
        ("kserve-v2", "1"),
        ("base64", "4"),
        ("instances", "4"),
        ("kserve", "4"),
    ] {
        let run = format!("run-{envelope}");
        let other = results(&bench, &run, &[("--envelope", envelope), ("-b", batch)]);
        assert_eq!(String::from_utf8(other).unwrap(), String::from_utf8(json.clone()).unwrap(), "{envelope}");
        let said = bench.report(&run).question.endpoint.envelope;
        assert_eq!(said.as_deref(), Some(envelope).filter(|name| *name != "json"));
    }
}

/// Pictures through the five best classes that `image_classifier` tells, in whatever envelope they travel.
#[test]
fn a_folder_of_pictures_has_the_same_results_in_every_envelope() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("pictures")).unwrap();
    for number in 0..12_u32 {
        let pixels: Vec<u8> =
            (0..64).map(|place| ((place * (number + 3) + number * 29) % 251) as u8).collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 8, 8);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bench.write(&format!("pictures/{number:02}.png"), &file);
    }
    let mut all = Vec::new();
    for (run, flags) in [
        ("default", &[][..]),
        ("bytes", &[("--envelope", "bytes")]),
        ("kserve", &[("--envelope", "kserve"), ("-b", "4")]),
        ("v2", &[("--envelope", "kserve-v2")]),
    ] {
        let usual =
            [("--data", "pictures"), ("--targets", TAKEN_OUT), ("--levels", "40"), ("--run-dir", run)];
        let ran = bench.audit(&bench.mock().url("torchserve", "digits-image"), &[&usual, flags].concat());
        assert_eq!(ran.code, 0, "{run}: {ran:?}");
        all.push(String::from_utf8(results_bytes(&bench.report(run).results)).unwrap());
    }
    assert!(all.iter().all(|results| *results == all[0]), "{all:?}");
    let arrivals = bench.mock().arrivals();
    assert!(arrivals.iter().any(|arrival| arrival.path == "/predictions/digits-image"));
}

/// The key is in the file that the server writes anew every 25 predictions, while requests are under way.
#[test]
fn keys_that_die_in_mid_audit_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key_file.json");
    let first = {
        let keys = KeyFile { path: path.clone(), lasts: Some(25) };
        let bench = Bench::with(Options { keys: Some(keys), ..Options::default() });
        let first = std::fs::read_to_string(&path).unwrap();
        let file = path.to_str().unwrap();
        let management = format!("http://{}", bench.mock().address());
        let flags = [
            ("--token-file", file),
            ("--management-url", management.as_str()),
            ("--management-token-file", file),
            ("-c", "3"),
        ];
        let renewed = results(&bench, "run", &flags);
        let report = bench.report("run");
        assert!(report.run.failures > 0, "a key has died: {:?}", report.run);
        assert_eq!(report.endpoint.version.as_deref(), Some("1"), "as the management address tells it");
        let without = Bench::new();
        assert_eq!(renewed, results(&without, "run", &[]));
        let plan = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
        assert!(plan.contains("management-url = ") && plan.contains("management-token-file = "), "{plan}");
        first
    };
    assert_ne!(first, std::fs::read_to_string(&path).unwrap(), "the key was renewed");
}

#[test]
fn a_wrong_key_for_management_ends_it_before_a_row_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key_file.json");
    let bench = Bench::with(Options {
        keys: Some(KeyFile { path: path.clone(), lasts: None }),
        ..Options::default()
    });
    let management = format!("http://{}", bench.mock().address());
    let file = path.to_str().unwrap();
    let with = |flags: &[(&str, &str)]| -> Ran {
        let usual = [("--token-file", file), ("--management-url", management.as_str())];
        bench.audit_with(&target(&bench), &[&usual, flags].concat(), &[("NOT_THE_KEY", "abcdefgh")])
    };
    for flags in [&[][..], &[("--management-token-env", "NOT_THE_KEY")][..]] {
        let ran = with(flags);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(
            ran.err.contains("/models/linear-classifier") && ran.err.contains("a key of its own"),
            "{ran:?}"
        );
        assert!(!ran.err.contains("abcdefgh"));
    }
    assert_eq!(bench.mock().counts().predictions, 0);
    let ran = bench.audit(&target(&bench), &[("--management-token-env", "A"), ("--run-dir", TAKEN_OUT)]);
    assert!(ran.code == 2 && ran.err.contains("--management-url"), "{ran:?}");
}

/// 404 from the handler is about a row; from the front end it would be about the model, and end the audit.
#[test]
fn a_status_that_the_handler_chose_leaves_the_row_unanswered() {
    let faults = Faults { refuse_rows: 0.02, refuse_status: Some(404), ..Faults::default() };
    let bench = Bench::with(Options { faults, seed: 3, ..Options::default() });
    let ran = bench.audit(&target(&bench), &[("--precision", "0.2")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let unanswered: u64 = bench.report("run").results.levels.iter().map(|level| level.unanswered).sum();
    assert!(unanswered > 0, "{ran:?}");
}
