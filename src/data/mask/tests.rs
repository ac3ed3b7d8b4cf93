//! Which elements are perturbed, and which choices are refused.

use noisebound_adapters::Values;

use super::super::{DataSource, Image, Shapes, load_bytes};
use super::*;

const TABLE: &str = "age,income,3\n1,10,5\n3,30,5\n";

fn table(text: &str) -> Dataset {
    load_bytes(&DataSource::parse("t.csv").unwrap(), text.as_bytes(), None, None).unwrap()
}

fn array(values: Values, width: usize) -> Dataset {
    let rows = values.len() / width;
    let field = Field { name: "image".into(), shape: [width].into(), values, columns: None };
    Dataset { fields: vec![field], rows, targets: None, blake3: String::new() }
}

fn spec(scale: Scale) -> NoiseSpec {
    NoiseSpec { family: "gaussian".into(), scale, clip: None, perturb: None, fix: None }
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn perturb(dataset: &Dataset, names: &[&str]) -> Result<Vec<f64>, MaskError> {
    let noise = NoiseSpec { perturb: Some(columns(names)), ..spec(Scale::Absolute) };
    mask(dataset, &noise).map(|mask| mask.factors.concat())
}

fn fix(dataset: &Dataset, names: &[&str]) -> Result<Vec<f64>, MaskError> {
    let noise = NoiseSpec { fix: Some(columns(names)), ..spec(Scale::Absolute) };
    mask(dataset, &noise).map(|mask| mask.factors.concat())
}

/// Two images of two sizes, of which the second has a pixel of 200.
fn images() -> Dataset {
    let image =
        |file: &str, shape: [usize; 3], start| Image { file: file.into(), shape: shape.into(), start };
    let shape = Shapes::Images(vec![image("a.png", [1, 2, 1], 0), image("b.png", [1, 1, 3], 2)]);
    let values = Values::U8(vec![1, 2, 3, 200, 5]);
    let field = Field { name: "image".into(), shape, values, columns: None };
    Dataset { fields: vec![field], rows: 2, targets: None, blake3: String::new() }
}

#[test]
fn images_have_one_factor_for_all_their_pixels() {
    let images = images();
    assert_eq!(mask(&images, &spec(Scale::Absolute)).unwrap().factors, [[1.0]]);
    let named = |perturb: &str| {
        mask(&images, &NoiseSpec { perturb: Some(vec![perturb.into()]), ..spec(Scale::Absolute) })
    };
    assert_eq!(named("image").unwrap().factors, [[1.0]]);
    assert!(named("0").unwrap_err().to_string().contains("expected one of image"));
    assert!(matches!(mask(&images, &spec(Scale::Std)), Err(MaskError::Images(_))));
    let narrow = mask(&images, &NoiseSpec { clip: Some((0.0, 100.0)), ..spec(Scale::Absolute) });
    assert!(matches!(narrow, Err(MaskError::Outside { row: 1, value: 200.0, .. })), "{narrow:?}");
}

#[test]
fn everything_is_perturbed_unless_asked_otherwise() {
    let absolute = mask(&table(TABLE), &spec(Scale::Absolute)).unwrap();
    assert_eq!(absolute, Mask { factors: vec![vec![1.0; 3]], clip: None });
    let std = mask(&table(TABLE), &spec(Scale::Std)).unwrap();
    assert_eq!(std.factors, [[1.0, 10.0, 0.0]]);
}

#[test]
fn columns_of_a_table_are_named() {
    assert_eq!(perturb(&table(TABLE), &["income"]).unwrap(), [0.0, 1.0, 0.0]);
    assert_eq!(perturb(&table(TABLE), &[" age ", "3"]).unwrap(), [1.0, 0.0, 1.0]);
    assert_eq!(perturb(&table(TABLE), &["x"]).unwrap(), [1.0; 3]);
    assert_eq!(fix(&table(TABLE), &["income"]).unwrap(), [1.0, 0.0, 1.0]);
    assert_eq!(fix(&table(TABLE), &[]).unwrap(), [1.0; 3]);
    let std = NoiseSpec { perturb: Some(columns(&["income"])), ..spec(Scale::Std) };
    assert_eq!(mask(&table(TABLE), &std).unwrap().factors, [[0.0, 10.0, 0.0]]);
}

#[test]
fn elements_of_an_array_are_counted_from_0() {
    let image = array(Values::F32(vec![0.0; 10]), 5);
    assert_eq!(perturb(&image, &["0", "2-3"]).unwrap(), [1.0, 0.0, 1.0, 1.0, 0.0]);
    assert_eq!(fix(&image, &["0-3"]).unwrap(), [0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(perturb(&image, &["image"]).unwrap(), [1.0; 5]);
    for outside in ["5", "3-5", "3-2", "-1", "1-", "18446744073709551615", ""] {
        let error = perturb(&image, &[outside]).unwrap_err().to_string();
        assert!(error.contains("from 0 to 4"), "{error}");
    }
}

#[test]
fn an_unknown_column_is_an_error_with_the_nearest_one() {
    let said = |found: Result<Vec<f64>, MaskError>| found.unwrap_err().to_string();
    assert!(said(perturb(&table(TABLE), &["incom"])).contains("--perturb: there is no `incom`"));
    assert!(said(fix(&table(TABLE), &["incom"])).contains("--fix"));
    assert!(said(fix(&table(TABLE), &["incom"])).contains("did you mean `income`?"));
    assert!(said(fix(&table(TABLE), &["height"])).contains("age, income, 3, x"));
    // A place in a table is not taken for a column: its order is of no meaning.
    assert!(perturb(&table(TABLE), &["0"]).is_err());
}

#[test]
fn nothing_left_to_perturb_is_an_error() {
    assert!(matches!(fix(&table(TABLE), &["age", "income", "3"]), Err(MaskError::Nothing(_))));
    assert!(matches!(perturb(&table(TABLE), &[]), Err(MaskError::Nothing(_))));
    let ids = array(Values::I64(vec![1, 2]), 1);
    let error = mask(&ids, &spec(Scale::Absolute)).unwrap_err().to_string();
    assert!(error.contains("`image` is INT64") && error.contains("image.astype('float32')"), "{error}");
    let fixed = fix(&table(TABLE), &["age", "income", "3"]).unwrap_err().to_string();
    assert!(fixed.contains("--fix names all of `x`; leave out of it"), "{fixed}");
    assert!(perturb(&table(TABLE), &[]).unwrap_err().to_string().contains("--perturb names no column"));
    let constant = mask(&table("a,b\n1,2\n1,2\n"), &spec(Scale::Std)).unwrap_err().to_string();
    assert!(constant.contains("--scale absolute"), "{constant}");
    let fixed = NoiseSpec { perturb: Some(columns(&["3"])), ..spec(Scale::Std) };
    assert!(matches!(mask(&table(TABLE), &fixed), Err(MaskError::Nothing(_))));
}

#[test]
fn types_that_take_no_noise_are_left_alone_and_cannot_be_named() {
    let mut both = array(Values::F32(vec![0.0; 2]), 1);
    let ids = Field { name: "ids".into(), shape: [1].into(), values: Values::I64(vec![1, 2]), columns: None };
    both.fields.push(ids);
    assert_eq!(mask(&both, &spec(Scale::Absolute)).unwrap().factors, [[1.0], [0.0]]);
    assert_eq!(mask(&array(Values::U8(vec![0]), 1), &spec(Scale::Absolute)).unwrap().factors, [[1.0]]);
    let error = perturb(&both, &["ids"]).unwrap_err();
    assert_eq!(error, MaskError::Type { column: "ids".into(), dtype: "INT64" });
    assert_eq!(fix(&both, &["ids"]).unwrap(), [1.0, 0.0]);
    // With two fields a place alone says nothing.
    assert!(perturb(&both, &["0"]).unwrap_err().to_string().contains("image, ids"));
}

#[test]
fn perturb_and_fix_exclude_each_other() {
    let noise =
        NoiseSpec { perturb: Some(columns(&["age"])), fix: Some(columns(&["age"])), ..spec(Scale::Absolute) };
    assert_eq!(mask(&table(TABLE), &noise), Err(MaskError::Both));
}

#[test]
fn a_clip_range_must_be_one() {
    for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::NAN), (0.0, f64::INFINITY)] {
        let noise = NoiseSpec { clip: Some((low, high)), ..spec(Scale::Absolute) };
        assert!(matches!(mask(&table(TABLE), &noise), Err(MaskError::Clip(..))), "{low},{high}");
    }
}

#[test]
fn perturbed_data_outside_the_clip_range_are_named() {
    let clip = |names: &[&str], low, high| {
        let noise =
            NoiseSpec { clip: Some((low, high)), perturb: Some(columns(names)), ..spec(Scale::Absolute) };
        mask(&table(TABLE), &noise).map_err(|error| error.to_string())
    };
    let error = clip(&["age", "income"], 0.0, 20.0).unwrap_err();
    assert!(error.contains("row 1, column `income` is 30, outside 0,20"), "{error}");
    assert!(clip(&["income"], 11.0, 40.0).unwrap_err().contains("row 0"));
    assert_eq!(clip(&["age"], 1.0, 3.0).unwrap().clip, Some((1.0, 3.0)));
}

#[test]
fn the_clip_range_is_compared_in_the_type_of_the_field() {
    // 0.1 in 32 bits is a little more than 0.1 in 64.
    let image = array(Values::F32(vec![0.1, 0.0]), 2);
    let noise = NoiseSpec { clip: Some((0.0, 0.1)), ..spec(Scale::Absolute) };
    assert!(mask(&image, &noise).is_ok());
}

#[test]
fn a_deviation_that_overflows_is_an_error() {
    let error = mask(&table("a\n1e300\n-1e300\n"), &spec(Scale::Std)).unwrap_err();
    assert_eq!(error, MaskError::Deviation("column `a`".into()));
}
