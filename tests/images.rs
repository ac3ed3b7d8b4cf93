//! Folders of images: noise on pixels, sent as files or as tensors, with the same draws and losses either way.

use std::collections::BTreeMap;
use std::path::Path;

use noisebound::audit::{Ending, Query};
use noisebound::journal::Line;
use noisebound::report::json::results_bytes;

use crate::bench::{Bench, Ran, TAKEN_OUT};

/// Flags with their values.
type Flags<'a> = &'a [(&'a str, &'a str)];

/// Small pictures of digits, in a folder for each.
fn digits() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/digit-images").to_string_lossy().into_owned()
}

/// Audits the pictures in `run`.
fn audit(bench: &Bench, run: &str, target: &str, more: &[(&str, &str)]) -> Ran {
    let folder = digits();
    let usual =
        [("--data", folder.as_str()), ("--targets", TAKEN_OUT), ("--levels", "40,120"), ("--run-dir", run)];
    let kept = usual.iter().filter(|(flag, _)| !more.iter().any(|(changed, _)| changed == flag));
    let changes: Vec<(&str, &str)> = kept.chain(more).copied().collect();
    bench.audit(target, &changes)
}

/// How each draw ended.
fn endings(bench: &Bench, run: &str) -> BTreeMap<String, Ending> {
    let mut all = BTreeMap::new();
    for line in bench.journal(run) {
        let Line::Settled(settled) = line else { continue };
        for record in settled.records {
            if let Query::Draw(_) = record.query {
                all.insert(record.query.to_string(), record.ending);
            }
        }
    }
    all
}

/// Asserts that the draws of two runs ended alike; either may have some more, which were sent ahead and not needed.
fn assert_alike(bench: &Bench, one: &str, two: &str) {
    let (one, two) = (endings(bench, one), endings(bench, two));
    let both = one.iter().filter_map(|(draw, ending)| Some((draw, ending, two.get(draw)?)));
    let both: Vec<_> = both.collect();
    assert!(both.len() > 80, "{}", both.len());
    for (draw, one, two) in &both {
        assert_eq!(one, two, "{draw}");
    }
    // Equal because nothing happened would show nothing.
    let lost = |ending: &Ending| matches!(ending, Ending::Answered { loss: Some(loss), .. } if *loss > 0.0);
    assert!(both.iter().any(|(_, one, _)| lost(one)) && !both.iter().all(|(_, one, _)| lost(one)));
}

#[test]
fn files_and_tensors_give_the_same_draws_and_losses() {
    let bench = Bench::new();
    let url = |protocol: &str, model: &str| bench.mock().url(protocol, model);
    let pixels = "--send-as";
    let ways: [(&str, String, Flags); 5] = [
        ("tensor", url("triton", "pixels"), &[]),
        ("batch", url("triton", "pixels"), &[(pixels, "tensor"), ("-b", "8"), ("-c", "2")]),
        ("png", url("triton", "photo"), &[(pixels, "png")]),
        ("torchserve", url("torchserve", "digits"), &[]),
        ("batch-png", url("triton", "photo"), &[(pixels, "png"), ("-b", "8"), ("-c", "2")]),
    ];
    for (run, target, more) in &ways {
        let ran = audit(&bench, run, target, more);
        assert_eq!(ran.code, 0, "{run}: {ran:?}");
        bench.assert_verified(run);
    }
    let first = bench.report("tensor");
    for (run, ..) in &ways[1..] {
        let report = bench.report(run);
        assert_eq!(report.question.noise, first.question.noise, "{run}");
        assert_eq!(results_bytes(&report.results), results_bytes(&first.results), "{run}");
        assert_alike(&bench, run, "tensor");
    }
    let clip = first.question.noise.clip;
    assert_eq!((clip, first.data.rows), (Some((0.0, 255.0)), 60));
    assert_eq!((&*first.data.fields[0].shape, first.data.fields[0].perturbed), (&[8, 8, 1][..], 64));
}

/// `plan.toml` asks the same again, and a draw is made again as it was sent.
#[test]
fn the_form_is_part_of_the_question() {
    let bench = Bench::new();
    let target = bench.mock().url("triton", "photo");
    assert_eq!(audit(&bench, "run", &target, &[("--send-as", "png")]).code, 0);
    let plan = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
    assert!(plan.contains("send-as = \"png\"") && plan.contains("clip = [0.0, 255.0]"), "{plan}");
    let again = bench.command(["audit", "run/plan.toml", "--run-dir", "again"], &[]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_alike(&bench, "again", "run");
    let replay = bench.command(["replay", "run", "1:3"], &[]);
    assert!(
        replay.out.contains("The answer is the recorded one.")
            && replay.out.contains("89 50 4e 47 0d 0a 1a 0a"),
        "{replay:?}"
    );
    let other = [("--send-as", "jpeg"), ("--resume", "run"), ("--run-dir", TAKEN_OUT)];
    let refused = audit(&bench, "run", &target, &other);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("another question") && refused.err.contains("form"), "{refused:?}");
}

#[test]
fn compression_is_told() {
    let bench = Bench::new();
    let target = bench.mock().url("triton", "photo");
    // This model reads png alone, so that there is no answer to the first clean row.
    let ran = audit(&bench, "run", &target, &[("--send-as", "jpeg:80")]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("COMPRESSED as jpeg:80"), "{ran:?}");
    let ran = audit(&bench, "png", &target, &[("--send-as", "png")]);
    assert!(ran.out.contains("a PNG file, which loses nothing"), "{}", ran.out);
}

#[test]
fn what_does_not_fit_is_told_before_a_row_is_sent() {
    let bench = Bench::new();
    let url = |protocol: &str, model: &str| bench.mock().url(protocol, model);
    let small = bench.path("mixed");
    std::fs::create_dir_all(&small).unwrap();
    let seed = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds/image").join(name);
    std::fs::copy(seed("grey.png"), small.join("a.png")).unwrap();
    std::fs::copy(seed("palette.png"), small.join("b.png")).unwrap();
    let mixed = small.to_string_lossy().into_owned();
    let other = bench.path("odd");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::copy(seed("grey.png"), other.join("a.png")).unwrap();
    let odd = other.to_string_lossy().into_owned();
    let cases: [(&str, Flags, &[&str]); 10] = [
        ("photo", &[], &["is sent as UINT8", "takes BYTES", "--send-as png"]),
        ("pixels", &[("--send-as", "png")], &["is sent as BYTES", "takes UINT8", "--send-as tensor"]),
        ("pixels", &[("--send-as", "nchw"), ("--normalize", "unit")], &["[1, 8, 8]", "[8, 8, 1]"]),
        ("pixels", &[("--send-as", "nchw")], &["--normalize none", "MEAN/STD"]),
        ("pixels", &[("--send-as", "bmp")], &["--send-as", "a form"]),
        ("pixels", &[("--scale", "std")], &["--scale std", "--scale absolute"]),
        (
            "pixels",
            &[("--data", &mixed)],
            &["`a.png` has the dimensions [3, 4, 1] and `b.png` has [3, 5, 3]"],
        ),
        ("pixels", &[("--data", &odd)], &["`a.png`", "[3, 4, 1]", "[8, 8, 1]", "mogrify -resize 8x8! FILES"]),
        ("pixels", &[("--targets", "y.npy")], &["labels.csv"]),
        ("pixels", &[("--data", "nothing/")], &["nothing", "cannot be read"]),
    ];
    for (model, more, words) in cases {
        let ran = audit(&bench, "run", &url("triton", model), more);
        assert_eq!(ran.code, 2, "{more:?}: {ran:?}");
        for word in words {
            assert!(ran.err.contains(word), "`{word}` is not in: {}", ran.err);
        }
        assert!(!bench.path("run").exists());
    }
    assert_eq!(bench.mock().counts().predictions, 0);
}

/// What compression leaves of the noise is measured in the pixels that are read back.
#[test]
fn what_arrives_of_noise_is_measured_behind_compression() {
    let bench = Bench::new();
    let url = bench.mock().url("torchserve", "digits");
    let mut received = Vec::new();
    for (run, form) in [("png", "png"), ("fine", "jpeg:95"), ("coarse", "jpeg:5")] {
        let ran = audit(&bench, run, &url, &[("--send-as", form), ("--levels", "4"), ("-n", "300")]);
        assert!([0, 98, 3].contains(&ran.code), "{form}: {ran:?}");
        let realised = &bench.report(run).realised;
        received.push(realised[0].received.unwrap() / realised[0].asked);
    }
    let [png, fine, coarse] = received[..] else { panic!("{received:?}") };
    assert!((png - 1.0).abs() < 0.2 && (fine - png).abs() < 0.3, "{received:?}");
    assert!((coarse - png).abs() > 0.3, "{received:?}");
}

/// A grey image is height by width to a model that has no dimension of channels.
#[test]
fn a_grey_image_goes_without_its_channel_where_the_model_has_none() {
    let bench = Bench::new();
    let mut results = Vec::new();
    for (run, scheme) in [("http", "triton"), ("grpc", "triton+grpc")] {
        let ran = audit(&bench, run, &bench.mock().url(scheme, "image"), &[("-b", "4")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        results.push(results_bytes(&bench.report(run).results));
    }
    assert_eq!(results[0], results[1]);
    let ran = audit(
        &bench,
        "digits",
        &bench.mock().url("triton", "digits"),
        &[("--send-as", "nchw"), ("--normalize", "none")],
    );
    assert!(
        ran.code == 2 && ran.err.contains("send another form: --send-as png, jpeg, tensor, nhwc\n"),
        "{ran:?}"
    );
}

/// Bare JSON cannot carry a file, so a lone one goes as it is, as with `bytes`.
#[test]
fn a_lone_file_goes_as_it_is_where_json_is_bare() {
    let bench = Bench::new();
    let url = bench.mock().url("torchserve", "digits");
    for envelope in ["json", "bytes"] {
        let ran = audit(&bench, envelope, &url, &[("--envelope", envelope)]);
        assert_eq!(ran.code, 0, "{envelope}: {ran:?}");
    }
    assert_alike(&bench, "json", "bytes");
}

/// Images in JSON, as files in base64: the losses are those of the same pixels in a tensor.
#[test]
fn images_in_base64_are_those_in_tensors() {
    let bench = Bench::new();
    let url = |protocol: &str| bench.mock().url(protocol, "digits");
    assert_eq!(audit(&bench, "tensor", &bench.mock().url("triton", "pixels"), &[]).code, 0);
    let plain = results_bytes(&bench.report("tensor").results);
    let (one, all) = (r#"{"instances": [{"b64": {{ row|b64 }}}]}"#, r#"{"instances": {{ rows }}}"#);
    let ways: [(&str, String, Flags); 6] = [
        ("base64", url("torchserve"), &[("--envelope", "base64"), ("-b", "4")]),
        ("instances", url("torchserve"), &[("--envelope", "instances"), ("-b", "4")]),
        ("kserve", url("torchserve"), &[("--envelope", "kserve")]),
        ("kserve-v2", url("torchserve"), &[("--envelope", "kserve-v2")]),
        ("body", url("json"), &[("--body", one), ("--answer", "/predictions")]),
        ("rows", url("json"), &[("--body", all), ("--answer", "/predictions"), ("-b", "4")]),
    ];
    for (run, target, more) in &ways {
        let ran = audit(&bench, run, target, more);
        assert_eq!(ran.code, 0, "{run}: {ran:?}");
        assert!(ran.out.contains("a PNG file, which loses nothing"), "{run}: {}", ran.out);
        assert_eq!(results_bytes(&bench.report(run).results), plain, "{run}");
        assert_alike(&bench, run, "tensor");
        bench.assert_verified(run);
    }
    // Nothing of this service takes a bare list of bytes.
    let ran = audit(&bench, "lists", &url("json"), &[("--body", r#"{"instances": [{{ row|b64 }}]}"#)]);
    assert_eq!(ran.code, 3, "{ran:?}");
}
