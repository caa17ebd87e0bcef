//! The program under attack: its memory, its log and its end.

use std::time::Duration;

use latchkey_domain::random;
use tokio::net::TcpStream;

use crate::{
    application::Application,
    http2::Http2,
    place::{HANGS, Place, Server},
    wire::{Client, expect},
};

/// How soon after SIGTERM the program has to be gone.
const STOPPED: Duration = Duration::from_secs(5);

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address)
            .await
            .expect("a connection")
    }

    async fn open(&self, start: impl AsRef<[u8]>) -> Client {
        let mut client = Client(self.connect().await);
        client.send(start).await;
        client
    }

    /// Sends a request and returns the answer.
    async fn send(&self, request: &str) -> String {
        self.open(request).await.rest().await
    }
}

/// Ends a server as an operator does; returns its log.
fn log_of(server: Server) -> String {
    let ended = server.terminate_within(HANGS).expect("it ends");
    assert!(ended.status.success());
    ended.log
}

/// As many streams on a connection as the server lets it have, each with as much of a body as it takes.
async fn half_send_bodies(client: &mut Http2) {
    const BODY: usize = 60 * 1024;
    client.send_settings(&[]).await;
    // The server's settings come first.
    client.read().await.expect("settings");
    assert!(client.max_streams <= 32 && client.initial_window <= 64 * 1024);
    let streams: Vec<u32> = (0..98.min(client.max_streams)).map(|n| 2 * n + 1).collect();
    let mut left: Vec<_> = streams.iter().map(|stream| (*stream, BODY)).collect();
    for stream in streams {
        client.post(stream, "/api/v1/users").await;
    }
    while let Some((stream, rest)) = left.last_mut() {
        let sent = client.part(*stream, *rest).await;
        *rest -= sent;
        let is_over = *rest == 0 || client.ended.contains(stream);
        if is_over {
            left.pop();
        } else if sent == 0 && client.read().await.is_none() {
            return;
        }
    }
}

#[tokio::test]
async fn half_sent_bodies_over_http2_take_little_memory_and_do_not_keep_the_program_from_stopping()
{
    let place = Place::new();
    let program = place.serve();
    let mut clients = Vec::new();
    for _ in 0..40 {
        let mut client = Http2::new(program.connect().await);
        expect("the bodies are sent", half_send_bodies(&mut client)).await;
        clients.push(client);
    }
    let request = "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    assert!(program.send(request).await.contains("HTTP/1.1 200"));
    let peak = program.peak();
    assert!(peak < 128 * 1024, "{peak} KiB");
    let ended = program.terminate_within(STOPPED).expect("it ends in time");
    assert!(ended.status.success(), "{}", ended.log);
}

/// Requests with a secret in each place of a request.
fn requests_with(key: &str, address: &str) -> Vec<String> {
    let mut requests = in_targets(key, address);
    requests.extend(in_headers(key, address));
    requests.extend(in_bodies(key, address));
    requests.push(format!(
        "{key} / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    ));
    requests.push(format!(
        "GET / HTTP/1.1\r\nhost: {key} x\r\nconnection: close\r\n\r\n"
    ));
    requests
}

fn in_targets(key: &str, address: &str) -> Vec<String> {
    let mut requests = Vec::new();
    for target in [
        format!("/api/v1/user-api-keys/{key}"),
        format!("/api/v1/{key}/users?cursor={key}"),
        format!("/account-settings/{key}"),
        format!("/account-settings/teams/{key}/api-keys"),
        format!("/account-settings/api-keys?q={key}"),
        format!("/sign-in?return_to=/{key}"),
        format!("/{key}.js"),
        format!("/fn/{key}"),
    ] {
        requests.push(format!(
            "GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        ));
    }
    requests
}

fn in_headers(key: &str, address: &str) -> Vec<String> {
    let mut requests = Vec::new();
    for header in [
        format!("x-stack-secret-server-key: {key}\r\nx-stack-access-type: server"),
        format!("x-stack-access-token: {key}\r\nx-stack-access-type: client"),
        format!("x-stack-project-id: {key}\r\nx-stack-access-type: client"),
        format!("authorization: Bearer {key}"),
        format!("cookie: latchkey_session=0123456789abcdef0123456789abcdef.{key}"),
        format!("referer: http://{address}/{key}"),
        format!("origin: http://{key}"),
        format!("user-agent: {key}"),
        format!("x-request-id: {key}"),
        format!("x-forwarded-for: {key}"),
        format!("{key}: a"),
    ] {
        for target in ["/api/v1/users/me", "/account-settings/api-keys"] {
            requests.push(format!(
                "GET {target} HTTP/1.1\r\nhost: {address}\r\n{header}\r\nconnection: close\r\n\r\n"
            ));
        }
    }
    requests
}

fn in_bodies(key: &str, address: &str) -> Vec<String> {
    let mut requests = Vec::new();
    let json = format!(r#"{{"api_key":"{key}"}}"#);
    let form = format!("email={key}&password={key}&token={key}");
    for (target, kind, body) in [
        ("/api/v1/user-api-keys/check", "application/json", &json),
        (
            "/api/v1/user-api-keys/check",
            "application/json",
            &json[..json.len() - 1].to_owned(),
        ),
        (
            "/api/v1/auth/oauth/token",
            "application/x-www-form-urlencoded",
            &form,
        ),
        ("/api/v1/users", key, &json),
        ("/fn/sign-in", "application/x-www-form-urlencoded", &form),
        ("/fn/api-keys/create", key, &form),
    ] {
        requests.push(format!(
            "POST {target} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncontent-type: {kind}\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ));
    }
    requests
}

#[tokio::test]
async fn no_line_of_the_log_has_a_key_wherever_it_was_sent_and_each_has_the_request_id() {
    let place = Place::new();
    let program = place.serve_with(&[
        ("LATCHKEY_LOG", "trace"),
        ("LATCHKEY_LOG_ADDRESSES", "true"),
    ]);
    let secret = random::secret_text();
    let key = format!(
        "sk_{secret}{}user1574ck4u7h697e6bb1",
        "0123456789abcdef".repeat(2)
    );
    let mut answers = Vec::new();
    for request in requests_with(&key, &program.address) {
        answers.push(program.send(&request).await);
    }
    let cut = format!(
        "GET /{}{key} HTTP/1.1\r\nhost: a\r\nx-request-id: of-the-client\r\nconnection: close\r\n\r\n",
        "x/".repeat(240)
    );
    answers.push(program.send(&cut).await);
    let log = log_of(program);
    assert!(!log.contains('\u{1b}'), "colours in a file");
    for part in [&secret[..12], &secret[33..], &secret.to_uppercase()[..12]] {
        let line = log.lines().find(|line| line.contains(part));
        assert_eq!(line, None);
    }
    assert!(log.contains("[redacted]") && log.contains("of-the-client"));
    assert!(log.contains("address=127.0.0.1"));
    let mut ids = 0;
    for answer in &answers {
        let id = answer.lines().find_map(|line| {
            line.strip_prefix("x-request-id: ")
                .or_else(|| line.strip_prefix("x-stack-request-id: "))
        });
        if let Some(id) = id {
            assert!(
                log.contains(&format!("id=\"{id}\"")) || log.contains(&format!("id={id}")),
                "{id}"
            );
            ids += 1;
        }
    }
    assert!(ids + 3 >= answers.len(), "{ids} of {}", answers.len());
}

#[tokio::test]
async fn the_log_can_be_json() {
    let place = Place::new();
    let program = place.serve_with(&[("LATCHKEY_LOG_FORMAT", "json")]);
    program
        .send("GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    let log = log_of(program);
    let mut requests = 0;
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if line["message"] == "request" {
            assert_eq!(
                (&line["path"], &line["status"]),
                (&"/livez".into(), &200.into())
            );
            assert!(line["span"]["id"].is_string() && line["span"].get("address").is_none());
            requests += 1;
        }
    }
    assert_eq!(requests, 1, "{log}");
}

#[tokio::test]
async fn after_sigterm_the_program_is_gone_within_five_seconds_whatever_keeps_it_waiting() {
    let place = Place::new();
    let application = Application::new(&place);
    let program = place.serve_with(&[("LATCHKEY_CHECK_DEADLINE", "1")]);
    let key = application.key(&program);
    let mut clients = Vec::new();
    for stalled in [
        "POST /fn/sign-in HTTP/1.1\r\nhost: a\r\norigin: http://a\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: 100\r\n\r\nemail",
        "POST /api/v1/users HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "GET /livez HTTP/1.1\r\nhost: a\r\n",
        "",
    ] {
        clients.push(program.open(stalled).await);
    }
    // More answers than the buffers of both sides have room for, and nobody reads them.
    let unread = "GET /api/v1/openapi.json HTTP/1.1\r\nhost: a\r\n\r\n".repeat(200);
    let unread = program.open(&unread).await;
    let alive = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut idle = program.open(alive).await;
    idle.until("\r\n\r\n").await;
    let mut psql = place.psql();
    psql.run("BEGIN; LOCK TABLE api_keys");
    let mut checking = program.open(application.request(&key)).await;
    psql.until(
        "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'api_keys'::regclass",
    );
    let terminated = tokio::task::spawn_blocking(move || program.terminate_within(STOPPED));
    // The check is not dropped: its deadline answers it.
    let answer = checking.until("\r\n\r\n").await;
    assert!(answer.contains("HTTP/1.1 503"), "{answer}");
    let ended = terminated
        .await
        .expect("no panic")
        .expect("it ends in time");
    assert!(ended.status.success(), "{}", ended.log);
    drop((clients, unread, idle));
}
