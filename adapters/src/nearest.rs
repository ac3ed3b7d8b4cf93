//! The name that was probably meant: one helper for every "did you mean" of the program.
//!
//! It only measures; who asks decides what to say when nothing is near.

/// The known name nearest to `typed`, if one is near enough to be a slip of the keyboard or a shortening.
/// Upper and lower case, `_` and `-` count as alike. Among equally near names the first known one is given.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = even(typed);
    if typed.is_empty() {
        return None;
    }
    let mut best: Option<(f64, &str)> = None;
    for name in known {
        let score = likeness(&typed, &even(name));
        if score >= 0.75 && best.is_none_or(|(top, _)| score > top) {
            best = Some((score, name));
        }
    }
    best.map(|(_, name)| name)
}

/// `did you mean `rate`?`, or the known names when none is near.
pub fn suggest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(typed, known.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("known: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// 1 for alike, 0 for nothing in common. Transpositions count as one slip; a beginning or an end of at
/// least three letters (`squared`, `tolerance`) is near.
fn likeness(typed: &str, name: &str) -> f64 {
    let shortened = typed.len() >= 3 && (name.starts_with(typed) || name.ends_with(typed));
    let slips = strsim::normalized_damerau_levenshtein(typed, name);
    // A single slip in a short name weighs more than it means.
    let one_slip = typed.len() >= 2 && strsim::damerau_levenshtein(typed, name) == 1;
    if shortened || one_slip { slips.max(0.8) } else { slips }
}

fn even(text: &str) -> String {
    text.trim().trim_start_matches('-').to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::{nearest, suggest};

    const KNOWN: [&str; 5] = ["rate", "levels", "same-tolerance", "squared-error", "token-env"];

    #[test]
    fn slips_and_shortenings_find_the_name() {
        for (typed, name) in [
            ("lvels", "levels"),
            ("Levels", "levels"),
            ("raet", "rate"),
            ("squared", "squared-error"),
            ("squared_error", "squared-error"),
            ("--token-evn", "token-env"),
            ("tolerance", "same-tolerance"),
        ] {
            assert_eq!(nearest(typed, KNOWN), Some(name), "{typed}");
        }
    }

    #[test]
    fn what_is_far_is_not_suggested() {
        for typed in ["", "x", "colour", "noise"] {
            assert_eq!(nearest(typed, KNOWN), None, "{typed}");
        }
        assert_eq!(suggest("colour", ["a", "b"]), "known: a, b");
        assert_eq!(suggest("rat", ["rate", "b"]), "did you mean `rate`?");
    }
}
