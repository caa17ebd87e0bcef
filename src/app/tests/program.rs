//! The program itself, as somebody at a command line meets it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use latchkey_domain::{clock::Clock, random};

/// A folder of one's own that the unprivileged Postgres can reach, with the program alone in it.
pub struct Place {
    folder: PathBuf,
}

/// A running server, ended with the test.
pub struct Server {
    child: Child,
    address: String,
}

impl Place {
    pub fn new() -> Self {
        let name = format!("latchkey-program-{}", random::id(Clock::System));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).expect("a folder");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("its mode");
        fs::copy(env!("CARGO_BIN_EXE_latchkey"), folder.join("latchkey")).expect("the program");
        Self { folder }
    }

    pub fn program(&self) -> Command {
        let mut command = Command::new(self.folder.join("latchkey"));
        command
            .current_dir(&self.folder)
            .env_remove("DATABASE_URL")
            .env("LATCHKEY_DATA_DIR", self.data())
            .env("LATCHKEY_LISTEN", "127.0.0.1:0");
        command
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Runs a command to its end: whether it went well, what it answered, what it said on standard error.
    pub fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = self
            .program()
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    pub fn serve(&self) -> Server {
        let mut child = self
            .program()
            .arg("serve")
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
        Server { child, address }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Joins a cluster that a test left running, and as the last one out stops it.
        self.program().arg("migrate").output().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

impl Server {
    /// Asks for a page and returns the whole answer.
    pub fn get(&self, path: &str) -> String {
        self.ask("GET", path, "", "")
    }

    /// Sends a request with these header lines, and returns the whole answer.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        )
        .expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().expect("it ran");
        self.child.wait().expect("it ended");
    }

    /// Ends as an operator ends it; returns whether it ended well.
    pub fn terminate(mut self) -> bool {
        let ended = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(ended.success());
        self.child.wait().expect("it ended").success()
    }
}

pub fn is_running(data: &Path) -> bool {
    data.join("postgres/postmaster.pid").exists()
}

#[test]
fn the_program_alone_in_a_folder_serves_the_pages() {
    let place = Place::new();
    let server = place.serve();
    assert!(server.get("/livez").starts_with("HTTP/1.1 200"));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert!(server.get("/favicon.svg").contains("image/svg+xml"));
    assert!(server.get("/sign-in").contains("No project yet"));
    let (made, keys, _) = place.run(&["project", "create", "--name", "Alone", "--json"]);
    assert!(made && keys.contains("\"secret_server_key\":\"ssk_"));
    assert!(server.get("/sign-in").contains("Sign in to Alone"));
    assert!(server.terminate());
    assert!(
        !is_running(&place.data()),
        "Postgres stops with the program"
    );
}

#[test]
fn a_killed_program_loses_nothing_that_was_acknowledged() {
    let place = Place::new();
    let server = place.serve();
    let (made, id, _) = place.run(&["project", "create", "--name", "Kept", "--json"]);
    assert!(made);
    let id = id.split('"').nth(3).expect("an id").to_owned();
    server.kill();
    let server = place.serve();
    assert!(server.get("/sign-in").contains("Sign in to Kept"));
    let (listed, projects, _) = place.run(&["project", "list"]);
    assert!(listed && projects.contains(&id), "{projects}");
    assert!(server.terminate());
}

#[test]
fn commands_say_what_is_wrong_and_change_nothing() {
    let place = Place::new();
    let (made, answer, warned) = place.run(&[
        "project",
        "create",
        "--json",
        "--config",
        r#"{"allow_user_api_keys":true,"magic":1}"#,
    ]);
    assert!(
        made && answer.starts_with('{') && warned.contains("magic"),
        "{answer}{warned}"
    );
    for (arguments, says) in [
        (
            &["project", "config", "allow_user_api_keys=maybe"][..],
            "true or false",
        ),
        (
            &["project", "config", "Nobody's", "allow_user_api_keys=true"],
            "no project",
        ),
        (&["project", "create", "--config", "[]"], "JSON object"),
        (&["user", "create", "--email", "nobody"], "e-mail"),
        (
            &["user", "create", "--email", "a@b.co", "--password", "short"],
            "short",
        ),
        (
            &["postgres", "exec", "--", "no-such-program-anywhere"],
            "cannot run",
        ),
    ] {
        let (went_well, _, said) = place.run(arguments);
        assert!(!went_well && said.contains(says), "{arguments:?}: {said}");
    }
    let (_, config, _) = place.run(&["project", "config", "--json"]);
    assert!(config.contains(r#""allow_user_api_keys":true"#), "{config}");
    let (listed, projects, _) = place.run(&["project", "list", "--json"]);
    assert!(
        listed && projects.matches("display_name").count() == 1,
        "{projects}"
    );
}

#[test]
fn the_demo_is_made_when_asked_for_and_only_once() {
    let place = Place::new();
    for _ in 0..2 {
        let (made, said, _) = place.run(&["demo"]);
        assert!(made && said.contains("admin@example.com") && said.contains("latchkey-demo"));
    }
    let (_, counted, _) = place.run(&[
        "postgres", "exec", "--", "psql", "-At", "-c",
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM api_keys), (SELECT count(*) FROM teams)",
    ]);
    assert_eq!(counted.trim(), "3|10|1");
}
