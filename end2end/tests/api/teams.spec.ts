// Teams and who is in them, through the published SDK.

import { randomUUID } from 'node:crypto';

import { expect, test, withEachSdk } from '../../sdk.ts';

withEachSdk(() => {
  test('somebody founds a team and runs it', async ({ project }) => {
    const { app, user } = await project.signUp();
    expect(await user.listTeams()).toHaveLength(0);
    const team = await user.createTeam({ displayName: 'Analytics' });
    expect(team).toMatchObject({ displayName: 'Analytics', profileImageUrl: null, clientMetadata: null, clientReadOnlyMetadata: null });
    expect(await user.listTeams()).toMatchObject([{ id: team.id, displayName: 'Analytics' }]);
    expect(await user.getTeam(team.id)).toMatchObject({ id: team.id });
    expect((await app.getUser({ or: 'throw' })).selectedTeam, 'which is now the one in front').toMatchObject({ id: team.id });
    const ids = async (recursive: boolean) => (await user.listPermissions(team, { recursive })).map(({ id }) => id);
    expect(await ids(false)).toEqual(['team_admin']);
    expect(await ids(true)).toEqual([
      '$delete_team',
      '$invite_members',
      '$manage_api_keys',
      '$read_members',
      '$remove_members',
      '$update_team',
      'team_admin',
    ]);
  });

  test('people see the teams they are in, oldest first', async ({ project }) => {
    const [ada, grace] = [await project.signUp(), await project.signUp()];
    const names = ['Zebra', 'Analytics', 'Mine'];
    for (const displayName of names) await ada.user.createTeam({ displayName });
    const theirs = await grace.user.createTeam({ displayName: 'Theirs' });
    expect((await ada.user.listTeams()).map((team) => team.displayName)).toEqual(names);
    expect(await ada.user.getTeam(theirs.id)).toBeNull();
    expect(await grace.user.listTeams()).toHaveLength(1);
  });

  test('founding teams switched off: people cannot, a server can', async ({ createProject }) => {
    const project = await createProject();
    const { user } = await project.signUp();
    await expect(user.createTeam({ displayName: 'Sneaky' })).rejects.toThrow('403 Client team creation is disabled for this project');
    expect(await project.server().listTeams()).toHaveLength(0);
    await project.server().createTeam({ displayName: 'Official', creatorUserId: user.id });
    expect(await user.listTeams()).toMatchObject([{ displayName: 'Official' }]);
  });

  test('a server founds teams, for somebody or for nobody', async ({ project }) => {
    const { user } = await project.signUp();
    const server = project.server();
    const [hers, nobodys] = [
      await server.createTeam({ displayName: 'Hers', creatorUserId: user.id }),
      await server.createTeam({ displayName: 'Nobody’s' }),
    ];
    for (const team of [hers, nobodys]) {
      expect(team.serverMetadata).toBeNull();
      expect(Math.abs(team.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    }
    expect((await server.listTeams()).map((team) => team.id).sort()).toEqual([hers.id, nobodys.id].sort());
    expect((await user.listTeams()).map((team) => team.id)).toEqual([hers.id]);
    expect(await user.hasPermission(hers, 'team_admin')).toBe(true);
    await expect(server.createTeam({ displayName: 'x', creatorUserId: randomUUID() })).rejects.toMatchObject({ errorCode: 'USER_NOT_FOUND' });
    expect(await server.listTeams()).toHaveLength(2);
  });

  test('a server adds people to a team', async ({ project }) => {
    const { user } = await project.signUp();
    const server = project.server();
    const team = await server.createTeam({ displayName: 'Analytics' });
    await team.addUser(user.id);
    const [joined] = await user.listTeams();
    expect(joined).toMatchObject({ id: team.id });
    expect((await (await server.getUser(user.id))!.listTeams()).map(({ id }) => id)).toEqual([team.id]);
    expect((await user.listPermissions(joined!)).map(({ id }) => id)).toEqual(['$invite_members', '$read_members', 'team_member']);
    await expect(team.addUser(user.id)).rejects.toMatchObject({ errorCode: 'TEAM_MEMBERSHIP_ALREADY_EXISTS' });
    await expect(team.addUser(randomUUID())).rejects.toMatchObject({ errorCode: 'USER_NOT_FOUND' });
    expect(await user.listTeams()).toHaveLength(1);
  });

  test('a server finds every team, however many there are', async ({ project }) => {
    const { user } = await project.signUp();
    const server = project.server();
    const first = await user.createTeam({ displayName: 'First' });
    const key = await first.createApiKey({ description: 'Old', expiresAt: null });
    const others = Array.from({ length: 120 }, (_, index) => server.createTeam({ displayName: `Team ${index}` }));
    const ids = [first.id, ...(await Promise.all(others)).map((team) => team.id)];
    expect((await server.listTeams()).map((team) => team.id).sort()).toEqual(ids.sort());
    expect(await server.getTeam(first.id)).toMatchObject({ displayName: 'First' });
    expect(await server.getTeam({ apiKey: key.value })).toMatchObject({ displayName: 'First' });
    expect(await server.getTeam(randomUUID())).toBeNull();
  });

  test('projects do not know each other’s teams', async ({ project, createProject }) => {
    const { user } = await project.signUp();
    const team = await user.createTeam({ displayName: 'Analytics' });
    const elsewhere = (await createProject()).server();
    expect(await elsewhere.listTeams()).toHaveLength(0);
    expect(await elsewhere.getTeam(team.id)).toBeNull();
    expect(await elsewhere.getUser(user.id)).toBeNull();
  });
});
