//! Archives, and archives that lie about what they hold.

use noisebound_adapters::Values;

use crate::data::tests::{assert_says, npy, npz, read};

#[test]
fn arrays_of_an_npz_are_found_by_name() {
    let x = npy("|u1", false, &[2], &[1, 2]);
    let y = npy("|u1", false, &[2], &[3, 4]);
    let both = npz(&[("x.npy", x.clone()), ("a/y.npy", y), ("readme.txt", b"hi".to_vec())]);
    let dataset = read("d.npz:x", &both).unwrap();
    assert_eq!(&*dataset.fields[0].name, "x");
    assert_eq!(read("d.npz:a/y", &both).unwrap().fields[0].values, Values::U8(vec![3, 4]));
    assert_eq!(read("d.npz:x.npy", &both).unwrap(), dataset);
    assert_says(read("d.npz", &both), &["x, a/y", "`d.npz:x`"]);
    assert_says(read("d.npz:X_", &both), &["no array `X_`", "did you mean `d.npz:x`?"]);
    let one = npz(&[("x.npy", x)]);
    assert_eq!(read("d.npz", &one).unwrap(), dataset);
    assert_says(read("d.npz", &npz(&[("a.txt", Vec::new())])), &["no array"]);
    assert_says(read("d.npz", &npz(&[])), &["no array"]);
    assert_says(read("d.npz", &one[..one.len() - 5]), &["zip archive"]);
    assert_says(read("d.npz", b""), &["zip archive"]);
}

#[test]
fn several_arrays_are_fields_with_as_many_rows() {
    let x = npy("|u1", false, &[2, 3], &[1, 2, 3, 4, 5, 6]);
    let ids = npy("<i8", false, &[2], &[1, 0, 0, 0, 0, 0, 32, 0, 2, 0, 0, 0, 0, 0, 32, 0]);
    let names = npy("|S2", false, &[2], b"abcd");
    let short = npy("|u1", false, &[1], &[1]);
    let archive = npz(&[("x.npy", x), ("ids.npy", ids), ("names.npy", names), ("short.npy", short)]);
    let dataset = read("d.npz:ids,x,names", &archive).unwrap();
    let told: Vec<_> =
        dataset.fields.iter().map(|field| (&*field.name, field.shape.same().unwrap().to_vec())).collect();
    assert_eq!(told, [("ids", vec![]), ("x", vec![3]), ("names", vec![])]);
    assert_eq!(dataset.fields[0].values, Values::I64(vec![(1 << 53) + 1, (1 << 53) + 2]));
    assert_eq!(dataset.fields[2].values, Values::Bytes(vec![b"ab".to_vec(), b"cd".to_vec()]));
    assert_eq!(dataset.rows, 2);
    let hash = |text: &str| read(text, &archive).unwrap().blake3;
    assert_ne!(hash("d.npz:ids,x"), hash("d.npz:x,ids"));
    assert_ne!(hash("d.npz:ids,x"), hash("d.npz:x"));
    assert_says(read("d.npz:x,short", &archive), &["d.npz:short", "`short` has 1 rows and `x` has 2"]);
    assert_says(read("d.npz:x,nam", &archive), &["no array `nam`"]);
    assert_says(read("d.npz:names", &archive), &["holds texts", "`x.npz:x,names`"]);
}

#[test]
fn a_member_that_is_more_or_less_than_its_header_says_is_refused() {
    let header = npy("|u1", false, &[4], &[]);
    let bomb = npz(&[("x.npy", [&header[..], &vec![0; 1 << 20]].concat())]);
    assert!(bomb.len() < 4096);
    assert_says(read("d.npz", &bomb), &["d.npz:x: is longer than its header", "found 1048576"]);
    assert_says(read("d.npz", &npz(&[("x.npy", header.clone())])), &["cut short", "found 0"]);
    assert_says(read("d.npz", &npz(&[("x.npy", header[..50].to_vec())])), &["cut short"]);
    assert_says(read("d.npz", &npz(&[("x.npy", Vec::new())])), &["numpy.save"]);

    // An archive that declares less than it holds: the sizes in both of its directories are changed.
    let mut lying = bomb;
    let (held, declared) =
        ((header.len() as u32 + (1 << 20)).to_le_bytes(), (header.len() as u32 + 4).to_le_bytes());
    let places: Vec<usize> = (0..lying.len() - 4).filter(|i| lying[*i..*i + 4] == held).collect();
    assert!(!places.is_empty());
    for place in places {
        lying[place..place + 4].copy_from_slice(&declared);
    }
    assert!(read("d.npz", &lying).is_err());
}

#[test]
fn a_header_that_announces_more_memory_than_there_is_is_refused() {
    let header = npy("|u1", false, &[1 << 62], &[]);
    assert_says(read("d.npz", &npz(&[("x.npy", header)])), &["cut short"]);
    let long = b"\x93NUMPY\x02\x00\xff\xff\xff\xff rest".to_vec();
    assert_says(read("d.npz", &npz(&[("x.npy", long)])), &["header of"]);
}
