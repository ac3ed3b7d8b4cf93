use std::collections::HashMap;

use super::*;

fn given(value: &str, origin: Origin) -> Given {
    Given { values: vec![value.to_owned()], origin }
}

#[test]
fn keys_are_unique_and_defaults_are_theirs() {
    for (index, key) in KEYS.iter().enumerate() {
        assert!(KEYS[index + 1..].iter().all(|other| other.name != key.name), "{}", key.name);
    }
    let defaults = Typed::defaults();
    assert_eq!(defaults.rate, Some(given("20/s", Origin::Default)));
    assert_eq!(defaults.loss, None);
}

#[test]
fn the_environment_says_what_flags_say_but_for_what_is_repeated_or_redirects() {
    let variables = HashMap::from([
        ("NOISEBOUND_MAX_TIME", "10m"),
        ("NOISEBOUND_LEVELS", "0.1, 0.2"),
        ("NOISEBOUND_NOISE_FLOOR", "true"),
        ("NOISEBOUND_QUANTILES", "q50(shift),q90(shift)"),
        ("NOISEBOUND_RATE", ""),
        ("NOISEBOUND_GATE", "error@0.1 <= 0.2"),
        ("NOISEBOUND_TARGET", "triton://elsewhere/m"),
        ("NOISEBOUND_RUN_DIR", "x"),
    ]);
    let typed = Typed::from_environment(|name| variables.get(name).map(ToString::to_string));
    let expected = Typed {
        max_time: Some(given("10m", Origin::Environment)),
        levels: Some(Given { values: vec!["0.1".into(), "0.2".into()], origin: Origin::Environment }),
        noise_floor: Some(given("true", Origin::Environment)),
        quantiles: Some(Given {
            values: vec!["q50(shift)".into(), "q90(shift)".into()],
            origin: Origin::Environment,
        }),
        ..Typed::default()
    };
    assert_eq!(typed, expected);
}

#[test]
fn a_higher_layer_replaces_a_lower_one_key_by_key() {
    let file = Origin::File(Path::new("a.toml").into(), 1);
    let high = Typed { rate: Some(given("1/s", Origin::Flag)), ..Typed::default() };
    let low = Typed {
        rate: Some(given("2/s", file.clone())),
        batch: Some(given("3", file.clone())),
        ..Typed::default()
    };
    let all = high.over(low).over(Typed::defaults());
    assert_eq!(all.rate, Some(given("1/s", Origin::Flag)));
    assert_eq!(all.batch, Some(given("3", file)));
    assert_eq!(all.timeout, Some(given("10s", Origin::Default)));
}

#[test]
fn of_two_that_exclude_each_other_the_higher_layer_holds() {
    for (a, b) in EXCLUSIVE {
        for (high, low) in [(a, b), (b, a)] {
            let only = |name: &str, origin: Origin| {
                let mut typed = Typed::default();
                for (key, slot) in KEYS.iter().zip(typed.slots()) {
                    if key.name == name {
                        *slot = Some(given(name, origin.clone()));
                    }
                }
                typed
            };
            let merged = only(high, Origin::Flag).over(only(low, Origin::Environment));
            assert_eq!(merged, only(high, Origin::Flag));
        }
    }
}

#[test]
fn paths_of_a_file_start_at_its_folder() {
    let key = |name: &str| *KEYS.iter().find(|key| key.name == name).unwrap();
    let joined = |name: &str, folder: &str, value: &str| key(name).in_folder(Path::new(folder), value.into());
    assert_eq!(joined("data", "a/b", "x.npz:x"), format!("a/b{}x.npz:x", std::path::MAIN_SEPARATOR));
    assert_eq!(joined("data", "", "x.npy"), "x.npy");
    assert_eq!(joined("target", "a", "triton://h/m"), "triton://h/m");
    if cfg!(unix) {
        assert_eq!(joined("token-file", "a", "/run/token"), "/run/token");
    }
}
