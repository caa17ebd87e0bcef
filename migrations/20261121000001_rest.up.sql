-- What the REST API needs beside the pages: keys to sign tokens with, the rest of what is known of
-- projects, people and teams, and one decision for every kind of caller.

ALTER TABLE projects
    ADD COLUMN require_publishable_client_key boolean NOT NULL DEFAULT false,
    ADD COLUMN allow_localhost boolean NOT NULL DEFAULT true,
    -- Where links in messages may lead: [{"domain": "https://app.example", "handler_path": "/handler"}].
    ADD COLUMN domains jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT projects_domains_list CHECK (jsonb_typeof(domains) = 'array');

-- The private keys are sealed with the program's own secret: a copy of the database cannot sign.
CREATE TABLE signing_keys (
    key_id uuid PRIMARY KEY,
    sealed bytea NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis()
);
COMMENT ON TABLE signing_keys IS 'The one table without a project: every project''s tokens are signed by the same keys.';

ALTER TABLE users
    ADD COLUMN primary_email_verified boolean NOT NULL DEFAULT false,
    ADD COLUMN primary_email_auth_enabled boolean NOT NULL DEFAULT true,
    ADD COLUMN profile_image_url text,
    ADD COLUMN client_metadata jsonb,
    ADD COLUMN client_read_only_metadata jsonb,
    ADD COLUMN server_metadata jsonb,
    ADD COLUMN selected_team_id uuid,
    ADD COLUMN last_active_at_millis bigint NOT NULL DEFAULT now_millis(),
    ADD COLUMN is_project_admin boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT users_primary_email_unique,
    DROP CONSTRAINT users_password_hash_form,
    -- Argon2id, or bcrypt as it comes from elsewhere; the latter is replaced at the next sign-in.
    ADD CONSTRAINT users_password_hash_form CHECK (password_hash ~ '^\$(argon2id|2[abxy])\$'),
    ADD CONSTRAINT users_profile_image_url_length CHECK (char_length(profile_image_url) <= 2000),
    ADD CONSTRAINT users_selected_team_is_theirs FOREIGN KEY (project_id, selected_team_id, user_id)
        REFERENCES memberships (project_id, team_id, user_id) ON DELETE SET NULL (selected_team_id);
-- An address that nobody signs in by may stand at several people.
CREATE UNIQUE INDEX users_primary_email_unique ON users (project_id, primary_email) WHERE primary_email_auth_enabled;
CREATE INDEX users_by_arrival ON users (project_id, signed_up_at_millis, user_id);

ALTER TABLE teams
    ADD COLUMN profile_image_url text,
    ADD COLUMN client_metadata jsonb,
    ADD COLUMN client_read_only_metadata jsonb,
    ADD COLUMN server_metadata jsonb,
    ADD CONSTRAINT teams_profile_image_url_length CHECK (char_length(profile_image_url) <= 2000);

ALTER TABLE permission_definitions
    ADD COLUMN description text;
ALTER TABLE permission_containments
    DROP CONSTRAINT permission_containments_project_id_permission_id_fkey,
    ADD CONSTRAINT permission_containments_project_id_permission_id_fkey FOREIGN KEY (project_id, permission_id)
        REFERENCES permission_definitions ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE sessions
    ADD COLUMN is_impersonation boolean NOT NULL DEFAULT false,
    ADD COLUMN last_used_at_millis bigint NOT NULL DEFAULT now_millis();

-- All keys of a project, newest first, and the counts beside a page of them.
CREATE INDEX api_keys_of_project ON api_keys (project_id, created_at_millis DESC, api_key_id DESC)
    INCLUDE (revoked_at_millis, expires_at_millis);

-- Who asks, and why not where the answer is no (null: what they show is right). Always one row.
--
-- A caller is of one of these kinds, and shows a digest:
--   browser  the session cookie's;
--   client   the publishable client key's, or none;
--   server   the secret server key's;
--   admin    the super secret admin key's, or none where the token is a project admin's.
-- Beside it every kind but the browser may show an access token, which names a session and its user.
-- The token ends with its session; where the user has gone, nobody asks.
CREATE FUNCTION asking(
    in_project uuid, as_kind text, with_digest bytea,
    in_session uuid, of_user uuid, token_ends_at_millis bigint
)
    RETURNS TABLE (refusal text, may_all boolean, user_id uuid, session_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN as_kind = 'browser' THEN CASE WHEN s.session_id IS NULL THEN 'signed_out' END
            WHEN token_ends_at_millis <= now_millis() THEN 'token_expired'
            WHEN p.project_id IS NULL THEN 'project_unknown'
            WHEN in_session IS NOT NULL AND s.session_id IS NULL
                AND EXISTS (SELECT FROM users u WHERE u.project_id = in_project AND u.user_id = of_user)
                THEN 'token_expired'
            WHEN as_kind = 'client' AND with_digest IS NULL THEN
                CASE WHEN p.require_publishable_client_key THEN 'client_key_missing' END
            WHEN as_kind = 'server' AND with_digest IS NULL THEN 'server_key_missing'
            WHEN as_kind = 'admin' AND with_digest IS NULL THEN
                CASE WHEN (
                    SELECT u.is_project_admin FROM users u
                    WHERE u.project_id = in_project AND u.user_id = s.user_id
                ) IS NOT TRUE THEN 'admin_key_missing' END
            WHEN NOT EXISTS (
                SELECT FROM project_key_sets k
                WHERE k.project_id = in_project AND with_digest = CASE as_kind
                    WHEN 'client' THEN k.publishable_client_key_digest
                    WHEN 'server' THEN k.secret_server_key_digest
                    WHEN 'admin' THEN k.super_secret_admin_key_digest
                END
            ) THEN as_kind || '_key_wrong'
        END,
        as_kind IN ('server', 'admin'),
        s.user_id,
        s.session_id
    FROM (SELECT) one
    LEFT JOIN projects p ON p.project_id = in_project
    LEFT JOIN LATERAL (
        SELECT b.user_id, b.session_id FROM sessions b
        WHERE as_kind = 'browser' AND b.project_id = in_project AND b.token_digest = with_digest
            AND b.expires_at_millis > now_millis()
        UNION ALL
        SELECT t.user_id, t.session_id FROM sessions t
        WHERE as_kind <> 'browser' AND t.project_id = in_project AND t.session_id = in_session
            AND t.user_id = of_user AND t.expires_at_millis > now_millis()
    ) s ON true;
END;

-- The one decision about a caller and keys of one kind: the caller's own (own), or those of the user or
-- team that owns them (of_owner; null where the key that is meant does not exist). Always one row; a
-- null refusal means yes. Every statement that reads or changes keys joins it, so the decision is as
-- fresh as the answer. A team whose keys one may not manage looks like no team.
DROP FUNCTION key_gate(uuid, bytea, uuid);
CREATE FUNCTION key_gate(
    in_project uuid, as_kind text, with_digest bytea,
    in_session uuid, of_user uuid, token_ends_at_millis bigint,
    of_kind text, own boolean, of_owner uuid
)
    RETURNS TABLE (refusal text, may_all boolean, actor_user_id uuid, owner_user_id uuid, owner_team_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN a.refusal IS NOT NULL THEN a.refusal
            WHEN own AND a.user_id IS NULL THEN 'no_own_user'
            WHEN of_kind = 'user' AND NOT p.allow_user_api_keys THEN 'user_keys_off'
            WHEN of_kind = 'team' AND NOT p.allow_team_api_keys THEN 'team_keys_off'
            WHEN own OR a.may_all THEN NULL
            WHEN of_owner IS NULL THEN NULL
            WHEN a.user_id IS NULL THEN 'user_required'
            WHEN of_kind = 'user' THEN CASE WHEN of_owner <> a.user_id THEN 'not_own' END
            WHEN '$manage_api_keys' NOT IN (SELECT team_permissions(in_project, of_owner, a.user_id)) THEN 'not_found'
        END,
        a.may_all,
        a.user_id,
        CASE WHEN of_kind = 'user' THEN CASE WHEN own THEN a.user_id ELSE of_owner END END,
        CASE WHEN of_kind = 'team' THEN of_owner END
    FROM asking(in_project, as_kind, with_digest, in_session, of_user, token_ends_at_millis) a
    LEFT JOIN projects p ON p.project_id = in_project;
END;

-- The one decision about a caller and the project itself, with all keys in it. Always one row; a null
-- refusal means yes: whoever asks as an administrator, or a browser whose user administers the
-- project. To every other user it looks as if there were nothing to administer.
CREATE FUNCTION project_gate(
    in_project uuid, as_kind text, with_digest bytea,
    in_session uuid, of_user uuid, token_ends_at_millis bigint
)
    RETURNS TABLE (refusal text, actor_user_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN as_kind IN ('client', 'server') THEN 'admin_key_missing'
            WHEN a.refusal IS NOT NULL THEN a.refusal
            WHEN as_kind = 'browser' AND (
                SELECT u.is_project_admin FROM users u
                WHERE u.project_id = in_project AND u.user_id = a.user_id
            ) IS NOT TRUE THEN 'not_found'
        END,
        a.user_id
    FROM asking(in_project, as_kind, with_digest, in_session, of_user, token_ends_at_millis) a;
END;

DROP FUNCTION session_user_id(uuid, bytea);

-- What programs are told of a team and of a user. They take the row itself, so that a statement that
-- changes one can tell what it has become; null where an outer join has found no row.
CREATE FUNCTION team_body(t teams) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN t.team_id IS NOT NULL THEN jsonb_build_object(
        'id', t.team_id,
        'display_name', t.display_name,
        'profile_image_url', t.profile_image_url,
        'client_metadata', t.client_metadata,
        'client_read_only_metadata', t.client_read_only_metadata,
        'server_metadata', t.server_metadata,
        'created_at_millis', t.created_at_millis
    ) END;

CREATE FUNCTION user_body(u users) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN u.user_id IS NOT NULL THEN jsonb_build_object(
        'id', u.user_id,
        'primary_email', u.primary_email,
        'primary_email_verified', u.primary_email_verified,
        'primary_email_auth_enabled', u.primary_email_auth_enabled,
        'display_name', u.display_name,
        'profile_image_url', u.profile_image_url,
        'client_metadata', u.client_metadata,
        'client_read_only_metadata', u.client_read_only_metadata,
        'server_metadata', u.server_metadata,
        'has_password', u.password_hash IS NOT NULL,
        'signed_up_at_millis', u.signed_up_at_millis,
        'last_active_at_millis', u.last_active_at_millis,
        'selected_team', (
            SELECT team_body(t) FROM teams t
            WHERE t.project_id = u.project_id AND t.team_id = u.selected_team_id
        )
    ) END;

CREATE FUNCTION project_body(p projects) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN p.project_id IS NOT NULL THEN jsonb_build_object(
        'id', p.project_id,
        'display_name', p.display_name,
        'settings', jsonb_build_object(
            'allow_user_api_keys', p.allow_user_api_keys,
            'allow_team_api_keys', p.allow_team_api_keys,
            'sign_up_enabled', p.sign_up_enabled,
            'credential_enabled', p.credential_enabled,
            'client_team_creation_enabled', p.client_team_creation_enabled,
            'client_user_deletion_enabled', p.client_user_deletion_enabled,
            'require_publishable_client_key', p.require_publishable_client_key,
            'allow_localhost', p.allow_localhost
        ),
        'domains', p.domains
    ) END;
