//! A project, as its application's server uses it.

use std::time::Duration;

use crate::place::{HANGS, Place, Server};

pub struct Application {
    headers: String,
}

pub struct Key {
    id: String,
    value: String,
}

impl Application {
    /// Creates the project by the command line.
    pub fn new(place: &Place) -> Self {
        let (made, keys, said) = place.run(&[
            "project",
            "create",
            "--json",
            "--config",
            r#"{"allow_user_api_keys":true}"#,
        ]);
        assert!(made, "{said}");
        let keys: serde_json::Value = serde_json::from_str(&keys).expect("JSON");
        let text = |name: &str| keys[name].as_str().expect("a text").to_owned();
        Self {
            headers: format!(
                "content-type: application/json\r\nx-stack-access-type: server\r\nx-stack-project-id: {}\r\n\
                 x-stack-secret-server-key: {}\r\n",
                text("id"),
                text("secret_server_key")
            ),
        }
    }

    fn ask(&self, server: &Server, method: &str, path: &str, body: &str) -> String {
        server.ask(method, &format!("/api/v1{path}"), &self.headers, body)
    }

    fn made(&self, server: &Server, path: &str, body: &str) -> serde_json::Value {
        let answer = self.ask(server, "POST", path, body);
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// A new user's key.
    pub fn key(&self, server: &Server) -> Key {
        let user = self.made(server, "/users", "{}");
        let body = format!(
            r#"{{"user_id":{},"description":"","expires_at_millis":null}}"#,
            user["id"]
        );
        let key = self.made(server, "/user-api-keys", &body);
        let text = |name: &str| key[name].as_str().expect("a text").to_owned();
        Key {
            id: text("id"),
            value: text("value"),
        }
    }

    pub fn revoke(&self, server: &Server, key: &Key) {
        let path = format!("/user-api-keys/{}", key.id);
        let answer = self.ask(server, "PATCH", &path, r#"{"revoked":true}"#);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// The request that checks a key, from its head to its body.
    pub fn request(&self, key: &Key) -> String {
        let body = format!(r#"{{"api_key":"{}"}}"#, key.value);
        format!(
            "POST /api/v1/user-api-keys/check HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n{}\r\n{body}",
            body.len(),
            self.headers
        )
    }

    /// The status of a check.
    pub fn check(&self, server: &Server, key: &Key) -> String {
        self.check_within(server, key, HANGS).expect("an answer")
    }

    /// The same, if it is answered within this time.
    pub fn check_within(&self, server: &Server, key: &Key, time: Duration) -> Option<String> {
        let body = format!(r#"{{"api_key":"{}"}}"#, key.value);
        let path = "/api/v1/user-api-keys/check";
        let answer = server.ask_within(time, "POST", path, &self.headers, &body)?;
        status(&answer)
    }
}

/// The status of an answer.
pub fn status(answer: &str) -> Option<String> {
    Some(answer.split(' ').nth(1)?.to_owned())
}
