// A project's switches, changed at the command line while the pages are open; and two projects beside each other.

import {
  type Account,
  createKeys,
  createTeam,
  createUser,
  dialog,
  everythingOn,
  expect,
  keysOf,
  NOBODY,
  open,
  openCreateDialog,
  OWN_KEYS,
  post,
  rowOf,
  rows,
  teamPage,
  test,
} from '../fixtures.ts';

test('user keys switched off: no entry, no page, no request', async ({ site, visit }) => {
  const user = await createUser('Grace Hopper', site.project);
  const [key] = await createKeys(user, [{ description: 'Engine' }]);
  const team = await createTeam(user);
  const page = await visit(user, { url: site.url });
  await open(page, OWN_KEYS);
  await expect(rowOf(page, 'Engine')).toBeVisible();
  await site.config('allow_user_api_keys=false');

  for (const [path, form] of [
    ['/fn/api-keys/create', { description: 'x', expires: '30d', token: NOBODY }],
    ['/fn/api-keys/rename', { id: key!, description: 'x' }],
    ['/fn/api-keys/revoke', { id: key!, understood: 'yes' }],
  ] as const) {
    const response = await post(page.request, path, form, { url: site.url });
    expect(response.status(), path).toBe(403);
    expect(await response.json()).toEqual({ kind: 'outdated', message: 'API keys are switched off for this project.' });
  }
  const plain = await post(page.request, `${OWN_KEYS}/new`, { description: 'x', expires: '30d', token: NOBODY }, { url: site.url });
  expect(plain.status()).toBe(404);
  expect(await keysOf(user.id)).toMatchObject([{ description: 'Engine', revoked_at_millis: null }]);
  for (const path of [OWN_KEYS, `${OWN_KEYS}/new`]) expect((await page.request.get(path)).status(), path).toBe(404);

  await open(page, '/account-settings/profile');
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText(['My profile', 'Sign-in & security', 'Active sessions', 'Settings', 'Analytics', 'Create a team']);
  await open(page, teamPage(team));
  await expect(page.getByRole('heading', { name: 'API keys', exact: true }), 'the team’s are still on').toBeVisible();
  await site.config('allow_user_api_keys=true');
  await open(page, OWN_KEYS);
  await expect(rowOf(page, 'Engine')).toBeVisible();
});

test('team keys switched off: no section, no request', async ({ site, visit }) => {
  const user = await createUser('Grace Hopper', site.project);
  const team = await createTeam(user);
  const [key] = await createKeys(user, [{ description: 'Engine' }], team);
  const page = await visit(user, { url: site.url });
  await site.config('allow_team_api_keys=false');
  await open(page, teamPage(team));
  await expect(page.getByRole('heading', { name: 'Members' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'API keys', exact: true })).toHaveCount(0);
  expect(await page.content()).not.toContain('Engine');
  for (const [path, form] of [
    ['/fn/api-keys/create', { team, description: 'x', expires: '30d', token: NOBODY }],
    ['/fn/api-keys/rename', { team, id: key!, description: 'x' }],
    ['/fn/api-keys/revoke', { team, id: key!, understood: 'yes' }],
  ] as const) {
    expect((await post(page.request, path, form, { url: site.url })).status(), path).toBe(403);
  }
  expect((await page.request.get(`${teamPage(team)}/api-keys/new`)).status()).toBe(404);
  expect(await keysOf(team)).toMatchObject([{ description: 'Engine', revoked_at_millis: null }]);
  await open(page, OWN_KEYS);
  await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
});

test('keys switched off while their page is open leave the screen', async ({ site, browser }) => {
  const user = await createUser('Grace Hopper', site.project);
  const team = await createTeam(user);
  await createKeys(user, [{ description: 'Engine' }]);
  await createKeys(user, [{ description: 'Engine' }], team);
  // Two pages of one browser, which notes the refusals on its console.
  const context = await browser.newContext({ baseURL: site.url });
  const signedIn = await post(context.request, '/fn/sign-in', { email: user.email, password: user.password }, { url: site.url });
  expect(signedIn.ok()).toBe(true);
  for (const [path, message] of [
    [OWN_KEYS, 'This page does not exist, or your account does not have access to it.'],
    [teamPage(team), 'You no longer have access to this, so it was removed from the page.'],
  ] as const) {
    await site.config('allow_user_api_keys=true', 'allow_team_api_keys=true');
    const page = await context.newPage();
    await open(page, path);
    await expect(rowOf(page, 'Engine')).toBeVisible();
    await site.config('allow_user_api_keys=false', 'allow_team_api_keys=false');
    const form = await openCreateDialog(page);
    await form.getByLabel('Description').fill('Too late');
    await form.getByRole('button', { name: 'Create API key' }).click();
    await expect(page.getByText(message).filter({ visible: true }).first()).toBeVisible();
    await expect(dialog(page)).toHaveCount(0);
    expect(await everythingOn(page)).not.toMatch(/Engine|sk_…/);
  }
  await context.close();
});

test('sign-up switched off: no link, no form, no request', async ({ site, request }) => {
  const origin = site.url;
  expect(await (await request.get(`${origin}/sign-in`)).text()).toContain('/sign-up');
  await site.config('sign_up_enabled=false');
  const form = await (await request.get(`${origin}/sign-in`)).text();
  expect(form).not.toContain('/sign-up');
  const signUp = await (await request.get(`${origin}/sign-up`)).text();
  expect(signUp).toContain('Sign-up is switched off for this project.');
  expect(signUp).not.toContain('type="password"');
  const response = await post(request, '/fn/sign-up', { email: 'new@example.com', password: 'correct horse' }, { url: origin });
  expect(response.status()).toBe(403);
  expect(await rows(`SELECT FROM users WHERE project_id = :'project'`, { project: site.project })).toEqual([]);
});

test('passwords switched off: nobody new gets in, those inside stay', async ({ site, visit, request }) => {
  const user = await createUser('Grace Hopper', site.project);
  const page = await visit(user, { url: site.url });
  await site.config('credential_enabled=false');
  for (const [path, text] of [
    ['/sign-in', 'Password sign-in is switched off for this project. Ask the project’s administrator how to sign in.'],
    ['/sign-up', 'Sign-up is switched off for this project.'],
  ] as const) {
    const html = await (await request.get(site.url + path)).text();
    expect(html).toContain(text);
    expect(html).not.toContain('type="password"');
  }
  for (const path of ['/fn/sign-in', '/fn/sign-up']) {
    const response = await post(request, path, { email: user.email, password: user.password }, { url: site.url });
    expect(response.status(), path).toBe(403);
  }
  await open(page, '/account-settings');
  await expect(page.getByRole('banner')).toContainText('Grace Hopper');
});

test('founding teams switched off: no entry, no page, no request', async ({ site, visit }) => {
  const user = await createUser('Grace Hopper', site.project);
  const page = await visit(user, { url: site.url });
  await open(page, '/account-settings');
  await expect(page.getByRole('link', { name: 'Create a team' })).toBeVisible();
  await site.config('client_team_creation_enabled=false');
  await open(page, '/account-settings');
  await expect(page.getByRole('link', { name: 'Create a team' })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Teams' })).toHaveCount(0);
  expect((await page.request.get('/account-settings/teams/new')).status()).toBe(404);
  const response = await post(page.request, '/fn/teams/create', { display_name: 'Sneaky' }, { url: site.url });
  expect(response.status()).toBe(403);
  expect(await rows(`SELECT FROM teams WHERE project_id = :'project'`, { project: site.project })).toEqual([]);
});

test('projects do not know each other', async ({ site, me, visit, request }) => {
  const neighbour: Account = await createUser('Neighbour', site.project);
  const [mine] = await createKeys(me, [{ description: 'Mine' }]);
  const team = await createTeam(me);
  const wrongDoor = await post(request, '/fn/sign-in', { email: me.email, password: me.password }, { url: site.url });
  expect(wrongDoor.status(), 'an account is of one project').toBe(422);

  const page = await visit(neighbour, { url: site.url });
  for (const [path, form] of [
    ['/fn/api-keys/rename', { id: mine!, description: 'x' }],
    ['/fn/api-keys/revoke', { id: mine!, understood: 'yes' }],
    ['/fn/api-keys/revoke', { id: mine!, team, understood: 'yes' }],
    ['/fn/teams/rename', { team, display_name: 'x' }],
  ] as const) {
    expect((await post(page.request, path, form, { url: site.url })).status(), path).toBe(404);
  }
  expect((await page.request.get(teamPage(team))).status()).toBe(404);
  await open(page, OWN_KEYS);
  await expect(page.getByText('Mine')).toHaveCount(0);
  expect(await keysOf(me.id)).toMatchObject([{ description: 'Mine', revoked_at_millis: null }]);
});
