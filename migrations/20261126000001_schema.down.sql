DROP FUNCTION project_body(projects);
DROP FUNCTION user_body(users);
DROP FUNCTION team_body(teams);
ALTER TABLE users DROP CONSTRAINT users_selected_team_is_theirs;
DROP TABLE
    restore_decisions,
    restore_mark,
    audit_events,
    api_key_uses,
    api_keys,
    sign_in_attempts,
    password_resets,
    sessions,
    team_permission_grants,
    permission_containments,
    permission_definitions,
    memberships,
    teams,
    users,
    project_key_sets,
    signing_keys,
    projects;
DROP FUNCTION fold_text(text);
DROP FUNCTION new_id();
DROP FUNCTION now_millis();
