//! A log that nobody reads any longer: a stalled collector, or a terminal that was stopped.

use std::{
    io::{Read as _, pipe},
    net::TcpStream,
    process::Stdio,
    sync::mpsc,
    thread,
};

use crate::place::{HANGS, Place, first_line, send};

/// More than a pipe holds.
const LOGGED: usize = 4 * 65_536;

#[test]
fn a_log_that_nobody_reads_keeps_nobody_waiting() {
    let place = Place::new();
    let (mut unread, log) = pipe().expect("a pipe");
    let mut child = place.spawn_server(&[], Stdio::from(log));
    let ready = first_line(&mut child);
    let (_, address) = ready.trim_end().rsplit_once("http://").expect("an address");
    let path = format!("/{}", "x".repeat(200));
    for _ in 0..LOGGED / path.len() {
        let answer = ask(address, &path).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    assert!(ask(address, "/readyz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")));
    send("-TERM", &child);
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait().expect("it ends")));
    assert!(end.recv_timeout(HANGS).expect("it ends").success());
    let mut seen = String::new();
    unread.read_to_string(&mut seen).expect("a log");
    assert!(seen.contains("request{"), "what fits was written");
}

fn ask(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(HANGS)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}
