//! Somebody with very many teams or keys: pages stay small, and say what they leave out.

use axum::http::{StatusCode, header};

use crate::{
    scene::TOKEN,
    site::{Person, Site},
};

const KEYS: &str = "/account-settings/api-keys";
const NEW: &str = "/account-settings/api-keys/new";
const TEAMS: &str = "/account-settings/teams";

async fn join_teams(site: &Site, person: &Person, teams: u32) {
    site.database
        .execute(&format!(
            "INSERT INTO teams (project_id, team_id, display_name)
             SELECT '{p}', md5('team' || n)::uuid, 'Team ' || n FROM generate_series(1, {teams}) AS n;
             INSERT INTO memberships (project_id, team_id, user_id, created_at_millis)
             SELECT '{p}', md5('team' || n)::uuid, '{u}', n FROM generate_series(1, {teams}) AS n",
            p = site.project,
            u = person.id,
        ))
        .await;
}

fn links(body: &str, text: &str) -> usize {
    body.matches(&format!("<bdi>{text}")).count()
}

#[tokio::test]
async fn a_page_shows_the_first_teams_the_open_one_and_a_search() {
    let site = Site::open().await;
    let ada = site.person("ada@example.com").await;
    join_teams(&site, &ada, 10).await;
    let few = site.get("/account-settings", Some(&ada)).await;
    assert_eq!(links(&few.body, "Team "), 10);
    assert!(!few.body.contains("Search teams"));

    join_teams_again(&site, &ada).await;
    let many = site.get("/account-settings", Some(&ada)).await;
    assert_eq!(links(&many.body, "Team "), 10);
    assert!(many.body.contains("Search teams") && many.body.contains("All teams"));
    assert!(many.body.len() < few.body.len() + 2_000);

    // Beyond the first, and yet on its own page.
    let team = "ae7d8b4d-0000-4000-8000-000000000700";
    site.database
        .execute(&format!(
            "INSERT INTO teams (project_id, team_id, display_name) VALUES ('{p}', '{team}', 'Open team');
             INSERT INTO memberships (project_id, team_id, user_id) VALUES ('{p}', '{team}', '{u}')",
            p = site.project,
            u = ada.id,
        ))
        .await;
    let open = site.get(&format!("{TEAMS}/{team}"), Some(&ada)).await;
    assert_eq!(open.status, StatusCode::OK);
    assert_eq!(links(&open.body, "Team "), 10);
    let path = format!("href=\"{TEAMS}/{team}\"");
    assert_eq!(
        open.body.matches(&path).count(),
        1,
        "its link in the navigation"
    );
    site.close().await;
}

async fn join_teams_again(site: &Site, person: &Person) {
    site.database
        .execute(&format!(
            "INSERT INTO teams (project_id, team_id, display_name)
             SELECT '{p}', md5('more' || n)::uuid, 'More ' || n FROM generate_series(1, 1000) AS n;
             INSERT INTO memberships (project_id, team_id, user_id, created_at_millis)
             SELECT '{p}', md5('more' || n)::uuid, '{u}', 100 + n FROM generate_series(1, 1000) AS n",
            p = site.project,
            u = person.id,
        ))
        .await;
}

#[tokio::test]
async fn the_page_of_teams_searches_and_turns_without_script() {
    let site = Site::open().await;
    let ada = site.person("ada@example.com").await;
    let eve = site.person("eve@example.com").await;
    join_teams(&site, &ada, 120).await;
    // The navigation shows ten of them.
    let count = async |query: &str| {
        let page = site.get(&format!("{TEAMS}{query}"), Some(&ada)).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        links(&page.body, "Team ") - 10
    };
    assert_eq!(count("").await, 50);
    assert_eq!(count("?page=2").await, 50);
    assert_eq!(count("?page=3").await, 20);
    assert_eq!(count("?page=-1&q=").await, 50);
    assert_eq!(count("?q=team+11").await, 11);
    assert_eq!(count("?q=%25").await, 0);
    let first = site.get(TEAMS, Some(&ada)).await.body;
    assert!(first.contains("page=2") && !first.contains("page=3"));
    let beyond = site
        .get(&format!("{TEAMS}?q=team&page=4"), Some(&ada))
        .await;
    assert_eq!(beyond.headers[header::LOCATION], format!("{TEAMS}?q=team"));
    let none = site.get(&format!("{TEAMS}?q=zzz"), Some(&ada)).await.body;
    assert!(none.contains("No team’s name contains this.") && none.contains("Show all teams"));
    let others = site.get(TEAMS, Some(&eve)).await;
    assert_eq!(links(&others.body, "Team "), 0);
    assert!(others.body.contains("You are not in a team yet."));
    let nobody = site.get(TEAMS, None).await;
    assert!(nobody.status.is_redirection());
    site.close().await;
}

#[tokio::test]
async fn the_pages_say_that_the_limit_is_near_or_reached_before_a_form_is_filled() {
    let site = Site::open().await;
    let ada = site.person("ada@example.com").await;
    let keys = async |count: u32| {
        site.database
            .execute(&format!(
                "INSERT INTO api_keys (project_id, api_key_id, owner_user_id, description, digest, last_four)
                 SELECT '{p}', new_id(), '{u}', 'key', sha256(new_id()::text::bytea), '0000'
                 FROM generate_series(1, {count})",
                p = site.project,
                u = ada.id,
            ))
            .await;
    };
    let full = "The limit of 100 valid API keys is reached. Revoke a key to create another.";
    let near = "99 of at most 100 valid API keys.";
    let form = "name=\"description\"";
    keys(50).await;
    for path in [KEYS, NEW] {
        let page = site.get(path, Some(&ada)).await.body;
        assert!(page.contains(form) && !page.contains(near), "{path}");
    }
    keys(49).await;
    for path in [KEYS, NEW] {
        let page = site.get(path, Some(&ada)).await.body;
        assert!(page.contains(form) && page.contains(near), "{path}");
    }
    keys(1).await;
    let list = site.get(KEYS, Some(&ada)).await.body;
    assert!(list.contains("class=\"key-limit full\"") && list.contains(full));
    let page = site.get(NEW, Some(&ada)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(full) && !page.body.contains(form));
    let sent = [("description", "x"), ("expires", "30d"), ("token", TOKEN)];
    for path in [NEW, "/fn/api-keys/create"] {
        let refused = site.post(path, Some(&ada), &sent).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}");
        assert!(refused.body.contains(full), "{path}: {}", refused.body);
    }
    site.close().await;
}

#[tokio::test]
async fn an_administrator_sets_the_limit_or_is_told_what_is_no_limit() {
    let site = Site::open().await;
    let ada = site.person("ada@example.com").await;
    site.database
        .domain
        .set_project_admin(site.project, "ada@example.com", true)
        .await
        .expect("an admin");
    let limit = "SELECT COALESCE(max_api_keys_per_owner, -1)::bigint FROM projects";
    for (typed, stored) in [("7", 7), (" 0 ", 0), ("", -1), ("1000000", 1_000_000)] {
        let answer = site
            .post("/fn/project/key-limit", Some(&ada), &[("limit", typed)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{typed}: {}", answer.body);
        assert_eq!(site.database.number(limit).await, stored, "{typed}");
    }
    for typed in ["-1", "1.5", "1000001", "many", "99999999999999999999"] {
        let answer = site
            .post("/fn/project/key-limit", Some(&ada), &[("limit", typed)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(
            answer.body.contains("\"field\":\"limit\""),
            "{}",
            answer.body
        );
        assert_eq!(site.database.number(limit).await, 1_000_000, "{typed}");
    }
    let page = site.get("/account-settings/project", Some(&ada)).await.body;
    assert!(page.contains("value=\"1000000\""));
    site.close().await;
}

#[tokio::test]
async fn the_pages_say_that_as_many_keys_were_created_in_24_hours_as_may_be() {
    let site = Site::open().await;
    let ada = site.person("ada@example.com").await;
    site.database
        .execute(&format!(
            "INSERT INTO api_keys (
                project_id, api_key_id, owner_user_id, description, digest, last_four, revoked_at_millis, created_by_person
             )
             SELECT '{p}', new_id(), '{u}', 'key', sha256(new_id()::text::bytea), '0000', now_millis(), true
             FROM generate_series(1, 1000)",
            p = site.project,
            u = ada.id,
        ))
        .await;
    let full = "The limit of 1000 API keys created within 24 hours is reached.";
    let sent = [("description", "x"), ("expires", "30d"), ("token", TOKEN)];
    for path in [NEW, "/fn/api-keys/create"] {
        let refused = site.post(path, Some(&ada), &sent).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}");
        assert!(refused.body.contains(full), "{path}: {}", refused.body);
        assert!(!refused.body.contains("name=\"description\""), "{path}");
    }
    site.close().await;
}

#[tokio::test]
async fn the_form_of_a_team_that_is_sent_twice_leads_to_one_team_and_a_full_one_says_so() {
    let site = Site::open().await;
    let ada = site.person("ada@example.com").await;
    let page = site.get("/account-settings/teams/new", Some(&ada)).await;
    let token = page
        .body
        .split_once("name=\"token\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .expect("a token")
        .0
        .to_owned();
    let create = "/fn/teams/create";
    let sent = [("display_name", "Team"), ("token", token.as_str())];
    let first = site.post(create, Some(&ada), &sent).await;
    let again = site.post(create, Some(&ada), &sent).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(first.body, again.body);
    let teams = "SELECT count(*) FROM teams";
    assert_eq!(site.database.number(teams).await, 1);

    site.database
        .execute(&format!(
            "INSERT INTO teams (project_id, team_id, display_name, created_by_user_id)
             SELECT '{p}', new_id(), 'Team', '{u}' FROM generate_series(1, 99)",
            p = site.project,
            u = ada.id,
        ))
        .await;
    assert_eq!(site.post(create, Some(&ada), &sent).await.body, first.body);
    let full = site
        .post(create, Some(&ada), &[("display_name", "Another")])
        .await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    assert!(
        full.body
            .contains("You have created as many teams as you can (100)."),
        "{}",
        full.body
    );
    assert_eq!(site.database.number(teams).await, 100);
    site.close().await;
}
