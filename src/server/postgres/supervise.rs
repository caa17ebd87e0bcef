//! Starts the cluster again when it dies while we use it.

use std::time::Duration;

use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use super::{Error, cluster::Cluster, lock::Lock};

const INTERVAL: Duration = Duration::from_millis(500);

/// A task that watches a cluster until it is stopped or dropped.
#[derive(Debug)]
pub(super) struct Supervisor {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Supervisor {
    pub(super) fn watch(cluster: Cluster) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            tokio::select! {
                _ = stopped => {}
                () = keep_running(&cluster) => {}
            }
        });
        Self { stop, task }
    }

    /// Returns when the task has ended and holds nothing any more.
    pub(super) async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the task that watches Postgres failed");
        }
    }
}

async fn keep_running(cluster: &Cluster) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if matches!(cluster.running().await, Ok(Some(_))) {
            continue;
        }
        tracing::warn!("Postgres is gone: starting it again");
        if let Err(error) = revive(cluster).await {
            tracing::error!(%error, "Postgres could not be started again");
        }
    }
}

/// Another process that uses the cluster may be quicker, then this joins what it started.
async fn revive(cluster: &Cluster) -> Result<(), Error> {
    let _starting = Lock::exclusive(&cluster.folder().start_lock()).await?;
    cluster.ensure_running().await.map(drop)
}
