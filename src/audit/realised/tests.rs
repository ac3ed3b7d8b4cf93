use noisebound_adapters::Port;

use super::*;
use crate::audit::tests::{TARGET, question};
use crate::bound::engine::Standard;
use crate::config::Question;
use crate::config::question::{FormSpec, Normalize};
use crate::data::Field;
use crate::loss::Range;
use crate::noise::{Gaussian, Uniform};

/// Four rows of these values.
fn dataset(row: Values) -> Dataset {
    let (width, copy) = (row.len(), row.clone());
    let values = (1..4).fold(row, |all, _| joined(all, &copy));
    let field = Field { name: "x".into(), shape: [width].as_slice().into(), values, columns: None };
    Dataset { fields: vec![field], rows: 4, targets: None, blake3: String::new() }
}

fn joined(mut all: Values, more: &Values) -> Values {
    match (&mut all, more) {
        (Values::F32(all), Values::F32(more)) => all.extend(more),
        (Values::F64(all), Values::F64(more)) => all.extend(more),
        (Values::U8(all), Values::U8(more)) => all.extend(more),
        _ => unreachable!("tests have no other types"),
    }
    all
}

fn all(width: usize, clip: Option<(f64, f64)>) -> Mask {
    Mask { factors: vec![vec![1.0; width]], clip }
}

fn plan(levels: &[f64]) -> Plan {
    let asked = Question { seed: 7, ..question(4, levels) };
    Plan::new(asked, Range::ZeroOne, TARGET, &Standard)
}

/// What arrives of gaussian noise, for a model that takes `input`.
fn arrives(values: Values, mask: &Mask, levels: &[f64], input: Option<Dtype>) -> Vec<RealisedNoise> {
    let dataset = dataset(values);
    let noisy = Noisy { dataset: &dataset, mask, noise: &Gaussian, way: None };
    realised(noisy, &plan(levels), &[vec![input]])
}

#[track_caller]
fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found} is not within {within} of {wanted}");
}

const WIDTH: usize = 64;

fn same_f32(v: f32) -> Values {
    Values::F32(vec![v; WIDTH])
}

#[test]
fn noise_that_arrives_as_it_was_asked_for() {
    let found = arrives(same_f32(0.5), &all(WIDTH, None), &[0.1, 2.0], Some(Dtype::F32));
    assert_eq!(found.len(), 2);
    for (level, found) in [0.1, 2.0].into_iter().zip(&found) {
        near(found.asked, level, 0.03 * level);
        near(found.received.unwrap(), found.asked, 1e-6 * level);
        assert_eq!((found.unchanged, found.clipped, found.swallowed()), (0.0, 0.0, false));
        assert_eq!((found.draws, found.elements), (256, 256 * WIDTH as u64));
        assert_eq!((found.field.as_str(), found.dtype.as_str(), found.level), ("x", "FP32", level));
    }
}

/// Half of the step between neighbours of FP16 near 1000 is 0.25.
#[test]
fn half_precision_rounds_small_noise_away() {
    let found = arrives(same_f32(1000.0), &all(WIDTH, None), &[0.02, 0.1, 10.0], Some(Dtype::F16));
    let [swallowed, hardly, fine] = &found[..] else { panic!("{found:?}") };
    assert_eq!((swallowed.unchanged, swallowed.received.unwrap()), (1.0, 0.0));
    near(swallowed.asked, 0.02, 0.001);
    assert!(swallowed.swallowed());
    // P(|N| < 2.5) = 0.98758, and what is left arrives as a step of 0.5.
    near(hardly.unchanged, 0.987_58, 0.004);
    near(hardly.received.unwrap(), 0.5 * (1.0_f64 - 0.987_58).sqrt(), 0.01);
    assert!(hardly.swallowed());
    // Rounding to steps of 0.5 adds the variance of an even law of that width.
    near(fine.received.unwrap(), (fine.asked.powi(2) + 0.25 / 12.0).sqrt(), 0.01);
    assert!(!fine.swallowed() && fine.unchanged < 0.03);
    assert_eq!(fine.dtype, "FP16");
    // The same data arrive well where the model takes them as they are.
    let whole = arrives(same_f32(1000.0), &all(WIDTH, None), &[0.1], None);
    assert_eq!((whole[0].unchanged < 0.01, whole[0].dtype.as_str()), (true, "FP32"));
}

#[test]
fn pixels_are_rounded_and_held_inside_their_type() {
    let pixels = |v: u8, levels: &[f64]| arrives(Values::U8(vec![v; WIDTH]), &all(WIDTH, None), levels, None);
    let found = pixels(128, &[0.1, 20.0]);
    assert_eq!((found[0].unchanged, found[0].received.unwrap(), found[0].swallowed()), (1.0, 0.0, true));
    assert_eq!(found[0].clipped, 0.0, "rounding is no clipping");
    near(found[1].received.unwrap(), (found[1].asked.powi(2) + 1.0 / 12.0).sqrt(), 0.05);
    assert!(!found[1].swallowed() && found[1].clipped < 1e-3);
    // Half of all noise would take a black pixel below 0.
    let black = &pixels(0, &[20.0])[0];
    near(black.clipped, 0.5, 0.02);
    near(black.unchanged, 0.5, 0.03);
    near(black.received.unwrap(), 20.0 / 2.0_f64.sqrt(), 0.5);
}

#[test]
fn what_is_clipped_is_counted() {
    let found = arrives(same_f32(0.0), &all(WIDTH, Some((0.0, 16.0))), &[1.0], Some(Dtype::F32));
    near(found[0].clipped, 0.5, 0.02);
    near(found[0].unchanged, 0.5, 0.02);
    near(found[0].received.unwrap(), 1.0 / 2.0_f64.sqrt(), 0.02);
    near(found[0].asked, 1.0, 0.02);
    assert!(!found[0].swallowed());
    // A range without width lets nothing through.
    let none = arrives(same_f32(3.0), &all(WIDTH, Some((3.0, 3.0))), &[1.0], None);
    assert!(none[0].swallowed());
    near(none[0].clipped, 1.0, 0.0);
}

#[test]
fn what_is_too_large_for_the_type_counts_as_clipped_and_has_no_size() {
    let found = arrives(same_f32(65_000.0), &all(WIDTH, None), &[1000.0], Some(Dtype::F16));
    assert!(found[0].received.unwrap().is_finite());
    // FP16 ends at 65504, and what is above 65520 becomes infinite.
    near(found[0].clipped, 0.301_5, 0.02);
}

/// A column is measured in its own deviations, so that a large one does not outweigh a small one.
#[test]
fn columns_count_alike_and_those_that_are_left_alone_do_not() {
    let mut mask = all(4, None);
    mask.factors[0] = vec![30_000.0, 0.0, 0.001, 0.0];
    let found = arrives(Values::F64(vec![5e4, 1.0, 1000.0, 2.0]), &mask, &[1.0], Some(Dtype::F32));
    assert_eq!(found[0].elements, 256 * 2);
    near(found[0].asked, 1.0, 0.1);
    near(found[0].received.unwrap(), found[0].asked, 0.01);
    // In FP16 the small one does not arrive at all, and the large one overflows now and then.
    let half = arrives(Values::F64(vec![5e3, 1.0, 1000.0, 2.0]), &mask, &[0.1], Some(Dtype::F16));
    near(half[0].unchanged, 0.5, 0.01);
}

#[test]
fn the_noise_is_that_of_the_draws() {
    let dataset = dataset(Values::F32((0..8_u8).map(f32::from).collect()));
    let mask = all(8, Some((0.0, 7.5)));
    let (noise, plan) = (Uniform, plan(&[0.5, 1.0]));
    let found = realised(Noisy { dataset: &dataset, mask: &mask, noise: &noise, way: None }, &plan, &[]);
    let order = Order::of(&plan);
    let (mut sum, mut same) = (0.0, 0_u32);
    for index in 0..256 {
        let (mut clean, mut row) = (Row::default(), Row::default());
        dataset.fill(order.row(index) as usize, &mut clean);
        dataset.fill(order.row(index) as usize, &mut row);
        let mut rng = stream(Seed(7), index);
        row_of(&mut rng, 4);
        noise.perturb(Level(1.0), &mask, &mut row, &mut rng);
        for i in 0..8 {
            let moved = row.tensors[0].values.number(i).unwrap() - clean.tensors[0].values.number(i).unwrap();
            sum += moved * moved;
            same += u32::from(moved == 0.0);
        }
    }
    assert_eq!(found[1].received.unwrap(), (sum / (256.0 * 8.0)).sqrt());
    assert_eq!(found[1].unchanged, f64::from(same) / (256.0 * 8.0));
    let alone = self::plan(&[1.0]);
    let alone = realised(Noisy { dataset: &dataset, mask: &mask, noise: &noise, way: None }, &alone, &[]);
    assert_eq!(alone[0], found[1], "another level changes nothing");
}

#[test]
fn large_rows_are_measured_on_few_draws_and_a_sample_on_no_more_than_it_has() {
    let width = 300_000;
    let found = arrives(Values::U8(vec![9; width]), &all(width, None), &[1.0], None);
    assert_eq!((found[0].draws, found[0].elements), (8, 8 * width as u64));
    let dataset = dataset(same_f32(1.0));
    let asked = Question { scope: Scope::Population, ..question(4, &[1.0]) };
    let plan = Plan::new(asked, Range::ZeroOne, TARGET, &Standard);
    let mask = all(WIDTH, None);
    let found = realised(Noisy { dataset: &dataset, mask: &mask, noise: &Gaussian, way: None }, &plan, &[]);
    assert_eq!(found[0].draws, 4);
}

#[test]
fn the_type_of_an_input_is_that_of_its_name_or_of_the_only_one() {
    let port = |name: &str, dtype| Port { name: name.to_owned(), dtype, shape: None, optional: false };
    let mut dataset = dataset(same_f32(1.0));
    let types = |dataset: &Dataset, inputs: Vec<Port>| {
        input_types(dataset, None, &Description { inputs, ..Description::default() })
    };
    assert_eq!(types(&dataset, vec![port("input__0", Some(Dtype::F16))]), [[Some(Dtype::F16)]]);
    assert_eq!(types(&dataset, vec![]), [[None]]);
    let other = Field { name: "y".into(), ..dataset.fields[0].clone() };
    dataset.fields.push(other);
    let two = vec![port("y", Some(Dtype::F16)), port("x", None)];
    assert_eq!(types(&dataset, two), [[None], [Some(Dtype::F16)]]);
    // The one that is left of both is meant.
    let left = vec![port("y", Some(Dtype::F32)), port("pixels", Some(Dtype::F16))];
    assert_eq!(types(&dataset, left), [[Some(Dtype::F16)], [Some(Dtype::F32)]]);
    let neither = vec![port("a", Some(Dtype::F32)), port("b", Some(Dtype::F16))];
    assert_eq!(types(&dataset, neither), [[None], [None]]);
}

/// A table of these columns, all of whose rows are the same.
fn table(columns: &[(&str, f64)]) -> Dataset {
    let mut table = dataset(Values::F64(columns.iter().map(|(_, value)| *value).collect()));
    table.fields[0].columns = Some(columns.iter().map(|(name, _)| (*name).to_owned()).collect());
    table
}

/// Columns that are inputs of their own are rounded each to the type of its input.
#[test]
fn a_column_that_is_swallowed_is_named() {
    let table = table(&[("age", 40.0), ("fare", 7.25), ("id", 3.0)]);
    let port = |name: &str, dtype| Port {
        name: name.to_owned(),
        dtype: Some(dtype),
        shape: Some(vec![1]),
        optional: false,
    };
    // In the order of the model, which is not that of the data.
    let inputs = vec![port("fare", Dtype::F32), port("id", Dtype::I64), port("age", Dtype::I64)];
    let types = input_types(&table, None, &Description { inputs, ..Description::default() });
    assert_eq!(types, [[Some(Dtype::I64), Some(Dtype::F32), Some(Dtype::I64)]]);
    let mask = Mask { factors: vec![vec![1.0, 1.0, 0.0]], clip: None };
    let noisy = Noisy { dataset: &table, mask: &mask, noise: &Gaussian, way: None };
    let found = realised(noisy, &plan(&[0.1, 5.0]), &types);
    let [small, large] = &found[..] else { panic!("{found:?}") };
    assert_eq!((small.dtype.as_str(), small.unchanged, small.swallowed()), ("INT64, FP32", 0.5, false));
    let [age] = &small.columns[..] else { panic!("{small:?}") };
    assert_eq!((age.column.as_str(), age.dtype.as_str(), age.unchanged), ("age", "INT64", 1.0));
    assert!(large.columns.is_empty(), "{large:?}");
    // Where the whole table goes under, that is said of it, and not of each column.
    let whole = realised(noisy, &plan(&[0.1]), &[vec![Some(Dtype::I64)]]);
    assert!(whole[0].swallowed() && whole[0].columns.is_empty(), "{whole:?}");
}

/// Of images that are sent as files the pixels are looked at, whatever the model takes.
#[test]
fn images_that_change_their_form_are_measured_as_pixels() {
    let types = |name: &str, input| input_types(&image(1), Some(&forming(name, &image(1))), &taking(input));
    assert_eq!(types("png", Dtype::Bytes), [[None]]);
    assert_eq!(types("tensor", Dtype::F16), [[Some(Dtype::F16)]]);
    assert_eq!(types("nchw", Dtype::F32), [[None]]);
    assert_eq!(types("nchw", Dtype::Bf16), [[Some(Dtype::Bf16)]]);
}

/// Normalized pixels that the model takes in 16 bits are rounded a second time.
#[test]
fn what_the_type_of_normalized_pixels_rounds_is_measured() {
    let (dataset, plan, mask) = (image(4), plan(&[0.5]), all(4 * 4 * 3, None));
    let form = forming("nchw", &dataset);
    let measured = |input| {
        let types = input_types(&dataset, Some(&form), &taking(input));
        let way = Way::numbers(&form, &dataset, &types).map(Ok);
        assert_eq!(way.is_some(), input != Dtype::F32, "{input:?}");
        realised(Noisy { dataset: &dataset, mask: &mask, noise: &Gaussian, way: way.as_ref() }, &plan, &types)
            .remove(0)
    };
    let plain = measured(Dtype::F32);
    let order = Order::of(&plan);
    for (input, dtype) in [(Dtype::Bf16, "UINT8, then BF16"), (Dtype::F16, "UINT8, then FP16")] {
        let found = measured(input);
        assert_eq!((found.dtype.as_str(), found.asked, found.clipped), (dtype, plain.asked, plain.clipped));
        let (mut sum, mut count) = (0.0, 0.0);
        for index in 0..found.draws {
            let (mut clean, mut row) = (Row::default(), Row::default());
            dataset.fill(order.row(index) as usize, &mut clean);
            dataset.fill(order.row(index) as usize, &mut row);
            let mut rng = stream(Seed(7), index);
            row_of(&mut rng, dataset.rows);
            Gaussian.perturb(Level(0.5), &mask, &mut row, &mut rng);
            let arrives = |row: &Row, i| {
                input.realise(f64::from(row.tensors[0].values.number(i).unwrap() as f32 / 255.0 + 3.0))
                    * 255.0
            };
            for i in 0..4 * 4 * 3 {
                sum += f64::powi(arrives(&row, i) - arrives(&clean, i), 2);
                count += 1.0;
            }
        }
        near(found.received.unwrap(), f64::sqrt(sum / count), 1e-6);
    }
    // Between 2 and 4 there are 128 numbers of BF16, a pixel apart from the next by four.
    assert!(measured(Dtype::Bf16).unchanged > plain.unchanged + 0.1);
}

/// Images whose pixels differ.
fn image(rows: usize) -> Dataset {
    let values = (0..rows * 4 * 4 * 3).map(|i| (60 + i * 7 % 150) as u8).collect();
    let field = Field {
        name: "image".into(),
        shape: [4, 4, 3].as_slice().into(),
        values: Values::U8(values),
        columns: None,
    };
    Dataset { fields: vec![field], rows, targets: None, blake3: String::new() }
}

fn forming(name: &str, dataset: &Dataset) -> Forming {
    let normalize = (name == "nchw").then(|| Normalize::MeanStd { mean: vec![-3.0], std: vec![1.0] });
    Forming::new(&FormSpec { name: name.to_owned(), quality: None, normalize }, dataset).unwrap()
}

fn taking(input: Dtype) -> Description {
    let port = Port { name: "x".to_owned(), dtype: Some(input), shape: None, optional: false };
    Description { inputs: vec![port], ..Description::default() }
}
