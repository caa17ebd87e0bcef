//! Many connections, of one client and of many: others are answered.

use std::net::Ipv4Addr;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get,
};
use latchkey::http::{Limits, descriptors};
use latchkey_api::client_address::TrustedProxies;
use tokio::task::JoinSet;

use crate::{
    site::Site,
    wire::{Client, LONG, Server, within},
};

const LIVEZ: &str = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

fn router() -> Router {
    Router::new().route("/livez", get(|| async { "ok" }))
}

async fn is_alive(client: &mut Client) {
    client.send(LIVEZ).await;
    assert!(client.until("ok").await.contains("HTTP/1.1 200"));
}

/// A key, and the request that checks it.
async fn check(site: &Site) -> String {
    let (id, access) = (site.project, "x-stack-access-type: server\r\n");
    let server_key = site.keys.secret_server_key.expose();
    let person = site.person("ada@example.com").await;
    let request = Request::post("/api/v1/user-api-keys")
        .header("x-stack-access-type", "server")
        .header("x-stack-project-id", id.to_string())
        .header("x-stack-secret-server-key", server_key)
        .header("content-type", "application/json");
    let body = format!(
        r#"{{"user_id":"{}","description":"x","expires_at_millis":null}}"#,
        person.id
    );
    let made = site.send(request, None, Body::from(body)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let made: serde_json::Value = serde_json::from_str(&made.body).expect("a key");
    let body = format!(r#"{{"api_key":{}}}"#, made["value"]);
    format!(
        "POST /api/v1/user-api-keys/check HTTP/1.1\r\nhost: a\r\n{access}x-stack-project-id: {id}\r\n\
         x-stack-secret-server-key: {server_key}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn checks_are_answered_while_one_address_holds_thousands_of_connections() {
    assert_eq!(descriptors::for_connections(5000), 5000);
    let site = Site::open().await;
    let check = check(&site).await;
    let server = Server::start(site.router.clone(), within(LONG)).await;
    let mut trickling = Vec::new();
    for number in 0..200 {
        let mut client = server.connect_from(ATTACKER).await;
        let head = "POST /fn/sign-in HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n";
        client
            .send(&head.as_bytes()[..head.len() - number % 40])
            .await;
        trickling.push(client);
    }
    let mut silent = Vec::new();
    for _ in 0..2000 {
        silent.push(server.connect_from(ATTACKER).await);
    }
    for client in &mut trickling {
        client.send("x").await;
    }
    for from in [Ipv4Addr::LOCALHOST, ATTACKER] {
        let mut client = server.connect_from(from).await;
        is_alive(&mut client).await;
        for _ in 0..3 {
            client.send(&check).await;
            let answer = client.until("\"type\":\"user\"").await;
            assert!(answer.contains("HTTP/1.1 200"), "{answer}");
        }
    }
    // Of the attacker's connections as many are left as one address may have.
    let mut closed = JoinSet::new();
    let held = silent.len() + trickling.len();
    for mut client in silent.into_iter().chain(trickling) {
        closed.spawn(async move { client.rest().await });
    }
    for _ in 256..held {
        closed.join_next().await.expect("a client").expect("closed");
    }
    site.close().await;
}

#[tokio::test]
async fn the_idlest_connection_gives_way_when_there_are_too_many_in_all() {
    let limits = Limits {
        connections: 120,
        ..within(LONG)
    };
    let server = Server::start(router(), limits).await;
    // It has sent a request, so it is not the idlest.
    let mut known = server.connect().await;
    is_alive(&mut known).await;
    let mut silent = Vec::new();
    for number in 0..20_u8 {
        for _ in 0..20 {
            let from = Ipv4Addr::new(127, 0, 1, number + 1);
            silent.push(server.connect_from(from).await);
        }
        is_alive(&mut server.connect().await).await;
    }
    is_alive(&mut known).await;
    silent[0].rest().await;
}

#[tokio::test]
async fn an_address_keeps_its_latest_connections_and_a_proxy_all_of_them() {
    let proxy = Ipv4Addr::new(127, 0, 0, 3);
    let limits = Limits {
        connections_of_address: 4,
        proxies: TrustedProxies::new(vec!["127.0.0.3/32".parse().expect("a network")], None),
        ..within(LONG)
    };
    let server = Server::start(router(), limits).await;
    let mut proxied = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect_from(proxy).await;
        is_alive(&mut client).await;
        proxied.push(client);
    }
    let mut clients = Vec::new();
    for _ in 0..8 {
        let mut client = server.connect_from(ATTACKER).await;
        is_alive(&mut client).await;
        clients.push(client);
    }
    let latest = clients.split_off(4);
    for mut client in clients {
        client.rest().await;
    }
    for mut client in proxied.into_iter().chain(latest) {
        is_alive(&mut client).await;
    }
}
