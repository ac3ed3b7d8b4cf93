use std::path::PathBuf;

use super::*;

fn file(name: &str, content: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("noisebound-secret-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn a_variable_is_expanded_when_the_header_is_rendered() {
    let header = Header::parse("X-Stage: v1 ${CARGO_PKG_NAME}").unwrap();
    assert_eq!(header.name(), "x-stage");
    let (_, value, secrets) = header.render().unwrap();
    assert_eq!(value.to_str().unwrap(), "v1 noisebound-adapters");
    assert!(value.is_sensitive());
    assert_eq!(secrets, ["noisebound-adapters"]);
    assert_eq!(header.masked(), "v1 ***");
}

#[test]
fn literal_secrets_are_refused_without_repeating_them() {
    let names = [
        "authorization",
        "Proxy-Authorization",
        "cookie",
        "x-api-key",
        "apikey",
        "x-token-id",
        "client-secret",
        "password",
        "x-auth",
        "Ocp-Apim-Subscription-Key",
        "x-functions-key",
        "X-Amz-Signature",
        "x-passphrase",
        "x-pw",
        "x-pwd",
        "x-pass",
    ];
    for text in names.map(|name| format!("{name}: hunter2")).iter().map(String::as_str) {
        let error = Header::parse(text).unwrap_err();
        assert!(matches!(error, HeaderError::LiteralSecret { .. }), "{text}");
        assert!(error.to_string().contains("${NAME}`"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    let error = Header::parse("x-forwarded: bearer hunter2").unwrap_err().to_string();
    assert!(error.ends_with("`x-forwarded: Bearer ${NAME}`"), "{error}");
}

/// A scheme before the variable and `name=` are no secrets; whatever else is typed may be one.
#[test]
fn a_credential_has_no_literal_part() {
    for text in [
        "authorization: ${TK} LITERAL",
        "authorization: LITERAL${TK}",
        "Authorization: Bearer LITERAL ${TK}",
        "Authorization: Bearer LITERAL${TK}",
        "Authorization: Bearer ${TK}.LITERAL",
        "x-api-key: LITERAL ${TK}",
        "x-api-key: ${TK}-LITERAL-${TK}",
        "cookie: session=${TK}; other=LITERAL",
        "cookie: session=LITERAL; other=${TK}",
        "x-forwarded: Bearer ${TK} LITERAL",
    ] {
        let error = Header::parse(text).unwrap_err();
        assert!(matches!(error, HeaderError::LiteralSecret { .. }), "{text}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("LITERAL"), "{error:?}");
    }
    for text in [
        "authorization: ${TK}",
        "authorization: bearer ${TK}",
        "authorization: Token token=\"${TK}\"",
        "authorization: ApiKey ${TK}",
        "authorization: Zoho-oauthtoken ${TK}",
        "authorization: Basic ${TK}",
        "cookie: session=${TK}; theme=${TK}",
        "x-api-key: ${TK}${TK}",
        "x-stage: LITERAL-${TK}",
    ] {
        assert!(Header::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_hidden_of_a_header_depends_on_whether_it_is_a_credential() {
    let hidden = |name: &str, value: &str| {
        let place = file(&format!("short-{}", value.len()), value);
        let header = Header::parse(&format!("{name}: ${{file:{}}}", place.display())).unwrap();
        header.render().map(|(_, _, secrets)| secrets)
    };
    assert_eq!(hidden("v", "https").unwrap(), Vec::<String>::new());
    assert_eq!(hidden("v", "stages").unwrap(), ["stages"]);
    assert_eq!(hidden("x-api-key", "123").unwrap(), Vec::<String>::new());
    assert_eq!(hidden("x-api-key", "1234").unwrap(), ["1234"]);
    let error = hidden("authorization", "123").unwrap_err();
    assert!(
        matches!(error, HeaderError::TooShort(..)) && error.to_string().contains("fewer than 4"),
        "{error}"
    );
    let basic = |value: &str| {
        Header::basic(SecretSource::File(file(&format!("user-{}", value.len()), value))).render()
    };
    assert!(matches!(basic("someone:pwd"), Err(HeaderError::TooShort(..))));
    assert_eq!(basic("someone:word").unwrap().2, ["word", "someone:word"]);
    assert_eq!(basic("k3y-k3y:").unwrap().2, ["k3y-k3y", "k3y-k3y:"], "without a password");
    let error = Header::bearer(SecretSource::File(file("short", "abc"))).check().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("abc"), "{error:?}");
}

/// What is pasted in the place of a name is neither taken for one nor repeated.
#[test]
fn a_secret_in_the_place_of_a_name_is_not_repeated() {
    let token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    let error = Header::parse(&format!("x-api-key: ${{{token}}}")).unwrap_err();
    assert!(matches!(error, HeaderError::BadVariable(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("ghp_"), "{error:?}");
    assert_eq!(SecretSource::variable(token), None);
    assert_eq!(SecretSource::file(token.into()), None);
    for place in [SecretSource::Env(token.to_owned()), SecretSource::File(token.into())] {
        let error = Header::bearer(place).check().unwrap_err().to_string();
        assert!(error.contains("`ghp_…`") && !error.contains("ghp_a"), "{error}");
    }
}

#[test]
fn literal_secrets_are_refused_whatever_the_header_is_called() {
    for value in [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2hunter2",
        "glpat-hunter2hunter2hu",
        "of ${CARGO_PKG_NAME} glpat-hunter2hunter2hu",
        "-----BEGIN PRIVATE KEY-----hunter2",
    ] {
        let error = Header::parse(&format!("x-access: {value}")).unwrap_err();
        assert!(error.to_string().ends_with("write `x-access: ${NAME}`"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn plain_headers_pass() {
    for text in [
        "x-tenant: blue",
        "azureml-model-deployment:blue",
        "authorization: Bearer ${CARGO_PKG_NAME}",
        "host: m.example",
        "x-keyboard: qwerty",
        "accept: application/json",
        "x-request-id: 123e4567-e89b-12d3-a456-426614174000",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ] {
        Header::parse(text).unwrap().check().unwrap();
    }
}

#[test]
fn what_is_no_header_is_refused() {
    assert!(matches!(Header::parse("hunter2"), Err(HeaderError::NoColon)));
    assert!(matches!(Header::parse("a b: c"), Err(HeaderError::BadName(_))));
    assert!(matches!(Header::parse("Content-Length: 5"), Err(HeaderError::Reserved(_))));
    for value in ["${", "${}", "${A-B}", "${1A}", "${A"] {
        let error = Header::parse(&format!("x-key: {value}")).unwrap_err();
        assert!(matches!(error, HeaderError::BadVariable(_)), "{value}: {error}");
    }
}

#[test]
fn a_missing_secret_is_named() {
    let error = Header::parse("x-api-key: ${NOISEBOUND_NO_SUCH_VARIABLE}").unwrap().check().unwrap_err();
    assert!(error.to_string().contains("`NOISEBOUND_NO_SUCH_VARIABLE` is not set"), "{error}");
    let error = Header::bearer(SecretSource::File("no/such/file".into())).check().unwrap_err();
    assert!(error.to_string().contains("`no/such/file` cannot be read"), "{error}");
    let error = Header::bearer(SecretSource::File(file("empty", "\n"))).check().unwrap_err();
    assert!(error.to_string().contains("is empty"), "{error}");
}

#[test]
fn a_file_is_read_anew_and_its_last_newline_dropped() {
    let path = file("token", "first\r\n");
    let header = Header::bearer(SecretSource::File(path.clone()));
    assert_eq!(header.render().unwrap().1.to_str().unwrap(), "Bearer first");
    std::fs::write(path, "second").unwrap();
    assert_eq!(header.render().unwrap().1.to_str().unwrap(), "Bearer second");
}

#[test]
fn a_secret_with_a_line_break_is_refused_unseen() {
    let error = Header::bearer(SecretSource::File(file("lines", "hunter2\nmore"))).check().unwrap_err();
    assert!(matches!(error, HeaderError::BadValue(_)));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn nothing_shows_a_value() {
    let header = Header::parse("x-tenant: blue").unwrap();
    assert_eq!(format!("{header} {header:?}"), "x-tenant: *** Header(x-tenant: ***)");
    let mut masker = Masker::default();
    masker.add("hunter2");
    assert!(!format!("{masker:?}").contains("hunter2"));
}
