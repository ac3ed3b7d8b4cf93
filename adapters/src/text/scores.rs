//! Whether numbers by name are the scores of classes, or the parts of one answer.
//!
//! `{"cat": 0.9, "dog": 0.1}` and `{"prediction": 3, "confidence": 0.9}` have the same form. Taken for classes, the
//! second would be the class `prediction` for ever, whatever the noise does, so that every gate on changed classes
//! would hold. The invariant: where the names or the numbers speak against classes, they are none.

use super::Json;
use super::names::plain;

/// Names of the parts of an answer, in the form of [`plain`]; an `s` behind them changes nothing.
const PARTS: [&str; 63] = [
    "argmax",
    "bestclass",
    "bestlabel",
    "categories",
    "category",
    "categoryid",
    "categoryname",
    "certainty",
    "class",
    "classes",
    "classid",
    "classidx",
    "classindex",
    "classlabel",
    "classname",
    "classnumber",
    "clusterid",
    "confidence",
    "confidencelevel",
    "confidencescore",
    "elapsed",
    "elapsedms",
    "entropy",
    "estimate",
    "id",
    "idx",
    "index",
    "inferencetime",
    "label",
    "labelid",
    "labelidx",
    "labelindex",
    "labelname",
    "latency",
    "latencyms",
    "likelihood",
    "logit",
    "lowerbound",
    "mean",
    "modelversion",
    "output",
    "percentile",
    "pred",
    "predicted",
    "predictedclass",
    "predictedlabel",
    "predictedvalue",
    "prediction",
    "prob",
    "proba",
    "probabilities",
    "probability",
    "quantile",
    "result",
    "score",
    "stddev",
    "threshold",
    "timestamp",
    "topclass",
    "uncertainty",
    "upperbound",
    "value",
    "variance",
];

/// How far rounded percent may be from all of it.
const PERCENT: f64 = 1.5;

/// First and last words that make a name one of a part, `predicted_price` and `fraud_score`. Where all names share the
/// word, as in `spam_score` and `ham_score`, what else is in them may name classes.
const FIRST: [&str; 3] = ["pred", "predicted", "prediction"];
const LAST: [&str; 8] =
    ["confidence", "prediction", "prob", "proba", "probability", "score", "std", "threshold"];

/// Of so many members at most single words are looked at: hundreds of classes have such names by chance
/// (`credit_score`), answers do not have hundreds of parts.
const FEW: usize = 4;
/// Of so many members at most whole names are looked at.
const SEVERAL: usize = 8;

/// Why numbers by name are no scores of classes; none where they may be: at least two, none of a few with the name of a
/// part of an answer, and not a whole number above 1 beside a share, which is a class, a count or a measure beside a score.
/// Percent and votes are scores.
pub(super) fn doubt(members: &[(Vec<u8>, Json)]) -> Option<String> {
    let names: Vec<_> = members.iter().map(|(name, _)| String::from_utf8_lossy(name)).collect();
    let expected = "scores by class were expected, or point to what counts, found";
    let part = names.iter().find(|name| names.len() <= SEVERAL && is_part(name));
    if let Some(name) = part.or_else(|| part_of_few(&names)) {
        return Some(format!("{expected} `{name}`, which names a part of an answer and no class"));
    }
    if let [name] = names.as_slice() {
        return Some(format!("{expected} `{name}` alone, one number by name"));
    }
    if names.iter().all(|name| name.parse::<u64>().is_ok()) {
        return None;
    }
    let numbers = || members.iter().filter_map(|(_, value)| value.number());
    let share = |v: f64| 0.0 < v && v < 1.0;
    let percent = (numbers().sum::<f64>() - 100.0).abs() <= PERCENT && numbers().all(|v| v >= 0.0);
    if percent || !numbers().any(share) {
        return None;
    }
    let (name, (_, count)) = names.iter().zip(members).find(|(_, (_, value))| is_count(value))?;
    let count = count.number().unwrap_or_default();
    Some(format!("{expected} {count} as `{name}`, a whole number beside shares"))
}

/// Whether a single number by name may be the best class, which some servers send alone: a score with a point between 0
/// and 1, or one that is not finite, and a name that is not that of a part of an answer.
pub(super) fn is_best_class(members: &[(Vec<u8>, Json)]) -> bool {
    let [(name, score)] = members else { return false };
    let is_score = matches!(score, Json::Float(v) if !v.is_finite() || (0.0..=1.0).contains(v));
    let name = String::from_utf8_lossy(name);
    is_score && !is_part(&name) && part_of_few(&[name]).is_none()
}

fn is_part(name: &str) -> bool {
    let name = plain(name);
    let singular = name.strip_suffix('s').unwrap_or(&name);
    PARTS.contains(&name.as_str()) || PARTS.contains(&singular)
}

/// Of a few names one with a first or last word that not all have.
fn part_of_few<T: AsRef<str>>(names: &[T]) -> Option<&T> {
    if names.len() > FEW {
        return None;
    }
    let words: Vec<Vec<String>> = names.iter().map(|name| words(name.as_ref())).collect();
    let telling = |known: &[&str], word: fn(&[String]) -> Option<&String>| {
        let tells = |words: &Vec<String>| {
            words.len() > 1 && word(words).is_some_and(|it| known.contains(&it.as_str()))
        };
        let found = words.iter().position(tells)?;
        let shared = names.len() > 1 && words.iter().all(|it| word(it) == word(&words[found]));
        (!shared).then_some(found)
    };
    names.get(telling(&FIRST, <[String]>::first).or_else(|| telling(&LAST, <[String]>::last))?)
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a number is written as a whole one above 1.
fn is_count(value: &Json) -> bool {
    matches!(value, Json::Int(2..) | Json::Uint(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::parse;

    fn doubted(text: &str) -> Option<String> {
        let Json::Object(members) = parse(text.as_bytes()).unwrap() else { panic!("{text}") };
        doubt(&members)
    }

    #[test]
    fn scores_of_classes_are_not_doubted() {
        for text in [
            r#"{"cat":0.9,"dog":0.1}"#,
            r#"{"cat":1,"dog":0}"#,
            r#"{"cat":7.5,"dog":-3.25}"#,
            r#"{"cat":7.0,"dog":-3}"#,
            r#"{"cat":50,"dog":50}"#,
            r#"{"cat":99,"dog":0.6,"bird":0.4}"#,
            r#"{"trees":61,"votes":39}"#,
            r#"{"national_id":0.9,"passport":0.1}"#,
            r#"{"label":0.2,"a":0.1,"b":0.1,"c":0.1,"d":0.1,"e":0.1,"f":0.1,"g":0.1,"h":0.1}"#,
            r#"{"0":12,"1":3}"#,
            r#"{"LABEL_0":0.9,"LABEL_1":0.1}"#,
            r#"{"class_0":0.9,"class_1":0.1}"#,
            r#"{"spamScore":0.9,"ham_score":0.1}"#,
            r#"{"prediction_a":0.9,"prediction_b":0.1}"#,
            r#"{"low":0.2,"medium":0.5,"high":0.3}"#,
            r#"{"credit_score":0.2,"pay_bill":0.5,"balance":0.1,"transfer":0.1,"freeze":0.1}"#,
        ] {
            assert_eq!(doubted(text), None, "{text}");
        }
    }

    #[test]
    fn parts_of_an_answer_are_no_classes() {
        for (text, name) in [
            (r#"{"prediction":3}"#, "prediction"),
            (r#"{"Predictions":0.5}"#, "Predictions"),
            (r#"{"class":3,"probability":0.9}"#, "class"),
            (r#"{"class_id":3,"probability":0.93}"#, "class_id"),
            (r#"{"dog":0.5,"classId":0.5}"#, "classId"),
            (r#"{"dog":0.5,"Class-Id":0.5}"#, "Class-Id"),
            (r#"{"value":12.3,"lower_bound":1,"upper_bound":20}"#, "value"),
            (r#"{"low":12.3,"lowerBound":1.5}"#, "lowerBound"),
            (r#"{"fraud_score":0.9,"amount":0.1}"#, "fraud_score"),
            (r#"{"amount":0.1,"churnProbability":0.9}"#, "churnProbability"),
            (r#"{"predicted_price":0.9,"price":0.1}"#, "predicted_price"),
            (r#"{"fraud":0.93}"#, "fraud"),
            (r#"{"0":0.93}"#, "0"),
            (r#"{"digit":3,"other":0.9}"#, "digit"),
            (r#"{"a":0.5,"b":18446744073709551615}"#, "b"),
        ] {
            let said = doubted(text).unwrap_or_else(|| panic!("{text} is not doubted"));
            assert!(said.contains(&format!("`{name}`")), "{text}: {said}");
        }
    }

    #[test]
    fn the_best_class_may_stand_alone() {
        let best = |text: &str| matches!(parse(text.as_bytes()).unwrap(), Json::Object(members) if is_best_class(&members));
        for text in [r#"{"cat":0.93}"#, r#"{"7":1.0}"#, r#"{"cat":NaN}"#] {
            assert!(best(text), "{text}");
        }
        for text in [
            r#"{"cat":1}"#,
            r#"{"cat":12.5}"#,
            r#"{"cat":"x"}"#,
            r#"{"probability":0.93}"#,
            r#"{"fraud_score":0.93}"#,
            r#"{"cat":0.93,"dog":0.07}"#,
            "{}",
        ] {
            assert!(!best(text), "{text}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_plain() {
        assert!(PARTS.is_sorted() && LAST.is_sorted());
        assert!(PARTS.iter().all(|part| plain(part) == *part));
    }
}
