//! What to put into the first audit of an endpoint, from its answer, its data and what the server tells.
//!
//! Pure. Only keys that nobody typed are advised; an idea that may be wrong stands in the file as a comment.

use noisebound_adapters::{Dtype, Prediction};
use toml::Value;

use super::facts::DataFacts;
use super::look::Look;
use super::understood::number;
use crate::config::Question;
use crate::config::settings::Settings;
use crate::loss::Target;

/// A value for a key, and why.
#[derive(Debug, Clone)]
pub struct Idea {
    /// The key.
    pub key: &'static str,
    /// Its value.
    pub value: Value,
    /// Why, a sentence.
    pub why: String,
    /// Whether it is to hold; else it is there to be thought about.
    pub holds: bool,
}

/// What is advised.
#[derive(Debug, Clone, Default)]
pub struct Advice {
    /// In the order in which it is told.
    pub ideas: Vec<Idea>,
    /// The loss that was typed or is advised.
    pub loss: String,
}

/// Batches gain little above this, and a small one is gentle.
const BATCH: usize = 16;

impl Advice {
    /// What to put into the first audit.
    pub fn new(
        settings: &Settings,
        question: &Question,
        data: &DataFacts,
        target: Option<&Target>,
        seen: &Look,
    ) -> Self {
        let mut advice = Self { ideas: Vec::new(), loss: question.loss.name.clone() };
        let answer = seen.shown.first().and_then(|shown| shown.answer.as_ref().ok());
        let prediction = answer.and_then(|answer| answer.predictions.first());
        if settings.typed.loss.is_none()
            && let Some(prediction) = prediction
        {
            advice.advise_loss(settings, data, target, prediction);
        }
        advice.advise_noise(settings, question, data);
        let told = seen.description.as_ref().and_then(|told| told.max_batch);
        if settings
            .typed
            .batch
            .as_ref()
            .is_none_or(|given| given.origin == crate::config::problem::Origin::Default)
        {
            advice.advise_batch(told);
        }
        advice
    }

    fn push(&mut self, key: &'static str, value: impl Into<Value>, why: impl Into<String>, holds: bool) {
        self.ideas.push(Idea { key, value: value.into(), why: why.into(), holds });
    }

    fn advise_loss(
        &mut self,
        settings: &Settings,
        data: &DataFacts,
        target: Option<&Target>,
        prediction: &Prediction,
    ) {
        let why = match (form(prediction, target), target) {
            (Form::Number(_), Some(_)) if data.binary => {
                "The answer is one score, the targets are 0 or 1: class 1 is from --threshold on."
            }
            (Form::Number(_) | Form::Numbers, Some(_)) if data.targets.is_some() => {
                return self.advise_distance(settings, data);
            }
            (_, Some(_)) => {
                "1 where the answered class is not the target, else 0; its mean is the error rate."
            }
            (Form::Number(v), None) if !(0.0..=1.0).contains(&v) => {
                if settings.typed.quantiles.is_none() {
                    let why = "The answer is a number and there are no targets: how far noise moves it, nine times of ten.";
                    let list = Value::Array(vec![Value::from("q90(shift)")]);
                    self.push("quantiles", list, why, true);
                }
                return;
            }
            (_, None) => "There are no targets: 1 where noise changes the answered class, else 0.",
        };
        let loss = if target.is_some() { "error" } else { "flip" };
        loss.clone_into(&mut self.loss);
        self.push("loss", loss, why, true);
    }

    /// The targets are numbers that the prediction comes near to.
    fn advise_distance(&mut self, settings: &Settings, data: &DataFacts) {
        "absolute-error".clone_into(&mut self.loss);
        self.push("loss", "absolute-error", "The distance of the answer and the target.", true);
        let width = data.targets.map_or(0.0, |(low, high)| high - low);
        let ends = settings.typed.loss_range.is_some() || settings.typed.loss_cap.is_some();
        if !ends && width > 0.0 {
            let cap = round_up(width);
            let why = format!(
                "The targets lie in a range {} wide; larger losses count as this, and limits are of the loss so capped.",
                number(width)
            );
            self.push("loss-cap", cap, why, true);
        }
    }

    fn advise_noise(&mut self, settings: &Settings, question: &Question, data: &DataFacts) {
        let Some(spread) = data.spread.filter(|spread| spread.width() > 0.0) else { return };
        let (low, high) = (spread.low, spread.high);
        let typed = |given: &Option<crate::config::typed::Given>| {
            given.as_ref().is_some_and(|given| given.origin != crate::config::problem::Origin::Default)
        };
        let about = format!("The values lie in {} to {}", number(low), number(high));
        if !typed(&settings.typed.levels) && question.gates.is_empty() && !typed(&settings.typed.scale) {
            let width = spread.width();
            if !(0.5..=2.0).contains(&width) {
                let levels = [0.05, 0.1, 0.2].map(|share| round(share * width));
                let list = Value::Array(levels.map(Value::from).to_vec());
                self.push("levels", list, format!("{about}: noise of 5, 10 and 20 % of that range."), true);
            }
        }
        if !typed(&settings.typed.clip) {
            let list = Value::Array(vec![tidy(low), tidy(high)]);
            let natural = spread.is_natural();
            let why = if natural {
                format!("{about}, and often at an end: noise never leaves that range.")
            } else {
                format!("{about}; where nothing else is possible, noise can be held inside.")
            };
            self.push("clip", list, why, natural);
        }
    }

    fn advise_batch(&mut self, most: Option<usize>) {
        match most {
            Some(0 | 1) => {}
            Some(most) => {
                let why = format!("The server takes up to {most} rows in one request. No effect on results.");
                self.push("batch", i64::try_from(most.min(BATCH)).unwrap_or(1), why, true);
            }
            None => {
                let why = "Where the service takes several rows in one request. No effect on results.";
                self.push("batch", 8, why, false);
            }
        }
    }
}

/// What kind of answer it is.
enum Form {
    /// One number that is no class.
    Number(f64),
    /// Several numbers, as many as the target has.
    Numbers,
    /// A class, or a score for each.
    Class,
}

fn form(prediction: &Prediction, target: Option<&Target>) -> Form {
    let Prediction::Tensors(tensors) = prediction else { return Form::Class };
    let [tensor] = tensors.as_slice() else { return Form::Class };
    let float = matches!(tensor.values.dtype(), Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64);
    match (tensor.values.len(), tensor.values.number(0)) {
        (1, Some(v)) if float => Form::Number(v),
        (count, _) if matches!(target, Some(Target::Values(values)) if values.len() == count) => {
            Form::Numbers
        }
        _ => Form::Class,
    }
}

/// To two significant digits.
fn round(v: f64) -> f64 {
    format!("{v:.1e}").parse().unwrap_or(v)
}

/// To two significant digits, not below.
fn round_up(v: f64) -> f64 {
    let rounded: f64 = format!("{v:.1e}").parse().unwrap_or(v);
    if rounded >= v { rounded } else { format!("{:.1e}", v * 1.05).parse().unwrap_or(v) }
}

/// A whole number as such.
fn tidy(v: f64) -> Value {
    if v.fract() == 0.0 && v.abs() < 1e15 { Value::from(v as i64) } else { Value::from(v) }
}
