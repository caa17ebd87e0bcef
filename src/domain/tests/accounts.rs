//! Signing up, and what people are called.

use std::net::IpAddr;

use latchkey_domain::{Denied, Field, Invalid, Switch, accounts::Credentials};
use latchkey_model::{
    account::InvalidPassword, caller::Caller, id::UserId, line::InvalidLine,
    project::SettingsChange, session_lifetime::SessionLifetime, viewer::Viewer,
};
use sqlx::PgPool;

use crate::{
    outcome::{EMAIL_TAKEN, Outcome, invalid_line, outcome, times},
    world::{World, caller},
};

pub const PASSWORD: &str = "correct horse";

pub fn credentials(email: &str, password: &str) -> Credentials {
    Credentials {
        email: email.to_owned(),
        password: password.to_owned(),
        source: IpAddr::from([192, 0, 2, 1]).into(),
        browser: None,
        former: None,
        user_agent: None,
        lifetime: SessionLifetime::Browser,
    }
}

impl World {
    pub async fn account(&self, email: &str) -> UserId {
        self.domain
            .create_user(self.project, email, PASSWORD.to_owned(), None)
            .await
            .expect("an account")
    }

    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        former: Option<Caller>,
    ) -> Result<Caller, Outcome> {
        let credentials = Credentials {
            former,
            ..credentials(email, password)
        };
        let result = self.domain.sign_in(self.project, credentials).await;
        result
            .map(|signed_in| caller(self.project, signed_in.token.expose()))
            .map_err(|error| (&error).into())
    }

    pub async fn sign_up(
        &self,
        email: &str,
        password: &str,
        former: Option<Caller>,
    ) -> Result<Caller, Outcome> {
        let credentials = Credentials {
            former,
            ..credentials(email, password)
        };
        let result = self.domain.sign_up(self.project, credentials).await;
        result
            .map(|signed_in| caller(self.project, signed_in.token.expose()))
            .map_err(|error| (&error).into())
    }

    pub async fn viewer(&self, caller: &Caller) -> Option<Viewer> {
        self.domain.viewer(caller).await.expect("an answer")
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_account_is_signed_in(pool: PgPool) {
    let world = World::new(pool).await;
    let caller = world
        .sign_up(" Ada@Example.COM", PASSWORD, None)
        .await
        .expect("an account");
    let viewer = world.viewer(&caller).await.expect("somebody");
    assert_eq!(viewer.email.as_deref(), Some("ada@example.com"));
    assert_eq!(viewer.project.id, world.project);
    assert!(viewer.teams.is_empty() && viewer.display_name.is_none());
    assert_eq!(world.audit(viewer.user_id.uuid()).await, ["user.signed_up"]);
    let hashed =
        "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(world.number(hashed, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_an_account_is_refused_and_leaves_no_trace(pool: PgPool) {
    let world = World::new(pool).await;
    let before = world.dump().await;
    for (email, password, refusal) in [
        (
            "a@localhost",
            PASSWORD,
            Outcome::Invalid(Field::Email, Invalid::Email),
        ),
        (
            "a@b.co\0",
            PASSWORD,
            Outcome::Invalid(Field::Email, Invalid::Email),
        ),
        ("", PASSWORD, Outcome::Invalid(Field::Email, Invalid::Email)),
        (
            "a@b.co",
            "1234567",
            Outcome::Invalid(
                Field::Password,
                Invalid::Password(InvalidPassword::TooShort),
            ),
        ),
        (
            "a@b.co",
            &"x".repeat(71),
            Outcome::Invalid(Field::Password, Invalid::Password(InvalidPassword::TooLong)),
        ),
    ] {
        assert_eq!(
            world.sign_up(email, password, None).await.err(),
            Some(refusal),
            "{email:?}"
        );
    }
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_address_in_any_script_is_stored_in_the_form_the_database_expects(pool: PgPool) {
    let world = World::new(pool).await;
    for email in [
        "ΟΔΟΣ@ΠΑΡΆΔΕΙΓΜΑ.ΕΛ",
        "ẞ@STRASSE.example",
        "Ǆ@x.example",
        "ﬀ@x.example",
    ] {
        let caller = world
            .sign_up(email, PASSWORD, None)
            .await
            .unwrap_or_else(|why| panic!("{email}: {why:?}"));
        assert!(world.viewer(&caller).await.is_some());
        assert!(
            world.sign_in(email, PASSWORD, None).await.is_ok(),
            "{email}"
        );
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_address_can_be_taken_once_in_a_project(pool: PgPool) {
    let world = World::new(pool).await;
    world.account("ada@example.com").await;
    let before = world.number("SELECT count(*) FROM audit_events", &[]).await;
    assert_eq!(
        world
            .sign_up("ADA@example.com ", PASSWORD, None)
            .await
            .err(),
        Some(EMAIL_TAKEN)
    );
    let again = world
        .domain
        .create_user(world.project, "Ada@example.com", PASSWORD.to_owned(), None)
        .await;
    assert_eq!(outcome(&again), EMAIL_TAKEN);
    assert_eq!(
        world.number("SELECT count(*) FROM audit_events", &[]).await,
        before
    );
    assert_eq!(world.number("SELECT count(*) FROM sessions", &[]).await, 0);

    let other = world.another_project().await;
    assert!(
        other
            .sign_up("ada@example.com", PASSWORD, None)
            .await
            .is_ok()
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_several_sign_ups_at_once_with_one_address_one_succeeds(pool: PgPool) {
    let world = World::new(pool).await;
    let one = || world.sign_up("ada@example.com", PASSWORD, None);
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let answers = [a, b, c, d].map(|answer| answer.err().unwrap_or(Outcome::Done));
    assert_eq!(times(&answers, Outcome::Done), 1, "{answers:?}");
    assert_eq!(times(&answers, EMAIL_TAKEN), 3, "{answers:?}");
    for table in [
        "SELECT count(*) FROM users",
        "SELECT count(*) FROM sessions",
    ] {
        assert_eq!(world.number(table, &[]).await, 1);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn switches_close_the_doors(pool: PgPool) {
    let world = World::new(pool).await;
    world.account("ada@example.com").await;
    let off = Some(false);
    world
        .configure(SettingsChange {
            sign_up_enabled: off,
            ..SettingsChange::default()
        })
        .await;
    assert_eq!(
        world.sign_up("b@example.com", PASSWORD, None).await.err(),
        Some(Outcome::Denied(Denied::SwitchedOff(Switch::SignUp)))
    );
    assert!(
        world
            .sign_in("ada@example.com", PASSWORD, None)
            .await
            .is_ok()
    );
    let change = SettingsChange {
        sign_up_enabled: Some(true),
        credential_enabled: off,
        ..SettingsChange::default()
    };
    world.configure(change).await;
    assert_eq!(
        world.sign_up("b@example.com", PASSWORD, None).await.err(),
        Some(Outcome::Denied(Denied::SwitchedOff(Switch::Passwords)))
    );
    assert_eq!(
        world.sign_in("ada@example.com", PASSWORD, None).await.err(),
        Some(Outcome::Denied(Denied::SwitchedOff(Switch::Passwords)))
    );
    assert_eq!(world.number("SELECT count(*) FROM users", &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn people_are_called_what_they_typed(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    for (typed, name) in [
        ("  Ada  ", "Ada"),
        ("<b>Ada</b> & 'co' \"x\"", "<b>Ada</b> & 'co' \"x\""),
        ("👩‍💻 Ada", "👩‍💻 Ada"),
        ("می‌خواهم", "می‌خواهم"),
    ] {
        world
            .domain
            .rename_user(&user.caller, typed)
            .await
            .expect(typed);
        let viewer = world.viewer(&user.caller).await.expect("somebody");
        assert_eq!(viewer.display_name.as_deref(), Some(name));
    }
    assert_eq!(world.audit(user.id.uuid()).await, ["user.renamed"; 4]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn names_that_deceive_are_refused(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    let before = world.dump().await;
    let long = "x".repeat(256);
    for (name, why) in [
        ("", InvalidLine::Empty),
        (" \t ", InvalidLine::Empty),
        (long.as_str(), InvalidLine::TooLong { max: 255 }),
        ("nul\0", InvalidLine::Invisible),
        ("line\nbreak", InvalidLine::Invisible),
        ("over\u{202e}ride", InvalidLine::Invisible),
        ("zero\u{200b}width", InvalidLine::Invisible),
        ("bom\u{feff}x", InvalidLine::Invisible),
    ] {
        let refusal = invalid_line(Field::DisplayName, why);
        let password = PASSWORD.to_owned();
        for answer in [
            outcome(&world.domain.rename_user(&user.caller, name).await),
            outcome(&world.domain.create_team(&user.caller, name, None).await),
            outcome(&world.domain.rename_team(&user.caller, team, name).await),
            outcome(
                &world
                    .domain
                    .create_project(name, SettingsChange::default())
                    .await,
            ),
            outcome(
                &world
                    .domain
                    .create_user(world.project, "x@example.com", password, Some(name))
                    .await,
            ),
        ] {
            assert_eq!(answer, refusal, "{name:?}");
        }
    }
    assert_eq!(world.dump().await, before);
}
