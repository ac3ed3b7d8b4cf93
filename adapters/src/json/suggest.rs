//! Which pointers would read an answer: what to say when the one that was tried does not.
//!
//! A pure function over the answer. The invariant: every pointer that is suggested reads it, as one output.

use super::layout::{Asked, predictions};
use super::pointer::{Pointer, escaped, follow, inside};
use crate::text::{Json, parse, plain};
use crate::{FailureKind, Prediction};

/// How many pointers are suggested.
const MOST: usize = 4;
/// How many places are looked at, and how deep.
const PLACES: usize = 2_000;
const DEEPEST: usize = 6;

/// Keys under which predictions often stand, in the form of [`plain`].
const TELLING: [&str; 29] = [
    "predictions",
    "prediction",
    "predicted",
    "predictedclass",
    "predictedlabel",
    "predictedvalue",
    "class",
    "classid",
    "classindex",
    "classlabel",
    "classname",
    "category",
    "categoryid",
    "outputs",
    "output",
    "results",
    "result",
    "scores",
    "probabilities",
    "ndarray",
    "logits",
    "answers",
    "labels",
    "label",
    "labelid",
    "labelindex",
    "labelname",
    "values",
    "value",
];
/// Keys of a single score, which often stands beside the class that it is the score of.
const SCORES: [&str; 6] = ["score", "probability", "proba", "prob", "confidence", "certainty"];
/// Keys under which predictions never stand.
const BESIDE: [&str; 18] = [
    "shape",
    "names",
    "meta",
    "version",
    "modelversion",
    "id",
    "ids",
    "key",
    "keys",
    "time",
    "duration",
    "status",
    "code",
    "columns",
    "index",
    "classes",
    "lowerbound",
    "upperbound",
];

/// Keys under which servers complain; nobody predicts there.
const COMPLAINTS: [&str; 11] = [
    "error",
    "errors",
    "error_code",
    "error_message",
    "message",
    "messages",
    "msg",
    "detail",
    "details",
    "exception",
    "traceback",
];

/// The pointers that read the body of an answer, the likeliest first. None where it is not JSON or holds nothing of
/// that kind.
pub(super) fn suggest(body: &[u8], asked: Asked) -> Vec<String> {
    parse(body).map_or_else(|_| Vec::new(), |answer| pointers(&answer, asked))
}

/// The pointers that read this answer, the likeliest first.
pub(super) fn pointers(answer: &Json, asked: Asked) -> Vec<String> {
    likeliest(answer, asked, |place| fits(answer, place, asked))
}

/// The pointers to a single prediction that `reads` what it names, the likeliest first.
pub(crate) fn single(answer: &Json, reads: impl Fn(&str) -> bool) -> Vec<String> {
    likeliest(answer, Asked::One, reads)
}

fn likeliest(answer: &Json, asked: Asked, reads: impl Fn(&str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    collect(answer, String::new(), 0, &mut places);
    let mut fitting: Vec<String> = places.into_iter().filter(|place| reads(place)).collect();
    // The sort is stable: equals stay in the order of the answer.
    fitting.sort_by_cached_key(|pointer| rank(answer, pointer, asked));
    let mut kept: Vec<String> = Vec::new();
    for pointer in fitting {
        if kept.len() < MOST && !kept.iter().any(|kept| is_item(&pointer, kept) || is_first(&pointer, kept)) {
            kept.push(pointer);
        }
    }
    kept
}

/// Whether a pointer leads to one item of the list at another: as many classes as rows are no rows.
fn is_item(pointer: &str, list: &str) -> bool {
    let rest = pointer.strip_prefix(list).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a pointer leads to the first row of those that the other leads to.
fn is_first(pointer: &str, all: &str) -> bool {
    let mut steps = pointer.split('/').zip(all.split('/'));
    let same = |(one, all): (&str, &str)| one == all || (all == "*" && one.parse::<usize>().is_ok());
    pointer.matches('/').count() == all.matches('/').count() && steps.all(same)
}

fn fits(answer: &Json, place: &str, asked: Asked) -> bool {
    let Ok(pointer) = Pointer::parse(place) else { return false };
    match predictions(answer, &pointer, asked) {
        Ok(predictions) => !predictions.is_empty() && predictions.iter().all(Prediction::is_single),
        Err(failure) => failure.kind == FailureKind::NonFinite,
    }
}

/// Telling names before scores and these before others, shallow places before deep ones, and a list before what is made
/// of several lists.
fn rank(answer: &Json, pointer: &str, asked: Asked) -> (usize, usize) {
    let name = pointer.rsplit('/').find(|step| *step != "*" && step.parse::<usize>().is_err());
    let name = plain(name.unwrap_or_default());
    let standing = match name.as_str() {
        name if TELLING.contains(&name) => 0,
        name if SCORES.contains(&name) => 1,
        name if BESIDE.contains(&name) => 3,
        _ => 2,
    };
    let object = follow(answer, pointer).is_some_and(|found| matches!(*found, Json::Object(_)));
    (standing + usize::from(object && asked != Asked::One), pointer.matches('/').count())
}

/// Every place worth a look: members of objects, the first items of lists, and `*` of lists of objects, once in a
/// pointer.
fn collect(value: &Json, at: String, depth: usize, places: &mut Vec<String>) {
    if places.len() >= PLACES || depth > DEEPEST {
        return;
    }
    if let Some(inner) = inside(value) {
        return collect(&inner, at, depth, places);
    }
    match value {
        Json::Object(members) => {
            let complains = |key: &str| COMPLAINTS.contains(&key.to_ascii_lowercase().as_str());
            for (key, member) in named(members).filter(|(key, _)| !complains(key)) {
                collect(member, format!("{at}/{}", escaped(key)), depth + 1, places);
            }
        }
        Json::Array(items) => {
            if let Some(Json::Object(members)) = items.first().filter(|_| !at.contains("/*")) {
                for (key, member) in named(members) {
                    collect(member, format!("{at}/*/{}", escaped(key)), depth + 1, places);
                }
            }
            let containers = items.iter().enumerate().take(4);
            for (i, item) in containers.filter(|(_, item)| matches!(item, Json::Object(_) | Json::Array(_))) {
                collect(item, format!("{at}/{i}"), depth + 1, places);
            }
        }
        _ => {}
    }
    places.push(at);
}

/// The members that a pointer can name, which is text.
fn named(members: &[(Vec<u8>, Json)]) -> impl Iterator<Item = (&str, &Json)> {
    members.iter().filter_map(|(key, member)| Some((str::from_utf8(key).ok()?, member)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_read_the_answer_is_named_likeliest_first() {
        for (rows, body, pointers) in [
            (2, r#"{"outputs":[1,2],"error":"x"}"#, &["/outputs"][..]),
            (2, "[0.5,0.25]", &[""]),
            (
                2,
                r#"{"data":{"names":["a","b"],"ndarray":[[1,2],[3,4]]},"meta":{}}"#,
                &["/data/ndarray", "/data/names"],
            ),
            (2, r#"{"shape":[7,8],"p":[0.5,0.25]}"#, &["/p", "/shape"]),
            (2, r#"{"cat":[0.5,0.25],"dog":[0.5,0.75]}"#, &["/cat", "/dog", ""]),
            (2, r#"{"r":[{"id":"a","score":0.5},{"id":"b","score":0.2}]}"#, &["/r/*/score", "/r/*/id"]),
            (
                2,
                r#"{"data":{"tensor":{"shape":[2,1],"values":[1,2]}}}"#,
                &["/data/tensor/values", "/data/tensor", "/data/tensor/shape"],
            ),
            (2, r#"{"body":"{\"p\":[1,2]}"}"#, &["/body/p"]),
            // Of several outputs one is chosen.
            (
                1,
                r#"{"predictions":[{"key":0,"scores":[0.9,0.1]}]}"#,
                &["/predictions/*/scores", "/predictions/*/key"],
            ),
            (
                2,
                r#"{"outputs":{"key":[0,1],"probs":[[1.5,2.5],[3.5,4.5]]}}"#,
                &["/outputs/probs", "/outputs/key"],
            ),
            // The class before its score, and both before what stands beside.
            (
                1,
                r#"{"r":[{"rank":2,"probability":0.5,"classId":3}]}"#,
                &["/r/*/classId", "/r/*/probability", "/r/*/rank"],
            ),
            (
                2,
                r#"{"r":[{"out":{"p":0.5,"predicted_class":3}},{"out":{"p":0.5,"predicted_class":4}}]}"#,
                &["/r/*/out/predicted_class", "/r/*/out/p"],
            ),
            (1, r#"{"predictions":[[0.9,0.1]],"model":"m"}"#, &["/predictions"]),
            (3, r#"{"predictions":[1,2]}"#, &[]),
            (1, r#"{"error":"out of memory","detail":["a"],"Message":{"scores":[[0.5]]}}"#, &[]),
            (2, r#"{"a/b":{"~":[NaN,1.0]}}"#, &["/a~1b/~0"]),
            (2, "<html>", &[]),
        ] {
            assert_eq!(suggest(body.as_bytes(), Asked::List(rows)), pointers, "{body}");
        }
    }

    #[test]
    fn a_single_answer_may_stand_anywhere() {
        let answer = parse(br#"{"id":7,"result":{"score":0.5,"label":"cat","why":["x",1]}}"#).unwrap();
        assert_eq!(pointers(&answer, Asked::One)[..3], ["/result", "/result/label", "/result/score"]);
    }

    proptest! {
        #[test]
        fn every_suggestion_reads_the_answer(text in r#"[\[\]{}":,0-9a-c.eN]{0,40}"#, rows in 0..4_usize) {
            let body = format!(r#"{{"a":[{text}],"b":"[1,2]"}}"#);
            for pointer in suggest(body.as_bytes(), Asked::List(rows)) {
                prop_assert!(fits(&parse(body.as_bytes()).unwrap(), &pointer, Asked::List(rows)), "{pointer}");
            }
        }
    }
}
