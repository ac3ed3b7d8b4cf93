//! Whole data sets: what goes together, what is hashed, what a row is; and what the tests of each format
//! share.

use std::fs;
use std::io::{Cursor, Write};

use noisebound_adapters::{Row, Values};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::*;

/// An npy of version 1, as NumPy writes it.
pub(super) fn npy(descr: &str, fortran: bool, shape: &[usize], elements: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let shape = array::shape_text(shape);
    npy_with(&format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}"), elements)
}

pub(super) fn npy_with(dictionary: &str, elements: &[u8]) -> Vec<u8> {
    let mut header = dictionary.to_owned();
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), elements].concat()
}

pub(super) fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

pub(super) fn npz(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

pub(super) fn source(text: &str) -> DataSource {
    DataSource::parse(text).unwrap()
}

pub(super) fn read(text: &str, bytes: &[u8]) -> Result<Dataset, DataError> {
    load_bytes(&source(text), bytes, None, None)
}

pub(super) fn table(text: &str, target: Option<&str>) -> Result<Dataset, DataError> {
    load_bytes(&source("t.csv"), text.as_bytes(), None, target)
}

#[track_caller]
pub(super) fn assert_says<T>(found: Result<T, DataError>, said: &[&str]) {
    let Err(error) = found else { panic!("it was taken") };
    let error = error.to_string();
    for said in said {
        assert!(error.contains(said), "{error} does not say {said}");
    }
}

#[test]
fn sources_that_do_not_go_together_are_refused() {
    let x = npy("|u1", false, &[1], &[0]);
    assert_says(load_bytes(&source("x.npy"), &x, None, Some("y")), &["`y`", "--targets"]);
    let csv = source("t.csv");
    assert_says(load_bytes(&source("x.npy"), &x, Some((&csv, b"a\n1\n")), None), &["--target-column"]);
    let both = load_bytes(&csv, b"a,b\n1,2\n", Some((&source("x.npy"), &x)), Some("b"));
    assert_says(both, &["either --targets or --target-column"]);
    assert!(load_bytes(&csv, b"a\n1\n", Some((&source("x.npy"), &x)), None).unwrap().targets.is_some());
}

#[test]
fn files_are_read_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let x = npy("|u1", false, &[2], &[1, 2]);
    let y = npy("|u1", false, &[2], &[3, 4]);
    fs::write(path("x.npy"), &x).unwrap();
    fs::write(path("y.npy"), &y).unwrap();
    fs::write(path("d.npz"), npz(&[("x.npy", x.clone()), ("y.npy", y.clone())])).unwrap();
    let apart = load(&source(&path("x.npy")), Some(&source(&path("y.npy"))), None).unwrap();
    let bytes = load_bytes(&source("x.npy"), &x, Some((&source("y.npy"), &y)), None).unwrap();
    assert_eq!(apart, bytes);
    let npz = source(&path("d.npz:x"));
    let together = load(&npz, Some(&source(&path("d.npz:y"))), None).unwrap();
    assert_eq!((together.fields, together.targets), (apart.fields, apart.targets));
    assert_says(load(&source(&path("none.npy")), None, None), &["none.npy", "cannot be read"]);
    assert_says(load(&npz, Some(&source(&path("none.npy"))), None), &["none.npy", "cannot be read"]);
    fs::create_dir(path("folder.npy")).unwrap();
    assert_says(load(&source(&path("folder.npy")), None, None), &["folder.npy", "cannot be read"]);
}

#[test]
fn the_hash_is_that_of_what_was_read() {
    let x = npy("|u1", false, &[2], &[1, 2]);
    let mut expected = blake3::Hasher::new();
    for piece in [&b"data"[..], b"", &x] {
        expected.update(&(piece.len() as u64).to_le_bytes()).update(piece);
    }
    let hash = |text: &str, bytes: &[u8]| read(text, bytes).unwrap().blake3;
    assert_eq!(hash("x.npy", &x), expected.finalize().to_hex().to_string());
    assert_eq!(hash("x.npy", &x), hash("elsewhere/z.npy", &x));

    let y = npy("|u1", false, &[2], &[1, 3]);
    let archive = npz(&[("x.npy", x.clone()), ("y.npy", y.clone()), ("z.npy", x.clone())]);
    assert_ne!(hash("d.npz:x", &archive), hash("d.npz:y", &archive));
    assert_ne!(hash("d.npz:x", &archive), hash("d.npz:z", &archive));
    // What else is in the archive, and how it is packed, does not matter.
    assert_eq!(hash("d.npz:x", &archive), hash("d.npz", &npz(&[("x.npy", x.clone())])));

    let with = |targets: &[u8]| {
        load_bytes(&source("x.npy"), &x, Some((&source("y.npy"), targets)), None).unwrap().blake3
    };
    assert_ne!(with(&y), with(&x));
    assert_ne!(with(&x), hash("x.npy", &x));
    let columns = |target| table("a,b,c\n1,2,3\n", target).unwrap().blake3;
    assert_ne!(columns(Some("b")), columns(Some("c")));
}

#[test]
fn a_row_is_filled_without_new_allocations() {
    let dataset = read("x.npy", &npy("|u1", false, &[3, 2], &[1, 2, 3, 4, 5, 6])).unwrap();
    let mut row = Row::default();
    dataset.fill(1, &mut row);
    assert_eq!(row.tensors.len(), 1);
    assert_eq!((&*row.tensors[0].name, &*row.tensors[0].shape), ("x", &[2][..]));
    let place = |row: &Row| match &row.tensors[0].values {
        Values::U8(values) => (values.as_ptr(), values.clone()),
        _ => panic!("the type changed"),
    };
    let (before, first) = place(&row);
    dataset.fill(2, &mut row);
    let (after, second) = place(&row);
    assert_eq!((first, second), (vec![3, 4], vec![5, 6]));
    assert_eq!(before, after);
    dataset.fill(3, &mut row);
    assert!(row.tensors[0].values.is_empty());
    // A row of another data set is replaced as a whole.
    let other = table("a,b\n1,2\n", None).unwrap();
    other.fill(0, &mut row);
    let mut fresh = Row::default();
    other.fill(0, &mut fresh);
    assert_eq!(row, fresh);
    row.tensors.push(fresh.tensors[0].clone());
    other.fill(0, &mut row);
    assert_eq!(row, fresh);
}

#[test]
fn deviations_are_those_of_the_population() {
    let dataset =
        table("a,b,c\n2,0.1,1\n4,0.1,1e200\n4,0.1,0\n4,0.1,0\n5,0.1,0\n5,0.1,0\n7,0.1,0\n9,0.1,0\n", None);
    let deviations = dataset.unwrap().fields[0].deviations();
    // The mean of eight times 0.1 is not 0.1, and still the column is constant.
    assert_eq!(deviations[..2], [2.0, 0.0]);
    assert!(deviations[2].is_infinite());
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..400) {
        let good = npy("<f4", false, &[2, 2], &f32s(&[1., 2., 3., 4.]));
        let archive = npz(&[("x.npy", good.clone())]);
        for text in ["x.npy", "d.npz", "d.npz:x", "t.csv"] {
            let _ = read(text, &bytes);
            for whole in [&good, &archive] {
                let cut = cut.min(whole.len());
                let _ = read(text, &[&whole[..cut], &bytes].concat());
                let _ = read(text, &whole[..cut]);
            }
        }
    }

    #[test]
    fn no_changed_byte_makes_a_reader_panic(place in 0_usize..2000, to in any::<u8>()) {
        let good = npy("<U1", true, &[2, 2], &[0; 16]);
        let archive = npz(&[("x.npy", good.clone())]);
        for (text, mut bytes) in [("x.npy", good), ("d.npz", archive)] {
            let place = place % bytes.len();
            bytes[place] = to;
            let _ = read(text, &bytes);
            let _ = load_bytes(&source("t.csv"), b"a\n1\n2\n", Some((&source(text), &bytes)), None);
        }
    }
}
