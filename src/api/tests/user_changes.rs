//! Changes of a user, by a server and by themselves.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, PASSWORD, row},
    refusals::broken,
};
use crate::{
    snapshots::Snapshots,
    users::{IN, ME, make, not_a_member, path},
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_absent_stays_and_what_is_null_goes(pool: PgPool) {
    let api = Api::new(pool).await;
    let names = [
        "display_name",
        "profile_image_url",
        "client_metadata",
        "client_read_only_metadata",
        "server_metadata",
        "primary_email",
    ];
    let full = json!({
        "display_name": "Ada", "profile_image_url": "https://a.example/b", "client_metadata": { "null": null },
        "client_read_only_metadata": [], "server_metadata": false, "primary_email": "ada@example.com",
        "primary_email_verified": true,
    });
    let user = make(&api, full).await;
    let what = format!("PATCH {}", path(&user));
    let mut expected = user.clone();
    let same = api.ask(&api.server(), &what, json!({})).await.ok();
    assert_eq!(same, expected);
    for name in names {
        expected[name] = Value::Null;
        if name == "primary_email" {
            expected["primary_email_verified"] = json!(false);
        }
        let changed = api
            .ask(&api.server(), &what, json!({ name: null }))
            .await
            .ok();
        assert_eq!(changed, expected, "{name}");
    }
    let empty = api
        .ask(&api.server(), &what, json!({ "display_name": "  " }))
        .await
        .ok();
    assert_eq!(empty["display_name"], Value::Null);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_user_changes_a_little_of_themselves(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = api.world.team("Team").await;
    let ada = api.member("Ada", team, &[]).await;
    let who = api.as_user(&ada);
    let body = json!({
        "display_name": "Ada L.", "profile_image_url": "http://a.example/b", "client_metadata": { "a": 1 }, "selected_team_id": team,
    });
    let snapshots = Snapshots::default()
        .named(ada.id, "Ada")
        .named(team, "team");
    let changed = api.ask(&who, ME, body).await;
    snapshots.check("user_changed_by_themselves", &changed);
    let server = api.server().with("access-token", &ada.access);
    let seen = api.ask(&server, "GET /users/me", ()).await;
    snapshots.check("user_with_a_team_as_servers_see_them", &seen);
    let nothing = json!({ "selected_team_id": null });
    let none = api.ask(&who, ME, nothing).await.ok();
    assert_eq!(none["selected_team"], Value::Null);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_users_cannot_change_of_themselves_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.world.team("Other").await;
    let ada = api.user("Ada").await;
    let who = api.as_user(&ada);
    let nil = Uuid::nil();
    let (of_other, of_nil) = (not_a_member(other, ada.id), not_a_member(nil, ada.id));
    let nowhere = json!({ "selected_team_id": nil, "display_name": "Else" });
    let mut rows = vec![
        row(&who, ME, json!({ "selected_team_id": other }), of_other),
        row(&who, ME, nowhere, of_nil),
    ];
    let no_id = "body.selected_team_id must be a valid UUID";
    let body = json!({ "selected_team_id": "x" });
    rows.extend(broken(&who, ME, [(body, no_id)]));
    for name in [
        "server_metadata",
        "client_read_only_metadata",
        "primary_email",
        "primary_email_verified",
        "password",
        "is_project_admin",
        "primary_email_auth_enabled",
    ] {
        let body = json!({ name: "x", "display_name": "Else" });
        let problem = format!("body contains unknown properties: {name}");
        rows.extend(broken(&who, ME, [(body, &problem[..])]));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_password_ends_every_session(pool: PgPool) {
    let api = Api::new(pool).await;
    let user = make(
        &api,
        json!({ "primary_email": "ada@example.com", "password": PASSWORD }),
    )
    .await;
    let id = user["id"].as_str().expect("an id").parse().expect("an id");
    let (first, second, eve) = (
        api.login(id).await,
        api.login(id).await,
        api.user("Eve").await,
    );
    let change = json!({ "password": "another password" });
    api.ask(&api.server(), &format!("PATCH {}", path(&user)), change)
        .await
        .ok();
    for login in [&first, &second] {
        assert_eq!(
            api.ask(&api.as_user(login), "GET /users/me", ())
                .await
                .short(),
            "401 ACCESS_TOKEN_EXPIRED"
        );
        let refresh = api.client().with("refresh-token", &login.refresh);
        assert_eq!(
            api.ask(&refresh, "POST /auth/sessions/current/refresh", ())
                .await
                .short(),
            "401 REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED"
        );
    }
    assert_eq!(
        api.ask(&api.as_user(&eve), "GET /users/me", ())
            .await
            .status,
        200
    );
    let with = |password: &str| json!({ "email": "ada@example.com", "password": password });
    assert_eq!(
        api.ask(&api.client(), IN, with(PASSWORD)).await.short(),
        "400 EMAIL_PASSWORD_MISMATCH"
    );
    api.ask(&api.client(), IN, with("another password"))
        .await
        .ok();
}
