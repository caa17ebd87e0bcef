// What happens after an action, with script and without: a revoked key stays where it is, and the page says what was done.

import type { Page } from '@playwright/test';

import {
  type Account,
  audit,
  cell,
  createKeys,
  createTeam,
  createUser,
  DAY,
  dialog,
  expect,
  keysOf,
  open,
  OWN_KEYS,
  rowOf,
  rows,
  saidAloud,
  type Seed,
  signIn,
  type Site,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';
import { latchkey } from '../program.ts';

const PROJECT = '/account-settings/project';

const names = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('rowheader');
const range = (page: Page) => page.getByRole('navigation', { name: 'Pages' });
const message = (page: Page) => page.getByRole('main').getByRole('status');
const users = (page: Page) => page.getByRole('switch', { name: 'User API keys' });
const teams = (page: Page) => page.getByRole('switch', { name: 'Team API keys' });
const description = (n: number) => `Service ${String(n).padStart(3, '0')}`;

/** 134 keys, of which 20 were revoked before. */
const many: Seed[] = Array.from({ length: 134 }, (_, n) => ({
  description: description(n),
  created: -(n + 1) * DAY,
  expires: 300 * DAY,
  ...(n >= 114 ? { revoked: -DAY } : {}),
}));

/** Somebody who administers the site's project, and somebody with a key and a team that has one. */
async function people(site: Site): Promise<{ admin: Account; grace: Account; team: string }> {
  const [admin, grace] = [await createUser('Root', site.project), await createUser('Grace Hopper', site.project)];
  await latchkey('user', 'admin', '--project', admin.project, '--email', admin.email, 'true');
  const team = await createTeam(grace, 'Compilers');
  await createKeys(grace, [
    { description: 'Laptop' },
    { description: 'Server', created: -DAY, expires: 90 * DAY },
    { description: 'Ended', created: -3 * DAY, expires: -DAY },
    { description: 'Leaked', created: -2 * DAY, revoked: -DAY },
  ]);
  await createKeys(grace, [{ description: 'Warehouse', created: -4 * DAY }], team);
  return { admin, grace, team };
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'live' : 'without a script', () => {
    test.use({ javaScriptEnabled });
    const see = (page: Page, path: string) => (javaScriptEnabled ? open(page, path) : page.goto(path));
    const question = (page: Page, key: string, words = `Revoke “${key}”`) => rowOf(page, key).getByRole(javaScriptEnabled ? 'button' : 'link', { name: words });

    /** Revokes a key, and waits until the page says so. */
    async function revoke(page: Page, key: string): Promise<void> {
      await question(page, key).click();
      await dialog(page).getByLabel('I understand').check();
      await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
      await expect(dialog(page)).toBeHidden();
      await expect(saidAloud(page).filter({ hasText: 'Revoked.' })).toBeAttached();
      await expect(rowOf(page, key).locator('.badge')).toHaveText('Revoked');
    }

    /** Where the reader is after revoking this key: live, in its row; otherwise at the message. */
    async function expectFocus(page: Page, key: string): Promise<void> {
      if (javaScriptEnabled) await expect(page.locator('tr', { hasText: key }).locator(':focus'), 'the focus is in the row').toHaveCount(1);
      else await expect(message(page), 'the focus is at the message').toBeFocused();
    }

    for (const [whose, address] of [
      ['one’s own', async () => OWN_KEYS],
      ['a team’s', async (me: Account) => teamPage(await createTeam(me))],
    ] as const) {
      test(`of ${whose} 134 keys, the revoked ones stay where they are until the next visit`, async ({ page, me }) => {
        const path = await address(me);
        await createKeys(me, many, path === OWN_KEYS ? '' : path.split('/').at(-1));
        await signIn(page, me);
        await see(page, path);
        const before = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(description);
        await expect(range(page)).toContainText('1–10 of 114');
        for (const key of [description(1), description(4), description(9)]) {
          await revoke(page, key);
          await expect(names(page)).toContainText(before);
          await expect(range(page)).toContainText('1–10 of 114');
          await expect(page.getByRole('link', { name: 'Show inactive (20)' })).toBeVisible();
          await expect(page).toHaveURL(path);
          await expectFocus(page, key);
          await expect(cell(rowOf(page, key), 'Expires')).toHaveText('Revoked just now by Grace Hopper');
          await expect(question(page, key)).toHaveCount(0);
        }
        await expect(cell(rowOf(page, description(1)), 'Status'), 'the first as well').toHaveText('Revoked');
        await expect(cell(rowOf(page, description(0)), 'Status')).toHaveText('Valid');

        await see(page, path);
        await expect(range(page)).toContainText('1–10 of 111');
        await expect(page.getByRole('link', { name: 'Show inactive (23)' })).toBeVisible();
        await expect(names(page)).toContainText([0, 2, 3, 5, 6, 7, 8, 10, 11, 12].map(description));
        await expect(page.getByText('Revoked.', { exact: true })).toHaveCount(0);
      });
    }

    test('they stay on another page, in a search and with a status', async ({ page, me }) => {
      await createKeys(me, many);
      await signIn(page, me);
      await see(page, `${OWN_KEYS}?q=service+0&status=valid&sort=description&dir=asc&size=25&page=2`);
      await expect(range(page)).toContainText('26–50 of 100');
      for (const key of [description(26), description(49)]) {
        await revoke(page, key);
        await expect(range(page)).toContainText('26–50 of 100');
        await expect(page).toHaveURL(`${OWN_KEYS}?q=service+0&status=valid&sort=description&dir=asc&size=25&page=2`);
      }
      await expect(names(page)).toContainText(Array.from({ length: 25 }, (_, n) => description(n + 25)));
      await range(page).getByRole('link', { name: 'Previous' }).click();
      await expect(range(page)).toContainText('1–25 of 98');
      await range(page).getByRole('link', { name: 'Next' }).click();
      await expect(range(page)).toContainText('26–50 of 98');
      await expect(rowOf(page, description(26))).toHaveCount(0);
    });

    test('of all keys of a project as well, and their owner sees who it was', async ({ site, visit }) => {
      const { admin, grace } = await people(site);
      const page = await visit(admin, { url: site.url });
      await see(page, `${PROJECT}?status=valid`);
      await expect(range(page)).toContainText('1–3 of 3');
      for (const key of ['Server', 'Laptop']) {
        await revoke(page, key);
        await expect(range(page)).toContainText('1–3 of 3');
        await expect(names(page)).toContainText(['Laptop', 'Server', 'Warehouse']);
        await expectFocus(page, key);
        await expect(page).toHaveURL(`${PROJECT}?status=valid`);
      }
      await see(page, PROJECT);
      await expect(range(page)).toContainText('1–1 of 1');
      const theirs = await visit(grace, { url: site.url });
      await theirs.goto(`${OWN_KEYS}?status=revoked`);
      await expect(cell(rowOf(theirs, 'Server'), 'Expires')).toHaveText('Revoked just now by Root');
      await expect(cell(rowOf(theirs, 'Leaked'), 'Expires'), 'nobody is known').toHaveText('Revoked 1 day ago');
    });

    test('an expired key is removed for good', async ({ page, me }) => {
      await createKeys(me, [{ description: 'Laptop' }, { description: 'Ended', created: -2 * DAY, expires: -DAY }]);
      await signIn(page, me);
      await see(page, `${OWN_KEYS}?status=expired`);
      await question(page, 'Ended', 'Remove “Ended” for good').click();
      await expect(dialog(page)).toHaveAccessibleName('Remove “Ended” for good?');
      await expect(dialog(page)).toContainText('nobody can bring it back');
      await expect(dialog(page)).not.toContainText('stop working');
      await dialog(page).getByLabel('I understand').check();
      await dialog(page).getByRole('button', { name: 'Remove for good' }).click();
      await expect(saidAloud(page).filter({ hasText: 'Removed for good.' })).toBeAttached();
      await expect(cell(rowOf(page, 'Ended'), 'Status')).toHaveText('Revoked');
      expect((await keysOf(me.id))[0]!.revoked_at_millis).toEqual(expect.any(Number));
    });

    test('where only inactive keys are left, there are two ways on', async ({ page, me }) => {
      await createKeys(me, [{ description: 'Leaked', revoked: -DAY }]);
      await signIn(page, me);
      await see(page, OWN_KEYS);
      await expect(page.getByRole('heading', { name: 'No active keys. Expired and revoked keys are hidden.' })).toBeVisible();
      const empty = page.locator('.empty');
      await expect(empty.getByRole(javaScriptEnabled ? 'button' : 'link', { name: 'Create API key' })).toBeVisible();
      await expect(page.getByRole('link', { name: 'Show inactive (1)' })).toHaveCount(1);
      await empty.getByRole('link', { name: 'Show inactive (1)' }).click();
      await expect(cell(rowOf(page, 'Leaked'), 'Status')).toHaveText('Revoked');
      await expect(page.getByRole('link', { name: 'Hide inactive' })).toBeVisible();
    });

    test('switching off asks first and says how many keys stop; then they are paused', async ({ site, visit }) => {
      const { admin, grace } = await people(site);
      const page = await visit(admin, { url: site.url });
      const here = `${PROJECT}?size=25`;
      await see(page, here);
      await expect(page.getByRole('option', { name: 'Paused' })).toHaveCount(1);
      const allowed = async () => (await rows<{ on: boolean }>(`SELECT allow_user_api_keys AS on FROM projects WHERE project_id = :'project'`, { project: site.project }))[0]!.on;

      await users(page).click();
      const ask = dialog(page);
      await expect(ask).toHaveAccessibleName('Switch off user API keys?');
      await expect(ask).toHaveAccessibleDescription(/^2 working keys stop at once\. .* work again when you switch back on\.$/);
      await ask.getByRole('link', { name: 'Cancel' }).click();
      await expect(ask).toBeHidden();
      await expect(users(page)).toBeChecked();
      if (javaScriptEnabled) await expect(users(page)).toBeFocused();
      expect(await allowed()).toBe(true);

      await users(page).press('Enter');
      await ask.getByRole('button', { name: 'Switch off' }).click();
      await expect(users(page)).not.toBeChecked();
      await expect(ask).toBeHidden();
      await expect(page).toHaveURL(here);
      await expect(saidAloud(page).filter({ hasText: 'User API keys are off. Existing user keys no longer work.' })).toBeAttached();
      if (javaScriptEnabled) await expect(users(page)).toBeFocused();
      else await expect(message(page)).toBeFocused();
      expect(await allowed()).toBe(false);
      for (const [key, words] of [
        ['Laptop', 'Paused'],
        ['Server', 'Paused'],
        ['Warehouse', 'Valid'],
      ] as const) {
        await expect(rowOf(page, key).locator('.badge')).toHaveText(words);
      }
      await see(page, `${PROJECT}?status=paused`);
      await expect(names(page)).toContainText(['Laptop', 'Server']);
      await expect(range(page)).toContainText('1–2 of 2');
      await see(page, `${PROJECT}?status=valid`);
      await expect(names(page)).toContainText(['Warehouse']);

      await users(page).click();
      await expect(users(page), 'switching on does not ask').toBeChecked();
      await expect(saidAloud(page).filter({ hasText: 'User API keys are on.' })).toBeAttached();
      await teams(page).click();
      await expect(ask).toHaveAccessibleDescription(/^1 working key stops at once\./);
      await ask.getByRole('button', { name: 'Switch off' }).click();
      await expect(teams(page)).not.toBeChecked();
      const theirs = await visit(grace, { url: site.url });
      await theirs.goto(OWN_KEYS);
      await expect(theirs.getByRole('option', { name: 'Paused' }), 'an owner’s keys are never listed as paused').toHaveCount(0);
    });
  });
}

test.describe('without a script, the page says at its top what was done', () => {
  test.use({ javaScriptEnabled: false });

  /** The message is the first thing in the content, and what follows it is reached next; a reload takes it away. */
  async function expectMessage(page: Page, words: string, url: string): Promise<void> {
    await expect(page).toHaveURL(url);
    await expect(message(page)).toHaveText(words);
    await expect(message(page)).toBeFocused();
    await page.goto(page.url());
    await expect(message(page)).toHaveCount(0);
  }

  test('a key’s new name, and the form is closed', async ({ page, me, context }) => {
    await createKeys(me, [{ description: 'Deploy bot' }, { description: 'Night watch', created: -DAY }]);
    await signIn(page, me);
    await page.goto(`${OWN_KEYS}?q=deploy&size=25`);
    await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill(' <b>Release</b> bot ');
    await page.getByRole('button', { name: 'Save' }).filter({ visible: true }).click();
    // It is on no page of this search any longer.
    await expectMessage(page, 'Renamed to “<b>Release</b> bot”.', `${OWN_KEYS}?q=deploy&size=25`);
    await expect(page.getByRole('textbox', { name: 'New name' })).toHaveCount(0);
    expect((await context.cookies()).map((cookie) => cookie.name).filter((name) => name.includes('notice'))).toEqual([]);
  });

  test('a key of a team, and one’s own and the team’s names', async ({ page, me }) => {
    const team = await createTeam(me);
    await createKeys(me, [{ description: 'Engine' }], team);
    await signIn(page, me);
    await page.goto(teamPage(team));
    await page.getByRole('link', { name: 'Rename “Engine”' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill('Machine');
    await page.getByRole('row').getByRole('button', { name: 'Save' }).click();
    await expectMessage(page, 'Renamed to “Machine”.', teamPage(team));
    await page.getByRole('textbox', { name: 'Team name' }).fill('Linkers');
    await page.getByRole('button', { name: 'Save' }).filter({ visible: true }).first().click();
    await expectMessage(page, 'Team renamed.', teamPage(team));
    await page.goto('/account-settings/profile');
    await page.getByRole('textbox', { name: 'Display name' }).fill('Amazing Grace');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectMessage(page, 'Display name changed.', '/account-settings/profile');
    await page.goto('/account-settings/teams/new');
    await page.getByRole('textbox', { name: 'Team name' }).fill('Loaders');
    await page.getByRole('button', { name: 'Create a team' }).click();
    const [made] = await rows<{ team_id: string }>(`SELECT team_id FROM teams WHERE created_by_user_id = :'user'`, { user: me.id });
    await expectMessage(page, 'Team created.', teamPage(made!.team_id));
  });

  test('the switches and the limit of a project', async ({ site, visit }) => {
    const { admin } = await people(site);
    const page = await visit(admin, { url: site.url });
    await page.goto(`${PROJECT}?q=laptop`);
    await teams(page).click();
    await dialog(page).getByRole('button', { name: 'Switch off' }).click();
    await expectMessage(page, 'Team API keys are off. Existing team keys no longer work.', `${PROJECT}?q=laptop`);
    await teams(page).click();
    await expectMessage(page, 'Team API keys are on.', `${PROJECT}?q=laptop`);
    await page.getByLabel('Most valid keys for each user and team').fill('7');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectMessage(page, 'The limit is now 7.', `${PROJECT}?q=laptop`);
  });

  test('a notice that was forged says nothing that is not so, and nothing of others’ keys', async ({ page, me, context, baseURL }) => {
    const other = await createUser('Eve');
    const [foreign] = await createKeys(other, [{ description: 'Secret plans' }]);
    await createKeys(me, [{ description: 'Deploy bot' }]);
    await signIn(page, me);
    const session = (await context.cookies()).find((cookie) => cookie.name.includes('session'))!;
    const name = session.name.replace('session', 'notice');
    for (const value of ['<script>alert(1)</script>', `key-renamed.${foreign!.replaceAll('-', '')}`, 'key-renamed', 'key-revoked.x', 'x'.repeat(3000)]) {
      await context.addCookies([{ name, value, url: baseURL! }]);
      const answer = await page.goto(OWN_KEYS);
      await expect(message(page)).toHaveCount(0);
      const html = await answer!.text();
      expect(html).not.toMatch(/Secret plans|alert\(1\)/);
      await expect(names(page)).toContainText(['Deploy bot']);
      expect((await context.cookies()).some((cookie) => cookie.name === name), 'it counts once').toBe(false);
    }
    await context.addCookies([{ name, value: `key-revoked.${foreign!.replaceAll('-', '')}`, url: baseURL! }]);
    await page.goto(OWN_KEYS);
    await expect(names(page)).toHaveCount(1);
    await sql(`UPDATE api_keys SET revoked_at_millis = now_millis() WHERE api_key_id = :'key'`, { key: foreign! });
    await page.goto(`${OWN_KEYS}?stay=${foreign!}&stay=x&stay=`);
    await expect(names(page)).toContainText(['Deploy bot']);
    await expect(names(page)).toHaveCount(1);
  });
});

test('axe and the looks of what happens after an action', async ({ site, browser }) => {
  test.slow();
  const { admin, grace } = await people(site);
  await sql(`UPDATE projects SET allow_team_api_keys = false WHERE project_id = :'project'`, { project: site.project });
  for (const script of [true, false]) {
    const context = await browser.newContext({ baseURL: site.url, javaScriptEnabled: script });
    const page = await context.newPage();
    await signIn(page, admin);
    const see = (path: string) => (script ? open(page, path) : page.goto(path));
    const looks = async (name: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const width of [320, 768, 1100, 1440]) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.setViewportSize({ width, height: 900 });
          if (script) await audit(page, `${name}, ${colorScheme}, ${width} px`, colorScheme === 'dark');
          const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(over, `${name} scrolls sideways at ${width} px`).toBe(0);
          await page.screenshot({ path: `test-results/screenshots/after-${name}-${script ? 'live' : 'plain'}-${width}-${colorScheme}.png`, animations: 'disabled' });
        }
      }
    };
    await see(`${PROJECT}?inactive=1`);
    await users(page).click();
    await expect(dialog(page)).toBeVisible();
    await looks('question');
    await see(`${PROJECT}?inactive=1`);
    await page.getByRole('region', { name: 'All API keys' }).scrollIntoViewIfNeeded();
    await looks('paused');
    await signIn(page, grace);
    await createKeys(grace, [{ description: `Deploy bot ${script}` }]);
    await see(OWN_KEYS);
    await rowOf(page, `Deploy bot ${script}`).getByRole(script ? 'button' : 'link', { name: /^Revoke/ }).click();
    await page.getByLabel('I understand').and(page.locator(':visible')).check();
    await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
    await expect(rowOf(page, `Deploy bot ${script}`)).toContainText('Revoked just now by Grace Hopper');
    await expect(page.locator('#toast')).toBeHidden();
    await looks('revoked');
    await context.close();
  }
});
