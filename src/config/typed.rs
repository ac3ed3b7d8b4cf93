//! What was typed, as text, with the place of each value: the same for flags, environment, file and
//! defaults, so that every value is read by one parser whatever its origin.
//!
//! The table in here is the only list of keys. Nothing is validated in this module; a higher layer
//! replaces a lower one key by key, and never half a key.

use std::path::Path;

use super::problem::{Origin, environment_name};
use crate::{bound::Claim, cli::args::AuditArgs};

/// A value as it was typed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its parts: one for most keys, several for lists.
    pub values: Vec<String>,
    /// Where it came from.
    pub origin: Origin,
}

/// How many values a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// One.
    One,
    /// A list: separated by commas in a flag, an array in a file.
    List,
    /// A flag that is repeated, an array in a file; not read from the environment.
    Many,
    /// `true` or `false`; a flag alone is `true`.
    Switch,
}

/// A key of audit files, which is also the long name of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The name.
    pub name: &'static str,
    /// How many values it takes.
    pub arity: Arity,
    /// Whether it names a file, so that in a file it is relative to that file's folder.
    pub path: bool,
    /// What holds when nobody typed it, if that is the same for all data.
    pub default: Option<&'static str>,
    /// Its part of an audit file.
    pub section: &'static str,
}

impl Key {
    const fn new(section: &'static str, name: &'static str, arity: Arity) -> Self {
        Self { name, arity, path: false, default: None, section }
    }

    const fn path(mut self) -> Self {
        self.path = true;
        self
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

/// Declares the struct and the table of its keys together, so that neither has what the other lacks.
macro_rules! keys {
    ($($section:literal { $($(#[$doc:meta])* $field:ident = $name:literal $arity:ident $(.$with:ident($($arg:literal)?))*;)* })*) => {
        /// What was typed; `None` is "not given".
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Typed {
            $($($(#[$doc])* pub $field: Option<Given>,)*)*
            /// The claims that a plan lists.
            pub claims: Option<Vec<Claim>>,
        }

        /// Every key, in the order in which plans list them.
        pub const KEYS: &[Key] = &[$($(Key::new($section, $name, Arity::$arity)$(.$with($($arg)?))*,)*)*];

        impl Typed {
            /// What was given for each key, in the order of [`KEYS`].
            pub fn slots(&mut self) -> Vec<&mut Option<Given>> {
                vec![$($(&mut self.$field,)*)*]
            }
        }
    };
}

keys! {
    "Target" {
        /// The URL of the endpoint.
        target = "target" One;
        /// The model, in place of the one that the URL names.
        model = "model" One;
        /// The version of the model.
        model_version = "model-version" One;
        /// The output that the loss reads.
        output = "output" One;
        /// The inputs that are the same in every request.
        input = "input" Many;
        /// The parameters of every request.
        parameter = "parameter" Many;
        /// How many of the best classes the server answers in place of values.
        classes = "classes" One;
        /// How tensors travel.
        tensors = "tensors" One;
        /// How bodies of requests are compressed.
        compress = "compress" One;
        /// What is known of services like a JSON service.
        preset = "preset" One;
        /// The template of a JSON service's request.
        body = "body" One;
        /// Where a JSON service's answer holds the predictions.
        answer = "answer" One;
        /// How rows travel to TorchServe.
        envelope = "envelope" One;
        /// The control port of TorchServe.
        management_url = "management-url" One;
    }
    "Data" {
        /// The inputs.
        data = "data" One.path();
        /// The targets, in a file of their own.
        targets = "targets" One.path();
        /// The targets, in a column of the data.
        target_column = "target-column" One;
        /// What images are sent as.
        send_as = "send-as" One;
        /// How pixels become numbers.
        normalize = "normalize" One;
    }
    "Noise and loss" {
        /// The noise family.
        noise = "noise" One.or("gaussian");
        /// The noise levels.
        levels = "levels" List;
        /// The unit of the levels.
        scale = "scale" One;
        /// The range that perturbed values are held inside.
        clip = "clip" List.or("none");
        /// The only columns that are perturbed.
        perturb = "perturb" List;
        /// The columns that are left alone.
        fix = "fix" List;
        /// The loss.
        loss = "loss" One;
        /// The promised range of the loss.
        loss_range = "loss-range" List;
        /// What larger losses count as.
        loss_cap = "loss-cap" One;
        /// From what score on a single score is class 1.
        threshold = "threshold" One.or("0.5");
    }
    "Guarantee" {
        /// The half-width at which a level stops.
        precision = "precision" One;
        /// Which limits are claimed.
        side = "side" One.or("both");
        /// The probability with which everything stated holds.
        confidence = "confidence" One.or("0.95");
        /// The gates.
        gate = "gate" Many;
        /// How near to its threshold a gate stops undecided.
        gate_resolution = "gate-resolution" One;
        /// The quantiles to bound.
        quantiles = "quantiles" List;
        /// The statement of which the critical level is sought.
        critical = "critical" One;
        /// What the risk is an average over.
        scope = "scope" One.or("data-set");
        /// How the risk is come by.
        route = "route" One.or("direct");
        /// The column by which rows are told apart.
        slice = "slice" One;
        /// The share of whole passes whose mean loss is to be limited.
        replicates = "replicates" One;
        /// Whether it is measured how often the endpoint contradicts itself.
        noise_floor = "noise-floor" Switch;
        /// Whether limits may be asymptotic.
        asymptotic = "asymptotic" Switch;
        /// The seed.
        seed = "seed" One.or("new");
        /// Up to how many rows all are asked clean first.
        clean_pass = "clean-pass" One.or("5000");
        /// How far apart two clean answers may lie and still be the same.
        same_tolerance = "same-tolerance" One.or("1e-6");
    }
    "Load on the endpoint" {
        /// Requests a second.
        rate = "rate" One.or("20/s");
        /// Requests in flight.
        concurrency = "concurrency" One.or("4");
        /// Rows in one request.
        batch = "batch" One.or("1");
        /// Charged queries.
        queries = "queries" One.or("10000");
        /// Requests of any kind.
        max_requests = "max-requests" One.or("none");
        /// The most that may be spent.
        max_cost = "max-cost" One.or("none");
        /// What one row costs to ask.
        cost_per_query = "cost-per-query" One;
        /// How long the audit may take.
        max_time = "max-time" One.or("none");
        /// How often a failed request is tried again.
        retries = "retries" One.or("3");
        /// How far the share of failures may rise.
        breaker_failures = "breaker-failures" One.or("20%");
        /// How many times slower answers may become.
        breaker_latency = "breaker-latency" One.or("3x");
        /// How long to wait for an answer.
        timeout = "timeout" One.or("10s");
        /// How many draws a level may be sent ahead.
        ahead = "ahead" One;
    }
    "Credentials" {
        /// Headers to send, with `${NAME}` for what the environment holds.
        header = "header" Many;
        /// The variable of the environment that holds a bearer token.
        token_env = "token-env" One;
        /// The file that holds a bearer token.
        token_file = "token-file" One.path();
        /// The variable of the environment that holds `user:password`.
        basic_env = "basic-env" One;
        /// The file that holds `user:password`.
        basic_file = "basic-file" One.path();
        /// The variable of the environment that holds the token for the control port.
        management_token_env = "management-token-env" One;
        /// The file that holds it.
        management_token_file = "management-token-file" One.path();
        /// The file of the authorities to trust.
        ca = "ca" One.path();
        /// The file of the client's certificate.
        client_cert = "client-cert" One.path();
        /// The file of its private key.
        client_key = "client-key" One.path();
        /// The proxy.
        proxy = "proxy" One.or("environment");
    }
    "Output" {
        /// The run folder.
        run_dir = "run-dir" One.path();
        /// Whether the journal leaves out what was predicted for noisy rows.
        privacy = "privacy" Switch;
        /// Where else to write the report, by extension.
        save = "save" Many.path();
    }
}

/// Keys of which only one can be given. Where two layers give one each, the higher layer's holds.
pub const EXCLUSIVE: [(&str, &str); 10] = [
    ("targets", "target-column"),
    ("perturb", "fix"),
    ("loss-range", "loss-cap"),
    ("token-env", "token-file"),
    ("token-env", "basic-env"),
    ("token-env", "basic-file"),
    ("token-file", "basic-env"),
    ("token-file", "basic-file"),
    ("basic-env", "basic-file"),
    ("management-token-env", "management-token-file"),
];

impl Typed {
    /// What the flags say.
    pub fn from_flags(args: &AuditArgs) -> Self {
        let mut typed = Self::default();
        let mut given = args.given();
        for (key, slot) in KEYS.iter().zip(typed.slots()) {
            let values = given.remove(key.name).unwrap_or_default();
            if !values.is_empty() {
                *slot = Some(Given { values: key.split(values), origin: Origin::Flag });
            }
        }
        typed
    }

    /// What the environment says; an empty variable says nothing.
    pub fn from_environment(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let mut typed = Self::default();
        for (key, slot) in KEYS.iter().zip(typed.slots()) {
            if !key.in_environment() {
                continue;
            }
            if let Some(value) = look_up(&environment_name(key.name)).filter(|value| !value.is_empty()) {
                *slot = Some(Given { values: key.split(vec![value]), origin: Origin::Environment });
            }
        }
        typed
    }

    /// What holds when nothing is typed.
    pub fn defaults() -> Self {
        let mut typed = Self::default();
        for (key, slot) in KEYS.iter().zip(typed.slots()) {
            *slot =
                key.default.map(|value| Given { values: vec![value.to_owned()], origin: Origin::Default });
        }
        typed
    }

    /// Fills what was not given from a lower layer.
    #[must_use]
    pub fn over(mut self, mut lower: Self) -> Self {
        let held: Vec<&str> = KEYS
            .iter()
            .zip(self.slots())
            .filter_map(|(key, slot)| slot.is_some().then_some(key.name))
            .collect();
        let shut_out = |name: &str| {
            EXCLUSIVE
                .iter()
                .any(|(a, b)| (name == *a && held.contains(b)) || (name == *b && held.contains(a)))
        };
        for ((key, slot), from) in KEYS.iter().zip(self.slots()).zip(lower.slots()) {
            if slot.is_none() && !shut_out(key.name) {
                *slot = from.take();
            }
        }
        self.claims = self.claims.or(lower.claims);
        self
    }
}

impl Key {
    /// Whether the environment can say it. What is repeated has no separator there, and a target or a run
    /// folder that is left over in the environment must not redirect an audit.
    pub fn in_environment(&self) -> bool {
        self.arity != Arity::Many && self.name != "target" && self.name != "run-dir"
    }

    /// The parts of a value that was typed in one piece.
    fn split(&self, values: Vec<String>) -> Vec<String> {
        match self.arity {
            Arity::List => values.iter().flat_map(|value| super::units::split_list(value)).collect(),
            Arity::One | Arity::Many | Arity::Switch => values,
        }
    }

    /// A value of a file in `folder`, made relative to where the command runs.
    pub(super) fn in_folder(&self, folder: &Path, value: String) -> String {
        if self.path && !value.is_empty() && !folder.as_os_str().is_empty() {
            // Both parts were text before, so nothing is lost.
            return folder.join(&value).to_string_lossy().into_owned();
        }
        value
    }
}

#[cfg(test)]
#[path = "typed/tests.rs"]
mod tests;
