// How the pages look and feel: cards on a phone, the order that one can see, the account's menu, targets for fingers, paper.

import type { Locator, Page } from '@playwright/test';

import {
  type Account,
  audit,
  cell,
  createKeys,
  createTeam,
  createUser,
  DAY,
  expect,
  join,
  mark,
  open,
  OWN_KEYS,
  rowOf,
  signIn,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';

const PROFILE = '/account-settings/profile';
const names = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('rowheader');
const head = (page: Page, name: string) => page.getByRole('columnheader', { name, exact: true });
const order = (page: Page) => page.getByRole('combobox', { name: 'Sort by' });
const menu = (page: Page) => page.getByRole('banner').getByRole('button', { name: /^Account / });

const keys = (me: Account, team = '') =>
  createKeys(
    me,
    [
      ...Array.from({ length: 11 }, (_, n) => ({ description: `Service ${n}`, created: -(n + 10) * DAY, expires: (60 + n) * DAY, used: -(2 + n) * DAY })),
      { description: 'Continuous integration of everything that we have ever built together', created: -5 * DAY, expires: 3 * DAY },
    ],
    team,
  );

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'live' : 'without a script', () => {
    test.use({ javaScriptEnabled });
    const see = (page: Page, path: string) => (javaScriptEnabled ? open(page, path) : page.goto(path));

    test('the order is seen before anybody has sorted', async ({ page, me }) => {
      const team = await createTeam(me);
      await createKeys(me, [{ description: 'Older', created: -2 * DAY, expires: DAY }, { description: 'Newer', created: -DAY }]);
      const ada = await createUser('Ada Lovelace');
      await join(team, ada, 'team_admin');
      await createKeys(me, [{ description: 'Mine', created: -DAY }], team);
      await createKeys(ada, [{ description: 'Hers', created: -2 * DAY }], team);
      await signIn(page, me);
      await see(page, OWN_KEYS);
      await expect(head(page, 'Created')).toHaveAttribute('aria-sort', 'descending');
      await expect(page.locator('[aria-sort]')).toHaveCount(1);
      await head(page, 'Created').getByRole('link').click();
      await expect(head(page, 'Created')).toHaveAttribute('aria-sort', 'ascending');
      await expect(names(page)).toContainText(['Older', 'Newer']);

      await see(page, teamPage(team));
      await expect(head(page, 'Created')).toHaveAttribute('aria-sort', 'descending');
      await expect(names(page)).toContainText(['Mine', 'Hers']);
      await head(page, 'Created by').getByRole('link').click();
      await expect(head(page, 'Created by')).toHaveAttribute('aria-sort', 'ascending');
      await expect(head(page, 'Created')).not.toHaveAttribute('aria-sort');
      await expect(names(page)).toContainText(['Hers', 'Mine']);
      await head(page, 'Created by').getByRole('link').click();
      await expect(head(page, 'Created by')).toHaveAttribute('aria-sort', 'descending');
      await expect(names(page)).toContainText(['Mine', 'Hers']);
    });

    test('a long description is two lines, and its title is the whole', async ({ page, me }) => {
      const description = 'Word '.repeat(50).trim();
      await createKeys(me, [{ description }]);
      await signIn(page, me);
      await see(page, OWN_KEYS);
      for (const width of [1440, 800, 320]) {
        await page.setViewportSize({ width, height: 800 });
        const shown = names(page).getByTitle(description, { exact: true });
        await expect(shown).toHaveText(description);
        const lines = await shown.evaluate((text) => text.clientHeight / parseFloat(getComputedStyle(text).lineHeight));
        expect(Math.round(lines), `${width} px`).toBe(2);
      }
    });

    test('the account’s menu says who is signed in, and leads on', async ({ page, me }) => {
      await signIn(page, me);
      await see(page, PROFILE);
      const shown = page.locator('#account-menu');
      const settings = shown.getByRole('link', { name: 'Settings' });
      await expect(menu(page)).toHaveAttribute('title', me.name);
      await expect(shown).toBeHidden();
      await menu(page).click();
      await expect(shown).toContainText(me.name);
      await expect(shown).toContainText(me.email);
      await page.keyboard.press('Escape');
      await expect(shown).toBeHidden();
      await expect(menu(page)).toBeFocused();
      await page.keyboard.press('Enter');
      await expect(settings).toBeVisible();
      await page.getByRole('heading', { name: 'My profile' }).click();
      await expect(shown).toBeHidden();
      await menu(page).click();
      await settings.click();
      await expect(page).toHaveURL('/account-settings/settings');
      if (javaScriptEnabled) await expect(page.locator('html.live')).toBeAttached();
      await menu(page).click();
      await shown.getByRole('button', { name: 'Sign out' }).click();
      await expect(page).toHaveURL(/\/sign-in/);
      await page.goto(PROFILE);
      await expect(page).toHaveURL(/\/sign-in\?to=/);
    });

    test('names of any length are on one line of the masthead, and whole in a title', async ({ site, visit }) => {
      const name = 'Wolfeschlegelsteinhausenbergerdorff '.repeat(5).trim();
      await sql(`UPDATE projects SET display_name = :'name' WHERE project_id = :'project'`, { name, project: site.project });
      const me = await createUser(name, site.project);
      const page = await visit(me, { url: site.url });
      await see(page, PROFILE);
      const brand = page.getByRole('banner').getByRole('link');
      for (const width of [320, 640, 1100, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        for (const part of [brand, menu(page)]) {
          await expect(part).toHaveAttribute('title', name);
          const { width: wide, height } = (await part.boundingBox())!;
          expect(height, `${width} px`).toBeLessThan(48);
          expect(wide, `${width} px`).toBeGreaterThan(100);
        }
      }
    });

    test('on paper there are no controls', async ({ page, me }) => {
      await keys(me);
      await signIn(page, me);
      await see(page, OWN_KEYS);
      await expect(page.getByRole('link', { name: 'Next' })).toBeVisible();
      await page.emulateMedia({ media: 'print' });
      await expect(names(page).first()).toBeVisible();
      await expect(page.getByText('1–10 of 12')).toBeVisible();
      await expect(page.getByRole('navigation', { name: 'Account settings' })).toBeHidden();
      for (const control of ['Create API key', 'Next', /^Revoke/, /^Rename/, 'Show inactive']) {
        await expect(page.getByRole('link', { name: control }).or(page.getByRole('button', { name: control })).filter({ visible: true })).toHaveCount(0);
      }
      await expect(page.getByRole('searchbox')).toBeHidden();
      for (const width of [700, 1000]) {
        await page.setViewportSize({ width, height: 1000 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      }
    });

    test.describe('on a phone', () => {
      test.use({ viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true });

      test('ten keys are on three screens, each with what matters in a line', async ({ page, me }) => {
        await keys(me);
        await signIn(page, me);
        await see(page, OWN_KEYS);
        await expect(names(page)).toHaveCount(10);
        const end = (await names(page).last().boundingBox())!;
        expect(end.y + end.height).toBeLessThan(3 * 667);
        const row = rowOf(page, 'Service 0');
        const top = async (part: Locator) => (await part.boundingBox())!.y;
        expect(Math.abs((await top(row.getByTitle('Service 0', { exact: true }))) - (await top(row.getByText('Valid'))))).toBeLessThan(12);
        const word = (name: 'Key' | 'Status' | 'Created' | 'Expires' | 'Last used') =>
          cell(row, name).evaluate((element) => getComputedStyle(element, '::before').content.replace(/"/g, '').trim());
        expect(await Promise.all((['Key', 'Status', 'Created', 'Expires', 'Last used'] as const).map(word))).toEqual(['Key', 'Status', 'created', 'expires', 'used']);
        await expect(cell(row, 'Expires')).toBeVisible();
        await expect(page.getByRole('columnheader')).toHaveCount(0);
      });

      test('the order is one field', async ({ page, me, visit }) => {
        const team = await createTeam(me);
        await keys(me);
        await keys(me, team);
        await signIn(page, me);
        await see(page, `${OWN_KEYS}?page=2`);
        const unmoved = javaScriptEnabled ? await mark(page) : async () => {};
        const apply = async () => {
          if (!javaScriptEnabled) await page.getByRole('button', { name: 'Apply' }).click();
        };
        await expect(order(page).locator('option:checked')).toHaveText('Sort: Newest');
        await order(page).selectOption('Sort: Oldest');
        await apply();
        await expect(names(page).first()).toContainText('Service 10');
        await expect(order(page).locator('option:checked')).toHaveText('Sort: Oldest');
        await page.getByRole('searchbox').fill('service');
        await apply();
        await expect(page.getByText('1–10 of 11')).toBeVisible();
        await expect(names(page).first(), 'the order stays').toContainText('Service 10');
        await order(page).selectOption('Sort: Expires last');
        await apply();
        await expect(page).toHaveURL(/sort=expires/);
        await expect(names(page).first()).toContainText('Service 10');
        await page.getByRole('link', { name: 'Next' }).click();
        await expect(names(page)).toContainText(['Service 0']);
        if (javaScriptEnabled) {
          await expect(page).toHaveURL(`${OWN_KEYS}?q=service&sort=expires&dir=desc&page=2`);
          await page.goBack();
          await page.goBack();
          await expect(order(page).locator('option:checked')).toHaveText('Sort: Oldest');
        }
        await unmoved();
        await expect(order(page).getByRole('option', { name: /Owner|Created by/ })).toHaveCount(0);

        const other = await visit(me);
        await see(other, `${teamPage(team)}?sort=created-by&dir=desc`);
        await expect(order(other).locator('option:checked')).toHaveText('Sort: Created by Z–A');
      });
    });

    for (const [what, options, least] of [
      ['a mouse', { viewport: { width: 1280, height: 900 } }, 24],
      ['fingers', { viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true }, 44],
      ['fingers, on a tablet', { viewport: { width: 1024, height: 768 }, hasTouch: true, isMobile: true }, 44],
    ] as const) {
      test.describe(`with ${what}`, () => {
        test.use(options);

        test('every control is large enough', async ({ page, me }) => {
          const team = await createTeam(me);
          await keys(me);
          await keys(me, team);
          await signIn(page, me);
          for (const path of [OWN_KEYS, `${OWN_KEYS}/new`, teamPage(team), '/account-settings', PROFILE, '/account-settings/settings', '/account-settings/teams', '/account-settings/teams/new', '/api-reference']) {
            await see(page, path);
            const small = await page.evaluate(
              (least) =>
                [...document.querySelectorAll('a[href], button, input:not([type=hidden], [type=checkbox]), select, textarea, summary')]
                  .filter((control) => control.checkVisibility({ visibilityProperty: true }) && !control.closest('.skip, p:not(.inactive)'))
                  .map((control) => ({ control, box: control.getBoundingClientRect() }))
                  .filter(({ box }) => Math.min(box.width, box.height) < least - 0.5)
                  .map(({ control, box }) => `${control.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`),
              least,
            );
            expect(small, path).toEqual([]);
          }
        });
      });
    }
  });
}

test('axe: the account’s menu', async ({ page, me }) => {
  await signIn(page, me);
  await open(page, PROFILE);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await menu(page).click();
      await audit(page, `${colorScheme}, ${width} px`);
      const box = (await page.locator('#account-menu').boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      await page.keyboard.press('Escape');
    }
  }
});

test('the API reference has its title on a phone too', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 667 });
  await open(page, '/api-reference');
  await expect(page.getByRole('heading', { name: 'API reference' })).toBeInViewport();
  expect((await page.getByRole('heading', { name: 'API reference' }).boundingBox())!.width).toBeGreaterThan(100);
});

test('what went wrong with the list is as wide as the list', async ({ page, me, guard }) => {
  guard.expectsLostAnswers();
  await keys(me);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await page.route('**/api-keys?*', (route) => route.abort(), { times: 1 });
  await page.getByRole('link', { name: 'Next' }).click();
  const problem = page.getByRole('alert').filter({ hasText: 'The server could not answer.' });
  for (const width of [375, 800, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const [one, other] = [await problem.boundingBox(), await page.locator('.table-box').boundingBox()];
    expect([one!.x, one!.width], `${width} px`).toEqual([other!.x, other!.width]);
  }
});

test('a project’s administrators find its settings by that name', async ({ page, me }) => {
  await sql(`UPDATE users SET is_project_admin = true WHERE user_id = :'user'`, { user: me.id });
  await signIn(page, me);
  await open(page, PROFILE);
  await page.getByRole('navigation', { name: 'Account settings' }).getByRole('link', { name: 'Project settings', exact: true }).click();
  await expect(page).toHaveURL('/account-settings/project');
});

test('forced colours leave edges around what is a control or open', async ({ page, me }) => {
  await keys(me);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await page.emulateMedia({ forcedColors: 'active' });
  const edge = (part: Locator) => part.evaluate((element) => `${getComputedStyle(element).borderTopStyle} ${getComputedStyle(element).borderTopWidth}`);
  const entry = page.getByRole('navigation', { name: 'Account settings' }).getByRole('link', { name: 'API keys' });
  for (const part of [menu(page), entry, page.locator('#create-open'), rowOf(page, 'Service 0').getByText('Valid'), page.getByRole('searchbox')]) {
    expect(await edge(part)).toBe('solid 1px');
  }
});

test('whoever wants less motion gets none', async ({ page, me }) => {
  await keys(me);
  await signIn(page, me);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, OWN_KEYS);
  await menu(page).click();
  const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((part) => getComputedStyle(part).transitionDuration !== '0s').length);
  expect(moving).toBe(0);
});
