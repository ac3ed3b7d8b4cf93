use super::*;
use crate::config::question::Scale;
use crate::report::samples;

fn said(report: &Report) -> String {
    guarantee(report).join("\n")
}

#[test]
fn upper_limits_alone_are_called_that() {
    assert!(said(&samples::upper_alone()).contains("all upper limits above hold together"));
    assert!(!said(&samples::precise()).contains("upper limits above"));
}

#[test]
fn limits_and_verdicts_are_claimed_only_where_there_are_some() {
    assert!(said(&samples::precise()).contains("all limits and verdicts above hold"));
    assert!(said(&samples::gates_alone()).contains("all verdicts above are right"));
    // Its only gate is undecided, which claims nothing.
    assert!(said(&samples::flips()).contains("all limits above hold"));
    assert!(said(&samples::nothing()).starts_with("Nothing is claimed"));
    let mut open = samples::gates_alone();
    open.results.gates.iter_mut().for_each(|g| g.verdict = Verdict::Undecided);
    assert!(said(&open).starts_with("Nothing is claimed"));
    assert!(short(&open).starts_with("Nothing is claimed"));
}

#[test]
fn limits_of_the_exact_clean_risk_alone_claim_nothing() {
    let mut report = samples::precise();
    report.results.gates.clear();
    for level in &mut report.results.levels {
        level.degradation = None;
        level.risk = crate::results::Bounded::default();
    }
    assert!(said(&report).starts_with("Nothing is claimed"));
    report.results.clean.risk.upper = Some(0.04);
    assert!(said(&report).starts_with("Nothing is claimed"));
    report.results.clean.exact = false;
    assert!(said(&report).contains("all upper limits above hold"));
}

#[test]
fn every_claim_comes_with_its_probability_rows_and_assumptions() {
    for (name, report) in samples::all() {
        let special: &[&str] = match name {
            "nothing" => continue,
            "population" => &[
                "at least 0.95 over the choice of the seed and of the rows",
                "the population from which the 1797 rows are independent draws",
                "other data where they are draws from the same population, and nothing where they are not",
                "assumes that the endpoint answers a row with the same distribution throughout (it does not drift); \
                 that the rows are independent draws from the population",
            ],
            "passes" => &[
                "at least 0.95 over the choice of the seed,",
                "asks all 442 rows of this data set once, with fresh noise",
                "nothing about other data",
            ],
            "asymptotic" => &[
                "hold together is ASYMPTOTIC",
                "comes near 0.95",
                "no heavy tail",
                "nothing about other data",
            ],
            _ => &[
                "at least 0.95 over the choice of the seed,",
                "drawn uniformly with replacement",
                "nothing about other data",
            ],
        };
        let text = said(&report);
        let always =
            ["does not drift", "the seed has not been used on this model and data to choose the plan"];
        for part in special.iter().chain(&always) {
            assert!(text.contains(part), "{name}: {part}");
        }
        let rows = format!("the {} rows of this data set", report.data.rows);
        assert_eq!(text.contains(&rows), !["passes", "population"].contains(&name), "{name}");
    }
}

#[test]
fn a_promised_range_is_an_assumption_and_only_then() {
    assert!(
        said(&samples::promised_range()).contains("every squared-error lies within [0, 60], as was promised")
    );
    assert!(!said(&samples::precise()).contains("promised"));
}

#[test]
fn flips_say_what_they_differ_from() {
    assert!(said(&samples::flips()).contains("differ from the clean answers recorded in this run"));
    let fresh = said(&samples::fresh_clean());
    assert!(fresh.contains("asked anew for each draw") && !fresh.contains("recorded"));
    assert!(fresh.contains("A risk without limits is an estimate"));
    assert!(!said(&samples::flips()).contains("known exactly"));
}

#[test]
fn the_noise_is_named_with_its_unit_columns_and_clip() {
    assert!(
        said(&samples::precise())
            .contains("gaussian noise of the level (its standard deviation, in units of the data)")
    );
    assert!(
        said(&samples::flips()).contains("uniform noise of the level (its half-width, in units of the data)")
    );
    let text = said(&samples::promised_range());
    assert!(text.contains("in standard deviations of each column"));
    assert!(text.contains("added to `bmi` and `blood pressure` alone"));
    assert!(text.contains("the sum held inside [0, 16]"));
    let mut report = samples::precise();
    report.question.noise.fix = Some((0..9).map(|i| format!("c{i}")).collect());
    assert!(said(&report).contains("all columns but `c0`, `c1`, `c2`, `c3`, `c4` and 4 more"));
}

#[test]
fn an_exact_clean_risk_is_told_and_degradation_only_where_there_is_one() {
    assert!(said(&samples::precise()).contains("a degradation is the risk minus this number"));
    let gates = said(&samples::gates_alone());
    assert!(gates.contains("known exactly") && !gates.contains("degradation"));
    let level = said(&samples::promised_range());
    assert!(!level.contains("known exactly") && level.contains("bounded from draws of its own"));
}

#[test]
fn what_went_wrong_is_told() {
    assert!(said(&samples::unanswered()).contains("neither dropped nor replaced"));
    let cut = said(&samples::cut_short());
    assert!(
        cut.contains(
            "was cut (interrupted) before it was done at levels 0.2 and 0.4. Limits read there hold"
        )
    );
    let odd = said(&samples::inconsistent());
    assert!(odd.contains("contradict each other at level 0.2") && odd.contains("at most 0.05."), "{odd}");
    for part in ["neither dropped", "was cut", "contradict"] {
        assert!(!said(&samples::precise()).contains(part));
    }
}

#[test]
fn estimates_without_limits_are_called_that() {
    for report in [samples::gates_alone(), samples::inconsistent()] {
        assert!(said(&report).contains("about which nothing is claimed"));
    }
    assert!(!said(&samples::precise()).contains("nothing is claimed"));
}

/// Where limits are asymptotic, nothing is said to hold with a probability.
#[test]
fn asymptotic_limits_are_never_told_as_sure() {
    let report = samples::asymptotic();
    for text in [said(&report), short(&report)] {
        assert!(!text.contains("probability at least"), "{text}");
    }
    assert!(warning(&report).is_some() && warning(&samples::precise()).is_none());
}

/// What images are sent as is told, and that compression is noise too is told in every output.
#[test]
fn images_say_what_they_are_sent_as_and_what_that_loses() {
    use crate::config::question::FormSpec;
    let mut report = samples::precise();
    assert!(!said(&report).contains("pixels"));
    let mut sent_as = |name: &str, quality| {
        report.question.form = Some(FormSpec { name: name.into(), quality, normalize: None });
        report.clone()
    };
    let png = sent_as("png", None);
    assert!(
        said(&png).contains("rounded to a whole number; the image is then sent as a PNG file"),
        "{}",
        said(&png)
    );
    assert_eq!(warning(&png), None);
    let jpeg = sent_as("jpeg", Some(80));
    assert!(said(&jpeg).contains("sent as jpeg:80. Compression adds noise of its own"), "{}", said(&jpeg));
    let outputs = [crate::report::table::render(&jpeg), crate::report::curve::render(&jpeg)];
    for text in outputs {
        assert!(text.contains("COMPRESSED as jpeg:80"), "{text}");
    }
}

type Put = fn(&mut Report, crate::results::Bounded);

/// With each kind of limit alone in a report, the guarantee speaks of limits; without it, it claims nothing.
#[test]
fn each_kind_of_limit_alone_is_a_claim() {
    use crate::results::{Bounded, DataSetLoss, NoiseFloor, QuantileResult, SliceResult, Tail};
    let limit = Bounded { estimate: Some(0.1), upper: Some(0.2), ..Bounded::default() };
    let kinds: [(&str, Put); 10] = [
        ("risk", |r, b| r.results.levels[0].risk = b),
        ("degradation", |r, b| r.results.levels[0].degradation = Some(b)),
        ("relative", |r, b| r.results.levels[0].relative = Some(b)),
        ("tail", |r, b| r.results.levels[0].tail = Some(Tail { above: 25.0, probability: b })),
        ("quantile", |r, b| {
            let of = crate::config::question::Measured::Shift;
            r.results.levels[0].quantiles = vec![QuantileResult { of, percent: 90.0, value: b }];
        }),
        ("data set", |r, b| {
            r.results.levels[0].data_set =
                Some(DataSetLoss { passes: 59, planned: 59, share: 0.95, mean: b });
        }),
        ("slice", |r, b| {
            let value = "a".to_owned();
            r.results.levels[0].slices =
                vec![SliceResult { value, draws: 9, unanswered: 0, risk: b, degradation: None, tail: None }];
        }),
        ("tail of a slice", |r, b| {
            let tail = Some(Tail { above: 25.0, probability: b });
            r.results.levels[0].slices = vec![SliceResult {
                value: "a".to_owned(),
                draws: 9,
                unanswered: 0,
                risk: Bounded::default(),
                degradation: None,
                tail,
            }];
        }),
        ("index", |r, b| r.results.index = Some(b)),
        ("noise floor", |r, b| {
            r.results.noise_floor = Some(NoiseFloor { pairs: 9, unanswered: 0, differ: b });
        }),
    ];
    for (kind, put) in kinds {
        let mut report = samples::nothing();
        put(&mut report, limit);
        assert!(said(&report).contains("all upper limits above hold together"), "{kind}");
        put(&mut report, Bounded { lower: Some(0.05), ..limit });
        assert!(said(&report).contains("all limits above hold together"), "{kind}");
        put(&mut report, Bounded { upper: None, ..limit });
        assert!(said(&report).starts_with("Nothing is claimed"), "{kind}");
    }
}

#[test]
fn a_critical_level_is_a_verdict_once_something_is_shown() {
    let found = |level, next, verdict| {
        let mut report = samples::nothing();
        let claim = "error <= 0.05".to_owned();
        report.results.critical = Some(crate::results::CriticalResult { claim, level, next, verdict });
        said(&report)
    };
    let claims = "all verdicts above are right together";
    assert!(found(Some(0.1), Some(0.2), Verdict::Undecided).contains(claims));
    assert!(found(Some(0.2), None, Verdict::Holds).contains(claims));
    assert!(found(None, Some(0.1), Verdict::Fails).contains(claims));
    assert!(found(None, Some(0.1), Verdict::Undecided).starts_with("Nothing is claimed"));
}

/// Every sentence that speaks of a risk, in the whole report, says that it is capped, or speaks of its limits.
#[test]
fn a_capped_risk_is_never_called_a_risk() {
    let text = said(&samples::capped());
    assert!(text.contains("the mean of the capped squared error, E[min(L, 25)]"));
    assert!(text.contains("E[min(L, 25)] <= u and P(L > 25) <= v"));
    assert!(text.contains("The clean capped risk E[min(L, 25)] is that of the clean answers"));
    assert!(text.contains("a degradation is the capped risk E[min(L, 25)] minus this number"));
    assert!(!said(&samples::promised_range()).contains("capped"));
}

#[test]
fn the_tail_of_a_slice_is_explained_where_there_is_one() {
    let told = "and its P(L > 25) is how often their losses are above the cap";
    assert!(said(&samples::capped_slices()).contains(told), "{}", said(&samples::capped_slices()));
    assert!(!said(&samples::sliced()).contains("above the cap"));
}

/// What is taken from a sample is said, where the claims are about the population; in a data set it is no assumption.
#[test]
fn a_scale_that_was_taken_from_the_sample_is_told() {
    let told = "the standard deviations of the columns, in which the levels are given, were taken from these 1797 rows";
    let mut report = samples::population();
    assert!(!said(&report).contains("were taken from"));
    report.question.noise.scale = Scale::Std;
    assert!(said(&report).contains(told), "{}", said(&report));
    assert!(said(&report).contains("the risk is that under noise of just this size"));
    report.question.scope = Scope::DataSet;
    assert!(!said(&report).contains("were taken from"));
}

#[test]
fn gates_on_other_quantities_say_what_they_are_about() {
    let text = said(&samples::capped());
    assert!(text.contains("A gate on q90(absolute-error) is about the value that 90 % of all draws"));
    assert!(
        text.contains("; a gate on degradation is about the capped risk E[min(L, 25)] minus the clean one")
    );
    let text = said(&samples::passes());
    assert!(
        text.contains("A gate on the data set is about its mean loss under 95 % of all fresh draws"),
        "{text}"
    );
    assert!(!said(&samples::precise()).contains("A gate on"));
}

#[test]
fn where_degradations_come_from_is_told() {
    let paired = "A degradation is paired";
    assert!(said(&samples::population()).contains(paired) && !said(&samples::precise()).contains(paired));
    let route = "plus the mean of the differences between the losses of the same row";
    assert!(said(&samples::differences()).contains(route) && !said(&samples::precise()).contains(route));
}

#[test]
fn every_method_of_the_claims_is_named() {
    assert!(
        said(&samples::capped())
            .contains("Methods: risk by aim, tail by aim-d, gate by aim; docs/guarantees.md")
    );
}

/// What a claim of any kind, by any method, rests on.
#[test]
fn the_page_of_guarantees_names_every_claim_and_method() {
    use crate::bound::Engine;
    let page = include_str!("../../../docs/guarantees.md");
    let (_, list) = page.split_once("## Claim by claim").unwrap();
    let (list, _) = list.split_once("## What is assumed").unwrap();
    let schema = schemars::schema_for!(Quantity).to_value();
    let kinds = schema["oneOf"].as_array().unwrap();
    assert!(kinds.len() >= 8, "{schema}");
    for kind in kinds {
        let kind: Quantity = serde_json::from_value(kind["const"].clone()).unwrap();
        let name = quantity(kind);
        assert!(list.contains(&format!("**{name}** by")), "{name}");
    }
    let engines = [Engine::Aim, Engine::AimD, Engine::AimBets].map(Engine::name);
    for method in engines.iter().chain(&["differences", "quantile", "replicates", "gate", "asymptotic"]) {
        assert!(list.contains(&format!("by `{method}`")), "{method}");
    }
    for other in [
        "clean risk",
        "relative degradation",
        "robustness index",
        "capped risk",
        "difference",
        "sign gate",
        "margin",
    ] {
        assert!(list.contains(&format!("**{other}**")), "{other}");
    }
    // Each source that an item names stands in the list at the end.
    let (_, sources) = page.split_once("## Sources").unwrap();
    for (name, year) in [
        ("Robbins", "1970"),
        ("Ville", "1939"),
        ("Bahadur", "1956"),
        ("Berger", "1982"),
        ("Howard", "2022"),
        ("Maurer", "1995"),
        ("McNemar", "1947"),
        ("Orabona", "2024"),
        ("Waudby-Smith", "2024"),
        ("Wilks", "1941"),
        ("Voráček", "2025"),
    ] {
        assert!(list.contains(name) && sources.contains(name) && sources.contains(year), "{name} {year}");
    }
}
