//! Lists of models: a repository index, `{"models": [...]}` of names or of objects.

use super::{Listed, MOST, Survey};
use crate::text::{Json, parse};

/// The models in a list, whichever of the known forms it has; none where there is no list.
pub(crate) fn models(body: &[u8]) -> Option<Survey> {
    let told = parse(body).ok()?;
    let listed = told.items().or_else(|| told.get("models")?.items())?;
    let models = listed.iter().filter_map(model).take(MOST).collect();
    Survey { models, ..Survey::default() }.unless_empty()
}

fn model(told: &Json) -> Option<Listed> {
    let text = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| told.get(key)?.text().map(Into::into));
        found.filter(|text: &String| !text.is_empty())
    };
    let name = match told.text() {
        Some(name) if !name.is_empty() => name.into_owned(),
        Some(_) => return None,
        None => text(&["name", "modelName"])?,
    };
    Some(Listed { name, version: text(&["version", "modelVersion"]), state: text(&["state", "status"]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(body: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let told = models(body.as_bytes()).unwrap_or_default();
        told.models.into_iter().map(|it| (it.name, it.version, it.state)).collect()
    }

    #[test]
    fn every_known_form_of_a_list_is_read() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            listed(r#"[{"name":"iris","version":"1","state":"READY"},{"name":"old"},{"version":"2"}]"#),
            [("iris".into(), some("1"), some("READY")), ("old".into(), None, None)]
        );
        assert_eq!(listed(r#"{"models":["m",""]}"#), [("m".into(), None, None)]);
        assert_eq!(
            listed(r#"{"models":[{"modelName":"m","modelUrl":"m.mar"}]}"#),
            [("m".into(), None, None)]
        );
        for nothing in ["", "<html>", "{}", "[]", r#"{"models":{}}"#, r#"{"error":"x"}"#, "[1,2]"] {
            assert_eq!(models(nothing.as_bytes()), None, "{nothing}");
        }
        let long: Vec<String> = (0..200).map(|i| format!("\"m{i}\"")).collect();
        assert_eq!(listed(&format!("[{}]", long.join(","))).len(), MOST);
    }
}
