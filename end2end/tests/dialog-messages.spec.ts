// What is announced while a modal dialog is open: all that lies outside is closed to screen readers then.

import type { Locator, Page } from '@playwright/test';

import {
  createKey,
  createKeys,
  DAY,
  dialog,
  expect,
  finish,
  holdBack,
  open,
  openCreateDialog,
  OWN_KEYS,
  reload,
  rowOf,
  saidAloud,
  secretField,
  signIn,
  statusRegions,
  test,
} from '../fixtures.ts';

const submit = (form: Locator) => form.locator('button[type=submit]');

test.beforeEach(async ({ page, me }) => {
  await createKeys(me, [{ description: 'Deploy bot', created: -9 * DAY }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
});

async function openRevokeDialog(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Revoke “Deploy bot”' }).click();
  await expect(dialog(page)).toBeVisible();
  return dialog(page);
}

test('the dialog that makes a key says when the key is there', async ({ page }) => {
  const form = await openCreateDialog(page);
  const status = form.getByRole('status');
  await expect(status, 'the region is there before it says anything').toBeEmpty();
  const region = await status.elementHandle();
  await form.getByLabel('Description').fill('Night watch');
  await submit(form).click();
  await expect(status).toHaveText('API key created.');
  expect(await region!.textContent(), 'it is the same region').toBe('API key created.');
  await expect(secretField(page)).toBeFocused();
});

test('the dialog that makes a key says that it is being made', async ({ page }) => {
  const held = await holdBack(page, '**/fn/api-keys/create');
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Night watch');
  await submit(form).click();
  await expect(form.getByRole('status')).toHaveText('Creating…');
  expect(await statusRegions(page)).toEqual(['Creating…']);
  held.release();
  await expect(form.getByRole('status')).toHaveText('API key created.');
});

test('the dialog that makes a key says that the secret was copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const secret = await createKey(page, 'Night watch');
  await dialog(page).getByRole('button', { name: 'Copy' }).click();
  await expect(dialog(page).getByRole('status')).toHaveText('Copied');
  expect(await statusRegions(page), 'what screen readers hear').toEqual(['Copied']);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
});

test('the dialog that makes a key says that the browser refused to copy', async ({ page }) => {
  await page.addInitScript('navigator.clipboard.writeText = () => Promise.reject(new Error("refused"))');
  await reload(page);
  await createKey(page, 'Night watch');
  await dialog(page).getByRole('button', { name: 'Copy' }).click();
  await expect(dialog(page).getByRole('status')).toContainText('Your browser blocked copying.');
});

test('the dialog that makes a key alerts to what is wrong with a field', async ({ page, guard }) => {
  guard.expects(422);
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('   ');
  await submit(form).click();
  await expect(form.getByRole('alert').filter({ hasText: /./ })).toHaveText(['This field is required.']);
  await expect(form.getByRole('status'), 'it is not being made any more').toBeEmpty();
});

test('the dialog that makes a key alerts to an answer that was lost', async ({ page, guard }) => {
  guard.expectsLostAnswers();
  await page.route('**/fn/api-keys/create', (route) => route.abort(), { times: 1 });
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Night watch');
  await submit(form).click();
  await expect(form.getByRole('alert').filter({ hasText: /./ })).toHaveText([/^The server did not respond\./]);
  await expect(form.getByRole('status')).toBeEmpty();
});

test('the dialog that revokes a key says that it works on it', async ({ page }) => {
  const held = await holdBack(page, '**/fn/api-keys/revoke');
  const ask = await openRevokeDialog(page);
  await expect(ask.getByRole('status'), 'the region is there before it says anything').toBeEmpty();
  await ask.getByLabel('I understand').check();
  await submit(ask).click();
  await expect(ask.getByRole('status')).toHaveText('Working…');
  expect(await statusRegions(page)).toEqual(['Working…']);
  held.release();
  await expect(ask).toBeHidden();
  await expect(saidAloud(page).filter({ hasText: 'Revoked.' })).toBeAttached();
});

test('the dialog that revokes a key alerts to an answer that was lost', async ({ page, guard }) => {
  guard.expectsLostAnswers();
  await page.route('**/fn/api-keys/revoke', (route) => route.abort(), { times: 1 });
  const ask = await openRevokeDialog(page);
  await ask.getByLabel('I understand').check();
  await submit(ask).click();
  await expect(ask.getByRole('alert').filter({ hasText: /./ })).toHaveText([/^The server did not respond\./]);
  await expect(ask.getByRole('status')).toBeEmpty();
});

test('exactly one status region is open to screen readers, whatever is open', async ({ page }) => {
  const expectOne = (when: string) => expect.poll(() => statusRegions(page), when).toHaveLength(1);
  await expectOne('on the page');
  for (const opening of [openCreateDialog, openRevokeDialog]) {
    const opened = await opening(page);
    await expectOne(`in the dialog: ${await opened.getByRole('heading').first().textContent()}`);
    await page.keyboard.press('Escape');
    await expect(opened).toBeHidden();
    await expectOne('on the page again');
  }
  await createKey(page, 'Night watch');
  await expectOne('beside the secret');
  await finish(page);
  await expect(rowOf(page, 'Night watch')).toBeVisible();
  await expectOne('after the secret');
});

test('what was announced in a dialog is not there when it is opened again', async ({ page }) => {
  await createKey(page, 'Night watch');
  await expect(dialog(page).getByRole('status')).toHaveText('API key created.');
  await finish(page);
  const form = await openCreateDialog(page);
  await expect(form.getByRole('status')).toBeEmpty();
});

test('what everybody sees is not kept from those who listen', async ({ page }) => {
  const toast = page.locator('#toast');
  await expect(toast).toBeAttached();
  await expect(toast).not.toHaveAttribute('aria-hidden');
  await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill('Release bot');
  await page.keyboard.press('Enter');
  await expect(toast).toHaveText('Renamed to “Release bot”.');
  await expect(toast).toBeVisible();
  await expect(toast).not.toHaveAttribute('aria-hidden');
  await expect.poll(() => statusRegions(page), 'it is said once').toEqual(['Renamed to “Release bot”.']);
});
