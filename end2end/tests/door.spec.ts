// Signing in, up and out.

import { randomUUID } from 'node:crypto';

import type { Page } from '@playwright/test';

import { ACME, createKeys, expect, open, OWN_KEYS, post, rows, signIn, sql, test } from '../fixtures.ts';

const SOMEWHERE = `${OWN_KEYS}?q=ci&status=valid`;

async function enter(page: Page, button: string, email: string, password: string) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
}

/** Sign-ups are counted by address, and all tests come from the same one. */
const forgetAttempts = () => sql(`DELETE FROM sign_in_attempts WHERE project_id = :'acme'`, { acme: ACME });

test('the right password leads to the settings', async ({ page, me }) => {
  await open(page, '/sign-in');
  await expect(page).toHaveTitle('Sign in · Acme');
  await enter(page, 'Sign in', me.email.toUpperCase(), me.password);
  await expect(page).toHaveURL('/account-settings');
  await expect(page.getByRole('banner')).toContainText(me.name);
  await expect(page.getByRole('heading', { name: 'My profile' })).toBeVisible();
});

for (const [what, email] of [
  ['a wrong password', undefined],
  ['an unknown account', 'nobody@example.com'],
  ['an address that is none', 'nobody@nowhere'],
] as const) {
  test(`${what} is refused, and what was typed stays`, async ({ page, me, guard, context }) => {
    guard.expects(422);
    await open(page, '/sign-in');
    await enter(page, 'Sign in', email ?? me.email, 'not the password');
    await expect(page.getByRole('alert').filter({ hasText: 'Wrong e-mail or password.' })).toBeVisible();
    await expect(page.getByLabel('E-mail')).toHaveValue(email ?? me.email);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
    expect(await context.cookies()).toEqual([]);
  });
}

test('wrong passwords elsewhere do not keep a browser out that has signed in before', async ({ site, request, playwright }) => {
  const email = `${randomUUID()}@example.com`;
  await post(request, '/fn/sign-up', { email, password: 'correct horse' }, { url: site.url });
  // As strangers at many addresses leave it.
  const subject = `account_attempts(u.user_id, NULL)`;
  await sql(`INSERT INTO sign_in_attempts SELECT u.project_id, ${subject}, now_millis() + 900000, 80 FROM users u WHERE u.primary_email = :'email';
    DELETE FROM sign_in_attempts WHERE has_succeeded`, { email });
  const stranger = await playwright.request.newContext();
  const kept = await post(stranger, '/fn/sign-in', { email, password: 'correct horse' }, { url: site.url });
  expect(kept.status(), 'as for a wrong password').toBe(422);
  await stranger.dispose();
  const known = await post(request, '/fn/sign-in', { email, password: 'correct horse' }, { url: site.url });
  expect(known.status()).toBe(200);
});

test('signing in leads to the page that was asked for', async ({ page, me }) => {
  await open(page, SOMEWHERE);
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await enter(page, 'Sign in', me.email, me.password);
  await expect(page).toHaveURL(SOMEWHERE);
  await open(page, '/sign-in');
  await expect(page, 'nobody signs in twice').toHaveURL('/account-settings');
});

test('signing up makes an account and leads to the page that was asked for', async ({ page }) => {
  await forgetAttempts();
  const email = `${randomUUID()}@Example.com`;
  await open(page, SOMEWHERE);
  await page.getByRole('link', { name: 'Create account' }).click();
  await expect(page).toHaveTitle('Create account · Acme');
  await enter(page, 'Create account', ` ${email}`, 'correct horse');
  await expect(page).toHaveURL(SOMEWHERE);
  expect(await rows(`SELECT primary_email FROM users WHERE primary_email = lower(:'email')`, { email })).toHaveLength(1);
});

for (const [what, field, error] of [
  ['a taken address', 'E-mail', 'An account with this e-mail already exists. Sign in instead.'],
  ['an incomplete address', 'E-mail', 'Enter a complete e-mail address, such as ada@example.com.'],
  ['a short password', 'Password', 'Use at least 8 characters.'],
  ['a long password', 'Password', 'Use at most 70 characters.'],
] as const) {
  test(`${what} is refused beside its field`, async ({ page, me, guard }) => {
    await forgetAttempts();
    guard.expects(422);
    await open(page, '/sign-up');
    const password = { 'a short password': '1234567', 'a long password': 'x'.repeat(71) }[what as string];
    const email = what === 'a taken address' ? me.email : what === 'an incomplete address' ? 'ada@b' : 'new@example.com';
    await enter(page, 'Create account', email, password ?? 'correct horse');
    const input = page.getByLabel(field);
    await expect(page.getByRole('alert').filter({ hasText: error })).toBeVisible();
    await expect(input).toHaveAccessibleDescription(new RegExp(error));
    await expect(input).toHaveAttribute('aria-invalid', 'true');
    await expect(input).toBeFocused();
    await input.press('End');
    await input.pressSequentially('x');
    await expect(input, 'the error goes when the field is changed').not.toHaveAttribute('aria-invalid');
    expect(await rows(`SELECT FROM users WHERE primary_email = 'new@example.com'`)).toEqual([]);
  });
}

test('signing out ends the session, and Back shows nothing of the account', async ({ page, me, context }) => {
  await createKeys(me, [{ description: 'Deploy bot' }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await expect(page.getByText('Deploy bot', { exact: true })).toBeVisible();
  const former = await context.cookies();
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await expect(page.getByText(`You are signed in as ${me.email}.`)).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  const left = (await context.cookies()).map(({ name }) => name);
  expect(left, 'only what recognizes the browser').toEqual([expect.stringContaining('device')]);
  expect(await rows(`SELECT FROM sessions WHERE user_id = :'user'`, { user: me.id })).toEqual([]);

  for (let steps = 0; steps < 2; steps++) {
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Sign in to Acme' })).toBeVisible();
    await expect(page.getByText(me.email)).toHaveCount(0);
    await expect(page.getByText('Deploy bot')).toHaveCount(0);
  }

  await context.addCookies(former);
  await page.goto(OWN_KEYS);
  await expect(page, 'the former cookie is worth nothing').toHaveURL(/\/sign-in/);
});

test('signing in starts a new session and ends the former one', async ({ page, me, context }) => {
  await signIn(page, me);
  const session = async () => (await context.cookies()).find(({ name }) => name.includes('session'));
  const first = await session();
  await signIn(page, me);
  const second = await session();
  expect(second!.value).not.toBe(first!.value);
  expect(await rows(`SELECT FROM sessions WHERE user_id = :'user'`, { user: me.id })).toHaveLength(1);
  expect(first).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
});

const ELSEWHERE = [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/account-settings//evil.example',
  '/account-settings/\\evil.example',
  '/account-settings.evil.example',
  '/account-settings/../../evil',
  'javascript:alert(1)',
  '/account-settings/\r\nSet-Cookie: a=b',
  '/sign-in',
  '',
];

test('nothing leads elsewhere after signing in', async ({ page, me, request, baseURL }) => {
  await signIn(page, me);
  for (const to of ELSEWHERE) {
    const query = new URLSearchParams({ to });
    const signedIn = await post(request, '/fn/sign-in', { email: me.email, password: me.password, to });
    const already = await page.request.get(`/sign-in?${query}`, { maxRedirects: 0 });
    for (const response of [signedIn, already]) {
      const target = new URL(response.headers()['location']!, baseURL);
      expect(target.origin, to).toBe(baseURL);
    }
    const form = await (await request.get(`/sign-up?${query}`)).text();
    expect(form, to).not.toContain('evil.example');
  }
});

test('a link that looks like ours does not lead elsewhere', async ({ page, me }) => {
  await open(page, '/sign-in?to=//evil.example/account-settings');
  await enter(page, 'Sign in', me.email, me.password);
  await expect(page).toHaveURL('/account-settings');
});

test('signing out twice, in two tabs, ends at the door', async ({ page, me, context }) => {
  await signIn(page, me);
  const other = await context.newPage();
  for (const tab of [page, other]) await open(tab, '/account-settings/settings');
  for (const tab of [page, other]) {
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await expect(tab).toHaveURL('/sign-in');
  }
});
