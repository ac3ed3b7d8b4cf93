use std::path::Path;

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Typed, Problems> {
    parse(text, Path::new("in/a.toml"))
}

fn problems(text: &str) -> Vec<String> {
    read(text).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn numbers_texts_and_arrays_are_what_the_flags_would_say() {
    let typed = read(
        "target = 'triton://h:8000/m'\nbatch = 4\nthreshold = 0.50\nlevels = [0.05, '0.1', 1]\n\
         clip = '0, 16'\ngate = ['error@0.1 <= 0.2', 'error@all <= 0.5']\nheader = 'a: b'\ndata = 'x.npy'\n",
    )
    .unwrap();
    let at = |line| Origin::File(Path::new("in/a.toml").into(), line);
    let given = |values: &[&str], line| {
        Some(Given { values: values.iter().map(ToString::to_string).collect(), origin: at(line) })
    };
    assert_eq!(typed.target, given(&["triton://h:8000/m"], 1));
    assert_eq!(typed.batch, given(&["4"], 2));
    assert_eq!(typed.threshold, given(&["0.50"], 3));
    assert_eq!(typed.levels, given(&["0.05", "0.1", "1"], 4));
    assert_eq!(typed.clip, given(&["0", "16"], 5));
    assert_eq!(typed.gate, given(&["error@0.1 <= 0.2", "error@all <= 0.5"], 6));
    assert_eq!(typed.header, given(&["a: b"], 7));
    let data = Path::new("in").join("x.npy");
    assert_eq!(typed.data, given(&[data.to_str().unwrap()], 8));
    assert_eq!(typed.rate, None);
}

#[test]
fn every_unknown_key_is_refused_with_its_line_and_the_nearest_one() {
    let text = "# an audit\nbatch = 4\nlevls = [0.1]\nmax_time = '1m'\nyes = true\ncolour = 'red'\n";
    let found = problems(text);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].starts_with("in/a.toml:3: levls: "), "{}", found[0]);
    assert!(found[0].ends_with("did you mean `levels`?"), "{}", found[0]);
    assert!(found[1].ends_with("did you mean `max-time`?"), "{}", found[1]);
    assert!(found[2].contains("--yes on the command line"), "{}", found[2]);
    assert!(found[3].contains("in/a.toml:6: ") && found[3].contains("known: target, "), "{}", found[3]);
}

#[test]
fn flags_of_one_run_are_no_keys_and_told_apart_from_unknown_ones() {
    for name in RUN_ONLY {
        let found = problems(&format!("{name} = 1\n"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(&format!("give --{name} on the command line")), "{}", found[0]);
    }
}

#[test]
fn values_of_the_wrong_kind_are_refused_with_their_line() {
    let text = "batch = [1]\nlevels = [[0.1]]\nrate = 1979-05-27\nretries = 0x10\n[data]\nfile = 'x'\n";
    let found = problems(text);
    assert_eq!(found.len(), 5, "{found:?}");
    for (line, (key, what)) in [
        ("batch", "an array"),
        ("levels", "type array"),
        ("rate", "type datetime"),
        ("retries", "another base"),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(found[line].starts_with(&format!("in/a.toml:{}: {key}: ", line + 1)), "{}", found[line]);
        assert!(found[line].ends_with(what), "{}", found[line]);
    }
    assert!(found[4].starts_with("in/a.toml:5: data: "), "{}", found[4]);
}

#[test]
fn a_switch_is_a_truth_value_and_nothing_else_is() {
    let typed = read("noise-floor = true\nasymptotic = 'false'\n").unwrap();
    assert_eq!(typed.noise_floor.unwrap().values, ["true"]);
    assert_eq!(typed.asymptotic.unwrap().values, ["false"]);
    let found = problems("batch = true\ngate = [true]\nnoise-floor = [true]\n");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].ends_with("type boolean") && found[2].ends_with("an array"), "{found:?}");
}

#[test]
fn what_is_right_beside_a_problem_is_read() {
    let (typed, problems) = parse_partly("batch = 4\nlevls = [0.1]\n", Path::new("a.toml")).unwrap();
    assert_eq!(problems.0.len(), 1);
    assert_eq!(typed.batch.unwrap().values, ["4"]);
}

#[test]
fn broken_toml_names_its_line() {
    let found = problems("batch = 4\nrate = \n");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("in/a.toml:2: toml: expected valid TOML"), "{}", found[0]);
    assert!(read("batch = 1\nbatch = 2\n").is_err(), "a key twice");
}

#[test]
fn claims_are_read_and_bad_ones_refused() {
    let text = "[[claims]]\nid = 'risk@0.1:upper'\nquantity = 'risk'\nlevel = 0.1\nside = 'upper'\n\
                alpha = 0.025\nmethod = 'aim'\n";
    let claims = read(text).unwrap().claims.unwrap();
    assert_eq!((claims.len(), claims[0].alpha), (1, 0.025));
    let found = problems("[[claims]]\nid = 'x'\n");
    assert!(found[0].starts_with("in/a.toml:1: claims: "), "{}", found[0]);
    assert_eq!(read("").unwrap().claims, None);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let found = super::read("no/such/file.toml").unwrap_err().to_string();
    assert!(found.contains("no/such/file.toml") && found.starts_with("TARGET: "), "{found}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}|(rate|levels|claims|gate) = \\PC{0,10}\n?") {
        let _ = read(&text);
    }
}
