//! The flags of `noisebound audit`.
//!
//! Declared and explained here, read elsewhere: every value stays the text that was typed, so that "not
//! given" is known and one parser serves flags, environment and files. The long name of each flag but
//! [`RUN_ONLY`] is a key of audit files.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{ArgAction, Args};

/// Flags that are about one run of the command alone, and therefore no keys of audit files.
pub const RUN_ONLY: [&str; 4] = ["json", "resume", "verbose", "yes"];

/// Bound how much a deployed model degrades under input noise.
///
/// Draws rows of your data set, adds random noise, asks the endpoint under a rate limit, and stops as soon
/// as the answers say enough. Every flag but --json, --resume, --verbose and --yes can stand in an audit file (TOML)
/// under its long name; a flag goes before the environment (NOISEBOUND_RATE for --rate), the environment
/// before the file, the file before the defaults that are shown here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct AuditArgs {
    /// The endpoint's URL, or an audit file
    ///
    /// triton://host:8000/model (alias oip://), over gRPC triton+grpc://host:8001/model,
    /// torchserve://host:8080/model or json://host/path; with +https for TLS, as in triton+https://host/model,
    /// over gRPC triton+grpcs://host/model. The last segment is the model, what stands before it a path
    /// prefix. A pasted http(s):// URL is recognised by its path: /v2/models/, /predictions/, :predict,
    /// /invocations. A name that ends in .toml is an audit file, which names the target itself.
    #[arg(value_name = "TARGET|FILE.toml", help_heading = "Target", required_unless_present = "resume")]
    pub target: Option<String>,

    /// The model, in place of the one in the URL
    #[arg(short, long, value_name = "MODEL", help_heading = "Target")]
    pub model: Option<String>,

    /// The model's version [default: the server's choice]
    #[arg(short = 'x', long, value_name = "VERSION", help_heading = "Target")]
    pub model_version: Option<String>,

    /// The model output that the loss reads, for models with several
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub output: Option<String>,

    /// An input that is the same in every request; repeatable
    ///
    /// One value fills the input (`--input temperature=0.5`), a JSON list gives the tensor of one row whole
    /// (`--input 'size=[224, 224]'`). The model says of which type. For triton targets.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Target", action = ArgAction::Append)]
    pub input: Vec<String>,

    /// A parameter of every request, such as tenant=a; repeatable
    ///
    /// true and false, whole numbers and other numbers are sent as such, anything else as a text; in double quotes
    /// everything is a text. For triton targets.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Target", action = ArgAction::Append)]
    pub parameter: Vec<String>,

    /// Let Triton answer with the best N classes by name (its classification extension)
    #[arg(long, value_name = "N", help_heading = "Target")]
    pub classes: Option<String>,

    /// How tensors travel: binary or json [default: binary where the server says that it can]
    #[arg(long, value_name = "FORM", help_heading = "Target")]
    pub tensors: Option<String>,

    /// Compress the bodies of requests: gzip or deflate [default: none]
    #[arg(long, value_name = "HOW", help_heading = "Target")]
    pub compress: Option<String>,

    /// What is known of services like this JSON service: mlflow, bentoml, litserve and others [default: what the URL
    /// tells, else kserve-v1]
    ///
    /// For json:// targets. A preset is the request, where the answer holds the predictions, and the path for a target
    /// without one; --body and --answer override it. Audited here against the real server: mlflow (also mlflow-split,
    /// mlflow-inputs, mlflow-instances), bentoml, litserve, ray-serve, seldon, kserve-v1, fastapi. Written from the
    /// documentation and not run: tf-serving, vertex, azure-ml, databricks, hf-inference. README.md has a table of them.
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub preset: Option<String>,

    /// The request of a JSON service, as a template [default: that of the preset, {"instances": {{ rows }}}]
    ///
    /// For json:// targets, in the language of Jinja. {{ rows }} prints the list of rows as JSON, {{ row }} a single
    /// row, {{ columns }} the names of the columns of a table, {{ model }} the --model; filters beside the usual ones
    /// are tojson (as a JSON string) and b64.
    #[arg(long, value_name = "TEMPLATE", help_heading = "Target")]
    pub body: Option<String>,

    /// Where a JSON service's answer holds the predictions, as a JSON Pointer [default: that of the
    /// preset, /predictions]
    ///
    /// For json:// targets. An empty text stands for the whole answer, and * for each row, as in
    /// /results/*/score. For torchserve:// targets, where the answer of one row holds the prediction [default: the
    /// whole of it].
    #[arg(long, value_name = "POINTER", help_heading = "Target")]
    pub answer: Option<String>,

    /// How a row travels to TorchServe: json, bytes, base64, instances, kserve or kserve-v2 [default: json]
    ///
    /// For torchserve:// targets, as the model's service_envelope and handler expect it. json: the bare JSON of the row;
    /// an image as with bytes. bytes: a file as it is, or the little-endian values of a field. base64: {"instances": [{"b64": ...}]}. instances:
    /// {"instances": [row, ...]}. kserve: {"instances": [{"data": row}]}, which TorchServe's own handlers read. kserve-v2:
    /// {"inputs": [...]}.
    #[arg(long, value_name = "ENVELOPE", help_heading = "Target")]
    pub envelope: Option<String>,

    /// TorchServe's management address, such as http://host:8081, which is asked about the model and nothing else
    ///
    /// It tells version, workers and batching, and that a worker is ready. The token for predictions is never sent there.
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub management_url: Option<String>,

    /// The inputs: x.npy, x.npz:member (x.npz:one,other for a model with several), table.csv, perf_analyzer's
    /// input.json, or a folder of png and jpeg files
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub data: Option<String>,

    /// The targets: y.npy or x.npz:member; for images labels.csv, with the columns file and label [default: for
    /// images the names of the sub-folders, if any]
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub targets: Option<String>,

    /// The column of the table that holds the targets
    #[arg(long, value_name = "NAME", help_heading = "Data")]
    pub target_column: Option<String>,

    /// What images are sent as, once noisy: png, jpeg:QUALITY, tensor, nhwc or nchw [default: png, or tensor
    /// with triton]
    ///
    /// png and jpeg are files. png loses nothing; jpeg changes the pixels beside the noise. tensor is the pixels
    /// as UINT8, height by width by channels; nhwc and nchw are FP32 after --normalize. Also for arrays of
    /// UINT8 that are images.
    #[arg(long, value_name = "FORM", help_heading = "Data")]
    pub send_as: Option<String>,

    /// How pixels become numbers for nhwc and nchw: none (0 to 255), unit (0 to 1), or MEAN/STD, subtracted from
    /// and dividing values from 0 to 1, as torchvision does
    #[arg(long, value_name = "MEAN/STD", help_heading = "Data", allow_hyphen_values = true)]
    pub normalize: Option<String>,

    /// The noise family: gaussian or uniform [default: gaussian]
    #[arg(long, value_name = "FAMILY", help_heading = "Noise and loss")]
    pub noise: Option<String>,

    /// The noise levels, in the unit of --scale [default: 0.05,0.1,0.2]
    ///
    /// For a folder of images the default is 8,16,32. Numbers above 0; levels that gates name are added. Where only gates at named levels are asked, the
    /// levels are theirs alone.
    #[arg(long, value_name = "LIST", help_heading = "Noise and loss", allow_hyphen_values = true)]
    pub levels: Option<String>,

    /// The unit of the levels: absolute, or std for each column's standard deviation [default: std for
    /// tables, else absolute]
    #[arg(long, value_name = "UNIT", help_heading = "Noise and loss")]
    pub scale: Option<String>,

    /// The range that perturbed values are held inside, in the unit of the data, or none [default: none]
    ///
    /// For a folder of images the default is 0,255.
    #[arg(long, value_name = "LOW,HIGH", help_heading = "Noise and loss", allow_hyphen_values = true)]
    pub clip: Option<String>,

    /// The only columns that are perturbed [default: all that can be]
    #[arg(long, value_name = "COLUMNS", help_heading = "Noise and loss")]
    pub perturb: Option<String>,

    /// The columns that are left alone [default: none]
    #[arg(long, value_name = "COLUMNS", help_heading = "Noise and loss")]
    pub fix: Option<String>,

    /// The loss: error, flip, squared-error or absolute-error [default: error, or flip without targets]
    #[arg(long, value_name = "LOSS", help_heading = "Noise and loss")]
    pub loss: Option<String>,

    /// The range that you promise for the loss, for squared-error and absolute-error, which have none of
    /// their own
    ///
    /// In units of the loss. A loss outside the promised range ends the audit.
    #[arg(long, value_name = "LOW,HIGH", help_heading = "Noise and loss", allow_hyphen_values = true)]
    pub loss_range: Option<String>,

    /// What larger losses count as, for squared-error and absolute-error without a --loss-range
    ///
    /// In units of the loss. Limits are then of the capped loss, and of how often the loss is above the cap.
    #[arg(long, value_name = "CAP", help_heading = "Noise and loss", allow_hyphen_values = true)]
    pub loss_cap: Option<String>,

    /// From what score on a single-score prediction is class 1 [default: 0.5]
    #[arg(long, value_name = "SCORE", help_heading = "Noise and loss", allow_hyphen_values = true)]
    pub threshold: Option<String>,

    /// The half-width at which a level stops, in units of the loss [default: 0.05 of its range, or none
    /// with gates]
    #[arg(long, value_name = "WIDTH", help_heading = "Guarantee", allow_hyphen_values = true)]
    pub precision: Option<String>,

    /// Which limits to claim: both, or upper alone [default: both]
    #[arg(long, value_name = "SIDE", help_heading = "Guarantee")]
    pub side: Option<String>,

    /// The probability with which everything that is stated holds, together [default: 0.95]
    #[arg(long, value_name = "PROBABILITY", help_heading = "Guarantee", allow_hyphen_values = true)]
    pub confidence: Option<String>,

    /// A claim to decide, such as 'error@0.1 <= 0.2'; may be repeated
    ///
    /// QUANTITY@LEVEL <= NUMBER, or >=. LEVEL is a number or all. QUANTITY is the loss, degradation (the risk
    /// minus the clean risk), a quantile such as q90(absolute-error) or q99(shift), in units of the target,
    /// or, as in 'dataset-mse@0.1 <= 30 with 0.95', the mean loss of the whole data set under one draw of
    /// all noise: dataset-mse for squared-error, dataset-risk for any loss, each `with` the share of such
    /// draws that must keep to it. Exit code 99 if one fails.
    #[arg(long, value_name = "GATE", help_heading = "Guarantee")]
    pub gate: Vec<String>,

    /// How near to its threshold a gate stops undecided, in units of the loss [default: a twentieth of the
    /// threshold, at least 0.002 of the loss's range]
    #[arg(long, value_name = "DISTANCE", help_heading = "Guarantee", allow_hyphen_values = true)]
    pub gate_resolution: Option<String>,

    /// Quantiles to bound at each level, such as 'q90(absolute-error),q99(shift)'
    ///
    /// Of absolute-error, the distance of prediction and target, or of shift, the distance of the prediction
    /// and the clean prediction of the row; in units of the target. They need no range of the loss.
    #[arg(long, value_name = "LIST", help_heading = "Guarantee")]
    pub quantiles: Option<String>,

    /// Seek the largest level up to which this holds, such as 'error <= 0.05'
    #[arg(long, value_name = "STATEMENT", help_heading = "Guarantee")]
    pub critical: Option<String>,

    /// What the risk is an average over: the data-set, or the population that its rows were drawn from
    /// [default: data-set]
    ///
    /// For the population each row is drawn at most once at a level, and the rows must be independent draws
    /// from it.
    #[arg(long, value_name = "SCOPE", help_heading = "Guarantee")]
    pub scope: Option<String>,

    /// How the risk is come by: direct, or differences from the clean losses, row by row [default: direct]
    ///
    /// differences needs --scope data-set, a loss against targets, and all rows asked clean first. It spends
    /// fewer queries where noise changes few losses.
    #[arg(long, value_name = "ROUTE", help_heading = "Guarantee")]
    pub route: Option<String>,

    /// Bound the risk for each value of this column too, or for each target with the word target
    ///
    /// At most 20 different values. They share the doubt with the rest, and never hold a level open.
    #[arg(long, value_name = "COLUMN", help_heading = "Guarantee")]
    pub slice: Option<String>,

    /// Send the whole data set again and again with fresh noise, and limit the mean loss of this share of
    /// the passes
    ///
    /// In place of random rows; it needs no range of the loss. The number of passes is fixed before the
    /// first query, and --queries must cover all of them.
    #[arg(long, value_name = "SHARE", help_heading = "Guarantee", allow_hyphen_values = true)]
    pub replicates: Option<String>,

    /// Measure how often the endpoint contradicts itself without noise
    #[arg(
        long,
        value_name = "BOOL",
        help_heading = "Guarantee",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub noise_floor: Option<String>,

    /// Accept limits that are asymptotic, and so not sure to hold, for losses without a range
    ///
    /// For squared-error and absolute-error without --loss-range and --loss-cap. Needs a --precision; heavy
    /// tails break it.
    #[arg(
        long,
        value_name = "BOOL",
        help_heading = "Guarantee",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub asymptotic: Option<String>,

    /// The seed of rows and noise, a whole number below 2^53 [default: new]
    ///
    /// The guarantee is over the choice of the seed, so it must not have been used on this model and data to
    /// choose what is asked now.
    #[arg(long, value_name = "SEED", help_heading = "Guarantee", allow_hyphen_values = true)]
    pub seed: Option<String>,

    /// Up to how many rows all of them are asked clean first; 0 for never [default: 5000]
    #[arg(long, value_name = "ROWS", help_heading = "Guarantee", allow_hyphen_values = true)]
    pub clean_pass: Option<String>,

    /// How far apart two clean answers may lie, relative to their size, and still be the same [default:
    /// 1e-6]
    #[arg(long, value_name = "FRACTION", help_heading = "Guarantee", allow_hyphen_values = true)]
    pub same_tolerance: Option<String>,

    /// The most requests in a time: 20/s, 600/min, or none [default: 20/s]
    ///
    /// A server that is overloaded (429, 503) gets half the rate, or with none half the requests in flight; each answer
    /// gives 2 % of the whole back.
    #[arg(long, value_name = "RATE", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub rate: Option<String>,

    /// The most requests in flight [default: 4]
    #[arg(short, long, value_name = "N", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub concurrency: Option<String>,

    /// The most rows in one request; no effect on results [default: 1]
    #[arg(
        short,
        long,
        value_name = "ROWS",
        help_heading = "Load on the endpoint",
        allow_hyphen_values = true
    )]
    pub batch: Option<String>,

    /// The most rows to ask, clean ones included [default: 10000]
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        help_heading = "Load on the endpoint",
        allow_hyphen_values = true
    )]
    pub queries: Option<String>,

    /// The most requests to send, of any kind, retries included, or none [default: none]
    #[arg(long, value_name = "N", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub max_requests: Option<String>,

    /// The most that may be spent on everything that is sent, retries included, or none [default: none]
    ///
    /// Needs --cost-per-query, whose currency it is in.
    #[arg(long, value_name = "COST", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub max_cost: Option<String>,

    /// What one row costs to ask, in any currency; the report then tells what the audit cost
    #[arg(long, value_name = "COST", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub cost_per_query: Option<String>,

    /// The longest that the audit may take: 90s, 10m, 1h, or none [default: none]
    #[arg(long, value_name = "TIME", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub max_time: Option<String>,

    /// How often a failed request is tried again [default: 3]
    #[arg(long, value_name = "N", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub retries: Option<String>,

    /// How far the share of failed requests may rise above that of the first 50, or none [default: 20%]
    ///
    /// When the last 50 are worse, the endpoint is left alone for a while and then probed; the fifth time in one run ends
    /// the audit, with a report. A resumed run is held against the same first 50.
    #[arg(long, value_name = "SHARE", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub breaker_failures: Option<String>,

    /// How many times the median latency of the first 50 requests that of the last 50 may be, or none [default: 3x]
    ///
    /// Answers that are slower by less than 50 ms are not slow. What follows is as with --breaker-failures.
    #[arg(long, value_name = "TIMES", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub breaker_latency: Option<String>,

    /// How long to wait for an answer: 10s, 250ms [default: 10s]
    #[arg(long, value_name = "TIME", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub timeout: Option<String>,

    /// How many draws a level may be sent ahead of what is decided, with --rate none [default: 0 under a
    /// rate, else 2 x batch x concurrency]
    #[arg(long, value_name = "DRAWS", help_heading = "Load on the endpoint", allow_hyphen_values = true)]
    pub ahead: Option<String>,

    /// A header to send, such as 'x-api-key: ${NAME}'; may be repeated
    ///
    /// ${NAME} is what the environment holds under NAME, put in at sending and never recorded. Secrets cannot
    /// be given literally.
    #[arg(short = 'H', long, value_name = "'NAME: VALUE'", help_heading = "Credentials")]
    pub header: Vec<String>,

    /// The environment variable that holds a bearer token
    #[arg(long, value_name = "NAME", help_heading = "Credentials")]
    pub token_env: Option<String>,

    /// The file that holds a bearer token; read again when the token expires
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub token_file: Option<String>,

    /// The environment variable that holds user:password, for basic authentication
    #[arg(long, value_name = "NAME", help_heading = "Credentials")]
    pub basic_env: Option<String>,

    /// The file that holds user:password, for basic authentication; read again when it is refused
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub basic_file: Option<String>,

    /// The environment variable that holds the bearer token for --management-url
    #[arg(long, value_name = "NAME", help_heading = "Credentials")]
    pub management_token_env: Option<String>,

    /// The file that holds it; of TorchServe's key_file.json it is the key for management
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub management_token_file: Option<String>,

    /// The file of the certificate authorities to trust (PEM), in place of those of the system
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub ca: Option<String>,

    /// The file of the certificate to show to the server (PEM), for mutual TLS
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub client_cert: Option<String>,

    /// The file of its private key (PEM) [default: in the file of the certificate]
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub client_key: Option<String>,

    /// The proxy for every request: http://host:3128, environment, or none [default: environment]
    ///
    /// 'http://${NAME}@host:3128' where it wants user:password, which NAME holds. What the environment names is not used
    /// for this machine.
    #[arg(long, value_name = "URL", help_heading = "Credentials")]
    pub proxy: Option<String>,

    /// The run folder, which must not exist [default: made from model and time]
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub run_dir: Option<String>,

    /// Go on with the audit in this run folder, where it was stopped, cut or out of budget
    ///
    /// What is asked is that of its plan.toml; what is typed beside it may only say how: another rate,
    /// concurrency, batch, budget, credentials. Nothing that was answered is asked again.
    #[arg(long, value_name = "DIR", help_heading = "Output", conflicts_with = "run_dir")]
    pub resume: Option<String>,

    /// Keep nothing of the predictions for noisy rows; their losses are kept
    #[arg(
        long,
        value_name = "BOOL",
        help_heading = "Output",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub privacy: Option<String>,

    /// Write the report to this file too, .json or .svg by its name; may be repeated
    #[arg(short = 'o', long, value_name = "FILE", help_heading = "Output")]
    pub save: Vec<String>,

    /// Print the report on stdout as JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// Do not ask before sending to a host that is not this machine
    #[arg(long, help_heading = "Output")]
    pub yes: bool,

    /// Say more on stderr; twice for each request
    #[arg(short, long, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

impl AuditArgs {
    /// What was given, by key. The audit file, if the target is one, is not a key.
    pub fn given(&self) -> BTreeMap<&'static str, Vec<String>> {
        let target = self.target.clone().filter(|target| !is_audit_file(target));
        let one = [
            ("target", &target),
            ("model", &self.model),
            ("model-version", &self.model_version),
            ("output", &self.output),
            ("classes", &self.classes),
            ("tensors", &self.tensors),
            ("compress", &self.compress),
            ("preset", &self.preset),
            ("body", &self.body),
            ("answer", &self.answer),
            ("envelope", &self.envelope),
            ("management-url", &self.management_url),
            ("data", &self.data),
            ("targets", &self.targets),
            ("target-column", &self.target_column),
            ("send-as", &self.send_as),
            ("normalize", &self.normalize),
            ("noise", &self.noise),
            ("levels", &self.levels),
            ("scale", &self.scale),
            ("clip", &self.clip),
            ("perturb", &self.perturb),
            ("fix", &self.fix),
            ("loss", &self.loss),
            ("loss-range", &self.loss_range),
            ("loss-cap", &self.loss_cap),
            ("threshold", &self.threshold),
            ("precision", &self.precision),
            ("side", &self.side),
            ("confidence", &self.confidence),
            ("gate-resolution", &self.gate_resolution),
            ("quantiles", &self.quantiles),
            ("critical", &self.critical),
            ("scope", &self.scope),
            ("route", &self.route),
            ("slice", &self.slice),
            ("replicates", &self.replicates),
            ("noise-floor", &self.noise_floor),
            ("asymptotic", &self.asymptotic),
            ("seed", &self.seed),
            ("clean-pass", &self.clean_pass),
            ("same-tolerance", &self.same_tolerance),
            ("rate", &self.rate),
            ("concurrency", &self.concurrency),
            ("batch", &self.batch),
            ("queries", &self.queries),
            ("max-requests", &self.max_requests),
            ("max-cost", &self.max_cost),
            ("cost-per-query", &self.cost_per_query),
            ("max-time", &self.max_time),
            ("retries", &self.retries),
            ("breaker-failures", &self.breaker_failures),
            ("breaker-latency", &self.breaker_latency),
            ("timeout", &self.timeout),
            ("ahead", &self.ahead),
            ("token-env", &self.token_env),
            ("token-file", &self.token_file),
            ("basic-env", &self.basic_env),
            ("basic-file", &self.basic_file),
            ("management-token-env", &self.management_token_env),
            ("management-token-file", &self.management_token_file),
            ("ca", &self.ca),
            ("client-cert", &self.client_cert),
            ("client-key", &self.client_key),
            ("proxy", &self.proxy),
            ("run-dir", &self.run_dir),
            ("privacy", &self.privacy),
        ];
        let many = [
            ("input", &self.input),
            ("parameter", &self.parameter),
            ("gate", &self.gate),
            ("header", &self.header),
            ("save", &self.save),
        ];
        let one = one.into_iter().filter_map(|(key, value)| Some((key, vec![value.clone()?])));
        let many = many.into_iter().map(|(key, values)| (key, values.clone()));
        one.chain(many.filter(|(_, values)| !values.is_empty())).collect()
    }

    /// The audit file: the plan of the run that is resumed, or one that was named instead of a URL.
    pub fn audit_file(&self) -> Option<String> {
        match &self.resume {
            Some(folder) => Some(Path::new(folder).join("plan.toml").to_string_lossy().into_owned()),
            None => self.target.clone().filter(|target| is_audit_file(target)),
        }
    }
}

/// Whether a target is the name of an audit file.
pub fn is_audit_file(target: &str) -> bool {
    !target.contains("://") && target.to_lowercase().ends_with(".toml")
}

#[cfg(test)]
#[path = "args/tests.rs"]
mod tests;
