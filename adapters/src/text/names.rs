//! Names as servers write them.

/// A name without what does not tell: `classId`, `class_id` and `Class ID` are one.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_what_stands_between_words_do_not_tell() {
        for name in ["classId", "class_id", "Class ID", "class-id"] {
            assert_eq!(plain(name), "classid");
        }
    }
}
