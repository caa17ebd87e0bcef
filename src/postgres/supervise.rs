//! Restarts the cluster when it dies while this process uses it.

use std::{pin::pin, time::Duration};

use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{Error, cluster::Cluster, folder::START_LOCK, lock::Lock};

const INTERVAL: Duration = Duration::from_millis(100);
/// Maximum wait for a start in progress when the supervision ends. A Postgres that is killed while
/// it starts leaves a pid file behind, so it could not be stopped properly.
const LAST_START: Duration = Duration::from_secs(5);

/// A task that supervises a cluster until it is stopped or dropped.
#[derive(Debug)]
pub(super) struct Supervisor {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Supervisor {
    pub(super) fn watch(cluster: Cluster) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move { keep_running(&cluster, stopped).await });
        Self { stop, task }
    }

    /// Stops the task and waits for its end.
    pub(super) async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the task that watches Postgres failed");
        }
    }
}

async fn keep_running(cluster: &Cluster, mut stopped: oneshot::Receiver<()>) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            _ = ticks.tick() => {}
        }
        if matches!(cluster.running().await, Ok(Some(_))) {
            continue;
        }
        tracing::warn!("Postgres has stopped: starting it again");
        let mut revival = pin!(revive(cluster));
        let revived = tokio::select! {
            revived = &mut revival => revived,
            _ = &mut stopped => {
                timeout(LAST_START, revival).await.ok();
                return;
            }
        };
        if let Err(error) = revived {
            tracing::error!(%error, "Postgres could not be started again");
        }
    }
}

/// Another process that uses the cluster may be faster; this one then joins what it started.
async fn revive(cluster: &Cluster) -> Result<(), Error> {
    let _starting = Lock::exclusive(cluster.folder().dir(), START_LOCK).await?;
    cluster.ensure_running().await.map(drop)
}
