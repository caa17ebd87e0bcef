//! `latchkey signing-keys`.

use std::process::ExitCode;

use crate::config::Started;
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
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn signing_keys(
    started: &Started,
    command: SigningKeysCommand,
) -> Result<ExitCode, Failure> {
    let json = match command {
        SigningKeysCommand::List { json } => json,
        SigningKeysCommand::Rotate { json } => {
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
        "{}  {:.0}  {:<8}  sealed with the {} secret{}",
        state.id,
        time(state.created_at_millis),
        match from {
            _ if state.signs => "signs",
            Some(_) => "next",
            None => "verifies",
        },
        sealed_with(state),
        from.map(|from| format!(", signs from {from:.0}"))
            .unwrap_or_default()
    )
}
