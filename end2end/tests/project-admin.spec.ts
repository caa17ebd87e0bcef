// The project's own page: switching API keys on and off, and all keys there are, for whoever administers it.

import type { Page } from '@playwright/test';

import {
  type Account,
  ACME,
  audit,
  createKeys,
  createTeam,
  createUser,
  DAY,
  dialog,
  expect,
  keysOf,
  mark,
  open,
  OWN_KEYS,
  post,
  rowOf,
  rows,
  saidAloud,
  signIn,
  type Site,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';
import { attempt, latchkey } from '../program.ts';

const PROJECT = '/account-settings/project';

const users = (page: Page) => page.getByRole('switch', { name: 'User API keys' });
const teams = (page: Page) => page.getByRole('switch', { name: 'Team API keys' });
const entry = (page: Page, name: string) => page.getByRole('navigation', { name: 'Account settings' }).getByRole('link', { name });
const range = (page: Page) => page.getByRole('navigation', { name: 'Pages' });
const inventory = (page: Page) => page.getByRole('region', { name: 'All API keys' });

const switchOff = (page: Page) => dialog(page).getByRole('button', { name: 'Switch off' }).click();

const administers = (user: Account) => latchkey('user', 'admin', '--project', user.project, '--email', user.email, 'true');

/** Somebody who administers the site's project, and somebody who does not, with a key and a team that has one. */
async function people(site: Site): Promise<{ admin: Account; grace: Account; team: string }> {
  const [admin, grace] = [await createUser('Root', site.project), await createUser('Grace Hopper', site.project)];
  await administers(admin);
  const team = await createTeam(grace, 'Compilers');
  await createKeys(grace, [{ description: 'Laptop', lastFour: '6bb1', used: -2 * DAY }]);
  await createKeys(grace, [{ description: 'Warehouse', created: -DAY, lastFour: 'a04c' }], team);
  return { admin, grace, team };
}

/** Keys of many kinds and owners, as a project in use has them. */
async function furnish(site: Site): Promise<Account> {
  const { admin, grace, team } = await people(site);
  await sql(`UPDATE projects SET display_name = 'Analytical Engines' WHERE project_id = :'project'`, { project: site.project });
  await sql(`UPDATE users SET primary_email = 'grace@example.com' WHERE user_id = :'user'`, { user: grace.id });
  const nameless = await createUser('x', site.project);
  await sql(`UPDATE users SET display_name = NULL, primary_email = 'somebody.with.a.long.address@example.com' WHERE user_id = :'user'`, {
    user: nameless.id,
  });
  await createKeys(nameless, [
    { description: 'Continuous integration of everything that we have ever built together', created: -27 * DAY, expires: 3 * DAY, used: -9 * DAY },
    { description: 'Conference demo', created: -90 * DAY, expires: -60 * DAY, used: -61 * DAY },
  ]);
  await createKeys(
    grace,
    [
      { description: 'Production', created: -63 * DAY, expires: 302 * DAY, used: -DAY / 48 },
      { description: 'Leaked in a build log', created: -45 * DAY, expires: 320 * DAY, revoked: -14 * DAY, used: -14 * DAY },
    ],
    team,
  );
  return admin;
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'live' : 'without a script', () => {
    test.use({ javaScriptEnabled });
    const see = (page: Page, path: string) => (javaScriptEnabled ? open(page, path) : page.goto(path));
    const apply = (page: Page) => (javaScriptEnabled ? undefined : page.getByRole('button', { name: 'Apply' }).click());

    test('a switch takes effect on everybody’s pages', async ({ site, visit }) => {
      const { admin, grace, team } = await people(site);
      const page = await visit(admin, { url: site.url });
      const theirs = await visit(grace, { url: site.url });
      await see(page, PROJECT);
      await expect(page.getByRole('heading', { name: 'API keys', exact: true })).toBeVisible();
      await expect(page.getByText('Enabled', { exact: true })).toBeVisible();
      await expect(users(page)).toBeChecked();
      await expect(users(page)).toHaveAccessibleDescription('Let users create API keys for themselves.');

      await users(page).click();
      await switchOff(page);
      await expect(users(page)).not.toBeChecked();
      await expect(page.getByText('Enabled', { exact: true }), 'teams still have keys').toBeVisible();
      await expect(entry(page, 'API keys')).toHaveCount(0);
      expect((await theirs.request.get(OWN_KEYS)).status()).toBe(404);
      await theirs.goto(teamPage(team));
      await expect(entry(theirs, 'API keys')).toHaveCount(0);
      await expect(rowOf(theirs, 'Warehouse')).toBeVisible();

      await teams(page).click();
      await switchOff(page);
      await expect(teams(page)).not.toBeChecked();
      await expect(page.getByText('Disabled', { exact: true })).toBeVisible();
      await expect(page.getByText('API keys are switched off. No key works')).toBeVisible();
      await expect(rowOf(page, 'Warehouse'), 'the inventory stays').toBeVisible();
      await theirs.reload();
      await expect(theirs.getByRole('heading', { name: 'Compilers' })).toBeVisible();
      expect(await theirs.content()).not.toContain('Warehouse');

      await users(page).click();
      await expect(users(page)).toBeChecked();
      await teams(page).click();
      await expect(teams(page)).toBeChecked();
      await expect(page).toHaveURL(PROJECT);
      await theirs.reload();
      await expect(rowOf(theirs, 'Warehouse')).toBeVisible();
      await theirs.goto(OWN_KEYS);
      await expect(rowOf(theirs, 'Laptop')).toBeVisible();
      const done = await rows(
        `SELECT actor_user_id, count(*)::int FROM audit_events WHERE project_id = :'project' AND action = 'project.configured' GROUP BY 1`,
        { project: site.project },
      );
      expect(done).toEqual([{ actor_user_id: admin.id, count: 4 }]);
    });

    test('all keys are searched, narrowed, sorted and paged', async ({ site, visit }) => {
      const { admin, grace } = await people(site);
      await createKeys(
        grace,
        Array.from({ length: 12 }, (_, n) => ({ description: `Service ${n}`, created: (-2 - n) * DAY, expires: 30 * DAY })),
      );
      await createKeys(grace, [{ description: 'Leaked', revoked: -DAY, created: -40 * DAY }]);
      const page = await visit(admin, { url: site.url });
      await see(page, PROJECT);
      const names = inventory(page).getByRole('rowheader');
      await expect(range(page)).toContainText('1–10 of 14');
      await expect(names.first()).toContainText('Laptop');
      await range(page).getByRole('link', { name: 'Next' }).click();
      await expect(range(page)).toContainText('11–14 of 14');
      await expect(page).toHaveURL(`${PROJECT}?page=2`);
      await range(page).getByRole('link', { name: 'Previous' }).click();

      await page.getByRole('columnheader', { name: 'Owner' }).getByRole('link').click();
      await expect(page.getByRole('columnheader', { name: 'Owner' })).toHaveAttribute('aria-sort', 'ascending');
      await expect(names.first()).toContainText('Warehouse');
      await expect(rowOf(page, 'Warehouse').getByRole('cell').nth(1)).toHaveText('Compilers Team');
      await expect(rowOf(page, 'Laptop').getByRole('cell').nth(1)).toHaveText(`Grace Hopper User${grace.email}`);

      const search = page.getByRole('searchbox');
      for (const [text, found] of [
        ['compilers', ['Warehouse']],
        ['6bb1', ['Laptop']],
        ['service 11', ['Service 11']],
      ] as const) {
        await search.fill(text);
        await apply(page);
        await expect(names).toHaveCount(1);
        await expect(names).toContainText([...found]);
      }
      await search.fill('grace');
      await apply(page);
      await expect(range(page)).toContainText('1–10 of 14');
      await expect(page.getByText('1 inactive key matches.')).toBeVisible();
      await expect(page).toHaveURL(/q=grace.*sort=owner|sort=owner.*q=grace/);
      await page.getByRole('combobox', { name: 'Keys per page' }).selectOption('25 per page');
      await apply(page);
      await expect(range(page)).toContainText('1–14 of 14');
      await page.getByRole('combobox', { name: 'Status' }).selectOption('Revoked');
      await apply(page);
      await expect(names).toContainText(['Leaked']);
      await search.fill('nothing like it');
      await apply(page);
      await page.getByRole('link', { name: 'Clear filters' }).click();
      await page.getByRole('link', { name: 'Show inactive (1)' }).click();
      await expect(range(page)).toContainText('1–15 of 15');
      // A key that nobody in the project has.
      const key = `sk_${'0123456789abcdefghjkmnpqrstvwxyz0123456789abc'}${'1'.repeat(32)}user1574ck4u7h00000000`;
      await search.fill(key);
      await apply(page);
      await expect(page.getByRole('heading', { name: 'This is not one of this project’s keys' })).toBeVisible();
      await expect(page).toHaveURL(/[?&]key=none(&|$)/);
      expect(await page.content()).not.toContain(key);
      await page.getByRole('link', { name: 'Show all keys' }).click();
      await expect(page.getByRole('link', { name: /Rename/ })).toHaveCount(0);
      await expect(page.getByRole('button', { name: /Create/ })).toHaveCount(0);
    });

    test('a key of anybody’s is revoked after a second question, and its owner sees it', async ({ site, visit }) => {
      const { admin, grace } = await people(site);
      const page = await visit(admin, { url: site.url });
      await see(page, PROJECT);
      const ask = () => rowOf(page, 'Laptop').getByRole(javaScriptEnabled ? 'button' : 'link', { name: 'Revoke “Laptop”' }).click();
      await ask();
      await expect(dialog(page)).toContainText('Last used 2 days ago.');
      await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
      await expect(dialog(page), 'the browser asks for the box').toBeVisible();
      await dialog(page).getByRole('link', { name: 'Cancel' }).click();
      await expect(dialog(page)).toBeHidden();
      expect((await keysOf(grace.id))[0]!.revoked_at_millis).toBeNull();
      await ask();
      await dialog(page).getByLabel('I understand').check();
      await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
      await expect(rowOf(page, 'Laptop')).toContainText('Revoked');
      await expect(page.getByRole('rowheader').first(), 'it stays where it was').toContainText('Laptop');
      expect((await keysOf(grace.id))[0]!.revoked_at_millis).toEqual(expect.any(Number));

      const theirs = await visit(grace, { url: site.url });
      await theirs.goto(`${OWN_KEYS}?status=revoked`);
      await expect(rowOf(theirs, 'Laptop')).toContainText('Revoked');
    });

    test('to everybody else there is no such page', async ({ page, me, guard }) => {
      guard.expects(404);
      await page.goto(PROJECT);
      await expect(page).toHaveURL(/\/sign-in\?to=/);
      await signIn(page, me);
      await page.goto('/account-settings');
      await expect(page.getByRole('heading', { name: 'Project' })).toHaveCount(0);
      const answer = await page.goto(PROJECT);
      expect(answer!.status()).toBe(404);
      await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
      await expect(page.getByText('This page does not exist, or your account does not have access to it.')).toBeVisible();
      await expect(page.getByText(/All API keys|Acme/)).toHaveCount(0);
    });
  });
}

test.describe('live alone', () => {
  test('nothing is loaded again, the focus stays, and it is said aloud', async ({ site, visit }) => {
    const { admin } = await people(site);
    const page = await visit(admin, { url: site.url });
    await open(page, PROJECT);
    await expect(entry(page, 'API keys')).toBeVisible();
    const unmoved = await mark(page);
    await users(page).focus();
    await page.keyboard.press('Space');
    await switchOff(page);
    await expect(users(page)).not.toBeChecked();
    await expect(users(page)).toBeFocused();
    await expect(saidAloud(page)).toHaveText('User API keys are off. Existing user keys no longer work.');
    await page.keyboard.press('Enter');
    await expect(users(page)).toBeChecked();
    await expect(saidAloud(page)).toHaveText('User API keys are on.');

    // The search and the dialogs of the list are live in the new part of the page as well.
    await page.getByRole('searchbox').fill('compilers');
    await expect(page).toHaveURL(`${PROJECT}?q=compilers`);
    await expect(inventory(page).getByRole('rowheader')).toHaveCount(1);
    await page.getByRole('button', { name: 'Revoke “Warehouse”' }).click();
    await dialog(page).getByLabel('I understand').check();
    await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
    await expect(rowOf(page, 'Warehouse')).toContainText('Revoked');
    await expect(page.getByRole('rowheader', { name: 'Warehouse' })).toBeFocused();
    await unmoved();
  });

  test('who administers no more keeps nothing on the screen, and changes nothing', async ({ page, me, guard }) => {
    guard.expects(404);
    await administers(me);
    const [key] = await createKeys(me, [{ description: 'Laptop' }]);
    await signIn(page, me);
    await open(page, `${PROJECT}?q=${me.email}`);
    await page.getByRole('button', { name: 'Revoke “Laptop”' }).click();
    await latchkey('user', 'admin', '--project', me.project, '--email', me.email, 'false');
    await dialog(page).getByLabel('I understand').check();
    await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    expect(await keysOf(me.id)).toMatchObject([{ api_key_id: key, revoked_at_millis: null }]);
  });

  test('a form from somebody who may not is refused', async ({ page, me }) => {
    await signIn(page, me);
    const [key] = await createKeys(me, [{ description: 'Mine' }]);
    for (const [path, form] of [
      ['/fn/project/api-keys', { kind: 'user', allowed: 'false' }],
      ['/fn/project/revoke-api-key', { id: key!, understood: 'yes' }],
    ] as const) {
      const answer = await post(page.request, path, form);
      expect(answer.status(), path).toBe(404);
    }
    expect((await keysOf(me.id))[0]!.revoked_at_millis).toBeNull();
  });

  const LOOKS = [
    { colorScheme: 'light', width: 1440, height: 900 },
    { colorScheme: 'dark', width: 1440, height: 900 },
    { colorScheme: 'light', width: 320, height: 640 },
    { colorScheme: 'dark', width: 320, height: 640 },
  ] as const;

  for (const [name, path, off] of [
    ['with keys', `${PROJECT}?inactive=1&sort=owner&dir=desc`, []],
    ['switched off', PROJECT, ['allow_user_api_keys=false', 'allow_team_api_keys=false']],
    ['nothing found', `${PROJECT}?q=nothing`, []],
  ] as const) {
    test(`axe: ${name}`, async ({ site, visit }) => {
      test.slow();
      const admin = await furnish(site);
      if (off.length > 0) await site.config(...off);
      const page = await visit(admin, { url: site.url });
      await open(page, path);
      for (const { colorScheme, width, height } of LOOKS) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height });
        await audit(page, `${name}, ${colorScheme}, ${width} px`, colorScheme === 'dark');
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(over, `scrolls sideways at ${width} px`).toBe(0);
        const file = `test-results/screenshots/project-${name.replaceAll(' ', '-')}-${width}-${colorScheme}.png`;
        await page.screenshot({ path: file, animations: 'disabled', fullPage: true });
      }
    });
  }

  test('axe: a project without keys, and the question before revoking', async ({ site, visit }) => {
    test.slow();
    const admin = await createUser('Root', site.project);
    await administers(admin);
    const page = await visit(admin, { url: site.url });
    await open(page, PROJECT);
    await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
    await audit(page, 'no keys');
    await page.screenshot({ path: 'test-results/screenshots/project-empty-1280-light.png', fullPage: true });
    await createKeys(admin, [{ description: 'Laptop' }]);
    await open(page, PROJECT);
    await page.getByRole('button', { name: 'Revoke “Laptop”' }).click();
    await expect(dialog(page)).toBeVisible();
    await audit(page, 'revoking');
  });

  test('nothing moves while the page becomes live', async ({ site, visit }) => {
    const admin = await furnish(site);
    const page = await visit(admin, { url: site.url });
    await page.addInitScript(() => {
      const shifts: number[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    for (const width of [1440, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await open(page, PROJECT);
      expect(await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts), `${width} px`).toEqual([]);
    }
  });
});

test('the command line says who administers', async ({ me }) => {
  const is = () => rows<{ is: boolean }>(`SELECT is_project_admin AS is FROM users WHERE user_id = :'user'`, { user: me.id });
  const set = (...args: string[]) => attempt(['user', 'admin', '--project', me.project, ...args]);
  expect((await set('--email', me.email.toUpperCase(), 'true')).code).toBe(0);
  expect(await is()).toEqual([{ is: true }]);
  expect((await set('--email', me.email, 'false')).out).toContain('is not a project administrator');
  expect(JSON.parse((await set('--email', me.email, 'false', '--json')).out)).toEqual({ email: me.email, project_id: me.project, is_project_admin: false });
  expect(await is()).toEqual([{ is: false }]);
  expect(await set('--email', 'nobody@example.com', 'true')).toMatchObject({ code: 1, err: expect.stringContaining('has no user nobody@example.com; create one with') });
  expect((await set('--email', me.email, 'perhaps')).code).toBe(2);

  const demo = await rows(
    `SELECT primary_email FROM users WHERE project_id = :'acme' AND is_project_admin
     AND primary_email IN ('admin@example.com', 'member@example.com', 'outsider@example.com')`,
    { acme: ACME },
  );
  expect(demo).toEqual([{ primary_email: 'admin@example.com' }]);

  const email = `admin-${me.email}`;
  await latchkey('user', 'create', '--project', me.project, '--email', email, '--admin');
  expect(await rows(`SELECT is_project_admin AS is FROM users WHERE primary_email = :'email'`, { email })).toEqual([{ is: true }]);
});
