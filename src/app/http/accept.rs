//! The accept loop.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use super::{
    connection::{self, Server},
    connections::Connections,
    limits::Limits,
};

/// Serves until `shutdown` completes, then waits for requests in progress.
///
/// # Errors
/// When the listener fails permanently.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let deadlines = limits.deadlines;
    let server = Arc::new(Server::new(router, deadlines));
    let connections = Connections::new(limits);
    let (stop, _) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    let mut sweeping = pin!(connections.sweep());
    loop {
        let (stream, address) = tokio::select! {
            () = &mut shutdown => break,
            () = &mut sweeping => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // The client has left, or there are no file descriptors: the loop continues.
                    tracing::warn!(%error, "cannot accept a connection");
                    connections.make_room();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        let Some(admitted) = connections.admit(address.ip()) else {
            refuse(&stream);
            continue;
        };
        let stop = stop.subscribe();
        tokio::spawn(connection::run(
            Arc::clone(&server),
            stream,
            address,
            admitted,
            stop,
        ));
    }
    drop(listener);
    connections.stop();
    // Connections end when there is no sender.
    stop.send(()).ok();
    let stopped = timeout(deadlines.stop, async {
        tokio::select! {
            () = stop.closed() => {}
            () = &mut sweeping => {}
        }
    })
    .await;
    if stopped.is_err() {
        tracing::warn!("some requests did not finish in time");
        connections.end_all();
        timeout(Duration::from_secs(1), stop.closed()).await.ok();
    }
    Ok(())
}

/// Closes a connection at once, so that its descriptor does not wait for the client.
fn refuse(stream: &TcpStream) {
    stream.set_zero_linger().ok();
}
