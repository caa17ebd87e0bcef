// What a developer's server does with the accounts of its project, through the published SDK.

import { randomUUID } from 'node:crypto';

import { PASSWORD, expect, test, withEachSdk } from '../../sdk.ts';

withEachSdk(() => {
  test('a server makes an account, which signs in', async ({ project }) => {
    const made = await project.server().createUser({
      primaryEmail: 'Ada@Example.com',
      primaryEmailVerified: true,
      primaryEmailAuthEnabled: true,
      password: PASSWORD,
      displayName: 'Ada Lovelace',
    });
    expect(made).toMatchObject({
      primaryEmail: 'ada@example.com',
      primaryEmailVerified: true,
      displayName: 'Ada Lovelace',
      hasPassword: true,
      emailAuthEnabled: true,
      selectedTeam: null,
      serverMetadata: null,
      countryCode: null,
      riskScores: { signUp: { bot: 0, freeTrialAbuse: 0 } },
    });
    expect(made.signedUpAt).toBeInstanceOf(Date);
    expect(made.lastActiveAt).toBeInstanceOf(Date);
    const { user } = await project.signIn({ email: 'ada@example.com', password: PASSWORD });
    expect(user).toMatchObject({ id: made.id, displayName: 'Ada Lovelace', primaryEmailVerified: true });
  });

  test('an account needs neither address nor password nor name', async ({ project }) => {
    const server = project.server();
    const made = await server.createUser({});
    expect(made).toMatchObject({ primaryEmail: null, displayName: null, hasPassword: false, emailAuthEnabled: false });
    const key = await made.createApiKey({ description: 'Robot', expiresAt: null });
    expect((await server.getUser({ apiKey: key.value }))?.id).toBe(made.id);
  });

  test('an address belongs to one account', async ({ project }) => {
    const { email } = await project.signUp();
    const server = project.server();
    await expect(server.createUser({ primaryEmail: email, primaryEmailAuthEnabled: true, password: PASSWORD })).rejects.toMatchObject({
      errorCode: 'USER_EMAIL_ALREADY_EXISTS',
      details: { email },
    });
    expect(await server.listUsers()).toHaveLength(1);
  });

  test('a server sees everybody in its project and nobody else', async ({ project, createProject }) => {
    const elsewhere = await (await createProject()).signUp();
    const server = project.server();
    expect(await server.listUsers()).toHaveLength(0);
    const ids = [(await project.signUp()).user.id, (await project.signUp()).user.id, (await server.createUser({})).id];
    const listed = await server.listUsers();
    expect(listed.map((user) => user.id).sort()).toEqual(ids.sort());
    expect(listed.nextCursor).toBeNull();
    for (const id of ids) expect((await server.getUser(id))?.id).toBe(id);
    expect(await server.getUser(elsewhere.user.id)).toBeNull();
    expect(await server.getUser(randomUUID())).toBeNull();
  });

  test('a server sees the team that somebody has in front', async ({ project }) => {
    const { user } = await project.signUp();
    const team = await user.createTeam({ displayName: 'Analytics' });
    const seen = (await project.server().getUser(user.id))!;
    expect(seen.selectedTeam).toMatchObject({ id: team.id, displayName: 'Analytics' });
    expect((await seen.listTeams()).map(({ id }) => id)).toEqual([team.id]);
    await user.setSelectedTeam(null);
    expect((await project.server().getUser(user.id))!.selectedTeam).toBeNull();
  });
});
