//! What differs between two questions, in words.

use serde_json::Value;

use super::Question;

/// Every value that differs, each as `noise.clip [0,16] against none`; empty when the questions are equal.
pub fn differences(one: &Question, two: &Question) -> Vec<String> {
    // A question is text, numbers and lists of them, which JSON can say.
    let value = |question| serde_json::to_value(question).unwrap_or_default();
    let mut found = Vec::new();
    differ("", &value(one), &value(two), &mut found);
    found
}

fn differ(name: &str, one: &Value, two: &Value, found: &mut Vec<String>) {
    match (one, two) {
        (Value::Object(fields), Value::Object(others)) => {
            let more = others.keys().filter(|key| !fields.contains_key(*key));
            for key in fields.keys().chain(more) {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                let of =
                    |fields: &serde_json::Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
                differ(&name, &of(fields), &of(others), found);
            }
        }
        _ if one == two => {}
        _ => found.push(format!("{name} {} against {}", told(one), told(two))),
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tests::question;

    #[test]
    fn what_differs_is_named_with_both_values() {
        let one = question(100, &[0.1]);
        let mut two = one.clone();
        assert!(differences(&one, &two).is_empty());
        two.seed = one.seed + 1;
        two.noise.clip = Some((0.0, 16.0));
        two.endpoint.url = "json://elsewhere/p".to_owned();
        let told = differences(&one, &two);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(
            told.contains(&format!("endpoint.url {} against json://elsewhere/p", one.endpoint.url)),
            "{told:?}"
        );
        assert!(told.contains(&"noise.clip none against [0.0,16.0]".to_owned()), "{told:?}");
        assert!(told.contains(&format!("seed {} against {}", one.seed, two.seed)), "{told:?}");
    }
}
