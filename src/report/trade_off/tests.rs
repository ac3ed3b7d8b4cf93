use roxmltree::{Document, Node};

use super::*;
use crate::report::samples;

fn both(estimate: f64, lower: f64, upper: f64) -> Bounded {
    Bounded { estimate: Some(estimate), lower: Some(lower), upper: Some(upper), estimate_range: None }
}

fn known(estimate: f64) -> Bounded {
    Bounded { estimate: Some(estimate), ..Bounded::default() }
}

fn point(name: &str, clean: Bounded, index: Bounded) -> TradeOffPoint {
    TradeOffPoint { name: name.into(), clean, index }
}

fn few() -> Vec<TradeOffPoint> {
    vec![
        point("digits-linear", known(0.031_2), both(0.901, 0.874, 0.926)),
        point("digits-forest", both(0.024, 0.017, 0.033), both(0.871, 0.843, 0.897)),
        point("<quantised> & \u{1b}[31mred", known(0.033), both(0.895, 0.866, 0.921)),
        point("no answers", Bounded::default(), Bounded::default()),
    ]
}

fn crowd() -> Vec<TradeOffPoint> {
    (0..9).map(|i| point(&format!("candidate-{i}"), known(0.03), known(0.9 + f64::from(i) * 1e-3))).collect()
}

fn class<'a>(tree: &'a Document, name: &'a str) -> Vec<Node<'a, 'a>> {
    tree.descendants().filter(|n| n.attribute("class") == Some(name)).collect()
}

fn texts(tree: &Document) -> String {
    let all = tree.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text());
    all.collect::<Vec<_>>().join("|")
}

/// Well-formed, with a title and a description, without a script or a number that is none.
fn sound(text: &str) -> Document<'_> {
    let tree = Document::parse(text).unwrap();
    for tag in ["title", "desc"] {
        assert!(tree.descendants().any(|n| n.has_tag_name(tag) && n.text().is_some()), "{tag}");
    }
    for node in tree.descendants().filter(Node::is_element) {
        assert!(!["script", "image", "use", "style", "a"].contains(&node.tag_name().name()));
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on") && !attribute.value().contains("NaN"));
        }
    }
    tree
}

#[test]
fn the_picture_is_as_agreed() {
    insta::assert_snapshot!("trade_off", render(&few()));
    let (a, b) = (samples::precise(), samples::differences());
    insta::assert_snapshot!("curves", curves(&[("one", &a), ("other", &b)]));
}

#[test]
fn every_endpoint_has_its_place_its_limits_and_its_name() {
    let text = render(&few());
    let tree = sound(&text);
    assert_eq!(class(&tree, "endpoint").len(), 3);
    assert_eq!(class(&tree, "limits").len(), 4);
    let said = texts(&tree);
    for part in [
        "digits-linear",
        "<quantised> & \u{fffd}[31mred",
        "not shown: no answers",
        "clean risk",
        "robustness index",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let told = tree.descendants().find(|n| n.has_tag_name("desc")).and_then(|n| n.text()).unwrap();
    assert!(
        told.contains("digits-forest: clean risk 0.0240 [0.0170, 0.0330], robustness index 0.871 ["),
        "{told}"
    );
}

/// A smaller clean risk is further left, a larger index further up.
#[test]
fn better_is_left_and_up() {
    let text = render(&[point("a", known(0.1), known(0.5)), point("b", known(0.2), known(0.8))]);
    let tree = sound(&text);
    let name = |n: &str| tree.descendants().find(|e| e.has_tag_name("text") && e.text() == Some(n)).unwrap();
    let at = |n: &str, key: &str| name(n).attribute(key).unwrap().parse::<f64>().unwrap();
    assert!(at("a", "x") < at("b", "x") && at("a", "y") > at("b", "y"));
}

/// Endpoints that are alike in one number are not pressed to a side by an axis that is far too long.
#[test]
fn alike_endpoints_stand_well_inside_the_plot() {
    let text = render(&[point("a", known(0.03), known(0.9)), point("b", known(0.03), known(0.9))]);
    let tree = sound(&text);
    for disc in class(&tree, "endpoint").iter().filter(|n| n.has_tag_name("circle")) {
        let of = |key: &str| disc.attribute(key).unwrap().parse::<f64>().unwrap();
        let (x, y) = ((of("cx") - LEFT) / (RIGHT - LEFT), (of("cy") - TOP) / (BOTTOM - TOP));
        assert!((0.15..0.85).contains(&x) && (0.15..0.85).contains(&y), "{x} {y}");
    }
}

#[test]
fn names_of_near_neighbours_do_not_cover_each_other() {
    for points in [few(), crowd().into_iter().take(5).collect()] {
        let text = render(&points);
        let tree = sound(&text);
        let named = tree
            .descendants()
            .filter(|n| n.attribute("paint-order").is_some() && n.attribute("font-weight").is_some());
        let boxes: Vec<_> = named
            .map(|n| {
                let of = |key: &str| n.attribute(key).unwrap().parse::<f64>().unwrap();
                let long = crate::report::svg::width_of(n.text().unwrap(), 11.0);
                let left = if n.attribute("text-anchor") == Some("end") { of("x") - long } else { of("x") };
                (left, left + long, of("y") - 11.0, of("y"))
            })
            .collect();
        for (i, a) in boxes.iter().enumerate() {
            assert!(a.0 >= 0.0 && a.1 <= WIDTH, "{a:?}");
            for b in &boxes[..i] {
                assert!(a.1 <= b.0 || b.1 <= a.0 || a.3 <= b.2 || b.3 <= a.2, "{a:?} {b:?}");
            }
        }
    }
}

#[test]
fn odd_numbers_and_no_endpoints_are_drawn_without_panic() {
    let odd = [f64::NAN, f64::INFINITY, f64::MAX, -f64::MAX, 0.0, 5e-324];
    let all: Vec<TradeOffPoint> =
        odd.iter().flat_map(|&a| odd.map(|b| point("x", both(a, b, a), both(b, a, b)))).collect();
    for points in [&[][..], &all, &crowd()] {
        sound(&render(points));
    }
    for one in &all {
        sound(&render(std::slice::from_ref(one)));
    }
    sound(&curves(&[]));
}

#[test]
fn every_pair_of_reports_shares_a_picture() {
    let all = samples::all();
    for (name, report) in &all {
        for (other, beside) in &all {
            let text = curves(&[(name, report), (other, beside), ("third", report)]);
            let said = texts(&sound(&text));
            assert!(said.contains(name) && said.contains("third"), "{name} {other}: {said}");
        }
    }
}

#[test]
fn curves_stand_side_by_side_with_the_limits_of_each() {
    let (a, b) = (samples::precise(), samples::upper_alone());
    let text = curves(&[("a", &a), ("b", &b)]);
    let tree = sound(&text);
    // Three intervals, two upper limits; both clean risks are known.
    assert_eq!((class(&tree, "limit").len(), class(&tree, "estimate").len()), (3 * 2 + 2, 4 + 3));
    assert_eq!(class(&tree, "guide").len(), 2);
    assert!(
        texts(&tree)
            .contains("The limits of each report hold together with probability at least 0.95, apart")
    );
    let mut other = b.clone();
    other.results.confidence = 0.9;
    assert!(texts(&sound(&curves(&[("a", &a), ("b", &other)]))).contains("in that report"));
    assert!(curves(&[("a", &samples::asymptotic())]).contains("ASYMPTOTIC LIMITS"));
}

/// `cargo test -p noisebound --lib pictures -- --ignored` writes these beside those of the curve.
#[test]
#[ignore = "writes pictures for people"]
fn pictures() {
    let folder = std::env::temp_dir().join("noisebound-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("trade-off.svg"), render(&few())).unwrap();
    std::fs::write(folder.join("trade-off-crowd.svg"), render(&crowd())).unwrap();
    let (a, b, c) = (samples::precise(), samples::upper_alone(), samples::one_level());
    let sets = [("digits-linear", &a), ("digits-forest", &b), ("digits <8 bit>", &c)];
    std::fs::write(folder.join("curves.svg"), curves(&sets)).unwrap();
}
