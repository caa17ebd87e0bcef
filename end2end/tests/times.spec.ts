// Times are in the reader’s own zone; without script in UTC, and say so.

import type { BrowserContext, Locator, Page } from '@playwright/test';

import {
  cell,
  createKeys,
  createTeam,
  DAY,
  expect,
  finish,
  holdBack,
  keysOf,
  live,
  mark,
  open,
  openCreateDialog,
  OWN_KEYS,
  reload,
  requestsOf,
  rowOf,
  SECRET,
  secretField,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';

const NEW_KEY = `${OWN_KEYS}/new`;
const COOKIE = 'latchkey_time_zone';

/** Years ahead, and a time that no clocks skip. */
const DATE = '2040-12-20T18:00';

const hint = (form: Locator | Page): Locator => form.getByText(/^In (UTC|the time zone .*)\.$/);
const outcome = (form: Locator | Page): Locator => form.getByText(/^Expires on 20 December 2040/);
const chosen = (form: Locator | Page): Locator => form.getByText(/^Expires on/).filter({ visible: true });
const exact = (row: Locator, column: 'Created' | 'Expires'): Promise<string | null> => cell(row, column).locator('time').getAttribute('title');

async function setCookie(context: BrowserContext, url: string, value: string): Promise<void> {
  await context.addCookies([{ name: COOKIE, value, url }]);
}

async function chooseDate(form: Locator | Page, description: string, date: string): Promise<void> {
  await form.getByLabel('Description').fill(description);
  await form.getByLabel('Expires').selectOption('Custom date');
  await form.getByLabel('Date and time').fill(date);
}

const create = (form: Locator | Page): Promise<void> => form.getByRole('button', { name: 'Create API key' }).click();

test.beforeEach(async ({ page, me }) => signIn(page, me));

for (const [timezoneId, zone, instant, said] of [
  ['America/St_Johns', 'America/St Johns', '2040-12-20T21:30:00Z', '18:00 NST'],
  ['Asia/Kathmandu', 'Asia/Kat(h)?mandu', '2040-12-20T12:15:00Z', '18:00 UTC\\+05:45'],
  ['Europe/Berlin', 'Europe/Berlin', '2040-12-20T17:00:00Z', '18:00 CET'],
  ['Pacific/Apia', 'Pacific/Apia', '2040-12-20T05:00:00Z', '18:00 UTC\\+13:00'],
  ['UTC', '', '2040-12-20T18:00:00Z', '18:00 UTC'],
] as const) {
  test.describe(`in ${timezoneId}`, () => {
    test.use({ timezoneId });
    const words = new RegExp(`^20 December 2040, ${said}$`);

    test('a date is listed as it was typed, in the dialog and on the page', async ({ page, me }) => {
      await open(page, OWN_KEYS);
      const form = await openCreateDialog(page);
      await chooseDate(form, 'Dialog', DATE);
      await expect(hint(form)).toHaveText(zone === '' ? 'In UTC.' : new RegExp(`^In the time zone ${zone}\\.$`));
      await expect(outcome(form), 'before it is sent').toHaveText(new RegExp(`^Expires on 20 December 2040, ${said}$`));
      await create(form);
      await expect(secretField(page)).toHaveValue(SECRET);
      await finish(page);
      expect(await exact(rowOf(page, 'Dialog'), 'Expires')).toMatch(words);
      await expect(cell(rowOf(page, 'Dialog'), 'Expires').locator('time')).toHaveAttribute('datetime', instant);

      await open(page, NEW_KEY);
      await chooseDate(page, 'Page', DATE);
      await create(page);
      await expect(secretField(page)).toHaveValue(SECRET);
      expect((await keysOf(me.id)).map((key) => key.expires_at_millis)).toEqual([Date.parse(instant), Date.parse(instant)]);
      await open(page, OWN_KEYS);
      expect(await exact(rowOf(page, 'Page'), 'Expires')).toMatch(words);
    });
  });
}

test.describe('in Newfoundland', () => {
  test.use({ timezoneId: 'America/St_Johns' });

  test('the first page is brought to the zone at once, in its place; later ones are rendered in it', async ({ page, me }) => {
    await createKeys(me, [{ description: 'Deploy bot', created: -DAY, expires: 30 * DAY }]);
    const wasm = await holdBack(page, '**/*.wasm');
    await page.goto(OWN_KEYS);
    const row = rowOf(page, 'Deploy bot');
    expect(await exact(row, 'Created'), 'until then it says UTC').toMatch(/ UTC$/);
    const stays = await mark(page);
    const before = await row.boundingBox();
    wasm.release();
    await expect.poll(() => exact(row, 'Created')).toMatch(/ N[SD]T$/);
    expect(await exact(row, 'Expires')).toMatch(/ N[SD]T$/);
    expect(await row.boundingBox()).toEqual(before);
    await stays();
    const form = await openCreateDialog(page);
    await expect(chosen(form)).toHaveText(/^Expires on \d+ \w+ \d{4}, \d\d:\d\d N[SD]T$/);

    const pages = requestsOf(page, (request) => request.method() === 'GET' && request.url().endsWith(OWN_KEYS));
    await reload(page);
    expect(await exact(row, 'Created')).toMatch(/ N[SD]T$/);
    await page.goto('/account-settings/profile');
    await open(page, OWN_KEYS);
    expect(pages, 'each is asked for once').toHaveLength(2);
  });

  test('what is typed before the page is in the zone stays, and so does an open dialog', async ({ page }) => {
    let asked = () => {};
    const sent = new Promise<void>((resolve) => (asked = resolve));
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    await page.route(OWN_KEYS, async (route) => {
      if (route.request().resourceType() === 'fetch') {
        asked();
        await released;
      }
      await route.continue();
    });
    await open(page, OWN_KEYS);
    await sent;
    const form = await openCreateDialog(page);
    await expect(chosen(form)).toHaveText(/ UTC$/);
    await form.getByLabel('Description').fill('Deploy bot');
    release();
    await expect(chosen(form)).toHaveText(/ N[SD]T$/);
    await expect(form.getByLabel('Description')).toHaveValue('Deploy bot');
    await expect(form.getByLabel('Description')).toBeFocused();
    await chooseDate(form, 'Deploy bot', DATE);
    await expect(outcome(form)).toHaveText(/18:00 NST$/);
  });

  test('a team’s keys, the project’s and the form’s page are in the zone too', async ({ page, me, context, baseURL }) => {
    await setCookie(context, baseURL!, 'America/St_Johns');
    const team = await createTeam(me);
    await createKeys(me, [{ description: 'Deploy bot', expires: 30 * DAY }], team);
    await open(page, teamPage(team));
    expect(await exact(rowOf(page, 'Deploy bot'), 'Expires')).toMatch(/ N[SD]T$/);
    await open(page, `${teamPage(team)}/api-keys/new`);
    await expect(chosen(page)).toHaveText(/ N[SD]T$/);
  });

  test('what was typed comes back unchanged after an error', async ({ page, me, guard }) => {
    guard.expects(422);
    await open(page, NEW_KEY);
    await open(page, NEW_KEY);
    await chooseDate(page, '   ', DATE);
    await create(page);
    await expect(page.getByLabel('Description')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel('Date and time')).toHaveValue(DATE);
    await expect(page.getByText('In the time zone America/St Johns.')).toBeAttached();
    await page.getByLabel('Description').fill('Deploy bot');
    await create(page);
    await expect(secretField(page)).toHaveValue(SECRET);
    expect((await keysOf(me.id))[0]!.expires_at_millis).toBe(Date.parse('2040-12-20T21:30:00Z'));
  });

  test('a browser that refuses cookies gets UTC, which says so, and asks once', async ({ page, me }) => {
    await page.addInitScript(() => Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} }));
    await createKeys(me, [{ description: 'Deploy bot', expires: 30 * DAY }]);
    const sent = requestsOf(page);
    await open(page, OWN_KEYS);
    const form = await openCreateDialog(page);
    await chooseDate(form, 'Night watch', DATE);
    await expect(outcome(form)).toHaveText(/18:00 UTC$/);
    expect(await exact(rowOf(page, 'Deploy bot'), 'Expires')).toMatch(/ UTC$/);
    expect(sent.filter((request) => request.method() === 'GET')).toHaveLength(1);
  });

  for (const [what, value] of [
    ['is no time zone', 'Mars/Phobos'],
    ['is markup', '<script>alert(1)</script>'],
    ['is 4 KB long', 'x'.repeat(4000)],
    ['is of another place', 'Asia/Tokyo'],
  ] as const) {
    test(`a cookie that ${what} is replaced`, async ({ page, me, context, baseURL }) => {
      await setCookie(context, baseURL!, value);
      await createKeys(me, [{ description: 'Deploy bot', expires: 30 * DAY }]);
      await page.goto(OWN_KEYS);
      const isZone = value === 'Asia/Tokyo';
      expect((await page.content()).includes(value), 'nothing else comes back').toBe(isZone);
      expect(await exact(rowOf(page, 'Deploy bot'), 'Expires')).toMatch(/ (UTC|JST|N[SD]T)$/);
      await live(page);
      await expect.poll(() => exact(rowOf(page, 'Deploy bot'), 'Expires')).toMatch(/ N[SD]T$/);
      const cookie = (await context.cookies()).find((one) => one.name === COOKIE)!;
      expect(cookie).toMatchObject({ value: 'America/St_Johns', path: '/', sameSite: 'Lax', httpOnly: false, secure: false });
    });
  }
});

test.describe('in Berlin', () => {
  test.use({ timezoneId: 'Europe/Berlin' });

  for (const [what, date, words] of [
    ['skip', '2040-03-25T02:30', 'On 25 March 2040 clocks in Europe/Berlin skip from 02:00 to 03:00. Choose another time.'],
    [
      'show twice',
      '2040-10-28T02:30',
      'On 28 October 2040 clocks in Europe/Berlin go back from 03:00 to 02:00, so this time comes twice, as 02:30 CEST and as 02:30 CET. Choose another time.',
    ],
  ] as const) {
    test(`a time that clocks ${what} is told beside its field, and not moved`, async ({ page, me, guard }) => {
      guard.expects(422);
      await open(page, OWN_KEYS);
      const form = await openCreateDialog(page);
      const field = form.getByLabel('Date and time');
      await chooseDate(form, 'Deploy bot', date);
      await expect(form.getByText(words), 'before it is sent').toBeVisible();
      await create(form);
      await expect(field).toHaveAttribute('aria-invalid', 'true');
      await expect(form.getByRole('alert').filter({ hasText: words })).toBeVisible();
      await expect(form.getByText(words).filter({ visible: true }), 'once').toHaveCount(1);
      await expect(field).toHaveValue(date);
      await expect(form.getByLabel('Description')).toHaveValue('Deploy bot');

      await open(page, NEW_KEY);
      await chooseDate(page, 'Deploy bot', date);
      await create(page);
      await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible();
      await expect(page.getByLabel('Date and time')).toHaveValue(date);
      expect(await keysOf(me.id)).toEqual([]);
      await page.getByLabel('Date and time').fill(date.replace('T02:30', 'T03:00'));
      await create(page);
      await expect(secretField(page)).toHaveValue(SECRET);
    });
  }

  test('a date in the past is told before it is sent', async ({ page, guard }) => {
    guard.expects(422);
    await open(page, OWN_KEYS);
    const form = await openCreateDialog(page);
    await chooseDate(form, 'Deploy bot', '2020-01-01T00:00');
    await expect(form.getByText('Choose a time in the future.')).toBeVisible();
    await form.getByLabel('Date and time').fill(DATE);
    await expect(outcome(form)).toHaveText('Expires on 20 December 2040, 18:00 CET');
    await form.getByLabel('Date and time').fill('');
    await expect(hint(form)).toHaveText('In the time zone Europe/Berlin.');
    await expect(hint(form)).toBeVisible();
  });
});

test('the zone may be another one at the next visit', async ({ browser, page, me, baseURL }) => {
  await createKeys(me, [{ description: 'Deploy bot', expires: 30 * DAY }]);
  await open(page, OWN_KEYS);
  expect(await exact(rowOf(page, 'Deploy bot'), 'Expires')).toMatch(/ UTC$/);
  const storageState = await page.context().storageState();
  const elsewhere = await browser.newContext({ baseURL: baseURL!, storageState, timezoneId: 'Asia/Kathmandu' });
  const there = await elsewhere.newPage();
  await open(there, OWN_KEYS);
  await expect.poll(() => exact(rowOf(there, 'Deploy bot'), 'Expires')).toMatch(/ UTC\+05:45$/);
  await elsewhere.close();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false, timezoneId: 'America/St_Johns' });

  test('times are in UTC and say so', async ({ page, me }) => {
    await createKeys(me, [{ description: 'Deploy bot', expires: 30 * DAY }]);
    await page.goto(OWN_KEYS);
    expect(await exact(rowOf(page, 'Deploy bot'), 'Expires')).toMatch(/ UTC$/);
    await page.goto(NEW_KEY);
    await expect(chosen(page)).toHaveText(/ UTC$/);
    await chooseDate(page, 'Night watch', DATE);
    await expect(page.getByText('In UTC.')).toBeVisible();
    await create(page);
    await expect(secretField(page)).toHaveValue(SECRET);
    await page.goto(OWN_KEYS);
    expect(await exact(rowOf(page, 'Night watch'), 'Expires')).toBe('20 December 2040, 18:00 UTC');
  });

  test('in a zone that the browser remembers, a skipped time is told beside its field', async ({ page, me, context, baseURL, guard }) => {
    guard.expects(422);
    await setCookie(context, baseURL!, 'Europe/Berlin');
    await page.goto(NEW_KEY);
    await chooseDate(page, 'Night watch', '2040-03-25T02:30');
    await create(page);
    await expect(page.getByLabel('Date and time')).toHaveAccessibleDescription(/clocks in Europe\/Berlin skip from 02:00 to 03:00/);
    await expect(page.getByLabel('Date and time')).toHaveValue('2040-03-25T02:30');
    await page.getByLabel('Date and time').fill('2040-03-25T03:00');
    await create(page);
    await expect(secretField(page)).toHaveValue(SECRET);
    expect((await keysOf(me.id))[0]!.expires_at_millis).toBe(Date.parse('2040-03-25T01:00:00Z'));
  });
});
