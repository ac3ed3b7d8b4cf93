//! Which protocol a pasted URL is of, and what its path says: one function for each protocol, over the segments.
//!
//! Segments come escaped and are given back escaped.

/// What the path of a pasted URL says.
#[derive(Default)]
pub(super) struct Pasted {
    /// How many segments stand before the protocol's own.
    pub prefix: usize,
    /// The model, escaped.
    pub model: Option<String>,
    /// The version, escaped.
    pub version: Option<String>,
}

/// `.../v2/models/M[/versions/V][/infer]`
pub(super) fn triton(path: &[&str]) -> Option<Pasted> {
    let prefix = path.windows(2).position(|pair| pair == ["v2", "models"])?;
    let (model, version) = match path[prefix + 2..] {
        [model] | [model, "infer" | ""] => (model, None),
        [model, "versions", version] | [model, "versions", version, "infer" | ""] => (model, Some(version)),
        _ => return None,
    };
    (!model.is_empty()).then(|| Pasted {
        prefix,
        model: Some(model.to_owned()),
        version: version.map(str::to_owned),
    })
}

/// The same, and `.../v2/models/` without a model. What is no whole path of the protocol is a prefix and a model.
pub(super) fn whole_triton(path: &[&str]) -> Option<Pasted> {
    match path {
        [prefix @ .., "v2", "models", ""] => Some(Pasted { prefix: prefix.len(), ..Pasted::default() }),
        path => triton(path),
    }
}

/// `.../predictions/M[/V]`
pub(super) fn torchserve(path: &[&str]) -> Option<Pasted> {
    let prefix = path.iter().position(|segment| *segment == "predictions")?;
    let (model, version) = match path[prefix + 1..] {
        [model] | [model, ""] => (model, None),
        [model, version] => (model, Some(version)),
        _ => return None,
    };
    (!model.is_empty()).then(|| Pasted {
        prefix,
        model: Some(model.to_owned()),
        version: version.map(str::to_owned),
    })
}

/// `...:predict`, `.../invocations` or `.../api/v1.0/predictions`; the whole path stays.
pub(super) fn json(path: &[&str]) -> Option<Pasted> {
    let last = path.last()?;
    (last.ends_with(":predict") || *last == "invocations" || path.ends_with(&["api", "v1.0", "predictions"]))
        .then(|| Pasted { prefix: path.len(), ..Pasted::default() })
}
