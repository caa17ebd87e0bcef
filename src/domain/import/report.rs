//! The report of an import: counts, and everything that differs from the source.

use std::{collections::BTreeMap, fmt};

use latchkey_model::{
    account::{MAX_DISPLAY_NAME, MAX_URL},
    description::MAX_APP_DESCRIPTION,
    id::ProjectId,
    project::ProjectSettings,
};
use uuid::Uuid;

use crate::operator::KeySet;

/// Maximum number of IDs that a remark keeps. All are counted.
pub const IDS_KEPT: usize = 1000;
/// Maximum number of names of undefined permissions.
const NAMES_KEPT: usize = 1000;

/// The kinds of rows, in the order of the import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Users,
    Teams,
    Memberships,
    /// Direct grants.
    Permissions,
    ApiKeys,
}

impl Kind {
    /// In the order of the import.
    pub const ALL: [Self; 5] = [
        Self::Users,
        Self::Teams,
        Self::Memberships,
        Self::Permissions,
        Self::ApiKeys,
    ];

    /// As in the JSON report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Teams => "teams",
            Self::Memberships => "memberships",
            Self::Permissions => "permissions",
            Self::ApiKeys => "api_keys",
        }
    }
}

/// Counts of one kind. `read` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub read: u64,
    /// In a dry run, those that would be imported.
    pub imported: u64,
    /// Existed here and were kept unchanged.
    pub already_here: u64,
    /// Not imported, for the reasons in the remarks.
    pub left_out: u64,
}

/// A difference from the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A key that no check would ever accept.
    KeyUnreadable,
    /// A key without an owner, or with both a user and a team.
    KeyWithoutOwner,
    /// Another key here has its ID or its secret.
    KeyTaken,
    /// A key was revoked at the source after its import.
    RevocationTakenOver,
    /// A description was too long.
    DescriptionShortened,
    /// A key's expiry is outside the range of a date.
    EndBounded,
    /// A name was too long, or had invisible characters.
    NameChanged,
    /// A team has no name.
    TeamUnnamed,
    /// The URL of a picture is too long.
    PictureLeftOut,
    /// Metadata that cannot be stored.
    MetadataLeftOut,
    /// An invalid e-mail address.
    EmailLeftOut,
    /// Another user signs in with the address.
    EmailTaken,
    /// The user signs in with further addresses at the source.
    OtherAddressesLeftOut,
    /// A password hash that cannot be verified here.
    PasswordLeftOut,
    /// An anonymous user.
    Anonymous,
    /// It or its owner was deleted or removed here.
    RemovedHere,
    /// Its owner does not exist here.
    OwnerMissing,
    /// A permission's name that cannot be stored.
    PermissionUnstorable,
    /// The database refused it because of this constraint.
    Refused(String),
}

impl Remark {
    /// As in the JSON report.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::KeyUnreadable => "key_unreadable",
            Self::KeyWithoutOwner => "key_without_owner",
            Self::KeyTaken => "key_taken",
            Self::RevocationTakenOver => "revocation_taken_over",
            Self::DescriptionShortened => "description_shortened",
            Self::EndBounded => "end_bounded",
            Self::NameChanged => "name_changed",
            Self::TeamUnnamed => "team_unnamed",
            Self::PictureLeftOut => "picture_left_out",
            Self::MetadataLeftOut => "metadata_left_out",
            Self::EmailLeftOut => "email_left_out",
            Self::EmailTaken => "email_taken",
            Self::OtherAddressesLeftOut => "other_addresses_left_out",
            Self::PasswordLeftOut => "password_left_out",
            Self::Anonymous => "anonymous",
            Self::RemovedHere => "removed_here",
            Self::OwnerMissing => "owner_missing",
            Self::PermissionUnstorable => "permission_unstorable",
            Self::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyUnreadable => {
                "not imported: the key's format or checksum is invalid"
            }
            Self::KeyWithoutOwner => {
                "not imported: the key does not belong to either a user or a team"
            }
            Self::KeyTaken => "not imported: another key here has the same id or the same secret",
            Self::RevocationTakenOver => "revoked here: it was revoked at the source after its import",
            Self::DescriptionShortened => {
                return write!(
                    f,
                    "the key's description was truncated to {MAX_APP_DESCRIPTION} characters"
                );
            }
            Self::EndBounded => {
                "the key's expiry was set to the latest supported date (in the year 275760)"
            }
            Self::NameChanged => {
                return write!(
                    f,
                    "the name was truncated to {MAX_DISPLAY_NAME} characters, or invisible characters were removed"
                );
            }
            Self::TeamUnnamed => "the team has no name and was imported as “Unnamed team”",
            Self::PictureLeftOut => {
                return write!(
                    f,
                    "the picture was left out: its URL is longer than {MAX_URL} characters"
                );
            }
            Self::MetadataLeftOut => {
                "metadata was left out: it contains NUL or numbers that cannot be stored"
            }
            Self::EmailLeftOut => {
                "the e-mail address was left out: it is invalid, so it cannot be used to sign in"
            }
            Self::EmailTaken => {
                "kept the e-mail address but cannot sign in with it: another user does, who verified it or was created first"
            }
            Self::OtherAddressesLeftOut => {
                "can sign in only with the primary e-mail address: other addresses were not imported"
            }
            Self::PasswordLeftOut => {
                "the password was left out: its hash is not bcrypt with a cost of at most 15"
            }
            Self::Anonymous => "was anonymous and is an ordinary user here",
            Self::RemovedHere => {
                "not imported: it, or its owner, was deleted or removed here"
            }
            Self::OwnerMissing => "not imported: its owner does not exist here",
            Self::PermissionUnstorable => {
                "not imported: a permission's name may contain only a-z, 0-9, _ and :"
            }
            Self::Refused(rule) => {
                return write!(f, "not imported: the database refused it ({rule})");
            }
        })
    }
}

/// What a remark is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    pub count: u64,
    /// The first [`IDS_KEPT`] of them.
    pub ids: Vec<Uuid>,
}

/// The report about one project.
pub struct ProjectReport {
    /// The same as at the source.
    pub id: ProjectId,
    pub display_name: String,
    pub is_new: bool,
    /// The settings of a new project.
    pub settings: ProjectSettings,
    /// The switches that were assumed rather than given.
    pub assumed: Vec<&'static str>,
    /// How many branches other than `main` there are, which are not imported.
    pub other_branches: u64,
    pub counts: BTreeMap<Kind, Counts>,
    pub remarks: BTreeMap<(Kind, Remark), About>,
    /// Permissions that are granted but not defined, with the number of grants.
    pub undefined_permissions: BTreeMap<String, u64>,
    /// The project's new keys, if it had none. They are shown only this once.
    pub keys: Option<KeySet>,
}

impl ProjectReport {
    pub fn of(&self, kind: Kind) -> Counts {
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    pub(super) fn count(&mut self, kind: Kind) -> &mut Counts {
        self.counts.entry(kind).or_default()
    }

    pub(super) fn remark(&mut self, kind: Kind, remark: Remark, id: Uuid) {
        let about = self.remarks.entry((kind, remark)).or_default();
        about.count += 1;
        if about.ids.len() < IDS_KEPT {
            about.ids.push(id);
        }
    }

    pub(super) fn leave_out(&mut self, kind: Kind, remark: Remark, id: Uuid) {
        self.count(kind).left_out += 1;
        self.remark(kind, remark, id);
    }

    pub(super) fn undefined(&mut self, permission: &str) {
        if let Some(count) = self.undefined_permissions.get_mut(permission) {
            *count += 1;
        } else if self.undefined_permissions.len() < NAMES_KEPT {
            self.undefined_permissions.insert(permission.to_owned(), 1);
        }
    }
}
