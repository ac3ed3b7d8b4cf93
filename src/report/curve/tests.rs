use roxmltree::{Document, Node};

use super::frame::{BOTTOM, LEFT, RIGHT, TOP};
use super::*;
use crate::report::samples;
use crate::report::svg::width_of;
use crate::results::Verdict;

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
        let mut risks: Vec<_> = results.levels.iter().map(|l| l.risk).collect();
        if results.clean.risk.estimate.is_some() {
            risks.push(results.clean.risk);
        }
        let limits = risks.iter().flat_map(|r| [r.lower, r.upper]).flatten().count();
        let estimates = risks.iter().filter_map(|r| r.estimate).count();
        drawn(&report, |tree| {
            assert_eq!(class(tree, "limit").len(), limits, "{name}");
            assert_eq!(class(tree, "estimate").len(), estimates, "{name}");
            assert_eq!(class(tree, "gate").len(), results.gates.len(), "{name}");
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
        "Limits are stated at the marked levels",
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

/// `cargo test pictures -- --ignored` writes every sample below the target folder, to look at.
#[test]
#[ignore = "writes pictures for people"]
fn pictures() {
    let folder = std::env::temp_dir().join("noisebound-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, report) in samples::all() {
        std::fs::write(folder.join(format!("{name}.svg")), render(&report)).unwrap();
    }
}
