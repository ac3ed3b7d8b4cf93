//! Folders of images, whole and damaged.

use std::fs;
use std::path::Path;

use ::png::{BitDepth, ColorType};
use jpeg_encoder::ColorType as Inks;
use noisebound_adapters::{Row, Values};
use proptest::prelude::*;

use super::*;
use crate::data::{DataSource, Dataset, Format, load};

/// A png of these samples.
fn png(size: (u32, u32), colour: ColorType, depth: BitDepth, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, size.0, size.1);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        encoder.set_palette(vec![10, 20, 30, 40, 50, 60]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    file
}

fn grey(size: (u32, u32), samples: &[u8]) -> Vec<u8> {
    png(size, ColorType::Grayscale, BitDepth::Eight, samples)
}

fn jpeg(size: (u16, u16), inks: Inks, samples: &[u8], exif: Option<&[u8]>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 100);
    if let Some(exif) = exif {
        encoder.add_exif_metadata(exif).unwrap();
    }
    encoder.encode(samples, size.0, size.1, inks).unwrap();
    file
}

fn pixels(bytes: &[u8]) -> (usize, usize, usize, Vec<u8>) {
    let pixels = decode(bytes).unwrap_or_else(|why| panic!("{why}"));
    (pixels.height, pixels.width, pixels.channels, pixels.values)
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn load_with(folder: &Path, labels: Option<&str>) -> Result<Dataset, String> {
    let source = DataSource { path: folder.to_owned(), members: Vec::new(), format: Format::Images };
    let targets = labels.map(|text| {
        let file = folder.join("labels.csv");
        fs::write(&file, text).unwrap();
        DataSource { path: file, members: Vec::new(), format: Format::Csv }
    });
    load(&source, targets.as_ref(), None).map_err(|error| error.to_string())
}

fn refused(files: &[(&str, &[u8])], labels: Option<&str>) -> String {
    load_with(folder(files).path(), labels).unwrap_err()
}

#[test]
fn rows_are_files_in_the_order_of_their_paths_and_are_labelled_by_sub_folders() {
    let (one, two) = (grey((2, 1), &[1, 2]), grey((1, 3), &[3, 4, 5]));
    let folder = folder(&[
        ("1/b.png", &two),
        ("1/B.PNG", &one),
        ("10/deep/a.png", &one),
        ("2/a.png", &two),
        ("2/.hidden.png", b"no image"),
        ("read me.txt", b"no image"),
    ]);
    let data = load_with(folder.path(), None).unwrap();
    let images = data.fields[0].shape.images().unwrap();
    let files: Vec<&str> = images.iter().map(|image| &*image.file).collect();
    assert_eq!(files, ["1/B.PNG", "1/b.png", "10/deep/a.png", "2/a.png"]);
    assert_eq!(data.targets, Some([1.0, 1.0, 10.0, 2.0].map(Target::Number).to_vec()));
    let mut row = Row::default();
    for (place, shape, values) in
        [(3, [3, 1, 1], vec![3, 4, 5]), (0, [1, 2, 1], vec![1, 2]), (2, [1, 2, 1], vec![1, 2])]
    {
        data.fill(place, &mut row);
        assert_eq!((&*row.tensors[0].name, &*row.tensors[0].shape), ("image", &shape[..]));
        assert_eq!(row.tensors[0].values, Values::U8(values));
    }
    data.fill(4, &mut row);
    assert!(row.tensors[0].values.is_empty());
}

#[test]
fn the_hash_is_over_paths_bytes_and_labels() {
    let (one, two) = (grey((2, 1), &[1, 2]), grey((2, 1), &[1, 3]));
    let hash = |name: &str, bytes: &[u8], labels: Option<&str>| {
        load_with(folder(&[(name, bytes)]).path(), labels).unwrap().blake3
    };
    let all = [
        hash("a.png", &one, None),
        hash("b.png", &one, None),
        hash("a.png", &two, None),
        hash("x/a.png", &one, None),
        hash("a.png", &one, Some("file,label\na.png,x\n")),
        hash("a.png", &one, Some("file,label\na.png,y\n")),
    ];
    assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), all.len());
    assert_eq!(hash("a.png", &one, None), all[0]);
}

#[test]
fn a_table_labels_every_image_and_nothing_else() {
    let image = grey((1, 1), &[7]);
    let files: &[(&str, &[u8])] = &[("a.png", &image), ("b/c.png", &image)];
    let labels = "label,comment,file\n cat,x,./a.png\ndog,,b/c.png\n";
    let data = load_with(folder(files).path(), Some(labels)).unwrap();
    assert_eq!(data.targets, Some(vec![Target::Name("cat".into()), Target::Name("dog".into())]));
    for (labels, said) in [
        ("file,label\na.png,1\n", "no label for `b/c.png`"),
        ("file,label\na.png,1\nb/c.png,2\nb/d.png,3\n", "line 4, column `file`: found `b/d.png`"),
        ("file,label\na.png,1\na.png,2\n", "line 3, column `file`: found `a.png`, which line 2"),
        ("file,label\na.png,\n", "line 2, column `label`: found an empty cell"),
        ("name,label\na.png,1\n", "no column `file`"),
        ("file,label\na.png\n", "not a table"),
    ] {
        let error = refused(files, Some(labels));
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn folders_that_are_no_data_set_say_why() {
    let image = grey((1, 1), &[7]);
    for (files, said) in [
        (&[("x.txt", &b"x"[..])][..], "holds no file that ends in .png"),
        (&[("a/x.png", &image), ("y.png", &image)], "`y.png` lies in no sub-folder"),
        (&[("x.png", &image), ("y.webp", &image)], "is an image of the format webp"),
        (&[("x.png", b"GIF89a")], "is neither a png nor a jpeg"),
    ] {
        let error = refused(files, None);
        assert!(error.contains(said), "{error}");
    }
    let missing = load_with(Path::new("no such folder"), None).unwrap_err();
    assert!(missing.contains("cannot be read"), "{missing}");
}

#[test]
fn what_has_one_meaning_is_decoded() {
    assert_eq!(pixels(&grey((2, 1), &[9, 255])), (1, 2, 1, vec![9, 255]));
    let rgb = png((1, 2), ColorType::Rgb, BitDepth::Eight, &[1, 2, 3, 4, 5, 6]);
    assert_eq!(pixels(&rgb), (2, 1, 3, vec![1, 2, 3, 4, 5, 6]));
    let palette = png((2, 1), ColorType::Indexed, BitDepth::Eight, &[1, 0]);
    assert_eq!(pixels(&palette), (1, 2, 3, vec![40, 50, 60, 10, 20, 30]));
    let two_bits = png((3, 1), ColorType::Grayscale, BitDepth::Two, &[0b00_01_11_00]);
    assert_eq!(pixels(&two_bits), (1, 3, 1, vec![0, 85, 255]));
    let opaque = png((2, 1), ColorType::GrayscaleAlpha, BitDepth::Eight, &[5, 255, 6, 255]);
    assert_eq!(pixels(&opaque), (1, 2, 1, vec![5, 6]));
    // A jpeg of one colour has it everywhere, near enough.
    let (height, width, channels, values) = pixels(&jpeg((3, 2), Inks::Luma, &[100; 6], None));
    assert_eq!((height, width, channels), (2, 3, 1));
    assert!(values.iter().all(|v| v.abs_diff(100) < 2), "{values:?}");
    let red = [200, 30, 30].repeat(6);
    let (height, width, channels, values) = pixels(&jpeg((3, 2), Inks::Rgb, &red, None));
    assert_eq!((height, width, channels), (2, 3, 3));
    assert!(values.iter().zip(&red).all(|(a, b)| a.abs_diff(*b) < 4), "{values:?}");
}

/// TIFF data with one entry, the orientation.
fn orientation(value: u8, big: bool) -> Vec<u8> {
    if big {
        [&b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[value], b"\0\0\0\0\0\0"].concat()
    } else {
        [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[value], b"\0\0\0\0\0\0\0"].concat()
    }
}

#[test]
fn what_may_be_seen_in_two_ways_is_refused() {
    let deep = png((1, 1), ColorType::Grayscale, BitDepth::Sixteen, &[1, 2]);
    let clear = png((2, 1), ColorType::Rgba, BitDepth::Eight, &[1, 2, 3, 255, 4, 5, 6, 254]);
    let turned = |big| jpeg((8, 8), Inks::Luma, &[9; 64], Some(&orientation(6, big)));
    let inks = jpeg((8, 8), Inks::Cmyk, &[9; 256], None);
    for (bytes, said) in [
        (&deep, "has 16 bits"),
        (&clear, "is transparent (pixel 1 of row 0)"),
        (&turned(true), "(orientation 6)"),
        (&turned(false), "(orientation 6)"),
        (&inks, "has the colours"),
    ] {
        let why = decode(bytes).unwrap_err();
        assert!(why.contains(said), "{why}");
    }
    assert!(decode(&jpeg((8, 8), Inks::Luma, &[9; 64], Some(&orientation(1, true)))).is_ok());
}

/// What a common library writes: the pixels of `sample` in each way of storing them, or one clear reason.
#[test]
fn files_of_other_programs_are_read_or_refused_with_the_reason() {
    type Sample<'a> = &'a dyn Fn(usize, usize) -> Vec<u8>;
    macro_rules! seed {
        ($name:literal) => {
            include_bytes!(concat!("../../../tests/fuzz/seeds/image/", $name, ".jpg")).as_slice()
        };
    }
    let colours = |x: usize, y: usize| [40 + 7 * x as u8, 40 + 9 * y as u8, 100].to_vec();
    let greys = |x: usize, y: usize| vec![(20 + 5 * x + 6 * y) as u8];
    for (name, file, sample) in [
        ("progressive", seed!("progressive"), &colours as Sample),
        ("grey and progressive", seed!("grey-progressive"), &greys),
        ("restarted after each block", seed!("restart"), &colours),
        ("red, green and blue as they are", seed!("rgb"), &colours),
    ] {
        let (height, width, channels, found) = pixels(file);
        assert_eq!((height, width, channels), (16, 24, sample(0, 0).len()), "{name}");
        let wanted: Vec<u8> = (0..height).flat_map(|y| (0..width).flat_map(move |x| sample(x, y))).collect();
        let far = found.iter().zip(&wanted).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(far < 12, "{name}: {far}");
    }
    for (file, said) in [
        (
            seed!("cmyk"),
            "has the colours CMYK; expected grey, or red, green and blue: mogrify -colorspace sRGB",
        ),
        (seed!("turned"), "to be turned (orientation 6)"),
    ] {
        let why = decode(file).unwrap_err();
        assert!(why.contains(said), "{why}");
    }
    // More bytes behind the end, as cameras leave them, say nothing about the pixels.
    let whole = seed!("progressive");
    assert_eq!(decode(&[whole, &[0; 16]].concat()), decode(whole));
}

#[test]
fn damaged_and_huge_files_are_refused() {
    let noise: Vec<u8> = (0..64 * 64).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for whole in [grey((64, 64), &noise), jpeg((64, 64), Inks::Luma, &noise, None)] {
        assert!(decode(&whole).is_ok());
        for end in 0..whole.len() {
            assert!(decode(&whole[..end]).is_err(), "{end} of {} bytes", whole.len());
        }
    }
    for size in [(100_000, 1), (16_000, 16_000)] {
        let mut file = Vec::new();
        let header = ::png::Encoder::new(&mut file, size.0, size.1).write_header().unwrap();
        drop(header);
        let why = decode(&file).unwrap_err();
        assert!(why.contains("make it smaller"), "{why}");
    }
    // 65,535 by 65,535, in few bytes.
    let mut wide = jpeg((8, 8), Inks::Luma, &[9; 64], None);
    let frame = wide.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    wide[frame + 5..frame + 9].fill(0xff);
    assert!(decode(&wide).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..300),
        (kind, at) in (0..4_u8, any::<prop::sample::Index>()),
    ) {
        let whole = match kind {
            0 => grey((5, 3), &[7; 15]),
            1 => png((5, 3), ColorType::Indexed, BitDepth::Eight, &[1; 15]),
            2 => jpeg((9, 9), Inks::Rgb, &[80; 243], Some(&orientation(3, true))),
            _ => Vec::new(),
        };
        let at = if whole.is_empty() { 0 } else { at.index(whole.len()) };
        let mut damaged = whole[..at].to_vec();
        damaged.append(&mut bytes);
        damaged.extend(whole.get(damaged.len()..).unwrap_or_default());
        if let Ok(pixels) = decode(&damaged) {
            prop_assert_eq!(pixels.values.len(), pixels.height * pixels.width * pixels.channels);
        }
        let _ = exif::orientation(&damaged);
    }
}
