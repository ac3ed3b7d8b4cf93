//! Messages as people read them: JSON with the names of the protocol, raw elements by their number of bytes and the first of them.

use serde_json::{Map, Value, json};

use super::generated::{InferTensorContents, ModelInferRequest, ModelInferResponse};

/// So many bytes are shown.
const FIRST: usize = 16;

pub(super) fn request(message: &ModelInferRequest) -> String {
    let inputs = message
        .inputs
        .iter()
        .map(|input| tensor(&input.name, &input.datatype, &input.shape, input.contents.as_ref()));
    let outputs = message.outputs.iter().map(|output| json!({ "name": output.name }));
    let shown = json!({
        "model_name": message.model_name,
        "model_version": message.model_version,
        "id": message.id,
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
        "raw_input_contents": raws(&message.raw_input_contents),
    });
    shown.to_string()
}

pub(super) fn response(message: &ModelInferResponse) -> String {
    let outputs = message
        .outputs
        .iter()
        .map(|output| tensor(&output.name, &output.datatype, &output.shape, output.contents.as_ref()));
    let shown = json!({
        "model_name": message.model_name,
        "model_version": message.model_version,
        "id": message.id,
        "outputs": outputs.collect::<Vec<_>>(),
        "raw_output_contents": raws(&message.raw_output_contents),
    });
    shown.to_string()
}

fn tensor(name: &str, datatype: &str, shape: &[i64], contents: Option<&InferTensorContents>) -> Value {
    let mut shown = json!({ "name": name, "datatype": datatype, "shape": shape });
    if let (Some(contents), Some(shown)) = (contents, shown.as_object_mut()) {
        shown.insert("contents".to_owned(), typed(contents));
    }
    shown
}

/// The fields that hold something.
fn typed(contents: &InferTensorContents) -> Value {
    // Taken apart whole, so that no field is forgotten here.
    let InferTensorContents {
        bool_contents,
        int_contents,
        int64_contents,
        uint_contents,
        uint64_contents,
        fp32_contents,
        fp64_contents,
        bytes_contents,
    } = contents;
    let texts: Vec<_> = bytes_contents.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    let fields = [
        ("bool_contents", json!(bool_contents)),
        ("int_contents", json!(int_contents)),
        ("int64_contents", json!(int64_contents)),
        ("uint_contents", json!(uint_contents)),
        ("uint64_contents", json!(uint64_contents)),
        ("fp32_contents", json!(fp32_contents)),
        ("fp64_contents", json!(fp64_contents)),
        ("bytes_contents", json!(texts)),
    ];
    let held = |(name, values): (&str, Value)| {
        values.as_array().is_some_and(|values| !values.is_empty()).then(|| (name.to_owned(), values))
    };
    Value::Object(fields.into_iter().filter_map(held).collect::<Map<_, _>>())
}

/// How many bytes each has, and the first of them.
fn raws(raws: &[Vec<u8>]) -> Vec<String> {
    let one = |bytes: &Vec<u8>| {
        let first: Vec<String> = bytes.iter().take(FIRST).map(|byte| format!("{byte:02x}")).collect();
        let more = if bytes.len() > FIRST { " …" } else { "" };
        format!("{} bytes: {}{more}", bytes.len(), first.join(" "))
    };
    raws.iter().map(one).collect()
}
