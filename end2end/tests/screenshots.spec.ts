// Pictures of every page and dialog, for people to look at: test-results/screenshots. With UPDATE_SCREENSHOT set,
// also the README's picture.

import type { Page } from '@playwright/test';

import {
  type Account,
  createKey,
  createKeys,
  createTeam,
  createUser,
  DAY,
  dialog,
  expect,
  join,
  open,
  openCreateDialog,
  OWN_KEYS,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';

const HOUR = DAY / 24;

async function furnish(me: Account): Promise<string> {
  const team = await createTeam(me, 'Analytical Engines');
  const ada = await createUser('Ada Lovelace', me.project);
  await join(team, ada, 'team_member');
  await createKeys(me, [
    { description: 'Laptop command line', created: -12 * DAY, expires: 78 * DAY, used: -2 * HOUR, lastFour: '6bb1' },
    { description: 'Continuous integration', created: -27 * DAY, expires: 3 * DAY, used: -9 * DAY, lastFour: 'a04c' },
    { description: 'Home server backup', created: -200 * DAY, used: -30 * HOUR, lastFour: '91ef' },
    { description: 'Conference demo', created: -90 * DAY, expires: -60 * DAY, used: -61 * DAY, lastFour: '2d77' },
    { description: 'Old phone', created: -400 * DAY, revoked: -35 * DAY, lastFour: 'c58e' },
  ]);
  await createKeys(me, [{ description: 'Production', created: -63 * DAY, expires: 302 * DAY, used: -HOUR / 2, lastFour: '7f3a' }], team);
  await createKeys(ada, [{ description: 'Nightly export', created: -25 * DAY, expires: 5 * DAY, lastFour: 'e1d0' }], team);
  return team;
}

const VIEWS: Record<string, (page: Page, team: string) => Promise<unknown>> = {
  home: (page) => open(page, '/account-settings'),
  profile: (page) => open(page, '/account-settings/profile'),
  settings: (page) => open(page, '/account-settings/settings'),
  keys: (page) => open(page, OWN_KEYS),
  'keys-inactive': (page) => open(page, `${OWN_KEYS}?inactive=1`),
  'keys-nothing-found': (page) => open(page, `${OWN_KEYS}?q=nothing`),
  'keys-new': (page) => open(page, `${OWN_KEYS}/new`),
  'keys-rename': async (page) => {
    await open(page, OWN_KEYS);
    await page.getByRole('link', { name: 'Rename “Laptop command line”' }).click();
  },
  'dialog-create': async (page) => {
    await open(page, OWN_KEYS);
    await openCreateDialog(page);
  },
  'dialog-create-error': async (page) => {
    await open(page, OWN_KEYS);
    const form = await openCreateDialog(page);
    await form.getByLabel('Description').fill('Deploy bot');
    await form.getByLabel('Expires').selectOption('Custom date');
    await form.getByLabel('Date and time').fill('2020-01-01T00:00');
    await form.getByRole('button', { name: 'Create API key' }).click();
    await expect(form.getByText('Choose a time in the future.')).toBeVisible();
  },
  'dialog-secret': async (page) => {
    await open(page, OWN_KEYS);
    await createKey(page, 'Deploy bot');
  },
  'dialog-revoke': async (page) => {
    await open(page, OWN_KEYS);
    await page.getByRole('button', { name: 'Revoke “Laptop command line”' }).click();
    await expect(dialog(page)).toBeVisible();
  },
  'keys-empty': async (page) => {
    await signIn(page, await createUser('Mary Somerville'));
    await open(page, OWN_KEYS);
  },
  'team-member': async (page, team) => {
    const member = await createUser('Mary Somerville');
    await join(team, member, 'team_member');
    await signIn(page, member);
    await open(page, teamPage(team));
  },
  'team-new': (page) => open(page, '/account-settings/teams/new'),
  team: (page, team) => open(page, teamPage(team)),
  missing: (page) => open(page, '/nothing'),
  'sign-in': async (page) => {
    await page.context().clearCookies();
    await open(page, '/sign-in');
  },
  'sign-up': async (page) => {
    await page.context().clearCookies();
    await open(page, '/sign-up');
  },
  'sign-in-error': async (page) => {
    await page.context().clearCookies();
    await open(page, '/sign-in');
    await page.getByLabel('E-mail').fill('grace@example.com');
    await page.getByLabel('Password').fill('wrong password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Wrong e-mail or password.')).toBeVisible();
  },
};

for (const [name, show] of Object.entries(VIEWS)) {
  test(`picture: ${name}`, async ({ page, me, guard }) => {
    guard.expects(404, 422);
    guard.leaves = true;
    const team = await furnish(me);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await signIn(page, me);
    await show(page, team);
    for (const [size, width, height] of [['wide', 1440, 900], ['phone', 390, 844]] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `test-results/screenshots/${name}-${size}-${colorScheme}.png`, animations: 'disabled' });
      }
    }
  });
}

// Not a test but a picture for the README, so it is there only when it is asked for.
if (process.env.UPDATE_SCREENSHOT) {
  test('picture: the README’s', async ({ page, me }) => {
    await furnish(me);
    await signIn(page, me);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await open(page, `${OWN_KEYS}?inactive=1`);
    await page.screenshot({ path: 'screenshot.png', animations: 'disabled' });
  });
}
