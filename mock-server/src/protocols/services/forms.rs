//! How each service is asked and answers, and what it says where it refuses.

use serde_json::{Value, json};

use super::Told;
use crate::models::Signature;
use crate::protocols::json::{push_list, push_number, push_numbers, push_text};
use crate::protocols::rows::push_row;

/// Writes the answers to the rows.
pub(super) type Write = fn(&Signature, &[&[f64]]) -> String;

/// The rows of a request, and how they are answered.
pub(super) struct Asked {
    pub(super) rows: Vec<Value>,
    pub(super) write: Write,
}

/// Why there is no answer.
pub(super) enum Refusal {
    /// The body is not JSON.
    Json(String),
    /// The body does not have what is expected.
    Layout(String),
    /// A row does not fit the model.
    Row(String),
    /// The model raised.
    Raised,
}

impl Refusal {
    fn words(&self) -> &str {
        match self {
            Self::Json(words) | Self::Layout(words) | Self::Row(words) => words,
            Self::Raised => "row refused",
        }
    }
}

/// A service.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) read: fn(&Value) -> Result<Asked, Refusal>,
    pub(super) refuse: fn(&Refusal) -> Told,
}

/// MLflow 3: exactly one of four keys; a model that raises is 400 with a trace. Databricks runs the same server.
pub(super) const MLFLOW: Form = Form {
    read: |body| {
        let keys = ["dataframe_split", "dataframe_records", "instances", "inputs"];
        let given: Vec<&str> = keys.into_iter().filter(|key| body.get(key).is_some()).collect();
        let [key] = given[..] else {
            let said = "The input must be a JSON dictionary with exactly one of the input fields";
            return Err(Refusal::Layout(format!("{said} {keys:?}")));
        };
        let rows = if key == "dataframe_split" { body[key].get("data") } else { body.get(key) };
        Ok(Asked { rows: list(rows, "data")?, write: |of, rows| under("predictions", of, rows) })
    },
    refuse: |refusal| {
        let mut told = json!({ "error_code": "BAD_REQUEST", "message": refusal.words() });
        if matches!(refusal, Refusal::Row(_) | Refusal::Raised) {
            told["stack_trace"] = "Traceback (most recent call last):\n  ...".into();
        }
        Told::json(400, &told)
    },
};

/// Three services whose path is `/predict`: BentoML takes the argument `rows` and answers bare, LitServe one `input`, and
/// what people write with FastAPI `instances`.
pub(super) const PREDICT: Form = Form {
    read: |body| {
        if let Some(row) = body.get("input") {
            let write: Write = |of, rows| {
                let mut out = b"{\"output\":".to_vec();
                for row in rows {
                    push_row(&mut out, of, row);
                }
                out.push(b'}');
                text(out)
            };
            return Ok(Asked { rows: vec![row.clone()], write });
        }
        if body.get("instances").is_some() {
            let write: Write = |of, rows| under("predictions", of, rows);
            return Ok(Asked { rows: list(body.get("instances"), "instances")?, write });
        }
        Ok(Asked { rows: list(body.get("rows"), "rows")?, write: bare })
    },
    refuse: |refusal| match refusal {
        Refusal::Raised => Told::json(500, &json!({ "detail": "Internal server error" })),
        refused => {
            let detail = json!([{ "type": "missing", "loc": ["body"], "msg": refused.words() }]);
            Told::json(422, &json!({ "error": "1 validation error for Input", "detail": detail }))
        }
    },
};

/// Ray Serve takes the bare list and says everything in plain text; the toolkit of Hugging Face takes `inputs` and lists
/// all labels of each row, best first.
pub(super) const ROOT: Form = Form {
    read: |body| match body.get("inputs") {
        Some(inputs) => Ok(Asked { rows: list(Some(inputs), "inputs")?, write: labels }),
        None => Ok(Asked { rows: list(Some(body), "a list")?, write: bare }),
    },
    refuse: |_| Told::text(500, "Internal Server Error"),
};

/// A score.py on Azure ML that returns what json.dumps made: JSON inside a JSON string. The gateway answers 424 where
/// the model did not answer 200.
pub(super) const AZURE: Form = Form {
    read: |body| {
        let write: Write = |of, rows| {
            let mut out = Vec::new();
            push_text(&mut out, &bare(of, rows));
            text(out)
        };
        Ok(Asked { rows: list(body.get("data"), "data")?, write })
    },
    refuse: |refusal| {
        let headers = vec![
            ("ms-azureml-model-error-statuscode", "500"),
            ("ms-azureml-model-error-reason", "model_error"),
        ];
        Told { headers, ..Told::text(424, refusal.words()) }
    },
};

/// Vertex AI answers `predictions` beside the names of what answered.
pub(super) const VERTEX: Form = Form {
    read: |body| {
        let write: Write = |of, rows| {
            let mut whole = under("predictions", of, rows);
            whole.pop();
            whole + r#","deployedModelId":"7","modelVersionId":"1"}"#
        };
        Ok(Asked { rows: list(body.get("instances"), "instances")?, write })
    },
    refuse: |refusal| {
        let error = json!({ "code": 400, "message": refusal.words(), "status": "FAILED_PRECONDITION" });
        Told::json(400, &json!({ "error": error }))
    },
};

/// The Python wrapper of Seldon Core 1 answers in the layout of the request: lists, or a flat tensor beside its shape.
pub(super) const SELDON: Form = Form {
    read: |body| {
        if let Some(tensor) = body.pointer("/data/tensor") {
            let values = list(tensor.get("values"), "values")?;
            let width = tensor.pointer("/shape/1").and_then(Value::as_u64).unwrap_or(0);
            let width = usize::try_from(width).unwrap_or(0).max(1);
            let rows = values.chunks(width).map(|row| Value::from(row.to_vec())).collect();
            return Ok(Asked { rows, write: flat_tensor });
        }
        let write: Write = |of, rows| named("ndarray", of, rows, &bare(of, rows));
        Ok(Asked { rows: list(body.pointer("/data/ndarray"), "ndarray")?, write })
    },
    refuse: |refusal| {
        let (status, reason) = match refusal {
            Refusal::Json(_) | Refusal::Layout(_) => (400, "MICROSERVICE_BAD_DATA"),
            Refusal::Row(_) | Refusal::Raised => (500, "MICROSERVICE_INTERNAL_ERROR"),
        };
        let told = json!({ "status": 1, "info": refusal.words(), "code": -1, "reason": reason });
        Told::json(status, &json!({ "status": told }))
    },
};

fn list(value: Option<&Value>, name: &str) -> Result<Vec<Value>, Refusal> {
    let rows = value.and_then(Value::as_array);
    rows.cloned().ok_or_else(|| Refusal::Layout(format!("{name} is missing, or is no list")))
}

/// The answers as a bare list.
fn bare(of: &Signature, rows: &[&[f64]]) -> String {
    let mut out = Vec::new();
    push_list(&mut out, rows, |out, row| push_row(out, of, row));
    text(out)
}

fn under(key: &str, of: &Signature, rows: &[&[f64]]) -> String {
    format!("{{\"{key}\":{}}}", bare(of, rows))
}

/// `{"data":{"names":[..],KEY:..},"meta":{}}`
fn named(key: &str, of: &Signature, rows: &[&[f64]], data: &str) -> String {
    let width = rows.first().map_or_else(|| of.answer_width(), |row| row.len());
    let mut names = Vec::new();
    push_list(&mut names, 0..width, |out, class| push_text(out, &format!("t:{class}")));
    format!("{{\"data\":{{\"names\":{},\"{key}\":{data}}},\"meta\":{{}}}}", text(names))
}

fn flat_tensor(of: &Signature, rows: &[&[f64]]) -> String {
    let mut values = Vec::new();
    push_numbers(&mut values, &rows.concat());
    let shape = format!("[{},{}]", rows.len(), of.answer_width());
    named("tensor", of, rows, &format!("{{\"shape\":{shape},\"values\":{}}}", text(values)))
}

/// For each row every class with its score, best first.
fn labels(_: &Signature, rows: &[&[f64]]) -> String {
    let mut out = Vec::new();
    push_list(&mut out, rows, |out, row| {
        let mut classes: Vec<(usize, f64)> = row.iter().copied().enumerate().collect();
        classes.sort_by(|a, b| b.1.total_cmp(&a.1));
        push_list(out, classes, |out, (class, score)| {
            out.extend_from_slice(format!("{{\"label\":\"{class}\",\"score\":").as_bytes());
            push_number(out, score);
            out.push(b'}');
        });
    });
    text(out)
}

/// What was written is UTF-8, all of it.
fn text(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap_or_default()
}
