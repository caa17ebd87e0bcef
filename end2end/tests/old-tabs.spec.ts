// A tab that is still open while somebody else signs in in another: it does nothing for them, and says so.

import type { Locator, Page } from '@playwright/test';

import {
  type Account,
  createKey,
  createKeys,
  createTeam,
  createUser,
  dialog,
  expect,
  holdBack,
  keysOf,
  live,
  open,
  openCreateDialog,
  OWN_KEYS,
  postsOf,
  rowOf,
  rows,
  saidAloud,
  secretField,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';

let other: Account;

test.beforeEach(async ({ page, me }) => {
  other = await createUser('Ada Lovelace');
  await createKeys(me, [{ description: 'Deploy bot' }]);
  await createKeys(other, [{ description: 'Engine' }]);
  await signIn(page, me);
});

/** Somebody else signs in, in another tab. */
async function switchAccount(page: Page): Promise<void> {
  const tab = await page.context().newPage();
  await signIn(tab, other);
  await tab.close();
}

const says = (where: Page | Locator) => where.getByRole('alert').filter({ hasText: `You are now signed in as ${other.email}, but this page was opened with another account.` });

/** All that either of them could have changed. */
const everything = (me: Account) =>
  rows(
    `SELECT
       (SELECT json_agg(u ORDER BY user_id) FROM users u WHERE user_id IN (:'me', :'other')) AS users,
       (SELECT json_agg(k ORDER BY api_key_id) FROM api_keys k WHERE created_by_user_id IN (:'me', :'other')) AS keys,
       (SELECT json_agg(t ORDER BY team_id) FROM teams t JOIN memberships m USING (project_id, team_id) WHERE m.user_id IN (:'me', :'other')) AS teams,
       (SELECT json_agg(s ORDER BY session_id) FROM sessions s WHERE user_id IN (:'me', :'other')) AS sessions`,
    { me: me.id, other: other.id },
  );

interface Form {
  path: (me: Account) => Promise<string> | string;
  /** Shows the form, filled in. */
  show: (page: Page) => Promise<Locator>;
  button: string;
  /** What was typed is still there. */
  kept: (form: Locator) => Promise<void>;
}

const typed = (label: string, text: string) => (form: Locator) => expect(form.getByLabel(label)).toHaveValue(text);
const box = (label: string, text: string) => async (page: Page) => {
  await page.getByLabel(label).fill(text);
  return page.locator('form').filter({ has: page.getByLabel(label) });
};

const FORMS: Record<string, Form> = {
  'make a key': {
    path: () => OWN_KEYS,
    show: async (page) => {
      const form = await openCreateDialog(page);
      await form.getByLabel('Description').fill('Night watch');
      return form;
    },
    button: 'Create API key',
    kept: typed('Description', 'Night watch'),
  },
  'rename a key': {
    path: () => OWN_KEYS,
    show: async (page) => {
      await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
      await page.getByRole('textbox', { name: 'New name' }).fill('Release bot');
      return page.locator('form').filter({ has: page.getByRole('textbox', { name: 'New name' }) });
    },
    button: 'Save',
    kept: typed('New name', 'Release bot'),
  },
  'revoke a key': {
    path: () => OWN_KEYS,
    show: async (page) => {
      await page.getByRole('button', { name: 'Revoke “Deploy bot”' }).click();
      await dialog(page).getByLabel('I understand').check();
      return dialog(page);
    },
    button: 'Revoke key',
    kept: (form) => expect(form.getByLabel('I understand')).toBeChecked(),
  },
  'change one’s name': { path: () => '/account-settings/profile', show: box('Display name', 'Amazing Grace'), button: 'Save', kept: typed('Display name', 'Amazing Grace') },
  'rename a team': { path: async (me) => teamPage(await createTeam(me)), show: box('Team name', 'Linkers'), button: 'Save', kept: typed('Team name', 'Linkers') },
  'create a team': { path: () => '/account-settings/teams/new', show: box('Team name', 'Compilers'), button: 'Create a team', kept: typed('Team name', 'Compilers') },
  'sign out': { path: () => '/account-settings/settings', show: async (page) => page.locator('main form'), button: 'Sign out', kept: async () => {} },
};

for (const [what, { path, show, button, kept }] of Object.entries(FORMS)) {
  test(`to ${what} in an old tab does nothing, and says who is signed in`, async ({ page, me, guard }) => {
    guard.expects(409);
    await open(page, await path(me));
    const form = await show(page);
    await switchAccount(page);
    const before = await everything(me);
    await form.getByRole('button', { name: button }).press('Enter');
    await expect(says(form)).toBeVisible();
    await expect(says(form)).toContainText('Nothing was changed.');
    await kept(form);
    await expect(form.getByRole('button', { name: button }), 'the focus stays').toBeFocused();
    expect(await everything(me)).toEqual(before);
  });
}

test('a form on a page of its own leads on to whoever is signed in', async ({ page, me, guard }) => {
  guard.expects(409);
  await open(page, `${OWN_KEYS}/new`);
  await page.getByLabel('Description').fill('Night watch');
  await switchAccount(page);
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(page.getByRole('heading', { name: 'Another account is signed in' })).toBeVisible();
  await expect(page.getByText(`You are now signed in as ${other.email}`)).toBeVisible();
  expect(await keysOf(other.id)).toHaveLength(1);
  expect(await keysOf(me.id)).toHaveLength(1);
  await page.getByRole('link', { name: `Continue as ${other.email}` }).click();
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
});

const comeBack = (page: Page) => page.evaluate(() => void window.dispatchEvent(new Event('visibilitychange')));
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' }).fill('e');

for (const [what, refresh] of [
  ['comes back to', comeBack],
  ['searches in', search],
  ['sorts', (page: Page) => page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click()],
] as const) {
  test(`whoever ${what} an old list is not shown another’s under the old name`, async ({ page, me, guard }) => {
    guard.expects(409);
    await open(page, OWN_KEYS);
    await expect(page.getByRole('banner')).toContainText(me.name);
    await switchAccount(page);
    await refresh(page);
    await expect(page.getByRole('heading', { name: 'Another account is signed in' })).toBeVisible();
    await expect(page.getByText(`You are now signed in as ${other.email}`)).toBeVisible();
    for (const text of [me.name, 'Deploy bot', 'Engine']) await expect(page.getByText(text)).toHaveCount(0);
    await expect(saidAloud(page).filter({ hasText: /^Another account is signed in$/ })).toBeAttached();
    await expect(page.getByRole('main'), 'the focus is on what is new').toBeFocused();
    await page.getByRole('link', { name: `Continue as ${other.email}` }).click();
    await expect(page.getByRole('banner')).toContainText(other.name);
    await open(page, OWN_KEYS);
    await expect(rowOf(page, 'Engine')).toBeVisible();
  });
}

test('a secret that nobody has saved yet stays in an old tab', async ({ page, guard }) => {
  guard.expects(409);
  await open(page, OWN_KEYS);
  const list = await holdBack(page, `**${OWN_KEYS}`);
  const secret = await createKey(page, 'Night watch');
  await list.asked;
  await switchAccount(page);
  list.release();
  await expect(saidAloud(page).filter({ hasText: /^Another account is signed in$/ })).toBeAttached();
  await expect(secretField(page)).toHaveValue(secret);
  await expect(dialog(page)).toBeVisible();
});

test('after somebody else signed in in the same tab, Back shows one person’s page', async ({ page, me }) => {
  await open(page, OWN_KEYS);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  await page.getByLabel('E-mail').fill(other.email);
  await page.getByLabel('Password').fill(other.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/account-settings');
  while (!page.url().endsWith(OWN_KEYS)) await page.goBack();
  await live(page);
  await expect(page.getByRole('banner')).toContainText(other.name);
  await expect(rowOf(page, 'Engine')).toBeVisible();
  await expect(page.getByText('Deploy bot')).toHaveCount(0);
  await expect(page.getByText(me.name)).toHaveCount(0);
});

test('a page that the browser kept is loaded again for whoever is signed in', async ({ page, me }) => {
  await open(page, OWN_KEYS);
  await switchAccount(page);
  await Promise.all([page.waitForEvent('load'), page.evaluate(() => void window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))]);
  await live(page);
  await expect(page.getByRole('banner')).toContainText(other.name);
  await expect(rowOf(page, 'Engine')).toBeVisible();
  await expect(page.getByText(me.name)).toHaveCount(0);
});

test('a tab goes on working when the same person has signed in again', async ({ page, me }) => {
  await open(page, OWN_KEYS);
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Night watch');
  const tab = await page.context().newPage();
  await signIn(tab, me);
  const sent = postsOf(page);
  await form.getByRole('button', { name: 'Create API key' }).click();
  await expect(secretField(page)).not.toHaveValue('');
  expect(sent).toHaveLength(1);
  expect(await keysOf(me.id)).toHaveLength(2);
});
