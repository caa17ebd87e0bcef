//! `latchkey serve`.

use std::{process::ExitCode, time::Duration};

use crate::{
    config::{ServeSettings, Started},
    http,
};
use latchkey_api::ApiState;
use latchkey_domain::{Domain, clock::Clock};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{Failure, print};
use crate::{routes, session_cookie::SessionCookie, state::AppState};

/// Interval at which last uses of keys are written.
const WRITE_USES_EVERY: Duration = Duration::from_secs(2);
/// Interval at which expired rows are deleted.
const PURGE_EVERY: Duration = Duration::from_mins(10);

pub(super) async fn serve(
    started: &Started,
    settings: &ServeSettings,
) -> Result<ExitCode, Failure> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    let origins = settings.origins(listener.local_addr()?)?;
    if let Some(project) = settings.project
        && started.domain.project(project).await?.is_none()
    {
        return Err(Failure(format!(
            "LATCHKEY_PROJECT: there is no project {project}"
        )));
    }
    let cookie = SessionCookie {
        secure: origins.is_https(),
    };
    let state = AppState {
        domain: started.domain.clone(),
        origins: origins.clone(),
        cookie,
        project: settings.project,
        proxies: settings.proxies.trusted(),
    };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let purging = tokio::spawn(purge_expired(started.domain.clone()));
    let writing = tokio::spawn(write_uses(started.domain.clone()));
    print(&format!("Latchkey is ready at {}", origins.shown()));
    let shutdown = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    };
    let api = ApiState::new(
        started.domain.clone(),
        origins.shown(),
        Clock::System,
        state.proxies.clone(),
    );
    // With a wrong secret, fail now rather than at the first sign-in.
    api.tokens.public_keys().await?;
    http::serve(listener, routes::router(state, api), shutdown).await?;
    purging.abort();
    writing.abort();
    Ok(ExitCode::SUCCESS)
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
    }
}
