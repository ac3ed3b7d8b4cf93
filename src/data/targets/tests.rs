//! Targets of every form, and those that do not fit.

use crate::data::tests::{assert_says, f32s, npy, source};
use crate::data::{DataError, load_bytes};
use crate::loss::Target;

/// Data of `rows` rows with these targets.
fn with_targets(rows: usize, targets: &[u8]) -> Result<Vec<Target>, DataError> {
    let data = npy("|u1", false, &[rows, 1], &vec![0; rows]);
    load_bytes(&source("x.npy"), &data, Some((&source("y.npy"), targets)), None)
        .map(|dataset| dataset.targets.unwrap())
}

#[test]
fn targets_are_numbers_names_or_several_numbers() {
    let number = |v| Target::Number(v);
    let name = |v: &str| Target::Name(v.into());
    let cases = [
        (
            npy("<i8", false, &[2], &[[3_u8, 0, 0, 0, 0, 0, 0, 0], [255; 8]].concat()),
            [number(3.0), number(-1.0)],
        ),
        (npy("|u1", false, &[2, 1], &[7, 8]), [number(7.0), number(8.0)]),
        (npy("|b1", false, &[2], &[0, 1]), [number(0.0), number(1.0)]),
        (npy("<f4", false, &[2], &f32s(&[0.5, -2.0])), [number(0.5), number(-2.0)]),
        (npy("|S4", false, &[2], b"cat\0bird"), [name("cat"), name("bird")]),
        (
            npy("<U2", false, &[2], &[65, 0, 0, 0, 0xe9, 0, 0, 0, 66, 0, 0, 0, 0, 0, 0, 0]),
            [name("A\u{e9}"), name("B")],
        ),
        (npy(">U1", false, &[2], &[0, 0, 0, 65, 0, 0, 0, 66]), [name("A"), name("B")]),
        (
            npy("|u1", false, &[2, 2], &[1, 0, 0, 1]),
            [Target::Values([1.0, 0.0].into()), Target::Values([0.0, 1.0].into())],
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(with_targets(2, &bytes).unwrap(), expected);
    }
}

#[test]
fn targets_that_do_not_fit_are_refused() {
    assert_says(with_targets(3, &npy("|u1", false, &[2], &[0, 1])), &["y.npy", "2 targets", "3 rows"]);
    assert_says(with_targets(1, &npy("<f4", false, &[1], &f32s(&[f32::NAN]))), &["y.npy", "row 0", "NaN"]);
    assert_says(with_targets(1, &npy("|S2", false, &[1], b"\xff\xfe")), &["row 0", "UTF-8"]);
    assert_says(with_targets(1, &npy("|S2", false, &[1], b"\0\0")), &["row 0", "empty"]);
    assert_says(with_targets(1, &npy("|S1", false, &[1, 2], b"ab")), &["2 texts"]);
    assert_says(with_targets(1, &npy("<U1", false, &[1], &[0, 0xd8, 0, 0])), &["no character"]);
    let beyond = ((1_u64 << 53) + 1).to_le_bytes();
    assert_says(with_targets(1, &npy("<u8", false, &[1], &beyond)), &["row 0", "2^53"]);
    assert_says(with_targets(1, &npy("<i8", false, &[1], &i64::MIN.to_le_bytes())), &["row 0", "2^53"]);
    assert!(with_targets(1, &npy("<u8", false, &[1], &(1_u64 << 53).to_le_bytes())).is_ok());
}
