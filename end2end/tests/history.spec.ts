// What the list does to the history: Back leads to the view before, with the search as it was then.

import type { Page } from '@playwright/test';

import { createKeys, DAY, expect, mark, open, OWN_KEYS, requestsOf, signIn, stopTheClock, test } from '../fixtures.ts';

const names = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('rowheader');
const range = (page: Page) => page.getByRole('navigation', { name: 'Pages' });
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });
const status = (page: Page) => page.getByRole('combobox', { name: 'Status' });
const size = (page: Page) => page.getByRole('combobox', { name: 'Keys per page' });

const back = (page: Page) => page.evaluate(() => history.back());
const forward = (page: Page) => page.evaluate(() => history.forward());
const entries = (page: Page) => page.evaluate(() => history.length);

test.beforeEach(async ({ page, me }) => {
  await createKeys(me, [
    ...Array.from({ length: 60 }, (_, n) => ({ description: `Service ${n}`, created: -n * DAY, expires: 30 * DAY })),
    { description: 'Ends tomorrow', created: -70 * DAY, expires: DAY },
    { description: 'Ended', created: -71 * DAY, expires: -DAY },
    { description: 'Leaked', created: -72 * DAY, revoked: -DAY },
  ]);
  await signIn(page, me);
  await open(page, '/account-settings/profile');
  await open(page, OWN_KEYS);
});

test('Back and Forward show the right text in the search that has the focus', async ({ page }) => {
  const unmoved = await mark(page);
  const views = [{ url: page.url(), text: '', count: 61 }];
  await search(page).fill('service 5');
  await search(page).press('Enter');
  await expect(page).toHaveURL(`${OWN_KEYS}?q=service+5`);
  views.push({ url: page.url(), text: 'service 5', count: 11 });
  await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=created/);
  views.push({ url: page.url(), text: 'service 5', count: 11 });
  await search(page).fill('tomorrow');
  await search(page).press('Enter');
  await expect(page).toHaveURL(/q=tomorrow/);
  views.push({ url: page.url(), text: 'tomorrow', count: 1 });

  const expectView = async ({ url, text, count }: (typeof views)[number]) => {
    await expect(page).toHaveURL(url);
    await expect(range(page)).toContainText(new RegExp(`of ${count}(?!\\d)`));
    await expect(search(page)).toHaveValue(text);
    await search(page).focus();
  };
  await expectView(views.at(-1)!);
  for (const view of views.slice(0, -1).toReversed()) {
    await back(page);
    await expectView(view);
  }
  for (const view of views.slice(1)) {
    await forward(page);
    await expectView(view);
  }
  await unmoved();
});

test('Back and Forward show the right text in the search that has not', async ({ page }) => {
  const unmoved = await mark(page);
  await search(page).fill('service');
  await search(page).press('Enter');
  await expect(range(page)).toContainText('1–10 of 60');
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(range(page)).toContainText('11–20 of 60');
  await back(page);
  await expect(range(page)).toContainText('1–10 of 60');
  await expect(search(page)).toHaveValue('service');
  await back(page);
  await expect(range(page)).toContainText('1–10 of 61');
  await expect(search(page)).toHaveValue('');
  await forward(page);
  await expect(range(page)).toContainText('1–10 of 60');
  await expect(search(page)).toHaveValue('service');
  await unmoved();
});

test('Back is not undone by what was typed just before', async ({ page }) => {
  await stopTheClock(page);
  const unmoved = await mark(page);
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(range(page)).toContainText('11–20 of 61');
  await search(page).pressSequentially('tom');
  await back(page);
  await expect(page).toHaveURL(OWN_KEYS);
  await expect(range(page)).toContainText('1–10 of 61');
  await expect(search(page)).toHaveValue('');
  const sent = requestsOf(page);
  await page.clock.runFor(10_000);
  await expect(search(page)).toHaveValue('');
  expect(sent, 'nothing is searched for any more').toEqual([]);
  await unmoved();
});

for (const [what, select, option] of [
  ['status', status, 'status=expired'],
  ['page size', size, 'size=50'],
] as const) {
  test(`the arrow keys in the ${what} make one entry, and Back leads to where one was`, async ({ page }) => {
    const unmoved = await mark(page);
    const before = await entries(page);
    await select(page).focus();
    const shown = new Set([page.url()]);
    while (!page.url().includes(option)) {
      await page.keyboard.press('ArrowDown');
      await expect.poll(() => shown.has(page.url()), 'the list follows').toBe(false);
      shown.add(page.url());
    }
    expect(shown.size, 'there was more than one step').toBeGreaterThan(2);
    await expect(select(page), 'the focus stays').toBeFocused();
    expect(await entries(page) - before).toBe(1);
    await back(page);
    await expect(page).toHaveURL(OWN_KEYS);
    await expect(range(page)).toContainText('1–10 of 61');
    await expect(select(page).locator('option:checked')).toHaveText(what === 'status' ? 'Any status' : '10 per page');
    await forward(page);
    await expect(page).toHaveURL(`${OWN_KEYS}?${option}`);
    await expect(select(page).locator('option:checked')).toHaveText(what === 'status' ? 'Expired' : '50 per page');
    await unmoved();
  });
}

test('the arrow keys pressed faster than the server answers make one entry', async ({ page }) => {
  const unmoved = await mark(page);
  const before = await entries(page);
  await status(page).focus();
  for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowDown');
  await expect(page).toHaveURL(`${OWN_KEYS}?status=expired`);
  await expect(names(page)).toHaveText([/Ended/]);
  expect(await entries(page) - before).toBe(1);
  await back(page);
  await expect(page).toHaveURL(OWN_KEYS);
  await expect(status(page)).toHaveValue('');
  await unmoved();
});

test('what is typed in the search makes one entry, and Back leads to where one was', async ({ page }) => {
  const unmoved = await mark(page);
  const before = await entries(page);
  await search(page).pressSequentially('service 1');
  await expect(page).toHaveURL(`${OWN_KEYS}?q=service+1`);
  await expect(range(page)).toContainText('of 11');
  expect(await entries(page) - before).toBe(1);
  await search(page).pressSequentially('2');
  await expect(page).toHaveURL(`${OWN_KEYS}?q=service+12`);
  await expect(names(page)).toHaveText([/Service 12/]);
  expect(await entries(page) - before, 'what is typed further is the same search').toBe(1);
  await back(page);
  await expect(page).toHaveURL(OWN_KEYS);
  await expect(range(page)).toContainText('1–10 of 61');
  await expect(search(page)).toHaveValue('');
  await forward(page);
  await expect(page).toHaveURL(`${OWN_KEYS}?q=service+12`);
  await expect(names(page)).toHaveText([/Service 12/]);
  await expect(search(page)).toHaveValue('service 12');
  await unmoved();
});

test('after the list, Back leads to the page before it', async ({ page }) => {
  await search(page).fill('service');
  await expect(range(page)).toContainText('of 60');
  await status(page).selectOption('Expires soon');
  await expect(page).toHaveURL(/status=expires-soon/);
  await back(page);
  await expect(page).toHaveURL(`${OWN_KEYS}?q=service`);
  await expect(status(page)).toHaveValue('');
  await expect(search(page)).toHaveValue('service');
  await back(page);
  await expect(page).toHaveURL(OWN_KEYS);
  await expect(search(page)).toHaveValue('');
  await page.goBack();
  await expect(page).toHaveURL('/account-settings/profile');
});
