// The list of keys: search, filter, order, pages, and the address that holds it all.

import type { Page } from '@playwright/test';

import {
  type Account,
  cell,
  createKeys,
  createTeam,
  DAY,
  dialog,
  expect,
  live,
  mark,
  open,
  OWN_KEYS,
  post,
  rowOf,
  type Seed,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';

const names = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('rowheader');
const described = (page: Page) => names(page).locator('bdi');
const range = (page: Page) => page.getByRole('navigation', { name: 'Pages' });
const status = (page: Page) => page.getByRole('combobox', { name: 'Status' });
const size = (page: Page) => page.getByRole('combobox', { name: 'Keys per page' });
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });
const number = (n: number) => String(n).padStart(2, '0');

/** 32 that work, of which two end soon; two expired and one revoked. */
async function manyKeys(me: Account): Promise<void> {
  const keys: Seed[] = Array.from({ length: 30 }, (_, n) => ({
    description: `Service ${number(n)}`,
    created: -(n + 10) * DAY,
    expires: (100 + ((n * 7) % 30)) * DAY,
    lastFour: `00${number(n)}`,
    ...(n % 3 === 0 ? { used: -(n + 1) * DAY } : {}),
  }));
  await createKeys(me, [
    ...keys,
    { description: 'Ends tomorrow', created: -50 * DAY, expires: DAY, lastFour: 'aaaa' },
    { description: 'Ends in a week', created: -51 * DAY, expires: 7 * DAY - 60_000, lastFour: 'bbbb' },
    { description: 'Ended', created: -1 * DAY, expires: -2 * 60_000, lastFour: 'cccc' },
    { description: 'Ended long ago', created: -300 * DAY, expires: -200 * DAY, lastFour: 'dddd' },
    { description: 'Leaked', created: -3 * DAY, revoked: -2 * DAY, lastFour: 'eeee' },
  ]);
}

test.describe('many keys', () => {
  test.beforeEach(async ({ page, me }) => {
    await manyKeys(me);
    await signIn(page, me);
    await open(page, OWN_KEYS);
  });

  test('come in pages, the newest first', async ({ page }) => {
    const unmoved = await mark(page);
    await expect(names(page)).toHaveCount(10);
    await expect(names(page).first()).toContainText('Service 00');
    await expect(range(page)).toContainText('1–10 of 32');
    await expect(page.getByRole('link', { name: 'Previous' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('11–20 of 32');
    await expect(page).toHaveURL(`${OWN_KEYS}?page=2`);
    await expect(page.getByRole('link', { name: 'Next' }), 'the focus stays').toBeFocused();
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('21–30 of 32');
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('31–32 of 32');
    await expect(page.getByRole('link', { name: 'Next' })).toHaveCount(0);
    await expect(names(page)).toContainText(['Ends tomorrow', 'Ends in a week']);
    await page.getByRole('link', { name: 'Previous' }).click();
    await expect(range(page)).toContainText('21–30 of 32');
    await unmoved();
  });

  test('come in pages of 10, 25 or 50', async ({ page }) => {
    await expect(size(page).getByRole('option')).toHaveText(['10 per page', '25 per page', '50 per page']);
    await page.getByRole('link', { name: 'Next' }).click();
    await size(page).selectOption('25 per page');
    await expect(range(page)).toContainText('1–25 of 32');
    await expect(page).toHaveURL(`${OWN_KEYS}?size=25`);
    await size(page).selectOption('50 per page');
    await expect(range(page)).toContainText('1–32 of 32');
    await size(page).selectOption('10 per page');
    await expect(page).toHaveURL(OWN_KEYS);
  });

  test('are searched while one types', async ({ page }) => {
    const unmoved = await mark(page);
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('11–20');
    await search(page).pressSequentially('SERVICE 1');
    await expect(range(page)).toContainText('1–10 of 10');
    await expect(page).toHaveURL(`${OWN_KEYS}?q=SERVICE+1`);
    await expect(search(page)).toBeFocused();
    await expect(search(page)).toHaveValue('SERVICE 1');
    await expect(page.getByRole('status').filter({ hasText: 'List updated' })).toBeAttached();
    await search(page).fill('0007');
    await expect(names(page)).toHaveCount(1);
    await expect(names(page)).toContainText(['Service 07']);
    await search(page).fill('');
    await expect(range(page)).toContainText('1–10 of 32');
    await expect(page).toHaveURL(OWN_KEYS);
    await unmoved();
  });

  test('are searched at once with Enter', async ({ page }) => {
    await search(page).fill('tomorrow');
    await search(page).press('Enter');
    await expect(names(page)).toHaveCount(1);
    await expect(page).toHaveURL(`${OWN_KEYS}?q=tomorrow`);
  });

  test('say so when nothing is found, and come back', async ({ page }) => {
    await size(page).selectOption('25 per page');
    await search(page).fill('no such key');
    await expect(page.getByRole('heading', { name: 'No API keys found' })).toBeVisible();
    await status(page).selectOption('Expired');
    await expect(page).toHaveURL(/status=expired/);
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(range(page)).toContainText('1–25 of 32');
    await expect(search(page)).toHaveValue('');
    await expect(status(page)).toHaveValue('');
    await expect(page).toHaveURL(`${OWN_KEYS}?size=25`);
  });

  for (const [choice, word, expected] of [
    ['Valid', 'valid', 32],
    ['Expires soon', 'expires-soon', ['Ends tomorrow', 'Ends in a week']],
    ['Expired', 'expired', ['Ended', 'Ended long ago']],
    ['Revoked', 'revoked', ['Leaked']],
  ] as const) {
    test(`can be narrowed to “${choice}”`, async ({ page }) => {
      await status(page).selectOption(choice);
      await expect(page).toHaveURL(`${OWN_KEYS}?status=${word}`);
      if (typeof expected === 'number') {
        await expect(range(page)).toContainText(`of ${expected}`);
      } else {
        await expect(names(page)).toHaveCount(expected.length);
        await expect(names(page)).toContainText([...expected]);
        for (const name of expected) await expect(cell(page.getByRole('row').filter({ hasText: name }).first(), 'Status')).toHaveText(choice);
      }
      await expect(page.getByRole('link', { name: /inactive/ })).toHaveCount(0);
    });
  }

  test('hide the inactive ones until asked', async ({ page }) => {
    await expect(page.getByText('Leaked')).toHaveCount(0);
    await page.getByRole('link', { name: 'Show inactive (3)' }).click();
    await expect(range(page)).toContainText('of 35');
    await expect(page).toHaveURL(`${OWN_KEYS}?inactive=1`);
    await expect(names(page).first(), 'those that work still come first').toContainText('Service 00');
    await page.getByRole('link', { name: 'Hide inactive' }).click();
    await expect(range(page)).toContainText('of 32');
    await search(page).fill('ended');
    await expect(names(page), 'a search finds them as well').toHaveText([/Ended/, /Ended long ago/]);
    await expect(page.getByText('2 inactive keys match.')).toBeVisible();
  });

  for (const [column, ascending, descending] of [
    ['Description', 'Ends in a week', 'Service 29'],
    ['Key', 'Service 00', 'Ends in a week'],
    ['Created', 'Ends in a week', 'Service 00'],
    ['Expires', 'Ends tomorrow', 'Service 17'],
    ['Last used', undefined, 'Service 00'],
    ['Status', undefined, undefined],
  ] as const) {
    test(`are sorted by “${column}”, both ways`, async ({ page }) => {
      const unmoved = await mark(page);
      const head = page.getByRole('columnheader', { name: column });
      await page.getByRole('link', { name: 'Next' }).click();
      await expect(range(page)).toContainText('11–20');
      if (column === 'Created') await expect(head).toHaveAttribute('aria-sort', 'descending');
      else await expect(head).not.toHaveAttribute('aria-sort');
      await head.getByRole('link').click();
      await expect(head).toHaveAttribute('aria-sort', 'ascending');
      await expect(head.getByRole('link'), 'the focus stays').toBeFocused();
      await expect(range(page), 'from the beginning').toContainText('1–10');
      if (ascending) await expect(names(page).first()).toContainText(ascending);
      await head.getByRole('link').click();
      await expect(head).toHaveAttribute('aria-sort', 'descending');
      if (descending) await expect(names(page).first()).toContainText(descending);
      await expect(page.locator('[aria-sort]')).toHaveCount(1);
      await unmoved();
    });
  }

  test('are found again by the address alone', async ({ page, visit, me }) => {
    await search(page).fill('service');
    await expect(page).toHaveURL(/q=service/);
    await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
    await expect(page).toHaveURL(/sort=created/);
    await status(page).selectOption('Valid');
    await expect(page).toHaveURL(/status=valid/);
    await size(page).selectOption('25 per page');
    await expect(page).toHaveURL(/size=25/);
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('26–30 of 30');
    const address = page.url();
    const shown = await described(page).allTextContents();
    const other = await visit(me);
    for (const reader of [other, page]) {
      await open(reader, address);
      await expect(described(reader)).toHaveText(shown);
      await expect(search(reader)).toHaveValue('service');
      await expect(status(reader)).toHaveValue('valid');
      await expect(size(reader)).toHaveValue('25');
      await expect(reader.getByRole('columnheader', { name: 'Created' })).toHaveAttribute('aria-sort', 'ascending');
    }
  });

  test('follow Back and Forward', async ({ page }) => {
    const unmoved = await mark(page);
    await status(page).selectOption('Valid');
    await expect(page).toHaveURL(/status=valid/);
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('11–20 of 32');
    await status(page).selectOption('Revoked');
    await expect(names(page)).toHaveText([/Leaked/]);
    await page.goBack();
    await expect(range(page)).toContainText('11–20 of 32');
    await expect(status(page)).toHaveValue('valid');
    await page.goBack();
    await expect(range(page)).toContainText('1–10 of 32');
    await page.goBack();
    await expect(page).toHaveURL(OWN_KEYS);
    await expect(status(page)).toHaveValue('');
    await page.goForward();
    await page.goForward();
    await expect(range(page)).toContainText('11–20 of 32');
    await unmoved();
    await page.reload();
    await expect(range(page)).toContainText('11–20 of 32');
  });

  test('show the last page where the address names one beyond it', async ({ page }) => {
    await open(page, `${OWN_KEYS}?page=999`);
    await expect(range(page)).toContainText('31–32 of 32');
  });

  test('keep their place while the server does not answer', async ({ page, guard }) => {
    guard.expectsLostAnswers();
    await page.route('**/api-keys?*', (route) => route.abort(), { times: 1 });
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(page.getByText('The server could not answer.').filter({ visible: true }).first()).toBeVisible();
    await expect(range(page)).toContainText('1–10 of 32');
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('11–20 of 32');
  });

  test('show the latest of two answers, not the later', async ({ page }) => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/api-keys?status=revoked', async (route) => {
      await held;
      await route.continue();
    });
    await status(page).selectOption('Revoked');
    await status(page).selectOption('Expired');
    await expect(names(page)).toHaveCount(2);
    const late = page.waitForResponse('**/api-keys?status=revoked');
    release();
    await (await late).finished();
    await expect(names(page)).toContainText(['Ended', 'Ended long ago']);
    await expect(page).toHaveURL(/status=expired/);
  });

  test('make sense of an address that makes none', async ({ page }) => {
    for (const query of ['page=-1', 'page=99999999999999999999', 'size=1000000', 'sort=;drop', 'dir=up', 'status=x', 'q=%00', 'rename=x&revoke=y', '%', '%FF=1', '&&=&']) {
      await open(page, `${OWN_KEYS}?${query}`);
      await expect(range(page), query).toContainText('of 32');
    }
    await open(page, `${OWN_KEYS}?q=%FF`);
    await expect(page.getByRole('heading', { name: 'No API keys found' })).toBeVisible();
  });

  test('tell times in words and exactly', async ({ page }) => {
    await search(page).fill('tomorrow');
    await expect(names(page)).toHaveCount(1);
    const time = cell(rowOf(page, 'Ends tomorrow'), 'Expires').locator('time');
    await expect(time).toHaveText('in 1 day');
    await expect(time).toHaveAttribute('title', /^\d{1,2} \w+ \d{4}, \d\d:\d\d UTC$/);
    const machine = Date.parse((await time.getAttribute('datetime'))!);
    expect(Math.abs(machine - Date.now() - DAY)).toBeLessThan(60_000);
  });
});

test('where only inactive keys are left, the page says so', async ({ page, me }) => {
  await createKeys(me, [{ description: 'Leaked', revoked: -DAY }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await expect(page.getByText('No active keys. Expired and revoked keys are hidden.')).toBeVisible();
  await page.getByRole('link', { name: 'Show inactive (1)' }).click();
  await expect(cell(rowOf(page, 'Leaked'), 'Status')).toHaveText('Revoked');
});

// What people type, and what others would have them type. It is shown as it is.
const TYPED = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '"><svg onload=alert(3)>',
  "' onfocus=alert(4) autofocus x='",
  '</title></textarea></style></noscript><script>alert(5)</script>',
  '<!--><img src=x onerror=alert(6)>',
  'javascript:alert(7)',
  '{{constructor.constructor("alert(8)")()}} ${alert(9)} &lt;b&gt; &amp; &#x3c;',
  '</dialog><iframe srcdoc="<script>alert(10)</script>"></iframe>',
  'مفتاح الإنتاج (2026) – CI/CD',
  'キー 👩‍💻 é ﷽ 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '100% of_it \\ back\\slash \'single\' "double"',
];

/** A description in a sentence: what is written from right to left is isolated. */
const inSentence = (text: string) => (/[\u0590-\u08ff\ufb1d-\ufdff]/.test(text) ? `\u2068${text}\u2069` : text);

test('whatever was typed is shown as it was typed', async ({ page, me }) => {
  await createKeys(me, TYPED.map((description, n) => ({ description, created: -n * DAY, expires: 30 * DAY })));
  await signIn(page, me);
  await open(page, `${OWN_KEYS}?size=25`);
  const shown = await described(page).allTextContents();
  expect(shown, 'written by the server').toEqual(TYPED);
  await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=created/);
  await expect(described(page).first()).toHaveText(TYPED.at(-1)!);
  expect(await described(page).allTextContents(), 'written by the script').toEqual(TYPED.toReversed());
  for (const description of TYPED) {
    const row = page.getByRole('row').filter({ has: page.getByText(description, { exact: true }) });
    await row.getByRole('link', { name: `Rename “${inSentence(description)}”`, exact: true }).click();
    await expect(row.getByRole('textbox', { name: 'New name' })).toHaveValue(description);
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: `Revoke “${inSentence(description)}”`, exact: true }).click();
    await expect(dialog(page)).toHaveAccessibleName(`Revoke “${inSentence(description)}”?`);
    await page.keyboard.press('Escape');
  }
});

test('whatever is typed can be typed, searched for and found', async ({ page, me }) => {
  await signIn(page, me);
  await createKeys(me, [{ description: 'a decoy: 100 of it', created: -DAY }, { description: 'x' }]);
  const key = page.getByRole('link', { name: /^Rename/ }).first();
  for (const description of TYPED) {
    await open(page, OWN_KEYS);
    await key.click();
    await page.getByRole('textbox', { name: 'New name' }).fill(description);
    await page.keyboard.press('Enter');
    await expect(described(page).first()).toHaveText(description);
    const query = new URLSearchParams({ q: description });
    await open(page, `${OWN_KEYS}?${query}`);
    await expect(names(page), description).toHaveCount(1);
    await expect(search(page)).toHaveValue(description);
  }
});

test('names of people and teams are shown as they were typed', async ({ page, me }) => {
  const name = TYPED.join(' ').slice(0, 255);
  const team = await createTeam(me, name);
  await signIn(page, me);
  await open(page, '/account-settings/profile');
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('banner').getByText(name, { exact: true }).first()).toBeVisible();
  await page.getByRole('link', { name: name.slice(0, 40) }).click();
  await expect(page).toHaveURL(teamPage(team));
  await live(page);
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
  await expect(page).toHaveTitle(`${inSentence(name)} · Acme`);
  await expect(page.getByRole('table').first().getByRole('rowheader')).toContainText([name]);
  const response = await post(page.request, '/fn/teams/rename', { team, display_name: '<b>bold</b>' });
  expect(response.ok()).toBe(true);
  await page.reload();
  await expect(page.getByRole('heading', { name: '<b>bold</b>', exact: true })).toBeVisible();
});
