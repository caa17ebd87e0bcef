//! Bodies that do not arrive: the API and the pages say what was wrong with them.

use crate::{
    site::{ORIGIN, Site},
    wire::{LONG, SHORT, Server, within},
};

const BROKEN: [&str; 4] = ["0x2\r\nab\r\n0\r\n\r\n", "2\r\nabc\r\n", "-1\r\n", "x\r\n"];

/// The beginnings of requests with a body, to the API and to the pages.
fn heads(site: &Site) -> Vec<String> {
    let server = format!(
        "x-stack-access-type: server\r\nx-stack-project-id: {}\r\nx-stack-secret-server-key: {}\r\n\
         content-type: application/json\r\n",
        site.project,
        site.keys.secret_server_key.expose()
    );
    let page = format!("origin: {ORIGIN}\r\ncontent-type: application/x-www-form-urlencoded\r\n");
    [
        ("/api/v1/users", &server),
        ("/api/v1/user-api-keys/check", &server),
        ("/fn/sign-in", &page),
        ("/fn/profile/rename", &page),
        ("/account-settings/api-keys/new", &page),
    ]
    .map(|(path, headers)| format!("POST {path} HTTP/1.1\r\nhost: keys.example\r\n{headers}"))
    .to_vec()
}

fn requests(site: &Site, bodies: &[String]) -> Vec<String> {
    heads(site)
        .iter()
        .flat_map(|head| bodies.iter().map(move |body| format!("{head}{body}")))
        .collect()
}

#[tokio::test]
async fn a_broken_chunk_is_malformed_and_not_large() {
    let site = Site::open().await;
    let server = Server::start(site.router.clone(), within(LONG)).await;
    let bodies = BROKEN.map(|body| format!("transfer-encoding: chunked\r\n\r\n{body}"));
    for (request, answer) in server.answers(requests(&site, &bodies)).await {
        assert!(answer.starts_with("HTTP/1.1 400"), "{request}: {answer}");
        assert!(!answer.contains("large"), "{answer}");
    }
    site.close().await;
}

#[tokio::test]
async fn a_body_that_stops_is_late_and_not_malformed() {
    let site = Site::open().await;
    let server = Server::start(site.router.clone(), within(SHORT)).await;
    let bodies = [
        "content-length: 9\r\n\r\nabc",
        "transfer-encoding: chunked\r\n\r\n5\r\nab",
    ];
    for (request, answer) in server
        .answers(requests(&site, &bodies.map(str::to_owned)))
        .await
    {
        assert!(answer.starts_with("HTTP/1.1 408"), "{request}: {answer}");
    }
    site.close().await;
}
