//! Bad input: one clear error, exit code 2, nothing sent, nothing written.

use std::collections::BTreeSet;
use std::io::Write as _;

use noisebound::results::Report;

use crate::bench::{Bench, NO_VALUE, ROWS, Ran, TAKEN_OUT, npy, write_npy};

/// The names of what is in the folder of the commands.
/// Flags with other values than those of the bench.
type Changes = &'static [(&'static str, &'static str)];

fn listing(bench: &Bench) -> BTreeSet<String> {
    let entries = std::fs::read_dir(bench.path("")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Asserts that an audit is refused before anything is sent, in words that hold all of these.
fn refused(bench: &Bench, target: &str, changes: &[(&str, &str)], words: &[&str]) -> Ran {
    let ran = refused_after_metadata(bench, target, changes, words);
    assert_eq!(bench.mock().counts().requests, 0, "{changes:?}");
    ran
}

/// The same where the server may be asked about its model, but for no prediction.
fn refused_after_metadata(bench: &Bench, target: &str, changes: &[(&str, &str)], words: &[&str]) -> Ran {
    let before = listing(bench);
    let ran = bench.audit(target, changes);
    assert_told(&ran, words);
    assert_eq!(bench.mock().counts().predictions, 0, "{changes:?}");
    assert_eq!(listing(bench), before, "{changes:?}");
    ran
}

/// Asserts bad usage, told in words that hold all of these.
fn assert_told(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(ran.out, "", "{ran:?}");
    assert_eq!(ran.err.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{ran:?}");
    for word in words {
        assert!(ran.err.contains(word), "`{word}` is not in: {}", ran.err);
    }
}

/// Members of a zip archive, as `numpy.savez` writes them.
fn write_npz(bench: &Bench, name: &str, members: &[(&str, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(bench.path(name)).unwrap());
    for (member, bytes) in members {
        archive.start_file(format!("{member}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn a_file_that_is_missing() {
    let bench = Bench::new();
    refused(&bench, &bench.triton(), &[("--data", "nothing.npy")], &["nothing.npy", "cannot be read"]);
    refused(&bench, &bench.triton(), &[("--targets", "none.npy")], &["none.npy", "cannot be read"]);
    refused(&bench, "plan.toml", &[], &["plan.toml", "cannot be read"]);
}

#[test]
fn a_file_that_is_cut_short() {
    let bench = Bench::new();
    let whole = std::fs::read(bench.path("x.npy")).unwrap();
    bench.write("cut.npy", &whole[..whole.len() - 100]);
    let bytes = format!("{} bytes, found {}", ROWS * 32, ROWS * 32 - 100);
    refused(
        &bench,
        &bench.triton(),
        &[("--data", "cut.npy")],
        &["cut.npy", "is cut short", "(40, 4)", &bytes],
    );
    write_npz(&bench, "x.npz", &[("x", whole)]);
    let archive = std::fs::read(bench.path("x.npz")).unwrap();
    bench.write("cut.npz", &archive[..archive.len() / 2]);
    refused(&bench, &bench.triton(), &[("--data", "cut.npz:x")], &["cut.npz"]);
}

#[test]
fn an_archive_without_the_array() {
    let bench = Bench::new();
    let array = npy(&[2], &[0.0, 1.0]);
    write_npz(&bench, "two.npz", &[("train", array.clone()), ("test", array)]);
    refused(
        &bench,
        &bench.triton(),
        &[("--data", "two.npz:trian")],
        &["two.npz", "`trian`", "did you mean `two.npz:train`?"],
    );
    refused(&bench, &bench.triton(), &[("--data", "two.npz")], &["two.npz", "train", "test"]);
}

#[test]
fn rows_that_do_not_fit_the_model() {
    let bench = Bench::new();
    write_npy(&bench.path("wide.npy"), &[ROWS, 3], &[0.5; ROWS * 3]);
    refused_after_metadata(
        &bench,
        &bench.triton(),
        &[("--data", "wide.npy")],
        &["[3]", "[4]", "'wide'", "--model"],
    );
    assert!(bench.mock().counts().requests > 0, "the server was asked about the model");
}

#[test]
fn targets_of_the_wrong_length() {
    let bench = Bench::new();
    write_npy(&bench.path("few.npy"), &[ROWS - 1], &[0.0; ROWS - 1]);
    refused(&bench, &bench.triton(), &[("--targets", "few.npy")], &["few.npy", "39 targets", "40 rows"]);
}

#[test]
fn what_is_not_a_number() {
    let bench = Bench::new();
    let mut values = vec![0.5; ROWS * 4];
    values[4 * 17 + 2] = f64::NAN;
    write_npy(&bench.path("nan.npy"), &[ROWS, 4], &values);
    refused(&bench, &bench.triton(), &[("--data", "nan.npy")], &["nan.npy", "row 17, element 2", "NaN"]);
    bench.write("nan.csv", "a,b,label\n1,2,0\n3,,1\n");
    let table = [("--data", "nan.csv"), ("--targets", TAKEN_OUT), ("--target-column", "label")];
    refused(&bench, &bench.triton(), &table, &["nan.csv", "`b`", "line 3"]);
    bench.write("nan.csv", "a,b,label\n1,2,0\n3,inf,1\n");
    refused(&bench, &bench.triton(), &table, &["nan.csv", "`b`", "line 3", "inf"]);
}

#[test]
fn values_that_no_flag_takes() {
    let bench = Bench::new();
    let cases: &[(Changes, &[&str])] = &[
        (&[("--loss", "squard-error")], &["--loss", "`squard-error`", "did you mean `squared-error`?"]),
        (&[("--noise", "gausian")], &["--noise", "`gausian`", "did you mean `gaussian`?"]),
        (&[("--levels", "0.1,-0.2")], &["--levels", "`-0.2`", "above 0"]),
        (&[("--levels", "0,0.1")], &["--levels", "`0`", "clean rows are asked anyway"]),
        (&[("--levels", "NaN")], &["--levels", "`NaN`"]),
        (&[("--precision", "0")], &["--precision", "`0`", "above 0"]),
        (&[("--precision", "-0.1")], &["--precision", "`-0.1`", "above 0"]),
        (&[("--precision", "2")], &["--precision", "`2`", "below 1", "lies in 0,1"]),
        (&[("--confidence", "95")], &["--confidence", "`95`"]),
        (&[("--gate", "error at 0.1 is small")], &["--gate", "`error at 0.1 is small`", "error@0.1 <= 0.2"]),
        (&[("--gate", "eror@0.4 <= 0.2")], &["--gate", "`eror`", "did you mean `error`?"]),
        (&[("--gate", "error@0.4 <= 1.2")], &["--gate", "error@0.4 <= 1.2", "from 0 to 1"]),
        (&[("--rate", "20")], &["--rate", "`20`", "20/s"]),
        (&[("-b", "0")], &["--batch", "`0`"]),
        (&[("--max-time", "soon")], &["--max-time", "`soon`", "10m"]),
        (&[("--token-env", "NB-TOKEN")], &["--token-env", "name of an environment variable"]),
        (&[("--token-env", "NO_SUCH_VARIABLE")], &["--token-env", "`NO_SUCH_VARIABLE` is not set"]),
        (&[("-o", "report.pdf")], &["--save", "report.pdf", ".json or .svg"]),
    ];
    for (changes, words) in cases {
        refused(&bench, &bench.triton(), changes, words);
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let bench = Bench::new();
    let changes = [("--loss", "eror"), ("--rate", "fast"), ("--levels", "-1")];
    refused(&bench, &bench.triton(), &changes, &["--loss", "--rate", "--levels"]);
}

#[test]
fn a_target_that_is_none() {
    let bench = Bench::new();
    let cases: &[(&str, &[&str])] = &[
        ("tritom://h:8000/m", &["TARGET", "tritom://", "`triton`"]),
        ("triton://127.0.0.1:1", &["TARGET", "model", "--model"]),
        ("http://127.0.0.1:1/predict", &["TARGET", "json://127.0.0.1"]),
        ("h:8000/m", &["TARGET", "triton://h:8000/m"]),
    ];
    for (target, words) in cases {
        refused(&bench, target, &[], words);
    }
}

#[test]
fn a_literal_secret_is_refused_and_not_repeated() {
    let bench = Bench::new();
    let address = bench.mock().address();
    let with_user = format!("triton://me:hunter2@{address}/linear-classifier");
    let with_key = format!("json://{address}/v1/models/linear-classifier:predict?api_key=hunter2");
    let (json, triton) = (bench.triton(), bench.triton());
    let cases: &[(&str, Changes, &[&str])] = &[
        (&json, &[("-H", "x-api-key: hunter2")], &["--header", "`x-api-key: ${NAME}`"]),
        (&triton, &[("-H", "Authorization: Bearer hunter2")], &["--header", "Bearer ${NAME}"]),
        (&with_user, &[], &["TARGET", "before the @", "${NAME}"]),
        (&with_key, &[], &["TARGET", "`api_key`", "${NAME}"]),
    ];
    for (target, changes, words) in cases {
        let ran = refused(&bench, target, changes, words);
        assert!(!ran.err.contains("hunter2"), "{}", ran.err);
    }
}

#[test]
fn an_unknown_key_of_an_audit_file() {
    let bench = Bench::new();
    bench.write("a.toml", format!("target = \"{}\"\n\nlvels = [0.1]\nloss = \"eror\"\n", bench.triton()));
    let words = ["a.toml:3: lvels", "did you mean `levels`?", "a.toml:4: loss", "did you mean `error`?"];
    refused(&bench, "a.toml", &[("--levels", TAKEN_OUT)], &words);
    bench.write("a.toml", "target = \"json://127.0.0.1/\nlevels = [0.1]\n");
    refused(&bench, "a.toml", &[], &["a.toml:1", "TOML"]);
}

#[test]
fn data_that_the_noise_does_not_fit() {
    let bench = Bench::new();
    bench.write("t.csv", "age,income,label\n30,1.5,0\n40,2.5,1\n");
    let table = [("--data", "t.csv"), ("--targets", TAKEN_OUT), ("--target-column", "label")];
    let with = |more| [&table[..], &[more]].concat();
    refused(&bench, &bench.triton(), &with(("--clip", "0,35")), &["--clip", "row 1", "`age`", "40", "0,35"]);
    refused(&bench, &bench.triton(), &with(("--perturb", "icnome")), &["--perturb", "`icnome`", "`income`"]);
    refused(
        &bench,
        &bench.triton(),
        &with(("--fix", "age,income")),
        &["--fix", "nothing is left to perturb"],
    );
    let column = [table[0], table[1], ("--target-column", "lable")];
    refused(&bench, &bench.triton(), &column, &["t.csv", "`lable`", "`label`"]);
    refused(&bench, &bench.triton(), &[("--clip", "0.5,2")], &["--clip", "row 0"]);
}

#[test]
fn a_loss_that_the_data_do_not_allow() {
    let bench = Bench::new();
    let ranged = [("--loss", "squared-error"), ("--precision", TAKEN_OUT)];
    refused(
        &bench,
        &bench.triton(),
        &ranged,
        &["--loss-range", "squared-error", "the targets lie in [0, 1]", "--loss-range 0,1 holds"],
    );
    let bare = [("--loss", "error"), ("--targets", TAKEN_OUT)];
    refused(&bench, &bench.triton(), &bare, &["--loss", "error", "--targets"]);
}

#[test]
fn a_batch_that_is_larger_than_the_server_takes() {
    let bench = Bench::new();
    refused_after_metadata(&bench, &bench.triton(), &[("-b", "1000")], &["1000", "64", "lower -b"]);
}

#[test]
fn a_budget_that_the_clean_rows_use_up() {
    let bench = Bench::new();
    refused(&bench, &bench.triton(), &[("-n", "40")], &["--queries", "at least 81", "40", "raise --queries"]);
}

/// 40 rows, 59 times, after 80 clean queries.
#[test]
fn a_budget_that_does_not_cover_whole_passes() {
    let bench = Bench::new();
    let passes = [("--replicates", "0.95"), ("--precision", TAKEN_OUT), ("-n", "2439")];
    let words = ["--queries", "at least 2440", "`2439`", "59 passes over 40 rows at 1 level", "-n 2440"];
    refused(&bench, &bench.triton(), &passes, &words);
    refused(&bench, &bench.triton(), &[("--replicates", "0.95")], &["--precision", "beside --replicates"]);
    let mixed = [("--gate", "dataset-risk@0.4 <= 0.2 with 0.95"), ("--precision", TAKEN_OUT)];
    let mixed = [&mixed[..], &[("--gate", "error@0.4 <= 0.2")]].concat();
    refused(&bench, &bench.triton(), &mixed, &["--gate", "`error@0.4 <= 0.2`", "an audit of their own"]);
}

#[test]
fn a_column_that_cuts_no_slices() {
    let bench = Bench::new();
    let rows: Vec<String> = (0..21).map(|row| format!("{row},1.5,{}\n", row % 2)).collect();
    bench.write("t.csv", format!("age,income,label\n{}", rows.concat()));
    let table = [("--data", "t.csv"), ("--targets", TAKEN_OUT), ("--target-column", "label")];
    let by = |column| [&table[..], &[("--slice", column)]].concat();
    refused(&bench, &bench.triton(), &by("age"), &["--slice", "`age`", "at most 20", "21 different values"]);
    refused(&bench, &bench.triton(), &by("icnome"), &["--slice", "`icnome`", "did you mean `income`?"]);
    refused(&bench, &bench.triton(), &[("--slice", "age")], &["--slice", "no table", "`target`"]);
}

#[test]
fn a_run_folder_that_exists() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("run")).unwrap();
    bench.write("run/journal.jsonl", "of an earlier run");
    refused(&bench, &bench.triton(), &[], &["run", "exists already", "--run-dir"]);
    assert_eq!(std::fs::read_to_string(bench.path("run/journal.jsonl")).unwrap(), "of an earlier run");
    bench.write("old.json", "of an earlier run");
    let elsewhere = [("--run-dir", "other"), ("-o", "old.json")];
    refused(&bench, &bench.triton(), &elsewhere, &["old.json", "exists already", "-o"]);
    assert_eq!(std::fs::read_to_string(bench.path("old.json")).unwrap(), "of an earlier run");
}

#[test]
fn a_run_folder_that_cannot_be_made() {
    let bench = Bench::new();
    bench.write("afile", "");
    refused(
        &bench,
        &bench.triton(),
        &[("--run-dir", "afile/run")],
        &["afile/run", "is no folder", "--run-dir"],
    );
    if cfg!(target_os = "linux") {
        refused(
            &bench,
            &bench.triton(),
            &[("--run-dir", "/proc/nope/run")],
            &["/proc/nope/run", "--run-dir"],
        );
    }
}

/// What a refusal leaves would be in the way of the next audit.
#[test]
fn a_run_folder_that_was_made_in_vain_is_removed() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("runs")).unwrap();
    let folder = [("--run-dir", "runs/of/today"), ("--levels", "1")];
    let digits = bench.mock().url("triton", "digits");
    refused_after_metadata(&bench, &digits, &folder, &["a row of field"]);
    assert!(bench.mock().counts().requests > 0);
    assert_eq!(std::fs::read_dir(bench.path("runs")).unwrap().count(), 0);
    let ran = bench.audit(&bench.triton(), &folder);
    assert_eq!(ran.code, 0, "{ran:?}");
    // Nor is it left where the server is not there at all.
    let ran = bench.audit("triton://127.0.0.1:9/model", &[("--run-dir", "nobody")]);
    assert!(ran.code == 3 && !bench.path("nobody").exists(), "{ran:?}");
}

#[test]
fn a_further_file_that_cannot_be_written() {
    let bench = Bench::new();
    bench.write("afile", "");
    for file in ["gone/audit.json", "afile/audit.svg"] {
        refused(
            &bench,
            &bench.triton(),
            &[("-o", file)],
            &["-o: cannot write", file, "the folder must exist"],
        );
    }
    if cfg!(target_os = "linux") {
        refused(
            &bench,
            &bench.triton(),
            &[("-o", "/proc/audit.json")],
            &["-o: cannot write /proc/audit.json"],
        );
    }
    // A folder that comes with the run folder is there in time.
    for (file, folder) in [("out/audit.json", "out/run"), ("run/again.json", "./run")] {
        let ran = bench.audit(&bench.triton(), &[("-o", file), ("--run-dir", folder)]);
        assert!(ran.code == 0 && bench.path(file).exists(), "{ran:?}");
    }
}

/// The address is of a block that is kept for documentation: nothing answers there.
#[test]
fn another_machine_is_not_asked_without_a_yes() {
    let bench = Bench::new();
    let target = "json://203.0.113.1/models/m:predict";
    let ran = refused(&bench, target, &[("--gate", "error@0.4 <= 0.2")], &["203.0.113.1:80", "queries"]);
    let command = ran.err.lines().last().unwrap();
    assert!(command.contains("audit json://203.0.113.1/models/m:predict"), "{command}");
    assert!(command.contains("--gate 'error@0.4 <= 0.2'") && command.ends_with(" --yes"), "{command}");
}

#[test]
fn flags_that_do_not_exist_are_refused_with_the_nearest() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.triton(), &[("--lvels", "0.1")]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--lvels") && ran.err.contains("--levels"), "{ran:?}");
    assert_eq!(bench.mock().counts().requests, 0);
}

/// The checks above can fail: the audit that they all change slightly is not refused.
#[test]
fn the_same_audit_without_a_mistake_runs() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.triton(), &[("--json", NO_VALUE)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let printed: Report = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(printed, bench.report("run"));
    assert!(bench.mock().counts().predictions > 0);
}
