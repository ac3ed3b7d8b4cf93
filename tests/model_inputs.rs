//! Models with several inputs and outputs and other types, over Triton's protocol: what is not perturbed arrives as it
//! stood in the data, and what is sent otherwise (compressed, as JSON, as parameters) means the same.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use noisebound::results::Report;
use noisebound_mock_server::Options;
use noisebound_mock_server::models::{
    Context, Element, Input, LinearClassifier, Model, Output, Signature, Task, Values,
};

use crate::bench::{Bench, Ran, TAKEN_OUT};

/// Rows of the digits that are used.
pub const DIGITS: usize = 100;

/// The elements of an array in the data of the examples, of its first rows: `width` of `size` bytes in each.
fn digits(member: &str, width: usize, size: usize) -> Vec<u8> {
    let file = std::fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/digits.npz")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(&format!("{member}.npy")).unwrap().read_to_end(&mut bytes).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[start..start + DIGITS * width * size].to_vec()
}

/// An npy of any type.
pub fn array(descr: &str, shape: &[usize], elements: &[u8]) -> Vec<u8> {
    let shape = shape.iter().map(|size| format!("{size},")).collect::<Vec<_>>().concat();
    let mut head = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
    while (head.len() + 11) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let length = (head.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], head.as_bytes(), elements].concat()
}

/// A bench whose `d.npz` holds the digits as floats `x`, as bytes `image`, their classes `y`, and these arrays.
pub fn bench(more: &[(&str, Vec<u8>)]) -> Bench {
    filled(Bench::new(), more)
}

/// The same of this bench.
pub fn filled(bench: Bench, more: &[(&str, Vec<u8>)]) -> Bench {
    let floats = digits("x", 64, 4);
    let pixels: Vec<u8> = floats.as_chunks().0.iter().map(|pixel| f32::from_le_bytes(*pixel) as u8).collect();
    let mut members = vec![
        ("x", array("<f4", &[DIGITS, 64], &floats)),
        ("image", array("|u1", &[DIGITS, 8, 8], &pixels)),
        ("y", array("<i8", &[DIGITS], &digits("y", 1, 8))),
    ];
    members.extend(more.iter().cloned());
    let mut archive = zip::ZipWriter::new(std::fs::File::create(bench.path("d.npz")).unwrap());
    for (name, bytes) in members {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
    bench
}

/// An audit of a model of the bench, over Triton's protocol; the run folder is called by the requests before it.
fn ask(bench: &Bench, model: &str, data: &str, changes: &[(&str, &str)]) -> Ran {
    ask_at(bench, &bench.mock().url("triton", model), data, changes)
}

/// The same of this target.
pub fn ask_at(bench: &Bench, target: &str, data: &str, changes: &[(&str, &str)]) -> Ran {
    let run = format!("run-{}", bench.mock().counts().requests);
    let usual = [("--data", data), ("--targets", "d.npz:y"), ("--levels", "2"), ("--run-dir", run.as_str())];
    let usual = usual.into_iter().filter(|(flag, _)| !changes.iter().any(|(changed, _)| changed == flag));
    let changes: Vec<_> = usual.chain(changes.iter().copied()).collect();
    let before = bench.mock().counts().requests;
    let ran = bench.audit(target, &changes);
    std::fs::write(bench.path("last"), format!("run-{before}")).unwrap();
    ran
}

fn audited(bench: &Bench, model: &str, data: &str, changes: &[(&str, &str)]) -> Report {
    audited_at(bench, &bench.mock().url("triton", model), data, changes)
}

/// The report of an audit that succeeds.
pub fn audited_at(bench: &Bench, target: &str, data: &str, changes: &[(&str, &str)]) -> Report {
    let ran = ask_at(bench, target, data, changes);
    assert_eq!(ran.code, 0, "{target} {changes:?}: {ran:?}");
    bench.report(&std::fs::read_to_string(bench.path("last")).unwrap())
}

/// The clean risk.
pub fn clean(report: &Report) -> f64 {
    report.results.clean.risk.estimate.unwrap()
}

#[test]
fn a_second_input_is_passed_through_or_given_once_for_all() {
    let zeros = array("<i4", &[DIGITS, 1], &[0; 4 * DIGITS]);
    let bench = bench(&[("gate", zeros)]);
    let plain = audited(&bench, "digits", "d.npz:x", &[]);
    let through = audited(&bench, "gated", "d.npz:x,gate", &[]);
    assert_eq!(through.results, plain.results);
    assert_eq!(through.data.fields.len(), 2);
    assert_eq!((through.data.fields[0].perturbed, through.data.fields[1].perturbed), (64, 0));
    assert_eq!(audited(&bench, "gated", "d.npz:x", &[("--input", "gate=0")]).results, plain.results);
    assert!(
        clean(&plain) < 0.1 && clean(&audited(&bench, "gated", "d.npz:x", &[("--input", "gate=1")])) > 0.9
    );
    let ran = ask(&bench, "gated", "d.npz:x", &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("the model's input 'gate' has no field of that name"), "{}", ran.err);
    assert!(ran.err.contains("--input gate=VALUE"), "{}", ran.err);
    let ran = ask(&bench, "gated", "d.npz:x,gate", &[("--perturb", "gate")]);
    assert!(ran.code == 2 && ran.err.contains("`gate` is of type INT32"), "{ran:?}");
    let ran = ask(&bench, "gated", "d.npz:x", &[("--input", "gate=1.5")]);
    assert!(ran.code == 2 && ran.err.contains("--input gate: "), "{ran:?}");
    let ran = ask(&bench, "gated", "d.npz:x", &[("--input", "gat=1")]);
    assert!(ran.code == 2 && ran.err.contains("did you mean `gate`? it has `x`, `gate`, `bias`"), "{ran:?}");
    let ran = ask(&bench, "gated", "d.npz:x", &[("--input", "gate=[1, 0]")]);
    assert!(ran.code == 2 && ran.err.contains("the dimensions [2], the model takes [1]"), "{ran:?}");
}

#[test]
fn ids_that_no_float_holds_arrive_unchanged() {
    // A float would make an even id of each, for which the model does not turn its answer over.
    let ids = |first: i64| -> Vec<u8> { (0..100).flat_map(|row| (first + 2 * row).to_le_bytes()).collect() };
    let large = array("<i8", &[DIGITS], &ids((1 << 53) + 1));
    let bench = bench(&[("id", large), ("small", array("<i8", &[DIGITS], &ids((1 << 24) + 1)))]);
    for form in ["binary", "json"] {
        let report = audited(&bench, "ids", "d.npz:x,id", &[("--tensors", form)]);
        assert!(clean(&report) > 0.9, "{form}: {}", clean(&report));
    }
    // One field and one input are left, and mean each other.
    assert!(clean(&audited(&bench, "ids", "d.npz:x,small", &[])) > 0.9);
}

/// A value that the type of the model does not hold would become another one on its way.
#[test]
fn values_that_would_arrive_as_others_are_not_sent() {
    let gates = |second: i64| -> Vec<u8> {
        (0..DIGITS).flat_map(|row| if row == 1 { second } else { 0 }.to_le_bytes()).collect()
    };
    let floats: Vec<u8> =
        (0..DIGITS * 64).flat_map(|i| if i == 130 { 70_000.0_f32 } else { 1.0 }.to_le_bytes()).collect();
    let bench = bench(&[
        ("gate", array("<i8", &[DIGITS, 1], &gates(3_000_000_000))),
        ("large", array("<f4", &[DIGITS, 64], &floats)),
    ]);
    let cases = [
        (
            "gated",
            "d.npz:x,gate",
            "row 1, element 0 of `gate` (counted from 0) is 3000000000, and the model takes INT32",
        ),
        (
            "half",
            "d.npz:large",
            "row 2, element 2 of `large` (counted from 0) is 70000, and the model takes FP16",
        ),
    ];
    for (model, data, words) in cases {
        let ran = ask(&bench, model, data, &[]);
        assert!(ran.code == 2 && ran.err.contains(words), "{ran:?}");
        let target = bench.mock().url("triton", model);
        let ran = bench.command(["inspect", &target, "--data", data, "--targets", "d.npz:y"], &[]);
        assert!(ran.code == 2 && ran.err.contains(words), "{ran:?}");
    }
    assert_eq!(bench.mock().counts().predictions, 0, "no row was sent");
}

#[test]
fn other_types_and_no_batch_dimension() {
    let word = |word: &[u8; 5]| array("|S5", &[DIGITS, 1], &word.repeat(DIGITS));
    let bench = bench(&[("word", word(b"plain")), ("bad", word(b"other"))]);
    let plain = audited(&bench, "digits", "d.npz:x", &[]);
    // The lone model takes rows without a batch, the others in batches: the results are the same.
    assert_eq!(audited(&bench, "lone", "d.npz:x", &[]).results, plain.results);
    let ran = ask(&bench, "lone", "d.npz:x", &[("-b", "2")]);
    assert!(ran.code == 2 && ran.err.contains("lower -b"), "{ran:?}");
    for (model, data) in [("half", "d.npz:x"), ("image", "d.npz:image"), ("words", "d.npz:x,word")] {
        let report = audited(&bench, model, data, &[("-b", "4")]);
        assert_eq!(clean(&report), clean(&plain), "{model}");
    }
    assert!(clean(&audited(&bench, "words", "d.npz:x,bad", &[])) > 0.9);
    let before = bench.mock().counts().predictions;
    let ran = ask(&bench, "half", "d.npz:x", &[("--tensors", "json")]);
    let said = "--tensors: input `x` takes FP16, and FP16 tensors cannot be sent as JSON";
    assert!(ran.code == 2 && ran.err.contains(said), "{ran:?}");
    assert_eq!(bench.mock().counts().predictions, before, "no row was sent");
    let ran = ask(&bench, "image", "d.npz:x", &[]);
    assert!(
        ran.code == 2 && ran.err.contains("has the shape [64], but the model's input 'x' takes [8, 8]"),
        "{ran:?}"
    );
}

#[test]
fn outputs_classes_parameters_and_compression() {
    let bench = bench(&[]);
    let plain = audited(&bench, "digits", "d.npz:x", &[]);
    let ran = ask(&bench, "several", "d.npz:x", &[]);
    assert!(ran.code == 2 && ran.err.contains("choose one with --output NAME; it has `"), "{ran:?}");
    let before = bench.mock().counts().predictions;
    let ran = ask(&bench, "several", "d.npz:x", &[("--output", "probabilites")]);
    assert!(ran.code == 2 && ran.err.contains("did you mean `probabilities`? it has `"), "{ran:?}");
    assert_eq!(bench.mock().counts().predictions, before, "no row was sent");
    for output in ["probabilities", "class"] {
        let report = audited(&bench, "several", "d.npz:x", &[("--output", output)]);
        assert_eq!(report.results, plain.results, "{output}");
    }
    for classes in ["1", "3"] {
        let report = audited(&bench, "digits", "d.npz:x", &[("--classes", classes)]);
        assert_eq!(report.results, plain.results, "{classes} classes");
    }
    let flips = [("--targets", TAKEN_OUT), ("--output", "probabilities")];
    let scores = audited(&bench, "several", "d.npz:x", &flips);
    let named = audited(&bench, "several", "d.npz:x", &[&flips[..], &[("--classes", "2")]].concat());
    assert_eq!(named.results, scores.results);
    let ran = ask(&bench, "lone", "d.npz:x", &[("--classes", "2")]);
    assert!(ran.code == 2 && ran.err.contains("--classes: the model has no batch dimension"), "{ran:?}");
    assert!(clean(&audited(&bench, "asked", "d.npz:x", &[("--parameter", "turned=true")])) > 0.9);
    assert_eq!(audited(&bench, "asked", "d.npz:x", &[]).results, plain.results);
    for (how, form) in [("gzip", "binary"), ("deflate", "binary"), ("gzip", "json")] {
        let report = audited(&bench, "digits", "d.npz:x", &[("--compress", how), ("--tensors", form)]);
        assert_eq!(report.results, plain.results, "{how} {form}");
    }
    let ran = bench.audit(&bench.json(), &[("--input", "a=1"), ("--compress", "gzip")]);
    assert!(ran.code == 2 && ran.err.contains("nothing with a json target"), "{ran:?}");
}

/// A classifier whose columns are inputs of their own: four numbers, and a text that turns the answer over.
struct Columns {
    inner: LinearClassifier,
    signature: Signature,
}

impl Model for Columns {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict(&self, x: &[f64], request: &mut Context) -> Vec<f64> {
        self.inner.predict(x, request)
    }

    fn answer(&self, row: &[Values], request: &mut Context) -> Vec<f64> {
        let x: Vec<f64> = row[1..5].iter().map(|values| values.numbers()[0]).collect();
        let mut scores = self.inner.predict(&x, request);
        if row[0].text() == Some(b"other") {
            scores.reverse();
        }
        scores
    }
}

#[test]
fn the_columns_of_a_table_are_inputs_of_their_own() {
    let inner = noisebound_mock_server::examples::classifier();
    let number = |name: &str| Input::new(name, Element::Fp64, &[1]);
    let mut inputs = vec![Input::new("job", Element::Bytes, &[1])];
    inputs.extend(["a", "b", "c", "d"].map(number));
    let signature = Signature {
        name: "columns".into(),
        task: Task::Classification,
        max_batch: Some(8),
        inputs,
        outputs: vec![Output::new("probabilities", Element::Fp64, 2)],
    };
    let models: Vec<Arc<dyn Model>> =
        vec![Arc::new(Columns { inner: inner.clone(), signature }), Arc::new(inner)];
    let bench = Bench::with(Options { models, ..Options::default() });
    let example = noisebound_mock_server::examples::classification(40);
    let table = |job: &str| {
        let rows = example.rows.iter().zip(&example.targets).map(|(row, target)| {
            let cells: Vec<String> = row.iter().map(|cell| format!("{cell:?}")).collect();
            format!("{job},{},{target}\n", cells.join(","))
        });
        std::iter::once("job,a,b,c,d,y\n".to_owned()).chain(rows).collect::<String>()
    };
    bench.write("t.csv", table("clerk"));
    bench.write("other.csv", table("other"));
    let usual = [("--targets", TAKEN_OUT), ("--target-column", "y"), ("-b", "4"), ("--scale", "absolute")];
    let run = |target: &str, data: &str, run: &str, more: &[(&str, &str)]| {
        let changes = [&usual[..], &[("--data", data), ("--run-dir", run)], more].concat();
        bench.audit(&bench.mock().url("triton", target), &changes)
    };
    let ran = run("columns", "t.csv", "apart", &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let apart = bench.report("apart");
    let whole = bench.audit(&bench.mock().url("triton", "linear-classifier"), &[("--run-dir", "whole")]);
    assert_eq!(whole.code, 0, "{whole:?}");
    // The same rows, targets and noise: the columns go apart, and nothing else changes.
    assert_eq!(apart.results, bench.report("whole").results);
    assert_eq!(run("columns", "other.csv", "other", &[]).code, 0);
    assert_eq!(clean(&bench.report("other")), 1.0 - clean(&apart));
    let replayed = bench.command(["replay", "apart", "1:3"], &[]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    bench.write("more.csv", table("clerk").replace("job,a,b,c,d,y", "job,a,b,c,e,y"));
    let ran = run("columns", "more.csv", "more", &[]);
    assert!(ran.code == 2 && ran.err.contains("the model's input 'a' has no field"), "{ran:?}");
}
