// Axe finds nothing on any page or dialog, in light and dark, wide and narrow; and the keyboard alone does everything.

import type { Locator, Page } from '@playwright/test';

import {
  type Account,
  audit,
  cell,
  createKey,
  createKeys,
  createTeam,
  createUser,
  DAY,
  dialog,
  expect,
  join,
  joinTeams,
  keysOf,
  live,
  open,
  openCreateDialog,
  OWN_KEYS,
  reload,
  rowOf,
  SECRET,
  secretField,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';

const LOOKS = [
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 1440, height: 900 },
  { colorScheme: 'light', width: 320, height: 640 },
  { colorScheme: 'dark', width: 320, height: 640 },
] as const;

/** In every look: axe finds nothing, and nothing sticks out. What does not depend on colours is asked once for each width. */
async function auditAll(page: Page) {
  test.slow();
  for (const { colorScheme, width, height } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await audit(page, `${page.url()}, ${colorScheme}, ${width} px`, colorScheme === 'dark');
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over, `scrolls sideways at ${width} px`).toBe(0);
  }
}

test('axe: the API reference, for whoever is not signed in, with an operation open', async ({ page }) => {
  await open(page, '/api-reference');
  const check = page.locator('details').filter({ hasText: '/user-api-keys/check' });
  await check.locator('summary').click();
  await expect(check.getByText('API_KEY_REVOKED')).toBeVisible();
  await auditAll(page);
});

test('axe: the page for whoever uses a page of another account', async ({ page, me, guard }) => {
  guard.expects(409);
  await signIn(page, me);
  await open(page, `${OWN_KEYS}/new`);
  await page.getByLabel('Description').fill('Night watch');
  await signIn(page, await createUser('Ada Lovelace'));
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(page.getByRole('heading', { name: 'Another account is signed in' })).toBeVisible();
  await auditAll(page);
});

async function keysOfEveryKind(me: Account, team = '') {
  await createKeys(
    me,
    [
      { description: 'Laptop', created: -12 * DAY, expires: 78 * DAY, used: -DAY },
      { description: 'Continuous integration of everything that we have ever built together', created: -27 * DAY, expires: 3 * DAY },
      { description: 'Home server', created: -200 * DAY, used: -2 * DAY },
      { description: 'Conference', created: -90 * DAY, expires: -60 * DAY, used: -61 * DAY },
      { description: 'x'.repeat(255), created: -400 * DAY, revoked: -35 * DAY },
    ],
    team,
  );
}

const validKeys = (me: Account, count: number) =>
  createKeys(me, Array.from({ length: count }, (_, n) => ({ description: `Key ${n}` })));

const PAGES: Record<string, { path: string | ((team: string) => string); before?: (me: Account, team: string) => Promise<unknown>; status?: number }> = {
  profile: { path: '/account-settings' },
  'profile’s own address': { path: '/account-settings/profile' },
  settings: { path: '/account-settings/settings' },
  'no keys': { path: OWN_KEYS },
  keys: { path: `${OWN_KEYS}?inactive=1&sort=created&dir=desc`, before: keysOfEveryKind },
  'many keys': {
    path: `${OWN_KEYS}?page=2`,
    before: (me) => createKeys(me, Array.from({ length: 31 }, (_, n) => ({ description: `Key ${n}` }))),
  },
  'as many keys as may be': { path: OWN_KEYS, before: (me) => validKeys(me, 100) },
  'nearly as many keys as may be': { path: `${OWN_KEYS}/new`, before: (me) => validKeys(me, 99) },
  'no room for a key': { path: `${OWN_KEYS}/new`, before: (me) => validKeys(me, 100) },
  'many teams': { path: '/account-settings/teams', before: (me) => joinTeams(me, 60) },
  'no team found': { path: '/account-settings/teams?q=nothing', before: (me) => joinTeams(me, 60) },
  'nothing found': { path: `${OWN_KEYS}?q=nothing`, before: keysOfEveryKind },
  'renaming without a script': { path: OWN_KEYS, before: keysOfEveryKind },
  'making a key': { path: `${OWN_KEYS}/new` },
  'founding a team': { path: '/account-settings/teams/new' },
  'a team with keys': { path: teamPage, before: keysOfEveryKind },
  'a team’s new key': { path: (team) => `${teamPage(team)}/api-keys/new` },
  'nothing there': { path: '/nothing', status: 404 },
};

for (const [name, { path, before, status }] of Object.entries(PAGES)) {
  test(`axe: ${name}`, async ({ page, me, guard }) => {
    if (status) guard.expects(status);
    const team = await createTeam(me, 'Analytics and everything that has to do with it');
    await join(team, await createUser('Ada Lovelace'), 'team_member');
    await before?.(me, name === 'a team with keys' ? team : '');
    await signIn(page, me);
    await open(page, typeof path === 'string' ? path : path(team));
    if (name === 'renaming without a script') {
      const [key] = await keysOf(me.id);
      await open(page, `${OWN_KEYS}?inactive=1&rename=${key!.api_key_id}`);
    }
    await auditAll(page);
  });
}

for (const path of ['/sign-in', '/sign-up']) {
  test(`axe: ${path}, and with an error`, async ({ page, guard }) => {
    guard.expects(422);
    await open(page, path);
    await auditAll(page);
    await page.getByLabel('E-mail').fill('ada@b');
    await page.getByLabel('Password').fill('whatever it is');
    await page.getByRole('button').click();
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toBeVisible();
    await auditAll(page);
  });
}

test.describe('dialogs', () => {
  test.beforeEach(async ({ page, me }) => {
    await keysOfEveryKind(me);
    await signIn(page, me);
    await open(page, OWN_KEYS);
  });

  test('axe: making a key', async ({ page }) => {
    const form = await openCreateDialog(page);
    await auditAll(page);
    await form.getByLabel('Expires').selectOption('Never');
    await auditAll(page);
  });

  test('axe: making a key, with errors', async ({ page, guard }) => {
    guard.expects(422);
    const form = await openCreateDialog(page);
    await form.getByLabel('Expires').selectOption('Custom date');
    await form.getByLabel('Description').fill('x'.repeat(256));
    await form.getByLabel('Date and time').fill('2096-01-01T00:00');
    await form.getByRole('button', { name: 'Create API key' }).click();
    await expect(form.getByText('Use at most 255 characters.')).toBeVisible();
    await auditAll(page);
  });

  test('axe: the secret', async ({ page }) => {
    await createKey(page, 'Deploy bot');
    await page.getByRole('button', { name: 'Done' }).click({ force: true });
    await auditAll(page);
  });

  test('axe: the secret on a page of its own', async ({ page }) => {
    await page.goto(`${OWN_KEYS}/new`);
    await live(page);
    await page.getByLabel('Description').fill('Deploy bot');
    await page.getByLabel('Description').evaluate((field: HTMLInputElement) => field.form!.submit());
    await expect(secretField(page)).toHaveValue(SECRET);
    await auditAll(page);
  });

  test('axe: revoking', async ({ page }) => {
    await page.getByRole('button', { name: 'Revoke “Laptop”' }).click();
    await expect(dialog(page)).toBeVisible();
    await auditAll(page);
  });

  test('axe: renaming, with an error', async ({ page, guard }) => {
    guard.expects(422);
    await page.getByRole('link', { name: 'Rename “Laptop”' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill(' ');
    await page.keyboard.press('Enter');
    await expect(page.getByText('This field is required.')).toBeVisible();
    await auditAll(page);
  });

  test('dialogs keep the focus and give it back', async ({ page }) => {
    for (const button of ['Create API key', 'Revoke “Laptop”']) {
      const opener = page.getByRole('button', { name: button }).first();
      await opener.focus();
      await page.keyboard.press('Enter');
      await expect(dialog(page)).toBeVisible();
      for (let steps = 0; steps < 20; steps++) {
        await page.keyboard.press(steps < 10 ? 'Tab' : 'Shift+Tab');
        // The browser's own controls are the one other place to be.
        const where = await page.evaluate(() => {
          const active = document.activeElement!;
          return active === document.body || Boolean(active.closest('dialog[open]'));
        });
        expect(where, `${button}, step ${steps}`).toBe(true);
      }
      await page.keyboard.press('Escape');
      await expect(dialog(page)).toBeHidden();
      await expect(opener).toBeFocused();
    }
  });
});

/** Goes on with Tab until something has the focus that can be seen to have it. */
async function tabTo(page: Page, name: string, role: 'button' | 'link' | 'textbox' | 'checkbox', within: Page | Locator = page) {
  const wanted = within.getByRole(role, { name, exact: true }).filter({ visible: true }).first();
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      const seen = await wanted.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
      });
      expect(seen, `one can see that ${name} has the focus`).toBe(true);
      return;
    }
  }
  throw new Error(`Tab does not lead to ${role} ${name}`);
}

test('the keyboard alone signs in, makes, renames and revokes a key, and signs out', async ({ page, me }) => {
  const { keyboard } = page;
  await open(page, `/sign-in?to=${encodeURIComponent(`${OWN_KEYS}?inactive=1`)}`);
  await tabTo(page, 'E-mail', 'textbox');
  await keyboard.type(me.email);
  await keyboard.press('Tab');
  await keyboard.type(me.password);
  await keyboard.press('Enter');
  await expect(page).toHaveURL(`${OWN_KEYS}?inactive=1`);
  await live(page);

  await keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeInViewport();
  await keyboard.press('Enter');
  await tabTo(page, 'Create API key', 'button');
  await keyboard.press('Enter');
  await expect(dialog(page).getByLabel('Description')).toBeFocused();
  await keyboard.type('Deploy bot');
  await keyboard.press('Tab');
  await keyboard.type('90');
  await tabTo(page, 'Create API key', 'button', dialog(page));
  await keyboard.press('Enter');
  await expect(secretField(page)).toHaveValue(SECRET);
  await expect(secretField(page)).toBeFocused();
  await tabTo(page, 'I have saved this key', 'checkbox');
  await keyboard.press('Space');
  await tabTo(page, 'Done', 'button');
  await keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();
  expect((await keysOf(me.id)).map((key) => Math.round((key.expires_at_millis! - key.created_at_millis) / DAY))).toEqual([90]);

  await tabTo(page, 'Rename “Deploy bot”', 'link');
  await keyboard.press('Enter');
  await keyboard.type('Release bot');
  await keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Rename “Release bot”' })).toBeFocused();
  await tabTo(page, 'Revoke “Release bot”', 'button');
  await keyboard.press('Space');
  await tabTo(page, 'I understand', 'checkbox');
  await keyboard.press('Space');
  await tabTo(page, 'Revoke key', 'button');
  await keyboard.press('Enter');
  await expect(cell(rowOf(page, 'Release bot'), 'Status')).toHaveText('Revoked');

  await reload(page);
  await tabTo(page, 'Settings', 'link');
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/account-settings/settings');
  await live(page);
  await tabTo(page, 'Sign out', 'button');
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/sign-in');
});

test('every page has one main part, one first heading and a title of its own', async ({ page, me }) => {
  const team = await createTeam(me);
  await signIn(page, me);
  const titles = new Set<string>();
  const paths = ['/account-settings/profile', '/account-settings/settings', OWN_KEYS, `${OWN_KEYS}/new`, '/account-settings/teams/new', teamPage(team)];
  for (const path of paths) {
    await open(page, path);
    await expect(page.getByRole('main'), path).toHaveCount(1);
    await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1);
    await expect(page.locator('html'), path).toHaveAttribute('lang', 'en');
    titles.add(await page.title());
    await expect(page.getByRole('navigation', { name: 'Account settings' }).locator('[aria-current=page]'), path).toHaveCount(1);
  }
  expect(titles.size).toBe(paths.length);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('the list of entries comes first, then the entry with a way back', async ({ page, me }) => {
    await keysOfEveryKind(me);
    await signIn(page, me);
    await open(page, '/account-settings');
    await expect(page.getByRole('heading', { name: 'Account settings' })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'My profile' })).toBeHidden();
    await page.getByRole('link', { name: 'API keys' }).tap();
    await expect(page.getByRole('navigation', { name: 'Account settings' })).toBeHidden();
    await expect(rowOf(page, 'Laptop')).toBeInViewport();
    await page.getByRole('link', { name: 'All settings' }).tap();
    await expect(page).toHaveURL('/account-settings');
    await page.getByRole('link', { name: 'My profile' }).tap();
    await expect(page.getByRole('heading', { name: 'My profile' })).toBeVisible();
  });
});
