//! How many SQL statements a page takes: a count, so it is asserted.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use crate::site::{Person, Site};

/// Most statements of a page with a list of keys.
const MOST: usize = 4;

/// Collects what sqlx logs: one event for each statement.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        #[derive(Default)]
        struct Statement {
            summary: String,
            is_of_catalogue: bool,
        }
        impl Visit for Statement {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                let text = format!("{value:?}");
                self.is_of_catalogue |= text.contains("pg_catalog.");
                if field.name() == "summary" {
                    self.summary = text;
                }
            }
        }
        if event.metadata().target() == "sqlx::query" {
            let mut statement = Statement::default();
            event.record(&mut statement);
            // A new connection looks up the database's own types once.
            if !statement.is_of_catalogue {
                self.0.lock().expect("not poisoned").push(statement.summary);
            }
        }
    }
}

async fn count(site: &Site, path: &str, person: &Person) -> Vec<String> {
    let statements = Statements::default();
    let subscriber = tracing_subscriber::registry().with(statements.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    let answer = site.get(path, Some(person)).await;
    drop(guard);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert!(answer.body.contains("key-list"), "{path} shows the list");
    let seen = statements.0.lock().expect("not poisoned").clone();
    assert!(!seen.is_empty(), "the statements of {path} were seen");
    seen
}

async fn fill(site: &Site, owner: &str, keys: u32) {
    site.database
        .execute(&format!(
            "INSERT INTO api_keys (project_id, api_key_id, {owner}, description, digest, last_four)
             SELECT '{project}', new_id(), o.id, 'key ' || n, sha256(n::text::bytea || o.id::text::bytea), '0000'
             FROM generate_series(1, {keys}) n,
                  (SELECT {id} AS id FROM {table} WHERE project_id = '{project}' LIMIT 1) o",
            project = site.project,
            id = if owner == "owner_user_id" { "user_id" } else { "team_id" },
            table = if owner == "owner_user_id" { "users" } else { "teams" },
        ))
        .await;
}

#[tokio::test]
async fn the_list_takes_few_statements_however_many_keys_there_are() {
    let site = Site::open().await;
    let person = site.person("ada@example.com").await;
    let team = site.team(&person).await;
    site.database
        .domain
        .set_project_admin(site.project, "ada@example.com", true)
        .await
        .expect("an admin");
    let pages = [
        "/account-settings/api-keys".to_owned(),
        "/account-settings/project".to_owned(),
        format!("/account-settings/teams/{team}"),
    ];
    let mut before = Vec::new();
    for page in &pages {
        before.push(count(&site, page, &person).await.len());
    }
    fill(&site, "owner_user_id", 2000).await;
    fill(&site, "owner_team_id", 2000).await;
    for (page, before) in pages.iter().zip(before) {
        let seen = count(&site, page, &person).await;
        assert!(seen.len() <= MOST, "{page} took {}: {seen:#?}", seen.len());
        assert_eq!(seen.len(), before, "as many as without keys: {seen:#?}");
        let last = count(
            &site,
            &format!("{page}?page=999999&size=50&sort=expires"),
            &person,
        )
        .await;
        assert!(last.len() <= MOST, "{page} took {}: {last:#?}", last.len());
    }
    site.close().await;
}

#[tokio::test]
async fn a_file_and_an_unknown_address_take_none() {
    let site = Site::open().await;
    let person = site.person("ada@example.com").await;
    let statements = Statements::default();
    let subscriber = tracing_subscriber::registry().with(statements.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    assert_eq!(site.get("/favicon.svg", Some(&person)).await.status, 200);
    assert_eq!(site.get("/nowhere", Some(&person)).await.status, 404);
    drop(guard);
    assert_eq!(statements.0.lock().expect("not poisoned").len(), 0);
    site.close().await;
}
