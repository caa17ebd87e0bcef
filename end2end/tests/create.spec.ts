// Making a key of one's own.

import { createHash } from 'node:crypto';

import type { Page, Route } from '@playwright/test';

import {
  cell,
  createKey,
  createKeys,
  DAY,
  dialog,
  expect,
  finish,
  keysOf,
  open,
  openCreateDialog,
  OWN_KEYS,
  rowOf,
  SECRET,
  secretField,
  signIn,
  test,
} from '../fixtures.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const submit = (page: Page) => dialog(page).getByRole('button', { name: 'Create API key' });

test.beforeEach(async ({ page, me }) => {
  await signIn(page, me);
  await open(page, OWN_KEYS);
});

test('without keys the page explains itself', async ({ page }) => {
  await expect(page).toHaveTitle('API keys · Acme');
  await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  await expect(page.getByRole('search')).toBeHidden();
  await page.getByRole('button', { name: 'Create API key' }).last().click();
  await expect(dialog(page).getByLabel('Description')).toBeFocused();
});

test('a key is made for 30 days unless something else is chosen', async ({ page, me }) => {
  const form = await openCreateDialog(page);
  await expect(form.getByLabel('Description')).toHaveAttribute('placeholder', 'e.g. Development, Production, CI/CD');
  await expect(form.getByLabel('Expires').locator('option:checked')).toHaveText('30 days');
  await expect(form.getByText(/^Expires on \d+ \w+ \d{4}, \d\d:\d\d UTC$/).filter({ visible: true })).toHaveCount(1);
  await form.getByLabel('Description').fill('  Deploy bot ');
  await submit(page).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  const secret = await secretField(page).inputValue();
  expect(secret).toContain('user1574ck4u7h');
  await finish(page);

  const row = rowOf(page, 'Deploy bot');
  await expect(cell(row, 'Key')).toHaveText(`sk_…${secret.slice(-4)}`);
  await expect(cell(row, 'Status')).toHaveText('Valid');
  await expect(cell(row, 'Created')).toHaveText('just now');
  await expect(cell(row, 'Expires')).toHaveText('in 30 days');
  await expect(cell(row, 'Last used')).toHaveText('Never');
  const [key, ...others] = await keysOf(me.id);
  expect(others).toEqual([]);
  expect(key).toMatchObject({
    description: 'Deploy bot',
    digest: sha256(secret),
    last_four: secret.slice(-4),
    owner_team_id: null,
    created_by_user_id: me.id,
  });
  expect(key!.expires_at_millis! - key!.created_at_millis).toBe(30 * DAY);
});

for (const [choice, days] of [
  ['1 day', 1],
  ['7 days', 7],
  ['90 days', 90],
  ['1 year', 365],
] as const) {
  test(`a key may be made for ${choice}`, async ({ page, me }) => {
    await createKey(page, 'Deploy bot', choice);
    const [key] = await keysOf(me.id);
    expect(key!.expires_at_millis! - key!.created_at_millis).toBe(days * DAY);
    await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText(days < 7 ? 'Expires soon' : /Valid|Expires soon/);
  });
}

test('a key that never expires comes with a warning', async ({ page, me }) => {
  const form = await openCreateDialog(page);
  const warning = form.getByText('A key that never expires works until it is revoked.');
  await expect(warning).toBeHidden();
  await form.getByLabel('Expires').selectOption('Never');
  await expect(warning).toBeVisible();
  await expect(form.getByText(/^Expires on/).filter({ visible: true })).toHaveCount(0);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByRole('button', { name: 'Create API key' }).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  expect((await keysOf(me.id))[0]!.expires_at_millis).toBeNull();
  await finish(page);
  await expect(cell(rowOf(page, 'Deploy bot'), 'Expires')).toHaveText('Never');
});

test.describe('far from Greenwich', () => {
  test.use({ timezoneId: 'America/New_York' });

  test('a date of one’s own counts in one’s own time, 29 February included', async ({ page, me }) => {
    const now = new Date().getUTCFullYear();
    const leap = [1, 2, 3, 4, 5, 6, 7, 8].map((ahead) => now + ahead).find((year) => new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29)!;
    const form = await openCreateDialog(page);
    await expect(form.getByLabel('Date and time')).toBeHidden();
    await form.getByLabel('Expires').selectOption('Custom date');
    await form.getByLabel('Date and time').fill(`${leap}-02-29T22:30`);
    await form.getByLabel('Description').fill('Deploy bot');
    await submit(page).click();
    await expect(secretField(page)).toHaveValue(SECRET);
    expect((await keysOf(me.id))[0]!.expires_at_millis).toBe(Date.parse(`${leap}-03-01T03:30:00Z`));
    await expect(cell(rowOf(page, 'Deploy bot'), 'Expires').locator('time')).toHaveAttribute('datetime', `${leap}-03-01T03:30:00Z`);
  });
});

test('the far future reads “Never”', async ({ page, me }) => {
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByLabel('Expires').selectOption('Custom date');
  await form.getByLabel('Date and time').fill('9999-12-31T12:00');
  await submit(page).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  expect((await keysOf(me.id))[0]!.expires_at_millis).toBe(Date.parse('9999-12-31T12:00Z'));
  await expect(cell(rowOf(page, 'Deploy bot'), 'Expires')).toHaveText('Never');
});

test('a date in the past is refused beside its field, and can be put right', async ({ page, me, guard }) => {
  guard.expects(422);
  const form = await openCreateDialog(page);
  const date = form.getByLabel('Date and time');
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByLabel('Expires').selectOption('Custom date');
  await date.fill('2020-02-29T10:00');
  await submit(page).click();
  await expect(form.getByRole('alert').filter({ hasText: 'Choose a time in the future.' })).toBeVisible();
  await expect(date).toHaveAccessibleDescription(/Choose a time in the future\./);
  await expect(date).toBeFocused();
  expect(await keysOf(me.id)).toEqual([]);

  await date.fill('2099-01-01T10:00');
  await expect(form.getByText('Choose a time in the future.')).toHaveCount(0);
  await submit(page).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  expect(await keysOf(me.id)).toHaveLength(1);
});

test('no date at all is refused beside its field', async ({ page, me, guard }) => {
  guard.expects(422);
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByLabel('Expires').selectOption('Custom date');
  await submit(page).click();
  await expect(form.getByLabel('Date and time')).toHaveAccessibleDescription(/Enter a valid date and time\./);
  expect(await keysOf(me.id)).toEqual([]);
});

for (const [what, typed, error] of [
  ['nothing but spaces', '   ', 'This field is required.'],
  ['256 characters', 'x'.repeat(256), 'Use at most 255 characters.'],
  ['a character that turns text round', 'bill\u202efdp', 'This contains an invisible or control character. Type the text instead of pasting it.'],
  ['a character that nobody sees', 'zero\u200bwidth', 'This contains an invisible or control character. Type the text instead of pasting it.'],
] as const) {
  test(`${what} is no description`, async ({ page, me, guard }) => {
    guard.expects(422);
    const form = await openCreateDialog(page);
    const description = form.getByLabel('Description');
    await description.fill(typed);
    await submit(page).click();
    await expect(form.getByRole('alert').filter({ hasText: error })).toBeVisible();
    await expect(description).toHaveAccessibleDescription(error);
    await expect(description).toHaveAttribute('aria-invalid', 'true');
    await expect(description).toBeFocused();
    await expect(description, 'what was typed stays').toHaveValue(typed);
    expect(await keysOf(me.id)).toEqual([]);
    await description.fill('Deploy bot');
    await expect(form.getByText(error)).toHaveCount(0);
    await expect(description).not.toHaveAttribute('aria-invalid');
  });
}

test('the browser itself asks for a description', async ({ page }) => {
  const form = await openCreateDialog(page);
  await submit(page).click();
  await expect(form.getByLabel('Description')).toBeFocused();
  expect(await form.getByLabel('Description').evaluate((field: HTMLInputElement) => field.validity.valueMissing)).toBe(true);
  await expect(submit(page)).toBeEnabled();
});

test('a counter tells how much room is left, in characters', async ({ page, me }) => {
  const form = await openCreateDialog(page);
  const description = form.getByLabel('Description');
  await expect(form.getByText('0/255')).toBeVisible();
  await description.fill(' abc ');
  await expect(form.getByText('3/255')).toBeVisible();
  await description.fill('x'.repeat(256));
  await expect(form.getByText('256/255')).toHaveClass(/over/);
  const longest = '😀'.repeat(255);
  await description.fill(longest);
  await expect(form.getByText('255/255')).not.toHaveClass(/over/);
  await submit(page).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  expect((await keysOf(me.id))[0]!.description).toBe(longest);
});

test('a cancelled form begins afresh', async ({ page, me }) => {
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByLabel('Expires').selectOption('Never');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('button', { name: 'Create API key' }).first()).toBeFocused();
  await openCreateDialog(page);
  await expect(form.getByLabel('Description')).toHaveValue('');
  await expect(form.getByText('0/255')).toBeVisible();
  await expect(form.getByLabel('Expires').locator('option:checked')).toHaveText('30 days');
  await page.keyboard.press('Escape');
  await expect(form).toBeHidden();
  expect(await keysOf(me.id)).toEqual([]);
});

for (const [how, twice] of [
  ['clicking', (page: Page) => submit(page).dblclick()],
  [
    'pressing Enter',
    async (page: Page) => {
      await Promise.all([page.keyboard.press('Enter'), page.keyboard.press('Enter')]);
    },
  ],
] as const) {
  test(`${how} twice makes one key`, async ({ page, me }) => {
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    const form = await openCreateDialog(page);
    await form.getByLabel('Description').fill('Deploy bot');
    await twice(page);
    await expect(secretField(page)).toHaveValue(SECRET);
    await finish(page);
    expect(await keysOf(me.id)).toHaveLength(1);
    expect(sent).toHaveLength(1);
  });
}

test('the button shows progress and cannot be pressed again', async ({ page }) => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/fn/api-keys/create', async (route) => {
    await asked;
    await route.continue();
  });
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByRole('button', { name: 'Create API key' }).click();
  await expect(form.getByRole('button', { name: 'Creating…' })).toBeDisabled();
  answer();
  await expect(secretField(page)).toHaveValue(SECRET);
});

test('an answer that was lost does not make a second key', async ({ page, me, guard }) => {
  guard.expectsLostAnswers();
  await page.route(
    '**/fn/api-keys/create',
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByRole('button', { name: 'Create API key' }).click();
  await expect(form.getByRole('alert').filter({ hasText: 'The server did not respond.' })).toBeVisible();
  await expect(form.getByLabel('Description')).toHaveValue('Deploy bot');
  const [lost] = await keysOf(me.id);
  await submit(page).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  const secret = await secretField(page).inputValue();
  const keys = await keysOf(me.id);
  expect(keys).toHaveLength(1);
  expect(keys[0]!.digest, 'the secret that is shown is the one that works').toBe(sha256(secret));
  expect(keys[0]!.digest, 'the one that nobody saw does not').not.toBe(lost!.digest);
  await finish(page);
  await expect(rowOf(page, 'Deploy bot')).toHaveCount(1);
});

for (const [what, lose] of [
  ['no connection', (route: Route) => route.abort()],
  ['a proxy’s error page', (route: Route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway' })],
] as const) {
  test(`${what} keeps what was typed, and the next try works`, async ({ page, me, guard }) => {
    guard.expectsLostAnswers();
    guard.expects(502);
    await page.route('**/fn/api-keys/create', lose, { times: 1 });
    const form = await openCreateDialog(page);
    await form.getByLabel('Description').fill('Deploy bot');
    await form.getByLabel('Expires').selectOption('90 days');
    await submit(page).click();
    await expect(form.getByRole('alert').filter({ hasText: 'The server did not respond.' })).toBeVisible();
    await expect(form.getByLabel('Expires').locator('option:checked')).toHaveText('90 days');
    await submit(page).click();
    await expect(secretField(page)).toHaveValue(SECRET);
    expect(await keysOf(me.id)).toHaveLength(1);
  });
}

test('several keys can be made one after the other', async ({ page, me }) => {
  for (const name of ['First', 'Second', 'Third']) {
    await createKey(page, name);
    await finish(page);
    await expect(rowOf(page, name)).toBeVisible();
  }
  expect((await keysOf(me.id)).map((key) => key.description)).toEqual(['First', 'Second', 'Third']);
});

test('the list may come later than “Done”', async ({ page, me }) => {
  let slow = () => {};
  const held = new Promise<void>((resolve) => (slow = resolve));
  await page.route('**/account-settings/api-keys*', async (route) => {
    await held;
    await route.continue();
  });
  await createKey(page, 'First');
  await finish(page);
  slow();
  await expect(rowOf(page, 'First')).toBeVisible();
  await createKey(page, 'Second');
  await finish(page);
  await expect(rowOf(page, 'Second')).toBeVisible();
  expect((await keysOf(me.id)).map((key) => key.description)).toEqual(['First', 'Second']);
});

test('a new key comes first, in the view that was open', async ({ page, me }) => {
  await createKeys(me, [
    { description: 'Old key', created: -9 * DAY },
    { description: 'Older key', created: -19 * DAY },
  ]);
  await open(page, `${OWN_KEYS}?q=key&size=25`);
  await createKey(page, 'New key');
  await finish(page);
  await expect(page).toHaveURL(`${OWN_KEYS}?q=key&size=25`);
  await expect(page.getByRole('rowheader')).toContainText(['New key', 'Old key', 'Older key']);
});

test('the next key does not wait for a slow list', async ({ page, me }) => {
  let slow = () => {};
  const held = new Promise<void>((resolve) => (slow = resolve));
  await page.route('**/account-settings/api-keys*', async (route) => {
    await held;
    await route.continue();
  });
  await createKey(page, 'First');
  await finish(page);
  slow();
  await createKey(page, 'Second');
  await finish(page);
  expect((await keysOf(me.id)).map((key) => key.description)).toEqual(['First', 'Second']);
});

test('Escape while the key is being made does not hide its secret', async ({ page, me }) => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/fn/api-keys/create', async (route) => {
    await asked;
    await route.continue();
  });
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByRole('button', { name: 'Create API key' }).click();
  await expect(form.getByRole('button', { name: 'Creating…' })).toBeDisabled();
  await page.keyboard.press('Escape');
  answer();
  await expect.poll(() => keysOf(me.id)).toHaveLength(1);
  await expect(secretField(page)).toBeVisible();
});
