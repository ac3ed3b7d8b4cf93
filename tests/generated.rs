//! Committed code that is generated from proto files is what they say: no build needs `protoc`, and none drifts.
//!
//! `NOISEBOUND_BLESS=1` writes it anew.

use std::path::Path;

/// What is made of a proto file.
struct Made {
    proto: &'static str,
    code: &'static str,
    /// Whether the service is made beside the messages.
    server: bool,
}

const MADE: [Made; 2] = [
    Made {
        proto: "adapters/proto/open_inference.proto",
        code: "adapters/src/triton_grpc/generated.rs",
        server: false,
    },
    Made {
        proto: "mock-server/proto/open_inference.proto",
        code: "mock-server/src/protocols/triton_grpc/generated.rs",
        server: true,
    },
];

/// The code for a proto file.
fn generated(made: &Made, root: &Path) -> String {
    let proto = root.join(made.proto);
    let messages = protox::compile([&proto], [proto.parent().unwrap()]).unwrap();
    let out = tempfile::tempdir().unwrap();
    tonic_prost_build::configure()
        .build_client(false)
        .build_server(made.server)
        .build_transport(false)
        .out_dir(out.path())
        .compile_fds(messages)
        .unwrap();
    std::fs::read_to_string(out.path().join("inference.rs")).unwrap()
}

#[test]
fn generated_code_is_what_the_proto_files_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for made in &MADE {
        let (path, expected) = (root.join(made.code), generated(made, root));
        if std::env::var_os("NOISEBOUND_BLESS").is_some() {
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap();
        assert!(
            found == expected,
            "{} is not what {} says: NOISEBOUND_BLESS=1 cargo test --test main generated",
            made.code,
            made.proto
        );
    }
}
