// Who may do what in a team, through the published SDK. What may be done with the team's keys: team-keys.spec.ts.

import { type Project, expect, test, withEachSdk } from '../../sdk.ts';

const MANAGE = '$manage_api_keys';

/** A team with one plain member, as the server and as the member see it. */
async function team(project: Project) {
  const { user } = await project.signUp();
  const server = project.server();
  const team = await server.createTeam({ displayName: 'Analytics' });
  await team.addUser(user.id);
  return { server, team, member: (await server.getUser(user.id))!, user, mine: (await user.getTeam(team.id))! };
}

withEachSdk(() => {
  test('a permission is granted and revoked, and both sides see it at once', async ({ project }) => {
    const { team: analytics, member, user, mine } = await team(project);
    const held = async () => [await user.hasPermission(mine, MANAGE), await member.hasPermission(analytics, MANAGE)];
    expect(await held()).toEqual([false, false]);
    await member.grantPermission(analytics, MANAGE);
    expect(await held()).toEqual([true, true]);
    await member.grantPermission(analytics, MANAGE);
    expect(await held(), 'granting it again changes nothing').toEqual([true, true]);
    await member.revokePermission(analytics, MANAGE);
    expect(await held()).toEqual([false, false]);
  });

  test('what a role contains is held through it, and goes with it', async ({ project }) => {
    const { team: analytics, member, user, mine } = await team(project);
    const ids = async (recursive: boolean) => (await user.listPermissions(mine, { recursive })).map(({ id }) => id);
    await member.grantPermission(analytics, 'team_admin');
    expect(await ids(false)).toEqual(['team_admin', 'team_member']);
    expect(await ids(true)).toContain(MANAGE);
    expect(await user.getPermission(mine, MANAGE)).toMatchObject({ id: MANAGE });
    await expect(member.revokePermission(analytics, MANAGE), 'held through the role only').rejects.toMatchObject({
      errorCode: 'TEAM_PERMISSION_NOT_FOUND',
    });
    await member.grantPermission(analytics, MANAGE);
    await member.revokePermission(analytics, 'team_admin');
    expect(await ids(true), 'granted directly as well').toEqual(['$invite_members', MANAGE, '$read_members', 'team_member']);
    await member.revokePermission(analytics, 'team_member');
    expect(await ids(true)).toEqual([MANAGE]);
    expect(await user.getPermission(mine, 'team_member')).toBeNull();
    expect(await user.listTeams(), 'and still a member').toHaveLength(1);
  });

  test('a permission counts in one team', async ({ project }) => {
    const { server, team: analytics, member, user } = await team(project);
    const other = await server.createTeam({ displayName: 'Other' });
    await other.addUser(user.id);
    await member.grantPermission(analytics, MANAGE);
    expect(await member.hasPermission(other, MANAGE)).toBe(false);
  });

  test('what cannot be granted is refused', async ({ project }) => {
    const { server, team: analytics, member } = await team(project);
    await expect(member.grantPermission(analytics, 'no_such_role')).rejects.toMatchObject({
      errorCode: 'PERMISSION_NOT_FOUND',
      details: { permission_id: 'no_such_role' },
    });
    await expect(member.grantPermission(analytics, '$no_such_thing')).rejects.toMatchObject({
      errorCode: 'SCHEMA_ERROR',
      message: expect.stringContaining('Invalid system permission'),
    });
    const outsider = (await server.getUser((await project.signUp()).user.id))!;
    await expect(outsider.grantPermission(analytics, MANAGE)).rejects.toMatchObject({
      errorCode: 'TEAM_MEMBERSHIP_NOT_FOUND',
      details: { team_id: analytics.id, user_id: outsider.id },
    });
    expect(await outsider.listPermissions(analytics)).toHaveLength(0);
  });

  test('what is not held cannot be revoked', async ({ project }) => {
    const { team: analytics, member } = await team(project);
    await expect(member.revokePermission(analytics, MANAGE)).rejects.toMatchObject({
      errorCode: 'TEAM_PERMISSION_NOT_FOUND',
      details: { team_id: analytics.id, user_id: member.id, permission_id: MANAGE },
    });
  });
});
