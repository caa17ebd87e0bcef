//! An import that is interrupted, or runs twice at once.

use latchkey_domain::import::{Choices, ImportError, Kind};
use sqlx::PgPool;
use tokio::sync::Notify;

use crate::{
    import::{a_company, all_here, equal_keys},
    stack_auth::StackAuth,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_import_that_is_dropped_goes_on_where_it_was(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    a_company(&source, 10_000).await;
    let stop = Notify::new();
    let import = source.import_as(Choices::default(), |kind, report| {
        if kind == Kind::ApiKeys && report.of(kind).read >= 3000 {
            stop.notify_one();
        }
    });
    let finished = tokio::select! {
        biased;
        () = stop.notified() => false,
        _ = import => true,
    };
    assert!(!finished);
    let before = source.number("SELECT count(*) FROM api_keys").await;
    assert!((3000..10_000).contains(&before), "{before}");
    // Nobody can use half a project.
    assert_eq!(
        source.number("SELECT count(*) FROM project_key_sets").await,
        0
    );
    let report = source.import().await;
    assert!(!report.is_new && report.keys.is_some());
    assert_eq!(report.of(Kind::Users), all_here(20));
    let keys = report.of(Kind::ApiKeys);
    assert_eq!(keys.read, 10_000);
    // A statement that was under way when the import was dropped may still have been carried out.
    assert!(keys.already_here >= 3000 && keys.imported + keys.already_here == 10_000);
    assert_eq!(equal_keys(&source).await, 10_000);
    assert_eq!(source.number("SELECT count(*) FROM api_keys").await, 10_000);
}

impl StackAuth {
    /// Whether the database accepts new connections.
    async fn connections(&self, accepted: bool) {
        let change = format!(
            "UPDATE pg_database SET datallowconn = {accepted} WHERE datname = current_database()"
        );
        self.sql(&change, &[]).await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_import_that_loses_its_database_goes_on_where_it_was(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    a_company(&source, 5000).await;
    let served = source.as_served();
    let halfway = Notify::new();
    let import = served.import_as(Choices::default(), |kind, report| {
        if kind == Kind::ApiKeys && report.of(kind).read == 1500 {
            halfway.notify_one();
        }
    });
    let cut = async {
        halfway.notified().await;
        // Until it is let in again.
        source.connections(false).await;
        source
            .number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'latchkey'",
            )
            .await
    };
    let (stopped, cut) = tokio::join!(import, cut);
    assert!(cut > 0);
    let Err(stopped) = stopped else {
        panic!("it did not notice");
    };
    assert!(matches!(stopped, ImportError::Domain(_)), "{stopped}");
    source.connections(true).await;
    let before = source.number("SELECT count(*) FROM api_keys").await;
    assert!((1000..5000).contains(&before), "{before}");
    let report = source.import().await;
    assert_eq!(
        report.of(Kind::ApiKeys).imported,
        5000 - before.unsigned_abs()
    );
    assert_eq!(equal_keys(&source).await, 5000);
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn two_imports_at_once_bring_everything_once(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    a_company(&source, 2000).await;
    let (first, second) = tokio::join!(source.import(), source.import());
    assert_eq!(
        u8::from(first.keys.is_some()) + u8::from(second.keys.is_some()),
        1
    );
    for kind in Kind::ALL {
        let (first, second) = (first.of(kind), second.of(kind));
        assert_eq!(first.imported + second.imported, first.read, "{kind:?}");
        assert_eq!(first.left_out + second.left_out, 0, "{kind:?}");
    }
    assert_eq!(equal_keys(&source).await, 2000);
    assert_eq!(
        source.number("SELECT count(*) FROM project_key_sets").await,
        1
    );
}
