use proptest::prelude::*;

use super::*;

fn risks(levels: &[f64], asked: SideSpec) -> Vec<Claim> {
    let limits = levels
        .iter()
        .flat_map(|level| sides(asked).iter().map(|side| limit("risk", Quantity::Risk, *level, *side)));
    limits.collect()
}

fn gates(texts: &[&str]) -> Vec<Claim> {
    texts.iter().map(|text| verdict(text, Quantity::Gate, None)).collect()
}

fn intervals() -> Blocks {
    Blocks { intervals: risks(&[0.1, 0.25], SideSpec::Both), ..Blocks::default() }
}

fn ids(claims: &[Claim]) -> Vec<&str> {
    claims.iter().map(|claim| claim.id.as_str()).collect()
}

/// The sum in units of 2^-1074 would not fit; shares between 2^-60 and 1 are multiples of 2^-113, and 100,000
/// of them below 1 in sum fit.
fn exact(share: f64) -> u128 {
    let (bits, exponent) = (share.to_bits(), (share.to_bits() >> 52) as i32 - 1023);
    assert!((-60..0).contains(&exponent), "{share} is out of the range of this test");
    let mantissa = u128::from((bits & ((1 << 52) - 1)) | (1 << 52));
    mantissa << (exponent - 52 + 113)
}

#[test]
fn intervals_alone_share_the_whole_budget() {
    let claims = claims(intervals(), 0.95);
    assert_eq!(ids(&claims), ["risk@0.1:lower", "risk@0.1:upper", "risk@0.25:lower", "risk@0.25:upper"]);
    for claim in &claims {
        assert!((claim.alpha - 0.0125).abs() < 1e-15, "{claim:?}");
    }
    assert_eq!((claims[1].side, claims[1].level), (Side::Upper, Some(0.1)));
}

#[test]
fn clean_is_named_and_one_side_is_one_claim() {
    let blocks = Blocks { intervals: risks(&[0.0, 0.1], SideSpec::Upper), ..Blocks::default() };
    let claims = claims(blocks, 0.95);
    assert_eq!(ids(&claims), ["risk@clean:upper", "risk@0.1:upper"]);
    assert!(claims.iter().all(|claim| (claim.alpha - 0.025).abs() < 1e-15));
}

#[test]
fn gates_and_intervals_get_half_each() {
    let gates = gates(&["error@0.1 <= 0.2", "error@all <= 0.3", "error@0.25 >= 0.01"]);
    let claims = claims(Blocks { gates, ..intervals() }, 0.95);
    assert_eq!(claims.len(), 7);
    assert!(claims[..4].iter().all(|claim| (claim.alpha - 0.025 / 4.0).abs() < 1e-15));
    assert!(claims[4..].iter().all(|claim| (claim.alpha - 0.025 / 3.0).abs() < 1e-15));
    assert_eq!(ids(&claims[4..]), ["error@0.1 <= 0.2", "error@all <= 0.3", "error@0.25 >= 0.01"]);
    assert_eq!((claims[5].level, claims[5].side, claims[5].quantity), (None, Side::Verdict, Quantity::Gate));
}

#[test]
fn gates_alone_get_everything() {
    let claims = claims(Blocks { gates: gates(&["error@0.1 <= 0.2"]), ..Blocks::default() }, 0.95);
    assert_eq!(ids(&claims), ["error@0.1 <= 0.2"]);
    assert!((claims[0].alpha - 0.05).abs() < 1e-15);
}

#[test]
fn the_noise_floor_gets_a_fiftieth() {
    let floor = vec![limit("noise-floor", Quantity::NoiseFloor, 0.0, Side::Upper)];
    let claims = claims(Blocks { floor, gates: gates(&["a", "b"]), ..intervals() }, 0.95);
    let sum = |claims: &[Claim]| claims.iter().map(|claim| claim.alpha).sum::<f64>();
    assert!((sum(&claims[..4]) - 0.0245).abs() < 1e-15);
    assert!((sum(&claims[4..6]) - 0.0245).abs() < 1e-15);
    assert!((claims[6].alpha - 0.001).abs() < 1e-15);
}

#[test]
fn nothing_asked_is_nothing_claimed() {
    assert_eq!(claims(Blocks::default(), 0.95), []);
}

#[test]
fn the_critical_level_spends_no_more_than_its_share() {
    for levels in 1..50 {
        let (holds, fails) = critical_shares(levels, 0.025);
        assert!(exact(holds) + u128::from(levels) * exact(fails) <= exact(0.025));
        assert!((holds - 0.02).abs() < 1e-15 && (fails * levels as f64 - 0.005).abs() < 1e-15);
    }
}

#[test]
fn the_budget_never_exceeds_the_decimal_that_was_typed() {
    // As 64-bit numbers, both 1 - 0.95 and 0.05 are above one twentieth.
    // Every confidence of up to six decimals: the exact decimal is n / 10^6.
    for n in (1..1_000_000_u64).step_by(37).chain([950_000, 990_000, 999_999, 900_000, 500_000]) {
        let confidence: f64 = format!("0.{n:06}").parse().expect("a decimal");
        let budget = budget(confidence);
        let rest = (1_000_000 - n) as f64;
        // The sign of a fused difference is exact.
        assert!(libm::fma(budget, 1e6, -rest) <= 0.0, "{confidence}: {budget}");
        assert!(rest / 1e6 - budget < 3e-16, "{confidence}: {budget}");
    }
    assert_eq!(budget(1.0), 0.0);
}

#[test]
fn a_share_is_rounded_down_only_where_it_must_be() {
    assert_eq!(share_for_one_of(4, 0.05), 0.0125);
    assert_eq!(share_for_one_of(0, 0.05), 0.05);
    let rounded_up = (1..1_000).map(f64::from).filter(|n| libm::fma(0.05 / n, *n, -0.05) > 0.0).count();
    assert!(rounded_up > 100, "the test below has nothing to catch");
}

proptest! {
    #[test]
    fn shares_sum_to_no_more_than_the_budget(
        confidence in 0.5_f64..0.9999, levels in 0_usize..200, gate_count in 0_usize..50, clean: bool, upper: bool,
        floor: bool,
    ) {
        let grid: Vec<f64> = (u64::from(!clean)..=levels as u64).map(|level| level as f64 / 8.0).collect();
        let texts: Vec<String> = (0..gate_count).map(|gate| format!("error@{gate} <= 0.1")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let floor = if floor { risks(&[0.0], SideSpec::Both) } else { Vec::new() };
        let asked = if upper { SideSpec::Upper } else { SideSpec::Both };
        let claims = claims(Blocks { intervals: risks(&grid, asked), gates: gates(&texts), floor }, confidence);
        let sum: u128 = claims.iter().map(|claim| exact(claim.alpha)).sum();
        prop_assert!(sum <= exact(budget(confidence)));
        let alone = !claims.is_empty() && claims.iter().all(|claim| claim.id.starts_with("risk@clean"));
        prop_assert!(claims.is_empty() || alone || sum as f64 >= exact(budget(confidence)) as f64 * (1.0 - 1e-12));
    }
}
