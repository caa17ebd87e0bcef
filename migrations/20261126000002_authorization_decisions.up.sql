-- Who may do what. Every statement that reads or changes something on behalf of a caller calls one of the
-- gates below, so the decision is as fresh as the answer. A gate always returns one row; its denial is null
-- where the answer is yes.

CREATE TYPE caller_kind AS ENUM (
    'browser', -- shows the digest of its session cookie
    'client',  -- shows the digest of the publishable client key, or none
    'server',  -- shows the digest of the secret server key
    'admin'    -- shows the digest of the super secret admin key, or none if its token is a project admin's
);

-- The caller as the request describes it. Every kind but the browser may also have an access token, which
-- names a session, its user and the token's own end.
CREATE TYPE caller AS (
    project_id uuid,
    kind caller_kind,
    digest bytea,
    session_id uuid,
    user_id uuid,
    token_ends_at_millis bigint
);

CREATE TYPE denial AS ENUM (
    -- The caller is not who it claims to be.
    'signed_out',
    'token_expired',
    'project_unknown',
    'client_key_missing',
    'client_key_wrong',
    'server_key_missing',
    'server_key_wrong',
    'admin_key_missing',
    'admin_key_wrong',
    -- The caller means itself, but there is no user.
    'own_user_missing',
    -- Only a user (or a server on behalf of one) can do this.
    'user_required',
    -- It belongs to another user.
    'other_user',
    -- It does not exist, or the caller must not know that it exists.
    'api_key_not_found',
    'project_not_found',
    'team_not_found',
    -- The caller is in the team, but lacks the permission.
    'permission_required',
    -- A user can create teams only for themselves.
    'other_creator',
    -- The project's settings do not allow it.
    'user_keys_off',
    'team_keys_off',
    'team_creation_off',
    'user_deletion_off',
    -- The database was restored from a backup, and no operator has decided about it yet.
    'locked'
);

-- Whether something has expired, by the database's clock unless another instant is given; null where it
-- never expires. At the very instant it has expired.
CREATE FUNCTION is_expired(expires_at_millis bigint, at_millis bigint DEFAULT now_millis()) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN expires_at_millis <= at_millis;

-- All permissions of a member of a team: those granted and everything contained in them. UNION keeps
-- cycles finite; a permission without a definition counts for nothing.
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

-- Whether the caller is who it claims to be. A token ends with its session, and a session with the
-- credentials that it began with; if the user no longer exists, the caller is nobody. Servers and administrators are privileged: they may do everything in the project.
CREATE FUNCTION caller_gate(c caller)
    RETURNS TABLE (denial denial, is_privileged boolean, user_id uuid, session_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN c.kind = 'browser' THEN CASE WHEN s.session_id IS NULL THEN 'signed_out'::denial END
            WHEN is_expired(c.token_ends_at_millis) THEN 'token_expired'
            WHEN p.project_id IS NULL THEN 'project_unknown'
            WHEN c.session_id IS NOT NULL AND s.session_id IS NULL
                AND EXISTS (SELECT FROM users u WHERE u.project_id = c.project_id AND u.user_id = c.user_id)
                THEN 'token_expired'
            WHEN c.kind = 'client' AND c.digest IS NULL THEN
                CASE WHEN p.require_publishable_client_key THEN 'client_key_missing'::denial END
            WHEN c.kind = 'server' AND c.digest IS NULL THEN 'server_key_missing'
            WHEN c.kind = 'admin' AND c.digest IS NULL THEN
                CASE WHEN (
                    SELECT u.is_project_admin FROM users u
                    WHERE u.project_id = c.project_id AND u.user_id = s.user_id
                ) IS NOT TRUE THEN 'admin_key_missing'::denial END
            WHEN NOT EXISTS (
                SELECT FROM project_key_sets k
                WHERE k.project_id = c.project_id AND c.digest = CASE c.kind
                    WHEN 'client' THEN k.publishable_client_key_digest
                    WHEN 'server' THEN k.secret_server_key_digest
                    WHEN 'admin' THEN k.super_secret_admin_key_digest
                END
            ) THEN CASE c.kind
                WHEN 'client' THEN 'client_key_wrong'::denial
                WHEN 'server' THEN 'server_key_wrong'
                ELSE 'admin_key_wrong'
            END
        END,
        c.kind IN ('server', 'admin'),
        s.user_id,
        s.session_id
    FROM (SELECT) one
    LEFT JOIN projects p ON p.project_id = c.project_id
    LEFT JOIN LATERAL (
        SELECT b.user_id, b.session_id
        FROM sessions b JOIN users u ON u.project_id = b.project_id AND u.user_id = b.user_id
        WHERE c.kind = 'browser' AND b.project_id = c.project_id AND b.token_digest = c.digest AND b.is_browser
            AND NOT is_expired(b.expires_at_millis) AND b.credential_version = u.credential_version
        UNION ALL
        SELECT t.user_id, t.session_id
        FROM sessions t JOIN users u ON u.project_id = t.project_id AND u.user_id = t.user_id
        WHERE c.kind <> 'browser' AND t.project_id = c.project_id AND t.session_id = c.session_id
            AND t.user_id = c.user_id AND NOT t.is_browser
            AND NOT is_expired(t.expires_at_millis) AND t.credential_version = u.credential_version
    ) s ON true;
END;

-- What only servers and administrators may do. subject_user_id is the user that is meant: the caller's own
-- where of_user is null.
CREATE FUNCTION server_gate(c caller, of_user uuid DEFAULT NULL)
    RETURNS TABLE (denial denial, actor_user_id uuid, subject_user_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        COALESCE(a.denial, CASE WHEN NOT a.is_privileged THEN 'user_required'::denial END),
        a.user_id,
        COALESCE(of_user, a.user_id)
    FROM caller_gate(c) a;
END;

-- What concerns one user: the caller's own user where of_user is null. Only a server may mean another one,
-- or everybody.
CREATE FUNCTION user_gate(c caller, of_user uuid, everybody boolean DEFAULT false)
    RETURNS TABLE (
        denial denial, is_privileged boolean, actor_user_id uuid, actor_session_id uuid, subject_user_id uuid
    )
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN a.denial IS NOT NULL THEN a.denial
            WHEN everybody THEN CASE WHEN NOT a.is_privileged THEN 'other_user'::denial END
            WHEN of_user IS NULL THEN CASE WHEN a.user_id IS NULL THEN 'own_user_missing'::denial END
            WHEN NOT a.is_privileged AND of_user IS DISTINCT FROM a.user_id THEN 'other_user'
        END,
        a.is_privileged,
        a.user_id,
        a.session_id,
        CASE WHEN NOT everybody THEN COALESCE(of_user, a.user_id) END
    FROM caller_gate(c) a;
END;

-- What concerns one team: its members may do it who hold the permission, or all of them where no permission
-- is needed (null), and servers. To others the team does not exist.
CREATE FUNCTION team_gate(c caller, of_team uuid, needed_permission text)
    RETURNS TABLE (denial denial, is_privileged boolean, actor_user_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN a.denial IS NOT NULL THEN a.denial
            WHEN a.is_privileged THEN NULL
            WHEN a.user_id IS NULL THEN 'user_required'
            WHEN NOT EXISTS (
                SELECT FROM memberships m
                WHERE m.project_id = c.project_id AND m.team_id = of_team AND m.user_id = a.user_id
            ) THEN 'team_not_found'
            WHEN needed_permission IS NOT NULL
                AND needed_permission NOT IN (SELECT team_permissions(c.project_id, of_team, a.user_id))
                THEN 'permission_required'
        END,
        a.is_privileged,
        a.user_id
    FROM caller_gate(c) a;
END;

-- What concerns API keys of one kind: the caller's own (own), or those of the user or team that owns them
-- (of_owner; null where the key in question does not exist). To whoever may not manage a team's keys, the
-- team does not exist.
CREATE FUNCTION key_gate(c caller, of_kind text, own boolean, of_owner uuid)
    RETURNS TABLE (
        denial denial, is_privileged boolean, actor_user_id uuid, owner_user_id uuid, owner_team_id uuid
    )
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN a.denial IS NOT NULL THEN a.denial
            WHEN own AND a.user_id IS NULL THEN 'own_user_missing'
            WHEN of_kind = 'user' AND NOT p.allow_user_api_keys THEN 'user_keys_off'
            WHEN of_kind = 'team' AND NOT p.allow_team_api_keys THEN 'team_keys_off'
            WHEN own OR a.is_privileged THEN NULL
            WHEN of_owner IS NULL THEN NULL
            WHEN a.user_id IS NULL THEN 'user_required'
            WHEN of_kind = 'user' THEN CASE WHEN of_owner <> a.user_id THEN 'other_user'::denial END
            WHEN '$manage_api_keys' NOT IN (SELECT team_permissions(c.project_id, of_owner, a.user_id))
                THEN 'api_key_not_found'
        END,
        a.is_privileged,
        a.user_id,
        CASE WHEN of_kind = 'user' THEN CASE WHEN own THEN a.user_id ELSE of_owner END END,
        CASE WHEN of_kind = 'team' THEN of_owner END
    FROM caller_gate(c) a
    LEFT JOIN projects p ON p.project_id = c.project_id;
END;

-- The number of valid keys of the owner, counted up to `most`. Reads only an index of valid keys.
CREATE FUNCTION valid_key_count(in_project uuid, of_user uuid, of_team uuid, most bigint) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT count(*) FROM (
        (
            SELECT FROM api_keys k
            WHERE of_user IS NOT NULL AND k.project_id = in_project AND k.owner_user_id = of_user
                AND k.revoked_at_millis IS NULL
                AND COALESCE(k.expires_at_millis, 9223372036854775807) > now_millis()
            LIMIT most
        )
        UNION ALL
        (
            SELECT FROM api_keys k
            WHERE of_team IS NOT NULL AND k.project_id = in_project AND k.owner_team_id = of_team
                AND k.revoked_at_millis IS NULL
                AND COALESCE(k.expires_at_millis, 9223372036854775807) > now_millis()
            LIMIT most
        )
    ) valid;
END;

-- The limits of an owner's keys, as far as people create them.
CREATE TYPE key_limit AS ENUM (
    'valid', -- of keys that are neither revoked nor expired
    'daily'  -- of keys created within 24 hours, so that creating and revoking by turns has an end
);

-- The number of keys that people have created for the owner within 24 hours, counted up to `most`. Reads only the
-- index of these keys.
CREATE FUNCTION created_key_count(in_project uuid, of_user uuid, of_team uuid, most bigint) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT count(*) FROM (
        SELECT FROM api_keys k
        WHERE k.created_by_person AND k.project_id = in_project
            AND COALESCE(k.owner_user_id, k.owner_team_id) = COALESCE(of_user, of_team)
            AND k.created_at_millis > now_millis() - 24 * 60 * 60 * 1000
        LIMIT most
    ) created;
END;

-- The limit that keeps people from creating a key for the owner; null where there is room. `most` is the limit of
-- valid keys, and ten times as many may be created within 24 hours. Creations for one owner take turns from here to
-- their commit. The function is volatile, so what it reads after the wait is what the others have committed; a
-- statement sees only what was there before it waited. The form with this token counts no second time, unless it
-- would bring an expired key back.
CREATE FUNCTION key_limit_reached(
    in_project uuid, of_user uuid, of_team uuid, most bigint, of_actor uuid, of_creation_token uuid
) RETURNS key_limit
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
    -- Whether the key that was created with this token has expired; null if no key was.
    has_expired boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(1264671832, hashtext(COALESCE(of_user, of_team)::text));
    SELECT k.revoked_at_millis IS NULL AND is_expired(k.expires_at_millis) IS TRUE INTO has_expired
    FROM api_keys k
    WHERE k.project_id = in_project AND k.created_by_user_id = of_actor AND k.creation_token = of_creation_token;
    RETURN CASE
        WHEN NOT has_expired THEN NULL
        WHEN valid_key_count(in_project, of_user, of_team, most) >= most THEN 'valid'::key_limit
        WHEN has_expired IS NULL AND created_key_count(in_project, of_user, of_team, 10 * most) >= 10 * most
            THEN 'daily'
    END;
END;
$$;

-- Whether the user has created as many teams, of those that exist, as one may: each has keys of its own. Membership
-- does not count, because one can leave a team that stays. Creations by one user take turns as above. The form with
-- this token counts no second time.
CREATE FUNCTION team_limit_reached(in_project uuid, of_user uuid, of_creation_token uuid, most bigint) RETURNS boolean
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1264671833, hashtext(of_user::text));
    RETURN NOT EXISTS (
        SELECT FROM teams t
        WHERE t.project_id = in_project AND t.created_by_user_id = of_user AND t.creation_token = of_creation_token
    ) AND (
        SELECT count(*) FROM (
            SELECT FROM teams t WHERE t.project_id = in_project AND t.created_by_user_id = of_user LIMIT most
        ) created
    ) >= most;
END;
$$;

-- What concerns the project itself and all keys in it: administrators may do it, and browsers whose user
-- administers the project. To every other user there is nothing to administer.
CREATE FUNCTION project_gate(c caller)
    RETURNS TABLE (denial denial, actor_user_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT
        CASE
            WHEN c.kind IN ('client', 'server') THEN 'admin_key_missing'::denial
            WHEN a.denial IS NOT NULL THEN a.denial
            WHEN c.kind = 'browser' AND (
                SELECT u.is_project_admin FROM users u
                WHERE u.project_id = c.project_id AND u.user_id = a.user_id
            ) IS NOT TRUE THEN 'project_not_found'
        END,
        a.user_id
    FROM caller_gate(c) a;
END;

-- Whether the database was restored and nobody has decided about it yet: keys may work again in it that were
-- revoked after the dump, and members, roles, sessions and passwords may be back. Keys are not checked then
-- (the statement of a check asks this gate), and nothing changes (the triggers below).
--
-- A dump carries the row of restore_mark, but not the OIDs of what it is restored into, nor the transaction that
-- writes the row there. Restarts, crashes, standbys, VACUUM FULL and pg_upgrade leave all of them as they are. What
-- is missing counts as restored: while a dump is being loaded, the row is not there yet.
CREATE FUNCTION restore_gate() RETURNS TABLE (denial denial)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN NOT EXISTS (
        SELECT FROM restore_mark m
        WHERE m.table_oid = m.tableoid AND m.row_xid = m.xmin
            AND m.database_oid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    ) THEN 'locked'::denial END;
END;

-- The last row counts, wherever it comes from.
CREATE FUNCTION replace_restore_mark() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path FROM CURRENT
AS $$
BEGIN
    DELETE FROM restore_mark;
    RETURN NEW;
END;
$$;
CREATE TRIGGER replace_restore_mark BEFORE INSERT ON restore_mark
    FOR EACH ROW EXECUTE FUNCTION replace_restore_mark();

-- In a subtransaction, rows carry its number, which no function tells: it is read from the row.
CREATE FUNCTION write_restore_mark() RETURNS void
    LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO restore_mark (table_oid, database_oid, row_xid)
    SELECT 'restore_mark'::regclass, d.oid, '0'::xid
    FROM pg_database d WHERE d.datname = current_database();
    UPDATE restore_mark SET row_xid = xmin;
END;
SELECT write_restore_mark();

-- Locks the database as if it had just been restored. No transaction has the number 0.
CREATE FUNCTION lock_restored(locked_by text) RETURNS void
    LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE restore_mark SET row_xid = '0'::xid;
    INSERT INTO restore_decisions (decided_by, decision) VALUES (locked_by, 'lock');
END;

-- An operator's decision about a restored database, which unlocks it: 'accept' takes everything as it is;
-- 'revoke_older' first revokes every key that works and ends every session. All of them are from the dump, because
-- nothing can be added while the database is locked. Returns no row where it is not locked.
CREATE FUNCTION decide_restored(chosen text, chosen_by text)
    RETURNS TABLE (keys_revoked bigint, sessions_ended bigint)
    LANGUAGE plpgsql VOLATILE ROWS 1
    SET search_path FROM CURRENT
AS $$
BEGIN
    -- One decision at a time.
    LOCK TABLE restore_mark IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM restore_gate() g WHERE g.denial IS NULL) THEN
        RETURN;
    END IF;
    PERFORM write_restore_mark();
    -- One of them may have been used since the backup.
    DELETE FROM password_resets;
    keys_revoked := 0;
    sessions_ended := 0;
    IF chosen = 'revoke_older' THEN
        WITH revoked AS (
            UPDATE api_keys k SET revoked_at_millis = now_millis()
            WHERE k.revoked_at_millis IS NULL AND is_expired(k.expires_at_millis) IS NOT TRUE
            RETURNING k.project_id, k.api_key_id
        ), audit AS (
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT r.project_id, 'api_key.revoked', r.api_key_id FROM revoked r
        )
        SELECT count(*) INTO keys_revoked FROM revoked;
        WITH ended AS (
            DELETE FROM sessions s RETURNING s.project_id, s.session_id
        ), audit AS (
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT e.project_id, 'session.ended', e.session_id FROM ended e
        )
        SELECT count(*) INTO sessions_ended FROM ended;
    END IF;
    INSERT INTO restore_decisions (decided_by, decision, keys_revoked, sessions_ended)
    VALUES (chosen_by, chosen, decide_restored.keys_revoked, decide_restored.sessions_ended);
    RETURN NEXT;
END;
$$;

-- Refuses every change while the database is locked, whoever makes it. What only takes away remains possible:
-- sessions can end. A migration that changes rows begins with SET LOCAL latchkey.bypass_lock = on, because an operator
-- can decide only after it; so does whoever loads the data of a dump alone.
CREATE FUNCTION refuse_while_locked() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path FROM CURRENT
AS $$
BEGIN
    IF current_setting('latchkey.bypass_lock', true) IS DISTINCT FROM 'on'
        AND EXISTS (SELECT FROM restore_gate() g WHERE g.denial IS NOT NULL)
    THEN
        RAISE EXCEPTION 'the database was restored from a backup and is locked'
            USING ERRCODE = 'LK001', HINT = 'Decide with "latchkey unlock".';
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON projects
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON project_key_sets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON teams
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON memberships
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON permission_definitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON permission_containments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON team_permission_grants
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE ON sessions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE ON password_resets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();
CREATE TRIGGER refuse_while_locked BEFORE INSERT OR UPDATE ON sign_in_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_locked();

-- How an attempt to sign in is treated.
CREATE TYPE admission AS ENUM (
    'known_browser', -- the account has signed in with this browser
    'known_address', -- the account has signed in from this address
    'unknown',       -- anybody else
    'locked',        -- nobody unknown may try this account for now; answered like a wrong password
    'refused'        -- the address may not try any account for now
);

-- Counts an attempt and is true, unless there have been as many as there may be; then nothing changes.
CREATE FUNCTION count_attempt(
    in_project uuid, subject bytea, most integer, window_millis bigint, of_user uuid DEFAULT NULL
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- Without a lock and without a write, so that refusing costs little.
    IF EXISTS (
        SELECT FROM sign_in_attempts f
        WHERE f.project_id = in_project AND f.subject_digest = subject
            AND f.attempts >= most AND NOT is_expired(f.ends_at_millis)
    ) THEN
        RETURN false;
    END IF;
    INSERT INTO sign_in_attempts AS a (project_id, subject_digest, ends_at_millis, attempts, user_id)
    VALUES (in_project, subject, now_millis() + window_millis, 1, of_user)
    ON CONFLICT (project_id, subject_digest) DO UPDATE SET
        attempts = CASE WHEN is_expired(a.ends_at_millis) THEN 1 ELSE LEAST(a.attempts, 1000000) + 1 END,
        has_succeeded = a.has_succeeded AND NOT is_expired(a.ends_at_millis),
        ends_at_millis = CASE WHEN is_expired(a.ends_at_millis)
            THEN EXCLUDED.ends_at_millis ELSE a.ends_at_millis END
    WHERE a.attempts < most OR is_expired(a.ends_at_millis);
    RETURN FOUND;
END
$$;

-- The counters of an account: of all who are unknown to it, and of one address. It is null where there is no such
-- account: then few counters, which many share, make the attempt write as much as any other.
CREATE FUNCTION account_attempts(of_user uuid, nobody bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256('account'::bytea || COALESCE(uuid_send(of_user), nobody));
CREATE FUNCTION address_attempts(of_user uuid, nobody bytea, address bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256('address'::bytea || COALESCE(uuid_send(of_user) || address, nobody));

-- Counts an attempt before the password is looked at, so concurrent attempts cannot exceed a limit. What is
-- refused counts for nobody else. browser is null unless it has signed in to this account before; address
-- is null where a server asks; former_addresses are its digests with former secrets. counted lists what to give back.
-- Every attempt locks the counters in this order.
CREATE FUNCTION admit_sign_in(
    in_project uuid, of_user uuid, nobody bytea, browser bytea, address bytea, former_addresses bytea[] DEFAULT '{}'
)
    RETURNS TABLE (admission admission, counted bytea[])
    LANGUAGE plpgsql VOLATILE ROWS 1
AS $$
DECLARE
    minute CONSTANT bigint := 60 * 1000;
    day CONSTANT bigint := 24 * 60 * minute;
    -- Counted without a limit where there is no account: the answer is the same anyway.
    unlimited CONSTANT integer := 2147483647;
    account CONSTANT bytea := account_attempts(of_user, nobody);
    pair CONSTANT bytea := address_attempts(of_user, nobody, address);
    is_known CONSTANT boolean := EXISTS (
        SELECT FROM sign_in_attempts k
        WHERE k.project_id = in_project AND k.subject_digest = ANY (array_prepend(
                pair, ARRAY(SELECT address_attempts(of_user, nobody, f) FROM unnest(former_addresses) f)
            ))
            AND k.has_succeeded AND NOT is_expired(k.ends_at_millis)
    );
BEGIN
    IF in_project IS NULL THEN
        RETURN;
    END IF;
    -- Ten in a row: a success sets the counter back.
    IF browser IS NOT NULL AND of_user IS NOT NULL AND count_attempt(in_project, browser, 10, 30 * day, of_user) THEN
        RETURN QUERY SELECT 'known_browser'::admission, ARRAY[browser];
        RETURN;
    END IF;
    counted := ARRAY[]::bytea[];
    IF address IS NOT NULL THEN
        IF NOT count_attempt(in_project, address, 50, 15 * minute) THEN
            RETURN QUERY SELECT 'refused'::admission, counted;
            RETURN;
        END IF;
        counted := counted || address;
        IF is_known AND count_attempt(in_project, pair, 10, day, of_user) THEN
            RETURN QUERY SELECT 'known_address'::admission, counted || pair;
            RETURN;
        END IF;
        -- Far fewer than lock an account, so that one address alone cannot.
        IF NOT count_attempt(
            in_project, pair, CASE WHEN of_user IS NULL THEN unlimited ELSE 15 END, day, of_user
        ) THEN
            RETURN QUERY SELECT 'locked'::admission, counted;
            RETURN;
        END IF;
        counted := counted || pair;
    END IF;
    -- With ten of a known browser and ten of a known address, a hundred.
    IF NOT count_attempt(
        in_project, account, CASE WHEN of_user IS NULL THEN unlimited ELSE 80 END, 30 * day, of_user
    ) THEN
        RETURN QUERY SELECT 'locked'::admission, counted;
        RETURN;
    END IF;
    RETURN QUERY SELECT 'unknown'::admission, counted || account;
END
$$;

-- Gives back what was counted for an attempt that succeeded, or whose password was not looked at.
CREATE FUNCTION refund_attempt(in_project uuid, counted bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    subject bytea;
BEGIN
    FOREACH subject IN ARRAY counted LOOP
        UPDATE sign_in_attempts a SET attempts = GREATEST(a.attempts - 1, 0)
        WHERE a.project_id = in_project AND a.subject_digest = subject;
    END LOOP;
END
$$;

-- Notes that an attempt has succeeded: the address is known from now on, and a browser that was known already
-- ends the row of failures.
CREATE FUNCTION settle_attempt(in_project uuid, of_user uuid, counted bytea[], browser bytea, address bytea)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    day CONSTANT bigint := 24 * 60 * 60 * 1000;
BEGIN
    IF browser = ANY (counted) THEN
        UPDATE sign_in_attempts a SET attempts = 0 WHERE a.project_id = in_project AND a.subject_digest = browser;
    ELSE
        PERFORM refund_attempt(in_project, counted);
    END IF;
    IF address IS NOT NULL THEN
        INSERT INTO sign_in_attempts AS a (
            project_id, subject_digest, ends_at_millis, attempts, has_succeeded, user_id
        )
        VALUES (in_project, address_attempts(of_user, NULL, address), now_millis() + 90 * day, 0, true, of_user)
        ON CONFLICT (project_id, subject_digest) DO UPDATE SET
            attempts = 0, has_succeeded = true, ends_at_millis = EXCLUDED.ends_at_millis;
    END IF;
    IF browser = ANY (counted) THEN
        UPDATE sign_in_attempts a SET attempts = 0
        WHERE a.project_id = in_project AND a.subject_digest = account_attempts(of_user, NULL) AND a.attempts > 0;
    END IF;
    RETURN true;
END
$$;

-- Forgets the failures that were counted for an account, wherever they came from, and returns how many they were.
-- Browsers and addresses that are known stay so. The counters are locked as by an attempt, the account's last.
CREATE FUNCTION end_sign_in_lock(in_project uuid, of_user uuid) RETURNS bigint
    LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH counters AS MATERIALIZED (
        SELECT a.subject_digest, a.attempts FROM sign_in_attempts a
        WHERE a.project_id = in_project AND a.user_id = of_user AND a.attempts > 0
        ORDER BY a.subject_digest = account_attempts(of_user, NULL), a.subject_digest
        FOR UPDATE
    ), forgiven AS (
        UPDATE sign_in_attempts a SET attempts = 0 FROM counters c
        WHERE a.project_id = in_project AND a.subject_digest = c.subject_digest
    )
    SELECT COALESCE(sum(c.attempts), 0)::bigint FROM counters c;
END;
