// Renaming and revoking a key of one's own, also when something else happened meanwhile.

import type { Page } from '@playwright/test';

import {
  cell,
  createKeys,
  DAY,
  dialog,
  endSessions,
  expect,
  expectRenamed,
  keysOf,
  live,
  mark,
  open,
  openCreateDialog,
  OWN_KEYS,
  rowOf,
  saidAloud,
  signIn,
  sql,
  stopTheClock,
  test,
} from '../fixtures.ts';

const ALL = `${OWN_KEYS}?inactive=1`;
let key: string;

test.beforeEach(async ({ page, me }) => {
  [key] = (await createKeys(me, [
    { description: 'Deploy bot', created: -9 * DAY, expires: 30 * DAY, used: -2 * DAY },
    { description: 'Night watch', created: -8 * DAY, expires: 40 * DAY },
  ])) as [string, string];
  await signIn(page, me);
  await open(page, ALL);
});

const pencil = (page: Page, description: string) => page.getByRole('link', { name: `Rename “${description}”` });
const newName = (page: Page) => page.getByRole('textbox', { name: 'New name' });

async function openRename(page: Page) {
  await pencil(page, 'Deploy bot').click();
  await expect(newName(page)).toBeFocused();
}

async function openRevoke(page: Page) {
  await page.getByRole('button', { name: 'Revoke “Deploy bot”' }).click();
  await expect(dialog(page)).toBeVisible();
}

async function revoke(page: Page) {
  await openRevoke(page);
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
}

for (const [how, save] of [
  ['Enter', (page: Page) => page.keyboard.press('Enter')],
  ['the button', (page: Page) => page.getByRole('button', { name: 'Save' }).click()],
] as const) {
  test(`a key is renamed in place with ${how}`, async ({ page, me }) => {
    const unmoved = await mark(page);
    await openRename(page);
    expect(await newName(page).evaluate((field: HTMLInputElement) => field.selectionEnd! - field.selectionStart!)).toBe('Deploy bot'.length);
    await newName(page).fill(' Release bot ');
    await save(page);
    await expectRenamed(page, 'Release bot');
    await expect(saidAloud(page).filter({ hasText: 'Renamed to “Release bot”.' })).toBeAttached();
    await expect(pencil(page, 'Release bot')).toBeFocused();
    await unmoved();
    expect((await keysOf(me.id))[0]).toMatchObject({ api_key_id: key, description: 'Release bot' });
    await page.reload();
    await expect(page.getByRole('rowheader', { name: 'Release bot' })).toBeVisible();
  });
}

for (const [how, cancel] of [
  ['Escape', (page: Page) => page.keyboard.press('Escape')],
  ['Cancel', (page: Page) => page.getByRole('link', { name: 'Cancel' }).filter({ visible: true }).click()],
] as const) {
  test(`${how} leaves the description as it was`, async ({ page, me }) => {
    const unmoved = await mark(page);
    await openRename(page);
    await newName(page).fill('Release bot');
    await cancel(page);
    await expect(newName(page)).toBeHidden();
    await expect(pencil(page, 'Deploy bot')).toBeFocused();
    await unmoved();
    expect((await keysOf(me.id))[0]!.description).toBe('Deploy bot');
    await openRename(page);
    await expect(newName(page)).toHaveValue('Deploy bot');
  });
}

test('a description that cannot be is refused in place', async ({ page, me, guard }) => {
  guard.expects(422);
  await openRename(page);
  await newName(page).fill('   ');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'This field is required.' })).toBeVisible();
  await expect(newName(page)).toBeFocused();
  await expect(newName(page)).toHaveAccessibleDescription('This field is required.');
  await newName(page).fill('x'.repeat(256));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Use at most 255 characters.' })).toBeVisible();
  expect((await keysOf(me.id))[0]!.description).toBe('Deploy bot');
  await newName(page).fill('Release bot');
  await page.keyboard.press('Enter');
  await expectRenamed(page, 'Release bot');
});

test('a key is revoked for good, without a reload', async ({ page, me }) => {
  const unmoved = await mark(page);
  await openRevoke(page);
  const ask = dialog(page);
  await expect(ask).toHaveAccessibleName('Revoke “Deploy bot”?');
  await expect(ask).toHaveAccessibleDescription(/sk_….{4} Last used 2 days ago\. Applications using this key stop working at once\. This cannot be undone\./);
  await ask.getByRole('button', { name: 'Revoke key' }).click();
  expect(await ask.getByLabel('I understand').evaluate((box: HTMLInputElement) => box.validity.valueMissing)).toBe(true);
  expect((await keysOf(me.id))[0]!.revoked_at_millis).toBeNull();

  await ask.getByLabel('I understand').check();
  await ask.getByRole('button', { name: 'Revoke key' }).click();
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  await expect(dialog(page)).toBeHidden();
  await expect(saidAloud(page).filter({ hasText: 'Revoked.' })).toBeAttached();
  await expect(pencil(page, 'Deploy bot'), 'the focus is in the row').toBeFocused();
  await expect(page.getByRole('button', { name: 'Revoke “Deploy bot”' })).toHaveCount(0);
  await expect(cell(rowOf(page, 'Night watch'), 'Status')).toHaveText('Valid');
  await unmoved();
  expect((await keysOf(me.id))[0]!.revoked_at_millis).toEqual(expect.any(Number));

  await page.reload();
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  await expect(page.getByRole('button', { name: 'Revoke “Deploy bot”' })).toHaveCount(0);
});

test('where inactive keys are hidden, a revoked one stays in sight', async ({ page }) => {
  await open(page, `${OWN_KEYS}?size=25`);
  const unmoved = await mark(page);
  await revoke(page);
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  await expect(saidAloud(page).filter({ hasText: 'Revoked.' })).toBeAttached();
  await expect(pencil(page, 'Deploy bot'), 'the focus is in the row').toBeFocused();
  await expect(page).toHaveURL(`${OWN_KEYS}?size=25`);
  await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
  await expect(rowOf(page, 'Deploy bot')).toHaveCount(0);
  await page.getByRole('link', { name: 'Show inactive (1)' }).click();
  await expect(rowOf(page, 'Deploy bot')).toBeVisible();
  await unmoved();
});

test('where only some statuses are shown, a revoked key stays in sight, also when one comes back to the tab', async ({ page }) => {
  await open(page, `${OWN_KEYS}?status=valid`);
  await revoke(page);
  await expect(saidAloud(page).filter({ hasText: 'Revoked.' })).toBeAttached();
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  await expect(pencil(page, 'Deploy bot'), 'the focus is in the row').toBeFocused();
  const shown = page.waitForResponse((response) => response.url().includes('status=valid'));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await (await shown).finished();
  await expect(pencil(page, 'Deploy bot')).toBeFocused();
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  await page.reload();
  await expect(rowOf(page, 'Night watch')).toBeVisible();
  await expect(rowOf(page, 'Deploy bot')).toHaveCount(0);
});

for (const [how, cancel] of [
  ['Escape', (page: Page) => page.keyboard.press('Escape')],
  ['Cancel', (page: Page) => dialog(page).getByRole('link', { name: 'Cancel' }).click()],
] as const) {
  test(`${how} revokes nothing`, async ({ page, me }) => {
    await openRevoke(page);
    await dialog(page).getByLabel('I understand').check();
    await cancel(page);
    await expect(dialog(page)).toBeHidden();
    await expect(page.getByRole('button', { name: 'Revoke “Deploy bot”' })).toBeFocused();
    await openRevoke(page);
    await expect(dialog(page).getByLabel('I understand')).not.toBeChecked();
    expect((await keysOf(me.id))[0]!.revoked_at_millis).toBeNull();
  });
}

test('without an answer nothing is claimed, and the next try works', async ({ page, guard }) => {
  guard.expectsLostAnswers();
  await page.route('**/fn/api-keys/revoke', (route) => route.abort(), { times: 1 });
  await revoke(page);
  await expect(dialog(page).getByRole('alert').filter({ hasText: 'The server did not respond.' })).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
});

test('a key revoked elsewhere is simply shown as revoked', async ({ page, me }) => {
  await sql(`UPDATE api_keys SET revoked_at_millis = 1234567 WHERE api_key_id = :'key'`, { key });
  await revoke(page);
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  expect((await keysOf(me.id))[0]!.revoked_at_millis, 'the first revocation stands').toBe(1234567);
});

test('a key that has gone is taken off the list', async ({ page, guard }) => {
  guard.expects(404);
  await sql(`DELETE FROM api_keys WHERE api_key_id = :'key'`, { key });
  await revoke(page);
  await expect(rowOf(page, 'Deploy bot')).toHaveCount(0);
  await expect(dialog(page)).toBeHidden();
  await expect(saidAloud(page)).not.toBeEmpty();
  await expect(rowOf(page, 'Night watch')).toBeVisible();
});

test('what is said last stays for its full time', async ({ page }) => {
  await stopTheClock(page);
  const rename = async (from: string, to: string) => {
    await pencil(page, from).click();
    await newName(page).fill(to);
    await page.keyboard.press('Enter');
    await expect(pencil(page, to)).toBeFocused();
  };
  const said = page.locator('#toast');
  await rename('Deploy bot', 'Release bot');
  await expect(said).toHaveText('Renamed to “Release bot”.');
  await expect(said).toBeVisible();
  await page.clock.runFor(4_000);
  await rename('Night watch', 'Day watch');
  await expect(said).toBeVisible();
  await page.clock.runFor(5_000);
  await expect(said).toBeVisible();
  await page.clock.runFor(2_000);
  await expect(said).toBeHidden();
});

test('a list in another tab shows what happened when one comes back to it', async ({ page }) => {
  await sql(`UPDATE api_keys SET revoked_at_millis = now_millis() WHERE api_key_id = :'key'`, { key });
  const unmoved = await mark(page);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  await unmoved();
});

const ACTIONS: Record<string, (page: Page) => Promise<void>> = {
  creating: async (page) => {
    const form = await openCreateDialog(page);
    await form.getByLabel('Description').fill('Too late');
    await form.getByRole('button', { name: 'Create API key' }).click();
  },
  renaming: async (page) => {
    await openRename(page);
    await newName(page).fill('Release bot');
    await page.keyboard.press('Enter');
  },
  revoking: (page) => revoke(page),
  searching: (page) => page.getByRole('searchbox').fill('night'),
  sorting: (page) => page.getByRole('link', { name: 'Created' }).click(),
};

/** What was typed into a form is there again. */
const TYPED: Record<string, (page: Page) => Promise<void>> = {
  creating: async (page) => {
    await expect(page).toHaveURL(`${OWN_KEYS}/new`);
    await expect(page.getByLabel('Description')).toHaveValue('Too late');
  },
  renaming: (page) => expect(newName(page)).toHaveValue('Release bot'),
};

for (const [what, act] of Object.entries(ACTIONS)) {
  test(`after the session has ended, ${what} leads to the door and back`, async ({ page, me, guard }) => {
    guard.expects(401);
    await endSessions(me);
    await act(page);
    await expect(page.getByRole('heading', { name: 'Sign in to Acme' })).toBeVisible();
    await expect(page.getByText('Deploy bot')).toHaveCount(0);
    await live(page);
    await page.getByLabel('E-mail').fill(me.email);
    await page.getByLabel('Password').fill(me.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('navigation', { name: 'Account settings' })).toBeVisible();
    await TYPED[what]?.(page);
    if (what !== 'creating') await expect(page).toHaveURL(/inactive=1/);
    expect(await keysOf(me.id)).toMatchObject([
      { description: 'Deploy bot', revoked_at_millis: null },
      { description: 'Night watch', revoked_at_millis: null },
    ]);
  });
}
