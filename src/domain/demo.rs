//! Demo data, created only by `latchkey demo`.

use latchkey_model::{
    account::DisplayName,
    expiry::Millis,
    id::{ApiKeyId, ProjectId, TeamId, UserId},
    key_text,
    owner::KeyOwner,
    project::ProjectSettings,
};
use uuid::{Uuid, uuid};

use latchkey_store::{Demo, DemoKey, DemoUser};

use super::{Domain, Error, Field, operator::KeySet, secret::PlainKey};
use crate::random;

/// The password of every demo account.
pub const DEMO_PASSWORD: &str = "latchkey-demo";

/// E-mail address, name and role.
pub const DEMO_ACCOUNTS: [(&str, &str, &str); 3] = [
    (
        "admin@example.com",
        "Ada Admin",
        "administrator of the project and of the team Acme Engineering",
    ),
    (
        "member@example.com",
        "Max Member",
        "member of Acme Engineering, cannot manage its API keys",
    ),
    ("outsider@example.com", "Olga Outsider", "not in any team"),
];

/// Fixed, so that the demo is created only once.
const PROJECT: ProjectId = ProjectId::new(uuid!("01900000-0000-7000-8000-0000000000ac"));
const TEAM: TeamId = TeamId::new(uuid!("01900000-0000-7000-8000-0000000000ee"));
const USERS: [UserId; 3] = [
    UserId::new(uuid!("01900000-0000-7000-8000-000000000001")),
    UserId::new(uuid!("01900000-0000-7000-8000-000000000002")),
    UserId::new(uuid!("01900000-0000-7000-8000-000000000003")),
];

const HOUR: Millis = 60 * 60 * 1000;

impl Domain {
    /// Creates the project “Acme” with accounts, a team, and keys in every status. Existing rows
    /// are kept.
    pub async fn demo(&self) -> Result<(), Error> {
        let password_hash = self
            .hash_password("operator", DEMO_PASSWORD.to_owned())
            .await?;
        let demo = Demo {
            project: PROJECT,
            name: DisplayName::parse("Acme")
                .map_err(|problem| Error::invalid(Field::DisplayName, problem))?,
            team: TEAM,
            users: USERS
                .into_iter()
                .zip(DEMO_ACCOUNTS)
                .map(|(id, (email, name, _))| DemoUser { id, email, name })
                .collect(),
            password_hash,
            keys: demo_keys(),
            key_set: KeySet::generate().stored(random::id(self.clock)),
            settings: ProjectSettings {
                allow_user_api_keys: true,
                allow_team_api_keys: true,
                client_team_creation_enabled: true,
                client_user_deletion_enabled: true,
                ..ProjectSettings::default()
            },
        };
        Ok(self.store.create_demo(&demo).await?)
    }
}

/// Owner, description, and hours from now: created, expires, revoked, used.
type DemoRow = (
    KeyOwner,
    &'static str,
    i64,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

const USER: KeyOwner = KeyOwner::User(USERS[0]);
const ACME: KeyOwner = KeyOwner::Team(TEAM);
/// Hours.
const DAY: i64 = 24;

#[rustfmt::skip]
const DEMO_ROWS: [DemoRow; 10] = [
    (USER, "Laptop command line", -12 * DAY, Some(78 * DAY), None, Some(-2)),
    (USER, "Continuous integration", -27 * DAY, Some(3 * DAY), None, Some(-9 * DAY)),
    (USER, "Home server backup", -200 * DAY, None, None, Some(-30)),
    (USER, "Conference demo", -90 * DAY, Some(-60 * DAY), None, Some(-61 * DAY)),
    (USER, "Old phone", -400 * DAY, None, Some(-35 * DAY), None),
    (ACME, "Production", -63 * DAY, Some(302 * DAY), None, Some(-1)),
    (ACME, "Staging", -40 * DAY, Some(50 * DAY), None, Some(-26)),
    (ACME, "Nightly export", -25 * DAY, Some(5 * DAY), None, None),
    (ACME, "Load test", -50 * DAY, Some(-20 * DAY), None, Some(-21 * DAY)),
    (ACME, "Leaked in a build log", -45 * DAY, Some(320 * DAY), Some(-14 * DAY), Some(-14 * DAY)),
];

fn demo_keys() -> Vec<DemoKey> {
    let millis = |hours: i64| hours * HOUR;
    DEMO_ROWS
        .into_iter()
        .zip(1u128..)
        .map(
            |((owner, description, created, expires, revoked, used), number)| {
                let id = ApiKeyId::new(Uuid::from_u128(
                    0x0190_0000_0000_7000_8000_0000_0001_0000 + number,
                ));
                let secret = PlainKey::generate(id, owner.kind(), false);
                DemoKey {
                    id,
                    owner,
                    description,
                    created: millis(created),
                    expires: expires.map(millis),
                    revoked: revoked.map(millis),
                    used: used.map(millis),
                    digest: secret.digest(),
                    last_four: key_text::last_four(secret.expose()).to_owned(),
                }
            },
        )
        .collect()
}
