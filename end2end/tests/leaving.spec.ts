// A page that is left: what it showed is gone, also where the browser keeps pages to come back to.

import type { Page } from '@playwright/test';

import {
  createKey,
  createKeys,
  dialog,
  endSessions,
  everythingOn,
  expect,
  finish,
  live,
  mark,
  open,
  OWN_KEYS,
  requestsOf,
  rowOf,
  SECRET,
  secretField,
  signIn,
  sql,
  test,
} from '../fixtures.ts';

test.beforeEach(async ({ page, me }) => {
  await createKeys(me, [{ description: 'Deploy bot' }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
});

/** What a browser says to a page that it puts into its back/forward cache, and when it takes it out. */
const say = (page: Page, event: 'pagehide' | 'pageshow', persisted: boolean) =>
  page.evaluate(([name, persisted]) => window.dispatchEvent(new PageTransitionEvent(name, { persisted })), [event, persisted] as const);

for (const kept of [true, false]) {
  test(`the secret is gone from a page that ${kept ? 'the browser keeps' : 'is left for good'}`, async ({ page }) => {
    const secret = await createKey(page, 'Night watch');
    const core = SECRET.exec(secret)![1]!;
    expect(await everythingOn(page)).toContain(core);
    await say(page, 'pagehide', kept);
    await expect(page.locator('#secret')).toHaveValue('');
    expect(await everythingOn(page)).not.toContain(core);
  });
}

test('a page that was kept is loaded again', async ({ page, me }) => {
  await sql(`UPDATE api_keys SET description = 'Release bot' WHERE owner_user_id = :'user'`, { user: me.id });
  await mark(page);
  await say(page, 'pagehide', true);
  await Promise.all([page.waitForEvent('load'), say(page, 'pageshow', true)]);
  await live(page);
  expect(await page.evaluate(() => 'marked' in window)).toBe(false);
  await expect(rowOf(page, 'Release bot')).toBeVisible();
});

test('a page that was kept shows nothing to somebody whose session has ended', async ({ page, me }) => {
  await say(page, 'pagehide', true);
  await endSessions(me);
  await say(page, 'pageshow', true);
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByText('Deploy bot')).toHaveCount(0);
});

test('a page that was not kept is not loaded again', async ({ page }) => {
  const unmoved = await mark(page);
  const sent = requestsOf(page);
  await say(page, 'pageshow', false);
  await page.evaluate(() => fetch('/livez'));
  expect(sent.map((request) => new URL(request.url()).pathname)).toEqual(['/livez']);
  await unmoved();
});

test('a page that was kept after its secret was left is loaded again without asking', async ({ page, guard }) => {
  await createKey(page, 'Night watch');
  await say(page, 'pagehide', true);
  await Promise.all([page.waitForEvent('load'), say(page, 'pageshow', true)]);
  await live(page);
  expect(guard.asked, 'there is nothing left to be saved').toBe(0);
  await expect(dialog(page)).toBeHidden();
  await expect(rowOf(page, 'Night watch')).toBeVisible();
  await expect(secretField(page)).toBeHidden();
});

test('a page without a secret lets itself be left without asking', async ({ page, guard }) => {
  await createKey(page, 'Night watch');
  await finish(page);
  await page.evaluate(() => location.assign('/account-settings/profile'));
  await expect(page).toHaveURL('/account-settings/profile');
  await page.goBack();
  await live(page);
  await expect(rowOf(page, 'Night watch')).toBeVisible();
  expect(guard.asked).toBe(0);
});
