use std::time::Duration;

use proptest::prelude::*;

use super::*;

#[test]
fn numbers_are_finite() {
    assert_eq!(number(" 1e-3 ").unwrap(), 0.001);
    for text in ["", "x", "nan", "inf", "-inf", "1e999", "0.1.2"] {
        assert!(number(text).is_err(), "{text}");
    }
    assert!(positive("0").is_err() && positive("-1").is_err() && positive("nan").is_err());
    assert_eq!(not_negative("0").unwrap(), 0.0);
    assert!(not_negative("-1e-9").is_err());
}

#[test]
fn a_probability_excludes_both_ends_and_reads_no_per_cent() {
    assert_eq!(probability("0.95").unwrap(), 0.95);
    for text in ["0", "1", "-0.5", "1.5", "nan", "95", "95%"] {
        assert!(probability(text).is_err(), "{text}");
    }
    assert!(probability("95%").unwrap_err().hint.unwrap().contains("0.95"));
    assert!(probability("95").unwrap_err().hint.unwrap().contains("0.95"));
}

#[test]
fn a_switch_is_true_or_false() {
    assert_eq!((switch("true").unwrap(), switch(" false ").unwrap()), (true, false));
    for text in ["", "yes", "1", "TRUE"] {
        assert!(switch(text).is_err(), "{text}");
    }
}

#[test]
fn counts_read_thousands_and_refuse_what_json_cannot_keep() {
    for (text, value) in [("0", 0), ("10000", 10_000), ("10k", 10_000), ("2M", 2_000_000), ("10_000", 10_000)]
    {
        assert_eq!(count(text).unwrap(), value, "{text}");
    }
    assert_eq!(count("9007199254740991").unwrap(), LARGEST_EXACT);
    for text in ["9007199254740992", "99999999999999M", "-1", "+1", "1.5", "k", "", "_1", "10K", "1e4"] {
        assert!(count(text).is_err(), "{text}");
    }
    assert!(at_least_one(10)("0").is_err());
    assert!(at_least_one(10)("11").is_err());
    assert_eq!(at_least_one(10)("10").unwrap(), 10);
}

#[test]
fn a_rate_names_its_unit() {
    for (text, value) in [("20/s", 20.0), ("600/min", 10.0), ("1800 / h", 0.5), ("0.5/s", 0.5)] {
        assert_eq!(rate(text).unwrap(), value, "{text}");
    }
    for text in ["20", "0/s", "-1/s", "20/", "20/day", "/s", "1e-320/h", "2e6/s", "none"] {
        assert!(rate(text).is_err(), "{text}");
    }
    assert_eq!(rate("20").unwrap_err().hint.unwrap(), "name the unit: 20/s");
    assert_eq!(or_none(rate)("None").unwrap(), None);
    assert_eq!(or_none(rate)("5/s").unwrap(), Some(5.0));
    assert!(or_none(rate)("no").unwrap_err().expected.ends_with(", or none"));
}

#[test]
fn a_duration_names_its_unit_and_is_at_most_a_year() {
    for (text, value) in [
        ("10s", Duration::from_secs(10)),
        ("250ms", Duration::from_millis(250)),
        ("1.5m", Duration::from_secs(90)),
        ("10min", Duration::from_secs(600)),
        ("1h", Duration::from_secs(3600)),
        ("0.5 s", Duration::from_millis(500)),
    ] {
        assert_eq!(duration(text).unwrap(), value, "{text}");
    }
    for text in ["10", "0s", "-1s", "s", "", "1e3s", "400d", "99999999999999999999h", "1.2.3s", "5 weeks"] {
        assert!(duration(text).is_err(), "{text}");
    }
    assert_eq!(duration("10").unwrap_err().hint.unwrap(), "name the unit: 10s");
}

#[test]
fn a_pair_ascends() {
    let pair = |text: &str| pair(&split_list(text));
    assert_eq!(pair("0, 16").unwrap(), (0.0, 16.0));
    assert_eq!(pair("-1,1").unwrap(), (-1.0, 1.0));
    for text in ["0", "0,1,2", "1,1", "2,1", "0,nan", "0,", "-1e308,1e308"] {
        assert!(pair(text).is_err(), "{text}");
    }
    assert_eq!(pair("16,0").unwrap_err().hint.unwrap(), "write 0,16");
}

proptest! {
    #[test]
    fn nothing_typed_makes_a_parser_panic(text in "\\PC{0,12}|[0-9.]{1,4} ?[a-zµ/%]{0,3}") {
        let _ = (number(&text), probability(&text), count(&text), rate(&text), duration(&text));
        let _ = pair(&split_list(&text));
    }

    #[test]
    fn what_is_shown_reads_back_to_the_same_bits(
        requests in 1.2e-5..1e6_f64,
        nanoseconds in 1..31_000_000_000_000_000_u64,
        round in prop::sample::select(vec![1, 1_000_000, 1_000_000_000]),
    ) {
        prop_assert_eq!(rate(&show_rate(requests)).unwrap().to_bits(), requests.to_bits());
        let time = Duration::from_nanos((nanoseconds / round).max(1) * round);
        prop_assert_eq!(duration(&show_duration(time)).unwrap(), time);
    }
}
