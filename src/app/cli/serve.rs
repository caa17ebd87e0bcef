//! `latchkey serve`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    process::ExitCode,
    time::Duration,
};

use crate::{
    config::{ServeSettings, Started, WalMarks},
    http,
};
use latchkey_api::ApiState;
use latchkey_domain::Domain;
use tokio::net::TcpListener;

use super::{
    Failure,
    output::{lost, print},
    signals::Signals,
};
use crate::{
    config::cannot_listen, origin::Origins, routes, session_cookie::SessionCookie, state::AppState,
};

/// Interval at which last uses of keys are written.
const WRITE_USES_EVERY: Duration = Duration::from_secs(2);
/// Interval at which the position of the embedded Postgres's log is noted.
const NOTE_WAL_MARK_EVERY: Duration = Duration::from_secs(10);
/// Interval at which expired rows are deleted.
const PURGE_EVERY: Duration = Duration::from_mins(10);

pub(super) async fn serve(
    started: &Started,
    settings: &ServeSettings,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    // With a wrong secret, fail now rather than at the first sign-in.
    started.check_secret().await?;
    started.domain.check_secret().await??;
    warn_of_clock(&started.domain).await?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| cannot_listen(settings.listen, &error))?;
    let bound = listener.local_addr()?;
    let origins = settings.public_url.origins(bound);
    if origins.is_mixed() {
        tracing::warn!(
            "LATCHKEY_PUBLIC_URL has an http:// address, so session cookies are not Secure at the https:// ones either"
        );
    }
    if let Some(project) = settings.project
        && started.domain.project(project).await?.is_none()
    {
        return Err(Failure(format!(
            "LATCHKEY_PROJECT: there is no project {project}; set it to an id that “latchkey project list” shows, or unset it \
             for the oldest project"
        )));
    }
    let state = AppState {
        domain: started.domain.clone(),
        origins: origins.clone(),
        cookie: SessionCookie::new(&origins),
        project: settings.project,
        proxies: settings.proxies.trusted(),
        log_addresses: settings.request_log.log_addresses,
    };
    let api = ApiState::new(
        started.domain.clone(),
        origins.shown(),
        state.proxies.clone(),
    );
    warn_if_locked(&started.domain).await;
    let noting = tokio::spawn(note_wal_marks(started.wal_marks()));
    let purging = tokio::spawn(purge_expired(started.domain.clone()));
    let writing = tokio::spawn(write_uses(started.domain.clone()));
    print(&ready_at(&origins, bound));
    if let Some(error) = lost() {
        return Err(Failure(format!("cannot write to standard output: {error}")));
    }
    let shutdown = async {
        signals.next().await;
        tracing::info!("stopping");
    };
    let limits = settings.connections.limits(state.proxies.clone());
    http::serve(listener, routes::router(state, api), limits, shutdown).await?;
    noting.abort();
    purging.abort();
    writing.abort();
    Ok(ExitCode::SUCCESS)
}

/// Names addresses that can be opened.
fn ready_at(origins: &Origins, bound: SocketAddr) -> String {
    let ready = format!("Latchkey is ready at {}", origins.shown());
    match network_address() {
        Some(address)
            if bound.ip().is_unspecified() && matches!(origins, Origins::Requested { .. }) =>
        {
            format!("{ready} and http://{address}:{}", bound.port())
        }
        _ => ready,
    }
}

/// The machine's address in its network. Connecting a UDP socket sends nothing: it only chooses the
/// interface, here for an address that is reserved for documentation.
fn network_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// Tokens and expiries do not depend on this program's clock, but the times in its log do.
async fn warn_of_clock(domain: &Domain) -> Result<(), Failure> {
    let apart = domain.clock_difference().await?;
    if apart.abs() > latchkey_domain::clock::TOLERANCE_MILLIS {
        tracing::warn!(
            "the clock of this machine is {} s {} that of the database: synchronize both with NTP",
            apart.abs() / 1000,
            if apart < 0 { "behind" } else { "ahead of" }
        );
    }
    Ok(())
}

async fn warn_if_locked(domain: &Domain) {
    match domain.is_locked().await {
        Ok(false) => {}
        Ok(true) => tracing::error!(
            "the database was restored from a backup and is locked: no key is accepted and nothing can be changed until \
             “latchkey unlock --revoke-older” or “latchkey unlock --accept” decides"
        ),
        Err(error) => tracing::warn!(%error, "could not find out whether the database is locked"),
    }
}

async fn note_wal_marks(marks: Option<WalMarks>) {
    let Some(marks) = marks else { return };
    let mut rounds = tokio::time::interval(NOTE_WAL_MARK_EVERY);
    loop {
        rounds.tick().await;
        marks.note().await;
    }
}

async fn write_uses(domain: Domain) {
    let mut rounds = tokio::time::interval(WRITE_USES_EVERY);
    loop {
        rounds.tick().await;
        if let Err(error) = domain.write_uses().await {
            tracing::warn!(%error, "could not record when keys were last used");
        }
    }
}

async fn purge_expired(domain: Domain) {
    let mut rounds = tokio::time::interval(PURGE_EVERY);
    loop {
        rounds.tick().await;
        if let Err(error) = domain.purge_expired().await {
            tracing::warn!(%error, "could not delete expired rows");
        }
        warn_if_locked(&domain).await;
    }
}
