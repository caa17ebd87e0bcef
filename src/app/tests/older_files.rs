//! Older files of the embedded Postgres, put back by hand: noticed by the first command, whichever it is.

use std::{fs, path::Path, process::Command};

use crate::{application::Application, place::Place};

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.is_ok_and(|status| status.success()));
}

impl Place {
    /// Puts a copy of the cluster in its place.
    fn put_back(&self, copied: &str) {
        let cluster = self.data().join("postgres");
        fs::remove_dir_all(&cluster).expect("removed");
        copy(&self.data().join(copied), &cluster);
    }

    fn keep(&self, copied: &str) {
        copy(&self.data().join("postgres"), &self.data().join(copied));
    }

    /// The furthest position that is noted.
    fn mark(&self) -> i64 {
        let noted = fs::read_to_string(self.data().join("wal-mark")).expect("a mark");
        let position = noted.split_whitespace().nth(1).expect("two numbers");
        position.parse().expect("a number")
    }
}

#[test]
fn older_files_are_noticed_whichever_command_is_first() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    assert!(server.terminate());
    place.keep("copy");
    let server = place.serve();
    application.revoke(&server, &key);
    assert!(server.terminate());
    let mark = place.mark();

    for command in [
        &["doctor"][..],
        &["backup", "backup", "--force"],
        &["project", "list"],
        &["postgres", "exec", "--", "true"],
    ] {
        place.put_back("copy");
        let (done, answer, said) = place.run(command);
        assert!(
            said.contains("replaced by older ones"),
            "{command:?}: {said}"
        );
        if command == ["doctor"] {
            assert!(
                !done && answer.contains("replaced by older ones"),
                "{answer}"
            );
        }
        let (_, answer, _) = place.run(&["doctor"]);
        assert!(answer.contains("is locked"), "{command:?}: {answer}");
        let server = place.serve();
        assert_eq!(application.check(&server, &key), "503", "{command:?}");
        assert!(server.terminate());
    }
    assert!(place.mark() >= mark, "it has not gone back");
}

#[test]
fn a_decision_about_older_files_lasts_and_counts_for_no_other_copy() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    assert!(server.terminate());
    place.keep("copy");
    let (done, _, said) = place.run(&["demo"]);
    assert!(done, "{said}");
    place.put_back("copy");
    let (decided, _, said) = place.run(&["unlock", "--accept", "--yes"]);
    assert!(decided && said.contains("replaced by older ones"), "{said}");
    place.keep("decided");
    for _ in 0..2 {
        let server = place.serve();
        assert_eq!(application.check(&server, &key), "200", "decided");
        assert!(server.terminate());
    }
    let (done, _, said) = place.run(&["project", "rotate-keys", "My project"]);
    assert!(done && said.is_empty(), "{said}");
    for copied in ["copy", "decided"] {
        place.put_back(copied);
        let (_, findings, _) = place.run(&["doctor"]);
        assert!(findings.contains("is locked"), "{copied}: {findings}");
    }
}
