//! The stream is fixed for ever, and the noise has the distribution that it says.

use noisebound_adapters::{Tensor, Values};
use rand::Rng;

use super::*;

const SEED: Seed = Seed(20_261_123);

fn row(values: Values) -> Row {
    let count = values.len();
    Row { tensors: vec![Tensor::new("x", [count], values).unwrap()] }
}

fn all(count: usize) -> Mask {
    Mask { factors: vec![vec![1.0; count]], clip: None }
}

/// The noise of one draw at `level` on zeros, and the word of the stream that comes after it.
fn noise(name: &str, level: f64, mask: &Mask, index: u64) -> (Vec<f64>, u64) {
    let count = mask.factors[0].len();
    let mut row = row(Values::F64(vec![0.0; count]));
    let mut rng = stream(SEED, index);
    family(name).unwrap().perturb(Level(level), mask, &mut row, &mut rng);
    let values = &row.tensors[0].values;
    ((0..count).filter_map(|i| values.number(i)).collect(), rng.next_u64())
}

#[test]
fn the_stream_is_the_one_that_was_published() {
    let mut rng = stream(SEED, 7);
    assert_eq!([rng.next_u64(), rng.next_u64()], [16_710_224_762_548_022_478, 11_322_128_402_885_226_808]);
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(|index| row_of(&mut stream(SEED, index), 1797)),
        [178, 603, 365, 1362, 483, 1786]
    );
    let gaussian = [
        -0.335_809_909_710_918_3,
        -0.067_788_667_768_459_93,
        0.601_774_096_624_577_4,
        -2.157_300_075_236_005_6,
    ];
    assert_eq!(noise("gaussian", 1.0, &all(4), 7).0, gaussian);
    let uniform = [
        0.811_726_199_027_563_7,
        0.227_547_621_156_799_94,
        0.943_087_876_663_763_8,
        0.408_963_665_173_354_36,
    ];
    assert_eq!(noise("uniform", 1.0, &all(4), 7).0, uniform);
}

#[test]
fn seeds_and_indices_have_streams_of_their_own() {
    let first = |seed, index| stream(Seed(seed), index).next_u64();
    let words = [first(0, 0), first(0, 1), first(1, 0), first(1, 1), first(u64::MAX, 0), first(0, u64::MAX)];
    for (i, word) in words.iter().enumerate() {
        assert!(!words[..i].contains(word));
    }
}

#[test]
fn every_level_gets_the_same_standardized_noise() {
    for family in FAMILIES {
        let (unit, after) = noise(family.name, 1.0, &all(50), 3);
        for level in [0.25, 4.0, 1024.0] {
            let (scaled, after_scaled) = noise(family.name, level, &all(50), 3);
            let expected: Vec<f64> = unit.iter().map(|z| z * level).collect();
            assert_eq!(scaled, expected, "{} at {level}", family.name);
            assert_eq!(after_scaled, after);
        }
    }
}

#[test]
fn neither_level_nor_clip_nor_type_changes_what_is_taken_from_the_stream() {
    for family in FAMILIES {
        let (_, after) = noise(family.name, 1.0, &all(30), 9);
        for (level, clip) in
            [(0.0, None), (1e-300, None), (5.0, Some((-0.1, 0.1))), (1e300, Some((0.0, 1.0)))]
        {
            let mask = Mask { clip, ..all(30) };
            for values in [Values::F64(vec![0.5; 30]), Values::U8(vec![9; 30]), Values::F32(vec![0.0; 30])] {
                let mut rng = stream(SEED, 9);
                (family.build)().perturb(Level(level), &mask, &mut row(values), &mut rng);
                assert_eq!(rng.next_u64(), after, "{} at {level}", family.name);
            }
        }
    }
}

#[test]
fn elements_without_a_factor_are_left_alone_and_take_no_noise() {
    for family in FAMILIES {
        let mask = Mask { factors: vec![vec![0.0, 1.0, 0.0, 1.0]], clip: Some((-0.001, 0.001)) };
        let mut noisy = row(Values::F32(vec![7.25; 4]));
        let mut rng = stream(SEED, 0);
        (family.build)().perturb(Level(1.0), &mask, &mut noisy, &mut rng);
        assert_eq!(noisy.tensors[0].values, Values::F32(vec![7.25, 0.001, 7.25, 0.001]));
        assert_eq!(rng.next_u64(), noise(family.name, 1.0, &all(2), 0).1);
        assert_eq!(mask.perturbed(0, 4), 2);
    }
}

#[test]
fn factors_begin_anew_where_elements_are_left() {
    for family in FAMILIES {
        let one = |factors: Vec<f64>| {
            let mut noisy = row(Values::F64(vec![0.0; 4]));
            let mut rng = stream(SEED, 0);
            (family.build)().perturb(
                Level(1.0),
                &Mask { factors: vec![factors], clip: None },
                &mut noisy,
                &mut rng,
            );
            (noisy, rng.next_u64())
        };
        assert_eq!(one(vec![1.0]), one(vec![1.0; 4]), "{}", family.name);
        assert_eq!(one(vec![0.0, 2.0]), one(vec![0.0, 2.0, 0.0, 2.0]), "{}", family.name);
    }
    assert_eq!(Mask { factors: vec![vec![1.0]], clip: None }.perturbed(0, 7), 7);
}

#[test]
fn the_factor_scales_the_noise() {
    for family in FAMILIES {
        let (unit, _) = noise(family.name, 1.0, &all(3), 1);
        let mask = Mask { factors: vec![vec![0.5, 1.0, 8.0]], clip: None };
        let (scaled, _) = noise(family.name, 2.0, &mask, 1);
        assert_eq!(scaled, [unit[0], unit[1] * 2.0, unit[2] * 16.0]);
    }
}

#[test]
fn bytes_are_rounded_and_held_in_their_range() {
    let mut noisy = row(Values::U8([0, 128, 255].repeat(100)));
    family("gaussian").unwrap().perturb(Level(400.0), &all(300), &mut noisy, &mut stream(SEED, 5));
    let Values::U8(values) = &noisy.tensors[0].values else { panic!("the type changed") };
    assert!(values.contains(&0) && values.contains(&255));
    assert!(values.iter().any(|v| (1..255).contains(v)));
}

#[test]
fn an_image_keeps_its_bytes_where_the_noise_is_below_half_a_step() {
    let mut noisy = row(Values::U8(vec![40; 64]));
    family("uniform").unwrap().perturb(Level(0.49), &all(64), &mut noisy, &mut stream(SEED, 5));
    assert_eq!(noisy.tensors[0].values, Values::U8(vec![40; 64]));
}

#[test]
fn gaussian_noise_is_normal() {
    let draws = sorted("gaussian");
    assert_moments(&draws, 1.0, 3.0);
    assert_distance(&draws, |z| 0.5 * libm::erfc(-z / core::f64::consts::SQRT_2));
}

#[test]
fn uniform_noise_is_uniform() {
    let draws = sorted("uniform");
    assert!(draws[0] > -1.0 && draws[draws.len() - 1] < 1.0);
    assert_moments(&draws, 1.0 / 3.0, 1.0 / 5.0);
    assert_distance(&draws, |z| z.midpoint(1.0));
}

/// 10^5 draws in order of size, from 100 streams.
fn sorted(name: &str) -> Vec<f64> {
    let mut draws: Vec<f64> = (0..100).flat_map(|index| noise(name, 1.0, &all(1000), index).0).collect();
    draws.sort_by(f64::total_cmp);
    draws
}

/// Mean and variance within 4 standard errors; `fourth` is the fourth moment.
fn assert_moments(draws: &[f64], variance: f64, fourth: f64) {
    let n = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / n;
    let found = draws.iter().map(|z| z * z).sum::<f64>() / n;
    assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "mean {mean}");
    assert!((found - variance).abs() < 4.0 * ((fourth - variance * variance) / n).sqrt(), "variance {found}");
}

/// Kolmogorov and Smirnov's distance below the value that is exceeded once in 10^4 times.
fn assert_distance(draws: &[f64], cdf: impl Fn(f64) -> f64) {
    let n = draws.len() as f64;
    let distance = draws
        .iter()
        .enumerate()
        .map(|(i, z)| (cdf(*z) - i as f64 / n).abs().max((cdf(*z) - (i + 1) as f64 / n).abs()))
        .fold(0.0, f64::max);
    assert!(distance < 2.225 / n.sqrt(), "distance {distance}");
}

#[test]
fn every_row_is_as_likely_as_another() {
    let rows = 7;
    let mut counts = [0.0; 7];
    for index in 0..70_000 {
        counts[row_of(&mut stream(SEED, index), rows)] += 1.0;
    }
    // Chi-squared with 6 degrees of freedom exceeds 27.9 once in 10^4 times.
    let chi: f64 = counts.iter().map(|count| (count - 10_000.0) * (count - 10_000.0) / 10_000.0).sum();
    assert!(chi < 27.9, "{counts:?}");
}

#[test]
fn rows_at_the_ends_are_in_range() {
    let mut rng = stream(SEED, 0);
    assert_eq!(row_of(&mut rng, 0), 0);
    assert_eq!(row_of(&mut rng, 1), 0);
    for _ in 0..100 {
        assert!(row_of(&mut rng, usize::MAX) < usize::MAX);
        assert!(row_of(&mut rng, 2) < 2);
    }
}

#[test]
fn words_that_would_favour_a_row_are_passed_over() {
    // With 3 * 2^62 rows a quarter of all words is surplus, so a plain product would favour every third row.
    let rows = 3 << 62;
    let mut counts = [0; 3];
    for index in 0..30_000 {
        counts[row_of(&mut stream(SEED, index), rows) % 3] += 1;
    }
    assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
}

#[test]
fn families_are_found_by_name_alone() {
    for family in FAMILIES {
        assert!(super::family(family.name).is_some() && !family.about.is_empty());
    }
    assert!(family("Gaussian").is_none() && family("").is_none());
}
