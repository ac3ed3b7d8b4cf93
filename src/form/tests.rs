//! Every form, and the forms of a data set.

use std::sync::Arc;

use noisebound_adapters::Row;
use proptest::prelude::*;

use super::*;
use crate::config::question::{FormSpec, Normalize};
use crate::data::{Dataset, Field, Image, Shapes, decode};

fn spec(name: &str, normalize: Option<Normalize>) -> FormSpec {
    FormSpec { name: name.into(), quality: None, normalize }
}

/// Images of these sizes, whose bytes count up.
fn images(sizes: &[[usize; 3]]) -> Dataset {
    let mut start = 0;
    let mut all = Vec::new();
    for (i, size) in sizes.iter().enumerate() {
        all.push(Image { file: format!("{i}.png").into(), shape: (*size).into(), start });
        start += size.iter().product::<usize>();
    }
    let values = Values::U8((0..start).map(|i| (i * 37 % 256) as u8).collect());
    let field = Field { name: "image".into(), shape: Shapes::Images(all), values, columns: None };
    Dataset { fields: vec![field], rows: sizes.len(), targets: None, blake3: String::new() }
}

fn formed(data: &Dataset, spec: &FormSpec, place: usize) -> Row {
    let mut row = Row::default();
    data.fill(place, &mut row);
    Forming::new(spec, data).unwrap_or_else(|error| panic!("{error}")).give(&mut row);
    row
}

#[test]
fn every_form_is_what_it_says_and_the_same_each_time() {
    let data = images(&[[5, 4, 3]; 2]);
    for kind in FORMS {
        let spec = spec(kind.name, kind.normalized.then_some(Normalize::Unit));
        let row = formed(&data, &spec, 1);
        let forming = Forming::new(&spec, &data).unwrap();
        let (shape, dtype) = forming.becomes(0, &[5, 4, 3].into(), Dtype::U8);
        let tensor = &row.tensors[0];
        assert_eq!((&tensor.shape, tensor.values.dtype()), (&shape, dtype), "{}", kind.name);
        assert_eq!(tensor.values.len(), shape.iter().product::<usize>(), "{}", kind.name);
        assert_eq!(dtype == Dtype::Bytes, kind.file, "{}", kind.name);
        assert_eq!(row, formed(&data, &spec, 1), "{}", kind.name);
        assert_ne!(row, formed(&data, &spec, 0), "{}", kind.name);
    }
}

#[test]
fn numbers_are_those_of_torchvision() {
    let pixels = [0, 128, 255, 10, 20, 30];
    let size = Size { height: 1, width: 2, channels: 3 };
    let normalize = Normalize::MeanStd { mean: vec![0.485, 0.456, 0.406], std: vec![0.229, 0.224, 0.225] };
    let with = |name: &str, normalize: &Normalize| {
        let form = (kind(name).unwrap().build)(&spec(name, Some(normalize.clone())));
        let Values::F32(numbers) = form.form(&pixels, size) else { panic!("no FP32") };
        numbers
    };
    // (x / 255 - mean) / std, by hand in 64 bits.
    let expected = [-2.117_904, 0.205_182, 2.64, -1.946_656, -1.685_574, -1.281_569_f32];
    for (found, expected) in with("nhwc", &normalize).iter().zip(expected) {
        assert!((found - expected).abs() < 2e-6, "{found} {expected}");
    }
    assert_eq!(with("nhwc", &Normalize::None), [0.0, 128.0, 255.0, 10.0, 20.0, 30.0]);
    assert_eq!(with("nchw", &Normalize::None), [0.0, 10.0, 128.0, 20.0, 255.0, 30.0]);
    assert_eq!(with("nchw", &Normalize::Unit)[4], 1.0);
    let one = Normalize::MeanStd { mean: vec![0.5], std: vec![0.5] };
    assert_eq!(with("nchw", &one)[0..1], [-1.0]);
    assert_eq!(with("nchw", &one)[4], 1.0);
}

#[test]
fn tensors_are_of_one_size_and_files_of_any() {
    let odd = images(&[[2, 2, 1], [2, 2, 1], [2, 3, 1], [3, 3, 1]]);
    for kind in FORMS {
        let spec = spec(kind.name, kind.normalized.then_some(Normalize::None));
        let found = Forming::new(&spec, &odd).err().map(|error| error.to_string());
        match found {
            None => assert!(kind.file, "{}", kind.name),
            Some(said) => {
                assert!(!kind.file, "{said}");
                assert!(
                    said.contains("`0.png` has the dimensions [2, 2, 1] and `2.png` has [2, 3, 1]"),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn what_does_not_take_a_form_says_why() {
    let refused = |data: &Dataset, spec: &FormSpec| Forming::new(spec, data).err().unwrap().to_string();
    let three = Normalize::MeanStd { mean: vec![0.1; 3], std: vec![1.0; 3] };
    let said = refused(&images(&[[2, 2, 1]]), &spec("nchw", Some(three)));
    assert!(said.contains("`0.png` has 1 channel, and --normalize has 3 means"), "{said}");
    let long = refused(&images(&[[1, 70_000, 1]]), &spec("jpeg", None));
    assert!(long.contains("at most 65535"), "{long}");
    let mut ids = images(&[[2, 2, 1]]);
    ids.fields[0].shape = [4].into();
    assert!(refused(&ids, &spec("png", None)).contains("`image`, UINT8 of [4]"));
}

#[test]
fn fields_that_are_no_images_are_left_alone() {
    let mut data = images(&[[2, 2, 1]]);
    let ids = Field { name: Arc::from("id"), shape: [1].into(), values: Values::I64(vec![7]), columns: None };
    data.fields.insert(0, ids);
    let row = formed(&data, &spec("png", None), 0);
    assert_eq!(row.tensors[0].values, Values::I64(vec![7]));
    assert!(matches!(&row.tensors[1].values, Values::Bytes(files) if files.len() == 1));
}

proptest! {
    #[test]
    fn png_keeps_every_pixel_and_jpeg_stays_near(
        (height, width, coloured, seed) in (1..20_usize, 1..20_usize, any::<bool>(), any::<u64>())
    ) {
        let size = Size { height, width, channels: if coloured { 3 } else { 1 } };
        let count = (height * width * size.channels) as u64;
        let pixels: Vec<u8> = (0..count).map(|i| (seed.wrapping_mul(i * i + 1) >> 56) as u8).collect();
        let file = |name: &str, quality| {
            let form = (kind(name).unwrap().build)(&FormSpec { quality, ..spec(name, None) });
            let Values::Bytes(mut files) = form.form(&pixels, size) else { panic!("no file") };
            decode(&files.swap_remove(0)).unwrap()
        };
        let png = file("png", None);
        prop_assert_eq!((png.height, png.width, png.channels), (height, width, size.channels));
        prop_assert_eq!(&png.values, &pixels);
        let jpeg = file("jpeg", Some(100));
        prop_assert_eq!((jpeg.height, jpeg.width, jpeg.channels), (height, width, size.channels));
        let distance: u64 = jpeg.values.iter().zip(&pixels).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        prop_assert!(distance <= 12 * count, "{} over {} values", distance, count);
    }
}
