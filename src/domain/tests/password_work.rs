//! The work of an answer tells nothing about the account.

use sqlx::PgPool;

use crate::{accounts::PASSWORD, outcome::Outcome, world::World};

/// The published test vectors of the `crypt_blowfish` suite, "U*U" with cost 5, and one of cost 4.
const BCRYPT: [(&str, &str); 2] = [
    (
        "five@example.com",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    ),
    (
        "four@example.com",
        "$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    ),
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_refused_sign_in_of_a_project_is_the_same_work(pool: PgPool) {
    let world = World::new(pool).await;
    world.account("ada@example.com").await;
    world.account("locked@example.com").await;
    world.user("passwordless").await;
    let imported =
        "WITH hashes AS (SELECT * FROM unnest($2::text[], $3::text[]) AS h (email, hash))
        INSERT INTO users (project_id, user_id, primary_email, password_hash)
        SELECT $1, new_id(), email, hash FROM hashes";
    let (emails, hashes): (Vec<_>, Vec<_>) = BCRYPT.into_iter().unzip();
    sqlx::query(imported)
        .bind(world.project.uuid())
        .bind(emails)
        .bind(hashes)
        .execute(&world.pool)
        .await
        .expect("users");
    let long = "x".repeat(100_000);
    world
        .sign_in("locked@example.com", "wrong password", None)
        .await
        .err();
    let locked = "UPDATE sign_in_attempts SET attempts = 80
        WHERE subject_digest IN (SELECT account_attempts(user_id, NULL) FROM users WHERE primary_email = 'locked@example.com')";
    assert_eq!(world.sql(locked, &[]).await, 1);
    let other = world.another_project().await;
    for (world, bcrypt_rounds) in [(&world, 32), (&other, 0)] {
        for (email, password) in [
            ("ada@example.com", "wrong password"),
            ("ada@example.com", ""),
            ("ada@example.com", &*long),
            ("locked@example.com", PASSWORD),
            ("five@example.com", "wrong password"),
            ("four@example.com", "wrong password"),
            ("four@example.com", &*long),
            ("passwordless@example.com", PASSWORD),
            ("nobody@example.com", PASSWORD),
            ("not an address", PASSWORD),
            ("", ""),
        ] {
            let before = world.domain.password_work();
            let refused = world.sign_in(email, password, None).await;
            assert_eq!(refused.err(), Some(Outcome::WrongCredentials), "{email}");
            let after = world.domain.password_work();
            let work = (
                after.argon2id - before.argon2id,
                after.bcrypt_rounds - before.bcrypt_rounds,
            );
            assert_eq!(work, (1, bcrypt_rounds), "{email} {}", password.len());
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
#[ignore = "slow: make soak"]
#[expect(clippy::print_stdout, reason = "a measurement, not a gate")]
async fn how_long_refusals_take_in_a_project_with_bcrypt(pool: PgPool) {
    let world = World::new(pool).await;
    world.account("ada@example.com").await;
    let hash = BCRYPT[0].1.replace("$05$", "$10$");
    sqlx::query("INSERT INTO users (project_id, user_id, primary_email, password_hash) VALUES ($1, new_id(), $2, $3)")
        .bind(world.project.uuid())
        .bind("ten@example.com")
        .bind(hash)
        .execute(&world.pool)
        .await
        .expect("a user");
    let emails = ["ada@example.com", "ten@example.com", "nobody@example.com"];
    let mut times = [(); 3].map(|()| Vec::new());
    for _ in 0..25 {
        for (email, times) in emails.iter().zip(&mut times) {
            world.sql("DELETE FROM sign_in_attempts", &[]).await;
            let started = tokio::time::Instant::now();
            world.sign_in(email, "wrong password", None).await.err();
            times.push(started.elapsed());
        }
    }
    for (email, mut times) in emails.into_iter().zip(times) {
        times.sort_unstable();
        println!(
            "{email}: median {:?}, of {:?} to {:?}",
            times[12], times[0], times[24]
        );
    }
}
