//! What is known of the services that many people deploy: a table, and nothing but a table.
//!
//! A preset is the path where predictions are asked for, the request, where the answer holds the predictions, and how
//! refusals are told. Each part can be overridden. A new preset is one more entry; the contract tests walk the table.

use url::Url;

use crate::FailureKind;
use crate::text::Opaque;

/// How a service takes rows and gives predictions.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// What is typed after `--preset`.
    pub name: &'static str,
    /// What it is for.
    pub serves: &'static str,
    /// The version that was audited by tests/live; `None`: written from the documentation and not run.
    pub run_here: Option<&'static str>,
    /// Where the request and the answer are documented.
    pub documented: &'static str,
    /// The path for a target without one; `{model}` stands for the model, an empty path means that there is none.
    pub path: &'static str,
    /// What tells a URL of this service.
    pub(super) marks: &'static [Mark],
    /// The request, as a template.
    pub body: &'static str,
    /// Where the answer holds the predictions.
    pub answer: &'static str,
    /// How bytes that are no text are written.
    pub(super) opaque: Opaque,
    /// Headers beside those of every request.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Refusals that mean something else than their status: the status, what the body holds, the kind.
    pub(super) refusals: &'static [(u16, &'static str, FailureKind)],
    /// What to know about it.
    pub hint: &'static str,
}

/// A telling part of a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The host ends so.
    Host(&'static str),
    /// The path ends so.
    End(&'static str),
    /// The path holds this.
    Within(&'static str),
}

/// What many of them have in common.
const PLAIN: Preset = Preset {
    name: "",
    serves: "",
    run_here: None,
    documented: "",
    path: "",
    marks: &[],
    body: r#"{"instances":{{ rows }}}"#,
    answer: "/predictions",
    opaque: Opaque::Object,
    headers: &[],
    refusals: &[],
    hint: "",
};

const MLFLOW: Preset = Preset {
    path: "/invocations",
    opaque: Opaque::Text,
    // The model raised; a mistake in the request comes without a trace.
    refusals: &[(400, "\"stack_trace\"", FailureKind::ModelFailed)],
    documented: "MLflow docs, Local Inference Server Specification",
    run_here: Some("MLflow 3.17.2"),
    ..PLAIN
};

/// The request of a table: names where there are any, and a list of values for each row.
const SPLIT: &str =
    r#"{"dataframe_split": { {%- if columns %}"columns": {{ columns }}, {% endif %}"data": {{ rows }}}}"#;

/// Every preset. Of those with the same marks the first is taken for a URL that is not given one.
pub static PRESETS: [Preset; 15] = [
    Preset {
        name: "databricks",
        serves: "Databricks model serving",
        documented: "Databricks docs, Query serving endpoints for custom models",
        run_here: None,
        path: "/serving-endpoints/{model}/invocations",
        marks: &[Mark::Within("/serving-endpoints/")],
        body: SPLIT,
        hint: "a personal or OAuth token: --token-env; endpoints that scale to zero take minutes to wake",
        ..MLFLOW
    },
    Preset {
        name: "vertex",
        serves: "Google Vertex AI endpoints",
        documented: "Vertex AI docs, projects.locations.endpoints.predict",
        marks: &[Mark::Host("-aiplatform.googleapis.com"), Mark::Host(".prediction.vertexai.goog")],
        hint: "tokens live an hour: --token-file, which is read anew when one is refused",
        ..PLAIN
    },
    Preset {
        name: "azure-ml",
        serves: "Azure Machine Learning online endpoints",
        documented: "Azure docs, Troubleshoot online endpoints",
        path: "/score",
        marks: &[Mark::Host(".inference.ml.azure.com")],
        body: r#"{"data": {{ rows }}}"#,
        answer: "",
        opaque: Opaque::Text,
        hint: "what score.py takes is its own; MLflow models there take \
               --body '{\"input_data\": {\"columns\": {{ columns }}, \"data\": {{ rows }}}}'",
        ..PLAIN
    },
    Preset {
        name: "hf-inference",
        serves: "Hugging Face Inference Endpoints",
        documented: "huggingface-inference-toolkit, webservice_starlette.py",
        path: "/",
        marks: &[Mark::Host(".endpoints.huggingface.cloud"), Mark::Host("api-inference.huggingface.co")],
        body: r#"{"inputs": {{ rows }}}"#,
        answer: "",
        opaque: Opaque::Text,
        // Any exception of the handler.
        refusals: &[(400, "\"error\"", FailureKind::ModelFailed)],
        hint: "labels are found by name; a model that still loads tells for how long, and is waited for",
        ..PLAIN
    },
    Preset {
        name: "mlflow",
        serves: "MLflow models serve: dataframe_split for tables, inputs for arrays",
        marks: &[Mark::End("/invocations")],
        body: r#"{% if columns %}{"dataframe_split": {"columns": {{ columns }}, "data": {{ rows }}}}{% else %}{"inputs": {{ rows }}}{% endif %}"#,
        hint: "a scikit-learn model gives labels, unless it was saved with pyfunc_predict_fn=\"predict_proba\"",
        ..MLFLOW
    },
    Preset {
        name: "mlflow-split",
        serves: "MLflow models serve: dataframe_split",
        body: SPLIT,
        hint: "column names are those of the table",
        ..MLFLOW
    },
    Preset {
        name: "mlflow-inputs",
        serves: "MLflow models serve: inputs",
        body: r#"{"inputs": {{ rows }}}"#,
        hint: "for models with a tensor signature, or none",
        ..MLFLOW
    },
    Preset {
        name: "mlflow-instances",
        serves: "MLflow models serve: instances",
        hint: "for models with a tensor signature, or none",
        ..MLFLOW
    },
    Preset {
        name: "seldon",
        serves: "Seldon Core 1",
        documented: "Seldon Core docs, External Prediction API",
        run_here: Some("seldon-core 1.18.2, its Python wrapper"),
        path: "/api/v1.0/predictions",
        marks: &[Mark::End("/api/v1.0/predictions")],
        body: r#"{"data": {% if columns %}{"names": {{ columns }}, "ndarray": {{ rows }}}{% else %}{"ndarray": {{ rows }}}{% endif %}}"#,
        answer: "/data/ndarray",
        hint: "outside of the cluster the path begins with /seldon/NAMESPACE/DEPLOYMENT",
        ..PLAIN
    },
    Preset {
        name: "kserve-v1",
        serves: "KServe, version 1 of its protocol",
        documented: "KServe docs, V1 Inference Protocol",
        run_here: Some("kserve 0.21.0"),
        path: "/v1/models/{model}:predict",
        marks: &[Mark::End(":predict")],
        refusals: &[(500, "KeyError : 'instances'", FailureKind::Rejected)],
        hint: "the Open Inference Protocol, triton://, carries types and batches better where the server has it",
        ..PLAIN
    },
    Preset {
        name: "tf-serving",
        serves: "TensorFlow Serving",
        documented: "TensorFlow Serving docs, RESTful API",
        path: "/v1/models/{model}:predict",
        hint: "several outputs are objects by name: --answer '/predictions/*/NAME'",
        ..PLAIN
    },
    Preset {
        name: "bentoml",
        serves: "BentoML services",
        documented: "BentoML docs, Services",
        run_here: Some("BentoML 1.4.39"),
        path: "/predict",
        body: r#"{"rows": {{ rows }}}"#,
        answer: "",
        opaque: Opaque::Text,
        hint: "the path is the name of the method and the key that of its argument: --body '{\"NAME\": {{ rows }}}'",
        ..PLAIN
    },
    Preset {
        name: "ray-serve",
        serves: "Ray Serve deployments",
        documented: "Ray docs, Ray Serve HTTP guide",
        run_here: Some("Ray 2.60.0"),
        path: "/",
        body: "{{ rows }}",
        answer: "",
        opaque: Opaque::Text,
        hint: "the path is the route prefix; request and answer are what the deployment makes of them",
        ..PLAIN
    },
    Preset {
        name: "litserve",
        serves: "LitServe",
        documented: "LitServe docs, LitAPI",
        run_here: Some("LitServe 0.2.19"),
        path: "/predict",
        body: r#"{"input": {{ row }}}"#,
        answer: "/output",
        opaque: Opaque::Text,
        hint: "one row a request; the server makes its own batches. Its key: -H 'x-api-key: ${NAME}'",
        ..PLAIN
    },
    Preset {
        name: "fastapi",
        serves: "FastAPI, and what people write themselves",
        documented: "FastAPI docs, Request Body",
        run_here: Some("FastAPI under uvicorn"),
        path: "/predict",
        opaque: Opaque::Text,
        hint: "give what your function takes and returns by --body and --answer",
        ..PLAIN
    },
];

/// The preset of this name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The preset that a URL tells of, if it tells of one.
pub fn recognise(url: &Url) -> Option<&'static Preset> {
    let host = url.host_str().unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let tells = |mark: &Mark| match mark {
        Mark::Host(end) => host.ends_with(end.trim_start_matches('.')) && host.len() > end.len(),
        Mark::End(end) => path.ends_with(end),
        Mark::Within(part) => path.contains(part),
    };
    PRESETS.iter().find(|preset| preset.marks.iter().any(tells))
}

/// What is taken where neither the user nor the URL tells.
pub(super) fn default() -> &'static Preset {
    preset("kserve-v1").unwrap_or(&PRESETS[0])
}
