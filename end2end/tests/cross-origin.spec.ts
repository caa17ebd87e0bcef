// A browser application on another origin, written for the published SDK.

import { type Page, mergeTests } from '@playwright/test';

import { type ClientSite, serveClientApp } from '../client-app/serve.ts';
import { Guard, test as pages } from '../fixtures.ts';
import { expect, test as programs, withEachSdk } from '../sdk.ts';

interface Fixtures {
  clientSite: ClientSite;
  /** The application, opened. */
  client: Page;
}

const test = mergeTests(pages, programs).extend<Fixtures>({
  clientSite: async ({ version }, use) => {
    const site = await serveClientApp(version);
    await use(site);
    await site.stop();
  },
  guard: async ({ context, clientSite, baseURL }, use) => {
    const guard = new Guard(clientSite.origin, baseURL!);
    guard.watch(context);
    await use(guard);
    expect(guard.report(), 'what went wrong in the browser').toEqual([]);
  },
  client: async ({ page, clientSite, project }, use) => {
    const settings = new URLSearchParams({ api: project.url, project: project.id, key: project.keys.publishable_client_key });
    await page.goto(`${clientSite.origin}/?${settings}`);
    await expect(page.getByRole('status')).toHaveText('Signed out');
    await use(page);
  },
});

async function enter(page: Page, way: 'Sign up' | 'Sign in', email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: way }).click();
}

const said = (page: Page) => page.getByRole('status');

withEachSdk(() => {
  test('somebody signs up, makes a key, revokes it and signs out', async ({ client, project }) => {
    await enter(client, 'Sign up', 'ada@example.com', 'correct horse');
    await expect(said(client)).toHaveText('Signed in as ada@example.com');
    await expect(client.getByRole('listitem')).toHaveCount(0);

    await client.getByLabel('Description').fill('Deploy bot');
    await client.getByRole('button', { name: 'Create key' }).click();
    const secret = client.getByLabel('New key');
    await expect(secret).toHaveValue(/^sk_[0-9a-z]{99}$/);
    const key = await secret.inputValue();
    const row = client.getByRole('listitem');
    await expect(row).toHaveText(`Deploy bot …${key.slice(-4)} valid Revoke Deploy bot`);
    const owner = await project.server().getUser({ apiKey: key });
    expect(owner?.primaryEmail).toBe('ada@example.com');

    await client.getByRole('button', { name: 'Revoke Deploy bot' }).click();
    await expect(row).toHaveText(`Deploy bot …${key.slice(-4)} manually-revoked`);
    expect(await project.server().getUser({ apiKey: key })).toBeNull();

    await client.getByRole('button', { name: 'Sign out' }).click();
    await expect(said(client)).toHaveText('Signed out');
    await expect(row).toHaveCount(0);
  });

  test('the session is still there after a reload, and not after signing out', async ({ client, context }) => {
    await enter(client, 'Sign up', 'ada@example.com', 'correct horse');
    await expect(said(client)).toHaveText('Signed in as ada@example.com');
    await client.reload();
    await expect(said(client)).toHaveText('Signed in as ada@example.com');
    // Without its access token the application asks for another, by a request without preflight.
    await context.clearCookies({ name: /access/ });
    const asked = client.waitForRequest('**/api/v1/auth/oauth/token');
    await client.reload();
    expect((await (await asked).response())?.status()).toBe(200);
    await expect(said(client)).toHaveText('Signed in as ada@example.com');
    await client.getByRole('button', { name: 'Sign out' }).click();
    await expect(said(client)).toHaveText('Signed out');
    await client.reload();
    await expect(said(client)).toHaveText('Signed out');
  });

  test('a refusal is read as one', async ({ client, project }) => {
    await project.signUp('ada@example.com');
    await enter(client, 'Sign up', 'ada@example.com', 'another password');
    await expect(said(client)).toHaveText('A user with email "ada@example.com" already exists.');
    await enter(client, 'Sign in', 'ada@example.com', 'wrong horse');
    await expect(said(client)).toHaveText('Wrong e-mail or password.');
    await enter(client, 'Sign in', 'ada@example.com', 'correct horse');
    await expect(said(client)).toHaveText('Signed in as ada@example.com');
  });

  test('what the SDK reports of its own accord is turned down without noise', async ({ client }) => {
    await client.clock.install();
    await client.reload();
    await enter(client, 'Sign up', 'ada@example.com', 'correct horse');
    await expect(said(client)).toHaveText('Signed in as ada@example.com');
    const turnedDown = client.waitForResponse('**/api/v1/analytics/**');
    await client.clock.fastForward(60_000);
    const response = await turnedDown;
    expect(response.status(), 'or it would be an error on the console').toBe(200);
    expect(response.headers()['x-stack-actual-status']).toBe('404');
  });
});
