//! A site with people, a team and keys, and the forms that change something there.

use axum::http::StatusCode;

use crate::site::{PASSWORD, Person, Site};

/// What is stored, as one number that any change changes.
pub const STATE: &str = "SELECT (SELECT count(*) FROM audit_events) * 1000003
    + (SELECT COALESCE(sum(hashtext(k::text)), 0) FROM api_keys k)
    + (SELECT COALESCE(sum(hashtext(p::text)), 0) FROM projects p)
    + (SELECT COALESCE(sum(hashtext(t::text)), 0) FROM teams t)
    + (SELECT COALESCE(sum(hashtext(u::text)), 0) FROM users u)
    + (SELECT COALESCE(sum(hashtext(s::text)), 0) FROM sessions s)";

pub const TOKEN: &str = "01900000-0000-7000-8000-00000000000a";
pub const NO_KEY: &str = "01900000-0000-7000-8000-00000000000b";

/// The forms that change something, with values that the right person may send.
pub fn forms<'a>(
    team: &'a str,
    key: &'a str,
    other_key: &'a str,
) -> Vec<(&'static str, Vec<(&'static str, &'a str)>)> {
    vec![
        ("/fn/profile/rename", vec![("display_name", "New name")]),
        ("/fn/teams/create", vec![("display_name", "New team")]),
        (
            "/fn/teams/rename",
            vec![("team", team), ("display_name", "New name")],
        ),
        (
            "/fn/api-keys/create",
            vec![
                ("team", team),
                ("description", "x"),
                ("expires", "30d"),
                ("token", TOKEN),
            ],
        ),
        (
            "/fn/api-keys/rename",
            vec![("team", team), ("id", key), ("description", "x")],
        ),
        (
            "/fn/api-keys/revoke",
            vec![("team", team), ("id", key), ("understood", "yes")],
        ),
        (
            "/fn/project/revoke-api-key",
            vec![("id", other_key), ("understood", "yes")],
        ),
        (
            "/fn/project/api-keys",
            vec![("kind", "user"), ("allowed", "false")],
        ),
        ("/fn/project/key-limit", vec![("limit", "50")]),
        ("/fn/sessions/end", vec![("id", OTHER_SESSIONS[0])]),
        ("/fn/sessions/end-others", Vec::new()),
        (
            "/fn/password/change",
            vec![
                ("current_password", PASSWORD),
                ("password", "another horse"),
            ],
        ),
    ]
}

/// More sessions of the administrator.
pub const OTHER_SESSIONS: [&str; 2] = [
    "01900000-0000-7000-8000-00000000000c",
    "01900000-0000-7000-8000-00000000000d",
];

/// The forms that are for everybody's own, whoever they are.
pub const OWN: [&str; 4] = [
    "/fn/profile/rename",
    "/fn/teams/create",
    "/fn/sessions/end-others",
    "/fn/password/change",
];

/// The forms that only end something, which is possible while the database is locked.
pub const ENDS: [&str; 2] = ["/fn/sessions/end", "/fn/sessions/end-others"];

/// The functions that anybody may call; the browser tests use them all.
pub const OPEN: [&str; 5] = [
    "/fn/sign-in",
    "/fn/sign-up",
    "/fn/sign-out",
    "/fn/password/reset",
    "/fn/api-keys/describe-expiry",
];

pub struct Scene {
    pub site: Site,
    pub admin: Person,
    pub member: Person,
    pub outsider: Person,
    pub team: String,
    pub key: String,
    /// Of the outsider's own.
    pub other_key: String,
}

pub async fn scene() -> Scene {
    scene_on(Site::open().await).await
}

pub async fn scene_on(site: Site) -> Scene {
    let admin = site.person("admin@example.com").await;
    let member = site.person("member@example.com").await;
    let outsider = site.person("outsider@example.com").await;
    let team = site.team(&admin).await.to_string();
    site.database
        .execute(&format!(
            "INSERT INTO memberships (project_id, team_id, user_id) VALUES ('{p}', '{team}', '{u}');
             INSERT INTO team_permission_grants VALUES ('{p}', '{team}', '{u}', 'team_member')",
            p = site.project,
            u = member.id,
        ))
        .await;
    for id in OTHER_SESSIONS {
        site.database
            .execute(&format!(
                "INSERT INTO sessions (project_id, session_id, user_id, token_digest, expires_at_millis, credential_version)
                 SELECT project_id, '{id}', user_id, sha256('{id}'), now_millis() + 3600000, credential_version
                 FROM users WHERE user_id = '{}'",
                admin.id,
            ))
            .await;
    }
    let form = [
        ("team", team.as_str()),
        ("description", "theirs"),
        ("expires", "never"),
        ("token", NO_KEY),
    ];
    let made = site.post("/fn/api-keys/create", Some(&admin), &form).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let key = made.body.split('"').nth(3).expect("an id").to_owned();
    site.database
        .domain
        .set_project_admin(site.project, "admin@example.com", true)
        .await
        .expect("an admin");
    let form = [
        ("description", "another's"),
        ("expires", "never"),
        ("token", NO_KEY),
    ];
    let made = site
        .post("/fn/api-keys/create", Some(&outsider), &form)
        .await;
    let other_key = made.body.split('"').nth(3).expect("an id").to_owned();
    Scene {
        site,
        admin,
        member,
        outsider,
        team,
        key,
        other_key,
    }
}
