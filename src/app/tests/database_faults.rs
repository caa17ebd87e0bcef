//! The program while its Postgres is frozen or restarts, and with databases that it cannot use.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::program::Place;

/// Of a test that hangs.
const HANGS: Duration = Duration::from_secs(30);
/// The deadlines that the server is given, and what a busy machine adds.
const DEADLINE: &str = "2";
const ANSWERED: Duration = Duration::from_secs(8);

/// A server with short deadlines, ended with the test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(place: &Place) -> Self {
        let mut child = place
            .program()
            .arg("serve")
            .env("LATCHKEY_CHECK_DEADLINE", DEADLINE)
            .env("LATCHKEY_REQUEST_DEADLINE", DEADLINE)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        let output = child.stdout.take().expect("its output");
        let ready = BufReader::new(output)
            .lines()
            .next()
            .expect("a line")
            .expect("a line");
        let address = ready
            .rsplit("http://")
            .next()
            .expect("an address")
            .to_owned();
        Self { child, address }
    }

    /// The status of the answer, and its body, if it comes within this time.
    fn ask(&self, within: Duration, head: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(within)).ok()?;
        write!(
            stream,
            "{head}\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
    }

    fn get(&self, path: &str, within: Duration) -> Option<u16> {
        Some(self.ask(within, &format!("GET {path} HTTP/1.1"), "")?.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a server of the project needs for a check of a key.
struct Api {
    headers: String,
    check: String,
}

impl Api {
    /// Creates a project, a user and a key.
    fn new(place: &Place, server: &Server) -> Self {
        let switches = r#"{"allow_user_api_keys":true}"#;
        let create = [
            "project", "create", "--name", "Faults", "--json", "--config", switches,
        ];
        let (made, project, said) = place.run(&create);
        assert!(made, "{said}");
        let project: Value = serde_json::from_str(&project).expect("JSON");
        let headers = format!(
            "content-type: application/json\r\nx-stack-access-type: server\r\n\
             x-stack-project-id: {}\r\nx-stack-secret-server-key: {}",
            project["id"].as_str().expect("an id"),
            project["secret_server_key"].as_str().expect("a key"),
        );
        let post = |path: &str, body: Value| -> Value {
            let head = format!("POST /api/v1{path} HTTP/1.1\r\n{headers}");
            let (status, answer) = server
                .ask(HANGS, &head, &body.to_string())
                .expect("an answer");
            assert!(status < 300, "{path}: {status} {answer}");
            serde_json::from_str(&answer).expect("JSON")
        };
        let user = post("/users", json!({}));
        let key = json!({ "user_id": user["id"], "description": "x", "expires_at_millis": null });
        let key = post("/user-api-keys", key);
        let check = json!({ "api_key": key["value"] }).to_string();
        Self { headers, check }
    }

    /// The status of a check.
    fn check(&self, server: &Server, within: Duration) -> Option<u16> {
        let head = format!(
            "POST /api/v1/user-api-keys/check HTTP/1.1\r\n{}",
            self.headers
        );
        Some(server.ask(within, &head, &self.check)?.0)
    }

    /// Of so many checks at once.
    fn checks(&self, server: &Server, times: usize) -> Vec<Option<u16>> {
        thread::scope(|scope| {
            let checks: Vec<_> = (0..times)
                .map(|_| scope.spawn(|| self.check(server, ANSWERED)))
                .collect();
            checks
                .into_iter()
                .map(|check| check.join().expect("a check"))
                .collect()
        })
    }
}

fn postmaster(place: &Place) -> String {
    let file = place.data().join("postgres/postmaster.pid");
    let content = fs::read_to_string(file).expect("a running Postgres");
    content.lines().next().expect("a process").to_owned()
}

/// Sends this signal to Postgres and each of its processes.
fn signal_all(signal: &str, postmaster: &str) {
    // The main process first, so that it cannot start further processes.
    let mut processes = vec![postmaster.to_owned()];
    for entry in fs::read_dir("/proc").expect("processes").flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.split(' ').nth(1));
        if parent == Some(postmaster) {
            processes.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    for process in processes {
        Command::new("kill")
            .args([signal, &process])
            .status()
            .expect("kill runs");
    }
}

/// Tries until it holds, for so long.
fn within(time: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let (pause, mut left) = (Duration::from_millis(50), time);
    while !holds() {
        left = left
            .checked_sub(pause)
            .unwrap_or_else(|| panic!("{what}: not within {time:?}"));
        thread::sleep(pause);
    }
}

#[test]
fn while_postgres_is_frozen_everything_is_answered_and_soon_after_all_is_well() {
    let place = Place::new();
    let mut server = Server::start(&place);
    let api = Api::new(&place, &server);
    assert_eq!(api.checks(&server, 12), [Some(200); 12]);
    let frozen = postmaster(&place);
    signal_all("-STOP", &frozen);
    // First those with a connection, then those that cannot get one.
    for _ in 0..2 {
        thread::scope(|scope| {
            let checks = scope.spawn(|| api.checks(&server, 12));
            let page = scope.spawn(|| server.get("/sign-in", ANSWERED));
            let ready = scope.spawn(|| server.get("/readyz", Duration::from_millis(1500)));
            assert_eq!(server.get("/livez", ANSWERED), Some(200));
            assert_eq!(ready.join().expect("an answer"), Some(503));
            assert_eq!(page.join().expect("an answer"), Some(503));
            assert_eq!(checks.join().expect("answers"), [Some(503); 12]);
        });
    }
    signal_all("-CONT", &frozen);
    within(Duration::from_secs(3), "checks after the thaw", || {
        api.check(&server, ANSWERED) == Some(200)
    });
    assert_eq!(server.get("/sign-in", ANSWERED), Some(200));
    assert_eq!(server.get("/readyz", ANSWERED), Some(200));
    assert_eq!(api.checks(&server, 12), [Some(200); 12]);

    signal_all("-STOP", &frozen);
    let process = server.child.id().to_string();
    Command::new("kill")
        .args(["-TERM", &process])
        .status()
        .expect("kill runs");
    within(Duration::from_secs(10), "the end", || {
        server.child.try_wait().expect("a child").is_some()
    });
    signal_all("-CONT", &frozen);
}

#[test]
fn a_restart_of_postgres_costs_no_check_its_answer() {
    let place = Place::new();
    let server = Server::start(&place);
    let api = Api::new(&place, &server);
    assert_eq!(api.checks(&server, 12), [Some(200); 12]);
    let before = postmaster(&place);
    // A fast shutdown; the program starts it again.
    Command::new("kill")
        .args(["-INT", &before])
        .status()
        .expect("kill runs");
    within(HANGS, "the restart", || {
        let file = place.data().join("postgres/postmaster.pid");
        let content = fs::read_to_string(file).unwrap_or_default();
        !content.starts_with(&before) && content.contains("ready")
    });
    assert_eq!(api.checks(&server, 12), [Some(200); 12]);
    assert_eq!(server.get("/sign-in", ANSWERED), Some(200));
}

#[test]
fn an_address_that_cannot_be_used_is_one_sentence_with_the_setting() {
    let place = Place::new();
    for (address, says) in [
        ("mysql://ada:canary@localhost/latchkey", "mysql://"),
        ("postgres://ada:canary@127.0.0.1:1/latchkey", "127.0.0.1:1"),
        ("postgres://ada:canary@localhost:port/latchkey", "port"),
    ] {
        for command in [&["serve"][..], &["project", "list"], &["migrate"]] {
            let output = place
                .program()
                .args(command)
                .env("DATABASE_URL", address)
                .output()
                .expect("the program runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                !output.status.success() && output.stdout.is_empty(),
                "{address}: {said}"
            );
            assert!(
                said.contains(says) && said.contains("DATABASE_URL"),
                "{address}: {said}"
            );
            assert!(
                !said.contains("canary") && !said.contains("internal error"),
                "{said}"
            );
            assert_eq!(said.trim().lines().count(), 1, "{said}");
        }
    }
}
