//! Imports projects from a Stack Auth database: users, teams, members, permissions and API keys.
//!
//! The source is read in one snapshot and never changed. Rows are written in batches that commit
//! separately, and only if they do not exist yet. So an import can be interrupted at any time and
//! run again; changes and deletions made here are kept. Another run imports what is new at the
//! source, and revocations.

mod error;
mod keys;
mod members;
mod people;
mod report;
mod rules;
mod stage;

use latchkey_store::{
    Origin, PoolSettings,
    stack_auth::{Address, ProjectRow, Snapshot},
};
use std::{collections::BTreeMap, time::Duration};

use latchkey_model::{id::ProjectId, permission};
use uuid::Uuid;

pub use error::{ImportError, Mismatches};
pub(crate) use latchkey_store::import::{
    Metadata, NewGrant, NewKey, NewMembership, NewTeam, NewUser, Outcome, Standing,
};
pub use report::{About, Counts, IDS_KEPT, Kind, ProjectReport, Remark};

use super::{Domain, operator::KeySet};
use latchkey_model::project::{ProjectSettings, SettingsChange};
use stage::Target;

const UNNAMED_PROJECT: &str = "Unnamed project";

/// A snapshot of a Stack Auth database.
pub struct Source(Snapshot);

pub struct SourceProject(ProjectRow);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unimportable {
    /// Its ID is `internal`: the dashboard of Stack Auth itself.
    #[error("it is the server's own dashboard")]
    Internal,
    #[error("its id is not a UUID")]
    NotAUuid,
    /// It has no branch `main`, which owns its data.
    #[error("it has no branch “main”")]
    NoMainBranch,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Choices {
    /// Settings of newly imported projects; those that are `None` are assumed.
    pub settings: SettingsChange,
    /// Read and report everything, and write nothing.
    pub dry_run: bool,
}

impl Source {
    /// Opens a Stack Auth database and checks its schema. Changes nothing.
    pub async fn open(address: &str) -> Result<Self, ImportError> {
        Self::open_within(address, PoolSettings::default().scan_deadline).await
    }

    /// The same, with this deadline for each statement.
    pub async fn open_within(address: &str, deadline: Duration) -> Result<Self, ImportError> {
        let address = Address::parse(address).map_err(ImportError::Address)?;
        let mut snapshot = Snapshot::begin(address, deadline).await?;
        let mismatches = snapshot.mismatches().await?;
        if mismatches.is_empty() {
            Ok(Self(snapshot))
        } else {
            Err(ImportError::Schema(Mismatches(mismatches)))
        }
    }

    /// Its projects, oldest first.
    pub async fn projects(&mut self) -> Result<Vec<SourceProject>, ImportError> {
        let projects = self.0.projects().await?;
        Ok(projects.into_iter().map(SourceProject).collect())
    }

    pub async fn close(self) {
        self.0.end().await;
    }
}

impl SourceProject {
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The project's ID, and the tenancy of its data.
    fn place(&self) -> Result<(ProjectId, Uuid), Unimportable> {
        if self.0.id == "internal" {
            return Err(Unimportable::Internal);
        }
        let id = self.0.id.parse().map_err(|_| Unimportable::NotAUuid)?;
        let tenancy = self.0.tenancy.ok_or(Unimportable::NoMainBranch)?;
        Ok((id, tenancy))
    }

    /// The project's ID, which is the same as at the source.
    pub fn importable(&self) -> Result<ProjectId, Unimportable> {
        Ok(self.place()?.0)
    }
}

/// Returns the settings of a newly imported project, and the switches that are assumed rather than
/// given. The defaults are those of new projects, except that keys which work at the source keep
/// working.
fn assume(
    given: SettingsChange,
    has_user_keys: bool,
    has_team_keys: bool,
) -> (ProjectSettings, Vec<&'static str>) {
    let assumed = ProjectSettings {
        allow_user_api_keys: has_user_keys,
        allow_team_api_keys: has_team_keys,
        ..ProjectSettings::default()
    };
    (assumed.changed(given), given.unchanged())
}

impl Domain {
    /// Imports a project, or continues to. `progress` is called after each batch with the report so
    /// far.
    ///
    /// A new project gets its key set at the end: nobody can use an incomplete project, and whoever
    /// completes an interrupted import still gets the keys.
    pub async fn import_project(
        &self,
        source: &mut Source,
        project: &SourceProject,
        choices: Choices,
        mut progress: impl FnMut(Kind, &ProjectReport),
    ) -> Result<Result<ProjectReport, Unimportable>, ImportError> {
        let (id, tenancy) = match project.place() {
            Ok(place) => place,
            Err(why) => return Ok(Err(why)),
        };
        let snapshot = &mut source.0;
        let mut report = self
            .settle_project(snapshot, project, id, tenancy, choices)
            .await?;
        let defined = if report.is_new && choices.dry_run {
            permission::DEFAULT_ROLES
                .map(|(role, _)| role.to_owned())
                .into()
        } else {
            self.store.defined_permissions(id).await?
        };
        let target = Target {
            store: &self.store,
            project: id,
            dry: choices.dry_run,
            defined: &defined,
        };
        macro_rules! stages {
            ($($stage:ty),+) => {$(
                stage::run::<$stage>(snapshot, tenancy, &target, &mut report, &mut progress).await?;
            )+};
        }
        stages!(
            people::Users,
            people::Teams,
            members::Memberships,
            members::Grants,
            keys::Keys
        );
        if !choices.dry_run {
            let keys = KeySet::generate();
            let given = self
                .store
                .give_first_keys(id, &keys.stored(id.uuid()))
                .await?;
            report.keys = given.then_some(keys);
        }
        Ok(Ok(report))
    }

    /// Creates the project if it does not exist.
    async fn settle_project(
        &self,
        snapshot: &mut Snapshot,
        project: &SourceProject,
        id: ProjectId,
        tenancy: Uuid,
        choices: Choices,
    ) -> Result<ProjectReport, ImportError> {
        let (user_keys, team_keys) = snapshot.has_working_keys(tenancy).await?;
        let (settings, assumed) = assume(choices.settings, user_keys, team_keys);
        let name = rules::name(project.0.display_name.as_deref())
            .value
            .unwrap_or_else(|| rules::placeholder(UNNAMED_PROJECT));
        let is_new = if choices.dry_run {
            self.store.project(id).await?.is_none()
        } else {
            let origin = Origin::Imported;
            self.store
                .create_project(id, &name, settings, origin)
                .await?
        };
        Ok(ProjectReport {
            id,
            display_name: name.as_str().to_owned(),
            is_new,
            settings,
            assumed: if is_new { assumed } else { Vec::new() },
            other_branches: project.0.other_tenancies.unsigned_abs(),
            counts: Kind::ALL.map(|kind| (kind, Counts::default())).into(),
            remarks: BTreeMap::new(),
            undefined_permissions: BTreeMap::new(),
            keys: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_not_assumed() {
        let given = SettingsChange {
            allow_user_api_keys: Some(false),
            client_team_creation_enabled: Some(true),
            ..SettingsChange::default()
        };
        let (settings, assumed) = assume(given, true, true);
        assert!(!settings.allow_user_api_keys);
        assert!(settings.allow_team_api_keys);
        assert!(settings.client_team_creation_enabled);
        assert!(settings.sign_up_enabled);
        assert!(!assumed.contains(&"allow_user_api_keys"));
        assert_eq!(assumed.len(), 6);
    }

    #[test]
    fn every_switch_is_assumed_where_it_is_not_given() {
        let (settings, assumed) = assume(SettingsChange::default(), false, false);
        assert_eq!(assumed.len(), 8);
        assert_eq!(settings, ProjectSettings::default());
    }
}
