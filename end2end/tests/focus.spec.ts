// The focus is always on something: whoever uses the keyboard or a screen reader goes on from where they were.

import type { Page } from '@playwright/test';

import {
  createKeys,
  createTeam,
  createUser,
  DAY,
  expect,
  dialog,
  expectFocusWithin,
  live,
  open,
  OWN_KEYS,
  rowOf,
  saidAloud,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';
import { latchkey } from '../program.ts';

const main = (page: Page) => page.getByRole('main');
const keys = (page: Page) => page.getByRole('region', { name: 'API keys' });
const range = (page: Page) => page.getByRole('navigation', { name: 'Pages' });
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });
const save = (page: Page) => page.getByRole('button', { name: 'Save' });

/** Ways to press a button that has the focus before and should have it, or what it leads to, after. */
const WAYS: Record<string, (page: Page) => Promise<void>> = {
  'with the mouse': (page) => save(page).click(),
  'with Space': (page) => save(page).press('Space'),
  'with Enter': (page) => save(page).press('Enter'),
};

for (const [how, press] of Object.entries(WAYS)) {
  test(`the focus is not lost by saving one’s name ${how}`, async ({ page, me }) => {
    await signIn(page, me);
    await open(page, '/account-settings/profile');
    await page.getByRole('textbox', { name: 'Display name' }).fill('Amazing Grace');
    await press(page);
    await expect(saidAloud(page).filter({ hasText: 'Display name changed.' })).toBeAttached();
    await expect(save(page), 'the focus stays').toBeFocused();
  });
}

test('the focus stays in the field whose Enter saved one’s name', async ({ page, me }) => {
  await signIn(page, me);
  await open(page, '/account-settings/profile');
  const name = page.getByRole('textbox', { name: 'Display name' });
  await name.fill('Amazing Grace');
  await name.press('Enter');
  await expect(saidAloud(page).filter({ hasText: 'Display name changed.' })).toBeAttached();
  await expect(name).toBeFocused();
});

test('the focus is not lost by a wrong password', async ({ page, me, guard }) => {
  guard.expects(422);
  await open(page, '/sign-in');
  await page.getByLabel('E-mail').fill(me.email);
  await page.getByLabel('Password').fill('wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Wrong e-mail or password.' })).toBeVisible();
  const places = page.getByLabel('Password').or(page.getByRole('button', { name: 'Sign in' }));
  await expect(places.and(page.locator(':focus')), 'the focus is on the password or on the button').toHaveCount(1);
});

test('the focus is not lost by an answer that was lost', async ({ page, me, guard }) => {
  guard.expectsLostAnswers();
  await signIn(page, me);
  await open(page, '/account-settings/profile');
  await page.route('**/fn/profile/rename', (route) => route.abort(), { times: 1 });
  await page.getByRole('textbox', { name: 'Display name' }).fill('Amazing Grace');
  await save(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The server did not respond.' })).toBeVisible();
  await expect(save(page)).toBeFocused();
});

test('the focus stays on a name for a team that cannot be', async ({ page, me, guard }) => {
  guard.expects(422);
  await signIn(page, me);
  await open(page, '/account-settings/teams/new');
  await page.getByRole('textbox', { name: 'Team name' }).fill('  ');
  await page.getByRole('button', { name: 'Create a team' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'This field is required.' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Team name' })).toBeFocused();
});

test('the focus is not lost by renaming a team', async ({ page, me }) => {
  const team = await createTeam(me, 'Analytics');
  await signIn(page, me);
  await open(page, teamPage(team));
  for (const name of ['Compilers', 'Linkers']) {
    await page.getByRole('textbox', { name: 'Team name' }).fill(name);
    await save(page).first().click();
    await expect(page.getByRole('heading', { name })).toBeVisible();
    await expectFocusWithin(main(page));
  }
});

test('the focus stays on a switch of the project', async ({ site, visit }) => {
  const admin = await createUser('Root', site.project);
  await latchkey('user', 'admin', '--project', site.project, '--email', admin.email, 'true');
  const page = await visit(admin, { url: site.url });
  await open(page, '/account-settings/project');
  for (const name of ['User API keys', 'Team API keys']) {
    const control = page.getByRole('switch', { name });
    await control.focus();
    for (const on of [false, true]) {
      await page.keyboard.press('Space');
      if (!on) {
        await expectFocusWithin(dialog(page), 'the focus is in the question');
        await dialog(page).getByRole('button', { name: 'Switch off' }).press('Enter');
      }
      await expect(control).toBeChecked({ checked: on });
      await expect(control).toBeFocused();
    }
  }
});

test.describe('in the list', () => {
  test.beforeEach(async ({ page, me }) => {
    await createKeys(me, [
      ...Array.from({ length: 21 }, (_, n) => ({ description: `Service ${n}`, created: -n * DAY })),
      { description: 'Leaked', revoked: -DAY },
    ]);
    await signIn(page, me);
    await open(page, OWN_KEYS);
  });

  test('the focus goes to the search when the filters are cleared', async ({ page }) => {
    await search(page).fill('no such key');
    await expect(page.getByRole('heading', { name: 'No API keys found' })).toBeVisible();
    await page.getByRole('link', { name: 'Clear filters' }).press('Enter');
    await expect(range(page)).toContainText('1–10 of 21');
    await expect(search(page)).toBeFocused();
    await expect(search(page)).toHaveValue('');
  });

  test('the focus is not lost on the last page, nor on the first', async ({ page }) => {
    const [next, previous] = [page.getByRole('link', { name: 'Next' }), page.getByRole('link', { name: 'Previous' })];
    await next.press('Enter');
    await expect(range(page)).toContainText('11–20 of 21');
    await expect(next).toBeFocused();
    await next.press('Enter');
    await expect(range(page)).toContainText('21–21 of 21');
    await expect(next).toHaveCount(0);
    await expectFocusWithin(keys(page));
    await previous.press('Enter');
    await expect(range(page)).toContainText('11–20 of 21');
    await expect(previous).toBeFocused();
    await previous.press('Enter');
    await expect(range(page)).toContainText('1–10 of 21');
    await expect(previous).toHaveCount(0);
    await expectFocusWithin(keys(page));
  });

  test('the focus stays on the head of the column that is sorted by', async ({ page }) => {
    const head = page.getByRole('columnheader', { name: 'Created' });
    for (const order of ['ascending', 'descending']) {
      await head.getByRole('link').press('Enter');
      await expect(head).toHaveAttribute('aria-sort', order);
      await expect(head.getByRole('link')).toBeFocused();
    }
  });

  test('the focus stays where inactive keys are shown and hidden', async ({ page }) => {
    await page.getByRole('link', { name: 'Show inactive (1)' }).press('Enter');
    await expect(page.getByRole('link', { name: 'Hide inactive' })).toBeFocused();
    await page.getByRole('link', { name: 'Hide inactive' }).press('Enter');
    await expect(page.getByRole('link', { name: 'Show inactive (1)' })).toBeFocused();
  });

  test('the focus stays in a rename that is refused, and goes to the pencil of one that is not', async ({ page, guard }) => {
    guard.expects(422);
    await page.getByRole('link', { name: 'Rename “Service 3”' }).click();
    const name = page.getByRole('textbox', { name: 'New name' });
    await name.fill('   ');
    await save(page).click();
    await expect(page.getByRole('alert').filter({ hasText: 'This field is required.' })).toBeVisible();
    await expect(name).toBeFocused();
    await name.fill('Release bot');
    await save(page).click();
    await expect(rowOf(page, 'Release bot')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Rename “Release bot”' })).toBeFocused();
  });

  test('the focus is not lost when one comes back to the page', async ({ page, me }) => {
    const pencil = page.getByRole('link', { name: 'Rename “Service 3”' });
    await pencil.focus();
    await createKeys(me, [{ description: 'Newer than all' }]);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
    await expect(rowOf(page, 'Newer than all')).toBeVisible();
    await expect(pencil).toBeFocused();
  });

  test('the focus is not lost by going back', async ({ page }) => {
    await page.getByRole('link', { name: 'Next' }).press('Enter');
    await expect(range(page)).toContainText('11–20 of 21');
    await page.getByRole('link', { name: 'Next' }).press('Enter');
    await expect(range(page)).toContainText('21–21 of 21');
    await page.getByRole('link', { name: 'Previous' }).focus();
    await page.evaluate(() => history.back());
    await expect(range(page)).toContainText('11–20 of 21');
    await page.evaluate(() => history.back());
    await expect(range(page)).toContainText('1–10 of 21');
    await expectFocusWithin(keys(page));
  });
});

test('the focus is not lost when the answer leads to another page', async ({ page, me }) => {
  await open(page, '/sign-in');
  await page.getByLabel('E-mail').fill(me.email);
  await page.getByLabel('Password').fill(me.password);
  await page.getByLabel('Password').press('Enter');
  await expect(page).toHaveURL('/account-settings');
  await live(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' }), 'a new page begins at its top').toBeFocused();
});
