//! The known name that is most like an unknown one, for "did you mean".

/// The name most like `word`, where one is like it at all: by Damerau and Levenshtein's distance at most
/// a third of its length, but one letter of two or three. The first of equals.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_is_alike_is_suggested() {
        let names = ["age", "income", "error"];
        assert_eq!(nearest("Incmoe", names), Some("income"));
        assert_eq!(nearest("erorr", names), Some("error"));
        assert_eq!(nearest("ag", names), Some("age"));
        assert_eq!(nearest("zip", names), None);
        assert_eq!((nearest("x", ["y"]), nearest("", ["y"]), nearest("xs", ["x"])), (None, None, Some("x")));
    }
}
