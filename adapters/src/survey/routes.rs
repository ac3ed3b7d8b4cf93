//! The routes and request fields of a service, out of its OpenAPI description or of BentoML's `schema.json`.

use super::{MOST, Route, Survey, Taken};
use crate::text::{Json, parse};

/// How many references are followed one after the other.
const REFERENCES: usize = 8;

/// Paths of services that are no predictions.
const BESIDE: [&str; 8] = ["health", "livez", "readyz", "healthz", "metrics", "info", "shutdown", "docs"];

/// The routes that take a POST; none where there is no such description.
pub(crate) fn routes(body: &[u8]) -> Option<Survey> {
    let told = parse(body).ok()?;
    let routes = match (told.get("paths"), told.get("routes").and_then(Json::items)) {
        (Some(Json::Object(paths)), _) => {
            let of = |(path, methods): &(Vec<u8>, Json)| {
                of_openapi(&told, &String::from_utf8_lossy(path), methods)
            };
            paths.iter().filter_map(of).take(MOST).collect()
        }
        (_, Some(routes)) => routes.iter().filter_map(|route| of_schema(&told, route)).take(MOST).collect(),
        _ => return None,
    };
    Survey { server: server(&told), routes, ..Survey::default() }.unless_empty()
}

/// The title and version that a description gives itself.
fn server(told: &Json) -> Option<String> {
    let info = told.get("info")?;
    let title = info.get("title")?.text()?;
    let version = info.get("version").and_then(Json::text).filter(|version| !version.is_empty());
    Some(version.map_or_else(|| title.to_string(), |version| format!("{title} {version}")))
}

fn of_openapi(all: &Json, path: &str, methods: &Json) -> Option<Route> {
    let post = methods.get("post")?;
    if is_beside(path) {
        return None;
    }
    let content =
        post.get("requestBody").map(|body| followed(all, body)).and_then(|body| body.get("content"));
    let schema = content.and_then(|content| match content {
        Json::Object(kinds) => {
            let json = kinds.iter().find(|(kind, _)| String::from_utf8_lossy(kind).contains("json"));
            json.or(kinds.first()).and_then(|(_, kind)| kind.get("schema"))
        }
        _ => None,
    });
    Some(Route { path: path.to_owned(), fields: schema.map_or_else(Vec::new, |it| fields(all, it)) })
}

fn of_schema(all: &Json, route: &Json) -> Option<Route> {
    let path = route.get("route")?.text()?;
    let fields = route.get("input").map_or_else(Vec::new, |input| fields(all, input));
    (!is_beside(&path)).then(|| Route { path: path.into_owned(), fields })
}

fn is_beside(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    BESIDE.contains(&last)
}

fn fields(all: &Json, schema: &Json) -> Vec<Taken> {
    let schema = followed(all, schema);
    let required = schema.get("required").and_then(Json::items).unwrap_or_default();
    let Some(Json::Object(properties)) = schema.get("properties") else { return Vec::new() };
    let taken = |(name, property): &(Vec<u8>, Json)| Taken {
        name: String::from_utf8_lossy(name).into_owned(),
        kind: kind(all, property),
        required: required.iter().any(|it| matches!(it, Json::Text(text) if text == name)),
    };
    properties.iter().take(MOST).map(taken).collect()
}

/// `array of array of number`, as far as it is told.
fn kind(all: &Json, property: &Json) -> String {
    let mut property = followed(all, property);
    let mut kind = String::new();
    for _ in 0..REFERENCES {
        let Some(name) = property.get("type").and_then(Json::text) else { break };
        kind.push_str(&name);
        match property.get("items") {
            Some(items) if name == "array" => property = followed(all, items),
            _ => return kind,
        }
        if property.get("type").is_some() {
            kind.push_str(" of ");
        }
    }
    kind
}

/// What a `$ref` inside the same description points to, however often.
fn followed<'a>(all: &'a Json, mut value: &'a Json) -> &'a Json {
    for _ in 0..REFERENCES {
        let to = value.get("$ref").and_then(Json::text);
        let Some(found) = to.and_then(|to| all.pointer(to.strip_prefix('#')?)) else { break };
        value = found;
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn openapi_names_routes_and_fields() {
        let told = routes(
            br##"{"info":{"title":"FastAPI","version":"0.1.0"},"paths":{
                "/predict":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Rows"}}}}}},
                "/health":{"post":{}},"/models":{"get":{}},"/bare":{"post":{}}},
                "components":{"schemas":{"Rows":{"required":["rows"],"properties":{
                "rows":{"type":"array","items":{"type":"array","items":{"type":"number"}}},"top":{"type":"integer"}}}}}}"##,
        )
        .unwrap();
        assert_eq!(told.server.as_deref(), Some("FastAPI 0.1.0"));
        let taken =
            |name: &str, kind: &str, required| Taken { name: name.into(), kind: kind.into(), required };
        assert_eq!(
            told.routes,
            [
                Route {
                    path: "/predict".into(),
                    fields: vec![
                        taken("rows", "array of array of number", true),
                        taken("top", "integer", false)
                    ]
                },
                Route { path: "/bare".into(), fields: vec![] }
            ]
        );
    }

    #[test]
    fn the_routes_of_a_schema_are_read() {
        let told = routes(
            br#"{"name":"Svc","routes":[{"name":"predict","route":"/predict","batchable":true,
                "input":{"properties":{"rows":{"type":"tensor"}},"required":["rows"]}},{"route":"/healthz"}]}"#,
        )
        .unwrap();
        assert_eq!(told.routes.len(), 1);
        assert_eq!(
            (told.routes[0].path.as_str(), told.routes[0].fields[0].kind.as_str()),
            ("/predict", "tensor")
        );
    }

    #[test]
    fn a_reference_to_itself_ends() {
        let told = routes(
            br##"{"paths":{"/p":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/a"}}}}}}},
                "a":{"$ref":"#/a"}}"##,
        );
        assert_eq!(told.unwrap().routes[0].fields, []);
    }

    proptest! {
        #[test]
        fn no_description_makes_it_panic(
            text in r#"\{"(paths|routes)":(\{|\[)("(/p|post|\$ref|requestBody|content|type|items)"(:|,)|[{}\[\],#/]){0,24}"#
        ) {
            let _ = routes(text.as_bytes());
            let _ = crate::survey::models(text.as_bytes());
        }
    }
}
