// The commands, beside the running server.

import { randomUUID } from 'node:crypto';

import { ACME, expect, post, rows, test } from '../fixtures.ts';
import { attempt, latchkey } from '../program.ts';

const json = <T = Record<string, unknown>>(text: string) => JSON.parse(text) as T;
const OFF = {
  allow_user_api_keys: false,
  allow_team_api_keys: false,
  sign_up_enabled: true,
  credential_enabled: true,
  client_team_creation_enabled: false,
  client_user_deletion_enabled: false,
  require_publishable_client_key: false,
  allow_localhost: true,
  max_api_keys_per_owner: 100,
};

test('a project is made, listed and configured', async () => {
  const name = `Project ${randomUUID()}`;
  const made = json(await latchkey('project', 'create', '--name', name, '--config', '{"allow_user_api_keys":true,"sign_up_enabled":false}', '--json'));
  const id = made['id'] as string;
  expect(made).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    publishable_client_key: expect.stringMatching(/^pck_[0-9a-z]{45}$/),
    secret_server_key: expect.stringMatching(/^ssk_[0-9a-z]{45}$/),
    super_secret_admin_key: expect.stringMatching(/^sak_[0-9a-z]{45}$/),
  });
  const config = { ...OFF, allow_user_api_keys: true, sign_up_enabled: false };
  const listed = json<{ id: string }[]>(await latchkey('project', 'list', '--json'));
  expect(listed[0]!.id, 'the oldest first').toBe(ACME);
  expect(listed.find((project) => project.id === id)).toEqual({ id, display_name: name, config });
  expect(await latchkey('project', 'list')).toContain(`${id}  ${name}\n`);

  expect(json(await latchkey('project', 'config', name, 'allow_team_api_keys=true', '--json'))).toMatchObject({ config: { ...config, allow_team_api_keys: true } });
  expect(await latchkey('project', 'config', id, '--config', '{"allow_team_api_keys":false}')).toContain('  allow_team_api_keys = false\n');
  expect(json(await latchkey('project', 'config', id, '--json')), 'shown without a change').toMatchObject({ config });
});

test('an unknown switch is refused, with those that there are, and changes nothing', async () => {
  const { id } = json<{ id: string }>(await latchkey('project', 'create', '--name', `Curious ${randomUUID()}`, '--json'));
  const project = () => rows(`SELECT p::text FROM projects p WHERE project_id = :'id'`, { id });
  const before = await project();
  for (const args of [
    ['project', 'create', '--name', 'Refused', '--config', '{"magic":true,"allow_user_api_keys":true}'],
    ['project', 'config', id, 'magic=true', 'allow_user_api_keys=true'],
    ['project', 'config', id, 'magic=1'],
  ]) {
    const said = await attempt(args);
    expect(said.code, args.join(' ')).toBe(1);
    expect(said.err).toContain('magic');
    expect(said.err).toContain('allow_user_api_keys');
    expect(said.out).toBe('');
  }
  expect(await project()).toEqual(before);
  expect(await rows(`SELECT FROM projects WHERE display_name = 'Refused'`)).toEqual([]);
});

for (const [what, args, message] of [
  ['a value that is none', ['project', 'config', ACME, 'sign_up_enabled=maybe'], 'takes true or false, not “maybe”'],
  ['a value of another type', ['project', 'create', '--name', 'Refused', '--config', '{"sign_up_enabled":"yes"}'], 'sign_up_enabled takes true or false'],
  ['a config that is no object', ['project', 'create', '--name', 'Refused', '--config', '[]'], 'error:'],
  ['an empty name', ['project', 'create', '--name', ' '], 'error:'],
  ['a name with invisible characters', ['project', 'create', '--name', 'Refu\u202esed'], 'error:'],
  ['an unknown project', ['project', 'config', 'no such project', 'sign_up_enabled=true'], 'there is no project “no such project”'],
  ['an unknown id', ['project', 'rotate-keys', randomUUID()], 'there is no project'],
  ['two projects', ['project', 'config', 'one', 'two'], 'unexpected “two”'],
  ['an unknown command', ['project', 'destroy'], 'unrecognized subcommand'],
] as const) {
  test(`${what} is refused`, async () => {
    const said = await attempt([...args]);
    expect(said.code).not.toBe(0);
    expect(said.err).toContain(message);
    expect(said.out).toBe('');
    expect(await rows(`SELECT FROM projects WHERE display_name LIKE 'Refu%'`)).toEqual([]);
  });
}

test('a project gets new keys, and nothing is kept of them but digests', async () => {
  const made = json<Record<string, string>>(await latchkey('project', 'create', '--name', 'Rotated', '--json'));
  const digests = () => rows(`SELECT s::text FROM project_key_sets s WHERE project_id = :'id'`, { id: made['id']! });
  const before = await digests();
  const fresh = json<Record<string, string>>(await latchkey('project', 'rotate-keys', made['id']!, '--json'));
  expect(fresh['id']).toBe(made['id']);
  for (const name of ['publishable_client_key', 'secret_server_key', 'super_secret_admin_key']) expect(fresh[name]).not.toBe(made[name]);
  const after = await digests();
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
  expect(await latchkey('project', 'rotate-keys', made['id']!)).toContain('Save these keys now: they are not shown again.');
});

test('an account is made, and signs in at the running server', async ({ request }) => {
  const email = `${randomUUID()}@example.com`;
  const given = await attempt(['user', 'create', '--project', 'Acme', '--email', email.toUpperCase(), '--name', 'Cleo', '--password-stdin', '--json'], 'correct horse\n');
  expect(given.code, given.err).toBe(0);
  expect(json(given.out)).toEqual({ id: expect.any(String), project_id: ACME });
  expect((await post(request, '/fn/sign-in', { email, password: 'correct horse' })).status()).toBe(200);

  const other = `other-${email}`;
  const madeUp = json<{ password: string }>(await latchkey('user', 'create', '--email', other, '--json'));
  expect((await post(request, '/fn/sign-in', { email: other, password: madeUp.password })).status()).toBe(200);
});

for (const [what, args, message] of [
  ['an address that is taken', ['--email', 'admin@example.com', '--password', 'correct horse'], /taken/],
  ['an address that is none', ['--email', 'ada', '--password', 'correct horse'], /not an e-mail address/],
  ['a short password', ['--email', 'short@example.com', '--password', '1234567'], /too short/],
  ['a long password', ['--email', 'long@example.com', '--password', 'x'.repeat(71)], /too long/],
  ['an unknown project', ['--email', 'a@example.com', '--password', 'correct horse', '--project', 'Nowhere'], /there is no project “Nowhere”/],
  ['two passwords', ['--email', 'a@example.com', '--password', 'correct horse', '--password-stdin'], /cannot be used with/],
] as const) {
  test(`no account for ${what}`, async () => {
    const said = await attempt(['user', 'create', '--json', ...args]);
    expect(said.code).not.toBe(0);
    expect(said.err).toMatch(message);
    expect(said.out).toBe('');
  });
}

test('the demo is made once, however often it is asked for', async () => {
  const before = await rows(`SELECT count(*) FROM api_keys WHERE project_id = :'acme' AND api_key_id::text LIKE '01900000%'`, { acme: ACME });
  const said = await latchkey('demo');
  expect(said).toContain('admin@example.com');
  expect(await rows(`SELECT count(*) FROM api_keys WHERE project_id = :'acme' AND api_key_id::text LIKE '01900000%'`, { acme: ACME })).toEqual(before);
});

test('a server for a project that does not exist does not start', async () => {
  const said = await attempt(['serve', '--listen', '127.0.0.1:0', '--project', randomUUID()]);
  expect(said.code).not.toBe(0);
  expect(said.err).toContain('there is no project');
});
