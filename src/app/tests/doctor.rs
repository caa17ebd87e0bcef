//! `latchkey doctor`, as somebody at a command line meets it.

use serde_json::Value;

use crate::place::Place;

const KEY: &str = "sk_0123456789abcdefghjkmnpqrstvwxyz0123456789abc\
                   11111111222243338444555555555555user1574ck4u7h697e6bb1";

impl Place {
    fn execute(&self, statement: &str) {
        let (went_well, _, said) =
            self.run(&["postgres", "exec", "--", "psql", "-q", "-c", statement]);
        assert!(went_well, "{said}");
    }

    /// What the doctor says as JSON, and whether it is content.
    fn doctor(&self) -> (bool, Value) {
        let (content, answer, said) = self.run(&["doctor", "--json"]);
        let answer: Value =
            serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}{said}"));
        assert_eq!(answer["healthy"], content);
        (content, answer)
    }
}

#[test]
fn the_doctor_is_content_until_something_is_wrong_and_says_what_to_do() {
    let place = Place::new();
    let (content, answer) = place.doctor();
    assert!(!content && answer["findings"][0]["check"] == "database");
    assert!(!place.data().join("postgres").exists(), "it made nothing");

    let (made, ..) = place.run(&["demo"]);
    assert!(made);
    let _held = place.hold();
    let (content, answer) = place.doctor();
    assert!(content, "{answer}");
    let (content, text, said) = place.run(&["doctor"]);
    assert!(content && !text.contains("PROBLEM"), "{text}{said}");
    assert!(text.contains("ok       keys in clear"), "{text}");

    place.execute(&format!(
        "UPDATE api_keys SET description = 'it is {KEY}' WHERE last_four < 'z'"
    ));
    let (content, text, _) = place.run(&["doctor"]);
    assert!(!content && !text.contains(&KEY[3..48]), "{text}");
    assert!(
        text.contains(
            "PROBLEM  keys in clear  API keys in clear text in api_keys.description (10)"
        ),
        "{text}"
    );
    assert!(text.contains("-> find out what wrote them there"), "{text}");
    place.execute("UPDATE api_keys SET description = ''");

    // It does not bring the schema up to date by itself.
    place.execute(
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    );
    let (content, answer) = place.doctor();
    assert!(!content, "{answer}");
    let schema = answer["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|finding| finding["check"] == "schema")
        .expect("it was looked at");
    assert!(
        schema["advice"]
            .as_str()
            .is_some_and(|advice| advice.contains("latchkey migrate"))
    );
}

#[test]
fn a_database_that_cannot_be_reached_is_a_finding() {
    let place = Place::new();
    let output = place
        .program()
        .args(["doctor", "--json"])
        .env("DATABASE_URL", "postgres://user:canary@127.0.0.1:1/db")
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(
        answer.contains("cannot be reached") && !answer.contains("canary"),
        "{answer}"
    );
}
