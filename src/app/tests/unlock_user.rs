//! `latchkey user unlock`, as an operator meets it.

use serde_json::Value;

use crate::place::Place;

#[test]
fn an_operator_unlocks_a_user_by_address_or_id_and_is_told_who_is_missing() {
    let place = Place::new();
    assert!(place.run(&["demo"]).0);
    let email = "locked@example.com";
    let (made, user, said) = place.run(&["user", "create", "--email", email, "--json"]);
    assert!(made, "{said}");
    let user: Value = serde_json::from_str(&user).expect("JSON");
    let id = user["id"].as_str().expect("an id");
    let lock = format!(
        "INSERT INTO sign_in_attempts (project_id, subject_digest, ends_at_millis, attempts, user_id)
         SELECT project_id, account_attempts(user_id, NULL), now_millis() + 1000000, 80, user_id
         FROM users WHERE user_id = '{id}'
         ON CONFLICT (project_id, subject_digest) DO UPDATE SET attempts = 80"
    );
    for named in [["--email", email], ["--id", id]] {
        let (locked, _, said) = place.run(&["postgres", "exec", "--", "psql", "-q", "-c", &lock]);
        assert!(locked, "{said}");
        let unlock = [&["user", "unlock"], &named[..]].concat();
        let (done, answer, said) = place.run(&unlock);
        assert!(done, "{said}");
        assert!(
            answer.contains("80 failed sign-ins are forgotten"),
            "{answer}"
        );
        assert!(answer.contains(id), "{answer}");
    }
    let (done, answer, said) = place.run(&["user", "unlock", "--id", id, "--json"]);
    assert!(done, "{said}");
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["failures_forgotten"], 0, "{answer}");

    for (arguments, reason) in [
        (&["--email", "nobody@example.com"][..], "user not found"),
        (&["--id", "x"], "“x” is not a user's id"),
        (&[], "--email"),
        (&["--email", email, "--project", "missing"], "missing"),
    ] {
        let (done, _, said) = place.run(&[&["user", "unlock"], arguments].concat());
        assert!(!done && said.contains(reason), "{arguments:?}: {said}");
    }
}
