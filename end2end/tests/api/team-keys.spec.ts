// A team's API keys, for those who may manage them and those who may not, through the published SDK.

import { crc32 } from 'node:zlib';

import { type Project, expect, test, withEachSdk } from '../../sdk.ts';

const MANAGE = '$manage_api_keys';
const HIDDEN = { errorCode: 'API_KEY_NOT_FOUND', message: 'API key not found.' };

/** A team with its founder and a plain member. */
async function staffed(project: Project) {
  const [ada, grace] = [await project.signUp(), await project.signUp()];
  const team = await ada.user.createTeam({ displayName: 'Analytics' });
  const server = project.server();
  const there = (await server.getTeam(team.id))!;
  await there.addUser(grace.user.id);
  return { server, ada, grace, team, there, hers: (await grace.user.getTeam(team.id))!, member: (await server.getUser(grace.user.id))! };
}

withEachSdk(() => {
  test('a team’s key is made, listed, renamed and revoked', async ({ project }) => {
    const { user } = await project.signUp();
    const team = await user.createTeam({ displayName: 'Analytics' });
    const expiresAt = new Date(Date.now() + 3_600_000);
    const made = await team.createApiKey({ description: 'Warehouse', expiresAt });
    expect(made).toMatchObject({ description: 'Warehouse', expiresAt, type: 'team', teamId: team.id, manuallyRevokedAt: null });
    expect(made.value).toMatch(new RegExp(`^sk_[0-9a-hjkmnp-tv-z]{45}${made.id.replaceAll('-', '')}team1574ck4u7h[0-9a-f]{8}$`));
    expect(crc32(made.value.slice(0, -8)).toString(16).padStart(8, '0')).toBe(made.value.slice(-8));
    const open = await team.createApiKey({ description: 'Widget', expiresAt: null, isPublic: true });
    expect(open.value).toMatch(/^pk_.{77}team3574ck4u7h/);

    const [newest, oldest, ...more] = await team.listApiKeys();
    expect(more).toHaveLength(0);
    expect(newest).toMatchObject({ id: open.id, value: { lastFour: open.value.slice(-4) } });
    expect(newest!.expiresAt).toBeUndefined();
    expect(oldest).toMatchObject({ id: made.id, teamId: team.id, expiresAt, value: { lastFour: made.value.slice(-4) } });
    await oldest!.update({ description: 'Lake' });
    await newest!.revoke();
    const again = await team.listApiKeys();
    expect(again.map((key) => [key.description, key.isValid(), key.whyInvalid()])).toEqual([
      ['Widget', false, 'manually-revoked'],
      ['Lake', true, null],
    ]);
    expect(again[0]!.manuallyRevokedAt).toBeInstanceOf(Date);
    expect(await user.listApiKeys(), 'one’s own list is another').toHaveLength(0);
  });

  test('a member without the permission never learns of the keys', async ({ project }) => {
    const { team, hers } = await staffed(project);
    await team.createApiKey({ description: 'Warehouse', expiresAt: null });
    await expect(hers.listApiKeys()).rejects.toMatchObject(HIDDEN);
    await expect(hers.createApiKey({ description: 'Mine', expiresAt: null })).rejects.toMatchObject(HIDDEN);
    expect(await team.listApiKeys()).toHaveLength(1);
  });

  test('a member may with the permission, and no longer without it', async ({ project }) => {
    const { server, team, there, hers, member } = await staffed(project);
    await team.createApiKey({ description: 'Warehouse', expiresAt: null });
    await member.grantPermission(there, MANAGE);
    const [found] = await hers.listApiKeys();
    expect(found).toMatchObject({ description: 'Warehouse' });
    await found!.update({ description: 'Lake' });
    const made = await hers.createApiKey({ description: 'Hers', expiresAt: null });

    await member.revokePermission(there, MANAGE);
    await expect(hers.listApiKeys()).rejects.toMatchObject(HIDDEN);
    await expect(hers.createApiKey({ description: 'Too late', expiresAt: null })).rejects.toMatchObject(HIDDEN);
    await expect(found!.update({ description: 'Too late' })).rejects.toMatchObject(HIDDEN);
    await expect(made.revoke(), 'not even the one she made').rejects.toMatchObject(HIDDEN);
    expect((await team.listApiKeys()).map((key) => [key.description, key.isValid()])).toEqual([
      ['Hers', true],
      ['Lake', true],
    ]);
    expect((await server.getTeam({ apiKey: made.value }))?.id).toBe(team.id);
  });

  test('a role that contains the permission is as good', async ({ project }) => {
    const { there, hers, member } = await staffed(project);
    await member.grantPermission(there, 'team_admin');
    await hers.createApiKey({ description: 'Hers', expiresAt: null });
    await member.revokePermission(there, 'team_admin');
    await expect(hers.listApiKeys()).rejects.toMatchObject(HIDDEN);
  });

  test('the permission in one team opens no other', async ({ project }) => {
    const { server, ada, grace, there, member } = await staffed(project);
    const other = await ada.user.createTeam({ displayName: 'Other' });
    await (await server.getTeam(other.id))!.addUser(grace.user.id);
    await member.grantPermission(there, MANAGE);
    const closed = (await grace.user.getTeam(other.id))!;
    await expect(closed.listApiKeys()).rejects.toMatchObject(HIDDEN);
    await expect(closed.createApiKey({ description: 'x', expiresAt: null })).rejects.toMatchObject(HIDDEN);
    expect(await other.listApiKeys()).toHaveLength(0);
  });

  test('the developer’s server keeps a team’s keys', async ({ project }) => {
    const { server, team, there } = await staffed(project);
    const made = await there.createApiKey({ description: 'From the server', expiresAt: null });
    const [seen] = await team.listApiKeys();
    expect(seen).toMatchObject({ id: made.id, teamId: team.id });
    await (await there.listApiKeys())[0]!.revoke();
    expect((await team.listApiKeys())[0]!.whyInvalid()).toBe('manually-revoked');
    expect(await server.getTeam({ apiKey: made.value })).toBeNull();
  });

  for (const [on, off] of [
    ['user', 'team'],
    ['team', 'user'],
  ] as const) {
    test(`only ${on} keys switched on`, async ({ createProject }) => {
      const project = await createProject({ [`allow_${on}_api_keys`]: true, client_team_creation_enabled: true });
      const { user } = await project.signUp();
      const team = await user.createTeam({ displayName: 'Analytics' });
      const owners = { user, team };
      const key = await owners[on].createApiKey({ description: 'Deploy bot', expiresAt: null });
      expect(await owners[on].listApiKeys()).toMatchObject([{ id: key.id }]);
      const refusal = `400 ${off === 'user' ? 'User' : 'Team'} API keys are not enabled for this project.`;
      await expect(owners[off].createApiKey({ description: 'x', expiresAt: null })).rejects.toThrow(refusal);
      await expect(owners[off].listApiKeys()).rejects.toThrow(refusal);
    });
  }

  test('team keys switched off: nothing is changed, nothing is lost', async ({ project }) => {
    const { server, team, there } = await staffed(project);
    const key = await team.createApiKey({ description: 'Warehouse', expiresAt: null });
    await project.config('allow_team_api_keys=false');
    const off = '400 Team API keys are not enabled for this project.';
    await expect(key.update({ description: 'x' })).rejects.toThrow(off);
    await expect(key.revoke()).rejects.toThrow(off);
    await expect(there.createApiKey({ description: 'x', expiresAt: null })).rejects.toThrow(off);
    await expect(server.getTeam({ apiKey: key.value })).rejects.toThrow(off);
    await project.config('allow_team_api_keys=true');
    expect(await team.listApiKeys()).toMatchObject([{ description: 'Warehouse', manuallyRevokedAt: null }]);
    expect((await server.getTeam({ apiKey: key.value }))?.id).toBe(team.id);
  });
});
