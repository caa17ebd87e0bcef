//! The program among pipes, full disks, signals and wrong settings.

use std::{
    fs::OpenOptions,
    io::{self, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
};

use crate::place::{Place, first_line, is_running, send};

/// An output to which nothing can be written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deaf {
    /// Closed before the program starts.
    Absent,
    /// Its reader has left.
    Closed,
    /// Its disk is full.
    Full,
}

impl Deaf {
    fn open(self) -> Stdio {
        match self {
            Self::Absent => Stdio::null(),
            Self::Closed => {
                let (_, writer) = io::pipe().expect("a pipe");
                writer.into()
            }
            Self::Full => {
                let full = OpenOptions::new().write(true).open("/dev/full");
                full.expect("a device").into()
            }
        }
    }
}

impl Place {
    /// Runs a command whose answer cannot be written; Postgres is stopped afterwards.
    fn run_unheard(&self, arguments: &[&str], output: Deaf) -> (ExitStatus, String) {
        let program = self.program();
        let mut command = if output == Deaf::Absent {
            let mut shell = Command::new("sh");
            shell.args(["-c", "exec \"$0\" \"$@\" >&-"]);
            shell.arg(program.get_program());
            shell
        } else {
            Command::new(program.get_program())
        };
        let ended = command
            .current_dir(self.data().with_file_name("."))
            .env_remove("DATABASE_URL")
            .env("LATCHKEY_DATA_DIR", self.data())
            .env("LATCHKEY_LISTEN", "127.0.0.1:0")
            .args(arguments)
            .stdout(output.open())
            .stderr(Stdio::piped())
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(
            !said.contains("panicked"),
            "{arguments:?} {output:?}: {said}"
        );
        assert!(!is_running(&self.data()), "{arguments:?} {output:?}");
        (ended.status, said)
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.program()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs")
    }
}

#[test]
fn an_answer_that_nobody_reads_is_no_panic_and_stops_postgres() {
    let place = Place::new();
    assert!(place.run(&["demo"]).0);
    for arguments in [
        &["project", "list"][..],
        &["project", "config"],
        &["doctor", "--json"],
    ] {
        let (status, said) = place.run_unheard(arguments, Deaf::Closed);
        assert!(status.success() && said.is_empty(), "{arguments:?}: {said}");
        let (status, said) = place.run_unheard(arguments, Deaf::Full);
        assert_eq!(status.code(), Some(1), "{arguments:?}");
        assert!(
            said.starts_with("error: cannot write to standard output: No space left"),
            "{arguments:?}: {said}"
        );
        let (status, said) = place.run_unheard(arguments, Deaf::Absent);
        assert_eq!(status.code(), Some(1), "{arguments:?}");
        assert!(
            said.starts_with("error: cannot write to standard output: Bad file"),
            "{arguments:?}: {said}"
        );
    }
    for output in [Deaf::Closed, Deaf::Full] {
        let (status, said) = place.run_unheard(&["serve"], output);
        assert_eq!(status.code(), Some(1), "{output:?}");
        assert!(
            said.contains("error: cannot write to standard output"),
            "{said}"
        );
    }
    // Nor does it matter that an error cannot be written.
    let failed = place
        .program()
        .args(["project", "config", "nobody's"])
        .stderr(Deaf::Full.open())
        .status()
        .expect("the program runs");
    assert_eq!(failed.code(), Some(1));
    assert!(!is_running(&place.data()));
}

#[test]
fn help_that_cannot_be_written_is_an_error() {
    let place = Place::new();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["help", "project"],
        &["serve", "--help"],
    ] {
        for (output, code) in [(Deaf::Full, 1), (Deaf::Absent, 1), (Deaf::Closed, 0)] {
            let (status, said) = place.run_unheard(arguments, output);
            assert_eq!(
                status.code(),
                Some(code),
                "{arguments:?} {output:?}: {said}"
            );
            assert_eq!(
                said.is_empty(),
                code == 0,
                "{arguments:?} {output:?}: {said}"
            );
        }
        let (done, answer, said) = place.run(arguments);
        assert!(done && answer.contains("latchkey") && said.is_empty());
    }
    assert!(!place.data().exists());
}

#[test]
fn a_server_needs_no_output_and_discarding_it_is_no_loss() {
    let place = Place::new();
    let program = place.program();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let mut server = Command::new("sh");
    server
        .args(["-c", "exec \"$0\" serve >&- 2>\"$1\""])
        .arg(program.get_program())
        .arg(place.data().with_file_name("log"))
        .env_remove("DATABASE_URL")
        .env("LATCHKEY_DATA_DIR", place.data())
        .env("LATCHKEY_LISTEN", &address);
    let mut server = server.spawn().expect("the program runs");
    while TcpStream::connect(&address).is_err() {
        assert!(server.try_wait().expect("a child").is_none(), "it runs");
        std::thread::yield_now();
    }
    send("-TERM", &server);
    assert!(server.wait().expect("it ends").success());
    for discarded in ["> /dev/null", "1<> /dev/null"] {
        let command = format!("exec \"$0\" project create {discarded}");
        let made = Command::new("sh")
            .args(["-c", &command])
            .arg(program.get_program())
            .env_remove("DATABASE_URL")
            .env("LATCHKEY_DATA_DIR", place.data())
            .status();
        assert!(made.is_ok_and(|status| status.success()), "{discarded}");
    }
}

#[test]
fn secrets_that_could_not_be_shown_are_said_to_be_lost() {
    let place = Place::new();
    assert!(place.run(&["demo"]).0);
    for output in [Deaf::Absent, Deaf::Closed, Deaf::Full] {
        for json in [&[][..], &["--json"]] {
            for command in [
                &["project", "create"][..],
                &["project", "rotate-keys", "Acme"],
            ] {
                let (status, said) = place.run_unheard(&[command, json].concat(), output);
                assert_eq!(status.code(), Some(1), "{command:?} {output:?}");
                assert!(said.contains("latchkey project rotate-keys"), "{said}");
            }
        }
        let email = format!("{output:?}@example.com");
        let create = ["user", "create", "--email", &email];
        let (status, said) = place.run_unheard(&create, output);
        assert_eq!(status.code(), Some(1), "{output:?}");
        assert!(said.contains("the password of user"), "{said}");
        let given = [
            "user",
            "create",
            "--email",
            &format!("2{email}"),
            "--password",
            "correct horse",
        ];
        let (status, said) = place.run_unheard(&given, Deaf::Closed);
        assert!(status.success(), "a given password is not lost: {said}");
    }
}

#[test]
fn every_signal_that_ends_a_terminal_or_a_service_stops_the_program_and_postgres() {
    let place = Place::new();
    assert!(place.run(&["migrate"]).0);
    for (signal, code) in [("-HUP", 129), ("-INT", 130), ("-QUIT", 131), ("-TERM", 143)] {
        let mut server = place.start(&["serve"]);
        assert!(first_line(&mut server).contains("ready"));
        send(signal, &server);
        assert!(server.wait().expect("it ends").success(), "serve {signal}");
        assert!(!is_running(&place.data()), "serve {signal}");

        let child = "echo up; exec sleep 600";
        let mut running = place.start(&["postgres", "exec", "--", "sh", "-c", child]);
        assert_eq!(first_line(&mut running), "up\n");
        send(signal, &running);
        let ended = running.wait().expect("it ends");
        assert_eq!(ended.code(), Some(code), "exec {signal}");
        assert!(!is_running(&place.data()), "exec {signal}");

        // While Postgres starts.
        let mut starting = place.start(&["migrate"]);
        while !is_running(&place.data()) && starting.try_wait().expect("a child").is_none() {
            std::thread::yield_now();
        }
        send(signal, &starting);
        let ended = starting.wait().expect("it ends").code();
        assert!(
            [Some(0), Some(code)].contains(&ended),
            "{signal}: {ended:?}"
        );
        assert!(!is_running(&place.data()), "migrate {signal}");
    }
}

#[test]
fn a_program_that_is_to_outlive_its_terminal_does() {
    let place = Place::new();
    let program = place.program();
    let mut server = Command::new("nohup")
        .arg(program.get_program())
        .arg("serve")
        .env("LATCHKEY_DATA_DIR", place.data())
        .env("LATCHKEY_LISTEN", "127.0.0.1:0")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .spawn()
        .expect("nohup runs");
    assert!(first_line(&mut server).contains("ready"));
    send("-HUP", &server);
    let (listed, ..) = place.run(&["project", "list"]);
    assert!(listed);
    assert!(server.try_wait().expect("a child").is_none(), "it goes on");
    send("-TERM", &server);
    assert!(server.wait().expect("it ends").success());
}

#[test]
fn a_password_is_one_line_of_standard_input() {
    let place = Place::new();
    assert!(place.run(&["demo"]).0);
    let create = |email: &str| {
        let mut command = place.program();
        command.args(["user", "create", "--password-stdin", "--email", email]);
        command
    };
    // The pipe stays open, and what follows the line is left in it.
    let (reader, mut writer) = io::pipe().expect("a pipe");
    writer
        .write_all(b"correct horse\nrest")
        .expect("a password");
    let mut rest = reader.try_clone().expect("the pipe");
    let made = create("a@example.com")
        .stdin(reader)
        .output()
        .expect("the program runs");
    assert!(made.status.success(), "{made:?}");
    drop(writer);
    let mut left = String::new();
    rest.read_to_string(&mut left).expect("the rest");
    assert_eq!(left, "rest");

    let refused = create("b@example.com").stdin(Stdio::null()).output();
    let said = refused.expect("the program runs").stderr;
    assert!(String::from_utf8_lossy(&said).contains("no password on standard input"));
}

#[test]
fn a_terminal_is_asked_for_the_password_and_does_not_show_it() {
    let place = Place::new();
    assert!(place.run(&["demo"]).0);
    let program = place.program();
    let command = format!(
        "{} user create --password-stdin --email tty@example.com; stty -a",
        program.get_program().to_string_lossy()
    );
    let mut terminal = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("LATCHKEY_DATA_DIR", place.data())
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script runs");
    let mut output = terminal.stdout.take().expect("its output");
    let mut shown = Vec::new();
    while !shown.ends_with(b"Password: ") {
        let mut byte = [0];
        output.read_exact(&mut byte).expect("it asks");
        shown.push(byte[0]);
    }
    let mut input = terminal.stdin.take().expect("its input");
    input.write_all(b"correct horse\n").expect("it is typed");
    output.read_to_end(&mut shown).expect("its output");
    let shown = String::from_utf8_lossy(&shown);
    assert!(!shown.contains("horse"), "{shown}");
    assert!(shown.contains("user id"), "{shown}");
    assert!(
        shown.contains(" echo "),
        "the terminal is as before: {shown}"
    );
    terminal.wait().expect("it ends");
}
