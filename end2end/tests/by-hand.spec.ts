// Requests that none of our pages would send: from elsewhere, malformed, too large, about what is not one's own.
// Each is answered with exactly the right refusal, changes nothing, and is never a fault of the server's.

import { randomUUID } from 'node:crypto';
import { request as send } from 'node:http';

import type { APIRequestContext } from '@playwright/test';

import { type Account, createKeys, createTeam, createUser, expect, keysOf, NOBODY, OWN_KEYS, post, rows, sql, teamPage, test } from '../fixtures.ts';

interface Mine {
  me: Account;
  key: string;
  team: string;
}

interface Route {
  path: (mine: Mine) => string;
  form: (mine: Mine) => Record<string, string>;
  /** Fields without which there is nothing to do. */
  needs: string[];
  /** The answer to somebody who is not signed in, in case it is not 401. */
  signedOut?: number;
}

const token = () => randomUUID();
const same = (path: string) => () => path;

const ROUTES: Record<string, Route> = {
  'sign in': { path: same('/fn/sign-in'), form: ({ me }) => ({ email: me.email, password: me.password }), needs: ['email', 'password'], signedOut: 200 },
  'sign up': { path: same('/fn/sign-up'), form: ({ me }) => ({ email: `new-${me.email}`, password: 'correct horse' }), needs: ['email', 'password'], signedOut: 200 },
  'sign out': { path: same('/fn/sign-out'), form: () => ({}), needs: [] },
  'rename oneself': { path: same('/fn/profile/rename'), form: () => ({ display_name: 'Changed' }), needs: ['display_name'] },
  'found a team': { path: same('/fn/teams/create'), form: () => ({ display_name: 'Changed' }), needs: ['display_name'] },
  'rename a team': { path: same('/fn/teams/rename'), form: ({ team }) => ({ team, display_name: 'Changed' }), needs: ['team', 'display_name'] },
  'make a key': { path: same('/fn/api-keys/create'), form: () => ({ description: 'Changed', expires: '30d', token: token() }), needs: ['description', 'expires', 'token'] },
  'rename a key': { path: same('/fn/api-keys/rename'), form: ({ key }) => ({ id: key, description: 'Changed' }), needs: ['id', 'description'] },
  'revoke a key': { path: same('/fn/api-keys/revoke'), form: ({ key }) => ({ id: key, understood: 'yes' }), needs: ['id', 'understood'] },
  'make a key by a plain form': {
    path: same(`${OWN_KEYS}/new`),
    form: () => ({ description: 'Changed', expires: '30d', token: token() }),
    needs: ['description', 'expires', 'token'],
    signedOut: 303,
  },
  'make a team’s key by a plain form': {
    path: ({ team }) => `${teamPage(team)}/api-keys/new`,
    form: () => ({ description: 'Changed', expires: '30d', token: token() }),
    needs: ['description', 'expires', 'token'],
    signedOut: 303,
  },
};

/** All that these requests could change. */
const everything = ({ me, team }: Mine) =>
  rows(
    `SELECT
       (SELECT json_agg(u ORDER BY user_id) FROM users u WHERE primary_email LIKE '%' || :'email') AS users,
       (SELECT json_agg(k ORDER BY api_key_id) FROM api_keys k WHERE :'user' IN (owner_user_id::text, created_by_user_id::text) OR owner_team_id = :'team') AS keys,
       (SELECT json_agg(t ORDER BY team_id) FROM teams t JOIN memberships m USING (project_id, team_id) WHERE m.user_id = :'user') AS teams,
       (SELECT json_agg(s ORDER BY session_id) FROM sessions s WHERE s.user_id = :'user') AS sessions,
       (SELECT count(*) FROM audit_events a WHERE a.actor_user_id = :'user') AS events`,
    { user: me.id, team, email: me.email },
  );

async function prepare(request: APIRequestContext, me: Account): Promise<Mine> {
  const team = await createTeam(me);
  const [key] = await createKeys(me, [{ description: 'Engine' }]);
  expect((await post(request, '/fn/sign-in', { email: me.email, password: me.password })).status()).toBe(200);
  return { me, team, key: key! };
}

const FOREIGN: Record<string, Record<string, string>> = {
  'from another site': { origin: 'https://evil.example' },
  'from another port': { origin: 'http://127.0.0.1:1' },
  'from a lookalike': { origin: 'http://127.0.0.1.evil.example' },
  'from a sandbox': { origin: 'null' },
  'from an empty origin': { origin: '' },
  'by a link from elsewhere': { origin: '', referer: 'https://evil.example/' },
  'marked as cross-site': { 'sec-fetch-site': 'cross-site' },
  'marked as same-site': { 'sec-fetch-site': 'same-site' },
  'typed into the address bar': { 'sec-fetch-site': 'none' },
};
const FOREIGN_TYPES = ['text/plain', 'application/json', 'multipart/form-data; boundary=x', 'application/octet-stream', 'x-www-form-urlencoded'];

/** Without what Playwright adds by itself. */
function raw(url: string, method: string, headers: Record<string, string>, body: string | Buffer = ''): Promise<number | 'cut off'> {
  return new Promise((resolve) => {
    const options = { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) }, agent: false } as const;
    const asked = send(url, options, (response) => {
      response.on('error', () => {}).resume();
      resolve(response.statusCode!);
    });
    asked.on('error', () => resolve('cut off'));
    // What is still on its way after the answer meets a closed door.
    asked.on('socket', (socket) => socket.on('error', () => {}));
    asked.end(body);
  });
}

for (const [what, route] of Object.entries(ROUTES)) {
  test(`to ${what}, a request must come from our own pages and be a form`, async ({ request, me, baseURL }) => {
    const mine = await prepare(request, me);
    const before = await everything(mine);
    const path = route.path(mine);
    for (const [from, headers] of Object.entries(FOREIGN)) {
      const response = await post(request, path, route.form(mine), { headers });
      expect(response.status(), from).toBe(403);
      expect(response.headers()['set-cookie'], from).toBeUndefined();
    }
    const cookie = (await request.storageState()).cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const form = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(route.form(mine)).toString();
    expect(await raw(baseURL + path, 'POST', form, body), 'without an origin').toBe(403);

    for (const type of FOREIGN_TYPES) {
      const response = await post(request, path, route.form(mine), { headers: { 'content-type': type } });
      expect(response.status(), type).toBe(415);
    }
    expect(await raw(baseURL + path, 'POST', { cookie, origin: baseURL! }, body), 'of no type').toBe(415);

    const large = { ...form, origin: baseURL! };
    expect(await raw(baseURL + path, 'POST', large, `${body}&padding=${'x'.repeat(64 * 1024)}`), 'a little too large').toBe(413);
    expect([413, 'cut off'], 'far too large').toContain(await raw(baseURL + path, 'POST', large, Buffer.alloc(10 * 1024 * 1024, 'x')));

    const forms = path.startsWith('/fn/') ? ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] : ['PUT', 'PATCH', 'DELETE', 'OPTIONS'];
    for (const method of forms) expect(await raw(`${baseURL}${path}?${body}`, method, { ...large }), method).toBe(405);

    for (const field of route.needs) {
      const { [field]: _, ...rest } = route.form(mine);
      expect((await post(request, path, rest)).status(), `without ${field}`).toBe(400);
    }
    expect(await everything(mine), 'nothing was changed').toEqual(before);

    const done = await post(request, path, route.form(mine));
    expect(done.status(), 'and the same request, as it should be, is granted').toBe(200);
    if (what !== 'sign out') expect(await everything(mine)).not.toEqual(before);
  });

  if (what === 'sign out') continue;

  test(`to ${what} one must be signed in, where that matters`, async ({ request, me }) => {
    const team = await createTeam(me);
    const [key] = await createKeys(me, [{ description: 'Engine' }]);
    const mine = { me, team, key: key! };
    const before = await everything(mine);
    const response = await post(request, route.path(mine), route.form(mine));
    expect(response.status()).toBe(route.signedOut ?? 401);
    if (route.signedOut === 303) expect(response.headers()['location']).toBe('/sign-in');
    if (route.signedOut !== 200) expect(await everything(mine)).toEqual(before);
  });
}

test('there are no other functions', async ({ request }) => {
  for (const path of ['/fn', '/fn/', '/fn/x', '/fn/sign-in/', '/fn/api-keys', '/fn/api-keys/delete', '/fn/../fn/sign-in2', '/api/sign-in']) {
    for (const method of ['GET', 'POST']) {
      const response = await request.fetch(path, { method, maxRedirects: 0, headers: { origin: 'null' } });
      expect(response.status(), `${method} ${path}`).toBe(404);
    }
  }
});

test('what is not one’s own is not found, and looks like what does not exist', async ({ request, me }) => {
  const mine = await prepare(request, me);
  const other = await createUser('Ada Lovelace');
  const theirTeam = await createTeam(other);
  const [theirKey] = await createKeys(other, [{ description: 'Theirs' }]);
  const [theirTeamKey] = await createKeys(other, [{ description: 'Their team’s' }], theirTeam);
  const [myTeamKey] = await createKeys(me, [{ description: 'My team’s' }], mine.team);
  const ids = ['', 'x', '1', 'null', '../..', '0', NOBODY, NOBODY.toUpperCase(), `{${NOBODY}}`, '00000000-0000-0000-0000-000000000000', theirKey!, theirTeamKey!, myTeamKey!, "' OR true --"];
  const teams = ['x', NOBODY, theirTeam, me.id, "' OR true --"];
  const answers = new Set<string>();
  const refused = async (path: string, form: Record<string, string>) => {
    const response = await post(request, path, form);
    expect(response.status(), `${path} ${JSON.stringify(form)}`).toBe(404);
    answers.add(await response.text());
  };
  for (const id of ids) {
    await refused('/fn/api-keys/rename', { id, description: 'Changed' });
    await refused('/fn/api-keys/revoke', { id, understood: 'yes' });
  }
  for (const team of teams) {
    await refused('/fn/api-keys/create', { team, description: 'Changed', expires: '30d', token: token() });
    for (const id of [mine.key, theirTeamKey!, NOBODY]) {
      await refused('/fn/api-keys/rename', { team, id, description: 'Changed' });
      await refused('/fn/api-keys/revoke', { team, id, understood: 'yes' });
    }
    await refused('/fn/teams/rename', { team, display_name: 'Changed' });
  }
  await refused('/fn/api-keys/revoke', { team: mine.team, id: mine.key, understood: 'yes' });
  await refused('/fn/api-keys/create', { description: 'Changed', expires: '30d', token: 'no token' });
  expect(answers.size, 'one answer to all').toBe(1);
  for (const owner of [me.id, mine.team, other.id, theirTeam]) {
    for (const key of await keysOf(owner)) expect(key).toMatchObject({ revoked_at_millis: null, description: expect.not.stringMatching('Changed') });
  }
  for (const path of [`${teamPage(theirTeam)}/api-keys/new`, `${teamPage(NOBODY)}/api-keys/new`, `${teamPage('x')}/api-keys/new`]) {
    expect((await post(request, path, { description: 'Changed', expires: '30d', token: token() })).status(), path).toBe(404);
  }
});

test('what was typed is checked by the server as well', async ({ request, me }) => {
  await prepare(request, me);
  const create = (form: Record<string, string>) => post(request, '/fn/api-keys/create', { description: 'x', expires: '30d', token: token(), ...form });
  const field = async (form: Record<string, string>) => {
    const response = await create(form);
    expect(response.status(), JSON.stringify(form)).toBe(422);
    return ((await response.json()) as { field: string }).field;
  };
  for (const description of ['', ' ', '\0', 'a\nb', 'x'.repeat(256), '\u202e', 'a\u200bb']) expect(await field({ description })).toBe('description');
  for (const expires of ['', '2d', '30', '-1d', 'NEVER', 'custom']) expect(await field({ expires })).toBe('custom');
  for (const custom of ['', 'tomorrow', '2027-02-29T00:00', '2027-13-01T00:00', '2000-01-01T00:00', '1e400', 'NaN']) expect(await field({ expires: 'custom', custom })).toBe('custom');
  for (const time_zone of ['', 'Mars/Phobos', 'Europe/Berlin', '<b>', 'x'.repeat(4096)]) {
    expect(await field({ expires: 'custom', custom: '2000-01-01T00:00', time_zone })).toBe('custom');
  }
  const before = await keysOf(me.id);
  const latest = await create({ expires: 'custom', custom: '9999-12-30T22:00', description: 'x'.repeat(255) });
  expect(latest.status()).toBe(200);
  expect((await keysOf(me.id)).length - before.length).toBe(1);
});

test('one form makes one key, however often and however fast it is sent', async ({ request, me }) => {
  await prepare(request, me);
  const form = { description: 'Changed', expires: '30d', token: token() };
  const answers = await Promise.all(Array.from({ length: 16 }, () => post(request, '/fn/api-keys/create', form)));
  expect(answers.map((answer) => answer.status()).sort()).toEqual([200, ...Array.from({ length: 15 }, () => 409)]);
  expect((await keysOf(me.id)).filter((key) => key.description === 'Changed')).toHaveLength(1);

  const [made] = (await keysOf(me.id)).filter((key) => key.description === 'Changed');
  await sql(`INSERT INTO api_key_uses (project_id, api_key_id, last_used_at_millis) VALUES (:'project', :'key', now_millis())`, { project: me.project, key: made!.api_key_id });
  expect((await post(request, '/fn/api-keys/create', { ...form, retry: '1' })).status(), 'a key in use keeps its secret').toBe(409);
  const other = await createUser('Ada Lovelace');
  await post(request, '/fn/sign-in', { email: other.email, password: other.password });
  expect((await post(request, '/fn/api-keys/create', { ...form, retry: '1' })).status(), 'a token of another’s is nobody’s').toBe(200);
  expect((await keysOf(me.id)).find((key) => key.description === 'Changed')).toEqual(made);
});

test('nonsense is the sender’s fault', async ({ request, me, baseURL }) => {
  const mine = await prepare(request, me);
  const before = await everything(mine);
  const bodies = [
    '', '=', '&', '%', '%%%', '%00', '%FF%FE', 'a', '[', ']', '[]', '[[[[', 'id[', 'id]', 'id[]=1', 'id[a][b][c]=1', 'id[0]=1&id[1]=2',
    'id=1&id=2', 'description[x]=1', `${'a['.repeat(500)}=1`, `${'x'.repeat(60_000)}`, '&'.repeat(60_000), 'a=1&'.repeat(15_000), '{"id":1}',
    'id=%00&description=%00&token=%00&team=%00&display_name=%00&email=%00&password=%00&expires=%00&understood=%00',
    'id=%FF&description=%FF&token=%FF&team=%FF&expires=%FF&understood=%FF', 'email=%F0%9F%98%80&password=', '\u0000', 'a=\r\n\r\nGET / HTTP/1.1',
  ];
  for (const route of Object.values(ROUTES)) {
    const path = route.path(mine);
    if (path === '/fn/sign-out') continue;
    for (const body of bodies) {
      const { status, answer } = await post(request, path, body).then(async (response) => ({ status: response.status(), answer: await response.text() }));
      expect(status, `${path} ${JSON.stringify(body.slice(0, 60))}`).toBeGreaterThanOrEqual(400);
      expect(status, `${path} ${JSON.stringify(body.slice(0, 60))}`).toBeLessThan(500);
      expect(answer).not.toMatch(/panick|sqlx|serde|missing field|src\//i);
    }
  }
  const after = await everything(mine);
  expect(after).toEqual(before);

  for (const path of ['/%', '/%00', '/account-settings/teams/%FF', '/account-settings/teams/%2e%2e', '/account-settings/%2e%2e/%2e%2e', `/${'x'.repeat(8_000)}`, '/assets/', '/assets/../Cargo.toml', '/sign-in?to=a&to=b', '/sign-in?to=%FF', '/account-settings/api-keys?page=1&page=x']) {
    const status = await raw(baseURL + path, 'GET', {});
    expect(status, path).toBeLessThan(500);
  }
  const session = `latchkey_session_${new URL(baseURL!).port}`;
  for (const cookie of [`${session}=`, `${session}=x`, `${session}=${'0'.repeat(32)}.${'0'.repeat(45)}`, `${session}=${'x'.repeat(5_000)}`, `${session}="`, '\u00ff=1; ;;;=']) {
    expect(await raw(baseURL + OWN_KEYS, 'GET', { cookie }), cookie).toBe(303);
  }
});

test('an unknown account and a wrong password are answered alike', async ({ request, me }) => {
  const answer = async (email: string) => {
    const response = await post(request, '/fn/sign-in', { email, password: 'wrong password' });
    const { date: _, 'x-request-id': __, ...headers } = response.headers();
    return { status: response.status(), headers, body: await response.text() };
  };
  expect(await answer(me.email)).toEqual(await answer(`nobody-${me.email}`));
});
