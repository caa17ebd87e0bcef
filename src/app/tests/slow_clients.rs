//! Clients that do not send or do not read. Each is ended by a deadline, and by nothing else.

use std::time::Duration;

use latchkey::http::{Deadlines, Limits};

use crate::{
    http2::{GO_AWAY, Http2, SETTINGS},
    paces::{LARGE, paces},
    wire::{LONG, PACE, SHORT, expect, within},
};

const GET: &str = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";

fn get_path(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")
}

/// No other deadline passes than that of the first byte, or of the head.
const FOR_REQUEST: Deadlines = Deadlines {
    first_byte: SHORT.first_byte,
    head: SHORT.head,
    ..LONG
};

/// No other deadline passes than that between requests.
const FOR_IDLE: Deadlines = Deadlines {
    idle: SHORT.idle,
    ..LONG
};

#[tokio::test]
async fn a_connection_without_a_request_is_closed() {
    let site = paces(within(FOR_REQUEST)).await;
    let starts = [
        "",
        "P",
        "G",
        "GET /livez HTTP/1.1\r\nhost: a\r\n",
        "GET /livez HTTP/1.1\r\nhost: a\r\nx: ",
        "\r\nGET /",
        // These begin no request.
        "PRI * HT",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\r\n",
    ];
    for (start, rest) in site.server.answers(starts.map(str::to_owned)).await {
        assert!(!rest.contains("200 OK"), "{start:?}: {rest}");
    }
}

#[tokio::test]
async fn a_head_that_trickles_is_not_waited_for() {
    let site = paces(within(FOR_REQUEST)).await;
    let second = format!("{GET}GET /");
    let clients = [
        ("GET /livez HTTP/1.1\r\nhost: a\r\nx: ", "x"),
        ("G", "E"),
        ("\r\n", "\r\nG"),
        // A second request on the connection.
        (&second, "x"),
    ];
    site.server
        .trickle(clients.map(|(start, then)| (start.to_owned(), then)))
        .await;
    // Empty lines begin no request, before the first one or after it.
    site.server.trickle([(String::new(), "\r\n")]).await;
    let site = paces(within(FOR_IDLE)).await;
    site.server.trickle([(GET.to_owned(), "\r\n")]).await;
}

/// No other deadline passes than those of a body.
const FOR_BODY: Deadlines = Deadlines {
    body: SHORT.body,
    min_rate: SHORT.min_rate,
    ..LONG
};

#[tokio::test]
async fn a_body_that_stops_is_answered_with_408() {
    let site = paces(within(FOR_BODY)).await;
    let starts = [
        ("content-length: 10", ""),
        ("content-length: 10", "abc"),
        ("transfer-encoding: chunked", ""),
        ("transfer-encoding: chunked", "5\r\nab"),
        ("transfer-encoding: chunked", "3\r\nabc\r\n"),
        ("content-length: 10\r\nexpect: 100-continue", ""),
    ]
    .map(|(framing, start)| format!("POST /read HTTP/1.1\r\nhost: a\r\n{framing}\r\n\r\n{start}"));
    for (start, rest) in site.server.answers(starts).await {
        assert!(rest.contains("HTTP/1.1 408"), "{start}: {rest}");
    }
}

#[tokio::test]
async fn a_body_that_trickles_is_answered_with_408() {
    // Slower than the minimum rate; or fast enough for it, until the whole time has passed.
    let long = Deadlines {
        whole_body: SHORT.whole_body,
        min_rate: LONG.min_rate,
        ..FOR_BODY
    };
    for deadlines in [FOR_BODY, long] {
        let site = paces(within(deadlines)).await;
        let clients = [
            ("content-length: 10000", "x"),
            ("transfer-encoding: chunked", "1\r\nx\r\n"),
        ]
        .map(|(framing, then)| {
            let head = format!("POST /read HTTP/1.1\r\nhost: a\r\n{framing}\r\n\r\n");
            (head, then)
        });
        for (head, rest) in site.server.trickle(clients).await {
            assert!(
                rest.contains("HTTP/1.1 408"),
                "{deadlines:?} {head}: {rest}"
            );
        }
    }
}

/// No other deadline passes than that of an answer.
const FOR_ANSWER: Deadlines = Deadlines {
    answer: SHORT.answer,
    min_rate: SHORT.min_rate,
    ..LONG
};

#[tokio::test]
async fn an_answer_that_nobody_reads_is_dropped() {
    let mut site = paces(within(FOR_ANSWER)).await;
    let _client = site.server.send(get_path("/endless")).await;
    expect("the answer is dropped", site.dropped.recv()).await;
}

#[tokio::test]
async fn an_answer_over_http2_that_nobody_reads_is_dropped() {
    for window in [0, 1, 65_535] {
        let mut site = paces(within(FOR_ANSWER)).await;
        let mut client = Http2::new(site.server.connect().await.0);
        client
            .send_settings(&[(SETTINGS.initial_window, window)])
            .await;
        client.get(1, "/endless").await;
        // It answers pings, but has no room for more.
        let answers = async { while client.read().await.is_some() {} };
        let dropped = async { tokio::join!(site.dropped.recv(), answers) };
        expect("the answer is dropped", dropped).await;
    }
}

#[tokio::test]
async fn a_client_that_cancels_requests_in_a_loop_is_disconnected() {
    let site = paces(within(LONG)).await;
    let mut client = Http2::new(site.server.connect().await.0);
    client.send_settings(&[]).await;
    client
        .cancelled_gets((0..500).map(|n| 2 * n + 1), "/working")
        .await;
    expect("the connection is given up", async {
        while let Some((kind, ..)) = client.read().await {
            if kind == GO_AWAY {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_read_slowly_arrives_whole() {
    let site = paces(within(SHORT)).await;
    let mut client = site.server.send(get_path("/large")).await;
    let mut received = 0;
    let mut buffer = vec![0; 1 << 20];
    while received < LARGE {
        // In all longer than the deadline for each part.
        tokio::time::sleep(PACE).await;
        let read = tokio::io::AsyncReadExt::read(&mut client.0, &mut buffer);
        let read = expect("more of the answer", read).await.expect("bytes");
        assert!(read > 0, "closed after {received} bytes");
        received += read;
    }
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_proxies_and_then_closed() {
    // Proxies keep idle connections for up to 75 seconds.
    assert!(Deadlines::default().idle > Duration::from_secs(75));
    let site = paces(within(SHORT)).await;
    let mut client = site.server.connect().await;
    for _ in 0..3 {
        client.send(GET).await;
        client.until("ok").await;
        // Longer than the deadline of a head.
        tokio::time::sleep(SHORT.head * 2).await;
    }
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_server_that_works_is_waited_for() {
    let site = paces(within(SHORT)).await;
    let mut client = site.server.send(get_path("/working")).await;
    tokio::time::sleep(SHORT.idle + SHORT.answer).await;
    site.work.notify_one();
    client.until("done").await;
}

#[tokio::test]
async fn a_broken_body_is_answered_with_400_and_a_large_one_with_413() {
    let site = paces(within(LONG)).await;
    for chunk in [
        "0x2\r\nab\r\n0\r\n\r\n",
        "-1\r\n",
        "z\r\n",
        "2\r\nabc\r\n",
        "ffffffffffffffffff\r\n",
    ] {
        let head = "POST /read HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
        let rest = site
            .server
            .send(format!("{head}{chunk}"))
            .await
            .rest()
            .await;
        assert!(rest.contains("HTTP/1.1 400"), "{chunk:?}: {rest}");
    }
    let large = "x".repeat(64 * 1024 + 1);
    let head = format!(
        "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n",
        large.len()
    );
    let mut client = site.server.send(head + &large).await;
    assert!(client.until("large").await.contains("HTTP/1.1 413"));
}

#[tokio::test]
async fn a_request_has_exactly_one_valid_host() {
    let site = paces(within(LONG)).await;
    for (version, hosts, status) in [
        ("1.1", "", 400),
        ("1.1", "host: a\r\nhost: a\r\n", 400),
        ("1.1", "host: a\r\nHOST: b\r\n", 400),
        ("1.1", "host: a b\r\n", 400),
        ("1.1", "host: a/b\r\n", 400),
        ("1.1", "host: user@a\r\n", 400),
        ("1.1", "host: a:port\r\n", 400),
        ("1.0", "host: a\r\nhost: b\r\n", 400),
        ("1.0", "", 200),
        ("1.1", "host: keys.example.com:443\r\n", 200),
        ("1.1", "host: [::1]:3000\r\n", 200),
        ("1.1", "host:\r\n", 200),
    ] {
        let head = format!("GET /livez HTTP/{version}\r\n{hosts}connection: close\r\n\r\n");
        let rest = site.server.send(head).await.rest().await;
        let expected = format!("HTTP/{version} {status}");
        assert!(rest.starts_with(&expected), "{hosts:?}: {rest}");
    }
}

#[tokio::test]
async fn bodies_of_one_client_have_limited_room_and_small_ones_always_have_some() {
    let limits = Limits {
        body_bytes_of_address: 16 * 1024,
        ..within(LONG)
    };
    let site = paces(limits).await;
    let post = |length: usize, body: &str| {
        format!("POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{body}")
    };
    let part = "x".repeat(8 * 1024);
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(site.server.send(post(part.len() + 1, &part)).await);
    }
    // The server has read the parts when there is no room for another.
    let filled = Box::pin(async {
        loop {
            let mut client = site.server.send(post(part.len(), &part)).await;
            if client.until("\r\n\r\n").await.contains("HTTP/1.1 503") {
                break;
            }
        }
    });
    expect("no room", filled).await;
    let mut client = site.server.send(post(200, &"x".repeat(200))).await;
    assert!(client.until("200 bytes").await.contains("HTTP/1.1 200"));
    for mut client in held {
        client.send("x").await;
        client.until("8193 bytes").await;
    }
    let mut client = site.server.send(post(part.len(), &part)).await;
    client.until("8192 bytes").await;
}

#[tokio::test]
async fn stopping_waits_for_the_server_and_not_for_clients() {
    let site = paces(within(LONG)).await;
    let server = site.server;
    let mut clients = Vec::new();
    for start in [
        "",
        "G",
        "GET /livez HTTP/1.1\r\nhost: a\r\n",
        "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc",
        "POST /read HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &get_path("/endless"),
    ] {
        clients.push(server.send(start).await);
    }
    let mut idle = server.send(GET).await;
    idle.until("ok").await;
    let mut working = server.send(get_path("/working")).await;
    // The server has the requests when it answers a later one.
    server.send(GET).await.until("ok").await;
    let stopped = tokio::spawn(server.stop());
    for client in &mut clients[..6] {
        assert!(!client.rest().await.contains("200 OK"));
    }
    idle.rest().await;
    assert!(!stopped.is_finished(), "a request is in progress");
    site.work.notify_one();
    assert!(working.until("done").await.contains("HTTP/1.1 200"));
    expect("the server stops", stopped).await.expect("no panic");
}
