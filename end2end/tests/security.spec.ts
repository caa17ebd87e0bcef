// The password, and where somebody is signed in.

import type { Page } from '@playwright/test';

import { audit, expect, live, mark, open, rows, saidAloud, signIn, sql, test } from '../fixtures.ts';
import { attempt, latchkey } from '../program.ts';

const SECURITY = '/account-settings/security';
const SESSIONS = '/account-settings/sessions';
const NEW = 'another horse battery';

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const sessions = (page: Page) => page.getByRole('main').getByRole('listitem').filter({ hasText: 'Signed in' });
const entry = (page: Page, name: string) => page.getByRole('navigation', { name: 'Account settings' }).getByRole('link', { name, exact: true });

async function change(page: Page, current: string, next: string): Promise<void> {
  await field(page, 'Current password').fill(current);
  await field(page, 'New password').fill(next);
  await page.getByRole('button', { name: 'Change password' }).click();
}

test('the password is changed, and everybody else is signed out', async ({ page, me, visit }) => {
  const elsewhere = await visit(me);
  await signIn(page, me);
  await open(page, SECURITY);
  await expect(entry(page, 'Sign-in & security')).toHaveAttribute('aria-current', 'page');
  const unmoved = await mark(page);
  await change(page, me.password, NEW);
  await expect(saidAloud(page).filter({ hasText: 'Password changed. You are signed out everywhere else.' })).toBeAttached();
  await expect(field(page, 'Current password')).toHaveValue('');
  await expect(field(page, 'New password')).toHaveValue('');
  await unmoved();
  await elsewhere.goto(SECURITY);
  await expect(elsewhere).toHaveURL(/\/sign-in\?to=/);
  await signIn(elsewhere, { email: me.email, password: NEW });
  await elsewhere.goto(SECURITY);
  await expect(elsewhere.getByRole('heading', { name: 'Sign-in & security' })).toBeVisible();
});

test('what is wrong is told beside its field, and what was typed stays', async ({ page, me, guard }) => {
  await signIn(page, me);
  await open(page, SECURITY);
  guard.expects(422);
  await change(page, 'not my password', NEW);
  await expect(field(page, 'Current password')).toHaveAccessibleDescription(/This is not your current password\./);
  await expect(field(page, 'Current password')).toHaveAttribute('aria-invalid', 'true');
  await expect(field(page, 'Current password')).toBeFocused();
  await expect(field(page, 'New password')).toHaveValue(NEW);
  await change(page, me.password, 'short');
  await expect(field(page, 'New password')).toHaveAccessibleDescription(/Use at least 8 characters\./);
  await expect(field(page, 'New password')).toBeFocused();
  await change(page, me.password, NEW);
  await expect(saidAloud(page).filter({ hasText: 'Password changed.' })).toBeAttached();
});

test('the fields are ones that a password manager understands', async ({ page, me }) => {
  await signIn(page, me);
  await open(page, SECURITY);
  await expect(field(page, 'Current password')).toHaveAttribute('autocomplete', 'current-password');
  await expect(field(page, 'New password')).toHaveAttribute('autocomplete', 'new-password');
  await expect(page.locator('input[autocomplete=username]')).toHaveValue(me.email);
});

test('sessions are listed with browser, system and address, this one first', async ({ page, me, visit }) => {
  await visit(me);
  await signIn(page, me);
  await visit(me);
  await open(page, SESSIONS);
  await expect(sessions(page)).toHaveCount(3);
  await expect(sessions(page).first()).toContainText('This session');
  await expect(sessions(page).first()).toContainText('127.0.0.1');
  for (const [n, agent] of [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    '<b>bold</b>',
  ].entries()) {
    await sql(
      `UPDATE sessions SET user_agent = :'agent' WHERE session_id = (
         SELECT session_id FROM sessions WHERE user_id = :'user' ORDER BY created_at_millis LIMIT 1 OFFSET :n)`,
      { agent, user: me.id, n: n * 2 },
    );
  }
  await open(page, SESSIONS);
  await expect(sessions(page).filter({ hasText: 'Safari on iPhone' })).toHaveCount(1);
  await expect(sessions(page).filter({ hasText: 'Browser' })).toHaveCount(1);
});

test('a session is ended, and then all others', async ({ page, me, visit }) => {
  const [first, second] = [await visit(me), await visit(me)];
  await signIn(page, me);
  await open(page, SESSIONS);
  await expect(sessions(page)).toHaveCount(3);
  await sessions(page).last().getByRole('button', { name: 'Sign out' }).click();
  await expect(saidAloud(page).filter({ hasText: 'Session ended.' })).toBeAttached();
  await expect(sessions(page)).toHaveCount(2);
  await first.goto(SESSIONS);
  await expect(first).toHaveURL(/\/sign-in/);
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(saidAloud(page).filter({ hasText: 'All other sessions ended.' })).toBeAttached();
  await expect(sessions(page)).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
  await second.goto(SESSIONS);
  await expect(second).toHaveURL(/\/sign-in/);
  await sessions(page).first().getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  expect(await rows('SELECT 1 FROM sessions WHERE user_id = :\'user\'', { user: me.id })).toEqual([]);
});

test('axe: the password and the sessions', async ({ page, me, visit }) => {
  await visit(me);
  await signIn(page, me);
  for (const path of [SECURITY, SESSIONS]) {
    await open(page, path);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1440, 320]) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        await audit(page, `${path}, ${colorScheme}, ${width} px`, colorScheme === 'dark');
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(over, `scrolls sideways at ${width} px`).toBe(0);
        await page.screenshot({ path: `test-results/screenshots/${path.split('/').pop()}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  }
});

/** The link that an operator makes for somebody who has forgotten the password. */
async function resetLink(me: { email: string; project: string }, baseURL: string): Promise<string> {
  const said = await latchkey('user', 'reset-link', '--project', me.project, '--email', me.email, '--public-url', baseURL, '--json');
  const { url, expires_at_millis } = JSON.parse(said) as { url: string; expires_at_millis: number };
  expect(url).toMatch(new RegExp(`^${baseURL}/reset-password\\?token=[0-9a-z]{45}$`));
  expect(Math.abs(expires_at_millis - Date.now() - 3_600_000)).toBeLessThan(60_000);
  return url;
}

test('a forgotten password is replaced by a link that works once', async ({ page, me, guard, baseURL, visit }) => {
  const elsewhere = await visit(me);
  const link = await resetLink(me, baseURL!);
  await open(page, link);
  await expect(page.getByText(me.email)).toBeVisible();
  await expect(field(page, 'New password')).toBeFocused();
  await audit(page, 'choosing a password');
  guard.expects(422);
  await field(page, 'New password').fill('short');
  await page.keyboard.press('Enter');
  await expect(field(page, 'New password')).toHaveAccessibleDescription(/Use at least 8 characters\./);
  await field(page, 'New password').fill(NEW);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/sign-in?reset=1');
  await expect(page.getByText('Your password was changed. Sign in with the new one.')).toBeVisible();
  await elsewhere.goto(SECURITY);
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await live(page);
  await page.getByLabel('E-mail').fill(me.email);
  await page.getByLabel('Password').fill(NEW);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/account-settings');

  guard.expects(410);
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
});

test('a link that was used elsewhere meanwhile says so, and the command names who is missing', async ({ page, me, guard, baseURL }) => {
  const link = await resetLink(me, baseURL!);
  await open(page, link);
  await resetLink(me, baseURL!);
  guard.expects(410);
  await field(page, 'New password').fill(NEW);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
  await expect(page.getByText('Ask for a new link.')).toBeVisible();
  const said = await attempt(['user', 'reset-link', '--project', me.project, '--email', 'nobody@example.com']);
  expect(said.code).toBe(1);
  expect(said.err).toContain('has no such user with a sign-in address');
});
