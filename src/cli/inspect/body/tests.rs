use proptest::prelude::*;

use super::*;

fn of(body: &str) -> String {
    shown(body.as_bytes(), body.len())
}

#[test]
fn what_is_short_stays_on_a_line_and_as_it_was_written() {
    let short = r#"{"outputs": [{"name": "y", "data": [0.10000000149011612, NaN, -Infinity, 1e-7]}]}"#;
    assert_eq!(of(short), short);
    assert_eq!(of(r#"{"b":1,"a":"x\"]y"}"#), r#"{"b": 1, "a": "x\"]y"}"#);
    assert_eq!(of("[]"), "[]");
    assert_eq!(of(""), "");
}

#[test]
fn long_lists_are_cut_and_say_by_how_much() {
    let numbers: Vec<String> = (0..64).map(|i| format!("{i}.5")).collect();
    let rows = format!("[{}]", numbers.join(","));
    assert_eq!(of(&rows), "[0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, … 56 more]");
    let nested = format!("{{\"instances\":[{}]}}", [rows.as_str(); 5].join(","));
    assert_eq!(
        of(&nested),
        "{\n  \"instances\": [\n    [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, … 56 more],\n    \
         [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, … 56 more],\n    \
         [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, … 56 more],\n    … 2 more\n  ]\n}"
    );
}

#[test]
fn of_long_numbers_fewer_are_shown_so_that_they_stay_on_a_line() {
    let numbers = ["0.00028896675212308764"; 10].join(",");
    let shown = of(&format!("{{\"predictions\":[[{numbers}]]}}"));
    assert_eq!(
        shown,
        "{\n  \"predictions\": [\n    [0.00028896675212308764, 0.00028896675212308764, 0.00028896675212308764, … 7 \
         more]\n  ]\n}"
    );
}

#[test]
fn raw_bytes_are_shown_in_hexadecimal_alone_and_behind_json() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08";
    assert_eq!(shown(png, 900), "900 bytes: 89 50 4e 47 0d 0a 1a 0a 00 00 00 0d 49 48 44 52 00 00 00 08 …");
    let tensor = [&b"{\"id\":\"1\"}"[..], &[0, 0, 128, 63, 32]].concat();
    assert_eq!(shown(&tensor, tensor.len()), "{\"id\": \"1\"}\n+ 5 bytes: 00 00 80 3f 20");
}

#[test]
fn what_is_no_json_is_shown_as_text() {
    assert_eq!(of("<html>\n<body>Bad Gateway</body>"), "<html>\n<body>Bad Gateway</body>");
    assert_eq!(of(r#"{"outputs":[{"data":[1,2"#), r#"{"outputs":[{"data":[1,2"#);
    assert_eq!(of("0.5"), "0.5");
    assert!(of(&"word ".repeat(1000)).ends_with("… of 5000 bytes"));
    assert_eq!(of("the model said \u{1b}[31mno"), "the model said \u{fffd}[31mno");
}

#[test]
fn only_so_many_lines_are_shown() {
    let members: Vec<String> = (0..100).map(|i| format!("\"key{i}\":{{\"a\":[[1],[2],[3]]}}")).collect();
    let text = of(&format!("{{{}}}", members.join(",")));
    assert!(text.lines().count() <= LINES + 1 && text.contains("lines more"), "{text}");
}

proptest! {
    #[test]
    fn no_body_makes_it_panic_or_wide(body in prop::collection::vec(any::<u8>(), 0..300), text in r#"[\[\]{}":,\\0-9a-c é]{0,120}"#) {
        for body in [body.as_slice(), text.as_bytes()] {
            for line in shown(body, body.len()).lines() {
                prop_assert!(line.chars().count() <= 100 && !line.chars().any(char::is_control), "{line:?}");
            }
        }
    }
}

#[test]
fn the_beginning_is_text_as_text_and_what_is_none_in_hexadecimal() {
    let page = format!("<html>{}</html>", "é".repeat(200));
    let text = begins(page.as_bytes(), page.len());
    // 6 bytes, then 97 of 2 bytes; no character is cut in two.
    assert_eq!(text, format!("<html>{}", "é".repeat(97)));
    let bytes: Vec<u8> = (0..=255).collect();
    let hex = begins(&bytes, 1000);
    assert!(hex.starts_with("1000 bytes: 00 01 02") && hex.ends_with("c6 c7 …"), "{hex}");
    assert_eq!(begins(b"\x00\xff", 2), "2 bytes: 00 ff");
    assert_eq!(begins(b"", 0), "");
}
