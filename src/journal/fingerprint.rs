//! The name of a question: two audits belong together if and only if it is the same.

use serde_json::Value;

use crate::config::Question;

/// BLAKE3 of the question as JSON with sorted members and without white space, 64 hexadecimal digits.
#[expect(clippy::missing_panics_doc, reason = "a question can always be written")]
pub fn fingerprint(question: &Question) -> String {
    let value = serde_json::to_value(question)
        .expect("a question is made of numbers, strings and lists, which JSON can write");
    blake3::hash(sorted(value).to_string().as_bytes()).to_hex().to_string()
}

/// The same value with the members of every object in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::question;
    use super::*;

    #[test]
    fn the_order_of_members_does_not_matter_and_that_of_items_does() {
        let value = serde_json::json!({ "b": { "d": 1, "c": 2 }, "a": [2, 1] });
        assert_eq!(sorted(value).to_string(), r#"{"a":[2,1],"b":{"c":2,"d":1}}"#);
    }

    #[test]
    fn every_part_of_the_question_counts() {
        let mut other = question();
        assert_eq!(fingerprint(&other), fingerprint(&question()));
        other.levels[0] += 1e-15;
        assert_ne!(fingerprint(&other), fingerprint(&question()));
    }

    /// Journals that exist must stay resumable: this value may change only with the format.
    #[test]
    fn the_fingerprint_of_a_question_never_changes() {
        assert_eq!(
            fingerprint(&question()),
            "7cdc213a4ee9f2b4f88cbe61a2dca92b7c1c3c94d682feaa15d641558513495a"
        );
    }
}
