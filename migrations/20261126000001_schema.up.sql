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

-- The form in which names and descriptions are compared by a search: without differences of case, of composition and of
-- width. It needs neither the database's locale nor ICU, so a search finds the same everywhere. Upper case is replaced
-- in the Latin, Greek, Cyrillic, Armenian and Georgian scripts; other texts are compared as they are written.
CREATE FUNCTION fold_text(t text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN octet_length(t) = char_length(t) THEN lower(t COLLATE "C")
        ELSE replace(replace(normalize(translate(lower(normalize(t, NFKD) COLLATE "C"),
            'ÆÐØÞĐĦıŁŊŒŦƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽႾႿჀჁჂჃჄჅჇჍᲐᲑᲒᲓᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰᲱᲲᲳᲴᲵᲶᲷᲸᲹᲺᲽᲾᲿẞ',
            'æðøþđħiłŋœŧɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳαβγδεζηθικλμνξοπρστυφχψωσϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆⴀⴁⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭაბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿß'
        ), NFC), U&'i\0307', 'i'), 'ß', 'ss')
    END;

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
    require_publishable_client_key boolean NOT NULL DEFAULT false,
    allow_localhost boolean NOT NULL DEFAULT true,
    -- The maximum number of valid keys of an owner, as far as people create them; null for no limit.
    max_api_keys_per_owner integer DEFAULT 100,
    -- Where links in messages may lead: [{"domain": "https://app.example", "handler_path": "/handler"}].
    domains jsonb NOT NULL DEFAULT '[]',
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    CONSTRAINT projects_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 255),
    CONSTRAINT projects_domains_list CHECK (jsonb_typeof(domains) = 'array'),
    CONSTRAINT projects_max_api_keys_range CHECK (max_api_keys_per_owner BETWEEN 0 AND 1000000)
);

-- The private keys are encrypted with LATCHKEY_SECRET: a copy of the database cannot sign tokens.
CREATE TABLE signing_keys (
    key_id uuid PRIMARY KEY,
    sealed bytea NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis()
);
COMMENT ON TABLE signing_keys IS 'The one table without a project: every project''s tokens are signed by the same keys.';

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
    primary_email_verified boolean NOT NULL DEFAULT false,
    primary_email_auth_enabled boolean NOT NULL DEFAULT true,
    profile_image_url text,
    client_metadata jsonb,
    client_read_only_metadata jsonb,
    server_metadata jsonb,
    selected_team_id uuid,
    last_active_at_millis bigint NOT NULL DEFAULT now_millis(),
    is_project_admin boolean NOT NULL DEFAULT false,
    -- Counts what ends all sessions. One that began with an earlier number has ended, even if it was
    -- written while the change waited for a lock and so did not see it.
    credential_version bigint NOT NULL DEFAULT 0,
    -- What searches look at.
    display_name_folded text GENERATED ALWAYS AS (fold_text(display_name)) STORED,
    PRIMARY KEY (project_id, user_id),
    CONSTRAINT users_primary_email_form CHECK (
        primary_email = lower(btrim(primary_email)) AND octet_length(primary_email) BETWEEN 3 AND 254
    ),
    CONSTRAINT users_password_hash_form CHECK (password_hash ~ '^\$(argon2id|2[abxy])\$'),
    CONSTRAINT users_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 255),
    CONSTRAINT users_profile_image_url_length CHECK (char_length(profile_image_url) <= 2000)
);
-- Several users may have the same address as long as at most one of them signs in by it.
CREATE UNIQUE INDEX users_primary_email_unique ON users (project_id, primary_email) WHERE primary_email_auth_enabled;
CREATE INDEX users_by_arrival ON users (project_id, signed_up_at_millis, user_id);
-- The most expensive bcrypt hash of a project, which every refused sign-in costs as much as.
CREATE INDEX users_by_bcrypt_cost ON users (project_id, substr(password_hash, 5, 2))
    WHERE left(password_hash, 2) = '$2';

CREATE TABLE teams (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    team_id uuid NOT NULL,
    display_name text NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    profile_image_url text,
    client_metadata jsonb,
    client_read_only_metadata jsonb,
    server_metadata jsonb,
    -- The user who created it on a page or with client access; null where a server or an import did.
    created_by_user_id uuid,
    creation_token uuid,
    -- What searches look at.
    display_name_folded text GENERATED ALWAYS AS (fold_text(display_name)) STORED,
    PRIMARY KEY (project_id, team_id),
    FOREIGN KEY (project_id, created_by_user_id) REFERENCES users ON DELETE SET NULL (created_by_user_id),
    CONSTRAINT teams_creation_token_unique UNIQUE (project_id, created_by_user_id, creation_token),
    CONSTRAINT teams_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 255),
    CONSTRAINT teams_profile_image_url_length CHECK (char_length(profile_image_url) <= 2000)
);
CREATE INDEX teams_by_arrival ON teams (project_id, created_at_millis, team_id);

CREATE TABLE memberships (
    project_id uuid NOT NULL,
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    PRIMARY KEY (project_id, team_id, user_id),
    FOREIGN KEY (project_id, team_id) REFERENCES teams ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX memberships_by_user ON memberships (project_id, user_id, created_at_millis, team_id);
ALTER TABLE users
    ADD CONSTRAINT users_selected_team_is_theirs FOREIGN KEY (project_id, selected_team_id, user_id)
        REFERENCES memberships (project_id, team_id, user_id) ON DELETE SET NULL (selected_team_id);

-- The project's own permissions. The system's, which begin with $, need no definition.
CREATE TABLE permission_definitions (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    permission_id text NOT NULL,
    description text,
    PRIMARY KEY (project_id, permission_id),
    CONSTRAINT permission_definitions_id_form CHECK (permission_id ~ '^[a-z0-9_:]{1,255}$')
);

CREATE TABLE permission_containments (
    project_id uuid NOT NULL,
    permission_id text NOT NULL,
    contained_permission_id text NOT NULL,
    PRIMARY KEY (project_id, permission_id, contained_permission_id),
    FOREIGN KEY (project_id, permission_id) REFERENCES permission_definitions
        ON DELETE CASCADE ON UPDATE CASCADE,
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

-- Signed-in browsers and applications. The token itself is only in the browser's cookie or with the
-- application.
CREATE TABLE sessions (
    project_id uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_digest bytea NOT NULL,
    created_at_millis bigint NOT NULL DEFAULT now_millis(),
    expires_at_millis bigint NOT NULL,
    is_impersonation boolean NOT NULL DEFAULT false,
    last_used_at_millis bigint NOT NULL DEFAULT now_millis(),
    -- The user's when the session began.
    credential_version bigint NOT NULL DEFAULT 0,
    -- A browser's token is the cookie of the pages and nothing else; an application's is a refresh
    -- token and nothing else.
    is_browser boolean NOT NULL DEFAULT true,
    -- From where it began, for its user to recognise it.
    user_agent text,
    address text,
    PRIMARY KEY (project_id, session_id),
    FOREIGN KEY (project_id, user_id) REFERENCES users ON DELETE CASCADE,
    CONSTRAINT sessions_token_digest_unique UNIQUE (project_id, token_digest),
    CONSTRAINT sessions_token_digest_length CHECK (octet_length(token_digest) = 32),
    CONSTRAINT sessions_end_after_start CHECK (expires_at_millis > created_at_millis),
    CONSTRAINT sessions_user_agent_length CHECK (char_length(user_agent) BETWEEN 1 AND 255),
    CONSTRAINT sessions_address_length CHECK (char_length(address) BETWEEN 1 AND 45)
);
CREATE INDEX sessions_by_user ON sessions (project_id, user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at_millis);

-- Links by which users choose a new password. One counts until it is used or has expired, or the password is changed
-- otherwise.
CREATE TABLE password_resets (
    project_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_digest bytea NOT NULL,
    expires_at_millis bigint NOT NULL,
    -- The user's when the link was created.
    credential_version bigint NOT NULL,
    PRIMARY KEY (project_id, user_id),
    FOREIGN KEY (project_id, user_id) REFERENCES users ON DELETE CASCADE,
    CONSTRAINT password_resets_token_digest_unique UNIQUE (project_id, token_digest),
    CONSTRAINT password_resets_token_digest_length CHECK (octet_length(token_digest) = 32)
);

-- How often somebody tried to sign in or up, by address, account and browser; admit_sign_in() decides.
-- The subject is a digest, a keyed one where an address is part of it: the table tells nobody who tried.
CREATE TABLE sign_in_attempts (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    subject_digest bytea NOT NULL,
    ends_at_millis bigint NOT NULL,
    attempts integer NOT NULL,
    -- Of an address and an account: the account has signed in from there.
    has_succeeded boolean NOT NULL DEFAULT false,
    -- The account that was tried, so that its counters are found; null where only an address counts.
    user_id uuid,
    PRIMARY KEY (project_id, subject_digest),
    CONSTRAINT sign_in_attempts_digest_length CHECK (octet_length(subject_digest) = 32),
    CONSTRAINT sign_in_attempts_not_negative CHECK (attempts >= 0)
);
CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (ends_at_millis);
CREATE INDEX sign_in_attempts_by_user ON sign_in_attempts (project_id, user_id) WHERE user_id IS NOT NULL;

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
    -- On a page or with client access, not by a server or an import.
    created_by_person boolean NOT NULL DEFAULT false,
    -- What searches look at.
    description_folded text GENERATED ALWAYS AS (fold_text(description)) STORED,
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
    CONSTRAINT api_keys_expires_range CHECK (
        expires_at_millis BETWEEN -8640000000000000 AND 8640000000000000
    )
);

-- A page of an owner's keys, newest first, and the counts beside it come from these alone.
CREATE INDEX api_keys_of_user ON api_keys (project_id, owner_user_id, created_at_millis DESC, api_key_id DESC)
    INCLUDE (revoked_at_millis, expires_at_millis) WHERE owner_user_id IS NOT NULL;
CREATE INDEX api_keys_of_team ON api_keys (project_id, owner_team_id, created_at_millis DESC, api_key_id DESC)
    INCLUDE (revoked_at_millis, expires_at_millis) WHERE owner_team_id IS NOT NULL;
-- An owner's valid keys alone, however many others there are: a range that ends with the keys that never expire.
CREATE INDEX api_keys_valid_of_user
    ON api_keys (project_id, owner_user_id, COALESCE(expires_at_millis, 9223372036854775807))
    WHERE owner_user_id IS NOT NULL AND revoked_at_millis IS NULL;
CREATE INDEX api_keys_valid_of_team
    ON api_keys (project_id, owner_team_id, COALESCE(expires_at_millis, 9223372036854775807))
    WHERE owner_team_id IS NOT NULL AND revoked_at_millis IS NULL;
-- How many keys people have created for an owner lately.
CREATE INDEX api_keys_created_by_people
    ON api_keys (project_id, COALESCE(owner_user_id, owner_team_id), created_at_millis) WHERE created_by_person;
-- A page of all keys of a project.
CREATE INDEX api_keys_of_project ON api_keys (project_id, created_at_millis DESC, api_key_id DESC)
    INCLUDE (revoked_at_millis, expires_at_millis);

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

-- What was deleted or revoked here stays so when it is imported again; the import looks it up here.
CREATE INDEX audit_events_of_removals ON audit_events (project_id, subject_id)
    WHERE action IN ('user.deleted', 'team.deleted', 'team.member_removed', 'permission.taken_back');

-- Who revoked a key, for the lists that say so.
CREATE INDEX audit_events_of_revocations ON audit_events (project_id, subject_id) WHERE action = 'api_key.revoked';

-- Where these tables were when an operator last vouched for their content: one row, which write_restore_mark()
-- writes. A dump carries the row, but not what restore_gate() compares it with. There is no primary key: where the data
-- of a dump alone is loaded, its row must not be refused.
CREATE TABLE restore_mark (
    table_oid oid NOT NULL,
    database_oid oid NOT NULL,
    -- The transaction that wrote the row.
    row_xid xid NOT NULL
);

-- Who locked the database, and who decided what about a restored one.
CREATE TABLE restore_decisions (
    decision_id uuid PRIMARY KEY DEFAULT new_id(),
    at_millis bigint NOT NULL DEFAULT now_millis(),
    decided_by text NOT NULL,
    decision text NOT NULL,
    keys_revoked bigint NOT NULL DEFAULT 0,
    sessions_ended bigint NOT NULL DEFAULT 0,
    CONSTRAINT restore_decisions_known CHECK (decision IN ('lock', 'accept', 'revoke_older', 'nothing_lost')),
    CONSTRAINT restore_decisions_decided_by_length CHECK (char_length(decided_by) BETWEEN 1 AND 255)
);
COMMENT ON TABLE restore_mark IS 'Of the database, not of a project.';
COMMENT ON TABLE restore_decisions IS 'Of the database, not of a project.';

-- Why each constraint is there. A test breaks every one of them.
COMMENT ON CONSTRAINT projects_display_name_length ON projects IS 'Counted in characters, as the forms count.';
COMMENT ON CONSTRAINT projects_domains_list ON projects IS 'A list of trusted domains, empty if there are none.';
COMMENT ON CONSTRAINT projects_max_api_keys_range ON projects IS 'Counted whenever a person creates a key, so it is bounded; 0 leaves creating keys to servers.';
COMMENT ON CONSTRAINT project_key_sets_digest_lengths ON project_key_sets IS 'SHA-256 of each key; the keys themselves are never stored.';
COMMENT ON CONSTRAINT users_primary_email_form ON users IS 'The one form in which addresses are compared: trimmed, lower case, at most 254 octets (RFC 5321).';
COMMENT ON CONSTRAINT users_password_hash_form ON users IS 'Argon2id, or bcrypt where the user was imported (replaced at the next sign-in); never a password.';
COMMENT ON CONSTRAINT users_display_name_length ON users IS 'Counted in characters, as the forms count.';
COMMENT ON CONSTRAINT users_profile_image_url_length ON users IS 'The length of a URL that every browser opens.';
COMMENT ON CONSTRAINT users_selected_team_is_theirs ON users IS 'Leaving a team deselects it.';
COMMENT ON CONSTRAINT teams_creation_token_unique ON teams IS 'A form creates one team of a name, however often it is sent.';
COMMENT ON CONSTRAINT teams_display_name_length ON teams IS 'Counted in characters, as the forms count.';
COMMENT ON CONSTRAINT teams_profile_image_url_length ON teams IS 'The length of a URL that every browser opens.';
COMMENT ON CONSTRAINT permission_definitions_id_form ON permission_definitions IS 'A name that begins with $ belongs to a system permission, which needs no definition.';
COMMENT ON CONSTRAINT permission_containments_id_form ON permission_containments IS 'A permission of the project, or a system permission, which begins with $.';
COMMENT ON CONSTRAINT team_permission_grants_id_form ON team_permission_grants IS 'A permission of the project, or a system permission, which begins with $.';
COMMENT ON CONSTRAINT sessions_token_digest_unique ON sessions IS 'One token is one session; each request finds its session by this index.';
COMMENT ON CONSTRAINT sessions_token_digest_length ON sessions IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON CONSTRAINT sessions_end_after_start ON sessions IS 'A session lasts for some time.';
COMMENT ON CONSTRAINT sessions_user_agent_length ON sessions IS 'As much of the header as a list of sessions shows.';
COMMENT ON CONSTRAINT sessions_address_length ON sessions IS 'The longest text of an IPv6 address.';
COMMENT ON CONSTRAINT password_resets_token_digest_unique ON password_resets IS 'One token is one link.';
COMMENT ON CONSTRAINT password_resets_token_digest_length ON password_resets IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON CONSTRAINT sign_in_attempts_digest_length ON sign_in_attempts IS 'SHA-256 or HMAC-SHA-256 of the account, the address or the browser.';
COMMENT ON CONSTRAINT sign_in_attempts_not_negative ON sign_in_attempts IS 'Successful attempts are subtracted again.';
COMMENT ON CONSTRAINT api_keys_one_owner ON api_keys IS 'A key acts for a user or for a team, never both or neither.';
COMMENT ON CONSTRAINT api_keys_digest_unique ON api_keys IS 'One secret is one key; a check finds the key by this index.';
COMMENT ON CONSTRAINT api_keys_digest_length ON api_keys IS 'SHA-256 of the key string; the string itself is never stored.';
COMMENT ON CONSTRAINT api_keys_creation_token_unique ON api_keys IS 'A form creates one key, however often it is sent.';
COMMENT ON CONSTRAINT api_keys_last_four_form ON api_keys IS 'The end of the key string, which is part of its checksum.';
COMMENT ON CONSTRAINT api_keys_description_length ON api_keys IS 'What the REST API allows; the pages allow 255.';
COMMENT ON CONSTRAINT api_keys_expires_range ON api_keys IS 'The range of a JavaScript Date.';
COMMENT ON CONSTRAINT restore_decisions_known ON restore_decisions IS 'What can be decided.';
COMMENT ON CONSTRAINT restore_decisions_decided_by_length ON restore_decisions IS 'A name; nobody decides anonymously.';
COMMENT ON INDEX users_primary_email_unique IS 'An address that is used for signing in belongs to one user.';

-- Teams, users and projects as the API shows them. The argument is the row itself, so that a statement
-- that changes a row can return it as changed; null where an outer join found no row.
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
            'allow_localhost', p.allow_localhost,
            'max_api_keys_per_owner', p.max_api_keys_per_owner
        ),
        'domains', p.domains
    ) END;
