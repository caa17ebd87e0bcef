//! Each rule that the database keeps is broken once.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Executor, PgPool};

use crate::schema::ground;

/// A key like the one on the ground but for some columns, which are written after its id.
pub fn key(columns: &str, values: &str) -> String {
    format!(
        "INSERT INTO api_keys (project_id, api_key_id, {columns}) VALUES (id(1), id(41), {values})"
    )
}

/// A constraint, and a statement that breaks it and nothing else.
type Offence = (&'static str, String);

fn offences_of_projects() -> Vec<Offence> {
    let project = |name: &str| {
        format!("INSERT INTO projects (project_id, display_name) VALUES (id(11), {name})")
    };
    let key_set = |lengths: [u8; 3]| {
        let [a, b, c] = lengths;
        format!(
            "INSERT INTO project_key_sets VALUES (id(1), id(6), digest(1, {a}), digest(2, {b}), digest(3, {c}))"
        )
    };
    let limit = |limit: i32| format!("UPDATE projects SET max_api_keys_per_owner = {limit}");
    let domains = "UPDATE projects SET domains = '{}'";
    vec![
        ("projects_display_name_length", project("''")),
        ("projects_display_name_length", project("repeat('é', 256)")),
        ("project_key_sets_digest_lengths", key_set([31, 32, 32])),
        ("project_key_sets_digest_lengths", key_set([32, 33, 32])),
        ("project_key_sets_digest_lengths", key_set([32, 32, 0])),
        ("projects_domains_list", domains.to_owned()),
        ("projects_max_api_keys_range", limit(-1)),
        ("projects_max_api_keys_range", limit(1_000_001)),
    ]
}

fn offences_of_users() -> Vec<Offence> {
    let user = |column: &str, value: &str| {
        format!("INSERT INTO users (project_id, user_id, {column}) VALUES (id(1), id(21), {value})")
    };
    [
        ("users_primary_email_unique", "primary_email", "'a@b.co'"),
        ("users_primary_email_form", "primary_email", "'A@b.co'"),
        ("users_primary_email_form", "primary_email", "' c@b.co'"),
        ("users_primary_email_form", "primary_email", "'ab'"),
        (
            "users_primary_email_form",
            "primary_email",
            "repeat('a', 255)",
        ),
        (
            "users_password_hash_form",
            "password_hash",
            "'correct horse'",
        ),
        (
            "users_password_hash_form",
            "password_hash",
            "'$argon2i$v=19$x'",
        ),
        ("users_display_name_length", "display_name", "''"),
        (
            "users_display_name_length",
            "display_name",
            "repeat('x', 256)",
        ),
        (
            "users_profile_image_url_length",
            "profile_image_url",
            "repeat('x', 2001)",
        ),
    ]
    .map(|(constraint, column, value)| (constraint, user(column, value)))
    .into()
}

fn offences_of_teams() -> Vec<Offence> {
    let team = |name: &str| {
        format!(
            "INSERT INTO teams (project_id, team_id, display_name) VALUES (id(1), id(31), {name})"
        )
    };
    let definition = |id: &str| format!("INSERT INTO permission_definitions VALUES (id(1), {id})");
    let containment =
        |id: &str| format!("INSERT INTO permission_containments VALUES (id(1), 'role', {id})");
    let grant =
        |id: &str| format!("INSERT INTO team_permission_grants VALUES (id(1), id(3), id(2), {id})");
    let picture = "UPDATE teams SET profile_image_url = repeat('x', 2001)";
    let long = "repeat('x', 256)";
    vec![
        ("teams_profile_image_url_length", picture.to_owned()),
        (
            "teams_creation_token_unique",
            "INSERT INTO teams (project_id, team_id, display_name, created_by_user_id, creation_token)
             VALUES (id(1), id(31), 'T', id(2), id(9)), (id(1), id(32), 'T', id(2), id(9))"
                .to_owned(),
        ),
        ("teams_display_name_length", team("''")),
        ("teams_display_name_length", team(long)),
        (
            "permission_definitions_id_form",
            definition("'$manage_api_keys'"),
        ),
        ("permission_definitions_id_form", definition("'Role'")),
        ("permission_definitions_id_form", definition("''")),
        ("permission_definitions_id_form", definition("E'role\\n'")),
        ("permission_definitions_id_form", definition(long)),
        ("permission_containments_id_form", containment("'Role'")),
        ("permission_containments_id_form", containment("'$'")),
        ("team_permission_grants_id_form", grant("'no spaces'")),
        ("team_permission_grants_id_form", grant("'a$b'")),
    ]
}

fn offences_of_sessions() -> Vec<Offence> {
    let session = |digest: &str, created: &str, expires: &str| {
        format!(
            "INSERT INTO sessions (project_id, session_id, user_id, token_digest, created_at_millis, expires_at_millis)
             VALUES (id(1), id(51), id(2), {digest}, {created}, {expires})"
        )
    };
    let attempts = |digest: &str, count: &str| {
        format!("INSERT INTO sign_in_attempts VALUES (id(1), {digest}, 0, {count})")
    };
    vec![
        (
            "sessions_token_digest_unique",
            session("digest(5)", "0", "1"),
        ),
        (
            "sessions_token_digest_length",
            session("digest(6, 31)", "0", "1"),
        ),
        ("sessions_end_after_start", session("digest(6)", "7", "7")),
        (
            "sessions_user_agent_length",
            "UPDATE sessions SET user_agent = repeat('x', 256)".to_owned(),
        ),
        (
            "sessions_address_length",
            "UPDATE sessions SET address = ''".to_owned(),
        ),
        (
            "password_resets_token_digest_unique",
            "WITH other AS (INSERT INTO users (project_id, user_id) VALUES (id(1), id(29)) RETURNING user_id)
             INSERT INTO password_resets SELECT id(1), u, digest(8), 1, 0 FROM (SELECT user_id FROM other UNION SELECT id(2)) o (u)"
                .to_owned(),
        ),
        (
            "password_resets_token_digest_length",
            "INSERT INTO password_resets VALUES (id(1), id(2), digest(8, 31), 1, 0)".to_owned(),
        ),
        (
            "sign_in_attempts_digest_length",
            attempts("digest(1, 33)", "1"),
        ),
        ("sign_in_attempts_not_negative", attempts("digest(1)", "-1")),
    ]
}

fn offences_of_restores() -> Vec<Offence> {
    let decision = |by: &str, decision: &str| {
        format!("INSERT INTO restore_decisions (decided_by, decision) VALUES ({by}, '{decision}')")
    };
    vec![
        ("restore_decisions_known", decision("'ada'", "perhaps")),
        (
            "restore_decisions_decided_by_length",
            decision("''", "accept"),
        ),
        (
            "restore_decisions_decided_by_length",
            decision("repeat('é', 256)", "accept"),
        ),
    ]
}

/// A user's key like the one on the ground but for some columns.
fn of_user(values: &str) -> String {
    key("owner_user_id, description, digest, last_four", values)
}

fn offences_of_keys() -> Vec<Offence> {
    let nobodys = key("description, digest, last_four", "'', digest(1), 'abcd'");
    let of_both = key(
        "owner_user_id, owner_team_id, description, digest, last_four",
        "id(2), id(3), '', digest(1), 'abcd'",
    );
    let same_token = key(
        "owner_team_id, created_by_user_id, creation_token, description, digest, last_four",
        "id(3), id(2), id(9), '', digest(1), 'abcd'",
    );
    let expiring = |end: &str| {
        key(
            "owner_user_id, description, digest, last_four, expires_at_millis",
            &format!("id(2), '', digest(1), 'abcd', {end}"),
        )
    };
    let mut all = vec![
        ("api_keys_one_owner", nobodys),
        ("api_keys_one_owner", of_both),
        ("api_keys_creation_token_unique", same_token),
        ("api_keys_expires_range", expiring("8640000000000001")),
        ("api_keys_expires_range", expiring("-8640000000000001")),
    ];
    for (constraint, values) in [
        ("api_keys_digest_unique", "id(2), '', digest(4), 'abcd'"),
        ("api_keys_digest_length", "id(2), '', digest(1, 31), 'abcd'"),
        ("api_keys_last_four_form", "id(2), '', digest(1), 'ABCD'"),
        ("api_keys_last_four_form", "id(2), '', digest(1), 'abcde'"),
        ("api_keys_last_four_form", "id(2), '', digest(1), E'abc\\n'"),
        (
            "api_keys_description_length",
            "id(2), repeat('é', 1001), digest(1), 'abcd'",
        ),
    ] {
        all.push((constraint, of_user(values)));
    }
    all
}

/// For each constraint, statements that break it and nothing else.
fn offences() -> Vec<Offence> {
    [
        offences_of_projects(),
        offences_of_users(),
        offences_of_teams(),
        offences_of_sessions(),
        offences_of_keys(),
        offences_of_restores(),
    ]
    .concat()
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_constraint_refuses_what_breaks_it_and_says_its_name(pool: PgPool) {
    let mut connection = ground(&pool).await;
    for (constraint, statement) in offences() {
        let refused = connection
            .execute(AssertSqlSafe(statement.clone()))
            .await
            .expect_err(&statement);
        let refused = refused.as_database_error().expect("Postgres's own refusal");
        assert_eq!(
            refused.constraint(),
            Some(constraint),
            "{statement}: {refused}"
        );
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_constraint_is_without_its_offence(pool: PgPool) {
    let named: Vec<String> = sqlx::query_scalar(
        "SELECT conname::text FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x')
             AND conrelid <> '_sqlx_migrations'::regclass
         UNION ALL
         SELECT indexrelid::regclass::text FROM pg_index
         WHERE indisunique AND indpred IS NOT NULL AND indrelid::regclass::text NOT LIKE 'pg_%'",
    )
    .fetch_all(&pool)
    .await
    .expect("constraints");
    let broken: BTreeSet<_> = offences()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(BTreeSet::from_iter(named), broken);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_lies_just_within_the_rules_is_accepted(pool: PgPool) {
    let mut connection = ground(&pool).await;
    for statement in [
        "INSERT INTO projects (project_id, display_name) VALUES (id(11), repeat('é', 255))",
        "INSERT INTO users (project_id, user_id) VALUES (id(1), id(21)), (id(1), id(22))",
        "INSERT INTO users (project_id, user_id, primary_email) VALUES (id(1), id(23), repeat('a', 254))",
        "INSERT INTO users (project_id, user_id, primary_email) VALUES (id(11), id(2), 'a@b.co')",
        "INSERT INTO users (project_id, user_id, password_hash) VALUES (id(1), id(24), '$argon2id$v=19$x')",
        "INSERT INTO users (project_id, user_id, password_hash) VALUES (id(1), id(25), '$2a$10$x')",
        "INSERT INTO users (project_id, user_id, primary_email, primary_email_auth_enabled)
         VALUES (id(1), id(26), 'a@b.co', false), (id(1), id(27), 'a@b.co', false)",
        "INSERT INTO permission_containments VALUES (id(1), 'role', '$manage_api_keys'), (id(1), 'role', 'role')",
        "INSERT INTO team_permission_grants VALUES (id(1), id(3), id(2), '$manage_api_keys')",
        "INSERT INTO sessions VALUES (id(1), id(51), id(2), digest(6), 7, 8)",
        "INSERT INTO api_keys (project_id, api_key_id, owner_team_id, description, digest, last_four, expires_at_millis)
         VALUES (id(1), id(42), id(3), repeat('é', 1000), digest(42), '0z9a', 8640000000000000)",
        "INSERT INTO api_keys (project_id, api_key_id, owner_team_id, description, digest, last_four, expires_at_millis)
         VALUES (id(1), id(43), id(3), '', digest(43), '0z9a', -8640000000000000)",
    ] {
        connection.execute(statement).await.expect(statement);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_constraint_says_why_it_is_there(pool: PgPool) {
    let silent: Vec<String> = sqlx::query_scalar(
        "SELECT conname::text FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x')
             AND conrelid <> '_sqlx_migrations'::regclass AND obj_description(oid, 'pg_constraint') IS NULL",
    )
    .fetch_all(&pool)
    .await
    .expect("constraints");
    assert_eq!(silent, Vec::<String>::new());
}
