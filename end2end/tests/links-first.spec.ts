// Create and Revoke are links to pages that do the same. A script that has started makes them buttons that open dialogs.

import type { Locator, Page } from '@playwright/test';

import {
  type Account,
  cell,
  createKeys,
  createTeam,
  DAY,
  dialog,
  expect,
  type Guard,
  holdBack,
  keysOf,
  live,
  open,
  OWN_KEYS,
  requestsOf,
  rowOf,
  SECRET,
  secretField,
  signIn,
  teamPage,
  test,
  WASM,
} from '../fixtures.ts';

const NEW_KEY = `${OWN_KEYS}/new`;
const REVOKE = 'Revoke “Deploy bot”';

/** What a browser lacks that does not know invoker commands. */
const withoutCommands = (page: Page) =>
  page.addInitScript(() => {
    for (const name of ['command', 'commandForElement']) delete (HTMLButtonElement.prototype as unknown as Record<string, unknown>)[name];
  });

const opener = (page: Page, role: 'link' | 'button', name = 'Create API key') => page.getByRole(role, { name });

/** Makes a key and revokes another, each on a page of its own. */
async function usePages(page: Page, me: Account): Promise<void> {
  await createKeys(me, [{ description: 'Deploy bot', created: -9 * DAY, used: -2 * DAY }]);
  await page.goto(OWN_KEYS);
  await expect(opener(page, 'button')).toHaveCount(0);
  await expect(opener(page, 'link')).toHaveAttribute('href', NEW_KEY);
  await opener(page, 'link').click();
  await expect(page).toHaveURL(NEW_KEY);
  await page.getByLabel('Description').fill('Night watch');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  await page.getByLabel('I have saved this key').check();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page).toHaveURL(OWN_KEYS);
  await expect(cell(rowOf(page, 'Night watch'), 'Status')).toHaveText('Valid');

  await expect(opener(page, 'button', REVOKE)).toHaveCount(0);
  await opener(page, 'link', REVOKE).click();
  await expect(dialog(page)).toHaveAccessibleName('Revoke “Deploy bot”?');
  await expect(dialog(page)).toContainText('Last used 2 days ago.');
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(OWN_KEYS));
  const keys = await keysOf(me.id);
  expect(keys.map((key) => [key.description, key.revoked_at_millis !== null])).toEqual([
    ['Deploy bot', true],
    ['Night watch', false],
  ]);
}

/** Makes the first key of all, from where the list would be. */
async function useEmptyList(page: Page, me: Account): Promise<void> {
  await page.goto(OWN_KEYS);
  await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  await expect(opener(page, 'button')).toHaveCount(0);
  await expect(opener(page, 'link')).toHaveCount(2);
  await opener(page, 'link').last().click();
  await expect(page).toHaveURL(NEW_KEY);
  await page.getByLabel('Description').fill('Night watch');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  expect(await keysOf(me.id)).toHaveLength(1);
}

interface Condition {
  before: (page: Page, guard: Guard) => Promise<unknown>;
  javaScriptEnabled?: boolean;
}

const NOT_LIVE: Record<string, Condition> = {
  'without JavaScript': { before: async () => {}, javaScriptEnabled: false },
  'without WebAssembly': {
    before: (page, guard) => {
      guard.expectsNoWasm();
      return page.route(WASM, (route) => route.abort());
    },
  },
  'in a browser that has no WebAssembly and no invoker commands': {
    before: async (page, guard) => {
      guard.expectsBrokenWasm();
      await withoutCommands(page);
      await page.addInitScript(() => delete (window as { WebAssembly?: unknown }).WebAssembly);
    },
  },
  'while WebAssembly is late': { before: (page) => holdBack(page, WASM) },
  'with broken WebAssembly': {
    before: (page, guard) => {
      guard.expectsBrokenWasm();
      return page.route(WASM, (route) => route.fulfill({ contentType: 'application/wasm', body: 'no WebAssembly at all' }));
    },
  },
  'without invoker commands and without WebAssembly': {
    before: async (page, guard) => {
      guard.expectsNoWasm();
      await withoutCommands(page);
      await page.route(WASM, (route) => route.abort());
    },
  },
};

for (const [when, { before, javaScriptEnabled = true }] of Object.entries(NOT_LIVE)) {
  test.describe(when, () => {
    test.use({ javaScriptEnabled });
    test.beforeEach(async ({ page, me, guard }) => {
      await signIn(page, me);
      await before(page, guard);
    });

    test('Create and Revoke are links to pages that do it', ({ page, me }) => usePages(page, me));

    test('Create is a link where there is no key yet', ({ page, me }) => useEmptyList(page, me));

    test('a team’s Create and Revoke are links to pages of the team', async ({ page, me }) => {
      const team = await createTeam(me);
      await createKeys(me, [{ description: 'Deploy bot' }], team);
      await page.goto(teamPage(team));
      await expect(opener(page, 'link')).toHaveAttribute('href', `${teamPage(team)}/api-keys/new`);
      await opener(page, 'link', REVOKE).click();
      await dialog(page).getByLabel('I understand').check();
      await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
      await expect(dialog(page)).toHaveCount(0);
      expect(await keysOf(team)).toMatchObject([{ revoked_at_millis: expect.any(Number) }]);
    });

    test('no button is there that does nothing', async ({ page, me }) => {
      await createKeys(me, [{ description: 'Deploy bot' }]);
      await page.goto(OWN_KEYS);
      await expect(page.getByRole('main').getByRole('button')).toHaveText(['Apply']);
      for (const role of ['link', 'button'] as const) await expect(page.getByRole('main').getByRole(role, { name: 'Cancel' })).toHaveCount(0);
    });
  });
}

test('links become buttons when late WebAssembly has come', async ({ page, me }) => {
  await createKeys(me, [{ description: 'Deploy bot' }]);
  await signIn(page, me);
  const wasm = await holdBack(page, WASM);
  await page.goto(OWN_KEYS);
  await wasm.asked;
  for (const name of ['Create API key', REVOKE]) {
    await expect(opener(page, 'link', name)).toBeVisible();
    await expect(opener(page, 'link', name)).not.toHaveAttribute('aria-haspopup');
  }
  wasm.release();
  await live(page);
  for (const name of ['Create API key', REVOKE]) {
    await expect(opener(page, 'button', name)).toBeVisible();
    await expect(opener(page, 'link', name)).toHaveCount(0);
  }
});

const OPENERS: Record<string, { keys: { description: string }[]; find: (page: Page) => Locator; title: string; page: RegExp }> = {
  Create: {
    keys: [{ description: 'Deploy bot' }],
    find: (page) => opener(page, 'button'),
    title: 'Create API key',
    page: /\/api-keys\/new$/,
  },
  'Create in the empty list': { keys: [], find: (page) => opener(page, 'button').last(), title: 'Create API key', page: /\/api-keys\/new$/ },
  Revoke: {
    keys: [{ description: 'Deploy bot' }],
    find: (page) => opener(page, 'button', REVOKE),
    title: 'Revoke “Deploy bot”?',
    page: /\/api-keys\?revoke=/,
  },
};

for (const commands of [true, false]) {
  test.describe(commands ? 'live' : 'live without invoker commands', () => {
    for (const [name, { keys, find, title, page: leadsTo }] of Object.entries(OPENERS)) {
      test.describe(name, () => {
        test.beforeEach(async ({ page, me }) => {
          if (!commands) await withoutCommands(page);
          await createKeys(me, keys);
          await signIn(page, me);
          await open(page, OWN_KEYS);
        });

        test('is a button for a dialog', async ({ page }) => {
          await expect(find(page)).toHaveAttribute('aria-haspopup', 'dialog');
          await expect(find(page)).toHaveAttribute('href', leadsTo);
        });

        for (const [how, press] of [
          ['a click', (button: Locator) => button.click()],
          ['Space', (button: Locator) => button.press('Space')],
          ['Enter', (button: Locator) => button.press('Enter')],
        ] as const) {
          test(`opens the dialog by ${how}, without a request`, async ({ page }) => {
            const sent = requestsOf(page, () => true);
            const scrolled = await page.evaluate(() => scrollY);
            await press(find(page));
            await expect(dialog(page)).toBeVisible();
            await expect(dialog(page)).toHaveAccessibleName(title);
            expect(await dialog(page).evaluate((element) => element.matches(':modal'))).toBe(true);
            expect(await page.evaluate(() => scrollY), 'Space does not scroll').toBe(scrolled);
            await page.keyboard.press('Escape');
            await expect(dialog(page)).toBeHidden();
            await expect(find(page)).toBeFocused();
            await expect(page).toHaveURL(OWN_KEYS);
            expect(sent.map((request) => request.url())).toEqual([]);
          });
        }
      });
    }
  });
}

for (const [name, { keys, find, page: leadsTo }] of Object.entries(OPENERS)) {
  test(`a click with Ctrl on ${name} opens a new tab, as on a link`, async ({ page, me, context }) => {
    await createKeys(me, keys);
    await signIn(page, me);
    await open(page, OWN_KEYS);
    const [tab] = await Promise.all([context.waitForEvent('page', { timeout: 15_000 }), find(page).click({ modifiers: ['Control'] })]);
    await expect(tab).toHaveURL(leadsTo);
    await expect(dialog(page)).toBeHidden();
    await expect(page).toHaveURL(OWN_KEYS);
  });
}

test('the page with the question works where the page is live, too', async ({ page, me }) => {
  const [key] = await createKeys(me, [{ description: 'Deploy bot' }]);
  await signIn(page, me);
  await open(page, `${OWN_KEYS}?revoke=${key}`);
  await expect(dialog(page)).toHaveAccessibleName('Revoke “Deploy bot”?');
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
  await expect(dialog(page)).toBeHidden();
});

test('a row that the list brought later is a button for a dialog too', async ({ page, me }) => {
  await createKeys(me, [{ description: 'Deploy bot' }, { description: 'Night watch', created: -DAY }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await page.getByRole('columnheader', { name: 'Description' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=description/);
  const button = opener(page, 'button', REVOKE);
  await expect(button).toHaveAttribute('aria-haspopup', 'dialog');
  await expect(button).toHaveAttribute('href', /\/api-keys\?.*revoke=/);
  await button.press('Space');
  await expect(dialog(page)).toHaveAccessibleName('Revoke “Deploy bot”?');
});
