// The pages and the API are two faces of the same accounts, teams and keys.

import { type Page, mergeTests } from '@playwright/test';

import { cell, createKey, DAY, dialog, finish, open, OWN_KEYS, reload, rowOf, SECRET, teamPage, test as pages } from '../fixtures.ts';
import { need } from '../program.ts';
import { PASSWORD, Project, expect, test as programs, withEachSdk } from '../sdk.ts';

/** The project of the pages, and programs that use the API beside them. */
const test = mergeTests(pages, programs).extend({
  baseURL: async ({ site }, use) => use(site.url),
  project: async ({ site, version }, use) => use(new Project(version, site.url, site.keys)),
});

async function enter(page: Page, button: string, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
}

async function rename(page: Page, description: string, to: string): Promise<void> {
  await page.getByRole('link', { name: `Rename “${description}”` }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill(to);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: `Rename “${to}”` })).toBeVisible();
}

async function revoke(page: Page, description: string): Promise<void> {
  await page.getByRole('button', { name: `Revoke “${description}”` }).click();
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(cell(rowOf(page, description), 'Status')).toHaveText('Revoked');
}

withEachSdk(() => {
  test('somebody who signed up in a program signs in on the page', async ({ page, project }) => {
    await project.signUp('ada@example.com');
    await open(page, '/sign-in');
    await enter(page, 'Sign in', 'Ada@example.com', PASSWORD);
    await expect(page).toHaveURL('/account-settings');
    await open(page, OWN_KEYS);
    await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  });

  test('somebody who signed up on the page signs in in a program', async ({ page, project }) => {
    await open(page, '/sign-up');
    await enter(page, 'Create account', 'ada@example.com', PASSWORD);
    await expect(page).toHaveURL('/account-settings');
    const { user } = await project.signIn({ email: 'ada@example.com', password: PASSWORD });
    expect(user).toMatchObject({ primaryEmail: 'ada@example.com', hasPassword: true, emailAuthEnabled: true });
    const taken = await project.client().signUpWithCredential({
      email: 'ada@example.com',
      password: PASSWORD,
      noVerificationCallback: true,
      noRedirect: true,
    });
    expect(taken).toMatchObject({ status: 'error', error: { errorCode: 'USER_EMAIL_ALREADY_EXISTS' } });
  });

  test('signing out on one face leaves the session on the other', async ({ project, visit }) => {
    const ada = await project.signUp();
    const page = await visit(ada);
    const other = await project.signIn(ada);
    await other.user.signOut();
    await open(page, '/account-settings/settings');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    expect((await ada.app.getUser({ or: 'throw' })).id).toBe(ada.user.id);
  });

  test('a key made on the page opens a server’s door until it is revoked there', async ({ project, visit }) => {
    const ada = await project.signUp();
    const server = project.server();
    const page = await visit(ada);
    await open(page, OWN_KEYS);
    const secret = await createKey(page, 'Deploy bot', '90 days');
    await finish(page);
    expect((await server.getUser({ apiKey: secret }))?.id).toBe(ada.user.id);
    const [key, ...others] = await ada.user.listApiKeys();
    expect(others).toHaveLength(0);
    expect(key).toMatchObject({ description: 'Deploy bot', type: 'user', value: { lastFour: secret.slice(-4) } });
    expect(key!.expiresAt!.getTime() - key!.createdAt.getTime()).toBe(90 * DAY);

    await rename(page, 'Deploy bot', 'Build bot');
    expect((await ada.user.listApiKeys())[0]!.description).toBe('Build bot');
    await revoke(page, 'Build bot');
    expect(await server.getUser({ apiKey: secret })).toBeNull();
    expect((await ada.user.listApiKeys())[0]!.whyInvalid()).toBe('manually-revoked');
  });

  test('keys made in a program appear on the page as they are', async ({ project, visit }) => {
    const ada = await project.signUp();
    const inAMonth = new Date(Date.now() + 30 * DAY);
    const hidden = await ada.user.createApiKey({ description: 'Deploy bot', expiresAt: inAMonth });
    const shown = await ada.user.createApiKey({ description: 'Widget', expiresAt: null, isPublic: true });
    await ada.user.createApiKey({ description: 'Old bot', expiresAt: new Date(0) });
    const page = await visit(ada);
    await open(page, `${OWN_KEYS}?inactive=1`);
    const [deploy, widget, old] = [rowOf(page, 'Deploy bot'), rowOf(page, 'Widget'), rowOf(page, 'Old bot')];
    await expect(cell(deploy, 'Key')).toHaveText(`sk_…${hidden.value.slice(-4)}`);
    await expect(cell(deploy, 'Status')).toHaveText('Valid');
    await expect(cell(deploy, 'Expires')).toHaveText('in 30 days');
    await expect(cell(widget, 'Key')).toHaveText(`pk_…${shown.value.slice(-4)}`);
    await expect(cell(widget, 'Expires')).toHaveText('Never');
    await expect(cell(old, 'Status')).toHaveText('Expired');

    const made = (await ada.user.listApiKeys()).find((key) => key.id === hidden.id)!;
    await made.update({ description: 'Build bot' });
    await reload(page);
    await expect(cell(rowOf(page, 'Build bot'), 'Status')).toHaveText('Valid');
    await made.revoke();
    await reload(page);
    await expect(cell(rowOf(page, 'Build bot'), 'Status')).toHaveText('Revoked');
    await expect(page.getByRole('button', { name: 'Revoke “Build bot”' })).toHaveCount(0);
  });

  test('a key revoked in a program can no longer be revoked on an open page', async ({ project, visit }) => {
    const ada = await project.signUp();
    const key = await ada.user.createApiKey({ description: 'Deploy bot', expiresAt: null });
    const page = await visit(ada);
    await open(page, OWN_KEYS);
    await key.revoke();
    const [before] = await ada.user.listApiKeys();
    await revoke(page, 'Deploy bot');
    const [after] = await ada.user.listApiKeys();
    expect(after!.manuallyRevokedAt, 'the first revocation stands').toEqual(before!.manuallyRevokedAt);
  });

  test('a revocation on the page counts on every instance', async ({ project, site, version, visit }) => {
    const ada = await project.signUp();
    const elsewhere = new Project(version, need('LATCHKEY_TEST_URL'), site.keys).server();
    const page = await visit(ada);
    await open(page, OWN_KEYS);
    const secret = await createKey(page, 'Deploy bot');
    await finish(page);
    expect((await elsewhere.getUser({ apiKey: secret }))?.id).toBe(ada.user.id);
    await revoke(page, 'Deploy bot');
    expect(await elsewhere.getUser({ apiKey: secret })).toBeNull();
  });

  test('the page shows that a server has used a key', async ({ project, visit }) => {
    const ada = await project.signUp();
    const used = await ada.user.createApiKey({ description: 'Deploy bot', expiresAt: null });
    await ada.user.createApiKey({ description: 'Night watch', expiresAt: null });
    expect(await project.server().getUser({ apiKey: used.value })).not.toBeNull();
    const page = await visit(ada);
    // Uses are written down every few seconds.
    await expect(async () => {
      await open(page, OWN_KEYS);
      await expect(cell(rowOf(page, 'Deploy bot'), 'Last used')).not.toHaveText('Never', { timeout: 100 });
    }).toPass({ timeout: 20_000 });
    await expect(cell(rowOf(page, 'Night watch'), 'Last used')).toHaveText('Never');
  });

  test('a team’s keys are the same on both faces', async ({ project, visit }) => {
    const ada = await project.signUp();
    const server = project.server();
    const team = await ada.user.createTeam({ displayName: 'Analytics' });
    const page = await visit(ada);
    await open(page, teamPage(team.id));
    await expect(page.getByRole('heading', { name: 'Analytics' })).toBeVisible();
    const secret = await createKey(page, 'Warehouse');
    expect(secret).toMatch(SECRET);
    await finish(page);
    expect((await server.getTeam({ apiKey: secret }))?.id).toBe(team.id);
    expect(await server.getUser({ apiKey: secret })).toBeNull();

    const made = await team.createApiKey({ description: 'Lake', expiresAt: null });
    await reload(page);
    await expect(cell(rowOf(page, 'Lake'), 'Key')).toHaveText(`sk_…${made.value.slice(-4)}`);
    await revoke(page, 'Lake');
    expect(await server.getTeam({ apiKey: made.value })).toBeNull();
    expect((await team.listApiKeys()).map((key) => [key.description, key.isValid()])).toEqual([
      ['Lake', false],
      ['Warehouse', true],
    ]);
  });

  test('a permission that a server grants opens the page’s section, and revoked closes it', async ({ project, visit }) => {
    const grace = await project.signUp();
    const server = project.server();
    const team = await server.createTeam({ displayName: 'Analytics' });
    await team.createApiKey({ description: 'Warehouse', expiresAt: null });
    await team.addUser(grace.user.id);
    const member = (await server.getUser(grace.user.id))!;
    const page = await visit(grace);
    const section = page.getByRole('heading', { name: 'API keys', exact: true });
    await open(page, teamPage(team.id));
    await expect(section).toHaveCount(0);
    await member.grantPermission(team, '$manage_api_keys');
    await open(page, teamPage(team.id));
    await expect(section).toBeVisible();
    await expect(rowOf(page, 'Warehouse')).toBeVisible();
    await member.revokePermission(team, '$manage_api_keys');
    await open(page, teamPage(team.id));
    await expect(section).toHaveCount(0);
    expect(await page.content()).not.toContain('Warehouse');
  });

  test('a team founded on the page is there for programs', async ({ project, visit }) => {
    const ada = await project.signUp();
    const page = await visit(ada);
    await open(page, '/account-settings/teams/new');
    await page.getByRole('textbox', { name: 'Team name' }).fill('Compilers');
    await page.getByRole('button', { name: 'Create a team' }).click();
    await expect(page.getByRole('heading', { name: 'Compilers' })).toBeVisible();
    const [team] = await ada.user.listTeams();
    expect(team).toMatchObject({ displayName: 'Compilers' });
    expect(await ada.user.hasPermission(team!, 'team_admin')).toBe(true);
    const key = await team!.createApiKey({ description: 'CI', expiresAt: null });
    expect((await project.server().getTeam({ apiKey: key.value }))?.displayName).toBe('Compilers');
  });
});
