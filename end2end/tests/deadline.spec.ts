// A server that never answers: after 15 seconds a form says that nobody knows what became of it, and can be sent again.

import { createHash } from 'node:crypto';

import type { Locator, Page, Request, Route } from '@playwright/test';

import {
  type Account,
  createKeys,
  createTeam,
  dialog,
  expect,
  type Guard,
  keysOf,
  open,
  openCreateDialog,
  OWN_KEYS,
  post,
  SECRET,
  secretField,
  signIn,
  statusRegions,
  stopTheClock,
  teamPage,
  test,
} from '../fixtures.ts';
import { type Proxy, proxy } from '../proxy.ts';

const DEADLINE = 15_000;
const UNKNOWN = 'The server did not respond. It is unknown whether your change was made.';

/** The next request to an address gets no answer. */
async function silence(page: Page, url: string, before: (route: Route) => unknown = () => {}): Promise<{ asked: Promise<Request> }> {
  await page.route(url, async (route) => void (await before(route)), { times: 1 });
  return { asked: page.waitForRequest(url) };
}

/** Signs in through a proxy, where the name of the cookie is another. */
async function visitBehind(through: Proxy, page: Page, { email, password }: Account, guard: Guard): Promise<void> {
  guard.allow(through.url);
  const { url } = through;
  const answer = await post(page.request, '/fn/sign-in', { email, password }, { url });
  expect(answer.status()).toBe(200);
}

interface Form {
  path: string;
  page: (me: Account) => Promise<string> | string;
  show: (page: Page, me: Account) => Promise<Locator>;
  kept: (form: Locator) => Promise<void>;
  done: (page: Page) => Promise<void>;
}

const typed = (label: string, text: string) => (form: Locator) => expect(form.getByLabel(label)).toHaveValue(text);
const box = (label: string, text: string) => async (page: Page) => {
  await page.getByLabel(label).fill(text);
  return page.locator('form').filter({ has: page.getByLabel(label) });
};
const said = (text: string) => async (page: Page) => {
  await expect(page.getByRole('status').filter({ hasText: text })).toBeAttached();
};

const FORMS: Record<string, Form> = {
  'makes a key': {
    path: '/fn/api-keys/create',
    page: () => OWN_KEYS,
    show: async (page) => {
      const form = await openCreateDialog(page);
      await form.getByLabel('Description').fill('Night watch');
      await form.getByLabel('Expires').selectOption('90 days');
      return form;
    },
    kept: async (form) => {
      await expect(form.getByLabel('Description')).toHaveValue('Night watch');
      await expect(form.getByLabel('Expires').locator('option:checked')).toHaveText('90 days');
    },
    done: (page) => expect(secretField(page)).toHaveValue(SECRET),
  },
  'renames a key': {
    path: '/fn/api-keys/rename',
    page: () => OWN_KEYS,
    show: async (page) => {
      await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
      await page.getByRole('textbox', { name: 'New name' }).fill('Release bot');
      return page.locator('form').filter({ has: page.getByRole('textbox', { name: 'New name' }) });
    },
    kept: typed('New name', 'Release bot'),
    done: said('Renamed to “Release bot”.'),
  },
  'revokes a key': {
    path: '/fn/api-keys/revoke',
    page: () => OWN_KEYS,
    show: async (page) => {
      await page.getByRole('button', { name: 'Revoke “Deploy bot”' }).click();
      await dialog(page).getByLabel('I understand').check();
      return dialog(page);
    },
    kept: (form) => expect(form.getByLabel('I understand')).toBeChecked(),
    done: said('Revoked.'),
  },
  'changes one’s name': { path: '/fn/profile/rename', page: () => '/account-settings/profile', show: box('Display name', 'Amazing Grace'), kept: typed('Display name', 'Amazing Grace'), done: said('Display name changed.') },
  'renames a team': { path: '/fn/teams/rename', page: async (me) => teamPage(await createTeam(me)), show: box('Team name', 'Linkers'), kept: typed('Team name', 'Linkers'), done: said('Team renamed.') },
};

test.beforeEach(async ({ page, me }) => {
  await createKeys(me, [{ description: 'Deploy bot' }]);
  await signIn(page, me);
});

for (const [what, { path, page: shown, show, kept, done }] of Object.entries(FORMS)) {
  test(`the form that ${what} says after 15 seconds that the outcome is unknown, and can be sent again`, async ({ page, me }) => {
    await open(page, await shown(me));
    await stopTheClock(page);
    const form = await show(page, me);
    const button = form.locator('button[type=submit]');
    const { asked } = await silence(page, `**${path}`);
    await button.press('Enter');
    await asked;
    await page.clock.runFor(DEADLINE - 1_000);
    await expect(button, 'it waits').toHaveAttribute('aria-disabled', 'true');
    await expect(form.getByText(UNKNOWN)).toHaveCount(0);
    await page.clock.runFor(1_000);
    await expect(form.getByRole('alert').filter({ hasText: UNKNOWN })).toBeVisible();
    await expect(button).not.toHaveAttribute('aria-disabled', 'true');
    await expect(button, 'the focus stays').toBeFocused();
    await kept(form);
    expect((await statusRegions(page)).join(''), 'nothing is said to be going on').not.toMatch(/Working|Creating/);
    await button.press('Enter');
    await done(page);
  });
}

test('a key that was made without an answer is made once, and the second answer has its secret', async ({ page, me }) => {
  await open(page, OWN_KEYS);
  await stopTheClock(page);
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Night watch');
  const { asked } = await silence(page, '**/fn/api-keys/create', (route) => route.fetch());
  await form.locator('button[type=submit]').press('Enter');
  await asked;
  await expect.poll(() => keysOf(me.id)).toHaveLength(2);
  await page.clock.runFor(DEADLINE);
  await expect(form.getByRole('alert').filter({ hasText: UNKNOWN })).toBeVisible();
  await form.locator('button[type=submit]').press('Enter');
  await expect(secretField(page)).toHaveValue(SECRET);
  const digest = createHash('sha256').update(await secretField(page).inputValue()).digest('hex');
  const keys = (await keysOf(me.id)).filter((key) => key.description === 'Night watch');
  expect(keys.map((key) => key.digest)).toEqual([digest]);
});

test('so is one on a page of its own', async ({ page, me, baseURL, guard }) => {
  let answered = -1;
  const silent = await proxy(baseURL!, { swallows: (request) => request.method === 'POST' && ++answered === 1 });
  await visitBehind(silent, page, me, guard);
  // While the browser waits for a page, nothing can be asked of the one that is shown: it writes down what it says.
  await page.addInitScript((deadline) => {
    const { setTimeout } = window;
    window.setTimeout = ((run: () => void, delay: number) => setTimeout(run, delay === deadline ? 300 : delay)) as typeof window.setTimeout;
    const note = () => {
      const said = document.querySelector('#main .form-error')?.textContent;
      if (said) sessionStorage.setItem('said', `${said} ${document.activeElement?.id}`);
    };
    new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true });
  }, DEADLINE);
  await open(page, `${silent.url}${OWN_KEYS}/new`);
  await page.getByLabel('Description').fill('Night watch');
  const again = async () => {
    await page.keyboard.press('Enter');
    return answered;
  };
  await expect.poll(again, 'until the deadline, nothing is sent again').toBe(2);
  await expect(secretField(page)).toHaveValue(SECRET);
  const said = await page.evaluate(() => sessionStorage.getItem('said'));
  expect(said).toContain(UNKNOWN);
  expect(said, 'the focus stays').toMatch(/ create-description$/);
  const digest = createHash('sha256').update(await secretField(page).inputValue()).digest('hex');
  const keys = (await keysOf(me.id)).filter((key) => key.description === 'Night watch');
  expect(keys.map((key) => key.digest)).toEqual([digest]);
  await silent.stop();
});

test('signing in can be tried again', async ({ page, me, context }) => {
  await context.clearCookies();
  await open(page, '/sign-in');
  await stopTheClock(page);
  await page.getByLabel('E-mail').fill(me.email);
  await page.getByLabel('Password').fill(me.password);
  const { asked } = await silence(page, '**/fn/sign-in');
  await page.keyboard.press('Enter');
  await asked;
  await page.clock.runFor(DEADLINE);
  await expect(page.getByRole('alert').filter({ hasText: /^The server could not answer\. Check/ })).toBeVisible();
  await expect(page.getByLabel('Password')).toHaveValue(me.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/account-settings');
});

const keys = (page: Page) => page.getByRole('region', { name: 'API keys', exact: true });

test('a list without an answer says so after 15 seconds, and can be fetched again', async ({ page }) => {
  await open(page, OWN_KEYS);
  await stopTheClock(page);
  const search = page.getByRole('searchbox', { name: 'Search' });
  const { asked } = await silence(page, `**${OWN_KEYS}?*`);
  await search.fill('deploy');
  await page.clock.runFor(1_000);
  await asked;
  await page.clock.runFor(DEADLINE);
  await expect(keys(page).getByRole('alert').filter({ hasText: 'The server could not answer.' })).toBeVisible();
  await expect(search).toHaveValue('deploy');
  await expect(search).toBeFocused();
  await expect(page.getByRole('rowheader').filter({ hasText: 'Deploy bot' }), 'the list stays in sight').toBeVisible();
  await keys(page).getByRole('button', { name: 'Try again' }).click();
  await expect(page).toHaveURL(`${OWN_KEYS}?q=deploy`);
  await expect(keys(page).getByRole('alert').filter({ hasText: /./ })).toHaveCount(0);
});

test('an answer that stops in the middle counts as none', async ({ page, me, baseURL, guard }) => {
  let stalls = false;
  const slow = await proxy(baseURL!, { stalls: (request) => stalls && request.method === 'POST' });
  await visitBehind(slow, page, me, guard);
  await open(page, slow.url + OWN_KEYS);
  await stopTheClock(page);
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill('Night watch');
  stalls = true;
  const begun = page.waitForResponse('**/fn/api-keys/create');
  await form.locator('button[type=submit]').press('Enter');
  await begun;
  await page.clock.runFor(DEADLINE);
  await expect(form.getByRole('alert').filter({ hasText: UNKNOWN })).toBeVisible();
  stalls = false;
  await form.locator('button[type=submit]').press('Enter');
  await expect(secretField(page)).toHaveValue(SECRET);
  expect((await keysOf(me.id)).filter((key) => key.description === 'Night watch')).toHaveLength(1);
  await slow.stop();
});
