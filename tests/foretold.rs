//! What `noisebound plan` foretells, against real audits.

use noisebound::audit::Plan;
use noisebound::audit::simulate::{Guesses, Simulation};
use noisebound::bound::engine::Standard;
use noisebound::config::Conduct;
use noisebound::config::question::Question;
use noisebound::loss::loss;
use noisebound_mock_server::examples;

use crate::support::{audit, conduct, dataset, mock, question};

#[tokio::test]
async fn the_median_is_that_of_fifty_audits() {
    let (mock, example) = (mock().await, examples::classification(120));
    let data = dataset(&example.rows, &example.targets);
    let asked = Question { precision: Some(0.06), ..question(&data, "error", &[0.3, 0.9]) };
    let conduct = Conduct { batch: 64, ..conduct() };
    let mut reports = Vec::new();
    for seed in 100..151 {
        let folder = tempfile::tempdir().unwrap();
        let question = Question { seed, ..asked.clone() };
        let run = folder.path().join("run");
        reports
            .push(audit(&run, &mock, "linear-classifier", &data, question, conduct.clone()).await.unwrap());
    }
    let earlier = reports.pop().unwrap();
    let loss = loss("error", None, 0.5).unwrap();
    let plan = Plan::new(asked, loss.range(), loss.needs(), &Standard);
    let guesses = Guesses::new(&plan, &[], Some(&earlier), None).unwrap();
    let simulation = Simulation { plan: &plan, engines: &Standard, conduct: &conduct, seed: 1 };
    let foretold = simulation.run(&guesses, 200, u64::MAX).queries();
    let mut queries: Vec<u64> = reports.iter().map(|report| report.run.queries).collect();
    queries.sort_unstable();
    let median = queries[queries.len() / 2] as f64;
    assert!((foretold.median / median - 1.0).abs() < 0.25, "{foretold:?} against a median of {median}");
}

/// The target of this plan cannot be reached; nothing is sent to it.
#[test]
fn the_command_needs_no_endpoint_and_says_what_cannot_be_decided() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/digits.npz");
    let planned = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_noisebound"));
        command.args(["plan", "triton://127.0.0.1:1/digits", "--data", &format!("{data}:x")]);
        command.args(["--targets", &format!("{data}:y"), "--levels", "1,2", "--precision", "0.1"]);
        command.args(["--guess", "clean=0.05", "--guess", "2=0.2", "--gate", "error@2 <= 0.2"]);
        command.args(["--paths", "20", "-n", "3000", "--cost-per-query", "0.01"]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = planned();
    assert!(told.contains("20 audits were made up (seed 1); nothing was sent"), "{told}");
    assert!(told.contains("level 1 0.05 (as clean), level 2 0.2"), "{told}");
    assert!(told.contains("warning: this plan cannot decide error@2 <= 0.2"), "{told}");
    assert!(told.contains("cost"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    assert_eq!(told, planned(), "the same seed, the same plan");
}

/// An audit with this budget is refused; the plan says why. Neither rows nor a server are there.
#[test]
fn the_command_refuses_no_budget_and_needs_no_rows() {
    let planned = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_noisebound"));
        command.args(["plan", "triton://127.0.0.1:1/digits", "--rows", "1797", "-n", "500", "--paths", "2"]);
        let output = command.args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let sentence = "-n 500 is less than the clean pass of 1797 rows needs: no level gets a draw; give -n 1862 or \
                    more, or --clean-pass 0, which needs 129";
    let told = planned(&[]);
    assert!(told.split_whitespace().collect::<Vec<_>>().join(" ").contains(sentence), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    let json: serde_json::Value = serde_json::from_str(&planned(&["--json"])).unwrap();
    assert_eq!(json["format"], "noisebound.plan/1");
    assert_eq!(json["warnings"], serde_json::json!([sentence]));
}
