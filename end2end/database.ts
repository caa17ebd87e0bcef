// What tests put into the database beside the pages, and what they look up in it.

import { randomUUID } from 'node:crypto';

import { need, run } from './program.ts';

type Value = string | number;

/** Runs SQL. `:'name'` stands for a value. */
export async function sql(text: string, values: Record<string, Value> = {}): Promise<string> {
  const set = Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const args = ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', ...set, need('DATABASE_URL')];
  const said = await run('psql', args, text);
  if (said.code !== 0) throw new Error(`${said.err}\n${text}`);
  return said.out.trimEnd();
}

/** The rows of a query. */
export async function rows<T = Record<string, unknown>>(query: string, values: Record<string, Value> = {}): Promise<T[]> {
  return JSON.parse(await sql(`SELECT coalesce(json_agg(r), '[]') FROM (${query}) r`, values)) as T[];
}

/** The demo project, in which most tests take place. */
export const ACME = '01900000-0000-7000-8000-0000000000ac';
/** Nobody's team, and nobody's key. */
export const NOBODY = '01900000-0000-7000-8000-ffffffffffff';

export interface Account {
  id: string;
  project: string;
  email: string;
  name: string;
  password: string;
}

/** An account. Its password is that of the demo's, so that none has to be hashed. */
export async function createUser(name: string, project = ACME): Promise<Account> {
  const email = `${randomUUID()}@example.com`;
  const id = await sql(
    `INSERT INTO users (project_id, user_id, primary_email, password_hash, display_name)
     SELECT :'project', new_id(), :'email', password_hash, :'name' FROM users
     WHERE project_id = :'acme' AND primary_email = 'admin@example.com' RETURNING user_id`,
    { project, email, name, acme: ACME },
  );
  return { id, project, email, name, password: 'latchkey-demo' };
}

/** Makes somebody a member of a team, with a permission granted directly or none. */
export async function join(team: string, user: Account, permission = ''): Promise<void> {
  await sql(
    `INSERT INTO memberships (project_id, team_id, user_id) VALUES (:'project', :'team', :'user') ON CONFLICT DO NOTHING;
     INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
     SELECT :'project', :'team', :'user', :'permission' WHERE :'permission' <> ''`,
    { project: user.project, team, user: user.id, permission },
  );
}

/** A team with an admin. */
export async function createTeam(admin: Account, name = 'Analytics'): Promise<string> {
  const team = await sql(
    `INSERT INTO teams (project_id, team_id, display_name) VALUES (:'project', new_id(), :'name') RETURNING team_id`,
    { project: admin.project, name },
  );
  await join(team, admin, 'team_admin');
  return team;
}

/** As many teams more that somebody is in, without a permission: “Guild 1” and so on. */
export async function joinTeams(user: Account, count: number): Promise<void> {
  await sql(
    `WITH made AS (
       INSERT INTO teams (project_id, team_id, display_name)
       SELECT :'project', new_id(), 'Guild ' || n FROM generate_series(1, :'count'::integer) n
       RETURNING team_id, substring(display_name FROM 7)::bigint AS n
     )
     INSERT INTO memberships (project_id, team_id, user_id, created_at_millis) SELECT :'project', team_id, :'user', n FROM made`,
    { project: user.project, user: user.id, count },
  );
}

export const SECOND = 1_000;
export const DAY = 24 * 60 * 60 * SECOND;

/** Times are milliseconds from now, negative in the past. */
export interface Seed {
  description: string;
  created?: number;
  expires?: number;
  revoked?: number;
  used?: number;
  lastFour?: string;
}

/** Keys of a user or a team, with secrets that nobody knows; their ids, in the same order. */
export async function createKeys(by: Account, keys: Seed[], team = ''): Promise<string[]> {
  const seeds = keys.map((key) => ({ id: randomUUID(), ...key }));
  await sql(
    `WITH seed AS (
       SELECT * FROM json_to_recordset(:'seeds') AS s (
         id uuid, description text, created bigint, expires bigint, revoked bigint, used bigint, "lastFour" text)
     ), made AS (
       INSERT INTO api_keys (project_id, api_key_id, owner_user_id, owner_team_id, created_by_user_id, description,
         digest, last_four, created_at_millis, expires_at_millis, revoked_at_millis)
       SELECT :'project', id, CASE WHEN :'team' = '' THEN :'user'::uuid END, nullif(:'team', '')::uuid, :'user',
         description, sha256(id::text::bytea), coalesce("lastFour", right(id::text, 4)),
         now_millis() + coalesce(created, 0), now_millis() + expires, now_millis() + revoked
       FROM seed RETURNING api_key_id
     )
     INSERT INTO api_key_uses (project_id, api_key_id, last_used_at_millis)
     SELECT :'project', id, now_millis() + used FROM seed JOIN made ON api_key_id = id WHERE used IS NOT NULL`,
    { project: by.project, user: by.id, team, seeds: JSON.stringify(seeds) },
  );
  return seeds.map((seed) => seed.id);
}

export interface KeyRow {
  api_key_id: string;
  description: string;
  last_four: string;
  digest: string;
  owner_team_id: string | null;
  created_by_user_id: string | null;
  created_at_millis: number;
  expires_at_millis: number | null;
  revoked_at_millis: number | null;
}

/** All keys of a user, or of a team. */
export function keysOf(owner: string): Promise<KeyRow[]> {
  return rows<KeyRow>(
    `SELECT *, encode(digest, 'hex') AS digest FROM api_keys
     WHERE :'owner' IN (owner_user_id::text, owner_team_id::text) ORDER BY created_at_millis, api_key_id`,
    { owner },
  );
}

/** Ends every session of somebody. */
export async function endSessions(user: Account): Promise<void> {
  await sql(`DELETE FROM sessions WHERE user_id = :'user'`, { user: user.id });
}
