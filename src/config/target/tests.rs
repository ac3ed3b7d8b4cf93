use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Target {
    Target::parse(text).unwrap_or_else(|misfit| panic!("{text}: {misfit:?}"))
}

/// Protocol, base, model and version of a target.
fn parts(text: &str) -> (&'static str, String, Option<String>, Option<String>) {
    let target = parse(text);
    (target.protocol(), target.base().to_string(), target.model, target.version)
}

#[test]
fn targets_name_protocol_host_prefix_and_model() {
    let is = |protocol, base: &str, model: &str| (protocol, base.to_owned(), Some(model.to_owned()), None);
    for (text, expected) in [
        ("triton://h:8000/m", is("triton", "http://h:8000/", "m")),
        ("oip://h/m", is("triton", "http://h:8000/", "m")),
        ("triton://h:80/m", is("triton", "http://h/", "m")),
        ("triton+https://h/m", is("triton", "https://h/", "m")),
        ("triton+https://h:8443/a/b/m", is("triton", "https://h:8443/a/b", "m")),
        ("triton+grpc://h/m", is("triton+grpc", "http://h:8001/", "m")),
        ("oip+grpc://h:9/m", is("triton+grpc", "http://h:9/", "m")),
        ("triton+grpcs://h/m", is("triton+grpc", "https://h/", "m")),
        ("TRITON://h/m", is("triton", "http://h:8000/", "m")),
        ("triton://[::1]:9/m", is("triton", "http://[::1]:9/", "m")),
        ("triton://h/a%20b%2Fc", is("triton", "http://h:8000/", "a b/c")),
        ("torchserve://h/m", is("torchserve", "http://h:8080/", "m")),
        ("torchserve+https://h/m", is("torchserve", "https://h/", "m")),
    ] {
        assert_eq!(parts(text), expected, "{text}");
    }
    assert_eq!(parts("json://h/score?v=1"), ("json", "http://h/score?v=1".into(), None, None));
    assert_eq!(parts("json+https://h"), ("json", "https://h/".into(), None, None));
    assert_eq!(parts("triton://h"), ("triton", "http://h:8000/".into(), None, None));
    assert_eq!(parts("triton://h/pre/"), ("triton", "http://h:8000/pre".into(), None, None));
}

#[test]
fn pasted_urls_are_recognised_by_their_path() {
    let some = |text: &str| Some(text.to_owned());
    for (text, protocol, base, model, version) in [
        ("http://h:8000/v2/models/m/infer", "triton", "http://h:8000/", some("m"), None),
        ("http://h/v2/models/m", "triton", "http://h/", some("m"), None),
        ("https://h/p/v2/models/m/versions/3/infer", "triton", "https://h/p", some("m"), some("3")),
        ("http://h:8080/predictions/m", "torchserve", "http://h:8080/", some("m"), None),
        ("http://h:8080/a/predictions/m/1.0", "torchserve", "http://h:8080/a", some("m"), some("1.0")),
        ("http://h/v1/models/m:predict", "json", "http://h/v1/models/m:predict", None, None),
        ("https://h/invocations?x=1", "json", "https://h/invocations?x=1", None, None),
        (
            "http://h/seldon/n/d/api/v1.0/predictions",
            "json",
            "http://h/seldon/n/d/api/v1.0/predictions",
            None,
            None,
        ),
        (
            "https://m.eu.inference.ml.azure.com/score",
            "json",
            "https://m.eu.inference.ml.azure.com/score",
            None,
            None,
        ),
    ] {
        assert_eq!(parts(text), (protocol, base.into(), model, version), "{text}");
    }
    for text in ["http://h/", "http://h/v2/models/", "http://h/v2/models/m/stats", "https://h/predictions"] {
        let misfit = Target::parse(text).unwrap_err();
        assert!(misfit.hint.is_some(), "{text}: {misfit:?}");
    }
    assert!(Target::parse("https://h/score").unwrap_err().hint.unwrap().contains("json+https://h/"));
}

#[test]
fn a_path_of_the_protocol_is_recognised_behind_its_scheme_too() {
    let some = |text: &str| Some(text.to_owned());
    for scheme in ["triton", "triton+grpc"] {
        for (path, prefix, model, version) in [
            ("v2/models/m", "", some("m"), None),
            ("v2/models/m/", "", some("m"), None),
            ("v2/models/m/infer", "", some("m"), None),
            ("v2/models/a%20b", "", some("a b"), None),
            ("v2/models/m/versions/3", "", some("m"), some("3")),
            ("p/q/v2/models/m/versions/3/infer", "p/q", some("m"), some("3")),
            ("v2/models/", "", None, None),
            ("p/v2/models/", "p", None, None),
            ("p//v2//models/m", "p", some("m"), None),
            // What is no such path is a prefix and a model.
            ("v2/models", "v2", some("models"), None),
            ("v2/m", "v2", some("m"), None),
            ("v2/models/m/stats", "v2/models/m", some("stats"), None),
        ] {
            let text = format!("{scheme}://h:9/{path}");
            assert_eq!(parts(&text), (scheme, format!("http://h:9/{prefix}"), model, version), "{text}");
        }
    }
    assert_eq!(parts("triton://h/v2/models/m").1, "http://h:8000/");
    assert_eq!(parts("torchserve://h/predictions/m").1, "http://h:8080/predictions");
    assert!(Target::parse("triton://h/v2/models/m?x=1").is_err());
    let target = parse("triton://h/v2/models/").with(some("m"), None);
    assert_eq!(parse(&target.url()), target);
}

#[test]
fn a_number_that_stands_last_is_probably_a_version() {
    let meant = |text: &str| parse(text).meant_version();
    for (text, written) in [
        ("triton://h/digits/3", "version 3 of `digits` write triton://h:8000/digits -x 3"),
        ("triton+grpcs://h/p/a%20b/12", "version 12 of `a b` write triton+grpcs://h:443/p/a%20b -x 12"),
        ("torchserve://h/m/1", "version 1 of `m` write torchserve://h:8080/m -x 1"),
    ] {
        assert!(meant(text).unwrap().ends_with(written), "{text}: {:?}", meant(text));
    }
    for text in ["triton://h/3", "triton://h/p/m", "triton://h/p/m3", "triton://h/p/", "json://h/m/3"] {
        assert_eq!(meant(text), None, "{text}");
    }
}

#[test]
fn the_url_of_a_target_reads_back() {
    for (text, url) in [
        ("oip://H/m", "triton://h:8000/m"),
        ("https://h/v2/models/m/infer", "triton+https://h:443/m"),
        ("http://h/v2/models/m/infer", "triton://h:80/m"),
        ("triton://h/a/b c", "triton://h:8000/a/b%20c"),
        ("oip+grpc://h/m", "triton+grpc://h:8001/m"),
        ("triton+grpcs://h/m", "triton+grpcs://h:443/m"),
        ("torchserve://[::1]/m", "torchserve://[::1]:8080/m"),
        ("http://h/v1/models/m:predict", "json://h:80/v1/models/m:predict"),
        ("json+https://h/a?b=c%20d", "json+https://h:443/a?b=c%20d"),
    ] {
        let target = parse(text);
        assert_eq!(target.url(), url, "{text}");
        assert_eq!(parse(url), target, "{text}");
    }
    let id = parse("http://h/p/v2/models/m/versions/2/infer").with(Some("a/b".into()), None).id();
    assert_eq!(id.url, "triton://h:80/p/a%2Fb");
    assert_eq!((id.model.as_deref(), id.version.as_deref()), (Some("a/b"), Some("2")));
}

#[test]
fn flags_override_model_and_version() {
    let with = |model: Option<&str>, version: Option<&str>| {
        let target = parse("http://h/predictions/m/1").with(model.map(Into::into), version.map(Into::into));
        (target.model.unwrap(), target.version.unwrap())
    };
    assert_eq!(with(None, None), ("m".into(), "1".into()));
    assert_eq!(with(Some("n"), None), ("n".into(), "1".into()));
    assert_eq!(with(None, Some("2")), ("m".into(), "2".into()));
}

#[test]
fn credentials_in_a_target_are_refused_and_not_echoed() {
    for text in [
        "triton://ann:hunter2@h/m",
        "triton://hunter2@h/m",
        "https://ann:hunter2@h/v2/models/m",
        "json://h/score?api_key=hunter2",
        "json://h/score?x=1&Key=hunter2",
        "json://h/score?pwd=hunter2",
        "json://h/score?access=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2",
        "https://h/invocations?X-Amz-Signature=hunter2",
        "ann:hunter2@h/m",
        "triton://ann:hunter2@/m",
        "triton://ann:hunter2@h:99999/m",
        "json://h:99999/score?token=hunter2",
        "tirton://ann:hunter2@h/m",
        "triton://h/m?token=hunter2",
        "https://h/score?token=hunter2",
        "triton+grpc://ann:hunter2@h/m",
    ] {
        let misfit = Target::parse(text).unwrap_err();
        assert!(!format!("{misfit:?}").contains("hunter2"), "{text}: {misfit:?}");
    }
    assert_eq!(parts("json://h/score?key=").0, "json", "an empty parameter holds no secret");
}

#[test]
fn what_is_no_target_says_what_to_write() {
    let hint = |text: &str| Target::parse(text).unwrap_err().hint.unwrap_or_default();
    assert_eq!(hint("tirton://h/m"), "did you mean `triton`?");
    assert_eq!(hint("torchserv://h/m"), "did you mean `torchserve`?");
    assert!(hint("ftp://h/m").starts_with("known: triton, oip, torchserve, json"));
    assert_eq!(hint("torchserve+grpc://h/m"), "write torchserve:// or, for TLS, torchserve+https://");
    assert_eq!(
        hint("triton+gprc://h/m"),
        "write triton:// or, for TLS, triton+https://; triton+grpc:// or, for TLS, triton+grpcs://"
    );
    assert_eq!(hint("localhost:8000/m"), "begin with a protocol, as in triton://localhost:8000/m");
    assert_eq!(hint("triton:///m"), "name the host after ://");
    assert!(hint("triton://h:x/m").starts_with("it is no URL: "));
    for text in
        ["triton://h/m?x=1", "triton://h/m#x", "triton://h/%ff", "triton://h/%00", "", "://", "json://"]
    {
        assert!(Target::parse(text).is_err(), "{text}");
    }
}

#[test]
fn loopback_is_this_machine_alone() {
    for host in
        ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"]
    {
        assert!(parse(&format!("triton://{host}/m")).is_loopback(), "{host}");
    }
    for host in ["localhost.example.com", "notlocalhost", "0.0.0.0", "10.0.0.1", "[::]", "128.0.0.1"] {
        assert!(!parse(&format!("triton://{host}/m")).is_loopback(), "{host}");
    }
    assert_eq!(parse("triton://h/m").host(), "h:8000");
    assert_eq!(parse("json+https://h/m").host(), "h:443");
}

#[test]
fn names_are_single_segments() {
    assert!(is_name("m") && is_name("a/b") && is_name("1.0") && is_name("ü"));
    assert!(!is_name("") && !is_name(".") && !is_name("..") && !is_name("a\nb"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_every_target_reads_back(
        text in "\\PC{0,20}|(triton|oip|torchserve|json)(\\+https|\\+grpcs?)?://[a-z0-9.\\[\\]:]{1,9}(/[\\PC]{0,8}){0,3}\
                 |(https?|triton(\\+grpc)?)://h/(v2/models|predictions)/[\\PC]{0,8}(/versions/[0-9a-z]{0,3})?(/infer)?",
    ) {
        if let Ok(target) = Target::parse(&text) && target.names_model() == target.model().is_some() {
            let again = Target::parse(&target.url()).unwrap().with(None, target.version.clone());
            prop_assert_eq!(again, target);
        }
    }

    #[test]
    fn any_model_name_reads_back(model in "\\PC{1,12}") {
        prop_assume!(is_name(&model));
        let target = parse("triton://h/pre/m").with(Some(model), None);
        prop_assert_eq!(Target::parse(&target.url()).unwrap(), target);
    }
}
