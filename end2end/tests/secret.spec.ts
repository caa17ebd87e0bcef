// The secret, once.

import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

import {
  createKey,
  dialog,
  everythingOn,
  expect,
  finish,
  live,
  open,
  openCreateDialog,
  OWN_KEYS,
  reload,
  rowOf,
  saidAloud,
  SECRET,
  secretField,
  signIn,
  stopTheClock,
  test,
} from '../fixtures.ts';

const SAVE_FIRST = 'Save the key first, then tick “I have saved this key”.';

test.beforeEach(async ({ page, me }) => {
  await signIn(page, me);
  await open(page, '/account-settings/profile');
  await page.getByRole('link', { name: 'API keys' }).click();
  await expect(page).toHaveURL(OWN_KEYS);
  await live(page);
});

test('is shown whole, selected, and is announced without being read out', async ({ page }) => {
  const secret = await createKey(page, 'Deploy bot');
  const field = secretField(page);
  await expect(dialog(page).getByRole('heading', { name: 'Your new API key' })).toBeVisible();
  await expect(dialog(page).getByText('Copy this key now. You won’t be able to see it again.')).toBeVisible();
  await expect(field).toBeFocused();
  await expect(field).not.toBeEditable();
  await expect(field).toHaveCSS('font-family', /mono/i);
  expect(await field.evaluate((input: HTMLInputElement) => input.value.slice(input.selectionStart!, input.selectionEnd!))).toBe(secret);
  await expect(saidAloud(page).filter({ hasText: 'API key created.' })).toBeAttached();
  await expect(dialog(page).getByLabel('Description')).toBeHidden();
  await expect(rowOf(page, 'Deploy bot'), 'the list behind shows the key').toBeAttached();
});

test('can be copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const secret = await createKey(page, 'Deploy bot');
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(saidAloud(page).filter({ hasText: /^Copied$/ })).toBeAttached();
  const copied = page.getByRole('button', { name: 'Copied' });
  await expect(copied).toBeVisible();
  await expect(copied.locator('.busy svg'), 'with a tick').toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
});

for (const [what, clipboard] of [
  ['refused', 'navigator.clipboard.writeText = () => Promise.reject(new Error("refused"))'],
  ['missing', 'Object.defineProperty(navigator, "clipboard", { value: undefined })'],
] as const) {
  test(`is left selected where the clipboard is ${what}`, async ({ page }) => {
    await page.addInitScript(clipboard);
    await reload(page);
    const secret = await createKey(page, 'Deploy bot');
    await page.getByRole('button', { name: 'Copy' }).click();
    await expect(page.getByText('Your browser blocked copying. The text is selected').filter({ visible: true }).first()).toBeVisible();
    await expect(secretField(page)).toBeFocused();
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(secret);
  });
}

test('can be downloaded as a file of settings, named after the project, without quotes', async ({ page }) => {
  const secret = await createKey(page, 'Deploy bot');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download .env' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('acme.env');
  const file = await readFile(await download.path(), 'utf8');
  expect(file).toBe(`ACME_API_KEY=${secret}\n`);
  expect(parseEnv(file), 'as programs read it').toEqual({ ACME_API_KEY: secret });
});

test('stays until the box is ticked: Escape, a click outside, Done', async ({ page }) => {
  const secret = await createKey(page, 'Deploy bot');
  const saved = page.getByLabel('I have saved this key');
  const done = dialog(page).getByRole('button', { name: 'Done' });
  const answer = dialog(page).getByRole('alert').filter({ hasText: SAVE_FIRST });
  const ways: [string, () => Promise<void>][] = [
    ['Escape', () => page.keyboard.press('Escape')],
    ['a click outside', () => page.mouse.click(4, 4)],
    ['Done', () => done.click({ force: true })],
  ];
  for (const [way, leave] of ways) {
    await expect(answer, way).toBeHidden();
    await expect(done, way).toBeDisabled();
    await leave();
    await expect(answer, way).toBeVisible();
    await expect(secretField(page), way).toHaveValue(secret);
    await saved.check();
    await expect(answer, way).toBeHidden();
    await expect(done, way).toBeEnabled();
    await saved.uncheck();
  }
  await dialog(page).getByRole('heading', { name: 'Your new API key' }).click();
  await expect(answer, 'a click inside is no way out').toBeHidden();
  await done.click({ force: true });
  await expect(page.getByLabel('I have saved this key')).toBeFocused();
  for (let presses = 0; presses < 4; presses++) await page.keyboard.press('Escape');
  await expect(secretField(page)).toBeVisible();
  await expect(secretField(page)).toHaveValue(secret);
  await finish(page);
});

test('stays when somebody goes back', async ({ page, guard }) => {
  const secret = await createKey(page, 'Deploy bot');
  for (let steps = 0; steps < 3; steps++) {
    await page.evaluate(() => history.back());
    await expect(dialog(page).getByRole('alert').filter({ hasText: SAVE_FIRST })).toBeVisible();
    await expect(page).toHaveURL(OWN_KEYS);
    await expect(secretField(page)).toHaveValue(secret);
    await expect(secretField(page)).toBeVisible();
  }
  expect(guard.asked).toBe(0);
  await finish(page);
});

test('stays when somebody reloads or leaves, unless they insist', async ({ page, guard }) => {
  const secret = await createKey(page, 'Deploy bot');
  await page.evaluate(() => location.reload());
  await expect.poll(() => guard.asked).toBe(1);
  await page.evaluate(() => location.assign('/account-settings/profile'));
  await expect.poll(() => guard.asked).toBe(2);
  await expect(secretField(page)).toHaveValue(secret);
  guard.leaves = true;
  await page.evaluate(() => location.assign('/account-settings/profile'));
  await expect(page).toHaveURL('/account-settings/profile');
  expect(guard.asked).toBe(3);
  await page.goBack();
  await live(page);
  expect(await everythingOn(page)).not.toContain(secret);
});

test('is nowhere once it was saved', async ({ page, context, guard }) => {
  const secret = await createKey(page, 'Deploy bot');
  const core = SECRET.exec(secret)![1]!;
  await finish(page);
  expect(await page.evaluate(() => document.activeElement?.tagName), 'the focus is on something').not.toBe('BODY');

  const nowhere = async (where: string) => {
    expect(await everythingOn(page), where).not.toContain(core);
    const kept = await page.evaluate(async () => ({
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: await indexedDB.databases(),
      caches: await caches.keys(),
      state: history.state as unknown,
      url: location.href,
    }));
    expect(kept, where).toMatchObject({ local: {}, session: {}, databases: [], caches: [], state: null });
    expect(kept.url, where).not.toContain(core);
  };
  await nowhere('behind the closed dialog');
  await openCreateDialog(page);
  await expect(secretField(page)).toBeHidden();
  await expect(dialog(page).getByLabel('Description')).toHaveValue('');
  await nowhere('in the dialog opened again');
  await page.reload();
  await nowhere('after a reload');
  await page.goBack();
  await expect(page).toHaveURL('/account-settings/profile');
  await nowhere('after Back');
  await page.goForward();
  await expect(page).toHaveURL(OWN_KEYS);
  await nowhere('after Forward');
  expect(JSON.stringify(await context.storageState({ indexedDB: true }))).not.toContain(core);
  expect(guard.asked).toBe(0);
});

test('leaves Back as it was', async ({ page }) => {
  await createKey(page, 'Deploy bot');
  await finish(page);
  await page.goBack();
  await expect(page).toHaveURL('/account-settings/profile');
});

test('can be copied again and again', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await stopTheClock(page);
  await createKey(page, 'Deploy bot');
  const button = dialog(page).getByRole('button', { name: /Cop(y|ied)/ });
  await button.click();
  await expect(button).toHaveAccessibleName('Copied');
  await page.clock.runFor(1_000);
  await button.click();
  await page.clock.runFor(1_500);
  await expect(button, 'says so for its full time again').toHaveAccessibleName('Copied');
  await page.clock.runFor(10_000);
  await expect(button).toHaveAccessibleName('Copy');
});
