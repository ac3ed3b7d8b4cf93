use proptest::prelude::*;

use super::*;

fn request() -> LedgerRequest {
    LedgerRequest {
        confidence: 0.95,
        intervals: Some(SideSpec::Both),
        clean: false,
        levels: vec![0.1, 0.25],
        gates: Vec::new(),
        binary: true,
    }
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
    let claims = claims(&request());
    assert_eq!(ids(&claims), ["risk@0.1:lower", "risk@0.1:upper", "risk@0.25:lower", "risk@0.25:upper"]);
    for claim in &claims {
        assert!((claim.alpha - 0.0125).abs() < 1e-15, "{claim:?}");
        assert_eq!((claim.quantity, claim.method.as_str()), (Quantity::Risk, "aim"));
    }
    assert_eq!((claims[1].side, claims[1].level), (Side::Upper, Some(0.1)));
}

#[test]
fn a_clean_level_with_draws_has_claims_like_the_others() {
    let claims =
        claims(&LedgerRequest { clean: true, intervals: Some(SideSpec::Upper), binary: false, ..request() });
    assert_eq!(ids(&claims), ["risk@clean:upper", "risk@0.1:upper", "risk@0.25:upper"]);
    assert_eq!(claims[0].level, Some(0.0));
    assert!(
        claims.iter().all(|claim| claim.method == "aim-bets" && (claim.alpha - 0.05 / 3.0).abs() < 1e-15)
    );
}

#[test]
fn gates_and_intervals_get_half_each() {
    let gates = vec![
        ("error@0.1 <= 0.2".to_owned(), Some(0.1)),
        ("error@all <= 0.3".to_owned(), None),
        ("error@0.25 >= 0.01".to_owned(), Some(0.25)),
    ];
    let claims = claims(&LedgerRequest { gates, ..request() });
    assert_eq!(claims.len(), 7);
    assert!(claims[..4].iter().all(|claim| (claim.alpha - 0.025 / 4.0).abs() < 1e-15));
    assert!(claims[4..].iter().all(|claim| (claim.alpha - 0.025 / 3.0).abs() < 1e-15));
    assert_eq!(ids(&claims[4..]), ["error@0.1 <= 0.2", "error@all <= 0.3", "error@0.25 >= 0.01"]);
    assert_eq!((claims[5].level, claims[5].side, claims[5].quantity), (None, Side::Verdict, Quantity::Gate));
}

#[test]
fn gates_alone_get_everything_and_no_interval_is_claimed() {
    let gates = vec![("error@0.1 <= 0.2".to_owned(), Some(0.1))];
    let claims = claims(&LedgerRequest { gates, intervals: None, ..request() });
    assert_eq!(ids(&claims), ["error@0.1 <= 0.2"]);
    assert!((claims[0].alpha - 0.05).abs() < 1e-15);
}

#[test]
fn nothing_asked_is_nothing_claimed() {
    assert_eq!(claims(&LedgerRequest { intervals: None, ..request() }), []);
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
        confidence in 0.5_f64..0.9999, levels in 0_usize..200, gates in 0_usize..50, clean: bool, upper: bool,
    ) {
        let claims = claims(&LedgerRequest {
            confidence,
            clean,
            intervals: Some(if upper { SideSpec::Upper } else { SideSpec::Both }),
            levels: (1..=levels).map(|level| level as f64 / 8.0).collect(),
            gates: (0..gates).map(|gate| (format!("error@{gate} <= 0.1"), Some(gate as f64))).collect(),
            binary: true,
        });
        let sum: u128 = claims.iter().map(|claim| exact(claim.alpha)).sum();
        prop_assert!(sum <= exact(budget(confidence)));
        prop_assert!(claims.is_empty() || sum as f64 >= exact(budget(confidence)) as f64 * (1.0 - 1e-12));
    }

    #[test]
    fn ids_are_unique(levels in prop::collection::btree_set(1_u32..10_000, 0..50), clean: bool) {
        let levels = levels.into_iter().map(|level| f64::from(level) / 997.0).collect();
        let claims = claims(&LedgerRequest { clean, levels, ..request() });
        let unique: std::collections::BTreeSet<_> = ids(&claims).into_iter().collect();
        prop_assert_eq!(unique.len(), claims.len());
    }
}
