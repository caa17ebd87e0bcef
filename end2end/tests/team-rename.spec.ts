// A team that is renamed again and again on one page, whose dialog stays the one it was.

import type { Page } from '@playwright/test';

import {
  createKey,
  createKeys,
  createTeam,
  DAY,
  dialog,
  expect,
  expectRenamed,
  finish,
  keysOf,
  mark,
  open,
  openCreateDialog,
  postsOf,
  rowOf,
  secretField,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';

const SAVE_FIRST = 'Save the key first, then tick “I have saved this key”.';
const entry = (page: Page, name: string) => page.getByRole('navigation', { name: 'Account settings' }).getByRole('link', { name, exact: true });
const pathsOf = (requests: { url(): string }[]) => requests.map((request) => new URL(request.url()).pathname);

let team: string;
let unmoved: () => Promise<void>;

test.beforeEach(async ({ page, me }) => {
  team = await createTeam(me, 'Analytics');
  await createKeys(me, [{ description: 'Warehouse', created: -DAY }], team);
  await signIn(page, me);
  await open(page, '/account-settings/profile');
  await open(page, teamPage(team));
  unmoved = await mark(page);
});

test.afterEach(() => unmoved());

async function renameTeam(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Team name' }).fill(name);
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' }).first()).not.toHaveAttribute('aria-disabled', 'true');
}

async function renameThrice(page: Page): Promise<void> {
  for (const name of ['Compilers', 'Linkers', 'Loaders']) await renameTeam(page, name);
}

/** How many listeners there are for what happens to the whole page, by the event. */
async function globalListeners(page: Page): Promise<Record<string, number>> {
  const browser = await page.context().newCDPSession(page);
  const { result } = await browser.send('Runtime.evaluate', {
    expression: `Object.fromEntries([window, document].flatMap((target) =>
      Object.entries(getEventListeners(target)).map(([event, all]) => [target.constructor.name + ' ' + event, all.length])))`,
    includeCommandLineAPI: true,
    returnByValue: true,
  });
  await browser.detach();
  return result.value as Record<string, number>;
}

test('the new name stands in the heading, the list of entries and the title, without a reload', async ({ page }) => {
  for (const name of ['Compilers', 'Linkers', 'Loaders']) {
    await renameTeam(page, name);
    await expect(entry(page, name)).toHaveAttribute('aria-current', 'page');
    await expect(page).toHaveTitle(`${name} · Acme`);
    await expect(page.getByText(`on behalf of ${name}`)).toBeVisible();
  }
  await expect(page.getByText(/Analytics|Compilers|Linkers/)).toHaveCount(0);
  await expect(page).toHaveURL(teamPage(team));
});

test('no listeners pile up', async ({ page }) => {
  await renameTeam(page, 'Compilers');
  const before = await globalListeners(page);
  expect(Object.keys(before), 'they are seen').toContain('Window pageshow');
  await renameTeam(page, 'Linkers');
  await renameTeam(page, 'Loaders');
  await expect.poll(() => globalListeners(page)).toEqual(before);
});

test('there is one dialog, and it makes one key with one request', async ({ page }) => {
  await renameThrice(page);
  const sent = postsOf(page);
  const before = await page.evaluate(() => history.length);
  await createKey(page, 'Engine');
  expect(pathsOf(sent)).toEqual(['/fn/api-keys/create']);
  expect((await page.evaluate(() => history.length)) - before, 'the secret makes one entry').toBe(1);
  await expect(dialog(page)).toHaveCount(1);
  await finish(page);
  await expect(page).toHaveURL(teamPage(team));
  await expect(rowOf(page, 'Engine')).toBeVisible();
  await createKey(page, 'Spare engine');
  await finish(page);
  expect(pathsOf(sent)).toEqual(['/fn/api-keys/create', '/fn/api-keys/create']);
  expect((await keysOf(team)).map((key) => key.description)).toEqual(['Warehouse', 'Engine', 'Spare engine']);
});

test('Escape at a secret that is not saved is refused once', async ({ page }) => {
  await renameThrice(page);
  const secret = await createKey(page, 'Engine');
  const refusal = dialog(page).getByRole('alert').filter({ hasText: SAVE_FIRST });
  await expect(refusal).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(refusal).toHaveCount(1);
  await expect(page.getByLabel('I have saved this key')).toBeFocused();
  await expect(secretField(page)).toHaveValue(secret);
  await finish(page);
  await expect(secretField(page)).toBeHidden();
});

test('Back at a secret that is not saved is refused, and once it is saved leads where it should', async ({ page }) => {
  await renameThrice(page);
  await createKey(page, 'Engine');
  await page.evaluate(() => history.back());
  await expect(dialog(page).getByRole('alert').filter({ hasText: SAVE_FIRST })).toBeVisible();
  await finish(page);
  await expect(page).toHaveURL(teamPage(team));
  await unmoved();
  await page.goBack();
  await expect(page).toHaveURL('/account-settings/profile');
  await mark(page);
});

test('leaving a secret that is not saved asks once', async ({ page, guard }) => {
  await renameThrice(page);
  await createKey(page, 'Engine');
  await page.evaluate(() => location.reload());
  await expect.poll(() => guard.asked).toBe(1);
  await expect(secretField(page)).toBeVisible();
  await page.getByLabel('I have saved this key').check();
  expect(guard.asked).toBe(1);
});

test('a dialog that is open no more is not asked about', async ({ page, guard }) => {
  await createKey(page, 'Engine');
  await finish(page);
  await renameThrice(page);
  await openCreateDialog(page);
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await page.reload();
  await expect(rowOf(page, 'Engine')).toBeVisible();
  expect(guard.asked).toBe(0);
  await mark(page);
});

test('one can still rename, revoke and search keys', async ({ page }) => {
  await renameThrice(page);
  const sent = postsOf(page);
  await page.getByRole('link', { name: 'Rename “Warehouse”' }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill('Lake');
  await page.keyboard.press('Enter');
  await expectRenamed(page, 'Lake');
  await page.getByRole('searchbox', { name: 'Search' }).fill('lake');
  await expect(page).toHaveURL(/q=lake/);
  await page.getByRole('button', { name: 'Revoke “Lake”' }).click();
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByRole('button', { name: 'Revoke “Lake”' })).toHaveCount(0);
  expect(pathsOf(sent)).toEqual(['/fn/api-keys/rename', '/fn/api-keys/revoke']);
});
