use super::*;
use crate::Values;
use crate::text::parse;

fn read(text: &str, pointer: &str, asked: Asked) -> Result<Vec<Prediction>, Failure> {
    predictions(&parse(text.as_bytes()).unwrap(), &Pointer::parse(pointer).unwrap(), asked)
}

/// The tensors of each row as name, shape and values.
fn tensors(text: &str, pointer: &str, rows: usize) -> Vec<Vec<(String, Vec<usize>, Values)>> {
    let of = |prediction: Prediction| match prediction {
        Prediction::Tensors(tensors) => {
            tensors.into_iter().map(|t| (t.name.to_string(), t.shape.to_vec(), t.values)).collect()
        }
        Prediction::Labels(labels) => panic!("{text} gave {labels:?}"),
    };
    read(text, pointer, Asked::List(rows)).unwrap().into_iter().map(of).collect()
}

/// The labels of each row, best first.
fn labels(text: &str, pointer: &str, rows: usize) -> Vec<Vec<String>> {
    let of = |prediction: Prediction| match prediction {
        Prediction::Labels(labels) => labels.into_iter().map(|(label, _)| label.into()).collect(),
        Prediction::Tensors(tensors) => panic!("{text} gave {tensors:?}"),
    };
    read(text, pointer, Asked::List(rows)).unwrap().into_iter().map(of).collect()
}

fn refused(text: &str, pointer: &str, rows: usize) -> String {
    let failure = read(text, pointer, Asked::List(rows)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed, "{failure}");
    failure.said.into()
}

fn f64s(values: &[f64]) -> Values {
    Values::F64(values.to_vec())
}

#[test]
fn outputs_by_name_hold_a_list_of_rows_each() {
    let found = tensors(r#"{"outputs":{"probs":[[0.5,0.5],[0.25,0.75]],"class":[0,1]}}"#, "/outputs", 2);
    assert_eq!(found[1][0], ("probs".into(), vec![2], f64s(&[0.25, 0.75])));
    assert_eq!(found[1][1], ("class".into(), vec![], Values::I64(vec![1])));
    // One output may be pointed to.
    let found =
        tensors(r#"{"outputs":{"probs":[[0.5,0.5],[0.25,0.75]],"class":[0,1]}}"#, "/outputs/class", 2);
    assert_eq!(
        found,
        [[("class".into(), vec![], Values::I64(vec![0]))], [("class".into(), vec![], Values::I64(vec![1]))]]
    );
}

#[test]
fn columns_of_scores_are_classes() {
    assert_eq!(labels(r#"{"cat":[0.1,0.8],"dog":[0.9,0.2]}"#, "", 2), [["dog", "cat"], ["cat", "dog"]]);
    assert_eq!(labels(r#"{"label":["cat","dog"],"score":[0.1,0.8]}"#, "", 2), [["cat"], ["dog"]]);
    let said = refused(r#"{"cat":[0.1,0.8],"dog":[0.9]}"#, "", 2);
    assert!(
        said.starts_with("a list of 2 answers was expected at ``, found an object with `cat`, `dog`"),
        "{said}"
    );
}

#[test]
fn a_flat_tensor_is_cut_by_its_shape_alone() {
    let tensor = r#"{"data":{"names":["t:0","t:1"],"tensor":{"shape":[2,2],"values":[1.5,2.5,3.5,4.5]}}}"#;
    for pointer in ["/data/tensor", "/data/tensor/values"] {
        let found = tensors(tensor, pointer, 2);
        assert_eq!((&found[0][0].2, &found[1][0].2), (&f64s(&[1.5, 2.5]), &f64s(&[3.5, 4.5])), "{pointer}");
        refused(tensor, pointer, 4);
        refused(tensor, pointer, 1);
    }
    let deep = r#"{"outputs":[{"name":"p","shape":[1,2,2],"data":[1,2,3,4]}]}"#;
    assert_eq!(tensors(deep, "/outputs/0", 1)[0][0].1, [2, 2]);
    // Without a shape nobody knows where a row ends.
    refused(r#"{"values":[1.5,2.5,3.5,4.5]}"#, "/values", 2);
    refused(r#"{"shape":[2,3],"values":[1.5,2.5,3.5,4.5]}"#, "", 2);
    refused(r#"{"shape":[2,-2],"values":[1.5,2.5,3.5,4.5]}"#, "", 2);
    refused(r#"{"shape":[0],"values":[]}"#, "", 0);
}

#[test]
fn a_star_stands_for_each_row() {
    let answer = r#"{"predictions":[{"value":1.5,"low":1.0},{"value":2.5,"low":2.0}]}"#;
    let found = tensors(answer, "/predictions/*/value", 2);
    assert_eq!(found, [[("value".into(), vec![], f64s(&[1.5]))], [("value".into(), vec![], f64s(&[2.5]))]]);
    let said = refused(r#"{"predictions":[{"value":1.5},{"low":2.0}]}"#, "/predictions/*/value", 2);
    assert_eq!(
        said,
        "nothing stands at `/value` of answer 1, where a prediction was expected; it is an object with `low`"
    );
    refused(answer, "/predictions/*/value", 3);
    let one = read(r#"[{"value":1.5}]"#, "/*/value", Asked::One).unwrap();
    assert_eq!(one.len(), 1);
}

#[test]
fn scores_beside_their_classes_are_labels() {
    let automl = r#"{"predictions":[{"classes":["a","b"],"scores":[0.1,0.9]},{"classes":["a","b"],"scores":[0.6,0.4]}]}"#;
    assert_eq!(labels(automl, "/predictions", 2), [["b", "a"], ["a", "b"]]);
    let classify = r#"{"results":[[["cat",0.1],["dog",0.9]]]}"#;
    assert_eq!(labels(classify, "/results", 1), [["dog", "cat"]]);
}

#[test]
fn classes_of_a_single_row_need_no_list_around_them() {
    let bare = r#"[{"label":"POS","score":0.9},{"label":"NEG","score":0.1}]"#;
    assert_eq!(labels(bare, "", 1), [["POS", "NEG"]]);
    assert_eq!(labels(&format!("[{bare}]"), "", 1), [["POS", "NEG"]]);
    assert_eq!(labels(&format!("[{bare},{bare}]"), "", 2), [["POS", "NEG"], ["POS", "NEG"]]);
}
