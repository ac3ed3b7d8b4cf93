//! How requests travel: certificates, proxies, credentials of every kind, and the names by which operators find them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::bench::{Bench, Ran};
use crate::stub::{Stub, answer};
use crate::whole_runs::{TOKEN, leaked};

const WELL: &str = r#"{"predictions": [[0.9, 0.1]]}"#;

fn well(_: &str) -> String {
    answer("200 OK", WELL)
}

/// Audits a server that answers one row at a time.
fn audit(bench: &Bench, target: &str, flags: &[(&str, &str)], variables: &[(&str, &str)]) -> Ran {
    drop(std::fs::remove_dir_all(bench.path("run")));
    let usual = [("-b", "1"), ("-c", "2"), ("--retries", "0"), ("--timeout", "5s"), ("--max-time", "30s")];
    bench.audit_with(target, &[&usual, flags].concat(), variables)
}

fn predict(stub: &Stub) -> String {
    format!("json://{}/predict", stub.address())
}

/// A private authority, a server's certificate and a client's, as files in the folder of a bench.
pub struct Authority {
    ca: String,
    server: (String, String),
}

impl Authority {
    pub fn new(bench: &Bench) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let signed = |names: &[&str]| {
            let key = KeyPair::generate().unwrap();
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
            (certificate.pem(), key.serialize_pem())
        };
        let (certificate, key) = signed(&["client"]);
        bench.write("ca.pem", issuer.pem());
        bench.write("client.pem", &certificate);
        bench.write("client.key", &key);
        bench.write("both.pem", format!("{certificate}\n{key}"));
        Self { ca: issuer.pem(), server: signed(&["127.0.0.1", "localhost"]) }
    }

    /// A server with a certificate of this authority, which asks clients for one if told to.
    fn server(&self, mutual: bool) -> Stub {
        Stub::tls(self.config(mutual), well)
    }

    /// How such a server is set up.
    pub fn config(&self, mutual: bool) -> ServerConfig {
        let certificate = CertificateDer::from_pem_slice(self.server.0.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.server.1.as_bytes()).unwrap();
        let builder = ServerConfig::builder();
        let builder = if mutual {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(self.ca.as_bytes()).unwrap()).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        builder.with_single_cert(vec![certificate], key).unwrap()
    }
}

fn secure(stub: &Stub) -> String {
    format!("json+https://{}/predict", stub.address())
}

#[test]
fn a_private_authority_is_trusted_when_it_is_named_and_not_before() {
    let bench = Bench::new();
    let authority = Authority::new(&bench);
    let server = authority.server(false);
    let ran = audit(&bench, &secure(&server), &[("--ca", "ca.pem")], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let plan = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
    assert!(plan.contains("ca.pem"), "{plan}");
    let ran = bench.command(["replay", "run", "clean:1"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = bench.command(["replay", "run", "clean:1", "--curl"], &[]);
    assert!(ran.out.contains("--cacert") && ran.out.contains("ca.pem"), "{ran:?}");
    let ran = audit(&bench, &secure(&server), &[], &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("certificate"), "{}", ran.err);
}

#[test]
fn a_server_that_asks_for_a_certificate_gets_it() {
    let bench = Bench::new();
    let server = Authority::new(&bench).server(true);
    let ca = ("--ca", "ca.pem");
    for shown in [
        &[("--client-cert", "client.pem"), ("--client-key", "client.key")][..],
        &[("--client-cert", "both.pem")],
    ] {
        let ran = audit(&bench, &secure(&server), &[&[ca], shown].concat(), &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let kept = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
        assert!(!kept.contains("PRIVATE KEY"), "{kept}");
    }
    let ran = audit(&bench, &secure(&server), &[ca], &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
}

#[test]
fn files_that_are_no_certificates_are_named_before_anything_is_sent() {
    let bench = Bench::new();
    let server = Authority::new(&bench).server(false);
    bench.write("nothing.pem", "-----BEGIN NOTHING-----\n");
    for (flags, words) in [
        (&[("--ca", "missing.pem")][..], ["--ca", "missing.pem: No such file"]),
        (&[("--ca", "nothing.pem")], ["--ca", "nothing.pem: it holds no certificate"]),
        (&[("--client-cert", "client.pem")], ["--client-cert", "and its private key"]),
        (
            &[("--client-cert", "client.pem"), ("--client-key", "nothing.pem")],
            ["--client-key", "nothing.pem"],
        ),
        (&[("--client-key", "client.key")], ["--client-key", "add --client-cert"]),
        (&[("--proxy", "http://ann:secret@h:1")], ["--proxy", "${NAME}@"]),
        (&[("--proxy", "http://${UNSET_VARIABLE}@h:1")], ["--proxy", "UNSET_VARIABLE"]),
        (&[("--basic-env", "UNSET_VARIABLE")], ["--basic-env", "UNSET_VARIABLE"]),
        (&[("--basic-env", "A"), ("--token-env", "B")], ["--basic-env", "--token-env as well"]),
        (&[("-H", "x-a: ${file:relative}")], ["--header", "from the root"]),
    ] {
        let ran = audit(&bench, &secure(&server), flags, &[("A", "a:b"), ("B", "b")]);
        assert_eq!(ran.code, 2, "{flags:?}: {ran:?}");
        assert!(words.iter().all(|word| ran.err.contains(word)), "{flags:?}: {}", ran.err);
        assert!(!ran.err.contains("secret@"), "{}", ran.err);
    }
    let ran = audit(&bench, &predict(&server), &[("--ca", "ca.pem")], &[]);
    assert!(ran.code == 2 && ran.err.contains("a target with TLS"), "{ran:?}");
    assert_eq!(server.heard().len(), 0);
}

#[test]
fn a_user_with_a_password_works_and_appears_nowhere() {
    let bench = Bench::new();
    let secret = format!("anne:{TOKEN}");
    // With padding, as RFC 7617 has it.
    let sent = "authorization: Basic YW5uZTpzM2NyM3QrdDBrZW4vd2l0aD1zaWducw==\r\n";
    let stub = Stub::new(well);
    bench.write("basic", format!("{secret}\n"));
    for flag in [("--basic-env", "OUR_USER"), ("--basic-file", "basic")] {
        let ran = audit(&bench, &predict(&stub), &[flag, ("-vvv", "")], &[("OUR_USER", &secret)]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!leaked(&bench, &ran) && !ran.err.contains("YW5uZT"), "{}", ran.err);
    }
    let heard = stub.heard();
    assert!(heard.iter().all(|request| request.contains(sent)), "{}", heard[0]);
    let told = Stub::new(|request| {
        let told = request.lines().find(|line| line.to_lowercase().starts_with("authorization")).unwrap();
        answer("400 Bad Request", &format!(r#"{{"error": "who is {told}, {TOKEN}?"}}"#))
    });
    let ran = audit(&bench, &predict(&told), &[("--basic-env", "OUR_USER")], &[("OUR_USER", &secret)]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("who is") && !ran.err.contains("YW5uZT"), "{}", ran.err);
    assert!(!leaked(&bench, &ran), "{ran:?}");
}

/// What a server accepts changes in mid-run, and so does the file: no row is lost, and the old token is not used up.
#[test]
fn a_token_that_is_exchanged_in_its_file_in_mid_run_costs_nothing() {
    for key_file in [false, true] {
        let bench = Bench::new();
        let content = move |token: &str| {
            if key_file {
                format!(r#"{{"management": {{"key": "no"}}, "inference": {{"key": "{token}"}}}}"#)
            } else {
                format!("{token}\n")
            }
        };
        let path = bench.path("token");
        bench.write("token", content("first-token-1"));
        let asked = AtomicUsize::new(0);
        let stub = Stub::new(move |request| {
            let nth = asked.fetch_add(1, Ordering::SeqCst);
            if nth == 100 {
                std::fs::write(&path, content(TOKEN)).unwrap();
            }
            let accepted = if nth < 100 { "first-token-1" } else { TOKEN };
            if request.contains(&format!("Bearer {accepted}\r\n")) {
                answer("200 OK", WELL)
            } else {
                answer("401 Unauthorized", "{}")
            }
        });
        let ran = audit(&bench, &predict(&stub), &[("--token-file", "token")], &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let report = bench.report("run");
        assert_eq!(report.results.levels[0].unanswered, 0);
        let refused = report.run.failure_kinds.get("auth").copied().unwrap_or(0);
        assert!((1..=2).contains(&refused), "those in flight: {refused}");
        assert!(!leaked(&bench, &ran), "{ran:?}");
    }
}

#[test]
fn a_proxy_that_is_named_is_used_for_every_request_and_gets_its_own_password() {
    let bench = Bench::new();
    let proxy = Stub::new(well);
    let at = format!("http://${{PROXY_USER}}@{}", proxy.address());
    let secret = format!("ann:{TOKEN}");
    let target = "json://model.invalid:81/predict";
    let with = [("PROXY_USER", secret.as_str())];
    let ran = audit(&bench, target, &[("--proxy", &at), ("--yes", ""), ("-vvv", "")], &with);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!leaked(&bench, &ran), "{ran:?}");
    for request in proxy.heard() {
        assert!(request.starts_with("POST http://model.invalid:81/predict HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("proxy-authorization: Basic YW5uOnM"), "{request}");
    }
    let environment = format!("http://{}", proxy.address());
    let before = proxy.heard().len();
    let with = [("http_proxy", environment.as_str())];
    let ran = audit(&bench, target, &[("--yes", "")], &with);
    assert!(ran.code == 0 && proxy.heard().len() > before, "{ran:?}");
    let before = proxy.heard().len();
    let ran = audit(&bench, target, &[("--yes", ""), ("--proxy", "none")], &with);
    assert!(ran.code == 3 && proxy.heard().len() == before, "{ran:?}");
    // This machine is never reached through a proxy that the environment names.
    let direct = Stub::new(well);
    let ran = audit(&bench, &predict(&direct), &[], &with);
    assert!(ran.code == 0 && proxy.heard().len() == before, "{ran:?}");
}

/// Operators find an audit in their logs by its user agent and by the id of the run, which stays when it is resumed.
#[test]
fn every_request_tells_the_program_and_the_run() {
    let bench = Bench::new();
    let stub = Stub::new(well);
    let ran = audit(&bench, &predict(&stub), &[("--max-requests", "60")], &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let id = bench.report("run").run.id.unwrap();
    assert!(ran.err.contains(&format!("run id {id}")), "{}", ran.err);
    let ran = bench.command(["audit", "--resume", "run", "--max-requests", "none"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(bench.report("run").run.id.as_ref(), Some(&id));
    let agent = concat!("user-agent: noisebound/", env!("CARGO_PKG_VERSION"), "\r\n");
    for request in stub.heard() {
        assert!(
            request.contains(&format!("noisebound-run: {id}\r\n")) && request.contains(agent),
            "{request}"
        );
    }
    let before = stub.heard().len();
    let ran =
        audit(&bench, &predict(&stub), &[("-H", "noisebound-run: release 7"), ("--max-requests", "9")], &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert_ne!(bench.report("run").run.id, Some(id));
    for request in &stub.heard()[before..] {
        assert_eq!(request.matches("noisebound-run").count(), 1, "{request}");
        assert!(request.contains("noisebound-run: release 7\r\n"), "{request}");
    }
}
