//! What images are sent as: `--send-as png`, `--send-as jpeg:90`, `--send-as nchw --normalize MEAN/STD`.

use crate::{
    config::{
        problem::{Misfit, Problems},
        question::{FormSpec, Normalize},
        typed::Typed,
        units,
    },
    form::{FORMS, kind},
    nearest::suggest,
};

/// The form, if one was asked for.
pub(super) fn form(typed: &Typed, problems: &mut Problems) -> Option<FormSpec> {
    let form = problems.one("send-as", typed.send_as.as_ref(), send_as);
    let normalize = problems.one("normalize", typed.normalize.as_ref(), normalize);
    let normalized = form.as_ref().and_then(|form| kind(&form.name)).is_some_and(|kind| kind.normalized);
    if normalized && typed.normalize.is_none() {
        let misfit = Misfit::unshown("how pixels become numbers").found("nothing");
        let hint = "add --normalize none (0 to 255), --normalize unit (0 to 1), or --normalize MEAN/STD, as in \
                    0.485,0.456,0.406/0.229,0.224,0.225";
        problems.note("normalize", None, misfit.hint(hint));
    }
    if !normalized && typed.normalize.is_some() && (form.is_some() || typed.send_as.is_none()) {
        let misfit = Misfit::unshown("--send-as nchw or --send-as nhwc beside --normalize");
        problems.note("normalize", typed.normalize.as_ref(), misfit.hint("add it, or leave --normalize out"));
    }
    Some(FormSpec { normalize, ..form? })
}

/// The form where images are the data and none was asked for: a file that loses nothing where servers of the protocol
/// read files, else the pixels as they are.
pub(super) fn of_images(files: bool) -> FormSpec {
    FormSpec { name: if files { "png" } else { "tensor" }.to_owned(), quality: None, normalize: None }
}

fn send_as(value: &str) -> Result<FormSpec, Misfit> {
    let (name, quality) = match value.split_once(':') {
        Some((name, quality)) => (name, Some(quality)),
        None => (value, None),
    };
    let Some(kind) = kind(name) else {
        let names = FORMS.iter().map(|form| form.name);
        return Err(Misfit::new("a form", value).hint(suggest(name, names)));
    };
    let quality = match quality {
        None => kind.lossy.then_some(crate::form::QUALITY),
        Some(_) if !kind.lossy => {
            return Err(Misfit::new("a quality for jpeg alone", value).hint(format!("write {name}")));
        }
        Some(text) => {
            let quality = text.parse().ok().filter(|quality| (1..=100).contains(quality));
            Some(quality.ok_or_else(|| Misfit::new("a quality from 1 to 100, as in jpeg:90", value))?)
        }
    };
    Ok(FormSpec { name: name.to_owned(), quality, normalize: None })
}

fn normalize(value: &str) -> Result<Normalize, Misfit> {
    let misfit = || Misfit::new("none, unit, or MEAN/STD such as 0.485,0.456,0.406/0.229,0.224,0.225", value);
    match value.trim() {
        "none" => return Ok(Normalize::None),
        "unit" => return Ok(Normalize::Unit),
        _ => (),
    }
    let (mean, std) = value.split_once('/').ok_or_else(misfit)?;
    let numbers = |list: &str| -> Result<Vec<f64>, Misfit> {
        let all = list.split(',').map(units::number).collect::<Result<Vec<f64>, _>>();
        all.ok().filter(|all| matches!(all.len(), 1 | 3)).ok_or_else(misfit)
    };
    let (mean, std) = (numbers(mean)?, numbers(std)?);
    if mean.len() != std.len() {
        return Err(misfit().hint("as many deviations as means, 1 or 3 of each"));
    }
    // In 32 bits, in which the division is done.
    if std.iter().any(|std| *std < f64::from(f32::MIN_POSITIVE)) {
        return Err(misfit().hint("deviations are above 0"));
    }
    if mean.iter().chain(&std).any(|number| number.abs() > 1e6) {
        return Err(misfit().hint("both are of values from 0 to 1"));
    }
    Ok(Normalize::MeanStd { mean, std })
}
