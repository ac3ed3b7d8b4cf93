//! What was understood of the answers: the prediction, its class, its loss, and whether it repeats.

use noisebound_adapters::{Endpoint, Prediction, Tensor};
use schemars::JsonSchema;
use serde::Serialize;

use super::advice::Advice;
use super::facts::{Inspection, Problem};
use super::look::would_fit;
use crate::audit::strangers;
use crate::client::Shown;
use crate::config::Question;
use crate::config::settings::Settings;
use crate::loss::{LossError, Target, class_of, loss};

/// What was understood.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Understood {
    /// The prediction, a line for each output.
    pub prediction: Vec<String>,
    /// The class that it stands for, where the loss reads one.
    pub class: Option<String>,
    /// The score of that class, where there are scores.
    pub score: Option<f64>,
    /// The target of the row.
    pub target: Option<String>,
    /// The loss that fits.
    pub loss: String,
    /// What it is for this row, where it is not against the clean answer.
    pub loss_of_row: Option<f64>,
    /// How often the row was answered.
    pub answers: usize,
    /// Whether all answers were the same, to the last bit.
    pub same: bool,
    /// How far apart the numbers of two answers lie at most, where they are not the same.
    pub apart: Option<f64>,
    /// The model version that answered, where the answer tells.
    pub version: Option<String>,
    /// What is odd about the answer beside the targets of all rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odd: Option<String>,
}

/// So many values or labels are shown.
const SHOWN: usize = 8;

impl Inspection {
    /// Notes what the first answer of the endpoint says, and whether the others say the same. What is noted is masked; what
    /// follows from it is that of the answers as they came.
    pub fn understand(
        &mut self,
        settings: &Settings,
        question: &Question,
        advice: &Advice,
        (target, targets): (Option<&Target>, &[Target]),
        (endpoint, shown): (&dyn Endpoint, &[Shown]),
    ) {
        let answers: Vec<_> = shown.iter().filter_map(|shown| shown.answer.as_ref().ok()).collect();
        let predictions: Vec<_> = answers.iter().filter_map(|answer| answer.predictions.first()).collect();
        let Some(first) = predictions.first() else { return };
        let same = predictions.iter().all(|it| it == first);
        let judged = judge(&advice.loss, question.loss.threshold, first, target);
        if let Err(why) = &judged {
            let flag = if settings.place.target.takes("answer") { "--answer" } else { "--output" };
            let look = || format!("see --loss and {flag}, and what the answer holds above");
            let hint = would_fit(shown).unwrap_or_else(look);
            let why = endpoint.mask(&why.to_string());
            let said = format!("the answer does not fit the loss {}: {why}", advice.loss);
            self.problem.get_or_insert_with(|| Problem::new(4, said, Some(hint)));
        }
        let classes = matches!(advice.loss.as_str(), "error" | "flip");
        let masked = endpoint.mask_prediction(first);
        let class = class_of(&masked, question.loss.threshold).ok().filter(|_| classes);
        let mask = |text: &str| endpoint.mask(text);
        let judged_so = (advice.loss.as_str(), question.loss.threshold);
        self.understood = Some(Understood {
            prediction: lines(&masked),
            score: class.as_ref().and_then(|_| best(first)),
            class: class.map(|class| class.to_string()),
            target: target.map(told).map(|told| mask(&told)),
            loss: advice.loss.clone(),
            loss_of_row: judged.ok().filter(|_| advice.loss != "flip"),
            answers: predictions.len(),
            same,
            apart: predictions.get(1).filter(|_| !same).and_then(|second| apart(first, second)),
            odd: strangers(judged_so, std::iter::once(masked.as_ref()), targets, &mask),
            version: answers.iter().find_map(|answer| answer.version.as_deref().map(str::to_owned)),
        });
    }
}

fn judge(name: &str, threshold: f64, first: &Prediction, target: Option<&Target>) -> Result<f64, LossError> {
    let loss = loss(name, None, threshold).map_err(|error| LossError::Unfit(error.to_string()))?;
    loss.of(first, Some(first), target)
}

/// A target, for people.
pub fn told(target: &Target) -> String {
    match target {
        Target::Number(v) => number(*v),
        Target::Name(name) => name.to_string(),
        Target::Values(values) => list(values.iter().map(|v| number(*v)), values.len()),
    }
}

/// A prediction, a line for each output.
pub fn lines(prediction: &Prediction) -> Vec<String> {
    match prediction {
        Prediction::Labels(labels) => {
            let each = labels.iter().map(|(label, score)| format!("{label} {}", number(*score)));
            vec![format!("labels: {}", list(each, labels.len()))]
        }
        Prediction::Tensors(tensors) => tensors.iter().map(line).collect(),
    }
}

fn line(tensor: &Tensor) -> String {
    let values = &tensor.values;
    let value = |i: usize| match (values.number(i), values) {
        (Some(v), _) => number(v),
        (None, noisebound_adapters::Values::Bytes(texts)) => {
            texts.get(i).map_or_else(String::new, |text| format!("{:?}", String::from_utf8_lossy(text)))
        }
        (None, _) => String::new(),
    };
    let shape = format!("{:?}", tensor.shape);
    let values = list((0..values.len()).map(value), values.len());
    format!("{} {} {shape}: {values}", tensor.name, tensor.values.dtype().name())
}

/// The first few, and how many more there are.
fn list(each: impl Iterator<Item = String>, count: usize) -> String {
    let shown: Vec<String> = each.take(SHOWN).collect();
    let more = count.saturating_sub(SHOWN);
    let end = if more > 0 { format!(", … {more} more") } else { String::new() };
    format!("{}{end}", shown.join(", "))
}

/// The score of the class that a prediction stands for: the largest of several, or a single one.
fn best(prediction: &Prediction) -> Option<f64> {
    match prediction {
        Prediction::Labels(labels) => labels.first().map(|(_, score)| *score),
        Prediction::Tensors(tensors) => {
            let [tensor] = tensors.as_slice() else { return None };
            let single = tensor.values.len() == 1;
            let float =
                !matches!(tensor.values.dtype().name(), name if name.contains("INT") || name == "BOOL");
            let numbers = (0..tensor.values.len()).filter_map(|i| tensor.values.number(i));
            numbers.max_by(f64::total_cmp).filter(|_| !single || float)
        }
    }
}

/// How far apart the numbers of two predictions lie at most; none where they are not of one form.
fn apart(one: &Prediction, other: &Prediction) -> Option<f64> {
    let numbers = |prediction: &Prediction| -> Option<Vec<f64>> {
        match prediction {
            Prediction::Labels(labels) => Some(labels.iter().map(|(_, score)| *score).collect()),
            Prediction::Tensors(tensors) => {
                tensors.iter().flat_map(|it| (0..it.values.len()).map(|i| it.values.number(i))).collect()
            }
        }
    };
    let (one, other) = (numbers(one)?, numbers(other)?);
    (one.len() == other.len()).then(|| one.iter().zip(&other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max))
}

/// A number in five significant digits, plain where that is short.
pub fn number(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return v.to_string();
    }
    let text = format!("{v:.4e}");
    let exponent = text.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    let Some(places) = usize::try_from(4 - exponent).ok().filter(|places| *places <= 8) else {
        // Whole numbers are written whole as long as that is short.
        return if v.fract() == 0.0 && exponent <= 8 { format!("{v:.0}") } else { text };
    };
    let plain = format!("{v:.places$}");
    if plain.contains('.') { plain.trim_end_matches('0').trim_end_matches('.').to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use noisebound_adapters::Values;

    use super::*;

    #[test]
    fn numbers_are_short_and_keep_what_tells() {
        for (v, text) in [
            (0.0, "0"),
            (16.0, "16"),
            (106.985_687, "106.99"),
            (0.000_288_97, "0.00028897"),
            (0.5, "0.5"),
            (-2.25, "-2.25"),
            (123_456.0, "123456"),
            (1e-9, "1.0000e-9"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(v), text);
        }
    }

    #[test]
    fn predictions_are_told_in_a_line_for_each_output() {
        let labels = Prediction::Labels(vec![("cat".into(), 0.75), ("dog".into(), 0.25)]);
        assert_eq!(lines(&labels), ["labels: cat 0.75, dog 0.25"]);
        let tensor = Tensor::new("y", [10], Values::F32((0_u8..10).map(f32::from).collect())).unwrap();
        let texts = Tensor::new("z", [1], Values::Bytes(vec![b"a\xff".to_vec()])).unwrap();
        let told = lines(&Prediction::Tensors(vec![tensor, texts]));
        assert_eq!(told, ["y FP32 [10]: 0, 1, 2, 3, 4, 5, 6, 7, … 2 more", "z BYTES [1]: \"a\u{fffd}\""]);
    }

    #[test]
    fn how_far_answers_lie_apart_is_their_largest_difference() {
        let of = |values: &[f64]| {
            let tensor = Tensor::new("y", [values.len()], Values::F64(values.to_vec())).unwrap();
            Prediction::Tensors(vec![tensor])
        };
        assert_eq!(apart(&of(&[1.0, 2.0]), &of(&[1.5, 1.0])), Some(1.0));
        assert_eq!(apart(&of(&[1.0]), &of(&[1.0, 2.0])), None);
    }
}
