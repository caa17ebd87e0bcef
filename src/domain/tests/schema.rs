//! The schema: what goes with what, its migrations, and what the program knows of it.

use std::collections::BTreeSet;

use latchkey_store::{Denial, MIGRATOR, migrate};
use sqlx::{Executor, PgPool};

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

pub async fn ground(pool: &PgPool) -> sqlx::pool::PoolConnection<sqlx::Postgres> {
    let mut connection = pool.acquire().await.expect("a connection");
    connection.execute(SHORTHAND).await.expect("shorthand");
    connection.execute(GROUND).await.expect("ground");
    connection
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
    assert_eq!(denials.last(), Some(&Denial::Locked));
    assert_eq!(denials.len(), 22);
}
