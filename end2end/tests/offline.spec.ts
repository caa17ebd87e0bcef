// A list that cannot be fetched says so where it stands, and comes back.

import type { Page, Route } from '@playwright/test';

import {
  createKey,
  createKeys,
  createTeam,
  DAY,
  expect,
  expectFocusWithin,
  finish,
  mark,
  open,
  OWN_KEYS,
  requestsOf,
  rowOf,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';
import { latchkey } from '../program.ts';

const PROJECT = '/account-settings/project';

const keys = (page: Page, name = 'API keys') => page.getByRole('region', { name, exact: true });
const problem = (page: Page, name?: string) => keys(page, name).getByRole('alert').filter({ hasText: 'The server could not answer.' });
const again = (page: Page, name?: string) => keys(page, name).getByRole('button', { name: 'Try again' });
const described = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('rowheader').locator('bdi');
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });

const KEYS = [
  { description: 'Deploy bot', created: -9 * DAY },
  { description: 'Night watch', created: -8 * DAY },
];

/** Every answer is lost, until it is not. */
async function goOffline(page: Page, path: string, lose = (route: Route) => route.abort()): Promise<() => Promise<void>> {
  const [list, search] = [`**${path}`, `**${path}?*`];
  for (const url of [list, search]) await page.route(url, lose);
  return async () => {
    for (const url of [list, search]) await page.unroute(url);
  };
}

const online = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('online')));

test.beforeEach(async ({ page, me, guard }) => {
  guard.expectsLostAnswers();
  guard.expects(502);
  await createKeys(me, KEYS);
  await signIn(page, me);
  await open(page, OWN_KEYS);
});

for (const [what, lose] of [
  ['without a connection', undefined],
  ['behind a proxy’s error page', (route: Route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway' })],
] as const) {
  test(`${what} the list says so, and can be fetched again`, async ({ page }) => {
    const unmoved = await mark(page);
    const goOnline = await goOffline(page, OWN_KEYS, lose);
    await search(page).fill('night');
    await expect(problem(page)).toBeVisible();
    await expect(again(page)).toBeVisible();
    await expect(search(page), 'what was typed is kept').toHaveValue('night');

    const sent = requestsOf(page);
    await again(page).click();
    await expect.poll(() => sent.length, 'it is fetched again').toBe(1);
    await expect(problem(page)).toBeVisible();
    await expect(search(page)).toHaveValue('night');

    await goOnline();
    await again(page).click();
    await expect(described(page)).toHaveText(['Night watch']);
    await expect(problem(page)).toHaveCount(0);
    await expect(again(page)).toHaveCount(0);
    await expect(search(page)).toHaveValue('night');
    await expect(page).toHaveURL(`${OWN_KEYS}?q=night`);
    await expectFocusWithin(keys(page));
    await unmoved();
  });
}

test('the list comes back by itself as soon as the browser is online', async ({ page }) => {
  const unmoved = await mark(page);
  const goOnline = await goOffline(page, OWN_KEYS);
  await search(page).fill('night');
  await expect(problem(page)).toBeVisible();
  await goOnline();
  await online(page);
  await expect(described(page)).toHaveText(['Night watch']);
  await expect(problem(page)).toHaveCount(0);
  await expect(search(page)).toHaveValue('night');
  await expect(search(page), 'nobody is disturbed').toBeFocused();
  await expect(page).toHaveURL(`${OWN_KEYS}?q=night`);
  await unmoved();
});

test('the list that was not lost is left alone when the browser is online', async ({ page }) => {
  const goOnline = await goOffline(page, OWN_KEYS);
  await search(page).fill('night');
  await expect(problem(page)).toBeVisible();
  await goOnline();
  await search(page).fill('deploy');
  await expect(described(page), 'the next search is a new try').toHaveText(['Deploy bot']);
  await expect(problem(page)).toHaveCount(0);
  const sent = requestsOf(page);
  await online(page);
  await page.evaluate(() => fetch('/livez'));
  expect(sent.map((request) => new URL(request.url()).pathname)).toEqual(['/livez']);
  await expect(page).toHaveURL(`${OWN_KEYS}?q=deploy`);
});

test('a page and an order that could not be fetched are fetched by another try', async ({ page, me }) => {
  await createKeys(me, Array.from({ length: 10 }, (_, n) => ({ description: `Service ${n}`, created: (-20 - n) * DAY })));
  await open(page, OWN_KEYS);
  const goOnline = await goOffline(page, OWN_KEYS);
  await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
  await expect(problem(page)).toBeVisible();
  await expect(described(page).first(), 'the list stays in sight').toBeVisible();
  await goOnline();
  await again(page).click();
  await expect(page).toHaveURL(/sort=created/);
  await expect(described(page).first()).toHaveText('Service 9');
});

test('a key that was made while its list was lost is there after another try', async ({ page }) => {
  const goOnline = await goOffline(page, OWN_KEYS);
  await createKey(page, 'Release bot');
  await finish(page);
  await expect(problem(page)).toBeVisible();
  await goOnline();
  await again(page).click();
  await expect(rowOf(page, 'Release bot')).toBeVisible();
  await expect(problem(page)).toHaveCount(0);
});

test('a key that was renamed while its list was lost is shown after another try', async ({ page }) => {
  const goOnline = await goOffline(page, OWN_KEYS);
  await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill('Release bot');
  await page.keyboard.press('Enter');
  await expect(problem(page)).toBeVisible();
  await goOnline();
  await again(page).click();
  await expect(rowOf(page, 'Release bot')).toBeVisible();
  await expect(rowOf(page, 'Deploy bot')).toHaveCount(0);
});

test('a team’s list comes back as well', async ({ page, me }) => {
  const team = await createTeam(me);
  await createKeys(me, KEYS, team);
  await open(page, teamPage(team));
  const goOnline = await goOffline(page, teamPage(team));
  await search(page).fill('night');
  await expect(problem(page)).toBeVisible();
  await goOnline();
  await again(page).click();
  await expect(described(page)).toHaveText(['Night watch']);
});

test('the project’s list comes back as well', async ({ page, me }) => {
  await latchkey('user', 'admin', '--project', me.project, '--email', me.email, 'true');
  const mine = `Engine of ${me.email}`;
  await createKeys(me, [{ description: mine }]);
  await open(page, PROJECT);
  const goOnline = await goOffline(page, PROJECT);
  await search(page).fill(mine);
  await expect(problem(page, 'All API keys')).toBeVisible();
  await goOnline();
  await again(page, 'All API keys').click();
  await expect(described(page)).toHaveText([mine]);
});

test('that nothing can be changed is shown as soon as the list is refreshed, and no longer than it is so', async ({ page }) => {
  const banner = page.locator('#locked');
  await page.route(`**${OWN_KEYS}?*`, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace('<div class="frame">', '<div id="locked" role="status">Read-only.</div><div class="frame">');
    await route.fulfill({ response: answer, body });
  });
  await search(page).fill('night');
  await expect(banner).toHaveText('Read-only.');
  await page.unroute(`**${OWN_KEYS}?*`);
  await search(page).fill('deploy');
  await expect(banner).toHaveCount(0);
  await expect(described(page)).toHaveText(['Deploy bot']);
});
