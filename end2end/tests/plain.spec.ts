// Everything without JavaScript.

import type { Page } from '@playwright/test';

import {
  cell,
  createKeys,
  createTeam,
  createUser,
  DAY,
  endSessions,
  expect,
  keysOf,
  OWN_KEYS,
  rowOf,
  rows,
  SECRET,
  secretField,
  signIn,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';
import { latchkey } from '../program.ts';

const save = (page: Page) => page.getByRole('button', { name: 'Save' }).filter({ visible: true });

async function enter(page: Page, email: string, password: string) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('the script is really off', async ({ page }) => {
  await page.goto('/sign-in');
  await expect(page.locator('html.live')).toHaveCount(0);
  await expect(page.locator('.needs-script').filter({ visible: true })).toHaveCount(0);
});

test('one signs in, to the page that was asked for, and out', async ({ page, me }) => {
  await page.goto(`${OWN_KEYS}?status=valid`);
  await enter(page, me.email, me.password);
  await expect(page).toHaveURL(`${OWN_KEYS}?status=valid`);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  await page.goBack();
  await expect(page.getByText(me.email)).toHaveCount(0);
  await page.goto('/account-settings');
  await expect(page).toHaveURL('/sign-in');
});

test('a wrong password is refused in the form, which keeps the address', async ({ page, me, guard, context }) => {
  guard.expects(422);
  await page.goto('/sign-in');
  await enter(page, me.email, 'wrong password');
  await expect(page.getByRole('heading', { name: 'Sign in to Acme' })).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'Wrong e-mail or password.' })).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue(me.email);
  await expect(page.getByLabel('Password')).toHaveValue('');
  await expect(page.getByLabel('Password')).toBeFocused();
  expect(page.url(), 'nothing of it is in the address').not.toMatch(/password|wrong/i);
  expect(await context.cookies()).toEqual([]);
  await enter(page, me.email, me.password);
  await expect(page).toHaveURL('/account-settings');
});

test('one signs up', async ({ page, me, guard }) => {
  guard.expects(422);
  await sql(`DELETE FROM sign_in_attempts WHERE project_id = :'project'`, { project: me.project });
  const email = `plain-${me.email}`;
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Create account' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Create your Acme account' })).toBeVisible();
  await expect(page.getByLabel('Password')).toHaveAccessibleDescription('Use at least 8 characters.');
  await expect(page.getByLabel('Password')).toBeFocused();
  await expect(page.getByLabel('E-mail')).toHaveValue(email);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL('/account-settings');
  await expect(page.getByRole('banner')).toContainText(email);
});

test.describe('signed in', () => {
  test.beforeEach(async ({ page, me }) => signIn(page, me));

  test('a key is made on a page of its own, and its secret is seen once', async ({ page, me }) => {
    await page.goto(OWN_KEYS);
    await page.getByRole('link', { name: 'Create API key' }).first().click();
    await expect(page).toHaveURL(`${OWN_KEYS}/new`);
    await page.getByLabel('Description').fill('Deploy bot');
    await page.getByLabel('Expires').selectOption('90 days');
    await expect(page.getByText(/^Expires on/).filter({ visible: true }), 'the style alone shows the date').toHaveCount(1);
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(page.getByRole('heading', { name: 'Your new API key' })).toBeVisible();
    await expect(secretField(page)).toHaveValue(SECRET);
    await expect(page.getByRole('button', { name: /Copy|Download/ }), 'no buttons that do nothing').toHaveCount(0);
    const secret = await secretField(page).inputValue();
    const keys = await keysOf(me.id);
    expect(keys).toMatchObject([{ description: 'Deploy bot', last_four: secret.slice(-4) }]);
    expect(keys[0]!.expires_at_millis! - keys[0]!.created_at_millis).toBe(90 * DAY);

    await page.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByLabel('I have saved this key'), 'is asked for first').toHaveJSProperty('validity.valueMissing', true);
    await expect(secretField(page)).toHaveValue(secret);
    await page.getByLabel('I have saved this key').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(page).toHaveURL(OWN_KEYS);
    await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Valid');
    expect(await page.content()).not.toContain(secret.slice(3, 48));
  });

  test('the answer loaded again makes no second key and does not show the secret', async ({ page, me, guard }) => {
    guard.expects(409);
    await page.goto(`${OWN_KEYS}/new`);
    await page.getByLabel('Description').fill('Deploy bot');
    await page.getByRole('button', { name: 'Create API key' }).click();
    const secret = await secretField(page).inputValue();
    await page.reload();
    await expect(page.getByText('This form has already created a key, and its secret was sent once.')).toBeVisible();
    expect(await page.content()).not.toContain(secret.slice(3, 48));
    const keys = await keysOf(me.id);
    expect(keys).toHaveLength(1);
    expect(keys[0]!.last_four, 'the key is still the first one').toBe(secret.slice(-4));
    await page.getByRole('link', { name: 'Go back' }).click();
    await expect(page).toHaveURL(OWN_KEYS);
  });

  test('a date of one’s own is in UTC, 29 February included', async ({ page, me }) => {
    await page.goto(`${OWN_KEYS}/new`);
    await page.getByLabel('Description').fill('Deploy bot');
    await expect(page.getByLabel('Date and time')).toBeHidden();
    await page.getByLabel('Expires').selectOption('Custom date');
    await page.getByLabel('Date and time').fill('2096-02-29T22:30');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(secretField(page)).toHaveValue(SECRET);
    expect((await keysOf(me.id))[0]!.expires_at_millis).toBe(Date.parse('2096-02-29T22:30Z'));
  });

  test('mistakes in the form are shown beside their fields, and what was typed stays', async ({ page, me, guard }) => {
    guard.expects(422);
    await page.goto(`${OWN_KEYS}/new`);
    await page.getByLabel('Description').fill('   ');
    await page.getByLabel('Expires').selectOption('Never');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(page.getByLabel('Description')).toHaveAccessibleDescription('This field is required.');
    await expect(page.getByLabel('Description')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel('Expires').locator('option:checked')).toHaveText('Never');
    await page.getByLabel('Description').fill('Deploy bot');
    await page.getByLabel('Expires').selectOption('Custom date');
    await page.getByLabel('Date and time').fill('2020-01-01T00:00');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(page.getByLabel('Date and time')).toHaveAccessibleDescription(/Choose a time in the future\./);
    await expect(page.getByLabel('Date and time')).toHaveValue('2020-01-01T00:00');
    await expect(page.getByLabel('Description')).toHaveValue('Deploy bot');
    expect(await keysOf(me.id)).toEqual([]);
    await page.getByLabel('Date and time').fill('2096-01-01T00:00');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(secretField(page)).toHaveValue(SECRET);
    expect(await keysOf(me.id)).toHaveLength(1);
  });

  test('the list is searched, narrowed, sorted and paged', async ({ page, me }) => {
    await createKeys(me, [
      ...Array.from({ length: 12 }, (_, n) => ({ description: `Service ${n}`, created: -n * DAY, expires: 30 * DAY })),
      { description: 'Leaked', revoked: -DAY },
    ]);
    await page.goto(OWN_KEYS);
    const range = page.getByRole('navigation', { name: 'Pages' });
    const names = page.getByRole('rowheader');
    await expect(range).toContainText('1–10 of 12');
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range).toContainText('11–12 of 12');
    await page.getByRole('link', { name: 'Previous' }).click();
    await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
    await expect(page.getByRole('columnheader', { name: 'Created' })).toHaveAttribute('aria-sort', 'ascending');
    await expect(names.first()).toContainText('Service 11');
    await page.getByRole('searchbox').fill('service 1');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(names).toContainText(['Service 11', 'Service 10', 'Service 1']);
    await expect(page, 'the order stays').toHaveURL(/sort=created/);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('combobox', { name: 'Status' }).selectOption('Revoked');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(names).toContainText(['Leaked']);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'Show inactive (1)' }).click();
    await expect(range).toContainText('of 13');
    await page.getByRole('combobox', { name: 'Keys per page' }).selectOption('25 per page');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(range).toContainText('1–13 of 13');
    await expect(names.last()).toContainText('Leaked');
  });

  test('a key that is typed into the search gets into no address', async ({ page, me }) => {
    const key = `sk_${'0123456789abcdefghjkmnpqrstvwxyz0123456789abc'}${me.id.replaceAll('-', '')}user1574ck4u7h00000000`;
    const [id] = await createKeys(me, [{ description: 'Mine' }, { description: 'Other', created: -DAY }]);
    await sql(`UPDATE api_keys SET digest = sha256(:'key'::bytea) WHERE api_key_id = :'id'`, { key, id: id! });
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    await page.goto(OWN_KEYS);
    await page.getByRole('searchbox').fill(`Bearer ${key}`);
    await page.getByRole('searchbox').press('Enter');
    await expect(page.getByText('This is the key that you pasted.')).toBeVisible();
    await expect(page).toHaveURL(`${OWN_KEYS}?key=${id}`);
    await expect(page.getByRole('rowheader')).toContainText(['Mine']);
    await expect(page.getByRole('searchbox')).toHaveValue('');
    await page.getByRole('searchbox').fill(key.replace('sk_0', 'sk_1'));
    await page.getByRole('searchbox').press('Enter');
    await expect(page.getByRole('heading', { name: 'This is not one of your keys' })).toBeVisible();
    await page.getByRole('searchbox').fill('mine');
    await page.getByRole('searchbox').press('Enter');
    await expect(page).toHaveURL(`${OWN_KEYS}?q=mine`);
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'This is not one of your keys' })).toBeVisible();
    await expect(page.getByRole('searchbox')).toHaveValue('');
    expect(addresses.join(' ')).not.toContain(key.slice(4, 40));
  });

  test('a description that is saved unchanged stays as it was', async ({ page, me }) => {
    await createKeys(me, [{ description: 'two\r\nlines\u0007 gpj\u202e.exe ' }]);
    await page.goto(OWN_KEYS);
    await page.getByRole('link', { name: /^Rename/ }).click();
    await save(page).click();
    const [kept] = await keysOf(me.id);
    expect(kept!.description).toBe('two\r\nlines\u0007 gpj\u202e.exe ');
  });

  test('a key is renamed in place, or not', async ({ page, me, guard }) => {
    guard.expects(422);
    await createKeys(me, [{ description: 'Deploy bot' }, { description: 'Night watch', created: -DAY }]);
    await page.goto(`${OWN_KEYS}?size=25`);
    await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
    await expect(page.getByRole('textbox', { name: 'New name' })).toHaveValue('Deploy bot');
    await page.getByRole('link', { name: 'Cancel' }).filter({ visible: true }).click();
    await expect(page).toHaveURL(`${OWN_KEYS}?size=25`);
    await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill('Release bot');
    await save(page).click();
    await expect.poll(async () => (await keysOf(me.id)).map((key) => key.description)).toEqual(['Night watch', 'Release bot']);
    await expect(page.getByRole('rowheader', { name: 'Release bot' })).toBeVisible();

    await page.goto(OWN_KEYS);
    await page.getByRole('link', { name: 'Rename “Night watch”' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill('x'.repeat(256));
    await save(page).click();
    await expect(page.getByText('Use at most 255 characters.')).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'New name' })).toHaveValue('x'.repeat(256));
    await expect(page.getByRole('textbox', { name: 'New name' })).toHaveAccessibleDescription('Use at most 255 characters.');
    await page.getByRole('textbox', { name: 'New name' }).fill('Day watch');
    await save(page).click();
    await expect.poll(async () => (await keysOf(me.id)).map((key) => key.description)).toEqual(['Day watch', 'Release bot']);
  });

  test('a key is revoked after a second question, or not', async ({ page, me }) => {
    await createKeys(me, [{ description: 'Deploy bot', used: -2 * DAY }]);
    await page.goto(OWN_KEYS);
    await page.getByRole('link', { name: 'Revoke “Deploy bot”' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke “Deploy bot”?' });
    await expect(dialog).toContainText('Last used 2 days ago.');
    await dialog.getByRole('button', { name: 'Revoke key' }).click();
    await expect(dialog, 'the browser asks for the box').toBeVisible();
    await dialog.getByRole('link', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
    expect((await keysOf(me.id))[0]!.revoked_at_millis).toBeNull();
    await page.getByRole('link', { name: 'Revoke “Deploy bot”' }).click();
    await dialog.getByLabel('I understand').check();
    await dialog.getByRole('button', { name: 'Revoke key' }).click();
    await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
    await page.reload();
    await page.getByRole('link', { name: 'Show inactive (1)' }).click();
    await expect(cell(rowOf(page, 'Deploy bot'), 'Status')).toHaveText('Revoked');
    expect((await keysOf(me.id))[0]!.revoked_at_millis).toEqual(expect.any(Number));
  });

  test('a team is founded and renamed, and gets a key', async ({ page, me }) => {
    await page.goto('/account-settings');
    await page.getByRole('link', { name: 'Create a team' }).click();
    await page.getByRole('textbox', { name: 'Team name' }).fill('Compilers');
    await page.getByRole('button', { name: 'Create a team' }).click();
    await expect(page.getByRole('heading', { name: 'Compilers' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Team name' }).fill('Linkers');
    await save(page).first().click();
    await expect(page.getByRole('heading', { name: 'Linkers' })).toBeVisible();
    await page.getByRole('link', { name: 'Create API key' }).first().click();
    await page.getByLabel('Description').fill('Engine');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(secretField(page)).toHaveValue(SECRET);
    await page.getByLabel('I have saved this key').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(cell(rowOf(page, 'Engine'), 'Created by')).toHaveText('Grace Hopper');
    const [team] = await rows<{ team_id: string }>(`SELECT team_id FROM memberships WHERE user_id = :'user'`, { user: me.id });
    await expect(page).toHaveURL(teamPage(team!.team_id));
    expect(await keysOf(team!.team_id)).toHaveLength(1);
  });

  test('one’s name is changed, or not', async ({ page, me, guard }) => {
    guard.expects(422);
    await page.goto('/account-settings/profile');
    await page.getByRole('textbox', { name: 'Display name' }).fill('Amazing Grace');
    await save(page).click();
    await expect(page).toHaveURL('/account-settings/profile');
    await expect(page.getByRole('banner')).toContainText('Amazing Grace');
    await page.getByRole('textbox', { name: 'Display name' }).fill('  ');
    await save(page).click();
    await expect(page.getByRole('heading', { name: 'My profile' })).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Display name' })).toHaveAccessibleDescription('This field is required.');
    await expect(page.getByRole('textbox', { name: 'Display name' })).toBeFocused();
    expect(await rows(`SELECT display_name FROM users WHERE user_id = :'user'`, { user: me.id })).toEqual([{ display_name: 'Amazing Grace' }]);
  });

  test('a key that has gone is met by a page that says so', async ({ page, me, guard }) => {
    guard.expects(404);
    await createKeys(me, [{ description: 'Deploy bot' }]);
    await page.goto(OWN_KEYS);
    await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
    await sql(`DELETE FROM api_keys WHERE owner_user_id = :'user'`, { user: me.id });
    await save(page).click();
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    await page.getByRole('link', { name: 'Go back' }).click();
    await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  });

  test('a permission taken away leaves no section and no form', async ({ page, me, guard }) => {
    guard.expects(404);
    const team = await createTeam(me);
    await createKeys(me, [{ description: 'Engine' }], team);
    await page.goto(`${teamPage(team)}/api-keys/new`);
    await sql(`DELETE FROM team_permission_grants WHERE team_id = :'team'`, { team });
    await page.getByLabel('Description').fill('Too late');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    await page.goto(teamPage(team));
    await expect(page.getByRole('heading', { name: 'Analytics' })).toBeVisible();
    expect(await page.content()).not.toContain('Engine');
    expect(await keysOf(team)).toHaveLength(1);
  });

  test('an old tab does nothing for somebody else who has signed in since', async ({ page, me, context, guard }) => {
    guard.expects(409);
    const other = await createUser('Ada Lovelace');
    const team = await createTeam(me);
    await createKeys(me, [{ description: 'Deploy bot' }]);
    const forms: [string, string, (page: Page) => Promise<void>][] = [
      [`${OWN_KEYS}/new`, 'Create API key', (page) => page.getByLabel('Description').fill('Night watch')],
      [`${teamPage(team)}/api-keys/new`, 'Create API key', (page) => page.getByLabel('Description').fill('Night watch')],
      ['/account-settings/profile', 'Save', (page) => page.getByLabel('Display name').fill('Amazing Grace')],
      ['/account-settings/settings', 'Sign out', async () => {}],
      [
        OWN_KEYS,
        'Revoke key',
        async (page) => {
          await page.getByRole('link', { name: 'Revoke “Deploy bot”' }).click();
          await page.getByLabel('I understand').check();
        },
      ],
    ];
    for (const [path, button, fill] of forms) {
      await signIn(page, me);
      await page.goto(path);
      await fill(page);
      const tab = await context.newPage();
      await signIn(tab, other);
      await tab.close();
      await page.getByRole('button', { name: button }).click();
      await expect(page.getByRole('heading', { name: 'Another account is signed in' }), path).toBeVisible();
      await expect(page.getByText(`You are now signed in as ${other.email}`), path).toBeVisible();
      await page.getByRole('link', { name: `Continue as ${other.email}` }).click();
      await expect(page.getByRole('banner'), path).toContainText('Ada Lovelace');
    }
    expect(await keysOf(other.id)).toEqual([]);
    expect(await keysOf(team)).toEqual([]);
    expect(await keysOf(me.id)).toMatchObject([{ description: 'Deploy bot', revoked_at_millis: null }]);
    expect(await rows(`SELECT display_name FROM users WHERE user_id IN (:'me', :'other') ORDER BY display_name`, { me: me.id, other: other.id })).toEqual([
      { display_name: 'Ada Lovelace' },
      { display_name: 'Grace Hopper' },
    ]);
  });

  test('a form whose session has ended comes back after signing in, with what was typed', async ({ page, me }) => {
    await createKeys(me, [{ description: 'Deploy bot' }]);
    const team = await createTeam(me, 'Compilers');
    const forms: [string, () => Promise<void>, () => Promise<void>][] = [
      [
        `${OWN_KEYS}/new`,
        async () => {
          await page.getByLabel('Description').fill('Night “watch” 🔑');
          await page.getByLabel('Expires').selectOption('90 days');
          await page.getByRole('button', { name: 'Create API key' }).click();
        },
        async () => {
          await expect(page.getByLabel('Description')).toHaveValue('Night “watch” 🔑');
          await expect(page.getByLabel('Expires').locator('option:checked')).toHaveText('90 days');
        },
      ],
      [
        '/account-settings/profile',
        async () => {
          await page.getByRole('textbox', { name: 'Display name' }).fill('Amazing Grace');
          await save(page).click();
        },
        () => expect(page.getByRole('textbox', { name: 'Display name' })).toHaveValue('Amazing Grace'),
      ],
      [
        teamPage(team),
        async () => {
          await page.getByRole('textbox', { name: 'Team name' }).fill('Linkers');
          await save(page).first().click();
        },
        () => expect(page.getByRole('textbox', { name: 'Team name' })).toHaveValue('Linkers'),
      ],
      [
        OWN_KEYS,
        async () => {
          await page.getByRole('textbox', { name: 'New name' }).fill('Release bot');
          await save(page).click();
        },
        () => expect(page.getByRole('textbox', { name: 'New name' })).toHaveValue('Release bot'),
      ],
    ];
    for (const [path, send, expectTyped] of forms) {
      await page.goto(path);
      if (path === OWN_KEYS) await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
      await endSessions(me);
      await send();
      await expect(page).toHaveURL(/\/sign-in\?to=.*ended=kept/);
      await expect(page.getByText('Your session has ended. Sign in again to continue: what you typed is kept.')).toBeVisible();
      await enter(page, me.email, me.password);
      await expect(page).toHaveURL((url) => url.pathname === path);
      await expectTyped();
      await page.goto(path);
      await expect(page.getByText('Your session has ended.')).toHaveCount(0);
    }
    expect((await keysOf(me.id)).map((key) => key.description)).toEqual(['Deploy bot']);
  });

  test('what somebody typed is not shown to another who signs in', async ({ page, me, context }) => {
    const other = await createUser('Ada Lovelace');
    await page.goto(`${OWN_KEYS}/new`);
    await endSessions(me);
    await page.getByLabel('Description').fill('For my eyes only');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    await enter(page, other.email, other.password);
    await expect(page).toHaveURL(`${OWN_KEYS}/new`);
    await expect(page.getByLabel('Description')).toHaveValue('');
    const draft = (await context.cookies()).find(({ name }) => name.includes('draft'));
    expect(draft).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  });
});

test('the password is changed, and sessions are ended', async ({ page, me, visit, guard }) => {
  const elsewhere = await visit(me);
  await signIn(page, me);
  await page.goto('/account-settings/security');
  guard.expects(422);
  await page.getByLabel('Current password').fill('not my password');
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('This is not your current password.')).toBeVisible();
  await page.goto('/account-settings/sessions');
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(page).toHaveURL('/account-settings/sessions');
  await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
  await elsewhere.goto('/account-settings/sessions');
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await page.goto('/account-settings/security');
  await page.getByLabel('Current password').fill(me.password);
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page).toHaveURL('/account-settings/security');
  await signIn(elsewhere, { email: me.email, password: 'another horse battery' });
});

test('a forgotten password is replaced by a link', async ({ page, me, guard, baseURL }) => {
  const link = (await latchkey('user', 'reset-link', '--project', me.project, '--email', me.email, '--public-url', baseURL!)).split('\n')[0]!;
  await page.goto(link);
  guard.expects(422);
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('Use at least 8 characters.')).toBeVisible();
  await page.goto(link);
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('Your password was changed. Sign in with the new one.')).toBeVisible();
  await enter(page, me.email, 'another horse battery');
  await expect(page).toHaveURL('/account-settings');
});
