use roxmltree::{Document, Node};

use super::*;
use crate::report::across::{BOTTOM, LEFT, RIGHT, TOP};
use crate::report::samples;
use crate::report::svg::width_of;
use crate::results::{LevelResult, Verdict};

fn drawn(report: &Report, check: impl Fn(&Document)) {
    let text = render(report);
    check(&Document::parse(&text).unwrap());
}

fn class<'a>(tree: &'a Document, name: &'a str) -> Vec<Node<'a, 'a>> {
    tree.descendants().filter(|n| n.attribute("class") == Some(name)).collect()
}

fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn texts(tree: &Document) -> Vec<String> {
    tree.descendants()
        .filter(|n| n.has_tag_name("text"))
        .filter_map(|n| n.text().map(str::to_owned))
        .collect()
}

/// The box that an upright text takes, by the generous guess of [`width_of`].
fn extent(node: Node) -> (f64, f64, f64, f64) {
    let (x, y, size) = (number(node, "x"), number(node, "y"), number(node, "font-size"));
    let bold = if node.attribute("font-weight").is_some() { 1.1 } else { 1.0 };
    let long = width_of(node.text().unwrap_or_default(), size) * bold;
    let left = match node.attribute("text-anchor") {
        Some("end") => x - long,
        Some("middle") => x - long / 2.0,
        _ => x,
    };
    (left, left + long, y - size, y)
}

#[test]
fn every_sample_is_a_picture_of_its_own_that_runs_nothing() {
    for (name, report) in samples::all() {
        drawn(&report, |tree| {
            let root = tree.root_element();
            assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2000/svg"), "{name}");
            for node in tree.descendants().filter(Node::is_element) {
                let tag = node.tag_name().name();
                assert!(
                    !["script", "image", "use", "style", "foreignObject", "a"].contains(&tag),
                    "{name}: {tag}"
                );
                for attribute in node.attributes() {
                    assert!(
                        !attribute.name().starts_with("on") && !attribute.name().ends_with("href"),
                        "{name}"
                    );
                    assert!(
                        !attribute.value().contains("NaN") && !attribute.value().contains("inf"),
                        "{name}"
                    );
                }
            }
        });
    }
}

#[test]
fn every_level_has_its_limits_and_its_dot_and_no_others() {
    for (name, report) in samples::all() {
        let results = &report.results;
        let shown = |l: &LevelResult| l.data_set.as_ref().map_or(l.risk, |set| set.mean);
        let mut risks: Vec<_> = results.levels.iter().map(shown).collect();
        if results.clean.risk.estimate.is_some() {
            risks.push(results.clean.risk);
        }
        let limits = risks.iter().flat_map(|r| [r.lower, r.upper]).flatten().count();
        let estimates = risks.iter().filter_map(|r| r.estimate).count();
        drawn(&report, |tree| {
            assert_eq!(class(tree, "limit").len(), limits, "{name}");
            assert_eq!(class(tree, "estimate").len(), estimates, "{name}");
            let gates = if name == "capped" { 0 } else { results.gates.len() };
            assert_eq!(class(tree, "gate").len(), gates, "{name}");
        });
    }
}

#[test]
fn marks_stay_inside_the_plot_and_higher_risks_stand_higher() {
    for (name, report) in samples::all() {
        drawn(&report, |tree| {
            for dot in class(tree, "estimate") {
                let (x, y) = (number(dot, "cx"), number(dot, "cy"));
                assert!((LEFT..=RIGHT).contains(&x) && (TOP..=BOTTOM).contains(&y), "{name}: {x} {y}");
            }
        });
    }
    drawn(&samples::precise(), |tree| {
        let ys: Vec<f64> = class(tree, "estimate").iter().map(|d| number(*d, "cy")).collect();
        assert!(ys.windows(2).all(|w| w[0] > w[1]), "{ys:?}");
        let xs: Vec<f64> = class(tree, "estimate").iter().map(|d| number(*d, "cx")).collect();
        // Levels 0, 0.05, 0.1 and 0.2 are drawn to scale.
        assert!((xs[3] - xs[0] - 4.0 * (xs[1] - xs[0])).abs() < 0.1, "{xs:?}");
    });
}

#[test]
fn texts_stay_on_the_page() {
    for (name, report) in samples::all() {
        drawn(&report, |tree| {
            let upright = |n: &Node| n.has_tag_name("text") && n.attribute("transform").is_none();
            for node in tree.descendants().filter(upright) {
                let (left, right, top, bottom) = extent(node);
                assert!(
                    left >= 0.0 && right <= WIDTH && top >= 0.0 && bottom <= HEIGHT,
                    "{name}: {:?}",
                    node.text()
                );
            }
        });
    }
}

/// A limit at the top of the range leaves no room above nor below.
#[test]
fn a_word_stands_beside_an_interval_that_fills_the_plot() {
    drawn(&samples::cut_short(), |tree| {
        let words: Vec<_> =
            tree.descendants().filter(|n| n.text() == Some("cut") && n.has_tag_name("text")).collect();
        let bar = frame::Frame::new(&samples::cut_short()).points[3].x;
        assert!(words.iter().any(|w| extent(*w).1 < bar && extent(*w).2 > TOP), "{words:?}");
    });
}

#[test]
fn labels_of_an_axis_do_not_overlap() {
    for (name, report) in samples::all() {
        drawn(&report, |tree| {
            let row = |n: &Node| n.has_tag_name("text") && n.attribute("transform").is_none();
            let below = tree.descendants().filter(|n| row(n) && number(*n, "y") == BOTTOM + 16.0);
            let boxes: Vec<_> = below.map(extent).collect();
            assert!(boxes.windows(2).all(|w| w[0].1 < w[1].0), "{name}: {boxes:?}");
        });
    }
}

#[test]
fn what_ended_early_is_hollow_and_has_a_word() {
    for (report, word) in [
        (samples::cut_short(), "cut"),
        (samples::unanswered(), "unanswered"),
        (samples::inconsistent(), "inconsistent"),
        (samples::nothing(), "cut"),
    ] {
        drawn(&report, |tree| {
            assert!(texts(tree).iter().any(|t| t == word), "{word}");
            let hollow =
                class(tree, "estimate").iter().filter(|d| d.attribute("fill") == Some("#ffffff")).count();
            let early = report.results.levels.iter().filter(|l| marks::early(Some(l.stopped)));
            assert_eq!(hollow, early.filter(|l| l.risk.estimate.is_some()).count(), "{word}");
        });
    }
    drawn(&samples::precise(), |tree| assert!(!texts(tree).iter().any(|t| t == "ended early")));
}

#[test]
fn the_band_joins_only_neighbours_that_both_have_limits() {
    drawn(&samples::precise(), |tree| assert_eq!(class(tree, "guide").len(), 3));
    drawn(&samples::inconsistent(), |tree| assert_eq!(class(tree, "guide").len(), 1));
    drawn(&samples::upper_alone(), |tree| assert_eq!(class(tree, "guide").len(), 0));
    drawn(&samples::gates_alone(), |tree| assert_eq!(class(tree, "guide").len(), 0));
}

#[test]
fn verdicts_differ_in_shape_and_stand_in_words() {
    let mut report = samples::precise();
    let shape = |report: &Report| {
        let text = render(report);
        let tree = Document::parse(&text).unwrap();
        let shapes: Vec<String> =
            class(&tree, "verdict").iter().map(|n| format!("{:?}", n.tag_name().name())).collect();
        (shapes, texts(&tree).join("|"))
    };
    let (holds, said) = shape(&report);
    assert!(
        said.contains("≤ 0.1 holds") && said.contains("≤ 0.15 fails") && said.contains("gate holds"),
        "{said}"
    );
    report.results.gates[0].verdict = Verdict::Undecided;
    let (undecided, said) = shape(&report);
    assert_ne!(holds, undecided);
    assert!(said.contains("gate undecided") && !said.contains("gate holds"));
}

#[test]
fn the_picture_says_model_units_confidence_and_guarantee() {
    let said = |report: &Report| texts(&Document::parse(&render(report)).unwrap()).join("\n");
    let text = said(&samples::promised_range());
    for part in [
        "digits: mean squared error under gaussian noise",
        "confidence 0.95, 20640 rows",
        "noise level (gaussian, standard deviation, in standard deviations of each column)",
        "risk: mean squared error",
        "Limits are stated at the marked levels; the dashed lines between them guide the eye.",
        "With probability at least 0.95 over the seed, all limits hold together",
        "clean risk",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(said(&samples::gates_alone()).contains("Dots are estimates, about which nothing is claimed"));
    assert!(said(&samples::twenty_levels()).contains("noise level, evenly spaced"));
}

#[test]
fn numbers_beyond_reason_are_drawn_without_panic() {
    let mut report = samples::precise();
    report.results.levels[0].risk.upper = Some(f64::INFINITY);
    report.results.levels[1].risk.estimate = Some(f64::NAN);
    report.results.levels[2].level = f64::INFINITY;
    report.results.levels[2].risk.upper = Some(f64::MAX);
    report.question.gates[0].threshold = f64::NAN;
    drawn(&report, |_| ());
    report.results.levels.clear();
    drawn(&report, |_| ());
}

#[test]
fn the_critical_level_is_a_line_at_its_place_with_its_words() {
    for (report, level, words) in [
        (samples::rows_told_apart(), 0.1, "error <= 0.1 holds up to 0.1"),
        (samples::many_slices(), 0.2, "error <= 0.5 holds at all levels"),
        (samples::sliced(), 0.05, "error <= 0.03 not shown at 0.05"),
    ] {
        let place = frame::Frame::new(&report).across.place(level).unwrap();
        drawn(&report, |tree| {
            let lines = class(tree, "critical");
            assert_eq!(lines.len(), 1, "{words}");
            assert!((number(lines[0], "x1") - place).abs() < 0.01, "{words}");
            assert!(texts(tree).iter().any(|t| t == words), "{words}: {:?}", texts(tree));
        });
    }
    drawn(&samples::precise(), |tree| assert!(class(tree, "critical").is_empty()));
}

#[test]
fn slices_are_lines_with_a_legend_up_to_six() {
    drawn(&samples::sliced(), |tree| {
        assert_eq!((class(tree, "slice").len(), class(tree, "slice-mark").len()), (3, 12));
        let said = texts(tree);
        for name in ["region (estimates):", "north", "south-east", "west <4>"] {
            assert!(said.iter().any(|t| t == name), "{name}: {said:?}");
        }
    });
    drawn(&samples::many_slices(), |tree| assert!(class(tree, "slice").is_empty()));
}

/// A threshold in other units would stand at a meaningless height.
#[test]
fn gates_in_other_units_are_not_drawn_but_counted() {
    drawn(&samples::capped(), |tree| {
        assert!(class(tree, "gate").is_empty() && class(tree, "verdict").is_empty());
        assert!(texts(tree).iter().any(|t| t.ends_with("2 more gates are in the report.")));
    });
}

#[test]
fn the_picture_of_passes_shows_the_data_set_and_its_gate() {
    drawn(&samples::passes(), |tree| {
        let said = texts(tree).join("|");
        assert!(said.contains("mean loss of the data set: mean squared error"), "{said}");
        assert_eq!((class(tree, "limit").len(), class(tree, "gate").len()), (1, 1));
    });
}

#[test]
fn asymptotic_limits_are_loud_in_the_picture_and_its_description() {
    drawn(&samples::asymptotic(), |tree| {
        assert!(texts(tree).iter().any(|t| t.starts_with("ASYMPTOTIC LIMITS")));
        let told = tree.descendants().find(|n| n.has_tag_name("desc")).and_then(|n| n.text()).unwrap();
        assert!(told.starts_with("ASYMPTOTIC LIMITS"), "{told}");
    });
    assert!(!render(&samples::precise()).contains("ASYMPTOTIC"));
}

#[test]
fn a_capped_risk_is_called_that_on_its_axis() {
    drawn(&samples::capped(), |tree| {
        let axis = "risk: mean capped squared error, E[min(L, 25)]";
        assert!(texts(tree).iter().any(|t| t == axis), "{:?}", texts(tree));
    });
}

/// `cargo test -p noisebound --lib pictures -- --ignored` writes every sample to `noisebound-pictures` in the folder for temporary files, to look at.
#[test]
#[ignore = "writes pictures for people"]
fn pictures() {
    let folder = std::env::temp_dir().join("noisebound-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, report) in samples::all() {
        std::fs::write(folder.join(format!("{name}.svg")), render(&report)).unwrap();
    }
}
