// Somebody with as many keys as may be, or in very many teams.

import type { Page } from '@playwright/test';

import {
  type Account,
  audit,
  createKey,
  createKeys,
  createTeam,
  dialog,
  expect,
  finish,
  joinTeams,
  live,
  open,
  OWN_KEYS,
  signIn,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';

const validKeys = (me: Account, count: number) =>
  createKeys(me, Array.from({ length: count }, (_, n) => ({ description: `Key ${n}`, created: -1000 * (n + 1) })));

const FULL = 'The limit of 100 valid API keys is reached. Revoke a key to create another.';
const openDialog = (page: Page) => page.locator('#create-open').click();

test('after the last key that may be, the dialog says so instead of asking, until one is revoked', async ({ page, me }) => {
  await validKeys(me, 99);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await expect(page.locator('#key-limit')).toHaveText('99 of at most 100 valid API keys.');
  await createKey(page, 'The last one');
  await finish(page);
  await expect(page.locator('#key-limit')).toHaveText(FULL);
  await expect(page.locator('#create-open')).toBeFocused();
  await expect(page.locator('#create-open')).toHaveAccessibleDescription(FULL);

  await openDialog(page);
  await expect(dialog(page)).toContainText(FULL);
  await expect(dialog(page).getByLabel('Description')).toBeHidden();
  await audit(page, 'the dialog without room');
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(page.locator('#create-open')).toBeFocused();

  await page.getByRole('button', { name: 'Revoke “The last one”' }).click();
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(page.locator('#key-limit')).toHaveText('99 of at most 100 valid API keys.');
  await openDialog(page);
  await expect(dialog(page).getByLabel('Description')).toBeFocused();
});

test('what was typed is not lost where the limit is reached meanwhile', async ({ page, me, guard }) => {
  guard.expects(409);
  await validKeys(me, 99);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await openDialog(page);
  await dialog(page).getByLabel('Description').fill('Typed already');
  await createKeys(me, [{ description: 'Another browser’s' }]);
  await dialog(page).getByRole('button', { name: 'Create API key' }).click();
  await expect(dialog(page).getByRole('alert').filter({ hasText: FULL })).toBeVisible();
  await expect(dialog(page).getByLabel('Description')).toBeVisible();
  await expect(dialog(page).getByLabel('Description')).toHaveValue('Typed already');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('#key-limit')).toHaveText(FULL);
});

test('an administrator sets the limit, and sees what is no limit', async ({ page, me, guard }) => {
  guard.expects(422);
  await validKeys(me, 1);
  await sql(`UPDATE users SET is_project_admin = true WHERE user_id = :'user'`, { user: me.id });
  await signIn(page, me);
  await open(page, '/account-settings/project');
  const limit = page.getByLabel('Most valid keys for each user and team');
  const save = page.getByRole('main').locator('form').filter({ has: limit }).getByRole('button', { name: 'Save' });
  const before = await limit.inputValue();
  await limit.fill('many');
  await save.click();
  await expect(page.getByText('Enter a whole number from 0 to 1000000, or leave this empty for no limit.')).toBeVisible();
  await expect(limit).toBeFocused();
  await limit.fill(before);
  await save.click();
  await expect(page.locator('#toast')).toHaveText(`The limit is now ${before}.`);
});

test('the navigation shows the first teams, the open one and a search', async ({ page, me }) => {
  await joinTeams(me, 40);
  const mine = await createTeam(me, 'Mine alone');
  await signIn(page, me);
  await open(page, OWN_KEYS);
  const navigation = page.getByRole('navigation', { name: 'Account settings' });
  await expect(navigation.getByRole('link', { name: /Guild/ })).toHaveCount(10);
  await expect(navigation.getByRole('link', { name: 'Mine alone' })).toHaveCount(0);
  await navigation.getByRole('searchbox', { name: 'Search teams' }).fill('mine');
  await navigation.getByRole('searchbox', { name: 'Search teams' }).press('Enter');
  await live(page);
  const found = page.locator('#main').getByRole('link', { name: 'Mine alone' });
  await expect(page.locator('#main').getByRole('link', { name: /Guild/ })).toHaveCount(0);
  await found.click();
  await expect(page).toHaveURL(new RegExp(`${teamPage(mine)}$`));
  await expect(navigation.getByRole('link', { name: 'Mine alone' })).toHaveAttribute('aria-current', 'page');
});
