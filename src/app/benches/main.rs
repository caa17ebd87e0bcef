//! Measures rendering a page and checking a key. Run by `make bench`; no time is asserted.
#![expect(clippy::print_stdout, reason = "the figures are the output")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::{
    future::Future,
    time::{Duration, Instant},
};

#[expect(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../tests/site.rs"]
mod site;

use latchkey_model::{
    caller::{Caller, CallerKind},
    owner::OwnerKind,
};
use site::{Person, Site};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // `cargo test --benches` and the like pass arguments of their own.
    let site = Site::open().await;
    println!("database          real Postgres, one connection at a time, in process (no network)");
    for keys in [0, 10, 1_000, 100_000] {
        let person = site.person(&format!("with{keys}@example.com")).await;
        fill(&site, &person, keys).await;
        measure(&format!("page, {keys} keys"), 200, || {
            page(&site, &person, "/account-settings/api-keys")
        })
        .await;
    }
    let person = site.person("search@example.com").await;
    fill(&site, &person, 100_000).await;
    measure("page, search in 100000", 20, || {
        page(&site, &person, "/account-settings/api-keys?q=999")
    })
    .await;
    measure("profile page", 200, || {
        page(&site, &person, "/account-settings/profile")
    })
    .await;

    let form = [
        ("description", "bench"),
        ("expires", "never"),
        ("token", "01900000-0000-7000-8000-00000000000a"),
    ];
    let made = site.post("/fn/api-keys/create", Some(&person), &form).await;
    let secret = made.body.split('"').nth(7).expect("a secret").to_owned();
    let domain = &site.database.domain;
    let server = Caller::program(
        site.project,
        CallerKind::Server,
        Some(site.keys.secret_server_key.digest()),
        None,
    );
    measure("check, valid key", 5_000, || async {
        assert!(
            domain
                .check_key(&server, OwnerKind::User, &secret)
                .await
                .expect("an answer")
                .is_ok()
        );
    })
    .await;
    let junk = secret.replace("574ck4u7h", "574ck4u7x");
    measure("check, junk", 5_000, || async {
        assert!(
            domain
                .check_key(&server, OwnerKind::User, &junk)
                .await
                .expect("an answer")
                .is_err()
        );
    })
    .await;
    site.close().await;
}

async fn page(site: &Site, person: &Person, path: &str) {
    let answer = site.get(path, Some(person)).await;
    assert_eq!(answer.status, 200);
}

async fn fill(site: &Site, person: &Person, keys: u32) {
    site.database
        .execute(&format!(
            "INSERT INTO api_keys (project_id, api_key_id, owner_user_id, description, digest, last_four, created_at_millis)
             SELECT '{project}', new_id(), '{user}', 'key ' || n, sha256(n::text::bytea || '{user}'::bytea), '0000',
                 now_millis() - n
             FROM generate_series(1, {keys}) n",
            project = site.project,
            user = person.id,
        ))
        .await;
    site.database.execute("VACUUM ANALYZE api_keys").await;
}

/// Prints median, 95th percentile and rate of this many runs, after a warm-up of a tenth as many.
async fn measure<F: Future>(what: &str, runs: u32, mut work: impl FnMut() -> F) {
    for _ in 0..runs / 10 {
        work().await;
    }
    let mut times = Vec::new();
    let began = Instant::now();
    for _ in 0..runs {
        let began = Instant::now();
        work().await;
        times.push(began.elapsed());
    }
    let rate = f64::from(runs) / began.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or(Duration::ZERO)
    };
    println!(
        "{what:<24} median {:>9.1?}   p95 {:>9.1?}   {rate:>8.0}/s",
        at(50),
        at(95)
    );
}
