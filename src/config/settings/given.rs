//! What is typed as `NAME=VALUE` for each request: inputs that never change, and parameters.

use noisebound_adapters::{FixedInput, Parameter, SettingError};

use crate::config::problem::Misfit;

/// Inputs that never change, each once.
pub(super) fn fixed_inputs(values: &[String]) -> Result<Vec<FixedInput>, Misfit> {
    let mut inputs: Vec<FixedInput> = Vec::with_capacity(values.len());
    for value in values {
        let input = FixedInput::parse(value).map_err(|error| setting("input", &error))?;
        if inputs.iter().any(|known| known.name() == input.name()) {
            return Err(Misfit::unshown("each input once").found(format!("`{}` twice", input.name())));
        }
        inputs.push(input);
    }
    Ok(inputs)
}

/// Parameters, each once.
pub(super) fn parameters(values: &[String]) -> Result<Vec<Parameter>, Misfit> {
    let mut parameters: Vec<Parameter> = Vec::with_capacity(values.len());
    for value in values {
        let parameter = Parameter::parse(value).map_err(|error| setting("parameter", &error))?;
        if parameters.iter().any(|known| known.name() == parameter.name()) {
            return Err(Misfit::unshown("each parameter once").found(format!("`{}` twice", parameter.name())));
        }
        parameters.push(parameter);
    }
    Ok(parameters)
}

fn setting(what: &str, error: &SettingError) -> Misfit {
    Misfit::unshown(format!("NAME=VALUE as the {what}")).hint(error.to_string())
}

/// How many classes are asked for.
pub(super) fn classes(value: &str) -> Result<u32, Misfit> {
    let count = value.trim().parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| Misfit::new("a number of classes, at least 1", value))
}
