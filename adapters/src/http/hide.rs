//! Hides secrets in what a server told, which it may have copied from the headers it was sent.
//!
//! Numbers are left as they are. Predictions leave the endpoint as they came, so that what follows from them is what
//! follows from the true answer; whoever writes or prints one asks for it masked. The one invariant: no other text leaves
//! the endpoint before it went through the masker.

use std::borrow::Cow;

use crate::{Description, Masker, Port, Prediction, Sight, Survey, Tensor, Values};

/// Hides secrets in every label, text value and name of a prediction.
pub(super) fn prediction<'a>(masker: &Masker, mut told: Cow<'a, Prediction>) -> Cow<'a, Prediction> {
    if masker.is_empty() || !holds_one(masker, &told) {
        return told;
    }
    match told.to_mut() {
        Prediction::Labels(labels) => labels.iter_mut().for_each(|(label, _)| text(masker, label)),
        Prediction::Tensors(tensors) => tensors.iter_mut().for_each(|it| tensor(masker, it)),
    }
    told
}

/// Whether a prediction would be changed; most hold no secret, and are not copied.
fn holds_one(masker: &Masker, told: &Prediction) -> bool {
    let changes = |text: &str| matches!(masker.mask(text), Cow::Owned(_));
    match told {
        Prediction::Labels(labels) => labels.iter().any(|(label, _)| changes(label)),
        Prediction::Tensors(tensors) => tensors.iter().any(|tensor| {
            let texts: &[Vec<u8>] = if let Values::Bytes(texts) = &tensor.values { texts } else { &[] };
            changes(&tensor.name) || texts.iter().any(|text| matches!(masker.mask_bytes(text), Cow::Owned(_)))
        }),
    }
}

/// Hides secrets in every text of a description.
pub(super) fn description(masker: &Masker, told: &mut Description) {
    if masker.is_empty() {
        return;
    }
    // Taken apart whole, so that a new text is not forgotten here.
    let Description { model, version, server, inputs, outputs, max_batch: _, notes, hint: _ } = told;
    for told in [model, version, server].into_iter().flatten().chain(notes) {
        text(masker, told);
    }
    for Port { name, dtype: _, shape: _, optional: _ } in inputs.iter_mut().chain(outputs) {
        text(masker, name);
    }
}

/// Hides secrets in every text that was seen.
pub(super) fn sight(masker: &Masker, sight: &mut Sight) {
    if masker.is_empty() {
        return;
    }
    let Sight { at, said, told, pushback: _ } = sight;
    text(masker, at);
    text(masker, said);
    let Some(Survey { server, models, routes }) = told else { return };
    if let Some(server) = server {
        text(masker, server);
    }
    for model in models {
        let texts = [Some(&mut model.name), model.version.as_mut(), model.state.as_mut()];
        for told in texts.into_iter().flatten() {
            text(masker, told);
        }
    }
    for route in routes {
        text(masker, &mut route.path);
        for field in &mut route.fields {
            text(masker, &mut field.name);
            text(masker, &mut field.kind);
        }
    }
}

fn tensor(masker: &Masker, tensor: &mut Tensor) {
    if let Cow::Owned(masked) = masker.mask(&tensor.name) {
        tensor.name = masked.into();
    }
    if let Values::Bytes(values) = &mut tensor.values {
        for value in values {
            if let Cow::Owned(masked) = masker.mask_bytes(value) {
                *value = masked;
            }
        }
    }
}

fn text<T: AsRef<str> + From<String>>(masker: &Masker, told: &mut T) {
    if let Cow::Owned(masked) = masker.mask((*told).as_ref()) {
        *told = masked.into();
    }
}
