//! A wrong secret, and a new one.

use std::process::Stdio;

use latchkey_domain::random;

use crate::place::{Place, first_line, send};

/// Starts a server with this secret and ends it once it is ready.
///
/// # Errors
/// What the program says if it does not start.
fn serve(place: &Place, secret: &str) -> Result<(), String> {
    let mut server = place
        .program()
        .env("LATCHKEY_SECRET", secret)
        .arg("serve")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let ready = first_line(&mut server).contains("ready");
    if ready {
        send("-TERM", &server);
    }
    let ended = server.wait_with_output().expect("it ends");
    assert_eq!(ended.status.success(), ready);
    ready
        .then_some(())
        .ok_or(String::from_utf8_lossy(&ended.stderr).into_owned())
}

fn list(place: &Place, secret: &str) -> String {
    let listed = place.run_with(&[("LATCHKEY_SECRET", secret)], &["signing-keys", "list"]);
    assert!(listed.status.success(), "{listed:?}");
    String::from_utf8_lossy(&listed.stdout).into_owned()
}

#[test]
fn a_wrong_secret_is_told_before_the_program_is_ready() {
    let place = Place::new();
    let [right, wrong] = [(); 2].map(|()| random::secret_text());
    // White space around it, such as the line break at the end of a file, does not count.
    assert_eq!(serve(&place, &format!(" {right}\r\n")), Ok(()));
    assert_eq!(serve(&place, &right), Ok(()));
    let said = serve(&place, &wrong).expect_err("a wrong secret");
    let errors: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert!(
        errors.len() == 1 && errors[0].contains("LATCHKEY_OLD_SECRETS"),
        "{said}"
    );
    assert!(!said.contains("internal error"), "{said}");
}

#[test]
fn a_rotation_needs_no_pause() {
    let place = Place::new();
    let [old, new] = [(); 2].map(|()| random::secret_text());
    let both = format!("{new},{old}");
    assert_eq!(serve(&place, &old), Ok(()));
    assert_eq!(serve(&place, &both), Ok(()));
    let before = list(&place, &both);
    assert!(
        before.contains("signs     sealed with the former secret"),
        "{before}"
    );
    let rotated = place.run_with(
        &[("LATCHKEY_SECRET", &new), ("LATCHKEY_OLD_SECRETS", &old)],
        &["signing-keys", "rotate", "--json"],
    );
    let rotated: serde_json::Value =
        serde_json::from_slice(&rotated.stdout).unwrap_or_else(|_| panic!("{rotated:?}"));
    assert_eq!(rotated.as_array().map(Vec::len), Some(2));
    assert_eq!(serve(&place, &new), Ok(()));
    let after = list(&place, &new);
    assert_eq!(
        after.matches("sealed with the current secret").count(),
        2,
        "{after}"
    );
    assert_eq!(after.matches("  signs ").count(), 1, "{after}");
    let next = after.lines().next().unwrap_or_default();
    assert!(
        next.contains("  next ") && next.contains("signs from"),
        "{after}"
    );
    assert!(serve(&place, &old).is_err());
}
