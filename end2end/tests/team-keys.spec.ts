// A team's keys, for those who may manage them and those who may not.

import type { Page } from '@playwright/test';

import {
  type Account,
  cell,
  createKey,
  createKeys,
  createTeam,
  createUser,
  DAY,
  dialog,
  everythingOn,
  expect,
  expectRenamed,
  finish,
  join,
  keysOf,
  live,
  mark,
  NOBODY,
  open,
  openCreateDialog,
  OWN_KEYS,
  post,
  rowOf,
  rows,
  saidAloud,
  secretField,
  signIn,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';

const heading = (page: Page) => page.getByRole('heading', { name: 'API keys', exact: true });

/** Takes a permission away from somebody, wherever they hold it. */
const takeAway = (user: Account) => sql(`DELETE FROM team_permission_grants WHERE user_id = :'user'`, { user: user.id });

test('an admin makes, renames and revokes the team’s keys', async ({ page, me }) => {
  const team = await createTeam(me, 'Analytics');
  await signIn(page, me);
  await open(page, teamPage(team));
  await expect(page.getByRole('link', { name: 'Analytics' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByText('Create a key to let a script or an application act on behalf of Analytics.')).toBeVisible();
  const unmoved = await mark(page);

  const secret = await createKey(page, 'Warehouse', '90 days');
  expect(secret).toContain('team1574ck4u7h');
  await finish(page);
  const row = rowOf(page, 'Warehouse');
  await expect(cell(row, 'Key')).toHaveText(`sk_…${secret.slice(-4)}`);
  await expect(cell(row, 'Created by')).toHaveText('Grace Hopper');
  expect(await keysOf(team)).toMatchObject([{ description: 'Warehouse', owner_team_id: team, created_by_user_id: me.id }]);
  expect(await keysOf(me.id)).toEqual([]);

  await page.getByRole('link', { name: 'Rename “Warehouse”' }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill('Lake');
  await page.keyboard.press('Enter');
  await expectRenamed(page, 'Lake');

  await page.getByRole('button', { name: 'Revoke “Lake”' }).click();
  await expect(dialog(page)).toContainText('It has never been used.');
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(cell(rowOf(page, 'Lake'), 'Status')).toHaveText('Revoked');
  await expect(page).toHaveURL(teamPage(team));
  await unmoved();
  expect(await keysOf(team)).toMatchObject([{ description: 'Lake', revoked_at_millis: expect.any(Number) }]);

  await open(page, OWN_KEYS);
  await expect(page.getByRole('heading', { name: 'No API keys yet' }), 'one’s own list is another').toBeVisible();
});

test('admins see who made which key, also when they have gone', async ({ page, me }) => {
  const team = await createTeam(me);
  const [other, gone] = [await createUser('Ada Lovelace'), await createUser('Gone')];
  for (const admin of [other, gone]) await join(team, admin, 'team_admin');
  await createKeys(other, [{ description: 'Engine' }], team);
  await createKeys(gone, [{ description: 'Ghost' }], team);
  await sql(`DELETE FROM users WHERE user_id = :'gone'`, { gone: gone.id });
  await signIn(page, me);
  await open(page, teamPage(team));
  await expect(cell(rowOf(page, 'Engine'), 'Created by')).toHaveText('Ada Lovelace');
  await expect(cell(rowOf(page, 'Ghost'), 'Created by')).toHaveText('Unknown');
});

test('a member sees the team, but not whether it has keys', async ({ page, me, guard, visit }) => {
  guard.expects(404);
  const admin = await createUser('Ada Lovelace');
  const team = await createTeam(admin);
  await join(team, me, 'team_member');
  const [key] = await createKeys(admin, [{ description: 'Engine' }], team);
  await signIn(page, me);
  await open(page, teamPage(team));
  await expect(page.getByRole('heading', { name: 'Members' })).toBeVisible();
  await expect(page.getByRole('row', { name: /Ada Lovelace/ })).toContainText('Admin');
  await expect(page.getByRole('row', { name: /Grace Hopper/ })).toContainText('you');
  await expect(page.getByRole('textbox', { name: 'Team name' })).toHaveCount(0);
  await expect(heading(page)).toHaveCount(0);
  expect(await page.content()).not.toMatch(/Engine|api-keys\/new|create-dialog/);

  await page.goto(`${teamPage(team)}/api-keys/new`);
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  for (const [path, form] of [
    ['/fn/api-keys/create', { team, description: 'x', expires: '30d', token: NOBODY }],
    ['/fn/api-keys/rename', { team, id: key!, description: 'x' }],
    ['/fn/api-keys/revoke', { team, id: key!, understood: 'yes' }],
    [`${teamPage(team)}/api-keys/new`, { description: 'x', expires: '30d', token: NOBODY }],
    ['/fn/teams/rename', { team, display_name: 'x' }],
  ] as const) {
    expect((await post(page.request, path, form)).status(), path).toBe(404);
  }
  expect(await keysOf(team)).toMatchObject([{ description: 'Engine', revoked_at_millis: null }]);

  const other = await visit(admin);
  await open(other, teamPage(team));
  await expect(rowOf(other, 'Engine')).toBeVisible();
});

test('without permission to see them, the members stay unknown', async ({ page, me }) => {
  const admin = await createUser('Ada Lovelace');
  const team = await createTeam(admin);
  await join(team, me);
  await signIn(page, me);
  await open(page, teamPage(team));
  await expect(page.getByRole('heading', { name: 'Analytics' })).toBeVisible();
  expect(await page.content()).not.toMatch(/Ada Lovelace|Members/);
});

test('a permission counts directly and through a role of the project’s own', async ({ page, me, site, visit }) => {
  const admin = await createUser('Ada Lovelace');
  const team = await createTeam(admin);
  await join(team, me, '$manage_api_keys');
  await createKeys(admin, [{ description: 'Engine' }], team);
  await signIn(page, me);
  await open(page, teamPage(team));
  await expect(rowOf(page, 'Engine')).toBeVisible();

  const keeper = await createUser('Key Keeper', site.project);
  const vault = await createTeam(keeper, 'Vault');
  await takeAway(keeper);
  await sql(
    `INSERT INTO permission_definitions (project_id, permission_id) VALUES (:'project', 'staff'), (:'project', 'keeper');
     INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
     VALUES (:'project', 'staff', 'keeper'), (:'project', 'keeper', 'staff'), (:'project', 'keeper', '$manage_api_keys')`,
    { project: site.project },
  );
  const other = await visit(keeper, { url: site.url });
  await open(other, teamPage(vault));
  await expect(heading(other)).toHaveCount(0);
  await join(vault, keeper, 'staff');
  await open(other, teamPage(vault));
  await expect(heading(other)).toBeVisible();
});

test('for an outsider a team is like one that does not exist', async ({ page, me }) => {
  const admin = await createUser('Ada Lovelace');
  const team = await createTeam(admin);
  const [key] = await createKeys(admin, [{ description: 'Engine' }], team);
  await signIn(page, me);
  const look = async (path: string) => {
    const response = await page.request.get(path, { maxRedirects: 0 });
    const { date: _, 'content-security-policy': __, 'x-request-id': id, ...headers } = response.headers();
    const body = (await response.text()).replaceAll(/(nonce|crossorigin)="[^"]*"/g, '').replace(id!, '');
    return { status: response.status(), headers, body };
  };
  for (const under of ['', '/api-keys/new', '?inactive=1', '?q=Engine']) {
    const existing = await look(teamPage(team) + under);
    expect(existing.status).toBe(404);
    expect(existing, under).toEqual(await look(teamPage(NOBODY) + under));
  }
  const ask = async (path: string, form: Record<string, string>) => {
    const response = await post(page.request, path, form);
    return { status: response.status(), body: await response.text() };
  };
  for (const [path, form] of [
    ['/fn/api-keys/create', { description: 'x', expires: '30d', token: NOBODY }],
    ['/fn/api-keys/rename', { id: key!, description: 'x' }],
    ['/fn/api-keys/revoke', { id: key!, understood: 'yes' }],
    ['/fn/teams/rename', { display_name: 'x' }],
  ] as const) {
    const existing = await ask(path, { ...form, team });
    expect(existing.status, path).toBe(404);
    expect(existing, path).toEqual(await ask(path, { ...form, team: NOBODY }));
  }
  expect(await keysOf(team)).toMatchObject([{ description: 'Engine', revoked_at_millis: null }]);
});

const ACTIONS: Record<string, { status?: number; act: (page: Page) => Promise<unknown> }> = {
  creating: {
    status: 404,
    act: async (page) => {
      const form = await openCreateDialog(page);
      await form.getByLabel('Description').fill('Too late');
      await form.getByRole('button', { name: 'Create API key' }).click();
    },
  },
  renaming: {
    status: 404,
    act: async (page) => {
      await page.getByRole('link', { name: 'Rename “Engine”' }).click();
      await page.getByRole('textbox', { name: 'New name' }).fill('Too late');
      await page.keyboard.press('Enter');
    },
  },
  revoking: {
    status: 404,
    act: async (page) => {
      await page.getByRole('button', { name: 'Revoke “Engine”' }).click();
      await dialog(page).getByLabel('I understand').check();
      await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
    },
  },
  searching: { act: (page) => page.getByRole('searchbox').fill('eng') },
  sorting: { act: (page) => page.getByRole('columnheader', { name: 'Created', exact: true }).getByRole('link').click() },
  'coming back to the page': { act: (page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))) },
};

for (const [what, { status, act }] of Object.entries(ACTIONS)) {
  test(`a permission taken away is noticed on ${what}`, async ({ page, me, guard }) => {
    if (status) guard.expects(status);
    const team = await createTeam(me);
    await createKeys(me, [{ description: 'Engine', created: -DAY }], team);
    await signIn(page, me);
    await open(page, teamPage(team));
    await expect(rowOf(page, 'Engine')).toBeVisible();
    await takeAway(me);
    await act(page);
    await expect(heading(page)).toHaveCount(0);
    expect(await everythingOn(page)).not.toMatch(/Engine|sk_…|create-dialog/);
    await expect(page.getByRole('heading', { name: 'Analytics' }), 'the team is still there').toBeVisible();
    await expect(page.getByText(/You no longer have access|does not have access/).filter({ visible: true }).first()).toBeVisible();
    await expect(saidAloud(page)).not.toBeEmpty();
    await expect(page.locator('#main'), 'the focus is where the content begins').toBeFocused();
    expect(await keysOf(team)).toMatchObject([{ description: 'Engine', revoked_at_millis: null }]);
  });

  test(`a membership taken away is noticed on ${what}`, async ({ page, me, guard }) => {
    guard.expects(404);
    const team = await createTeam(me);
    await createKeys(me, [{ description: 'Engine', created: -DAY }], team);
    await signIn(page, me);
    await open(page, teamPage(team));
    await sql(`DELETE FROM memberships WHERE team_id = :'team'`, { team });
    await act(page);
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    await live(page);
    expect(await everythingOn(page)).not.toMatch(/Engine|sk_…|create-dialog/);
  });
}

test('a founded team is one’s own to manage', async ({ page, me }) => {
  await signIn(page, me);
  await open(page, '/account-settings/teams/new');
  await page.getByRole('textbox', { name: 'Team name' }).fill('Compilers');
  await page.getByRole('button', { name: 'Create a team' }).click();
  await expect(page.getByRole('heading', { name: 'Compilers' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Compilers' })).toHaveAttribute('aria-current', 'page');
  await expect(heading(page)).toBeVisible();
  await expect(page.getByRole('row', { name: /Grace Hopper/ })).toContainText('Admin');
  await expect(page.getByText('1 member')).toBeVisible();
  const made = await rows<{ team_id: string }>(`SELECT team_id FROM memberships WHERE user_id = :'user'`, { user: me.id });
  await expect(page).toHaveURL(teamPage(made[0]!.team_id));
  expect(made).toHaveLength(1);
});

test('a team cannot be founded without a name', async ({ page, me, guard }) => {
  guard.expects(422);
  await signIn(page, me);
  await open(page, '/account-settings/teams/new');
  await page.getByRole('textbox', { name: 'Team name' }).fill('  ');
  await page.getByRole('button', { name: 'Create a team' }).click();
  await expect(page.getByRole('textbox', { name: 'Team name' })).toHaveAccessibleDescription('This field is required.');
  expect(await rows(`SELECT FROM memberships WHERE user_id = :'user'`, { user: me.id })).toEqual([]);
});

test('a team is renamed everywhere on the page at once', async ({ page, me }) => {
  const team = await createTeam(me, 'Analytics');
  await signIn(page, me);
  await open(page, teamPage(team));
  const unmoved = await mark(page);
  await page.getByRole('textbox', { name: 'Team name' }).fill('Compilers');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('heading', { name: 'Compilers' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Compilers' })).toBeVisible();
  await expect(saidAloud(page).filter({ hasText: 'Team renamed.' })).toBeAttached();
  await expect(page.getByText(/on behalf of Analytics/)).toHaveCount(0);
  await unmoved();
});

test('one’s name is changed everywhere on the page at once', async ({ page, me }) => {
  await signIn(page, me);
  await open(page, '/account-settings/profile');
  const unmoved = await mark(page);
  await page.getByRole('textbox', { name: 'Display name' }).fill(' Amazing Grace ');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('banner')).toContainText('Amazing Grace');
  await expect(saidAloud(page).filter({ hasText: 'Display name changed.' })).toBeAttached();
  await expect(page.getByRole('textbox', { name: 'User ID' })).toHaveValue(me.id);
  await unmoved();
  expect(await rows(`SELECT display_name FROM users WHERE user_id = :'user'`, { user: me.id })).toEqual([{ display_name: 'Amazing Grace' }]);
});

test('a key can be made after the team was renamed', async ({ page, me }) => {
  const team = await createTeam(me, 'Analytics');
  await signIn(page, me);
  await open(page, teamPage(team));
  const unmoved = await mark(page);
  await page.getByRole('textbox', { name: 'Team name' }).fill('Compilers');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('heading', { name: 'Compilers' })).toBeVisible();
  await createKey(page, 'Engine');
  await expect(secretField(page)).toBeVisible();
  await unmoved();
  await finish(page);
});
