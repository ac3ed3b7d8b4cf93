//! What one row's answer in JSON says.
//!
//! Numbers and nested lists of them are tensors, whose integers stay integers; classes with scores are
//! labels, best first. What is neither is malformed, with what was found instead: a model may answer oddly
//! once and well again. So is a label that is not UTF-8: with its bytes replaced it could pass for another one.

use std::sync::Arc;

use super::Json;
use super::scores::{doubt, is_best_class};
use crate::{Failure, FailureKind, Prediction, Tensor, Values};

fn fail<T>(kind: FailureKind, said: impl AsRef<str>) -> Result<T, Failure> {
    Err(Failure::unplaced(kind, said))
}

/// Understands the answer for one row; `name` is what a tensor without a name is called.
pub(crate) fn prediction(value: &Json, name: &str) -> Result<Prediction, Failure> {
    match value {
        Json::Text(text) => Ok(Prediction::Labels(vec![(name_of_class(text)?, 1.0)])),
        Json::Object(members) => object(value, members),
        Json::Array(items) => match items.as_slice() {
            [only @ (Json::Text(_) | Json::Object(_))] => prediction(only, name),
            [Json::Object(_), ..] => labels(items),
            [Json::Array(inner)] if is_labels(inner) => prediction(&items[0], name),
            [Json::Array(_), ..] if is_labels(items) => pairs(items),
            _ => Ok(Prediction::Tensors(vec![tensor(value, name)?])),
        },
        _ => Ok(Prediction::Tensors(vec![tensor(value, name)?])),
    }
}

/// As [`prediction`], of a server that may send the best class alone, with its score: `{"cat": 0.9}`.
pub(crate) fn best_class(value: &Json, name: &str) -> Result<Prediction, Failure> {
    match lone(value) {
        Json::Object(members) if is_best_class(members) => by_class(members),
        _ => prediction(value, name),
    }
}

/// The one row's answer when a server wraps it into a list of one.
pub(crate) fn lone(value: &Json) -> &Json {
    match value.items() {
        Some([only @ (Json::Array(_) | Json::Object(_))]) => lone(only),
        _ => value,
    }
}

/// Whether these are `{"label": .., "score": ..}` or `["label", score]`, the forms in which one row's classes are
/// listed.
pub(crate) fn is_labels(items: &[Json]) -> bool {
    let object = |item: &Json| item.get("label").is_some() && item.get("score").is_some();
    let pair = |item: &Json| matches!(item.items(), Some([Json::Text(_), score]) if score.number().is_some());
    !items.is_empty() && (items.iter().all(object) || items.iter().all(pair))
}

/// Members that hold classes, and those that hold their scores in the same order.
const BESIDE: [(&str, &str); 4] = [
    ("classes", "scores"),
    ("labels", "scores"),
    ("classes", "probabilities"),
    ("displayNames", "confidences"),
];

fn object(value: &Json, members: &[(Vec<u8>, Json)]) -> Result<Prediction, Failure> {
    if is_labels(std::slice::from_ref(value)) {
        return labels(std::slice::from_ref(value));
    }
    let lists = |(classes, scores)| Some((value.get(classes)?.items()?, value.get(scores)?.items()?));
    if let Some((classes, scores)) = BESIDE.into_iter().find_map(lists).filter(|(c, s)| c.len() == s.len()) {
        let scores = classes.iter().zip(scores).map(|(class, score)| Ok((label(class)?, finite(score)?)));
        return scores.collect::<Result<_, Failure>>().map(ranked);
    }
    let score = |value: &Json| value.number().is_some() || *value == Json::Null;
    if !members.is_empty() && members.iter().all(|(_, value)| score(value)) {
        return doubt(members).map_or_else(|| by_class(members), |said| fail(FailureKind::Malformed, said));
    }
    let numeric = |value: &Json| matches!(value, Json::Array(_)) || score(value);
    if !members.is_empty() && members.iter().all(|(_, value)| numeric(value)) {
        let tensors = members.iter().map(|(name, value)| tensor(value, &String::from_utf8_lossy(name)));
        return Ok(Prediction::Tensors(tensors.collect::<Result<_, _>>()?));
    }
    fail(
        FailureKind::Malformed,
        format!("an answer is {}: numbers, labels or scores were expected, point to them", value.what()),
    )
}

/// Scores by the names of their classes.
fn by_class(members: &[(Vec<u8>, Json)]) -> Result<Prediction, Failure> {
    let scores = members.iter().map(|(class, score)| Ok((name_of_class(class)?, finite(score)?)));
    scores.collect::<Result<_, Failure>>().map(ranked)
}

/// A list of `{"label": .., "score": ..}`.
fn labels(items: &[Json]) -> Result<Prediction, Failure> {
    let scores = items.iter().map(|item| {
        if let (Some(class), Some(score)) = (item.get("label"), item.get("score")) {
            return Ok((label(class)?, finite(score)?));
        }
        let said = format!("an answer lists {}: `label` and `score` were expected", item.what());
        fail(FailureKind::Malformed, said)
    });
    scores.collect::<Result<_, Failure>>().map(ranked)
}

/// A list of `["label", score]`.
fn pairs(items: &[Json]) -> Result<Prediction, Failure> {
    let scores = items.iter().filter_map(|item| match item.items() {
        Some([class, score]) => Some(label(class).and_then(|class| Ok((class, finite(score)?)))),
        _ => None,
    });
    scores.collect::<Result<_, Failure>>().map(ranked)
}

fn ranked(mut scores: Vec<(Box<str>, f64)>) -> Prediction {
    scores.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Prediction::Labels(scores)
}

/// A class as text: a string as it is, a number as it is written.
fn label(value: &Json) -> Result<Box<str>, Failure> {
    match value {
        Json::Int(v) => Ok(v.to_string().into()),
        Json::Uint(v) => Ok(v.to_string().into()),
        Json::Float(v) => Ok(v.to_string().into()),
        Json::Bool(v) => Ok(v.to_string().into()),
        Json::Text(text) => name_of_class(text),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            let said = format!("a label is {}, a text or a number was expected", value.what());
            fail(FailureKind::Malformed, said)
        }
    }
}

fn name_of_class(text: &[u8]) -> Result<Box<str>, Failure> {
    match str::from_utf8(text) {
        Ok(name) => Ok(name.into()),
        Err(_) => fail(FailureKind::Malformed, "a label holds bytes that are not UTF-8 text"),
    }
}

fn finite(value: &Json) -> Result<f64, Failure> {
    match value.number() {
        Some(v) if v.is_finite() => Ok(v),
        Some(v) => fail(FailureKind::NonFinite, format!("a score is {v}, a finite number was expected")),
        None if *value == Json::Null => {
            fail(FailureKind::NonFinite, "a score is null, a finite number was expected")
        }
        None => fail(FailureKind::Malformed, format!("a score is {}, a number was expected", value.what())),
    }
}

/// A number or a nested list of numbers, with the shape of its nesting.
fn tensor(value: &Json, name: &str) -> Result<Tensor, Failure> {
    let (shape, leaves) = flatten(value)?;
    let values = numbers(&leaves)?;
    let name: Arc<str> = name.into();
    Ok(Tensor { name, shape: shape.into(), values })
}

/// The lengths and leaves of nested lists.
///
/// # Errors
/// Malformed when lists on the same level differ in length.
pub(crate) fn flatten(value: &Json) -> Result<(Vec<usize>, Vec<&Json>), Failure> {
    let mut shape = Vec::new();
    let mut first = value;
    while let Some(items) = first.items() {
        shape.push(items.len());
        match items.first() {
            Some(item) => first = item,
            None => break,
        }
    }
    let mut leaves = Vec::with_capacity(value.items().map_or(1, <[Json]>::len));
    collect(value, &shape, &mut leaves)?;
    Ok((shape, leaves))
}

fn collect<'a>(value: &'a Json, shape: &[usize], leaves: &mut Vec<&'a Json>) -> Result<(), Failure> {
    match (shape.split_first(), value.items()) {
        (None, None) => leaves.push(value),
        (Some((size, inner)), Some(items)) if items.len() == *size => {
            for item in items {
                collect(item, inner, leaves)?;
            }
        }
        (Some((size, _)), _) => {
            let said =
                format!("nested lists are ragged: a list of {size} was expected, found {}", value.what());
            return fail(FailureKind::Malformed, said);
        }
        (None, Some(_)) => {
            let said = format!("nested lists are ragged: a number was expected, found {}", value.what());
            return fail(FailureKind::Malformed, said);
        }
    }
    Ok(())
}

/// Leaves of one kind as typed values: booleans, text, integers, or floats when any leaf has a point.
fn numbers(leaves: &[&Json]) -> Result<Values, Failure> {
    if leaves.iter().any(|leaf| **leaf == Json::Null) {
        return fail(FailureKind::NonFinite, "an answer holds null, a finite number was expected");
    }
    if let Some(v) = leaves.iter().filter_map(|leaf| leaf.number()).find(|v| !v.is_finite()) {
        return fail(FailureKind::NonFinite, format!("an answer holds {v}, a finite number was expected"));
    }
    if let Some(values) = all(leaves, Json::number) {
        let ints = all(leaves, |leaf| if let Json::Int(v) = leaf { Some(*v) } else { None });
        return Ok(ints.filter(|ints| !ints.is_empty()).map_or(Values::F64(values), Values::I64));
    }
    if let Some(values) = all(leaves, |leaf| if let Json::Bool(v) = leaf { Some(*v) } else { None }) {
        return Ok(Values::Bool(values));
    }
    if let Some(values) = all(leaves, |leaf| if let Json::Text(v) = leaf { Some(v.clone()) } else { None }) {
        return Ok(Values::Bytes(values));
    }
    let odd = leaves.iter().find(|leaf| leaf.number().is_none()).map_or_else(String::new, |leaf| leaf.what());
    fail(FailureKind::Malformed, format!("an answer holds {odd} where a number is expected"))
}

fn all<T>(leaves: &[&Json], read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    leaves.iter().map(|leaf| read(leaf)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::parse;

    fn understood(text: &str) -> Result<Prediction, Failure> {
        prediction(&parse(text.as_bytes()).unwrap(), "p")
    }

    fn tensors(text: &str) -> Vec<(String, Vec<usize>, Values)> {
        match understood(text).unwrap() {
            Prediction::Tensors(tensors) => {
                tensors.into_iter().map(|t| (t.name.to_string(), t.shape.to_vec(), t.values)).collect()
            }
            Prediction::Labels(labels) => panic!("{text} gave {labels:?}"),
        }
    }

    fn labels(text: &str) -> Vec<(String, f64)> {
        match understood(text).unwrap() {
            Prediction::Labels(labels) => labels.into_iter().map(|(label, s)| (label.into(), s)).collect(),
            Prediction::Tensors(tensors) => panic!("{text} gave {tensors:?}"),
        }
    }

    fn kind(text: &str) -> FailureKind {
        understood(text).unwrap_err().kind
    }

    #[test]
    fn numbers_are_tensors_of_their_nesting() {
        let one = |shape: &[usize], values| vec![("p".to_owned(), shape.to_vec(), values)];
        assert_eq!(tensors("0.5"), one(&[], Values::F64(vec![0.5])));
        assert_eq!(tensors("3"), one(&[], Values::I64(vec![3])));
        assert_eq!(tensors("true"), one(&[], Values::Bool(vec![true])));
        assert_eq!(tensors("[0.25,1]"), one(&[2], Values::F64(vec![0.25, 1.0])));
        assert_eq!(tensors("[[1,2,3],[4,5,6]]"), one(&[2, 3], Values::I64(vec![1, 2, 3, 4, 5, 6])));
        assert_eq!(tensors("[]"), one(&[0], Values::F64(vec![])));
        assert_eq!(tensors(r#"["a","b"]"#), one(&[2], Values::Bytes(vec![b"a".to_vec(), b"b".to_vec()])));
    }

    #[test]
    fn named_lists_are_tensors_by_name() {
        let found = tensors(r#"{"probs":[0.5,0.5],"class":1}"#);
        assert_eq!(found[0], ("probs".to_owned(), vec![2], Values::F64(vec![0.5, 0.5])));
        assert_eq!(found[1], ("class".to_owned(), vec![], Values::I64(vec![1])));
    }

    #[test]
    fn scores_are_labels_best_first_and_ties_by_name() {
        let ranked =
            |pairs: &[(&str, f64)]| pairs.iter().map(|(l, s)| ((*l).to_owned(), *s)).collect::<Vec<_>>();
        assert_eq!(labels(r#"{"b":0.2,"c":0.6,"a":0.2}"#), ranked(&[("c", 0.6), ("a", 0.2), ("b", 0.2)]));
        assert_eq!(labels(r#""cat""#), ranked(&[("cat", 1.0)]));
        assert_eq!(labels(r#"["cat"]"#), ranked(&[("cat", 1.0)]));
        let list = r#"[{"label":"NEG","score":0.1},{"label":"POS","score":0.9}]"#;
        let both = ranked(&[("POS", 0.9), ("NEG", 0.1)]);
        assert_eq!(labels(list), both);
        assert_eq!(labels(&format!("[{list}]")), both);
        assert_eq!(labels(r#"{"label":"POS","score":0.9}"#), ranked(&[("POS", 0.9)]));
        assert_eq!(labels(r#"[{"x":1,"y":0}]"#), ranked(&[("x", 1.0), ("y", 0.0)]));
        assert_eq!(labels(r#"{"x":7.5,"y":-0.5}"#), ranked(&[("x", 7.5), ("y", -0.5)]));
        assert_eq!(labels(r#"{"label":3,"score":1}"#), ranked(&[("3", 1.0)]));
        assert_eq!(labels(r#"[["NEG",0.1],["POS",0.9]]"#), both);
        assert_eq!(labels(r#"[[["NEG",0.1],["POS",0.9]]]"#), both);
        assert_eq!(labels(r#"{"classes":["NEG","POS"],"scores":[0.1,0.9],"id":7}"#), both);
    }

    #[test]
    fn what_is_not_finite_is_said_to_be_so() {
        for text in [
            "NaN",
            "[1,Infinity]",
            "[[1,-Infinity]]",
            "null",
            "[1,null]",
            r#"{"a":NaN,"b":0.5}"#,
            r#"{"a":null,"b":0.5}"#,
            r#"[{"label":"a","score":NaN}]"#,
            r#"{"a":[NaN]}"#,
        ] {
            assert_eq!(kind(text), FailureKind::NonFinite, "{text}");
        }
    }

    #[test]
    fn what_is_no_prediction_is_refused() {
        assert_eq!(kind("[[1,2],[3]]"), FailureKind::Malformed);
        assert_eq!(kind("[[1],2]"), FailureKind::Malformed);
        assert_eq!(kind("[1,[2]]"), FailureKind::Malformed);
        assert_eq!(kind(r#"[1,"a"]"#), FailureKind::Malformed);
        assert_eq!(kind("[true,1]"), FailureKind::Malformed);
        assert_eq!(kind("[1,{}]"), FailureKind::Malformed);
        assert_eq!(kind("{}"), FailureKind::Malformed);
        assert_eq!(kind(r#"{"a":{"b":1}}"#), FailureKind::Malformed);
        assert_eq!(kind(r#"[{"a":1},{"b":2}]"#), FailureKind::Malformed);
        let said = understood(r#"{"a":{"b":1}}"#).unwrap_err().said;
        assert!(said.contains("an object with `a`"), "{said}");
    }

    /// As classes, `prediction` would be the answer to every row.
    #[test]
    fn numbers_by_the_names_of_parts_are_no_labels() {
        for text in [
            r#"{"prediction":3}"#,
            r#"[{"prediction":3}]"#,
            r#"{"class":3,"probability":0.9}"#,
            r#"{"value":12.3,"lower_bound":1,"upper_bound":20}"#,
            r#"{"fraud":0.93}"#,
            r#"{"prediction":NaN}"#,
            r#"{"score":null}"#,
        ] {
            assert_eq!(kind(text), FailureKind::Malformed, "{text}");
        }
        let said = understood(r#"{"prediction":3}"#).unwrap_err().said;
        assert_eq!(
            &*said,
            "scores by class were expected, or point to what counts, found `prediction`, which names a part of an \
             answer and no class"
        );
        // With the names of classes or as lists they are what they were.
        assert_eq!(labels(r#"{"label":3,"score":0.9}"#).len(), 1);
        assert_eq!(tensors(r#"{"prediction":[0.25,0.75]}"#)[0].0, "prediction");
    }

    #[test]
    fn the_best_class_may_stand_alone_where_servers_send_it_so() {
        let best = |text: &str| best_class(&parse(text.as_bytes()).unwrap(), "p");
        for text in [r#"{"cat":0.75}"#, r#"[{"cat":0.75}]"#] {
            assert_eq!(best(text), Ok(Prediction::Labels(vec![("cat".into(), 0.75)])), "{text}");
        }
        assert_eq!(best(r#"{"cat":NaN}"#).unwrap_err().kind, FailureKind::NonFinite);
        assert_eq!(best(r#"{"prediction":0.75}"#).unwrap_err().kind, FailureKind::Malformed);
        assert_eq!(best(r#"{"cat":3}"#).unwrap_err().kind, FailureKind::Malformed);
    }

    /// Replaced by the same character, `caf\xe0` and `caf\xe9` would be one class.
    #[test]
    fn a_label_that_is_not_utf8_is_refused() {
        let said = |text: &[u8]| prediction(&parse(text).unwrap(), "p").map_err(|it| (it.kind, it.said));
        for text in [
            &b"\"caf\xe0\""[..],
            b"[\"caf\xe0\"]",
            b"\"caf\\udce0\"",
            b"{\"caf\xe0\":0.75,\"caf\xe9\":0.25}",
            b"{\"label\":\"caf\xe0\",\"score\":0.75}",
            b"[{\"label\":\"tea\",\"score\":0.75},{\"label\":\"caf\xe9\",\"score\":0.25}]",
            b"[[\"caf\xe0\",0.75],[\"caf\xe9\",0.25]]",
            b"{\"classes\":[\"caf\xe0\",\"tea\"],\"scores\":[0.75,0.25]}",
        ] {
            let (kind, said) = said(text).unwrap_err();
            assert_eq!(kind, FailureKind::Malformed, "{}", text.escape_ascii());
            assert!(said.contains("bytes that are not UTF-8 text"), "{}: {said}", text.escape_ascii());
        }
        // What is no label is not read as one.
        for text in [
            &b"{\"classes\":[\"a\",\"b\"],\"scores\":[0.75,0.25],\"caf\xe0\":\"\xe9\"}"[..],
            b"{\"label\":\"a\",\"score\":0.75,\"note\":\"\xe9\"}",
            b"{\"caf\xe0\":[0.75,0.25]}",
            b"[\"caf\xe0\",\"caf\xe9\"]",
        ] {
            said(text).unwrap_or_else(|failure| panic!("{}: {failure:?}", text.escape_ascii()));
        }
    }

    #[test]
    fn a_label_is_a_text_or_a_number() {
        for text in
            [r#"{"label":null,"score":1}"#, r#"{"label":{"id":3},"score":1}"#, r#"{"label":[3],"score":1}"#]
        {
            assert_eq!(kind(text), FailureKind::Malformed, "{text}");
        }
    }

    #[test]
    fn a_list_of_one_is_opened() {
        let read = |text: &str| lone(&parse(text.as_bytes()).unwrap()).clone();
        assert_eq!(read("[[0.5,0.5]]"), read("[0.5,0.5]"));
        assert_eq!(read("[0.5]"), Json::Array(vec![Json::Float(0.5)]));
    }
}
