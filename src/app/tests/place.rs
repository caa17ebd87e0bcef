//! The program in a folder of its own, as somebody at a command line starts it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::{Mutex, mpsc},
    thread,
    time::Duration,
};

use latchkey_domain::{clock::Clock, random, testing::FreshDatabase};

/// A secret that is accepted.
pub const SECRET: &str = "kq7Zr2Vx9LmB4TnW8cYdS1hG6fJpE3aU0oRiXvQyN5s";

/// Of a test that hangs.
pub const HANGS: Duration = Duration::from_secs(30);

/// A folder that the unprivileged Postgres can reach, with the program alone in it.
pub struct Place {
    folder: PathBuf,
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
        let output = self.run_with(&[], arguments);
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    /// Runs a command with these environment variables.
    pub fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        self.program()
            .envs(variables.iter().copied())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the program runs")
    }

    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Starts a server with these environment variables.
    pub fn serve_with(&self, variables: &[(&str, &str)]) -> Server {
        let mut child = self.spawn_server(variables, Stdio::piped());
        let log = Log::of(child.stderr.take().expect("its log"));
        let ready = first_line(&mut child);
        let Some((_, address)) = ready.trim_end().rsplit_once("http://") else {
            panic!("it is not ready: {}", log.whole());
        };
        Server {
            address: address.to_owned(),
            child: Some(child),
            log,
        }
    }

    /// Starts a server that logs to here.
    pub fn spawn_server(&self, variables: &[(&str, &str)], log: Stdio) -> Child {
        self.program()
            .arg("serve")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program runs")
    }

    /// Keeps the embedded Postgres running until this is dropped, so that commands need not start it.
    pub fn hold(&self) -> Held {
        let mut holding = self
            .program()
            .args(["postgres", "exec", "--", "sh", "-c", "echo up; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        assert_eq!(first_line(&mut holding), "up\n");
        Held(holding)
    }

    /// The main process of the embedded Postgres.
    pub fn postmaster(&self) -> String {
        let file = self.data().join("postgres/postmaster.pid");
        let content = fs::read_to_string(file).expect("a running Postgres");
        content.lines().next().expect("a process").to_owned()
    }

    /// A session with the embedded Postgres, which a server runs.
    pub fn psql(&self) -> Psql {
        let mut child = Command::new("psql")
            .args(["-qAtX", "-v", "ON_ERROR_STOP=1"])
            .args(["-U", "latchkey", "-d", "latchkey", "-h"])
            .arg(self.data().join("socket"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql runs");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Psql { child, output }
    }
}

/// An embedded Postgres that is kept running.
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        // Its input ends.
        drop(self.0.stdin.take());
        self.0.wait().ok();
    }
}

/// A session with the embedded Postgres. It ends when this is dropped.
pub struct Psql {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Psql {
    /// Runs a statement and returns the last line of its result.
    pub fn run(&mut self, sql: &str) -> String {
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{sql};\n\\echo done").expect("it reads");
        let mut last = String::new();
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("a line");
            assert!(read > 0, "psql has ended: {sql}");
            if line == "done\n" {
                return last;
            }
            line.trim_end().clone_into(&mut last);
        }
    }

    /// Waits until the condition holds: for what Postgres does without telling anybody.
    pub fn until(&mut self, condition: &str) {
        self.run(&format!(
            "SET statement_timeout = '30s';
            DO $$ BEGIN WHILE ({condition}) IS NOT TRUE LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
            RESET statement_timeout"
        ));
    }
}

impl Drop for Psql {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if is_running(&self.data()) {
            // Joins a cluster that a test left running, and as the last one out stops it.
            self.program().arg("migrate").output().ok();
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// What a program logs, line by line as it comes.
struct Log {
    lines: Mutex<mpsc::Receiver<String>>,
}

impl Log {
    fn of(output: ChildStderr) -> Self {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            lines: Mutex::new(lines),
        }
    }

    /// Waits for a line with this text, and drops those before it.
    fn wait_for(&self, text: &str) {
        let lines = self.lines.lock().expect("no panic");
        while !lines
            .recv_timeout(HANGS)
            .unwrap_or_else(|_| panic!("it does not log: {text}"))
            .contains(text)
        {}
    }

    /// All lines that are left, once the program has ended.
    fn whole(&self) -> String {
        let lines = self.lines.lock().expect("no panic");
        lines.iter().map(|line| line + "\n").collect()
    }
}

/// A running server, killed with the test.
pub struct Server {
    pub address: String,
    child: Option<Child>,
    log: Log,
}

/// How a server has ended.
pub struct Ended {
    pub status: ExitStatus,
    pub log: String,
}

impl Server {
    fn child(&self) -> &Child {
        self.child.as_ref().expect("a running server")
    }

    /// Asks for a page and returns the whole answer.
    pub fn get(&self, path: &str) -> String {
        self.ask("GET", path, "", "")
    }

    /// Sends a request with these header lines, and returns the whole answer.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        self.ask_within(HANGS, method, path, headers, body)
            .unwrap_or_else(|| panic!("no answer: {method} {path}"))
    }

    /// The same, if the answer comes within this time.
    pub fn ask_within(
        &self,
        time: Duration,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(time)).ok()?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        )
        .ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Waits until it logs a line with this text.
    pub fn logs(&self, text: &str) {
        self.log.wait_for(text);
    }

    /// The most memory that it ever had, in KiB.
    pub fn peak(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child().id()));
        let status = status.expect("a process");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.split_whitespace().next());
        peak.expect("a number").parse().expect("a number")
    }

    /// kill -9.
    pub fn kill(self) {
        drop(self);
    }

    /// Ends it as an operator does; returns whether it ended well.
    pub fn terminate(self) -> bool {
        self.terminate_within(HANGS)
            .is_some_and(|ended| ended.status.success())
    }

    /// How it has ended, if that was within this time.
    pub fn terminate_within(mut self, time: Duration) -> Option<Ended> {
        let mut child = self.child.take().expect("a running server");
        let id = child.id().to_string();
        signal("-TERM", &id);
        let (ended, end) = mpsc::channel();
        thread::spawn(move || ended.send(child.wait().expect("it ends")));
        let Ok(status) = end.recv_timeout(time) else {
            signal("-KILL", &id);
            return None;
        };
        let log = self.log.whole();
        Some(Ended { status, log })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// The first line that a program prints. Waits until it comes, or the program ends.
pub fn first_line(child: &mut Child) -> String {
    let output = child.stdout.as_mut().expect("its output");
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("a line");
    line
}

pub fn send(signal_name: &str, child: &Child) {
    signal(signal_name, &child.id().to_string());
}

/// Sends a signal such as `-TERM` to a process.
pub fn signal(signal: &str, process: &str) {
    let sent = Command::new("kill").args([signal, process]).status();
    assert!(sent.expect("kill runs").success(), "{signal} {process}");
}

pub fn is_running(data: &Path) -> bool {
    data.join("postgres/postmaster.pid").exists()
}

/// The address of a database on the server of the tests.
pub fn address_of(database: &FreshDatabase) -> String {
    let options = database.pool.connect_options();
    let socket = options.get_socket().expect("a socket");
    format!(
        "postgres://{}@{}:{}/{}",
        options.get_username(),
        socket.display().to_string().replace('/', "%2F"),
        options.get_port(),
        options.get_database().expect("a name")
    )
}
