//! Images in words: that noise acts on their pixels, and what they are sent as.
//!
//! The invariant: where compression changes pixels beside the noise, every output says so.

use crate::config::question::{FormSpec, Normalize, Question};
use crate::form::kind;
use crate::report::text::shorten;

/// How noise meets the pixels, and what the model is sent.
pub fn form(question: &Question) -> Option<String> {
    let form = question.form.as_ref()?;
    let sent = match (form.name.as_str(), &form.normalize) {
        ("png", _) => "the image is then sent as a PNG file, which loses nothing".to_owned(),
        ("tensor", _) => "the pixels are then sent as they are".to_owned(),
        (_, Some(normalize)) => format!("the pixels are then sent as floats, {}", numbers(normalize)),
        _ => format!("the image is then sent as {}", shorten(&form.to_string(), 40)),
    };
    let lost = compression(form).map_or_else(String::new, |lost| format!(" {lost}"));
    Some(format!(
        "Noise is added to pixels, each from 0 to 255, and the sum rounded to a whole number; {sent}.{lost}"
    ))
}

/// A loud line where compression adds to the noise.
pub(super) fn compressed(question: &Question) -> Option<String> {
    let form = question.form.as_ref()?;
    lossy(form).then(|| {
        format!("COMPRESSED as {}: JPEG changes pixels beside the noise.", shorten(&form.to_string(), 40))
    })
}

fn lossy(form: &FormSpec) -> bool {
    kind(&form.name).is_some_and(|kind| kind.lossy)
}

fn compression(form: &FormSpec) -> Option<&'static str> {
    lossy(form).then_some(
        "Compression adds noise of its own, to clean rows too: what the model is shown at a level is not exactly that \
         noise, and at level 0 not exactly the data.",
    )
}

fn numbers(normalize: &Normalize) -> String {
    match normalize {
        Normalize::None => "0 to 255".to_owned(),
        Normalize::Unit => "divided by 255".to_owned(),
        Normalize::MeanStd { .. } => format!("divided by 255 and normalized by {normalize}"),
    }
}
