//! Arrays of every type and order, and files that are broken in every way that was thought of.

use noisebound_adapters::{Dtype, Values};
use proptest::prelude::*;

use crate::data::tests::{assert_says, f32s, npy, npy_with, read};

#[test]
fn an_npy_is_read_with_its_type_and_shape() {
    let dataset =
        read("dir/images.npy", &npy("<f4", false, &[2, 1, 3], &f32s(&[1., 2., 3., 4., 5., 6.]))).unwrap();
    let field = &dataset.fields[0];
    assert_eq!((&*field.name, &field.shape, dataset.rows), ("images", &[1, 3].into(), 2));
    assert_eq!(field.values, Values::F32(vec![1., 2., 3., 4., 5., 6.]));
    assert!(!dataset.is_table());
}

#[test]
fn every_type_of_number_is_read_in_either_byte_order() {
    for (code, dtype, little) in [
        ("b1", Dtype::Bool, vec![1]),
        ("i1", Dtype::I8, vec![1]),
        ("i2", Dtype::I16, vec![1, 0]),
        ("i4", Dtype::I32, vec![1, 0, 0, 0]),
        ("i8", Dtype::I64, vec![1, 0, 0, 0, 0, 0, 0, 0]),
        ("u1", Dtype::U8, vec![1]),
        ("u2", Dtype::U16, vec![1, 0]),
        ("u4", Dtype::U32, vec![1, 0, 0, 0]),
        ("u8", Dtype::U64, vec![1, 0, 0, 0, 0, 0, 0, 0]),
        ("f2", Dtype::F16, vec![0, 0x3c]),
        ("f4", Dtype::F32, 1_f32.to_le_bytes().to_vec()),
        ("f8", Dtype::F64, 1_f64.to_le_bytes().to_vec()),
    ] {
        let big: Vec<u8> = little.iter().rev().copied().collect();
        for (order, bytes) in [("<", &little), (">", &big)] {
            let dataset = read("x.npy", &npy(&format!("{order}{code}"), false, &[1], bytes)).unwrap();
            assert_eq!(dataset.fields[0].dtype(), dtype);
            assert_eq!(dataset.fields[0].values.number(0), Some(1.0), "{order}{code}");
            assert_eq!(dataset.fields[0].shape, [].into());
        }
    }
}

#[test]
fn fortran_order_is_turned_round() {
    // Element (r, i, j) is 100 r + 10 i + j; the first index runs fastest in the file.
    let of = |fast: [usize; 3], place: fn([usize; 3]) -> [usize; 3]| {
        let mut bytes = Vec::new();
        for a in 0..fast[2] {
            for b in 0..fast[1] {
                for c in 0..fast[0] {
                    let [r, i, j] = place([a, b, c]);
                    bytes.push(u8::try_from(100 * r + 10 * i + j).unwrap());
                }
            }
        }
        bytes
    };
    let c_order = npy("|u1", false, &[2, 3, 4], &of([4, 3, 2], |[a, b, c]| [a, b, c]));
    let fortran = npy("|u1", true, &[2, 3, 4], &of([2, 3, 4], |[a, b, c]| [c, b, a]));
    assert_ne!(c_order[128..], fortran[128..]);
    assert_eq!(read("x.npy", &c_order).unwrap().fields, read("x.npy", &fortran).unwrap().fields);
}

#[test]
fn headers_of_other_versions_and_styles_are_read() {
    let text = b"{\"shape\":(2,),\"fortran_order\":True,\"descr\":\"|u1\"}";
    let length = u32::try_from(text.len()).unwrap().to_le_bytes();
    for version in [b"\x02\x00", b"\x03\x00"] {
        let bytes = [b"\x93NUMPY", &version[..], &length, text, &[5, 6]].concat();
        assert_eq!(read("x.npy", &bytes).unwrap().fields[0].values, Values::U8(vec![5, 6]));
    }
}

#[test]
fn a_broken_npy_says_how() {
    let good = npy("<f4", false, &[2, 2], &f32s(&[1., 2., 3., 4.]));
    assert_says(
        read("x.npy", &good[..good.len() - 1]),
        &["x.npy: is cut short", "(2, 2)", "16 bytes", "found 15"],
    );
    assert_says(read("x.npy", &good[..40]), &["cut short", "header"]);
    assert_says(read("x.npy", &[&good[..], &[0]].concat()), &["longer than its header", "found 17"]);
    assert_says(read("x.npy", b"PK\x03\x04 and so on"), &["numpy.save"]);
    assert_says(read("x.npy", b""), &["numpy.save"]);
    assert_says(read("x.npy", b"\x93NUMPY\x09\x00aaaaaaaa"), &["version 9"]);
    assert_says(read("x.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xffaaaa"), &["cut short"]);
    for (dictionary, said) in [
        ("{'descr': '<f4', 'shape': (1,)}", "without `descr`"),
        ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "neither True nor False"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "whole numbers"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", "`more`"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "after its end"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,", "does not end"),
        ("{'descr': '<f4", "quoted word"),
        ("('descr', )", "`{`"),
    ] {
        assert_says(read("x.npy", &npy_with(dictionary, &[0; 4])), &[said]);
    }
}

#[test]
fn a_shape_that_overflows_is_refused() {
    let big = 1_usize << 40;
    for shape in [vec![big, big], vec![usize::MAX], vec![big, big, 0], vec![1, usize::MAX]] {
        assert_says(read("x.npy", &npy("<f8", false, &shape, &[])), &["fits into memory"]);
    }
    assert_says(read("x.npy", &npy("<f8", true, &[0, big, big], &[])), &["no row"]);
}

#[test]
fn a_header_of_brackets_is_refused_at_once() {
    // A parser that recurses or goes back would overflow its stack or take for ever.
    for mark in ["(", "[", "{", "{'descr':(", "'", "{'shape': ("] {
        assert!(read("x.npy", &npy_with(&mark.repeat(5000), &[])).is_err());
    }
}

#[test]
fn what_cannot_be_audited_is_refused_with_a_hint() {
    assert_says(read("x.npy", &npy("|O", false, &[1], b"pickle")), &["Python objects", ".astype"]);
    assert_says(read("x.npy", &npy("<c8", false, &[1], &[0; 8])), &["complex"]);
    assert_says(read("x.npy", &npy("<M8[ns]", false, &[1], &[0; 8])), &["dates"]);
    assert_says(read("x.npy", &npy("|V2", false, &[1], &[0; 2])), &["`|V2`", ".astype"]);
    assert_says(read("x.npy", &npy("<U0", false, &[1], &[])), &["no length"]);
    assert_says(read("x.npy", &npy("|S3", false, &[1], b"cat")), &["texts", "numbers"]);
    assert_says(
        read("x.npy", &npy_with("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", &[0; 4])),
        &["records", "each field"],
    );
    assert_says(read("x.npy", &npy("<f4", false, &[], &[0; 4])), &["single value"]);
    assert_says(read("x.npy", &npy("<f4", false, &[0, 3], &[])), &["(0, 3)", "no row"]);
    assert_says(read("x.npy", &npy("<f4", false, &[3, 0], &[])), &["(3, 0)"]);
}

#[test]
fn a_value_that_is_not_finite_is_named() {
    for (v, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let bytes = npy("<f4", false, &[2, 3], &f32s(&[0., 0., 0., 0., 0., v]));
        assert_says(read("x.npy", &bytes), &["x.npy: row 1, element 2", shown]);
    }
    assert_says(read("x.npy", &npy("<f2", false, &[1], &[0, 0x7c])), &["row 0", "inf"]);
}

fn any_header() -> impl Strategy<Value = String> {
    "\\{('descr': '[<>|][a-zO][0-9]{0,3}'|'shape': \\([0-9, ]{0,30}\\)|'fortran_order': (True|False)|, |\\[|\\(){0,8}\\}?"
}

proptest! {
    #[test]
    fn no_header_makes_a_reader_panic(header in any_header(), elements in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = read("x.npy", &npy_with(&header, &elements));
    }

    #[test]
    fn numbers_come_back_as_they_were_saved(values in prop::collection::vec(-1e30_f32..1e30, 1..20)) {
        let rows = values.len();
        let dataset = read("x.npy", &npy("<f4", true, &[rows, 1], &f32s(&values))).unwrap();
        prop_assert_eq!(&dataset.fields[0].values, &Values::F32(values));
    }
}
