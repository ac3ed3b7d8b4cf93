//! Where: the endpoint with its credentials, the data, the files to write.

use std::path::{Path, PathBuf};

use noisebound_adapters::json::{PRESETS, preset, recognise};
use noisebound_adapters::{Compression, Envelope, FixedInput, Header, Parameter, Preset};

use super::Model;
use super::asked::choice;
use super::connection::{Connection, connection, headers, no_certificates_in_vain};
use super::given::{classes, fixed_inputs, parameters};
use super::management::{Management, management};

use crate::{
    config::{
        problem::{Misfit, Problems},
        question::EndpointId,
        target::{Target, is_name},
        typed::Typed,
    },
    data::{DataSource, Format, TargetSource},
    nearest::suggest,
    report::OUTPUTS,
};

/// The endpoint and how to talk to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The endpoint, with the model and version that count.
    pub target: Target,
    /// The output that the loss reads.
    pub output: Option<String>,
    /// The inputs that are the same in every request.
    pub inputs: Vec<FixedInput>,
    /// What every request tells the model beside its inputs.
    pub parameters: Vec<Parameter>,
    /// How many of the best classes the server answers in place of values.
    pub classes: Option<u32>,
    /// Whether tensors travel as raw bytes; `None` where the server decides.
    pub tensors: Option<bool>,
    /// How bodies of requests are compressed.
    pub compression: Option<Compression>,
    /// What is known of services like this JSON service: as typed, or as the URL tells.
    pub preset: Option<&'static Preset>,
    /// The names of the elements of a row, for its templates; empty until the data are known.
    pub columns: Vec<String>,
    /// The template of a JSON service's request.
    pub body: Option<String>,
    /// Where a JSON service's answer holds the predictions, or a row's answer the prediction.
    pub answer: Option<String>,
    /// How rows travel, where the protocol has several ways.
    pub envelope: Envelope,
    /// The control port of the server, where it is asked about the model.
    pub management: Option<Management>,
    /// The headers to send, the token among them; they name secrets and hold none.
    pub headers: Vec<Header>,
    /// How connections are made.
    pub connection: Connection,
}

impl Place {
    /// How questions name it.
    pub fn id(&self) -> EndpointId {
        EndpointId {
            output: self.output.clone(),
            inputs: self.inputs.iter().map(ToString::to_string).collect(),
            parameters: self.parameters.iter().map(ToString::to_string).collect(),
            classes: self.classes,
            preset: self.preset.map(|preset| preset.name.to_owned()),
            body: self.body.clone(),
            answer: self.answer.clone(),
            envelope: Some(self.envelope)
                .filter(|it| *it != Envelope::default())
                .map(|it| it.name().to_owned()),
            ..self.target.id()
        }
    }
}

/// Where the data are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPlace {
    /// The inputs.
    pub data: DataSource,
    /// The targets, in a file of their own.
    pub targets: Option<TargetSource>,
    /// The targets, in a column of the data.
    pub target_column: Option<String>,
}

impl DataPlace {
    /// Whether the data are a folder of images.
    pub fn is_images(&self) -> bool {
        self.data.format == Format::Images
    }
}

/// Some text.
fn text(value: &str) -> Result<String, Misfit> {
    if value.trim().is_empty() {
        return Err(Misfit::new("a text", value));
    }
    Ok(value.to_owned())
}

fn name(value: &str) -> Result<String, Misfit> {
    if is_name(value) { Ok(value.to_owned()) } else { Err(Misfit::new("a name", value)) }
}

/// A path of a file or folder.
pub(super) fn path(value: &str) -> Result<PathBuf, Misfit> {
    text(value).map(PathBuf::from).map_err(|_| Misfit::new("a path", value))
}

/// Files whose extension tells which of the reports to write.
pub(super) fn report_files(values: &[String]) -> Result<Vec<PathBuf>, Misfit> {
    let extensions = || OUTPUTS.iter().filter_map(|output| Path::new(output.file).extension());
    let file = |value: &String| {
        let path = PathBuf::from(value);
        if extensions().any(|extension| path.extension() == Some(extension)) {
            return Ok(path);
        }
        let known: Vec<String> = extensions().map(|known| format!(".{}", known.to_string_lossy())).collect();
        Err(Misfit::new(format!("a file that ends in {}", known.join(" or ")), value))
    };
    values.iter().map(file).collect()
}

pub(super) fn place(typed: &Typed, model_is: Model, problems: &mut Problems) -> Option<Place> {
    let target = match &typed.target {
        None => {
            let misfit = Misfit::unshown("a target such as triton://host:8000/model").found("none");
            problems.note("target", None, misfit);
            None
        }
        given => problems.one("target", given.as_ref(), Target::parse),
    };
    let model = problems.one("model", typed.model.as_ref(), name);
    let version = problems.one("model-version", typed.model_version.as_ref(), name);
    let output = problems.one("output", typed.output.as_ref(), text);
    let inputs = problems.read("input", typed.input.as_ref(), fixed_inputs).unwrap_or_default();
    let parameters = problems.read("parameter", typed.parameter.as_ref(), parameters).unwrap_or_default();
    let classes = problems.one("classes", typed.classes.as_ref(), classes);
    let [raw, other] = target.as_ref().map_or(["binary", "json"], Target::tensors);
    let forms = [(raw, true), (other, false)];
    let tensors = problems.one("tensors", typed.tensors.as_ref(), |value| choice("a form", value, &forms));
    let compression = problems
        .one("compress", typed.compress.as_ref(), |value| choice("a compression", value, &Compression::ALL));
    let preset = problems.one("preset", typed.preset.as_ref(), known_preset);
    let body = problems.one("body", typed.body.as_ref(), text);
    // An empty pointer is the whole answer.
    let answer = problems.one("answer", typed.answer.as_ref(), pointer);
    let envelope = problems.one("envelope", typed.envelope.as_ref(), envelope).unwrap_or_default();
    let management = management(typed, problems);
    let headers = headers(typed, problems);
    let connection = connection(typed, problems);
    let target = target?;
    let not_for_all = [
        ("model", &typed.model),
        ("model-version", &typed.model_version),
        ("output", &typed.output),
        ("input", &typed.input),
        ("parameter", &typed.parameter),
        ("classes", &typed.classes),
        ("tensors", &typed.tensors),
        ("compress", &typed.compress),
        ("preset", &typed.preset),
        ("body", &typed.body),
        ("answer", &typed.answer),
        ("envelope", &typed.envelope),
        ("management-url", &typed.management_url),
        ("management-token-env", &typed.management_token_env),
        ("management-token-file", &typed.management_token_file),
    ];
    for (key, given) in not_for_all {
        if given.is_some() && !target.takes(key) {
            let misfit = Misfit::unshown(format!("nothing with a {} target", target.protocol()));
            problems.note(key, given.as_ref(), misfit.hint("leave it out"));
        }
    }
    let target = target.with(model, version);
    if model_is == Model::Named && target.names_model() && target.model().is_none() {
        let misfit = Misfit::new("a model as the last segment of the target", target.url());
        problems.note(
            "target",
            typed.target.as_ref(),
            misfit.hint("add it, or --model; `noisebound inspect` lists the models of a server"),
        );
        return None;
    }
    let encrypted = management.as_ref().is_some_and(|it| it.url.scheme() == "https");
    if !encrypted {
        no_certificates_in_vain(typed, &target, problems);
    }
    let told = || target.takes("preset").then(|| recognise(target.base())).flatten();
    let preset = preset.or_else(told);
    let columns = Vec::new();
    Some(Place {
        target,
        output,
        inputs,
        parameters,
        classes,
        tensors,
        compression,
        preset,
        columns,
        body,
        answer,
        envelope,
        management,
        headers,
        connection,
    })
}

fn envelope(value: &str) -> Result<Envelope, Misfit> {
    let names = Envelope::ALL.map(Envelope::name);
    Envelope::from_name(value)
        .ok_or_else(|| Misfit::new(format!("one of {}", names.join(", ")), value).hint(suggest(value, names)))
}

fn known_preset(value: &str) -> Result<&'static Preset, Misfit> {
    let names = || PRESETS.iter().map(|preset| preset.name);
    preset(value).ok_or_else(|| {
        Misfit::new("the name of a preset", value).hint(suggest(value, names().collect::<Vec<_>>()))
    })
}

fn pointer(value: &str) -> Result<String, Misfit> {
    if value.is_empty() || value.starts_with('/') {
        return Ok(value.to_owned());
    }
    Err(Misfit::new("a JSON Pointer such as /predictions", value).hint("begin with /"))
}

pub(super) fn data(typed: &Typed, problems: &mut Problems) -> Option<DataPlace> {
    let source = |value: &str| {
        DataSource::parse(value).map_err(|error| Misfit::unshown("a data file").hint(error.to_string()))
    };
    if typed.data.is_none() {
        let misfit = Misfit::unshown("the rows to ask about").found("none");
        problems.note(
            "data",
            None,
            misfit.hint("add --data x.npy, --data x.npz:x, --data table.csv or --data FOLDER of images"),
        );
    }
    let data = problems.one("data", typed.data.as_ref(), source);
    let targets = problems.one("targets", typed.targets.as_ref(), source);
    let target_column = problems.one("target-column", typed.target_column.as_ref(), text);
    if targets.is_some() && target_column.is_some() {
        let misfit = Misfit::unshown("one place for the targets").found("--targets as well");
        problems.note("target-column", typed.target_column.as_ref(), misfit.hint("leave one of the two out"));
    }
    let images = data.as_ref().is_some_and(|data| data.format == Format::Images);
    if target_column.is_some() && data.as_ref().is_some_and(|data| data.format != Format::Csv) {
        let found = if images { "images, which have no columns" } else { "arrays, which have no columns" };
        let misfit = Misfit::unshown("a table as the data").found(found);
        let misfit = misfit.hint("give the targets with --targets");
        problems.note("target-column", typed.target_column.as_ref(), misfit);
    }
    if let Some(given) = targets.as_ref().filter(|targets| images && targets.format != Format::Csv) {
        let misfit = Misfit::new("a table of the labels, with the columns file and label", given);
        let misfit =
            misfit.hint("give --targets labels.csv, or sort the images into a sub-folder for each label");
        problems.note("targets", typed.targets.as_ref(), misfit);
    }
    if !images && targets.as_ref().is_some_and(|targets| targets.format == Format::Csv) {
        let misfit = Misfit::unshown("a file x.npy or x.npz:member").found("a table");
        let misfit = misfit.hint("name a column of the data with --target-column");
        problems.note("targets", typed.targets.as_ref(), misfit);
    }
    Some(DataPlace { data: data?, targets, target_column })
}

/// The path of a source, made absolute where the system lets us, for plans that are kept elsewhere.
pub(in crate::config) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
