//! Each rule that the database keeps is broken once, and the schema can be taken back.

use std::collections::BTreeSet;

use latchkey_store::{Denial, MIGRATOR, migrate};
use sqlx::{AssertSqlSafe, Executor, PgPool};

/// One project `1…`, user `2…`, team `3…` with that user in it, and a key `4…`.
const GROUND: &str = "
    INSERT INTO projects (project_id, display_name) VALUES (id(1), 'P');
    INSERT INTO users (project_id, user_id, primary_email) VALUES (id(1), id(2), 'a@b.co');
    INSERT INTO teams (project_id, team_id, display_name) VALUES (id(1), id(3), 'T');
    INSERT INTO memberships VALUES (id(1), id(3), id(2));
    INSERT INTO permission_definitions VALUES (id(1), 'role');
    INSERT INTO sessions (project_id, session_id, user_id, token_digest, expires_at_millis)
        VALUES (id(1), id(5), id(2), digest(5), 9000000000000);
    INSERT INTO api_keys (
        project_id, api_key_id, owner_user_id, created_by_user_id, creation_token, description, digest, last_four
    ) VALUES (id(1), id(4), id(2), id(2), id(9), '', digest(4), 'abcd');
";

/// Ids and digests that are short to write, in a schema of their own.
const SHORTHAND: &str = "
    CREATE SCHEMA shorthand;
    CREATE FUNCTION shorthand.id(int) RETURNS uuid LANGUAGE sql
        RETURN lpad($1::text, 32, '0')::uuid;
    CREATE FUNCTION shorthand.digest(int, length int DEFAULT 32) RETURNS bytea LANGUAGE sql
        RETURN decode(lpad($1::text, length * 2, '0'), 'hex');
    SET search_path = public, shorthand;
";

/// A key like the one on the ground but for some columns, which are written after its id.
fn key(columns: &str, values: &str) -> String {
    format!(
        "INSERT INTO api_keys (project_id, api_key_id, {columns}) VALUES (id(1), id(41), {values})"
    )
}

/// For each constraint, statements that break it and nothing else.
#[expect(
    clippy::too_many_lines,
    reason = "a list, as long as the schema has rules"
)]
fn offences() -> Vec<(&'static str, String)> {
    let project = |name: &str| {
        format!("INSERT INTO projects (project_id, display_name) VALUES (id(11), {name})")
    };
    let key_set = |lengths: [u8; 3]| {
        let [a, b, c] = lengths;
        format!(
            "INSERT INTO project_key_sets VALUES (id(1), id(6), digest(1, {a}), digest(2, {b}), digest(3, {c}))"
        )
    };
    let user = |column: &str, value: &str| {
        format!("INSERT INTO users (project_id, user_id, {column}) VALUES (id(1), id(21), {value})")
    };
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
    let session = |digest: &str, created: &str, expires: &str| {
        format!(
            "INSERT INTO sessions (project_id, session_id, user_id, token_digest, created_at_millis, expires_at_millis)
             VALUES (id(1), id(51), id(2), {digest}, {created}, {expires})"
        )
    };
    let attempts = |digest: &str, count: &str| {
        format!("INSERT INTO sign_in_attempts VALUES (id(1), {digest}, 0, {count})")
    };
    let plain = "owner_user_id, description, digest, last_four";
    vec![
        ("projects_display_name_length", project("''")),
        ("projects_display_name_length", project("repeat('é', 256)")),
        ("project_key_sets_digest_lengths", key_set([31, 32, 32])),
        ("project_key_sets_digest_lengths", key_set([32, 33, 32])),
        ("project_key_sets_digest_lengths", key_set([32, 32, 0])),
        (
            "users_primary_email_unique",
            user("primary_email", "'a@b.co'"),
        ),
        (
            "users_primary_email_form",
            user("primary_email", "'A@b.co'"),
        ),
        (
            "users_primary_email_form",
            user("primary_email", "' c@b.co'"),
        ),
        ("users_primary_email_form", user("primary_email", "'ab'")),
        (
            "users_primary_email_form",
            user("primary_email", "repeat('a', 255)"),
        ),
        (
            "users_password_hash_form",
            user("password_hash", "'correct horse'"),
        ),
        (
            "users_password_hash_form",
            user("password_hash", "'$argon2i$v=19$x'"),
        ),
        ("users_display_name_length", user("display_name", "''")),
        (
            "users_display_name_length",
            user("display_name", "repeat('x', 256)"),
        ),
        (
            "users_profile_image_url_length",
            user("profile_image_url", "repeat('x', 2001)"),
        ),
        (
            "teams_profile_image_url_length",
            "UPDATE teams SET profile_image_url = repeat('x', 2001)".to_owned(),
        ),
        (
            "projects_domains_list",
            "UPDATE projects SET domains = '{}'".to_owned(),
        ),
        ("teams_display_name_length", team("''")),
        ("teams_display_name_length", team("repeat('x', 256)")),
        (
            "permission_definitions_id_form",
            definition("'$manage_api_keys'"),
        ),
        ("permission_definitions_id_form", definition("'Role'")),
        ("permission_definitions_id_form", definition("''")),
        ("permission_definitions_id_form", definition("E'role\\n'")),
        (
            "permission_definitions_id_form",
            definition("repeat('x', 256)"),
        ),
        ("permission_containments_id_form", containment("'Role'")),
        ("permission_containments_id_form", containment("'$'")),
        ("team_permission_grants_id_form", grant("'no spaces'")),
        ("team_permission_grants_id_form", grant("'a$b'")),
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
            "sign_in_attempts_digest_length",
            attempts("digest(1, 33)", "1"),
        ),
        ("sign_in_attempts_not_negative", attempts("digest(1)", "-1")),
        (
            "api_keys_one_owner",
            key("description, digest, last_four", "'', digest(1), 'abcd'"),
        ),
        (
            "api_keys_one_owner",
            key(
                "owner_user_id, owner_team_id, description, digest, last_four",
                "id(2), id(3), '', digest(1), 'abcd'",
            ),
        ),
        (
            "api_keys_digest_unique",
            key(plain, "id(2), '', digest(4), 'abcd'"),
        ),
        (
            "api_keys_digest_length",
            key(plain, "id(2), '', digest(1, 31), 'abcd'"),
        ),
        (
            "api_keys_creation_token_unique",
            key(
                "owner_team_id, created_by_user_id, creation_token, description, digest, last_four",
                "id(3), id(2), id(9), '', digest(1), 'abcd'",
            ),
        ),
        (
            "api_keys_last_four_form",
            key(plain, "id(2), '', digest(1), 'ABCD'"),
        ),
        (
            "api_keys_last_four_form",
            key(plain, "id(2), '', digest(1), 'abcde'"),
        ),
        (
            "api_keys_last_four_form",
            key(plain, "id(2), '', digest(1), E'abc\\n'"),
        ),
        (
            "api_keys_description_length",
            key(plain, "id(2), repeat('é', 1001), digest(1), 'abcd'"),
        ),
        (
            "api_keys_expires_range",
            key(
                "owner_user_id, description, digest, last_four, expires_at_millis",
                "id(2), '', digest(1), 'abcd', 8640000000000001",
            ),
        ),
        (
            "api_keys_expires_range",
            key(
                "owner_user_id, description, digest, last_four, expires_at_millis",
                "id(2), '', digest(1), 'abcd', -8640000000000001",
            ),
        ),
    ]
}

async fn ground(pool: &PgPool) -> sqlx::pool::PoolConnection<sqlx::Postgres> {
    let mut connection = pool.acquire().await.expect("a connection");
    connection.execute(SHORTHAND).await.expect("shorthand");
    connection.execute(GROUND).await.expect("ground");
    connection
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
async fn what_belongs_to_a_user_or_a_team_goes_with_them(pool: PgPool) {
    let mut connection = ground(&pool).await;
    let setup = "
        INSERT INTO team_permission_grants VALUES (id(1), id(3), id(2), 'role');
        INSERT INTO api_keys (project_id, api_key_id, owner_team_id, created_by_user_id, description, digest, last_four)
            VALUES (id(1), id(44), id(3), id(2), '', digest(44), 'abcd');
        INSERT INTO api_key_uses VALUES (id(1), id(4), 0), (id(1), id(44), 0);
        DELETE FROM users WHERE user_id = id(2);";
    connection.execute(setup).await.expect(setup);
    let left: Vec<(String, i64)> = sqlx::query_as(
        "SELECT 'sessions', count(*) FROM sessions UNION ALL SELECT 'memberships', count(*) FROM memberships
         UNION ALL SELECT 'grants', count(*) FROM team_permission_grants
         UNION ALL SELECT 'keys', count(*) FROM api_keys UNION ALL SELECT 'uses', count(*) FROM api_key_uses
         UNION ALL SELECT 'made by nobody', count(*) FROM api_keys WHERE created_by_user_id IS NULL",
    )
    .fetch_all(&mut *connection)
    .await
    .expect("counts");
    let expected = [
        ("sessions", 0),
        ("memberships", 0),
        ("grants", 0),
        ("keys", 1),
        ("uses", 1),
        ("made by nobody", 1),
    ];
    assert_eq!(left, expected.map(|(what, count)| (what.to_owned(), count)));

    connection
        .execute("DELETE FROM teams WHERE team_id = id(3)")
        .await
        .expect("no team");
    let keys: i64 = sqlx::query_scalar("SELECT count(*) FROM api_keys")
        .fetch_one(&mut *connection)
        .await
        .expect("a count");
    assert_eq!(keys, 0);
}

/// The definition of everything in the schema.
async fn definitions(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
             pg_get_expr(d.adbin, d.adrelid))
         FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '\\_sqlx%'
         UNION ALL
         SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE '\\_sqlx%'
         UNION ALL
         SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%'
         UNION ALL
         SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .expect("definitions")
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn migrations_go_up_down_and_up_again(pool: PgPool) {
    let first = definitions(&pool).await;
    assert!(first.len() > 50);
    MIGRATOR.undo(&pool, 0).await.expect("down");
    assert_eq!(definitions(&pool).await, Vec::<String>::new());
    MIGRATOR.run(&pool).await.expect("up");
    assert_eq!(definitions(&pool).await, first);
}

#[sqlx::test(migrations = false)]
async fn instances_that_start_at_once_on_an_empty_database_make_one_schema(pool: PgPool) {
    let options = pool.connect_options();
    let [a, b, c] = [(); 3].map(|()| migrate(&options));
    let (a, b, c) = tokio::join!(a, b, c);
    for started in [a, b, c] {
        started.expect("a schema");
    }
    assert!(definitions(&pool).await.len() > 50);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn ids_are_of_version_7_and_in_the_order_of_their_making(pool: PgPool) {
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT new_id() FROM generate_series(1, 1000)")
        .fetch_all(&pool)
        .await
        .expect("ids");
    assert!(
        ids.iter()
            .all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122)
    );
    let times: Vec<_> = ids.iter().map(|id| id.as_u128() >> 80).collect();
    assert!(times.is_sorted());
    assert_eq!(BTreeSet::from_iter(&ids).len(), ids.len());
    let now: i64 = sqlx::query_scalar("SELECT now_millis()")
        .fetch_one(&pool)
        .await
        .expect("a time");
    assert!(u128::try_from(now).expect("after 1970") >= times[0]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_denial_of_the_database_is_one_of_the_programs(pool: PgPool) {
    let denials: Vec<Denial> = sqlx::query_scalar("SELECT unnest(enum_range(NULL::denial))")
        .fetch_all(&pool)
        .await
        .expect("variants for all of them");
    assert_eq!(denials.first(), Some(&Denial::SignedOut));
    assert_eq!(denials.last(), Some(&Denial::UserDeletionOff));
    assert_eq!(denials.len(), 21);
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
