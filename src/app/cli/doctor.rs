//! `latchkey doctor`.

use std::process::ExitCode;

use crate::config::{Environment, Settings};
use latchkey_domain::doctor::Finding;
use serde_json::{Value, json};

use super::{
    Failure, print,
    signals::{Ending, Signals},
};

#[derive(clap::Args)]
pub(super) struct DoctorCommand {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Exits with 0 when every check passes, 1 otherwise.
pub(super) async fn doctor(
    settings: &Settings,
    environment: &Environment,
    command: &DoctorCommand,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    let Some(findings) = findings(settings, environment, signals).await? else {
        return Ok(signals.ending().map_or(ExitCode::FAILURE, Ending::code));
    };
    let healthy = findings.iter().all(Finding::is_well);
    if command.json {
        let findings: Vec<_> = findings.iter().map(describe).collect();
        print(&json!({"healthy": healthy, "findings": findings}).to_string());
    } else {
        for finding in &findings {
            let mark = if finding.is_well() { "ok" } else { "PROBLEM" };
            print(&format!(
                "{mark:<8} {:<14} {}",
                finding.check, finding.found
            ));
            if let Some(advice) = &finding.advice {
                print(&format!("{:<23} -> {advice}", ""));
            }
        }
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Changes nothing: the schema is not migrated, and no cluster is created. Only a database whose files were replaced by
/// older ones is locked, as by every command. `None` after a signal.
async fn findings(
    settings: &Settings,
    environment: &Environment,
    signals: &mut Signals,
) -> Result<Option<Vec<Finding>>, Failure> {
    if settings.is_unused(environment)? {
        return Ok(Some(vec![Finding::problem(
            "database",
            "there is no database yet",
            "“latchkey serve” creates one; or set DATABASE_URL or LATCHKEY_DATA_DIR to an existing one",
        )]));
    }
    let started = match signals.finish(settings.open(environment)).await {
        Some(Ok(started)) => started,
        Some(Err(error)) => {
            return Ok(Some(vec![Finding::problem(
                "database",
                "cannot be opened",
                error.to_string(),
            )]));
        }
        None => return Ok(None),
    };
    let mut findings = if signals.ending().is_none() {
        tokio::select! {
            findings = started.domain.doctor() => Some(findings),
            _ = signals.next() => None,
        }
    } else {
        None
    };
    if started.has_older_files()
        && let Some(findings) = &mut findings
    {
        findings.push(Finding::problem(
            "files",
            "the files of the embedded Postgres were replaced by older ones, so keys that were revoked since may be back",
            "run “latchkey unlock”, which says what can be decided, or put the newer files back",
        ));
    }
    started.close().await?;
    Ok(findings)
}

fn describe(finding: &Finding) -> Value {
    json!({
        "check": finding.check,
        "healthy": finding.is_well(),
        "found": finding.found,
        "advice": finding.advice,
    })
}
