//! `latchkey signing-keys`.

use std::{process::ExitCode, time::Duration};

use crate::config::{Settings, Started};
use clap::Subcommand;
use jiff::Timestamp;
use latchkey_domain::signing_keys::KeyState;
use serde_json::{Value, json};

use super::{Failure, output::print};

#[derive(Subcommand)]
pub(super) enum SigningKeysCommand {
    /// List the keys, newest first
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Make a new key, which signs in 65 minutes, when everybody who verifies tokens knows it, and seal all keys with the first secret; tokens signed by earlier keys stay valid until they expire
    Rotate {
        /// The secret that the keys are sealed with is lost: delete these keys, which ends the access tokens that they have signed, and use the secret that is set, or else a new one
        #[arg(long)]
        new_secret: bool,
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
}

/// How often running servers are looked for, every 100 ms: a connection of this command may not have ended yet.
const LOOKS: u32 = 10;

/// Gives the database the secret that is set, or a new one, in place of one that is lost.
pub(super) async fn take_new_secret(
    settings: &Settings,
    started: &mut Started,
) -> Result<(), Failure> {
    if started.domain.secret_fits().await? {
        started.write_secret(settings)?;
        return Ok(());
    }
    let mut looks = 0;
    loop {
        let target = latchkey_store::backup_target(&started.connections).await?;
        if target.servers == 0 {
            break;
        }
        looks += 1;
        if looks == LOOKS {
            return Err(Failure(
                "Latchkey is running, with a secret that may still be the right one; stop every server of this database first"
                    .to_owned(),
            ));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    started.write_secret(settings)?;
    Ok(started.domain.delete_unopened_signing_keys().await?)
}

pub(super) async fn signing_keys(
    started: &Started,
    command: SigningKeysCommand,
) -> Result<ExitCode, Failure> {
    let json = match command {
        SigningKeysCommand::List { json } => json,
        SigningKeysCommand::Rotate { json, .. } => {
            // Without a key to replace, this creates the first one.
            started.domain.check_secret().await??;
            started.domain.rotate_signing_keys().await??;
            json
        }
    };
    let states = started.domain.signing_key_states().await?;
    if json {
        let states: Vec<_> = states.iter().map(describe).collect();
        print(&Value::from(states).to_string());
    } else {
        for state in &states {
            print(&line(state));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(state: &KeyState) -> Value {
    json!({
        "id": state.id.to_string(),
        "created_at_millis": state.created_at_millis,
        "signs": state.signs,
        "signs_from_millis": state.signs_from_millis,
        "sealed_with": sealed_with(state),
    })
}

/// “current” is the first secret.
fn sealed_with(state: &KeyState) -> &'static str {
    match (state.is_sealed_with_first, state.opens) {
        (true, _) => "current",
        (false, true) => "former",
        (false, false) => "unknown",
    }
}

fn line(state: &KeyState) -> String {
    let time = |millis| Timestamp::from_millisecond(millis).unwrap_or_default();
    let from = state.signs_from_millis.map(time);
    format!(
        "{}  {:.0}  {:<8}  sealed with {}{}",
        state.id,
        time(state.created_at_millis),
        match from {
            _ if state.signs => "signs",
            Some(_) => "next",
            None => "verifies",
        },
        match sealed_with(state) {
            "unknown" =>
                "a secret that is not set: set it, or see “latchkey signing-keys rotate --help”"
                    .to_owned(),
            known => format!("the {known} secret"),
        },
        from.map(|from| format!(", signs from {from:.0}"))
            .unwrap_or_default()
    )
}
