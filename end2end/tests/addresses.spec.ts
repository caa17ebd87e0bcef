// The pages at other addresses than the one that is shown: of the machine, of a forwarded port, behind a proxy.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

import type { Page } from '@playwright/test';

import { type Account, createUser, expect, live, signIn, test } from '../fixtures.ts';
import { type Server, serve } from '../program.ts';
import { proxy } from '../proxy.ts';

const SETTINGS = '/account-settings/settings';

async function fillIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function enter(page: Page, url: string, account: Account): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await live(page);
  await fillIn(page, account);
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The machine's addresses in its networks. */
const lan = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ family, internal }) => family === 'IPv4' && !internal)
  .map(({ address }) => address);

/** The line of the log with this text. A line may be written after the answer that it is about. */
async function loggedLine(server: Server, text: string): Promise<string> {
  const line = () => readFileSync(server.log, 'utf8').split('\n').slice(0, -1).find((line) => line.includes(text)) ?? '';
  await expect.poll(line, `the log says “${text}”`).not.toBe('');
  return line();
}

test.describe('a server that listens on all addresses', () => {
  let server: Server;
  test.beforeEach(async ({}, info) => {
    server = await serve(info.outputPath('server.log'), { LATCHKEY_LISTEN: '0.0.0.0:0', LATCHKEY_LOG: 'info' });
  });
  test.afterEach(() => server.stop());

  test('is ready at an address that can be opened', async () => {
    const ready = await loggedLine(server, 'is ready at');
    expect(ready).toMatch(/is ready at http:\/\/localhost:\d+( and http:\/\/\d+\.\d+\.\d+\.\d+:\d+)?$/);
    expect(ready).not.toContain('0.0.0.0');
  });

  test('is signed in to by any of them', async ({ browser, me }) => {
    const { port } = new URL(server.url);
    // The last can be reached on Linux without another interface.
    for (const host of ['localhost', '127.0.0.1', ...lan, '127.0.0.2']) {
      const page = await (await browser.newContext()).newPage();
      await enter(page, `http://${host}:${port}`, me);
      await expect(page, host).toHaveURL(`http://${host}:${port}/account-settings`);
      await page.getByLabel('Display name').fill('Amazing Grace');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('status').filter({ hasText: 'Display name changed.' }), host).toBeAttached();
      await page.context().close();
    }
  });
});

for (const [what, headers] of [
  ['through a forwarded port', () => {}],
  ['through a proxy that removes the origin', (headers: Record<string, unknown>) => delete headers['origin']],
] as const) {
  test(`one signs in ${what}`, async ({ browser, baseURL, me }) => {
    const forwarded = await proxy(baseURL!, { headers });
    const page = await (await browser.newContext()).newPage();
    await enter(page, forwarded.url, me);
    await expect(page).toHaveURL(`${forwarded.url}/account-settings`);
    await expect(page.getByRole('banner')).toContainText(me.name);
    await page.context().close();
    await forwarded.stop();
  });
}

test.describe('a server with public addresses', () => {
  let server: Server;
  let port: number;
  test.beforeEach(async ({}, info) => {
    port = await freePort();
    server = await serve(info.outputPath('server.log'), {
      LATCHKEY_LISTEN: `127.0.0.1:${port}`,
      LATCHKEY_PUBLIC_URL: `https://keys.example, http://localhost:${port}`,
      LATCHKEY_LOG: 'info',
    });
  });
  test.afterEach(() => server.stop());

  test('is signed in to at each of them', async ({ browser, me }) => {
    expect(server.url, 'the first is shown').toBe('https://keys.example');
    const page = await (await browser.newContext()).newPage();
    await enter(page, `http://localhost:${port}`, me);
    await expect(page).toHaveURL(`http://localhost:${port}/account-settings`);
    await page.context().close();
  });

  for (const javaScriptEnabled of [true, false]) {
    test(`says at another one which setting names it, ${javaScriptEnabled ? 'in the form' : 'on a page'}`, async ({ browser, me }) => {
      const page = await (await browser.newContext({ javaScriptEnabled })).newPage();
      await page.goto(`http://127.0.0.1:${port}/sign-in`);
      if (javaScriptEnabled) await live(page);
      await fillIn(page, me);
      const said = page.getByText('LATCHKEY_PUBLIC_URL');
      await expect(said).toContainText(`This form came from http://127.0.0.1:${port}`);
      await expect(said).toContainText(`this site is served at https://keys.example, http://localhost:${port}`);
      expect(await page.context().cookies()).toEqual([]);
      const logged = await loggedLine(server, 'a form was refused');
      expect(logged).toContain(`http://127.0.0.1:${port}`);
      expect(logged).toContain('https://keys.example');
      expect(logged).toContain('LATCHKEY_PUBLIC_URL');
      await page.context().close();
    });
  }
});

test('two servers on one host do not sign each other out', async ({ page, context, me, site, guard, baseURL }) => {
  guard.allow(site.url);
  const there = await createUser('Ada Lovelace', site.project);
  await signIn(page, me);
  await enter(page, site.url, there);
  await expect(page).toHaveURL(`${site.url}/account-settings`);
  for (const [url, account] of [[baseURL!, me], [site.url, there]] as const) {
    await page.goto(url + SETTINGS);
    await expect(page.getByText(`You are signed in as ${account.email}.`)).toBeVisible();
  }
  const sessions = (await context.cookies()).map(({ name }) => name).filter((name) => name.startsWith('latchkey_session'));
  expect(sessions.sort()).toEqual(
    [baseURL!, site.url].map((url) => `latchkey_session_${new URL(url).port}`).sort(),
  );
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${site.url}/sign-in`);
  await page.goto(baseURL + SETTINGS);
  await expect(page.getByText(`You are signed in as ${me.email}.`)).toBeVisible();
});
