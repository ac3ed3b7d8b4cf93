//! Where in an answer the predictions stand: a JSON Pointer (RFC 6901) in which one step may be `*`, each row in
//! turn.
//!
//! JSON that a service put into a JSON string is opened on the way. Nothing is judged here.

use std::borrow::Cow;

use crate::SetupError;
use crate::text::{Json, parse};

/// A pointer to the list of answers, and from each answer on to what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    /// As it was typed.
    pub(super) whole: String,
    /// What stands before `/*`.
    pub(super) list: String,
    /// What stands behind it.
    pub(super) each: Option<String>,
}

impl Pointer {
    /// Reads `/predictions`, `/results/*/score`, or an empty text for all of the answer.
    pub(super) fn parse(text: &str) -> Result<Self, SetupError> {
        let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !(text.is_empty() || text.starts_with('/')) || !escapes {
            return Err(SetupError::Pointer(text.to_owned()));
        }
        let steps: Vec<&str> = text.split('/').skip(1).collect();
        let star = steps.iter().position(|step| *step == "*");
        let joined = |steps: &[&str]| steps.iter().flat_map(|step| ["/", step]).collect::<String>();
        let (list, each) = match star {
            Some(at) => (joined(&steps[..at]), Some(joined(&steps[at + 1..]))),
            None => (text.to_owned(), None),
        };
        Ok(Self { whole: text.to_owned(), list, each })
    }

    /// What a prediction without a name of its own is called: the last step that is a name.
    pub(super) fn name(&self) -> &str {
        let named = |step: &&str| !step.is_empty() && *step != "*" && step.parse::<usize>().is_err();
        self.whole.rsplit('/').find(named).unwrap_or("answer")
    }
}

/// What stands at a pointer without `*`.
pub(super) fn follow<'a>(value: &'a Json, pointer: &str) -> Option<Cow<'a, Json>> {
    if let Some(inner) = inside(value) {
        return follow(&inner, pointer).map(|found| Cow::Owned(found.into_owned()));
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        return pointer.is_empty().then_some(Cow::Borrowed(value));
    };
    let (step, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    follow(value.step(step)?, rest)
}

/// A list or an object that stands in a string.
pub(super) fn inside(value: &Json) -> Option<Json> {
    let Json::Text(text) = value else { return None };
    let container = text.trim_ascii_start().starts_with(b"[") || text.trim_ascii_start().starts_with(b"{");
    container.then(|| parse(text).ok()).flatten()
}

/// A key as a step of a pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_parts_the_list_from_what_counts_of_each() {
        let parts = |text: &str| {
            let pointer = Pointer::parse(text).unwrap();
            (pointer.list.clone(), pointer.each.clone(), pointer.name().to_owned())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("/predictions"), ("/predictions".into(), None, "predictions".into()));
        assert_eq!(parts(""), (String::new(), None, "answer".into()));
        assert_eq!(parts("/r/*/score"), ("/r".into(), some("/score"), "score".into()));
        assert_eq!(parts("/*/0/~1"), (String::new(), some("/0/~1"), "~1".into()));
        assert_eq!(parts("/probs/*"), ("/probs".into(), some(""), "probs".into()));
        assert_eq!(parts("/a/0"), ("/a/0".into(), None, "a".into()));
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in ["predictions", "/a~b", "/a~", "a/b"] {
            assert!(matches!(Pointer::parse(text), Err(SetupError::Pointer(_))), "{text}");
        }
    }

    #[test]
    fn strings_that_hold_json_are_opened_on_the_way() {
        let read = |text: &str| parse(text.as_bytes()).unwrap();
        let answer = read(r#"{"statusCode":200,"body":"{\"p\": [[0.5]], \"s\": \"cat\"}"}"#);
        assert_eq!(follow(&answer, "/body/p/0").as_deref(), Some(&read("[0.5]")));
        assert_eq!(follow(&answer, "/body/s").as_deref(), Some(&read("\"cat\"")));
        assert_eq!(follow(&answer, "/body/x"), None);
        assert_eq!(follow(&read("\"[1,2]\""), "").as_deref(), Some(&read("[1,2]")));
        // A string that only looks like JSON stays a string.
        assert_eq!(follow(&read("\"[1,\""), "").as_deref(), Some(&read("\"[1,\"")));
    }
}
