//! `latchkey project`.

use std::process::ExitCode;

use crate::config::Started;
use clap::Subcommand;
use latchkey_domain::operator::KeySet;
use latchkey_model::id::ProjectId;
use latchkey_model::{
    patch::Patch,
    project::{LARGEST_KEY_LIMIT, MAX_API_KEYS, Project, ProjectSettings, SettingsChange},
};
use serde_json::{Map, Value, json};

use super::{
    Failure,
    output::{check_shown, print},
};

#[derive(Subcommand)]
pub(super) enum ProjectCommand {
    /// Create a project and print its keys; they are not shown again
    Create {
        /// Display name
        #[arg(long, default_value = "My project")]
        name: String,
        /// Settings, as a JSON object such as '{"`allow_user_api_keys`":true,"`max_api_keys_per_owner`":null}'
        #[arg(long, value_name = "JSON")]
        config: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// List the projects
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Show or change a project's settings
    Config {
        /// The project's id or name, then settings such as `allow_user_api_keys=false` or `max_api_keys_per_owner=none`;
        /// without a project, the oldest
        #[arg(value_name = "PROJECT | SETTING=VALUE")]
        words: Vec<String>,
        /// Settings, as a JSON object such as '{"`allow_user_api_keys`":false,"`max_api_keys_per_owner`":50}'
        #[arg(long, value_name = "JSON")]
        config: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Replace a project's keys; the old ones stop working at once
    RotateKeys {
        /// The project's id or name; without it, the oldest
        project: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn project(
    started: &Started,
    command: ProjectCommand,
) -> Result<ExitCode, Failure> {
    match command {
        ProjectCommand::Create { name, config, json } => {
            let mut change = SettingsChange::default();
            if let Some(config) = config {
                read_config(&config, &mut change)?;
            }
            let (id, keys) = started.domain.create_project(&name, change).await?;
            print_keys(id, &keys, json)?;
        }
        ProjectCommand::List { json } => {
            let projects = started.domain.projects().await?;
            if json {
                let projects: Vec<_> = projects.iter().map(describe).collect();
                print(&Value::from(projects).to_string());
            } else {
                for project in projects {
                    print(&format!("{}  {}", project.id, project.display_name));
                }
            }
        }
        ProjectCommand::Config {
            words,
            config,
            json,
        } => {
            let (mut change, name) = read_words(&words)?;
            if let Some(config) = config {
                read_config(&config, &mut change)?;
            }
            let id = find(started, name).await?;
            let project = started.domain.configure_project(id, change).await?;
            if json {
                print(&describe(&project).to_string());
            } else {
                print(&format!("{}  {}", project.id, project.display_name));
                for (name, value) in project.settings.named() {
                    print(&format!("  {name} = {value}"));
                }
                let limit = project.settings.max_api_keys_per_owner;
                let limit = limit.map_or_else(|| NO_LIMIT.to_owned(), |limit| limit.to_string());
                print(&format!("  {MAX_API_KEYS} = {limit}"));
            }
        }
        ProjectCommand::RotateKeys { project, json } => {
            let id = find(started, project.as_deref()).await?;
            let keys = started.domain.rotate_keys(id).await?;
            print_keys(id, &keys, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The value of a limit that limits nothing.
const NO_LIMIT: &str = "none";

/// Reads settings (`name=true`) and the name of at most one project.
fn read_words(words: &[String]) -> Result<(SettingsChange, Option<&str>), Failure> {
    let mut change = SettingsChange::default();
    let mut name = None;
    for word in words {
        if let Some((MAX_API_KEYS, value)) = word.split_once('=') {
            change.max_api_keys_per_owner = key_limit(value)?;
        } else if let Some((switch, value)) = word.split_once('=') {
            switch_of(&mut change, switch)?;
            let value = value
                .parse::<bool>()
                .map_err(|_| format!("{switch} takes true or false, not “{value}”"))?;
            *switch_of(&mut change, switch)? = Some(value);
        } else if name.replace(word.as_str()).is_some() {
            return Err(Failure(format!(
                "unexpected “{word}”: give one project, and settings such as sign_up_enabled=false"
            )));
        }
    }
    Ok((change, name))
}

/// Finds a project by id or name; without either, the oldest.
pub(super) async fn find(started: &Started, wanted: Option<&str>) -> Result<ProjectId, Failure> {
    let projects = started.domain.projects().await?;
    let Some(wanted) = wanted else {
        let oldest = projects
            .first()
            .ok_or("there is no project yet; create one with “latchkey project create”")?;
        return Ok(oldest.id);
    };
    if let Ok(id) = wanted.parse::<ProjectId>() {
        let known = projects.iter().any(|project| project.id == id);
        return known
            .then_some(id)
            .ok_or_else(|| Failure(format!("there is no project {id}")));
    }
    let mut named = projects
        .iter()
        .filter(|project| project.display_name == wanted);
    match (named.next(), named.next()) {
        (Some(project), None) => Ok(project.id),
        (None, _) => Err(Failure(format!(
            "there is no project “{wanted}”; see “latchkey project list”"
        ))),
        (Some(_), Some(_)) => Err(Failure(format!(
            "several projects are called “{wanted}”; give the id"
        ))),
    }
}

/// Reads settings from a JSON object.
pub(super) fn read_config(config: &str, change: &mut SettingsChange) -> Result<(), Failure> {
    let object: Map<String, Value> = serde_json::from_str(config).map_err(|error| {
        format!("--config takes a JSON object such as {{\"allow_user_api_keys\":true}}: {error}")
    })?;
    for (name, value) in object {
        if name == MAX_API_KEYS {
            change.max_api_keys_per_owner = match &value {
                Value::Null => Patch::Clear,
                value => key_limit(&value.to_string())?,
            };
            continue;
        }
        let switch = switch_of(change, &name)?;
        let Value::Bool(value) = value else {
            return Err(Failure(format!("{name} takes true or false, not {value}")));
        };
        *switch = Some(value);
    }
    Ok(())
}

fn key_limit(text: &str) -> Result<Patch<u32>, Failure> {
    if text == NO_LIMIT {
        return Ok(Patch::Clear);
    }
    text.parse()
        .ok()
        .filter(|limit| *limit <= LARGEST_KEY_LIMIT)
        .map(Patch::Set)
        .ok_or_else(|| {
            Failure(format!(
                "{MAX_API_KEYS} takes a number from 0 to {LARGEST_KEY_LIMIT} or {NO_LIMIT}, not “{text}”"
            ))
        })
}

fn switch_of<'a>(
    change: &'a mut SettingsChange,
    name: &str,
) -> Result<&'a mut Option<bool>, Failure> {
    change.switch(name).ok_or_else(|| {
        let known = ProjectSettings::default().named().map(|(name, _)| name);
        Failure(format!(
            "there is no switch “{name}”, so nothing was changed; the settings are {} and {MAX_API_KEYS}",
            known.join(", ")
        ))
    })
}

fn describe(project: &Project) -> Value {
    let config: Map<_, _> = project
        .settings
        .named()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::Bool(value)))
        .chain([(
            MAX_API_KEYS.to_owned(),
            project.settings.max_api_keys_per_owner.into(),
        )])
        .collect();
    json!({
        "id": project.id.to_string(),
        "display_name": project.display_name,
        "config": config,
    })
}

/// Prints the keys of a project. The database stores only digests, so they cannot be printed again.
pub(super) fn key_rows(keys: &KeySet) -> [(&'static str, &str); 3] {
    [
        (
            "publishable_client_key",
            keys.publishable_client_key.expose(),
        ),
        ("secret_server_key", keys.secret_server_key.expose()),
        (
            "super_secret_admin_key",
            keys.super_secret_admin_key.expose(),
        ),
    ]
}

fn print_keys(id: ProjectId, keys: &KeySet, as_json: bool) -> Result<(), Failure> {
    let id = id.to_string();
    let rows = [("id", id.as_str())].into_iter().chain(key_rows(keys));
    if as_json {
        let object: Map<_, _> = rows
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        print(&Value::Object(object).to_string());
    } else {
        for (name, value) in rows {
            print(&format!("{name:<23} {value}"));
        }
        print("Save these keys now: they are not shown again.");
    }
    check_keys_shown(&[id])
}

/// Fails if the keys of new projects could not be written.
pub(super) fn check_keys_shown(projects: &[String]) -> Result<(), Failure> {
    let Some(first) = projects.first() else {
        return Ok(());
    };
    let names = projects.join(", ");
    check_shown(
        &format!("the keys of project {names}"),
        &format!("make new ones with “latchkey project rotate-keys {first}”"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_and_unknown_names_refused_with_those_that_there_are() {
        let mut change = SettingsChange::default();
        assert!(read_config(r#"{"allow_user_api_keys":true}"#, &mut change).is_ok());
        assert_eq!(change.allow_user_api_keys, Some(true));
        assert_eq!(change.allow_team_api_keys, None);
        let read = read_config(r#"{"magic":1,"sign_up_enabled":true}"#, &mut change);
        let Err(Failure(said)) = read else {
            panic!("it was accepted");
        };
        assert!(
            said.contains("magic") && said.contains("sign_up_enabled, "),
            "{said}"
        );
        assert!(read_words(&["magic=true".to_owned()]).is_err());
    }

    #[test]
    fn a_value_that_is_not_a_boolean_is_rejected() {
        for config in [
            "",
            "[]",
            "null",
            "{",
            r#"{"allow_user_api_keys":"yes"}"#,
            r#"{"allow_user_api_keys":null}"#,
        ] {
            assert!(
                read_config(config, &mut SettingsChange::default()).is_err(),
                "{config}"
            );
        }
    }

    #[test]
    fn the_limit_of_keys_is_a_number_or_none() {
        let mut change = SettingsChange::default();
        assert!(read_config(r#"{"max_api_keys_per_owner":50}"#, &mut change).is_ok());
        assert_eq!(change.max_api_keys_per_owner, Patch::Set(50));
        assert!(read_config(r#"{"max_api_keys_per_owner":null}"#, &mut change).is_ok());
        assert_eq!(change.max_api_keys_per_owner, Patch::Clear);
        let read = |value: &str| {
            let words = [format!("max_api_keys_per_owner={value}")];
            let (change, _) = read_words(&words).ok()?;
            Some(change.max_api_keys_per_owner)
        };
        assert_eq!(read("0"), Some(Patch::Set(0)));
        assert_eq!(read("none"), Some(Patch::Clear));
        for value in ["", "-1", "1.5", "1000001", "null", "true", "many"] {
            assert_eq!(read(value), None, "{value}");
        }
        for value in ["-1", "1.5", "1000001", "true", "\"50\"", "[]"] {
            let config = format!("{{\"max_api_keys_per_owner\":{value}}}");
            assert!(
                read_config(&config, &mut SettingsChange::default()).is_err(),
                "{value}"
            );
        }
    }

    #[test]
    fn every_switch_that_is_shown_can_be_set() {
        for (name, _) in ProjectSettings::default().named() {
            assert!(SettingsChange::default().switch(name).is_some(), "{name}");
        }
    }
}
