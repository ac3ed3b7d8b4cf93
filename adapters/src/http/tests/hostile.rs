//! Servers that mean no good, or have lost their way: whatever they send, a request ends in bounded time and memory, and
//! never in the answer to another one.

use std::time::Duration;

use super::*;

fn score(score: f64) -> Prediction {
    Prediction::Tensors(vec![Tensor::new("predictions", [], Values::F64(vec![score])).unwrap()])
}

/// A gzip stream of so many spaces, a thousandth as long: one literal, and then copies of 258 bytes from one byte before.
fn bomb(spaces: usize) -> Vec<u8> {
    let mut packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03".to_vec();
    let (mut bits, mut count) = (0_u32, 0);
    // Codes of the fixed tables (RFC 1951 section 3.2.6), as they stand in the stream, lowest bit first.
    let mut put = |code: u32, width: u32, packed: &mut Vec<u8>| {
        bits |= code << count;
        count += width;
        while count >= 8 {
            packed.push(bits as u8);
            bits >>= 8;
            count -= 8;
        }
    };
    put(0b011, 3, &mut packed);
    put(u32::from(0x50_u8.reverse_bits()), 8, &mut packed);
    for _ in 0..spaces / 258 {
        put(u32::from(0b1100_0101_u8.reverse_bits()), 8, &mut packed);
        put(0, 5, &mut packed);
    }
    put(0, 7, &mut packed);
    packed
}

#[test]
fn an_answer_that_unpacks_without_end_is_given_up() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
    let packed = bomb(65 << 20);
    assert!(packed.len() < 1 << 20, "{}", packed.len());
    let server = Playback::start(vec![[&head[..], &packed].concat()]);
    let failure = ask(&json(server.url("/p"), vec![])).unwrap_err();
    assert!(failure.said.contains("larger than 64 MiB"), "{failure}");
}

#[test]
fn a_head_without_end_is_given_up() {
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: a\r\n".repeat(200_000));
    for head in [long, many] {
        let failure = asked(&head).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
        assert!(failure.said.len() <= Failure::SAID);
    }
}

#[test]
fn what_comes_before_an_answer_is_passed_over() {
    let before = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n".repeat(20);
    let answer = response("200 OK", "", "{\"predictions\":[0.5]}");
    assert!(asked(&format!("{before}{answer}")).is_ok());
}

/// A server that never comes to the point does not keep the time limit of the client from passing.
#[test]
fn preliminaries_without_end_do_not_stop_the_clock() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/p", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        request(&mut connection);
        while connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {}
    });
    let endpoint = json(url, vec![]);
    let limit = Duration::from_millis(300);
    let ended = run(async { tokio::time::timeout(limit, endpoint.ask(&rows(1))).await.is_ok() });
    assert!(!ended, "nothing was answered");
    server.join().unwrap();
}

/// An answer may come before the request was read, as from a gateway that turns large bodies away.
#[test]
fn an_answer_before_the_end_of_the_request_is_an_answer_or_a_lost_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/p", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let early = response("429 Too Many Requests", "retry-after: 7\r\n", "");
        connection.write_all(early.as_bytes()).unwrap();
    });
    let failure = run(json(url, vec![]).ask(&rows(200_000))).unwrap_err();
    match failure.kind {
        FailureKind::Overloaded => assert_eq!(failure.pushback, Some(Duration::from_secs(7))),
        kind => assert_eq!(kind, FailureKind::Unreachable, "{failure}"),
    }
    server.join().unwrap();
}

/// What a server sends unasked is nobody's answer, least of all that of the next request.
#[test]
fn a_second_answer_to_one_request_is_not_taken_for_that_of_the_next() {
    let kept =
        |score: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{{\"predictions\":[{score}]}}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/p", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        request(&mut first);
        first.write_all(format!("{}{}", kept("0.25"), kept("0.99")).as_bytes()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        request(&mut second);
        second.write_all(kept("0.75").as_bytes()).unwrap();
        // Open until here, so that the client might use it again.
        drop(first);
    });
    let endpoint = json(url, vec![]);
    let rows = rows(1);
    let scores = run(async {
        let mut scores = Vec::new();
        for _ in 0..2 {
            scores.push(endpoint.ask(&rows).await.unwrap().predictions.remove(0));
        }
        scores
    });
    assert_eq!(scores, [score(0.25), score(0.75)]);
    server.join().unwrap();
}

/// An answer that comes too late belongs to a request that was given up, and so does its connection.
#[test]
fn the_connection_of_a_request_that_was_given_up_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/p", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        request(&mut first);
        assert_eq!(first.read(&mut [0; 16]).unwrap(), 0, "the connection is used again");
        let late = first.write_all(response("200 OK", "", "{\"predictions\":[0.99]}").as_bytes());
        let (mut second, _) = listener.accept().unwrap();
        request(&mut second);
        second.write_all(response("200 OK", "", "{\"predictions\":[0.75]}").as_bytes()).unwrap();
        drop(late);
    });
    let endpoint = json(url, vec![]);
    let rows = rows(1);
    let answer = run(async {
        let limit = Duration::from_millis(300);
        assert!(tokio::time::timeout(limit, endpoint.ask(&rows)).await.is_err());
        endpoint.ask(&rows).await.unwrap()
    });
    assert_eq!(answer.predictions, [score(0.75)]);
    server.join().unwrap();
}
