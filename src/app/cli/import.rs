//! `latchkey import`.

use std::process::ExitCode;

use crate::config::Started;
use clap::{ArgAction, Subcommand};
use latchkey_domain::import::{Choices, ImportError, Kind, ProjectReport, Source, SourceProject};
use latchkey_model::project::SettingsChange;
use serde_json::{Map, Value, json};

use super::{
    Failure,
    output::{counted, print, warn},
    project::{check_keys_shown, key_rows, read_config},
    signals::Signals,
};

#[derive(Subcommand)]
pub(super) enum ImportCommand {
    /// Import projects with users, teams, permissions and API keys from the Postgres database of a Stack Auth server; can be interrupted and run again
    StackAuth(StackAuth),
}

#[derive(clap::Args)]
pub(super) struct StackAuth {
    /// Address of Stack Auth's Postgres database, such as <postgres://user:password@host/database>; it is only read. Prefer the variable to the flag: other users of this machine can see the flag's value
    #[arg(
        long,
        env = "STACK_AUTH_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    from: Option<String>,
    /// Import only the project with this id; can be repeated [default: all projects]
    #[arg(long, value_name = "ID")]
    project: Vec<String>,
    /// Read and report everything, but write nothing
    #[arg(long)]
    dry_run: bool,
    /// Whether users may have API keys; applies to newly imported projects [default: true if the source has such keys that still work]
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    allow_user_api_keys: Option<bool>,
    /// Whether teams may have API keys; applies to newly imported projects [default: true if the source has such keys that still work]
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    allow_team_api_keys: Option<bool>,
    /// Other switches of newly imported projects, as a JSON object such as '{"`sign_up_enabled`":false}'
    #[arg(long, value_name = "JSON")]
    config: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl ImportCommand {
    /// Done first, so that nobody waits for Postgres in vain.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let Self::StackAuth(command) = self;
        command.source().map(|_| ())
    }
}

impl StackAuth {
    fn source(&self) -> Result<&str, Failure> {
        self.from.as_deref().ok_or_else(|| {
            Failure(
                "there is no source: set STACK_AUTH_DATABASE_URL to the address of Stack Auth's Postgres database, or give it \
                 with --from"
                    .to_owned(),
            )
        })
    }
}

/// Rows read between two progress lines.
const ROWS_PER_LINE: u64 = 10_000;

pub(super) async fn import(
    started: &Started,
    command: ImportCommand,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    let ImportCommand::StackAuth(command) = command;
    let mut settings = SettingsChange::default();
    if let Some(config) = &command.config {
        read_config(config, &mut settings)?;
    }
    settings.allow_user_api_keys = command.allow_user_api_keys.or(settings.allow_user_api_keys);
    settings.allow_team_api_keys = command.allow_team_api_keys.or(settings.allow_team_api_keys);
    let choices = Choices {
        settings,
        dry_run: command.dry_run,
    };
    let mut answer = Answer::new(&command);
    // Whatever ends the import, the report covers what was imported until then, with the keys that were created.
    let stopped = tokio::select! {
        result = import_projects(started, &command, choices, &mut answer) => {
            result.err().map(|Failure(message)| message)
        }
        _ = signals.next() => Some("interrupted; run the same command again to continue".to_owned()),
    };
    let with_keys = std::mem::take(&mut answer.with_keys);
    answer.end(stopped.as_deref());
    check_keys_shown(&with_keys)?;
    match stopped {
        None => Ok(ExitCode::SUCCESS),
        Some(message) => Err(Failure(message)),
    }
}

async fn import_projects(
    started: &Started,
    command: &StackAuth,
    choices: Choices,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let mut source = Source::open_within(command.source()?, started.domain.scan_deadline()).await?;
    let projects = source.projects().await?;
    for wanted in &command.project {
        if !projects.iter().any(|project| has_id(project, wanted)) {
            return Err(Failure(format!(
                "the source has no project {wanted}; nothing was changed"
            )));
        }
    }
    let wanted = |project: &&SourceProject| {
        command.project.is_empty() || command.project.iter().any(|id| has_id(project, id))
    };
    for project in projects.iter().filter(wanted) {
        let mut progress = Progress::default();
        let report = started
            .domain
            .import_project(&mut source, project, choices, |kind, report| {
                progress.report(kind, report);
            })
            .await
            .map_err(|error| interrupted(&error))?;
        match report {
            Ok(report) => {
                answer.project(&report);
                if !command.json {
                    // Without a reader, the next projects' keys would be lost as well.
                    check_keys_shown(&answer.with_keys)?;
                }
            }
            Err(why) => answer.skipped(project.id(), &why.to_string()),
        }
    }
    source.close().await;
    Ok(())
}

/// Compares ids regardless of case.
fn has_id(project: &SourceProject, id: &str) -> bool {
    project.id().eq_ignore_ascii_case(id.trim())
}

fn interrupted(error: &ImportError) -> Failure {
    Failure(format!("{error}; run the same command again to continue"))
}

/// Progress lines on standard error, so that standard output holds only the report.
#[derive(Default)]
struct Progress {
    last: Option<(Kind, u64)>,
}

impl Progress {
    fn report(&mut self, kind: Kind, report: &ProjectReport) {
        let read = report.of(kind).read;
        let due = match self.last {
            Some((last, printed)) if last == kind => printed + ROWS_PER_LINE,
            _ => 0,
        };
        if read >= due {
            warn(&format!("{}: {} read: {read}", report.id, kind.as_str()));
            self.last = Some((kind, read));
        }
    }
}

/// The report, printed as text while the import runs or as JSON at the end.
struct Answer {
    json: bool,
    dry_run: bool,
    projects: Vec<Value>,
    skipped: Vec<Value>,
    /// The projects whose keys are shown in this report alone.
    with_keys: Vec<String>,
}

impl Answer {
    fn new(command: &StackAuth) -> Self {
        Self {
            json: command.json,
            dry_run: command.dry_run,
            projects: Vec::new(),
            skipped: Vec::new(),
            with_keys: Vec::new(),
        }
    }

    fn skipped(&mut self, id: &str, why: &str) {
        if self.json {
            self.skipped.push(json!({"id": id, "reason": why}));
        } else {
            print(&format!("skipped {id}: {why}"));
        }
    }

    fn project(&mut self, report: &ProjectReport) {
        if report.keys.is_some() {
            self.with_keys.push(report.id.to_string());
        }
        if self.json {
            self.projects.push(to_json(report));
        } else {
            for line in lines_of(report, self.dry_run) {
                print(&line);
            }
        }
    }

    fn end(self, stopped: Option<&str>) {
        if !self.json {
            return;
        }
        let mut answer = json!({
            "dry_run": self.dry_run,
            "projects": self.projects,
            "skipped": self.skipped,
        });
        if let Some(why) = stopped {
            answer["error"] = why.into();
        }
        print(&answer.to_string());
    }
}

/// A project's report, line by line.
fn lines_of(report: &ProjectReport, dry_run: bool) -> Vec<String> {
    let mut lines = vec![format!(
        "{}  {}{}",
        report.id,
        report.display_name,
        if dry_run {
            "  (dry run: nothing was written)"
        } else {
            ""
        }
    )];
    lines.extend(lines_of_switches(report));
    let imported = if dry_run {
        "would be imported"
    } else {
        "imported"
    };
    for kind in Kind::ALL {
        let counts = report.of(kind);
        lines.push(format!(
            "  {:<12} {} read, {} {imported}, {} already here, {} skipped",
            kind.as_str(),
            counts.read,
            counts.imported,
            counts.already_here,
            counts.left_out
        ));
    }
    lines.extend(remarks(report));
    if let Some(keys) = &report.keys {
        for (name, value) in key_rows(keys) {
            lines.push(format!("  {name:<23} {value}"));
        }
        lines.push("  Save these keys now: they are not shown again.".to_owned());
    } else if report.is_new && dry_run {
        lines.push("  the project would get new keys, shown once".to_owned());
    }
    lines
}

/// The switches of a new project, and where they come from.
fn lines_of_switches(report: &ProjectReport) -> Vec<String> {
    if !report.is_new {
        return vec!["  already exists: its switches are unchanged".to_owned()];
    }
    let (assumed, given): (Vec<_>, Vec<_>) = report
        .settings
        .named()
        .into_iter()
        .partition(|(name, _)| report.assumed.contains(name));
    let join = |switches: &[(&str, bool)]| {
        let words: Vec<_> = switches
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        words.join(" ")
    };
    let mut lines = Vec::new();
    if !given.is_empty() {
        lines.push(format!("  set by you: {}", join(&given)));
    }
    if !assumed.is_empty() {
        lines.push(format!(
            "  assumed, because settings are not read from the source: {}",
            join(&assumed)
        ));
        lines.push(format!(
            "  to change that: latchkey project config {} {}",
            report.id,
            join(&assumed[..1])
        ));
    }
    lines
}

/// The most ids that a remark lists.
const IDS_SHOWN: usize = 10;

fn remarks(report: &ProjectReport) -> Vec<String> {
    let mut lines = Vec::new();
    if report.other_branches > 0 {
        lines.push(format!(
            "  other branches, which were not imported: {}",
            report.other_branches
        ));
    }
    for (permission, count) in &report.undefined_permissions {
        lines.push(format!(
            "  permission {permission} is not defined here; grants that have no effect until it is: {count}"
        ));
    }
    for ((kind, remark), about) in &report.remarks {
        let ids: Vec<_> = about
            .ids
            .iter()
            .take(IDS_SHOWN)
            .map(ToString::to_string)
            .collect();
        let more = about.count - ids.len() as u64;
        let more = if more > 0 {
            format!(" and {more} more; --json has their ids")
        } else {
            String::new()
        };
        lines.push(format!(
            "  {}: {}: {remark}: {}{more}",
            kind.as_str(),
            counted(about.count, "time"),
            ids.join(", ")
        ));
    }
    lines
}

fn to_json(report: &ProjectReport) -> Value {
    let mut project = json!({
        "id": report.id.to_string(),
        "display_name": report.display_name,
        "is_new": report.is_new,
        "other_branches": report.other_branches,
        "undefined_permissions": report.undefined_permissions,
    });
    if report.is_new {
        project["config"] = report
            .settings
            .named()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect::<Map<_, _>>()
            .into();
        project["assumed"] = report.assumed.clone().into();
    }
    for kind in Kind::ALL {
        let counts = report.of(kind);
        project[kind.as_str()] = json!({
            "read": counts.read,
            "imported": counts.imported,
            "already_here": counts.already_here,
            "left_out": counts.left_out,
        });
    }
    project["remarks"] = report
        .remarks
        .iter()
        .map(|((kind, remark), about)| {
            json!({
                "about": kind.as_str(),
                "code": remark.code(),
                "message": remark.to_string(),
                "count": about.count,
                "ids": about.ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
        .collect();
    if let Some(keys) = &report.keys {
        for (name, value) in key_rows(keys) {
            project[name] = value.into();
        }
    }
    project
}
