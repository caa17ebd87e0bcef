//! `latchkey doctor`.

use std::process::ExitCode;

use crate::config::{Environment, Settings};
use latchkey_domain::doctor::Finding;
use serde_json::{Value, json};

use super::{Failure, print};

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
) -> Result<ExitCode, Failure> {
    let findings = findings(settings, environment).await?;
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

/// Changes nothing: the schema is not migrated, and no cluster is created.
async fn findings(settings: &Settings, environment: &Environment) -> Result<Vec<Finding>, Failure> {
    if settings.is_unused(environment)? {
        return Ok(vec![Finding::problem(
            "database",
            "there is no database yet",
            "“latchkey serve” creates one; or set DATABASE_URL or LATCHKEY_DATA_DIR to an existing one",
        )]);
    }
    let started = match settings.open(environment).await {
        Ok(started) => started,
        Err(error) => {
            return Ok(vec![Finding::problem(
                "database",
                "cannot be opened",
                error.to_string(),
            )]);
        }
    };
    let findings = started.domain.doctor().await;
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
