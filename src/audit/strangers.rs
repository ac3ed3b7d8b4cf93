//! Classes that no target names: a model that calls them otherwise than the targets do is wrong everywhere, which is no
//! finding about noise.
//!
//! Pure. Invariant: advice and no claim; said only where not a single answer is among the targets.

use std::collections::BTreeMap;

use noisebound_adapters::Prediction;

use crate::loss::{Target, class_of, loss};

/// So many of each side are named.
const NAMED: usize = 5;

/// What to say of clean answers, where the loss, by its name and its threshold, is that of classes and none of the answers is
/// the class of any target. The answers are masked already, and targets are compared and told as `mask` makes them.
pub fn strangers<'a>(
    (name, threshold): (&str, f64),
    answers: impl Iterator<Item = &'a Prediction>,
    targets: &[Target],
    mask: &dyn Fn(&str) -> String,
) -> Option<String> {
    let error = loss("error", None, threshold).ok().filter(|_| name == "error")?;
    let mut distinct: BTreeMap<String, &Target> = BTreeMap::new();
    for target in targets {
        let told = match target {
            Target::Number(v) => v.to_string(),
            Target::Name(name) => name.to_string(),
            Target::Values(_) => return None,
        };
        distinct.entry(told).or_insert(target);
    }
    let masked = |(told, target): (String, &Target)| {
        let shown = mask(&told);
        let target = if shown == told { target.clone() } else { Target::Name(shown.as_str().into()) };
        (shown, target)
    };
    let distinct: BTreeMap<String, Target> = distinct.into_iter().map(masked).collect();
    let mut classes: Vec<String> = Vec::new();
    for answer in answers {
        let class = class_of(answer, threshold).ok()?.to_string();
        if classes.contains(&class) {
            continue;
        }
        // The loss itself says what is the same, `3` and `3.0` for example.
        if distinct.values().any(|target| error.of(answer, None, Some(target)) == Ok(0.0)) {
            return None;
        }
        classes.push(class);
    }
    (!classes.is_empty() && !distinct.is_empty()).then(|| {
        format!(
            "no target is a class that the model answers: it answers {}, and the targets are {}; give targets as the model \
             names its classes, or ask for --loss flip, which needs none",
            named(classes.iter()),
            named(distinct.keys())
        )
    })
}

fn named<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut named: Vec<String> = names.take(NAMED).map(|name| format!("`{}`", name.escape_debug())).collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str) -> Prediction {
        Prediction::Labels(vec![(name.into(), 0.9), ("other".into(), 0.1)])
    }

    fn said(answers: &[&str], targets: &[Target]) -> Option<String> {
        let answers: Vec<_> = answers.iter().map(|name| label(name)).collect();
        strangers(("error", 0.5), answers.iter(), targets, &|text| text.replace("s3cret", "***"))
    }

    #[test]
    fn classes_that_no_target_names_are_told() {
        let numbers = [Target::Number(0.0), Target::Number(1.0), Target::Number(0.0)];
        let told = said(&["cat", "dog", "cat"], &numbers).unwrap();
        assert!(told.contains("it answers `cat`, `dog`, and the targets are `0`, `1`;"), "{told}");
        assert_eq!(said(&["cat", "1"], &numbers), None, "one of them is named");
        assert_eq!(said(&[], &numbers), None);
        assert_eq!(said(&["cat"], &[]), None);
        assert_eq!(said(&["cat"], &[Target::Name("cat".into())]), None);
        assert_eq!(strangers(("flip", 0.5), [label("cat")].iter(), &numbers, &str::to_owned), None);
    }

    #[test]
    fn targets_are_compared_and_told_masked_as_the_answers_are() {
        let secret = [Target::Name("s3cret".into()), Target::Name("dog".into())];
        assert_eq!(said(&["***"], &secret), None);
        let told = said(&["cat"], &secret).unwrap();
        assert!(told.contains("the targets are `***`, `dog`;"), "{told}");
    }
}
