DROP FUNCTION project_body(projects);
DROP FUNCTION user_body(users);
DROP FUNCTION team_body(teams);

CREATE FUNCTION session_user_id(in_project uuid, with_digest bytea) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (
        SELECT s.user_id FROM sessions s
        WHERE s.project_id = in_project AND s.token_digest = with_digest AND s.expires_at_millis > now_millis()
    );

DROP FUNCTION key_gate(uuid, text, bytea, uuid, uuid, bigint, text, boolean, uuid);
CREATE FUNCTION key_gate(in_project uuid, with_digest bytea, of_team uuid)
    RETURNS TABLE (decision text, actor_user_id uuid, owner_user_id uuid, owner_team_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN actor.user_id IS NULL THEN 'signed_out'
            WHEN of_team IS NULL THEN
                CASE WHEN p.allow_user_api_keys THEN 'allowed' ELSE 'user_keys_off' END
            WHEN '$manage_api_keys' NOT IN (SELECT team_permissions(in_project, of_team, actor.user_id))
                THEN 'not_found'
            WHEN NOT p.allow_team_api_keys THEN 'team_keys_off'
            ELSE 'allowed'
        END,
        actor.user_id,
        CASE WHEN of_team IS NULL THEN actor.user_id END,
        of_team
    FROM (SELECT session_user_id(in_project, with_digest) AS user_id) actor
    LEFT JOIN projects p ON p.project_id = in_project;
END;
DROP FUNCTION project_gate(uuid, text, bytea, uuid, uuid, bigint);
DROP FUNCTION asking(uuid, text, bytea, uuid, uuid, bigint);

DROP INDEX api_keys_of_project;

ALTER TABLE sessions
    DROP COLUMN is_impersonation,
    DROP COLUMN last_used_at_millis;

ALTER TABLE permission_containments
    DROP CONSTRAINT permission_containments_project_id_permission_id_fkey,
    ADD CONSTRAINT permission_containments_project_id_permission_id_fkey FOREIGN KEY (project_id, permission_id)
        REFERENCES permission_definitions ON DELETE CASCADE;
ALTER TABLE permission_definitions
    DROP COLUMN description;

ALTER TABLE teams
    DROP COLUMN profile_image_url,
    DROP COLUMN client_metadata,
    DROP COLUMN client_read_only_metadata,
    DROP COLUMN server_metadata;

-- The older schema knows neither passwords from elsewhere nor addresses that several people share.
UPDATE users SET password_hash = NULL WHERE password_hash NOT LIKE '$argon2id$%';
UPDATE users SET primary_email = NULL WHERE NOT primary_email_auth_enabled;
DROP INDEX users_by_arrival;
DROP INDEX users_primary_email_unique;
ALTER TABLE users
    DROP CONSTRAINT users_selected_team_is_theirs,
    DROP CONSTRAINT users_password_hash_form,
    DROP COLUMN primary_email_verified,
    DROP COLUMN primary_email_auth_enabled,
    DROP COLUMN profile_image_url,
    DROP COLUMN client_metadata,
    DROP COLUMN client_read_only_metadata,
    DROP COLUMN server_metadata,
    DROP COLUMN selected_team_id,
    DROP COLUMN last_active_at_millis,
    DROP COLUMN is_project_admin,
    ADD CONSTRAINT users_password_hash_form CHECK (password_hash LIKE '$argon2id$%'),
    ADD CONSTRAINT users_primary_email_unique UNIQUE (project_id, primary_email);

DROP TABLE signing_keys;

ALTER TABLE projects
    DROP COLUMN require_publishable_client_key,
    DROP COLUMN allow_localhost,
    DROP COLUMN domains;
