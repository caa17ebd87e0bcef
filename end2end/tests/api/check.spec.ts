// What a developer's server makes of a key that somebody hands it.

import { crc32 } from 'node:zlib';

import { type Person, type Project, expect, test, withEachSdk } from '../../sdk.ts';

const HOUR = 60 * 60 * 1000;

/** A key of somebody's own and one of their team's, with what the server finds by them. */
async function keysOf(project: Project, { user }: Person, expiresAt: Date | null = null) {
  const team = await user.createTeam({ displayName: 'Analytics' });
  const own = await user.createApiKey({ description: 'Own', expiresAt });
  const shared = await team.createApiKey({ description: 'Shared', expiresAt });
  const server = project.server();
  const found = async () => ({
    user: (await server.getUser({ apiKey: own.value }))?.id,
    team: (await server.getTeam({ apiKey: shared.value }))?.id,
  });
  return { team, own, shared, server, found };
}

const NOTHING = { user: undefined, team: undefined };

withEachSdk(() => {
  test('a valid key stands for its owner', async ({ project }) => {
    const ada = await project.signUp();
    const { team, own, shared, server } = await keysOf(project, ada, new Date(Date.now() + HOUR));
    const user = await server.getUser({ apiKey: own.value });
    expect(user).toMatchObject({
      id: ada.user.id,
      primaryEmail: ada.email,
      serverMetadata: null,
      countryCode: null,
      riskScores: { signUp: { bot: 0, freeTrialAbuse: 0 } },
    });
    expect(user!.lastActiveAt).toBeInstanceOf(Date);
    expect(await user!.listApiKeys()).toMatchObject([{ id: own.id }]);
    const owner = await server.getTeam({ apiKey: shared.value });
    expect(owner).toMatchObject({ id: team.id, displayName: 'Analytics', serverMetadata: null });
    expect(owner!.createdAt).toBeInstanceOf(Date);
    expect(await owner!.listApiKeys()).toMatchObject([{ id: shared.id }]);
  });

  test('a revoked key stands for nobody, from the next request on', async ({ project }) => {
    const ada = await project.signUp();
    const { team, own, shared, found } = await keysOf(project, ada);
    expect(await found()).toEqual({ user: ada.user.id, team: team.id });
    await own.revoke();
    expect(await found()).toEqual({ user: undefined, team: team.id });
    await shared.revoke();
    expect(await found()).toEqual(NOTHING);
  });

  test('an expired key stands for nobody', async ({ project }) => {
    const ada = await project.signUp();
    const { own, found } = await keysOf(project, ada, new Date(Date.now() - 1));
    expect(await found()).toEqual(NOTHING);
    await own.revoke();
    expect(await found(), 'revoked as well').toEqual(NOTHING);
  });

  test('a key expires by itself', async ({ project }) => {
    const ada = await project.signUp();
    const { team, found } = await keysOf(project, ada, new Date(Date.now() + 4_000));
    expect(await found()).toEqual({ user: ada.user.id, team: team.id });
    await expect.poll(found, { timeout: 10_000 }).toEqual(NOTHING);
  });

  test('a key of one kind is none of the other', async ({ project }) => {
    const { own, shared, server } = await keysOf(project, await project.signUp());
    expect(await server.getUser({ apiKey: shared.value })).toBeNull();
    expect(await server.getTeam({ apiKey: own.value })).toBeNull();
  });

  test('a key counts in its own project only', async ({ project, createProject }) => {
    const { own, shared } = await keysOf(project, await project.signUp());
    const elsewhere = await createProject({ allow_user_api_keys: true, allow_team_api_keys: true });
    expect(await elsewhere.server().getUser({ apiKey: own.value })).toBeNull();
    expect(await elsewhere.server().getTeam({ apiKey: shared.value })).toBeNull();
    // The SDK then asks for the key's owner, who is not there either: what of the check alone?
    for (const [path, { value }] of [
      ['/user-api-keys/check', own],
      ['/team-api-keys/check', shared],
    ] as const) {
      expect(await elsewhere.ask('POST', path, { api_key: value })).toMatchObject({ status: 404, body: { code: 'API_KEY_NOT_FOUND' } });
      expect(await project.ask('POST', path, { api_key: value })).toMatchObject({ status: 200, body: { value: { last_four: value.slice(-4) } } });
    }
  });

  test('what is not a key stands for nobody', async ({ project }) => {
    const { own, server } = await keysOf(project, await project.signUp());
    const signed = (body: string) => body + crc32(body).toString(16).padStart(8, '0');
    const body = own.value.slice(0, -8);
    const other = body[10] === '7' ? '8' : '7';
    for (const apiKey of [
      '',
      'not a key',
      'x'.repeat(10_000),
      own.id,
      own.value.slice(0, -1),
      `${own.value} `,
      own.value.toUpperCase(),
      signed(`${body.slice(0, 10)}${other}${body.slice(11)}`),
      signed(body.replace('user1', 'team1')),
      signed(body.replace(/^sk/, 'pk')),
      project.keys.secret_server_key,
    ]) {
      expect(await server.getUser({ apiKey }), apiKey.slice(0, 110)).toBeNull();
      expect(await server.getTeam({ apiKey }), apiKey.slice(0, 110)).toBeNull();
    }
    expect(await server.getUser({ apiKey: own.value }), 'the key itself').not.toBeNull();
  });

  test('a key goes on when a session of its owner’s ends', async ({ project }) => {
    const ada = await project.signUp();
    const { team, found } = await keysOf(project, ada);
    await ada.user.signOut();
    expect(await found()).toEqual({ user: ada.user.id, team: team.id });
  });

  test('a program without the server’s secret cannot ask', async ({ project }) => {
    const { own } = await keysOf(project, await project.signUp());
    const server = project.server({ secretServerKey: project.keys.publishable_client_key });
    await expect(server.getUser({ apiKey: own.value })).rejects.toMatchObject({ errorCode: 'INVALID_SECRET_SERVER_KEY' });
  });
});
