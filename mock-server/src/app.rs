//! What all connections share, and the one way from rows to answers.
//!
//! The protocols decode rows and encode answers; here the model is asked. What goes wrong with a row by its
//! values (refusal, NaN) is decided here, what goes wrong with a request in [`crate::faults`].

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::arrivals::Recorder;
use crate::faults::{Dice, Faults, Swap, hash_row};
use crate::models::{Altered, Batch, Context, Model, Signature, Values};
use crate::options::Options;
use crate::protocols::Keys;

/// What all connections share.
pub(crate) struct App {
    served: Vec<Served>,
    pub(crate) faults: Faults,
    pub(crate) token: Option<String>,
    pub(crate) keys: Option<Keys>,
    /// Whether answers over gRPC are in typed elements.
    pub(crate) typed_answers: bool,
    pub(crate) dice: Dice,
    pub(crate) recorder: Arc<Recorder>,
    /// Turns true when the server ends; whatever waits on purpose waits for this too.
    pub(crate) closing: watch::Receiver<bool>,
    failed_once: Mutex<HashSet<u64>>,
    seed: u64,
}

/// A model with what was asked of it.
pub(crate) struct Served {
    model: Arc<dyn Model>,
    /// What answers once the models were swapped.
    successor: Arc<dyn Model>,
    /// Requests answered.
    pub(crate) requests: AtomicU64,
    /// Rows answered.
    pub(crate) rows: AtomicU64,
}

impl Served {
    pub(crate) fn signature(&self) -> &Signature {
        self.model.signature()
    }
}

/// The answers for the rows of one request.
pub(crate) struct Answers {
    /// The values, row after row, each `answer_width` wide.
    pub(crate) values: Vec<f64>,
    /// How many rows there are.
    pub(crate) rows: usize,
    /// How long the rows and their answers make the request take.
    pub(crate) delay: Duration,
}

/// The model raised an exception on one of the rows.
#[derive(Debug)]
pub(crate) struct Raised;

impl App {
    /// Puts the models up. Two models of one name are an error.
    pub(crate) fn new(options: Options, closing: watch::Receiver<bool>) -> io::Result<Self> {
        let recorder = Arc::new(Recorder::new(options.keep_arrivals, options.log.as_deref())?);
        let mut names = HashSet::new();
        for model in &options.models {
            let name = &model.signature().name;
            if !names.insert(name.clone()) {
                let message = format!("two models are called '{name}'; expected different names");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        }
        let swap = options.faults.swap.as_ref();
        let serve = |model: Arc<dyn Model>| Served {
            successor: successor(swap, &model),
            model,
            requests: AtomicU64::new(0),
            rows: AtomicU64::new(0),
        };
        let served = options.models.into_iter().map(serve).collect();
        let dice = Dice::new(options.seed);
        Ok(Self {
            served,
            faults: options.faults,
            token: options.token,
            typed_answers: options.typed_answers,
            keys: options.keys.map(|file| Keys::new(file, dice)).transpose()?,
            dice,
            recorder,
            closing,
            failed_once: Mutex::new(HashSet::new()),
            seed: options.seed,
        })
    }

    /// The models, in the order in which they were given.
    pub(crate) fn models(&self) -> &[Served] {
        &self.served
    }

    /// The model of this name.
    pub(crate) fn model(&self, name: &str) -> Option<&Served> {
        self.served.iter().find(|served| served.signature().name == name)
    }

    /// The version that answers the request with this number.
    pub(crate) fn version(&self, number: u64) -> &str {
        let swap = self.faults.swap.as_ref().filter(|swap| number >= swap.after);
        swap.and_then(|swap| swap.version.as_deref()).unwrap_or("1")
    }

    /// The version that would answer now.
    pub(crate) fn version_now(&self) -> &str {
        self.version(self.recorder.counts().predictions)
    }

    /// True the first time that this key is told.
    pub(crate) fn first_time(&self, key: u64) -> bool {
        self.failed_once.lock().unwrap_or_else(PoisonError::into_inner).insert(key)
    }

    /// Asks a model of one input for rows of numbers that lie one after the other, on behalf of the request with
    /// this number. A model that must be told more raises.
    pub(crate) fn predict(&self, served: &Served, x: Vec<f64>, number: u64) -> Result<Answers, Raised> {
        let batch = Batch::of_numbers(served.signature(), x).ok_or(Raised)?;
        self.answer(served, &batch, Map::new(), number)
    }

    /// Asks a model for the rows of the request with this number, which came with these parameters.
    pub(crate) fn answer(
        &self,
        served: &Served,
        batch: &Batch,
        parameters: Map<String, Value>,
        number: u64,
    ) -> Result<Answers, Raised> {
        let signature = served.signature();
        let model = self.model_at(served, number);
        let mut context = Context::new(self.seed, number).with_parameters(parameters);
        let mut values = Vec::with_capacity(batch.rows * signature.answer_width());
        let mut delay = Duration::ZERO;
        for row in 0..batch.rows {
            let row = batch.row(row);
            let x = row.first().map(Values::numbers).unwrap_or_default();
            let (refused, nan) = self.fate_of(&x);
            if refused {
                return Err(Raised);
            }
            let mut answer = model.answer(&row, &mut context);
            delay = delay.max(self.delay_of(&x, &answer));
            signature.round(&mut answer);
            if nan {
                answer.fill(f64::NAN);
            }
            values.extend(answer);
        }
        served.requests.fetch_add(1, Ordering::Relaxed);
        served.rows.fetch_add(batch.rows as u64, Ordering::Relaxed);
        Ok(Answers { values, rows: batch.rows, delay })
    }

    /// The model, or what took over from it.
    fn model_at<'a>(&self, served: &'a Served, number: u64) -> &'a dyn Model {
        let swapped = self.faults.swap.as_ref().is_some_and(|swap| number >= swap.after);
        if swapped { served.successor.as_ref() } else { served.model.as_ref() }
    }

    /// Whether a row is refused, and whether its answer is NaN.
    fn fate_of(&self, row: &[f64]) -> (bool, bool) {
        let Faults { refuse_rows, nan_rows, .. } = self.faults;
        if refuse_rows == 0.0 && nan_rows == 0.0 {
            return (false, false);
        }
        let key = hash_row(row);
        (self.dice.roll("refuse", key) < refuse_rows, self.dice.roll("nan", key) < nan_rows)
    }

    /// How long a row and its answer make a request take.
    fn delay_of(&self, row: &[f64], answer: &[f64]) -> Duration {
        let by_class = match self.faults.latency_if_class {
            Some((class, time)) if greatest(answer) == Some(class) => time,
            _ => Duration::ZERO,
        };
        by_class + self.faults.latency_of.as_ref().map_or(Duration::ZERO, |time| time.of(row, answer))
    }
}

/// What answers in the place of a model after the swap: never a model of other shapes.
fn successor(swap: Option<&Swap>, model: &Arc<dyn Model>) -> Arc<dyn Model> {
    let shapes = |model: &Arc<dyn Model>| {
        let signature = model.signature();
        (signature.inputs.clone(), signature.answer_width())
    };
    match swap {
        Some(Swap { to: None, .. }) => Arc::new(Altered(Arc::clone(model))),
        Some(Swap { to: Some(other), .. }) if shapes(other) == shapes(model) => Arc::clone(other),
        _ => Arc::clone(model),
    }
}

/// The place of the greatest value, the first of several; `None` where there is none.
fn greatest(values: &[f64]) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (place, value) in values.iter().enumerate() {
        if best.is_none_or(|best| *value > values[best]) {
            best = Some(place);
        }
    }
    best
}
