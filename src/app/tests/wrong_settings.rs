//! The program with settings that cannot be used.

use std::{fs::File, net::TcpListener, process::Stdio};

use crate::place::{Place, first_line, is_running, send};

#[test]
fn a_wrong_setting_is_one_sentence_with_the_remedy() {
    let place = Place::new();
    let file = place.data().with_file_name("file");
    File::create(&file).expect("a file");
    let file = file.to_string_lossy();
    let below_file = format!("{file}/data");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    for (variable, value, says) in [
        ("LATCHKEY_SECRET", "a", "openssl rand -base64 32"),
        ("LATCHKEY_LOG", "inof", "is not a level"),
        ("LATCHKEY_LOG", "latchkey=loud", "LATCHKEY_LOG takes"),
        (
            "LATCHKEY_LISTEN",
            "localhost:3000",
            "such as 127.0.0.1:3000",
        ),
        (
            "LATCHKEY_LISTEN",
            &taken,
            "set LATCHKEY_LISTEN to another port",
        ),
        (
            "LATCHKEY_LISTEN",
            "192.0.2.1:3000",
            "this machine does not have the address",
        ),
        ("LATCHKEY_DATA_DIR", &file, "LATCHKEY_DATA_DIR"),
        ("LATCHKEY_DATA_DIR", &below_file, "LATCHKEY_DATA_DIR"),
        ("LATCHKEY_DATA_DIR", "/proc/1/latchkey", "/proc/1/latchkey"),
        ("LATCHKEY_PG_BIN", "/usr/share", "LATCHKEY_PG_BIN"),
        ("LATCHKEY_PUBLIC_URL", "keys", "LATCHKEY_PUBLIC_URL"),
        ("LATCHKEY_PUBLIC_URL", "https://a:99999", "no port from 1"),
        (
            "LATCHKEY_PUBLIC_URL",
            "https://*.example.com",
            "name each host",
        ),
        ("LATCHKEY_PUBLIC_URL", ",", "there is no address"),
        ("LATCHKEY_LOG_ADDRESSES", "maybe", "true or false"),
        ("LATCHKEY_TRUSTED_PROXIES", "0.0.0.0/0", "could then claim"),
        ("LATCHKEY_ADDRESS_HEADER", "host", "x-forwarded-for"),
        (
            "LATCHKEY_PROJECT",
            "01900000-0000-7000-8000-000000000001",
            "latchkey project list",
        ),
    ] {
        let refused = place.run_with(&[(variable, value)], &["serve"]);
        let said = String::from_utf8_lossy(&refused.stderr);
        let errors: Vec<_> = said
            .lines()
            .filter(|line| line.starts_with("error"))
            .collect();
        assert!(!refused.status.success(), "{variable}={value}");
        assert!(refused.stdout.is_empty(), "{variable}={value}: not ready");
        assert_eq!(errors.len(), 1, "{variable}={value}: {said}");
        assert!(errors[0].contains(says), "{variable}={value}: {said}");
        assert!(
            !said.contains("internal error"),
            "{variable}={value}: {said}"
        );
        assert!(!is_running(&place.data()), "{variable}={value}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let place = Place::new();
    let empty = [
        "LATCHKEY_SECRET",
        "LATCHKEY_OLD_SECRETS",
        "LATCHKEY_LOG",
        "LATCHKEY_PG_BIN",
        "LATCHKEY_PROJECT",
        "LATCHKEY_PUBLIC_URL",
        "LATCHKEY_ADDRESS_HEADER",
        "DATABASE_URL",
    ]
    .map(|name| (name, ""));
    let mut server = place
        .program()
        .envs(empty)
        .arg("serve")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    assert!(first_line(&mut server).contains("ready"));
    send("-TERM", &server);
    assert!(server.wait().expect("it ends").success());
}
