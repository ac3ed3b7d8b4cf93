//! Losses on numbers, without a range of their own: caps with tails, quantiles, whole passes, asymptotic limits.

use std::sync::Arc;

use noisebound::audit::Audit;
use noisebound::bound::Quantity;
use noisebound::config::question::{
    GateQuantity, LossSpec, Measured, QuantileSpec, Question, Relation, SliceSpec,
};
use noisebound::data::Dataset;
use noisebound::results::{Stopped, Verdict};
use noisebound_mock_server::models::LinearRegression;
use noisebound_mock_server::{Mock, Options, examples, truth};

use super::{contains, fast, gate, gaussian, run, surely};
use crate::support::{dataset, endpoint, mock, question};

const MODEL: &str = "linear-regression";

type Regression = examples::Example<noisebound_mock_server::models::LinearRegression>;

fn example(rows: usize) -> (Regression, Dataset, Question) {
    let example = examples::regression(rows);
    let data = dataset(&example.rows, &example.targets);
    let asked = question(&data, "squared-error", &[0.3]);
    (example, data, asked)
}

fn capped(asked: &Question, cap: f64) -> Question {
    Question {
        loss: LossSpec { cap: Some(cap), ..asked.loss.clone() },
        precision: Some(0.05 * cap),
        ..asked.clone()
    }
}

#[tokio::test]
async fn the_capped_risk_and_the_tail() {
    let (mock, (example, data, asked)) = (mock().await, example(120));
    let noise = gaussian(0.3);
    let risk =
        truth::capped_squared_error(&example.model, &example.rows, &example.targets, noise, 2.0).unwrap();
    let tail =
        truth::squared_error_above(&example.model, &example.rows, &example.targets, noise, 2.0).unwrap();
    assert!(tail > 0.01, "the cap is one that is met");
    for clean_pass in [5000, 0] {
        let asked = Question { clean_pass, ..capped(&asked, 2.0) };
        for report in surely(&mock, MODEL, &data, &asked).await {
            let level = &report.results.levels[0];
            contains(&level.risk, risk, "capped risk");
            let found = level.tail.as_ref().unwrap();
            assert_eq!(found.above, 2.0);
            contains(&found.probability, tail, "tail");
            assert_eq!((report.results.cap, report.results.range), (Some(2.0), Some((0.0, 2.0))));
            assert_eq!(report.run.exit_code, 0, "a loss above the cap breaks no promise");
        }
    }
}

/// Each slice has the two statements about a capped loss, with claims of its own.
#[tokio::test]
async fn each_slice_has_its_capped_risk_and_its_tail() {
    let mut example = examples::regression(120);
    let weights = [&examples::WEIGHTS[..], &[0.0]].concat();
    example.model = LinearRegression::new("sliced-regression", weights, examples::BIAS);
    for (i, (row, target)) in example.rows.iter_mut().zip(&mut example.targets).enumerate() {
        let code = (i % 2) as f64;
        row.push(code);
        *target += code;
    }
    let options = Options { models: vec![Arc::new(example.model.clone())], ..Options::default() };
    let mock = Mock::start(options).await.unwrap();
    let mut data = dataset(&example.rows, &example.targets);
    data.fields[0].columns = Some(["a", "b", "c", "d", "code"].map(String::from).to_vec());
    let mut asked = capped(&question(&data, "squared-error", &[0.3]), 2.0);
    asked.noise.fix = Some(vec!["code".into()]);
    asked.slice = Some(SliceSpec { column: "code".into(), values: ["0", "1"].map(String::from).to_vec() });
    let noise = gaussian(0.3);
    let exact = [0.0, 1.0].map(|code| {
        let part = example.only(|row| row[4] == code);
        let risk = truth::capped_squared_error(&part.model, &part.rows, &part.targets, noise, 2.0).unwrap();
        (risk, truth::squared_error_above(&part.model, &part.rows, &part.targets, noise, 2.0).unwrap())
    });
    assert!(exact[1].1 > exact[0].1 + 0.1, "the tails differ: {exact:?}");
    for clean_pass in [5000, 0] {
        for report in
            surely(&mock, "sliced-regression", &data, &Question { clean_pass, ..asked.clone() }).await
        {
            let slices = &report.results.levels[0].slices;
            assert_eq!(slices.len(), 2);
            for (slice, (risk, above)) in slices.iter().zip(exact) {
                contains(&slice.risk, risk, "capped risk of a slice");
                let tail = slice.tail.as_ref().unwrap();
                assert_eq!(tail.above, 2.0);
                contains(&tail.probability, above, "tail of a slice");
            }
            let claims = &report.results.claims;
            let of = |id: &str| claims.iter().find(|claim| claim.id == id);
            let tail = of("tail[1]@0.3:upper").unwrap();
            assert_eq!((tail.slice.as_deref(), tail.quantity), (Some("1"), Quantity::Tail));
            assert!(of("tail[1]@clean:upper").is_none(), "what is not reported is not claimed");
            assert!(claims.iter().map(|claim| claim.alpha).sum::<f64>() <= 0.001);
            let clean = 2 * 3 * usize::from(clean_pass == 0);
            // Risk and tail of all rows and of two slices, and the degradation where the clean risk is not known.
            assert_eq!(claims.len(), 2 * (6 + usize::from(clean_pass == 0)) + clean);
        }
    }
}

#[tokio::test]
async fn quantiles_of_the_error_and_of_the_shift() {
    let (mock, (example, data, asked)) = (mock().await, example(120));
    let quantile = |of, percent| QuantileSpec { of, percent };
    let quantiles = [50.0, 90.0, 99.0].map(|percent| quantile(Measured::AbsoluteError, percent)).to_vec();
    let shifts = [50.0, 90.0, 99.0].map(|percent| quantile(Measured::Shift, percent));
    let asked = Question { quantiles: [quantiles, shifts.to_vec()].concat(), ..capped(&asked, 2.0) };
    let noise = gaussian(0.3);
    let exact = |quantile: &noisebound::results::QuantileResult| {
        let share = quantile.percent / 100.0;
        match quantile.of {
            Measured::AbsoluteError => {
                truth::absolute_error_quantile(&example.model, &example.rows, &example.targets, noise, share)
            }
            Measured::Shift => truth::shift_quantile(&example.model, noise, share),
        }
    };
    let mut bounded = 0;
    for report in surely(&mock, MODEL, &data, &asked).await {
        let level = &report.results.levels[0];
        assert_eq!(level.quantiles.len(), 6);
        for found in &level.quantiles {
            let exact = exact(found).unwrap();
            let told = format!("q{} of {}", found.percent, found.of);
            assert!(found.value.lower.unwrap() <= exact, "{told}: {found:?} against {exact}");
            // An upper limit that is not known yet is absent.
            assert!(
                found.value.upper.is_none_or(|upper| exact <= upper),
                "{told}: {found:?} against {exact}"
            );
            bounded += u32::from(found.value.upper.is_some());
        }
    }
    assert!(bounded >= 4 * 20, "{bounded} of 120 have an upper limit");
}

#[tokio::test]
async fn gates_on_a_quantile_are_decided_rightly() {
    let (mock, (example, data, asked)) = (mock().await, example(120));
    let exact =
        truth::absolute_error_quantile(&example.model, &example.rows, &example.targets, gaussian(0.3), 0.9);
    let quantile = GateQuantity::Quantile(QuantileSpec { of: Measured::AbsoluteError, percent: 90.0 });
    // No range and no cap: a quantile needs neither.
    let mut asked = Question { precision: None, ..asked };
    asked.gates = vec![
        gate(quantile, Relation::AtMost, exact.unwrap() * 1.2),
        gate(quantile, Relation::AtMost, exact.unwrap() * 0.8),
        gate(quantile, Relation::AtLeast, exact.unwrap() * 0.8),
        gate(quantile, Relation::AtLeast, exact.unwrap() * 1.2),
    ];
    let report = run(&mock, MODEL, &data, asked, fast()).await;
    let verdicts: Vec<Verdict> = report.results.gates.iter().map(|gate| gate.verdict).collect();
    assert_eq!(verdicts, [Verdict::Holds, Verdict::Fails, Verdict::Holds, Verdict::Fails]);
    assert_eq!(report.results.range, None);
    assert_eq!(report.results.levels[0].risk.upper, None);
}

/// The paper's question: the mean squared error of the whole data set under one fresh draw of the noise.
#[tokio::test]
async fn the_data_set_form_holds_for_fresh_noise() {
    let (mock, (example, data, asked)) = (mock().await, example(40));
    let asked = Question { replicates: Some(0.9), precision: None, confidence: 0.95, ..asked };
    let mut enough = 0;
    for seed in super::SEEDS {
        let asked = Question { seed, ..asked.clone() };
        let report = run(&mock, MODEL, &data, asked, fast()).await;
        let level = &report.results.levels[0];
        let found = level.data_set.as_ref().unwrap();
        // 0.9^29 is the first power below 0.05.
        assert_eq!((found.passes, found.planned, found.share), (29, 29, 0.9));
        assert_eq!((level.draws, level.stopped), (29 * 40, Stopped::Precision));
        let limit = found.mean.upper.unwrap();
        let replays = truth::data_set_mse_replays(
            &example.model,
            &example.rows,
            &example.targets,
            gaussian(0.3),
            1000,
            seed + 1000,
        );
        let below = replays.iter().filter(|mse| **mse <= limit).count();
        enough += u32::from(below >= 900);
        assert_eq!(report.run.exit_code, 0);
    }
    // Each limit holds with probability 0.95.
    assert!(enough >= 17, "{enough} of 20 limits hold for 0.9 of 1,000 replays");
}

#[tokio::test]
async fn gates_on_the_data_set_are_decided_rightly() {
    let (mock, (example, data, asked)) = (mock().await, example(40));
    let moments =
        truth::data_set_mse(&example.model, &example.rows, &example.targets, gaussian(0.3)).unwrap();
    let far = 3.0 * moments.variance.sqrt();
    let mut asked = Question { precision: None, ..asked };
    asked.gates = vec![
        gate(GateQuantity::DataSet(0.8), Relation::AtMost, moments.mean + far),
        gate(GateQuantity::DataSet(0.8), Relation::AtMost, moments.mean - far),
    ];
    let report = run(&mock, MODEL, &data, asked, fast()).await;
    let verdicts: Vec<Verdict> = report.results.gates.iter().map(|gate| gate.verdict).collect();
    assert_eq!(verdicts, [Verdict::Holds, Verdict::Fails]);
    let level = &report.results.levels[0];
    let passes = level.data_set.as_ref().unwrap();
    assert_eq!((passes.planned, passes.mean.upper), (0, None), "a limit has no claim here");
    assert!(passes.passes < 29, "cheaper than a limit: {}", passes.passes);
    assert_eq!(level.draws, passes.passes * 40, "read at the ends of passes");
}

#[tokio::test]
async fn asymptotic_limits_are_labelled() {
    let (mock, (example, data, asked)) = (mock().await, example(120));
    let asked = Question { asymptotic: true, precision: Some(0.5), ..asked };
    let exact = truth::squared_error(&example.model, &example.rows, &example.targets, gaussian(0.3)).unwrap();
    for report in surely(&mock, MODEL, &data, &asked).await {
        assert!(report.results.asymptotic);
        assert!(report.results.claims.iter().all(|claim| claim.method == "asymptotic"));
        let level = &report.results.levels[0];
        assert_eq!((level.method.as_str(), level.stopped), ("asymptotic", Stopped::Precision));
        assert!(level.draws >= 500);
        contains(&level.risk, exact, "these losses have light tails");
        assert!(noisebound::report::table::render(&report).contains("asymptotic"));
    }
}

/// A caller of the library is refused before anything is sent, as the command is.
#[tokio::test]
async fn limits_without_a_range_are_refused() {
    let (mock, (_, data, asked)) = (mock().await, example(20));
    let made =
        |question: Question| Audit::new(question, fast(), data.clone(), endpoint(&mock, MODEL)).map(drop);
    let refused = made(asked.clone()).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    let told = refused.to_string();
    assert!(
        told.starts_with("expected the range of squared-error, found none; the targets lie in ["),
        "{told}"
    );
    for flag in ["--loss-range 0,", "--loss-cap", "--replicates"] {
        assert!(told.contains(flag), "{told}");
    }
    let risk = gate(GateQuantity::Risk, Relation::AtMost, 1.0);
    let gated = Question { gates: vec![risk], precision: None, ..asked.clone() };
    assert!(made(gated).is_err());
    assert!(made(capped(&asked, 2.0)).is_ok());
    assert!(made(Question { asymptotic: true, ..asked.clone() }).is_ok());
    assert!(made(Question { replicates: Some(0.5), precision: None, ..asked }).is_ok());
    assert_eq!(mock.counts().requests, 0);
}
