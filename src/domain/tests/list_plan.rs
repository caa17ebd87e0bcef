//! How Postgres reads a page of many keys: by the index, and no more of it than it shows.

use latchkey_domain::{Domain, clock::Clock, secret::MasterKey};
use latchkey_model::api_key::KeyScope;
use latchkey_model::{
    id::{TeamId, UserId},
    key_list::KeyListView,
};
use latchkey_store::{Connections, testing::patient};
use serde_json::Value;
use sqlx::PgPool;

use crate::{captured_log::Log, outcome::VALID, world::World};

/// The same world, by connections like the program's that explain to the client what they run.
pub fn explaining(world: &World) -> World {
    explaining_with(world, "off")
}

/// The same, also what runs inside of functions.
pub fn explaining_nested(world: &World) -> World {
    explaining_with(world, "on")
}

fn explaining_with(world: &World, nested: &str) -> World {
    let options = world.pool.connect_options().as_ref().clone().options([
        ("auto_explain.log_nested_statements", nested),
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_timing", "off"),
        ("auto_explain.log_format", "json"),
        ("client_min_messages", "log"),
    ]);
    let connections = Connections::new(options, &patient());
    World {
        domain: Domain::new(connections, MasterKey::new("test"), Clock::System),
        ..world.clone()
    }
}

/// One step of a plan.
#[derive(Debug)]
pub struct Step {
    pub kind: String,
    pub table: Option<String>,
    pub index: Option<String>,
    pub rows: i64,
    heap_fetches: Option<i64>,
}

impl Step {
    fn is_of_catalogue(&self) -> bool {
        self.table
            .as_ref()
            // Whether the database was restored is asked with each check.
            .is_some_and(|table| table.starts_with("pg_") && table != "pg_database")
    }

    fn collect(plan: &Value, steps: &mut Vec<Self>) {
        let text = |name: &str| plan[name].as_str().map(str::to_owned);
        steps.push(Self {
            kind: text("Node Type").expect("a node"),
            table: text("Relation Name"),
            index: text("Index Name"),
            rows: plan["Actual Rows"].as_i64().expect("rows")
                * plan["Actual Loops"].as_i64().expect("loops"),
            heap_fetches: plan["Heap Fetches"].as_i64(),
        });
        for part in plan["Plans"].as_array().into_iter().flatten() {
            Self::collect(part, steps);
        }
    }
}

/// The plans in a log, one for each statement but those by which a new connection is set up and looks
/// up the database's own types.
fn plans(log: &str) -> Vec<Vec<Step>> {
    log.split(" plan:\n")
        .skip(1)
        .map(|rest| {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            let explained = values.next().expect("a plan").expect("JSON");
            let mut steps = Vec::new();
            Step::collect(&explained["Plan"], &mut steps);
            steps
        })
        .filter(|steps| !steps.iter().any(Step::is_of_catalogue))
        .filter(|steps| !matches!(&steps[..], [only] if only.kind == "Result"))
        .collect()
}

/// A hundred thousand keys of this user and as many of this team, some of them revoked or expired, between those of others.
pub async fn many_keys(world: &World, user: UserId, team: TeamId) {
    let mut connection = world.pool.acquire().await.expect("a connection");
    for statement in [
        // Whether the owners are there is looked up for each key otherwise, which takes its time.
        "SET session_replication_role = replica",
        "INSERT INTO api_keys (
            project_id, api_key_id, owner_user_id, owner_team_id, description, digest, last_four, created_at_millis,
            expires_at_millis, revoked_at_millis
        )
        SELECT $1, new_id(), CASE WHEN n % 2 = 0 THEN $2 END, CASE WHEN n % 2 = 1 THEN $3 END, 'Key ' || n,
            sha256(n::text::bytea), right('000' || n, 4), now_millis() - n * 1000::bigint,
            CASE WHEN n % 3 = 0 THEN now_millis() + n * 100000::bigint WHEN n % 10 < 2 THEN 5 END,
            CASE WHEN n % 20 < 2 THEN 7 END
        FROM generate_series(1, 200000) AS n",
        "INSERT INTO api_keys (project_id, api_key_id, owner_user_id, owner_team_id, description, digest, last_four)
        SELECT $1, new_id(), CASE WHEN n % 2 = 0 THEN owner END, CASE WHEN n % 2 = 1 THEN owner END, 'Key',
            sha256((owner::text || n)::bytea), '0000'
        FROM (SELECT gen_random_uuid() AS owner FROM generate_series(1, 500)) AS others, generate_series(1, 40) AS n
        WHERE owner NOT IN ($2, $3)",
        "SET session_replication_role = DEFAULT",
        "VACUUM ANALYZE",
    ] {
        let query = if statement.contains('$') {
            sqlx::query(statement).bind(world.project.uuid()).bind(user.uuid()).bind(team.uuid())
        } else {
            sqlx::query(statement)
        };
        query.execute(&mut *connection).await.expect(statement);
    }
}

/// Runs something often enough that Postgres may settle for a plan that fits any values, and
/// returns the plan of each statement it took.
pub async fn explained(times: usize, run: impl AsyncFn()) -> Vec<Vec<Step>> {
    let log = Log::default();
    let guard = log.start();
    for _ in 0..times {
        run().await;
    }
    drop(guard);
    plans(&log.take())
}

/// As many keys again, of another project.
async fn many_keys_elsewhere(world: &World) {
    let elsewhere = world.another_project().await;
    let (user, team) = (elsewhere.user("eve").await, elsewhere.team("E").await);
    many_keys(&elsewhere, user.id, team).await;
}

pub fn of_keys(steps: &[Step]) -> Vec<&Step> {
    steps
        .iter()
        .filter(|step| step.table.as_deref() == Some("api_keys"))
        .collect()
}

/// Keys are counted by this index, without a look at the keys themselves and no further than a list
/// looks, and those shown are read in their order, with few beside them.
fn counted_and_shown_by(index: &str, steps: &[Step], window: i64) {
    let few = |step: &&Step| step.rows <= 50;
    let of_index: Vec<_> = of_keys(steps)
        .into_iter()
        .filter(|step| step.index.as_deref() == Some(index))
        .collect();
    let (shown, counted): (Vec<_>, Vec<_>) = of_index.into_iter().partition(few);
    assert!(
        shown.iter().any(|step| step.kind == "Index Scan"),
        "{steps:#?}"
    );
    for step in counted {
        assert_eq!(
            (step.kind.as_str(), step.heap_fetches),
            ("Index Only Scan", Some(0)),
            "{steps:#?}"
        );
        assert!(step.rows <= window + 1, "{steps:#?}");
    }
    for step in of_keys(steps) {
        assert!(step.kind.starts_with("Index"), "{steps:#?}");
    }
    let small = |step: &Step| !step.kind.contains("Sort") || step.rows <= 10;
    assert!(steps.iter().all(small), "{steps:#?}");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn among_many_keys_a_page_is_read_by_an_index_and_no_further_than_shown(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    for keys in [KeyScope::Own, KeyScope::OfTeam(team)] {
        world.key(&user.caller, keys, "key").await;
    }
    many_keys(&world, user.id, team).await;
    let watched = explaining(&world);

    for (keys, index) in [
        (KeyScope::Own, "api_keys_of_user"),
        (KeyScope::OfTeam(team), "api_keys_of_team"),
    ] {
        let plans = explained(8, async || {
            let page = watched
                .domain
                .list_keys(&user.caller, keys, &KeyListView::default())
                .await
                .expect("a page");
            assert_eq!((page.keys.len(), page.total), (10, 10_001));
            assert_eq!(page.partial, Some(10_000));
        })
        .await;
        assert_eq!(plans.len(), 8, "a page is one statement");
        for steps in plans {
            counted_and_shown_by(index, &steps, 10_000);
        }
    }
    watched.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn among_many_keys_a_check_reads_one_by_an_index(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    let keys = [
        world.key(&user.caller, KeyScope::Own, "own").await,
        world
            .key(&user.caller, KeyScope::OfTeam(team), "team's")
            .await,
    ];
    many_keys(&world, user.id, team).await;
    let watched = explaining(&world);
    for key in keys {
        let plans = explained(8, async || {
            assert_eq!(watched.check(key.secret.expose()).await, VALID);
        })
        .await;
        assert_eq!(plans.len(), 8, "a check is one statement");
        for steps in plans {
            let [step] = of_keys(&steps)[..] else {
                panic!("{steps:#?}")
            };
            assert_eq!(
                (step.kind.as_str(), step.index.as_deref()),
                ("Index Scan", Some("api_keys_digest_unique"))
            );
            assert_eq!(step.rows, 1);
        }
    }
    watched.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_page_of_all_keys_of_a_project_is_read_by_its_index_and_no_further_than_shown(
    pool: PgPool,
) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.user("ada").await;
    world
        .domain
        .set_project_admin(world.project, "ada@example.com", true)
        .await
        .expect("an admin");
    many_keys(&world, user.id, team).await;
    many_keys_elsewhere(&world).await;
    let watched = explaining(&world);
    let plans = explained(8, async || {
        let page = watched
            .domain
            .list_all_keys(&user.caller, &KeyListView::default())
            .await
            .expect("a page");
        assert_eq!((page.keys.len(), page.total), (10, 50_001));
    })
    .await;
    assert_eq!(plans.len(), 8, "a page is one statement");
    for steps in plans {
        counted_and_shown_by("api_keys_of_project", &steps, 50_000);
    }
    watched.domain.close().await;
}
