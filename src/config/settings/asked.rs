//! What is asked, as far as the data do not decide it: noise, loss, and what is [`stated`].

use super::{
    form,
    stated::{self, Stated},
    together,
};
use crate::{
    config::{
        problem::{Misfit, Problems},
        question::{FormSpec, Scale},
        typed::Typed,
        units,
    },
    loss::{LOSSES, LossKind},
    noise::FAMILIES,
};

/// What is asked, as far as the data do not decide it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The seed; `None` for a new one.
    pub seed: Option<u64>,
    /// What images are sent as; `None` where the data and the target decide.
    pub form: Option<FormSpec>,
    /// The name of the noise family.
    pub noise: String,
    /// The grid: ascending, above 0, no two alike, the levels of the gates among them.
    pub levels: Vec<f64>,
    /// The unit of the levels; `None` where the data decide.
    pub scale: Option<Scale>,
    /// The range that perturbed values are held inside.
    pub clip: Option<(f64, f64)>,
    /// The only columns that are perturbed.
    pub perturb: Option<Vec<String>>,
    /// The columns that are left alone.
    pub fix: Option<Vec<String>>,
    /// The name of the loss; `None` where the data decide.
    pub loss: Option<String>,
    /// The promised range of the loss.
    pub loss_range: Option<(f64, f64)>,
    /// What larger losses count as.
    pub loss_cap: Option<f64>,
    /// From what score on a single score is class 1.
    pub threshold: f64,
    /// What is to be stated.
    pub stated: Stated,
    /// Up to how many rows all are asked clean first.
    pub clean_pass: u64,
    /// How far apart two clean answers may lie and still be the same.
    pub same_tolerance: f64,
}

/// The grid where nothing else is said.
const LEVELS: [f64; 3] = [0.05, 0.1, 0.2];

/// The same for images, in values of a pixel, 0 to 255: less than 1 would be rounded away.
const PIXEL_LEVELS: [f64; 3] = [8.0, 16.0, 32.0];

pub(super) fn asked(typed: &Typed, images: bool, problems: &mut Problems) -> Option<Asked> {
    let seed = problems.one("seed", typed.seed.as_ref(), seed);
    let form = form::form(typed, problems);
    let noise = problems.one("noise", typed.noise.as_ref(), |value| {
        known("a noise family", value, FAMILIES.iter().map(|family| family.name))
    });
    let levels = problems.read("levels", typed.levels.as_ref(), levels);
    let scales = [("absolute", Scale::Absolute), ("std", Scale::Std)];
    let scale = problems.one("scale", typed.scale.as_ref(), |value| choice("a unit", value, &scales));
    let clip = problems.read("clip", typed.clip.as_ref(), |values| match values {
        [none] if none.trim().eq_ignore_ascii_case("none") => Ok(None),
        values => units::pair(values).map(Some),
    });
    let perturb = problems.read("perturb", typed.perturb.as_ref(), columns);
    let fix = problems.read("fix", typed.fix.as_ref(), columns);
    if perturb.is_some() && fix.is_some() {
        let misfit = Misfit::unshown("either --perturb or --fix").found("both");
        problems.note("fix", typed.fix.as_ref(), misfit.hint("leave one of the two out"));
    }
    let loss = problems.one("loss", typed.loss.as_ref(), |value| {
        known("a loss", value, LOSSES.iter().map(|loss| loss.name))
    });
    let (loss_range, loss_cap) = loss_end(typed, problems);
    let threshold = problems.one("threshold", typed.threshold.as_ref(), units::number);
    let stated = stated::stated(typed, problems);
    let clean_pass = problems.one("clean-pass", typed.clean_pass.as_ref(), units::count);
    let same_tolerance = problems.one("same-tolerance", typed.same_tolerance.as_ref(), units::not_negative);
    let stated = stated?;
    stated.check_levels(typed, levels.as_deref(), problems);
    let asked = Asked {
        seed: seed?,
        form,
        noise: noise?,
        levels: grid(levels, if images { PIXEL_LEVELS } else { LEVELS }, &stated),
        scale,
        clip: clip?,
        perturb,
        fix,
        loss,
        loss_range,
        loss_cap,
        threshold: threshold?,
        stated,
        clean_pass: clean_pass?,
        same_tolerance: same_tolerance?,
    };
    together::check(&asked.stated, typed, problems);
    if let Some(loss) = asked.loss.as_deref().and_then(kind) {
        asked.check_loss(loss, typed, problems);
    }
    Some(asked)
}

/// The promised range of the loss, or its cap.
fn loss_end(typed: &Typed, problems: &mut Problems) -> (Option<(f64, f64)>, Option<f64>) {
    let range = problems.read("loss-range", typed.loss_range.as_ref(), units::pair);
    let cap = problems.one("loss-cap", typed.loss_cap.as_ref(), units::positive);
    if range.is_some() && cap.is_some() {
        let misfit = Misfit::unshown("either --loss-range or --loss-cap").found("both");
        problems.note("loss-cap", typed.loss_cap.as_ref(), misfit.hint("leave one of the two out"));
    }
    (range, cap)
}

/// The loss of this name.
pub(super) fn kind(name: &str) -> Option<&'static LossKind> {
    LOSSES.iter().find(|loss| loss.name == name)
}

fn seed(value: &str) -> Result<Option<u64>, Misfit> {
    if value.trim().eq_ignore_ascii_case("new") {
        return Ok(None);
    }
    units::count(value).map(Some).map_err(|_| Misfit::new("a whole number below 2^53, or new", value))
}

fn levels(values: &[String]) -> Result<Vec<f64>, Misfit> {
    let mut levels = Vec::with_capacity(values.len());
    for value in values {
        let misfit = || Misfit::new("levels above 0, such as 0.05,0.1", value);
        let level = units::positive(value).map_err(|_| match units::number(value) {
            Ok(0.0) => misfit().hint("clean rows are asked anyway: leave 0 out"),
            _ => misfit(),
        })?;
        if levels.contains(&level) {
            return Err(misfit().found(format!("`{value}` twice")).hint("name each level once"));
        }
        levels.push(level);
    }
    if levels.is_empty() {
        return Err(Misfit::unshown("at least one level").found("none"));
    }
    levels.sort_by(f64::total_cmp);
    Ok(levels)
}

fn columns(values: &[String]) -> Result<Vec<String>, Misfit> {
    let empty = values.is_empty() || values.iter().any(|value| value.trim().is_empty());
    if empty {
        return Err(Misfit::new("names of columns, such as age,income", values.join(",")));
    }
    Ok(values.to_vec())
}

/// The levels that are asked and those that gates name. Where nothing but gates at named levels is asked,
/// a default grid would only be levels about which nothing is said.
fn grid(typed: Option<Vec<f64>>, unsaid: [f64; 3], stated: &Stated) -> Vec<f64> {
    let named = stated.gates.iter().filter_map(|gate| gate.spec.level);
    let default = || if stated.gated_levels_alone() { Vec::new() } else { unsaid.to_vec() };
    let mut levels: Vec<f64> = typed.unwrap_or_else(default).into_iter().chain(named).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels
}

fn known<'a>(
    what: &str,
    value: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
) -> Result<String, Misfit> {
    if names.clone().into_iter().any(|name| name == value) {
        return Ok(value.to_owned());
    }
    Err(Misfit::new(what, value).hint(crate::nearest::suggest(value, names)))
}

pub(super) fn choice<T: Copy>(what: &str, value: &str, choices: &[(&str, T)]) -> Result<T, Misfit> {
    let found = choices.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice);
    found.ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        Misfit::new(what, value).hint(crate::nearest::suggest(value, names))
    })
}
