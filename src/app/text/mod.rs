//! Every text of the pages. A language is one value of [`Text`], so a missing message does not compile; dates and times
//! are written in [`time`], in English.

mod english;
mod english_keys;
mod in_sentence;
mod keys;
pub mod time;

pub use in_sentence::{in_sentence, key_name};
pub use keys::Keys;

use time::ClockChange;

/// The texts of a language.
pub struct Text {
    /// BCP 47 tag.
    pub language: &'static str,
    /// The document's title, from the page's name and the project's.
    pub page_title: fn(&str, &str) -> String,
    /// The product's name, shown where no project is known.
    pub product: &'static str,
    /// The link that skips the navigation.
    pub skip_to_content: &'static str,
    /// Sign-in and sign-up.
    pub auth: Auth,
    /// The page of a link by which a user chooses a new password.
    pub reset: Reset,
    /// The frame around every settings page, and the messages that islands show.
    pub frame: Frame,
    pub profile: Profile,
    pub keys: Keys,
    pub team: Team,
    pub security: Security,
    pub sessions: Sessions,
    pub settings: Settings,
    /// The API reference page.
    pub reference: Reference,
    pub project: Project,
    /// Errors.
    pub problem: Problems,
    /// Words used in several places.
    pub word: Words,
}

/// The API reference page.
pub struct Reference {
    pub title: &'static str,
    pub intro: &'static str,
    pub document: &'static str,
    pub parameters: &'static str,
    pub body: &'static str,
    pub responses: &'static str,
    pub required: &'static str,
}

/// Sign-in and sign-up.
pub struct Auth {
    pub sign_in: &'static str,
    pub sign_in_to: fn(&str) -> String,
    pub sign_up: &'static str,
    pub sign_up_to: fn(&str) -> String,
    pub email: &'static str,
    pub password: &'static str,
    pub password_hint: &'static str,
    pub no_account: &'static str,
    pub have_account: &'static str,
    pub no_project: &'static str,
    pub no_project_hint: &'static str,
    pub no_passwords: &'static str,
    /// The session ended while a form was open.
    pub ended: &'static str,
    /// The same, and what was typed waits.
    pub ended_kept: &'static str,
    pub sign_up_off: &'static str,
}

/// The page of a link by which a user chooses a new password.
pub struct Reset {
    pub title: &'static str,
    /// Before the e-mail address.
    pub intro: &'static str,
    /// On the sign-in page, afterwards.
    pub done: &'static str,
}

/// The frame around every settings page, and the messages that islands show.
pub struct Frame {
    pub title: &'static str,
    pub navigation: &'static str,
    pub back: &'static str,
    pub profile: &'static str,
    pub api_keys: &'static str,
    pub settings: &'static str,
    pub teams: &'static str,
    pub all_teams: &'static str,
    pub search_teams: &'static str,
    pub create_team: &'static str,
    /// Before the name on the button that opens the account's menu.
    pub account: &'static str,
    pub project: &'static str,
    pub working: &'static str,
    pub offline: &'static str,
    /// A form got no response.
    pub outcome_unknown: &'static str,
    pub access_lost: &'static str,
    pub copied: &'static str,
    pub copy_failed: &'static str,
    pub updated: &'static str,
    pub locked: &'static str,
}

/// The “My profile” page.
pub struct Profile {
    pub title: &'static str,
    pub intro: &'static str,
    pub display_name: &'static str,
    pub email: &'static str,
    pub no_email: &'static str,
    pub user_id: &'static str,
    pub renamed: &'static str,
}

/// Team pages.
pub struct Team {
    pub list_title: &'static str,
    pub list_intro: &'static str,
    pub list_empty: &'static str,
    pub clear_search: &'static str,
    pub no_teams: &'static str,
    pub list_partial: fn(i64) -> String,
    pub search: &'static str,
    pub pages: &'static str,
    pub create_title: &'static str,
    pub create_intro: &'static str,
    /// The reader has created as many teams as one may.
    pub limit_reached: fn(i64) -> String,
    pub display_name: &'static str,
    pub display_name_hint: &'static str,
    pub created: &'static str,
    pub renamed: &'static str,
    pub members: &'static str,
    pub member_count: fn(i64) -> String,
    pub more_members: fn(i64) -> String,
    pub unnamed: &'static str,
    pub you: &'static str,
    pub column_member: &'static str,
    pub column_permissions: &'static str,
    pub permission: fn(&str) -> Option<&'static str>,
    pub no_permissions: &'static str,
}

/// The “Sign-in & security” page.
pub struct Security {
    pub title: &'static str,
    pub intro: &'static str,
    pub password: &'static str,
    pub current_password: &'static str,
    pub new_password: &'static str,
    pub change: &'static str,
    pub change_hint: &'static str,
    pub changed: &'static str,
    pub set: &'static str,
    pub set_hint: &'static str,
    /// The user cannot sign in with a password.
    pub no_password: &'static str,
}

/// The “Active sessions” page.
pub struct Sessions {
    pub title: &'static str,
    pub intro: &'static str,
    pub current: &'static str,
    pub impersonation: &'static str,
    /// From the browser and the system.
    pub browser_on: fn(&str, &str) -> String,
    pub unknown_browser: &'static str,
    pub application: &'static str,
    pub signed_in: &'static str,
    pub last_used: &'static str,
    pub end: &'static str,
    pub ended: &'static str,
    pub end_others_title: &'static str,
    pub end_others: &'static str,
    pub end_others_hint: &'static str,
    pub others_ended: &'static str,
    /// There are more than so many.
    pub more: fn(usize) -> String,
}

/// The “Settings” page.
pub struct Settings {
    pub title: &'static str,
    pub session: &'static str,
    pub signed_in_as: fn(&str) -> String,
    pub sign_out: &'static str,
}

/// Project settings.
pub struct Project {
    pub title: &'static str,
    pub switches_title: &'static str,
    pub switches_intro: fn(&str) -> String,
    pub enabled: &'static str,
    pub disabled: &'static str,
    pub user_keys: &'static str,
    pub user_keys_hint: &'static str,
    pub user_keys_on: &'static str,
    pub user_keys_off: &'static str,
    pub user_keys_off_notice: &'static str,
    pub team_keys: &'static str,
    pub team_keys_hint: &'static str,
    pub team_keys_on: &'static str,
    pub team_keys_off: &'static str,
    pub team_keys_off_notice: &'static str,
    pub all_keys_off_notice: &'static str,
    pub key_limit: &'static str,
    pub key_limit_hint: &'static str,
    pub key_limit_changed: fn(Option<u32>) -> String,
    pub on: &'static str,
    pub off: &'static str,
    pub switching_off: &'static str,
    pub user_keys_off_title: &'static str,
    pub team_keys_off_title: &'static str,
    /// How many keys stop working, and whether there are more.
    pub keys_that_stop: fn(i64, bool) -> String,
    pub switch_off_warning: &'static str,
    pub switch_off: &'static str,
    pub all_title: &'static str,
    pub all_intro: fn(&str) -> String,
    pub column_owner: &'static str,
    pub owner_user: &'static str,
    pub owner_team: &'static str,
    pub search_hint: &'static str,
    pub pasted_unknown: &'static str,
    pub empty: &'static str,
}

/// Errors.
pub struct Problems {
    pub title: &'static str,
    /// Before the id.
    pub request_id: &'static str,
    pub not_found_title: &'static str,
    pub not_found: &'static str,
    pub reset_gone_title: &'static str,
    pub reset_gone: &'static str,
    pub signed_out: &'static str,
    pub keys_off: &'static str,
    pub switched_off: &'static str,
    pub wrong_credentials: &'static str,
    pub too_many: fn(i64) -> String,
    pub already_created: &'static str,
    pub busy: &'static str,
    pub caller_busy: &'static str,
    pub unavailable_title: &'static str,
    pub unavailable: &'static str,
    pub locked: &'static str,
    pub internal: &'static str,
    pub cross_origin: &'static str,
    /// From the origin of the form and the addresses that are accepted.
    pub other_origin: fn(&str, &str) -> String,
    pub unknown_origin: fn(&str) -> String,
    pub other_viewer_title: &'static str,
    /// From the name of the user who is signed in now.
    pub other_viewer: fn(&str) -> String,
    pub other_viewer_hint: &'static str,
    pub continue_as: fn(&str) -> String,
    pub reload: &'static str,
    pub locked_sign_in: &'static str,
    pub form_required: &'static str,
    pub too_large: &'static str,
    pub incomplete: &'static str,
    pub malformed: &'static str,
    pub empty: &'static str,
    pub too_long: fn(usize) -> String,
    pub invisible: &'static str,
    pub current_password: &'static str,
    pub email: &'static str,
    pub email_taken: &'static str,
    pub password_short: fn(usize) -> String,
    pub password_long: fn(usize) -> String,
    pub expiry: &'static str,
    pub expiry_past: &'static str,
    pub time_skipped: fn(&ClockChange) -> String,
    /// From the two times that it can be.
    pub time_twice: fn(&ClockChange, &str, &str) -> String,
    pub whole_number: fn(u32) -> String,
    pub too_slow: &'static str,
    pub try_again: &'static str,
    pub go_back: &'static str,
    pub go_home: &'static str,
    pub go_back_hint: &'static str,
}

/// Words used in several places.
pub struct Words {
    pub save: &'static str,
    pub cancel: &'static str,
    pub close: &'static str,
    pub copy: &'static str,
    pub never: &'static str,
}

/// Returns the texts in the language to show.
pub fn text() -> &'static Text {
    &english::ENGLISH
}
