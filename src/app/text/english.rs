//! English: what the pages say. `server_fns/error_table.rs` chooses the text of a refused request; times are in `time.rs`.

use super::{
    Auth, Frame, Problems, Profile, Project, Reference, Reset, Security, Sessions, Settings, Team,
    Text, Words, english_keys::KEYS,
};

pub(super) static ENGLISH: Text = Text {
    language: "en",
    page_title: |page, project| format!("{page} · {project}"),
    product: "Latchkey",
    skip_to_content: "Skip to content",
    auth: Auth {
        sign_in: "Sign in",
        sign_in_to: |project| format!("Sign in to {project}"),
        sign_up: "Create account",
        sign_up_to: |project| format!("Create your {project} account"),
        email: "E-mail",
        password: "Password",
        password_hint: "At least 8 characters.",
        no_account: "No account yet?",
        have_account: "Already have an account?",
        no_project: "No project yet",
        no_project_hint: "This server has no project. Create one with “latchkey project create”, or try the demo with “latchkey demo”.",
        no_passwords: "Password sign-in is switched off for this project. Ask the project’s administrator how to sign in.",
        ended: "Your session has ended. Sign in again to continue.",
        ended_kept: "Your session has ended. Sign in again to continue: what you typed is kept.",
        sign_up_off: "Sign-up is switched off for this project. Ask the project’s administrator for an account.",
    },
    reset: Reset {
        title: "Choose a new password",
        intro: "You are signed out everywhere when you set a new password for",
        done: "Your password was changed. Sign in with the new one.",
    },
    frame: Frame {
        title: "Account settings",
        navigation: "Account settings",
        back: "All settings",
        profile: "My profile",
        api_keys: "API keys",
        settings: "Settings",
        teams: "Teams",
        all_teams: "All teams",
        search_teams: "Search teams",
        create_team: "Create a team",
        account: "Account",
        project: "Project",
        working: "Working…",
        offline: "The server could not answer. Check your connection and try again. Nothing you typed was lost.",
        outcome_unknown: "The server did not respond. It is unknown whether your change was made. Nothing you typed was lost: check your connection and try again.",
        access_lost: "You no longer have access to this, so it was removed from the page.",
        copied: "Copied",
        copy_failed: "Your browser blocked copying. The text is selected: press Ctrl+C, or ⌘C on a Mac.",
        updated: "List updated",
        locked: "This page is read-only for now. The database was restored from a backup, so what was revoked or removed since then may be shown again. No API key works and nothing can be changed until the operator of this server has decided what still counts.",
    },
    profile: Profile {
        title: "My profile",
        intro: "How members of your teams see you.",
        display_name: "Display name",
        email: "E-mail",
        no_email: "None",
        user_id: "User ID",
        renamed: "Display name changed.",
    },
    keys: KEYS,
    team: Team {
        list_title: "Teams",
        list_intro: "The teams that you are in.",
        list_empty: "No team’s name contains this.",
        clear_search: "Show all teams",
        no_teams: "You are not in a team yet. In a team, its members manage keys together.",
        list_partial: |first| {
            format!("You are in more teams. Only the first {first} that you joined are searched.")
        },
        search: "Search",
        pages: "Pages",
        create_title: "Create a team",
        create_intro: "Share API keys with the people you work with. You become the team’s admin.",
        limit_reached: |most| {
            format!(
                "You have created as many teams as you can ({most}). Use one of them, or ask an administrator of the project for another."
            )
        },
        display_name: "Team name",
        display_name_hint: "Everybody in the team sees this name.",
        created: "Team created.",
        renamed: "Team renamed.",
        members: "Members",
        member_count: |count| {
            if count == 1 {
                "1 member".to_owned()
            } else {
                format!("{count} members")
            }
        },
        more_members: |count| format!("and {count} more"),
        unnamed: "No name",
        you: "you",
        column_member: "Member",
        column_permissions: "Permissions",
        permission: |id| {
            Some(match id {
                "team_admin" => "Admin",
                "team_member" => "Member",
                "$update_team" => "Edit team",
                "$delete_team" => "Delete team",
                "$read_members" => "See members",
                "$remove_members" => "Remove members",
                "$invite_members" => "Invite members",
                "$manage_api_keys" => "Manage API keys",
                _ => return None,
            })
        },
        no_permissions: "None",
    },
    security: Security {
        title: "Sign-in & security",
        intro: "How you sign in. To see where you are signed in, go to",
        password: "Password",
        current_password: "Current password",
        new_password: "New password",
        change: "Change password",
        change_hint: "Changing your password signs you out everywhere else. Your API keys keep working.",
        changed: "Password changed. You are signed out everywhere else.",
        set: "Set password",
        set_hint: "You have no password yet. Set one to sign in with your e-mail address.",
        no_password: "Your account does not sign in with a password here.",
    },
    sessions: Sessions {
        title: "Active sessions",
        intro: "Where you are signed in. If you do not recognise one, end it and change your password.",
        current: "This session",
        impersonation: "Opened by an administrator",
        browser_on: |browser, system| format!("{browser} on {system}"),
        unknown_browser: "Browser",
        application: "Application",
        signed_in: "Signed in",
        last_used: "last used",
        end: "Sign out",
        ended: "Session ended.",
        end_others_title: "Other sessions",
        end_others: "Sign out everywhere else",
        end_others_hint: "Ends all sessions but this one, in browsers and applications. Your API keys keep working.",
        others_ended: "All other sessions ended.",
        more: |most| format!("Only the newest {most} sessions are shown."),
    },
    settings: Settings {
        title: "Settings",
        session: "Session",
        signed_in_as: |who| format!("You are signed in as {who}."),
        sign_out: "Sign out",
    },
    reference: Reference {
        title: "API reference",
        intro: "The HTTP API of this server. It is compatible with Stack Auth: programs and SDKs written for Stack Auth work with this server’s base URL.",
        document: "OpenAPI document",
        parameters: "Parameters",
        body: "Request body",
        responses: "Responses",
        required: "required",
    },
    project: Project {
        title: "Project settings",
        switches_title: "API keys",
        switches_intro: |project| {
            format!(
                "Choose whether users and teams in {project} can have keys for scripts and applications."
            )
        },
        enabled: "Enabled",
        disabled: "Disabled",
        user_keys: "User API keys",
        user_keys_hint: "Let users create API keys for themselves.",
        user_keys_on: "User API keys are on.",
        user_keys_off: "User API keys are off. Existing user keys no longer work.",
        user_keys_off_notice: "User API keys are switched off. User keys do not work until they are switched back on.",
        team_keys: "Team API keys",
        team_keys_hint: "Let teams have API keys, managed by members who have permission.",
        team_keys_on: "Team API keys are on.",
        team_keys_off: "Team API keys are off. Existing team keys no longer work.",
        team_keys_off_notice: "Team API keys are switched off. Team keys do not work until they are switched back on.",
        all_keys_off_notice: "API keys are switched off. No key works until they are switched back on.",
        key_limit: "Most valid keys for each user and team",
        key_limit_hint: "The limit applies to keys that people create, not to servers and imports. Within 24 hours people can create ten times as many. Leave the field empty for no limit.",
        key_limit_changed: |limit| {
            limit.map_or_else(
                || "The number of keys is no longer limited.".to_owned(),
                |limit| format!("The limit is now {limit}."),
            )
        },
        on: "On",
        off: "Off",
        user_keys_off_title: "Switch off user API keys?",
        team_keys_off_title: "Switch off team API keys?",
        keys_that_stop: |count, are_more| match count {
            0 => "No key of this kind works at the moment.".to_owned(),
            1 => "1 working key stops at once.".to_owned(),
            count if are_more => format!("More than {count} working keys stop at once."),
            count => format!("{count} working keys stop at once."),
        },
        switch_off_warning: "Applications using such keys lose their access. The keys are not deleted: they are paused, and work again when you switch back on.",
        switch_off: "Switch off",
        switching_off: "Switching off does not delete keys. They stop working at once, and work again when you switch back on.",
        all_title: "All API keys",
        all_intro: |project| {
            format!("All keys of the users and teams in {project}. You can revoke any of them.")
        },
        column_owner: "Owner",
        owner_user: "User",
        owner_team: "Team",
        search_hint: "Description, key or owner",
        pasted_unknown: "This is not one of this project’s keys",
        empty: "Keys that users and teams create will appear here.",
    },
    problem: Problems {
        request_id: "Request id:",
        title: "Something went wrong",
        not_found_title: "Page not found",
        reset_gone_title: "This link no longer works",
        reset_gone: "It has been used, has expired, or was replaced by a newer one. Ask for a new link.",
        not_found: "This page does not exist, or your account does not have access to it.",
        signed_out: "Your session has ended. Sign in again.",
        keys_off: "API keys are switched off for this project.",
        switched_off: "This is switched off for this project.",
        wrong_credentials: "Wrong e-mail or password. If you are sure that it is right, try again later, or in a browser where you have signed in before.",
        too_many: |seconds| {
            let minutes = (seconds + 59) / 60;
            if minutes <= 1 {
                "Too many attempts. Try again in a minute.".to_owned()
            } else {
                format!("Too many attempts. Try again in {minutes} minutes.")
            }
        },
        already_created: "This form has already created a key, and its secret was sent once. If you did not receive it, revoke that key and create another.",
        caller_busy: "You have several requests running. Try again in a moment.",
        busy: "Many people are signing in right now. Try again in a moment.",
        unavailable_title: "Temporarily unavailable",
        unavailable: "The database is not responding. Try again in a moment.",
        locked_sign_in: "Nobody can sign in at the moment: the database was restored from a backup, and the operator of this server has yet to decide what still counts. Try again later.",
        locked: "Nothing can be changed at the moment: the database was restored from a backup, and the operator of this server has yet to decide what still counts. Nothing was changed. Try again later.",
        internal: "An unexpected error occurred on the server and was logged. Try again.",
        cross_origin: "This request did not come from a page of this site, so it was rejected. Open the page again and retry.",
        other_origin: |from, served| {
            format!(
                "This form came from {from}, but this site is served at {served}, so it was rejected. If both are this site, its operator can add {from} to LATCHKEY_PUBLIC_URL."
            )
        },
        unknown_origin: |served| {
            format!(
                "This request does not say which page it came from, so it was rejected. A proxy or a browser extension may have removed its Origin header. This site is served at {served} (LATCHKEY_PUBLIC_URL)."
            )
        },
        other_viewer_title: "Another account is signed in",
        other_viewer: |who| {
            format!(
                "You are now signed in as {who}, but this page was opened with another account. Nothing was changed."
            )
        },
        other_viewer_hint: "To use the other account again, sign out first.",
        continue_as: |who| format!("Continue as {who}"),
        reload: "Reload the page to continue.",
        form_required: "This address accepts only forms that are sent from a page. Go to the page and send its form again.",
        too_large: "The request is too large.",
        incomplete: "The request did not arrive completely. Try again.",
        malformed: "A form field is missing or invalid. Reload the page and try again.",
        empty: "This field is required.",
        too_long: |max| format!("Use at most {max} characters."),
        invisible: "This contains an invisible or control character. Type the text instead of pasting it.",
        current_password: "This is not your current password. If you are sure that it is right, try again later.",
        email: "Enter a complete e-mail address, such as ada@example.com.",
        email_taken: "An account with this e-mail already exists. Sign in instead.",
        password_short: |min| format!("Use at least {min} characters."),
        password_long: |max| format!("Use at most {max} characters."),
        expiry: "Enter a valid date and time.",
        expiry_past: "Choose a time in the future.",
        time_skipped: |change| {
            format!(
                "On {} clocks in {} skip from {} to {}. Choose another time.",
                change.date, change.zone, change.from, change.to
            )
        },
        time_twice: |change, first, second| {
            format!(
                "On {} clocks in {} go back from {} to {}, so this time comes twice, as {first} and as {second}. Choose another time.",
                change.date, change.zone, change.from, change.to
            )
        },
        whole_number: |max| {
            format!("Enter a whole number from 0 to {max}, or leave this empty for no limit.")
        },
        too_slow: "Search took too long. Search for something more specific, or try again in a moment.",
        try_again: "Try again",
        go_back: "Go back",
        go_home: "Go to account settings",
        go_back_hint: "Use your browser’s Back button to return to the form as you left it.",
    },
    word: Words {
        save: "Save",
        cancel: "Cancel",
        close: "Close",
        copy: "Copy",
        never: "Never",
    },
};
