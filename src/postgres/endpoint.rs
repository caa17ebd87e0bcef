//! The unix socket on which Postgres listens.

use std::{path::PathBuf, time::Duration};

use tokio::{net::UnixStream, time::timeout};

/// Part of the socket's file name; no TCP port is opened.
const PORT: u16 = 5432;

/// Where a running Postgres listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) socket_dir: PathBuf,
    pub(super) port: u16,
}

impl Endpoint {
    pub(super) fn in_folder(socket_dir: PathBuf) -> Self {
        Self {
            socket_dir,
            port: PORT,
        }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.socket_dir.join(self.socket_name())
    }

    pub(super) fn socket_name(&self) -> String {
        format!(".s.PGSQL.{}", self.port)
    }

    /// Whether the socket accepts a connection within a second.
    pub(super) async fn answers(&self) -> bool {
        let connection = UnixStream::connect(self.socket());
        matches!(timeout(Duration::from_secs(1), connection).await, Ok(Ok(_)))
    }
}
