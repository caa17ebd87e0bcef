-- Times are milliseconds since 1970, UTC: what comes from outside may lie beyond what a timestamp
-- holds. The database's clock decides what is expired; all instances share it.
CREATE FUNCTION now_millis() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint;

-- A UUID of version 7 (RFC 9562, 5.7): the first 48 bits are the time, so rows arrive in order.
CREATE FUNCTION new_id() RETURNS uuid
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN encode(
        set_bit(set_bit(
            overlay(
                uuid_send(gen_random_uuid())
                PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                FROM 1 FOR 6
            ), 52, 1), 53, 1),
        'hex')::uuid;

-- A tenant.
CREATE TABLE projects (
    project_id uuid PRIMARY KEY,
    display_name text NOT NULL,
    allow_user_api_keys boolean NOT NULL DEFAULT false,
    allow_team_api_keys boolean NOT NULL DEFAULT false,
    sign_up_enabled boolean NOT NULL DEFAULT true,
    credential_enabled boolean NOT NULL DEFAULT true,
    client_team_creation_enabled boolean NOT NULL DEFAULT false,
    client_user_deletion_enabled boolean NOT NULL DEFAULT false,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    CONSTRAINT projects_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 255)
);

-- The keys by which applications prove which project they belong to. Digests only.
CREATE TABLE project_key_sets (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    key_set_id uuid NOT NULL,
    publishable_client_key_digest bytea NOT NULL,
    secret_server_key_digest bytea NOT NULL,
    super_secret_admin_key_digest bytea NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    PRIMARY KEY (project_id, key_set_id),
    CONSTRAINT project_key_sets_digest_lengths CHECK (
        octet_length(publishable_client_key_digest) = 32
        AND octet_length(secret_server_key_digest) = 32
        AND octet_length(super_secret_admin_key_digest) = 32
    )
);

CREATE TABLE users (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    user_id uuid NOT NULL,
    display_name text,
    primary_email text,
    password_hash text,
    signed_up_at_millis bigint NOT NULL DEFAULT now_millis(),
    PRIMARY KEY (project_id, user_id),
    CONSTRAINT users_primary_email_unique UNIQUE (project_id, primary_email),
    CONSTRAINT users_primary_email_form CHECK (
        primary_email = lower(btrim(primary_email)) AND octet_length(primary_email) BETWEEN 3 AND 254
    ),
    -- PHC string format: only ever the output of a password hash, never a password.
    CONSTRAINT users_password_hash_form CHECK (password_hash LIKE '$argon2id$%'),
    CONSTRAINT users_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 255)
);

CREATE TABLE teams (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    team_id uuid NOT NULL,
    display_name text NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    PRIMARY KEY (project_id, team_id),
    CONSTRAINT teams_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 255)
);

CREATE TABLE memberships (
    project_id uuid NOT NULL,
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    PRIMARY KEY (project_id, team_id, user_id),
    FOREIGN KEY (project_id, team_id) REFERENCES teams ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX memberships_by_user ON memberships (project_id, user_id);

-- The project's own permissions. The system's, which begin with $, need no definition.
CREATE TABLE permission_definitions (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    permission_id text NOT NULL,
    PRIMARY KEY (project_id, permission_id),
    CONSTRAINT permission_definitions_id_form CHECK (permission_id ~ '^[a-z0-9_:]{1,255}$')
);

CREATE TABLE permission_containments (
    project_id uuid NOT NULL,
    permission_id text NOT NULL,
    contained_permission_id text NOT NULL,
    PRIMARY KEY (project_id, permission_id, contained_permission_id),
    FOREIGN KEY (project_id, permission_id) REFERENCES permission_definitions ON DELETE CASCADE,
    CONSTRAINT permission_containments_id_form CHECK (contained_permission_id ~ '^\$?[a-z0-9_:]{1,255}$')
);

-- What a member was granted directly; what follows from it is team_permissions().
CREATE TABLE team_permission_grants (
    project_id uuid NOT NULL,
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    permission_id text NOT NULL,
    PRIMARY KEY (project_id, team_id, user_id, permission_id),
    FOREIGN KEY (project_id, team_id, user_id) REFERENCES memberships ON DELETE CASCADE,
    CONSTRAINT team_permission_grants_id_form CHECK (permission_id ~ '^\$?[a-z0-9_:]{1,255}$')
);

-- Signed-in browsers. The token itself is only in the browser's cookie.
CREATE TABLE sessions (
    project_id uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_digest bytea NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    expires_at_millis bigint NOT NULL,
    PRIMARY KEY (project_id, session_id),
    FOREIGN KEY (project_id, user_id) REFERENCES users ON DELETE CASCADE,
    CONSTRAINT sessions_token_digest_unique UNIQUE (project_id, token_digest),
    CONSTRAINT sessions_token_digest_length CHECK (octet_length(token_digest) = 32),
    CONSTRAINT sessions_end_after_start CHECK (expires_at_millis > created_at_millis)
);
CREATE INDEX sessions_by_user ON sessions (project_id, user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at_millis);

-- How often somebody tried to sign in, by account and by address. The subject is a keyed digest:
-- the table tells nobody who tried.
CREATE TABLE sign_in_attempts (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    subject_digest bytea NOT NULL,
    window_started_at_millis bigint NOT NULL,
    attempts integer NOT NULL,
    PRIMARY KEY (project_id, subject_digest),
    CONSTRAINT sign_in_attempts_digest_length CHECK (octet_length(subject_digest) = 32),
    CONSTRAINT sign_in_attempts_not_negative CHECK (attempts >= 0)
);
CREATE INDEX sign_in_attempts_by_start ON sign_in_attempts (window_started_at_millis);

CREATE TABLE api_keys (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    api_key_id uuid NOT NULL,
    owner_user_id uuid,
    owner_team_id uuid,
    created_by_user_id uuid,
    creation_token uuid,
    description text NOT NULL,
    is_public boolean NOT NULL DEFAULT false,
    digest bytea NOT NULL,
    last_four text NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    expires_at_millis bigint,
    revoked_at_millis bigint,
    PRIMARY KEY (project_id, api_key_id),
    FOREIGN KEY (project_id, owner_user_id) REFERENCES users ON DELETE CASCADE,
    FOREIGN KEY (project_id, owner_team_id) REFERENCES teams ON DELETE CASCADE,
    FOREIGN KEY (project_id, created_by_user_id) REFERENCES users ON DELETE SET NULL (created_by_user_id),
    CONSTRAINT api_keys_one_owner CHECK (num_nonnulls(owner_user_id, owner_team_id) = 1),
    CONSTRAINT api_keys_digest_unique UNIQUE (project_id, digest),
    CONSTRAINT api_keys_digest_length CHECK (octet_length(digest) = 32),
    CONSTRAINT api_keys_creation_token_unique UNIQUE (project_id, created_by_user_id, creation_token),
    CONSTRAINT api_keys_last_four_form CHECK (last_four ~ '^[0-9a-z]{4}$'),
    CONSTRAINT api_keys_description_length CHECK (char_length(description) <= 1000),
    -- The range of a JavaScript Date.
    CONSTRAINT api_keys_expires_range CHECK (
        expires_at_millis BETWEEN -8640000000000000 AND 8640000000000000
    )
);
COMMENT ON CONSTRAINT api_keys_one_owner ON api_keys IS 'A key acts for a user or for a team, never both or neither.';
COMMENT ON CONSTRAINT api_keys_digest_unique ON api_keys IS 'One secret is one key; a check looks keys up by this index.';
COMMENT ON CONSTRAINT api_keys_digest_length ON api_keys IS 'SHA-256 of the key string; the string itself is never stored.';
COMMENT ON CONSTRAINT api_keys_creation_token_unique ON api_keys IS 'However often one form is sent, it makes one key.';
COMMENT ON CONSTRAINT api_keys_description_length ON api_keys IS 'What the REST API allows; the pages allow 255.';

-- A page of an owner's keys, newest first, and the counts beside it come from these alone.
CREATE INDEX api_keys_of_user ON api_keys (project_id, owner_user_id, created_at_millis DESC, api_key_id DESC)
    INCLUDE (revoked_at_millis, expires_at_millis) WHERE owner_user_id IS NOT NULL;
CREATE INDEX api_keys_of_team ON api_keys (project_id, owner_team_id, created_at_millis DESC, api_key_id DESC)
    INCLUDE (revoked_at_millis, expires_at_millis) WHERE owner_team_id IS NOT NULL;

-- Apart from the key, so that a use never rewrites the key's row.
CREATE TABLE api_key_uses (
    project_id uuid NOT NULL,
    api_key_id uuid NOT NULL,
    last_used_at_millis bigint NOT NULL,
    PRIMARY KEY (project_id, api_key_id),
    FOREIGN KEY (project_id, api_key_id) REFERENCES api_keys ON DELETE CASCADE
);

-- Who changed what. Written by the statement that changes it, so neither is without the other.
CREATE TABLE audit_events (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    event_id uuid NOT NULL DEFAULT new_id(),
    at_millis bigint NOT NULL DEFAULT now_millis(),
    actor_user_id uuid,
    action text NOT NULL,
    subject_id uuid NOT NULL,
    PRIMARY KEY (project_id, event_id)
);
CREATE INDEX audit_events_by_time ON audit_events (project_id, at_millis DESC);

-- All that a member may do in a team: what was granted and everything contained in it. UNION keeps
-- cycles finite; a permission whose definition has gone counts for nothing.
CREATE FUNCTION team_permissions(in_project uuid, in_team uuid, of_user uuid) RETURNS SETOF text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE held (permission_id) AS (
        SELECT g.permission_id
        FROM team_permission_grants g
        WHERE g.project_id = in_project AND g.team_id = in_team AND g.user_id = of_user
        UNION
        SELECT c.contained_permission_id
        FROM held h
        JOIN permission_containments c ON c.project_id = in_project AND c.permission_id = h.permission_id
    )
    SELECT h.permission_id
    FROM held h
    WHERE left(h.permission_id, 1) = '$'
       OR EXISTS (
           SELECT FROM permission_definitions d
           WHERE d.project_id = in_project AND d.permission_id = h.permission_id
       );
END;

-- Who a browser session is, if it still is anybody.
CREATE FUNCTION session_user_id(in_project uuid, with_digest bytea) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (
        SELECT s.user_id FROM sessions s
        WHERE s.project_id = in_project AND s.token_digest = with_digest AND s.expires_at_millis > now_millis()
    );

-- The one decision about a browser session and a set of keys: the session's own where of_team is
-- null, that team's otherwise. Always one row. Every statement that reads or changes keys joins it,
-- so the decision is as fresh as the answer. A team that one may not manage looks like no team.
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
