DROP FUNCTION key_gate(uuid, bytea, uuid);
DROP FUNCTION session_user_id(uuid, bytea);
DROP FUNCTION team_permissions(uuid, uuid, uuid);
DROP TABLE
    audit_events,
    api_key_uses,
    api_keys,
    sign_in_attempts,
    sessions,
    team_permission_grants,
    permission_containments,
    permission_definitions,
    memberships,
    teams,
    users,
    project_key_sets,
    projects;
DROP FUNCTION new_id();
DROP FUNCTION now_millis();
