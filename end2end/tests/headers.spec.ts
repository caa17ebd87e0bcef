// What every answer says about itself, and who may put our pages into theirs.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createTeam, expect, NOBODY, open, OWN_KEYS, post, signIn, teamPage, test } from '../fixtures.ts';

const NONCE = /'nonce-([\w-]{16,})'/;

test('every page guards itself', async ({ page, request, me }) => {
  const team = await createTeam(me);
  await signIn(page, me);
  const asked = [
    ...['/sign-in', '/sign-up', '/nothing', `${OWN_KEYS}/new`].map((path) => [path, request] as const),
    ...[
      '/account-settings', '/account-settings/profile', '/account-settings/settings', OWN_KEYS, `${OWN_KEYS}?q=none`, `${OWN_KEYS}/new`,
      '/account-settings/teams/new', teamPage(team), `${teamPage(team)}/api-keys/new`, teamPage(NOBODY), '/nothing',
    ].map((path) => [path, page.request] as const),
  ];
  const nonces = new Set<string>();
  for (const [path, by] of asked) {
    const response = await by.get(path);
    const headers = response.headers();
    const html = await response.text();
    const policy = headers['content-security-policy']!;
    expect(policy, path).toMatch(/default-src 'none'/);
    expect(policy, path).toMatch(/frame-ancestors 'none'/);
    expect(policy, path).toMatch(/base-uri 'none'/);
    expect(policy, path).toMatch(/form-action 'self'/);
    expect(policy, path).not.toMatch(/unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|\*|https?:|data:/);
    const nonce = NONCE.exec(policy)![1]!;
    nonces.add(nonce);
    expect(html.match(/<script(?![^>]*nonce=)[^>]*>/g), `${path}: a script without a nonce`).toBeNull();
    expect(html.match(/<style(?![^>]*nonce=)[^>]*>/g), `${path}: a style without a nonce`).toBeNull();
    expect(html.match(/\s(?:on\w+|style)="/g), `${path}: a handler or style in the markup`).toBeNull();
    for (const [, used] of html.matchAll(/nonce="([^"]*)"/g)) expect(used).toBe(nonce);
    expect(headers, path).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers, path).not.toHaveProperty('access-control-allow-origin');
    expect(headers, path).not.toHaveProperty('server');
  }
  expect(nonces.size, 'every answer has a nonce of its own').toBe(asked.length);
});

test('what is no page may do nothing', async ({ page, me }) => {
  await signIn(page, me);
  for (const response of [
    await post(page.request, '/fn/profile/rename', { display_name: ' ' }),
    await post(page.request, '/fn/profile/rename', { display_name: 'Grace' }),
    await page.request.get('/livez'),
    await page.request.get('/readyz'),
    await page.request.get('/', { maxRedirects: 0 }),
  ]) {
    const headers = response.headers();
    expect(headers['content-security-policy'], response.url()).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['cache-control'], response.url()).toBe('no-store');
    expect(headers['x-content-type-options'], response.url()).toBe('nosniff');
  }
});

test('the bundle is kept for ever and comes compressed', async ({ page, me }) => {
  const bundle: Record<string, Record<string, string>> = {};
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    if (/\.(js|wasm)$/.test(pathname)) bundle[pathname.replace(/.*\./, '')] = await response.allHeaders();
  });
  await signIn(page, me);
  await open(page, OWN_KEYS);
  for (const [kind, type] of [['js', /javascript/], ['wasm', /application\/wasm/]] as const) {
    expect(bundle[kind]?.['content-type'], kind).toMatch(type);
    expect(bundle[kind]?.['cache-control'], kind).toBe('public, max-age=31536000, immutable');
    expect(bundle[kind]?.['content-encoding'], kind).toMatch(/br|gzip/);
  }
});

test('the session cookie is out of reach for scripts and for other sites', async ({ page, request, me }) => {
  const response = await post(request, '/fn/sign-in', { email: me.email, password: me.password });
  const [session, device, ...more] = response.headers()['set-cookie']!.split('\n');
  expect(session).toMatch(/^latchkey_session_\d+=[0-9a-f]{32}\.[0-9a-z]{45}; HttpOnly; SameSite=Lax; Path=\/; Max-Age=2592000$/);
  expect(device).toMatch(/^latchkey_device_\d+=[\w-]{65}; HttpOnly; SameSite=Lax; Path=\/; Max-Age=34560000$/);
  expect(more).toEqual([]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('no other page can put ours into itself, or post for somebody', async ({ browser, me, baseURL }) => {
  const embedder = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<iframe name="framed" src="${baseURL}${OWN_KEYS}"></iframe><iframe name="door" src="${baseURL}/sign-in"></iframe>
      <form method="post" action="${baseURL}/fn/profile/rename"><input name="display_name" value="Stolen"><button>Win</button></form>`);
  });
  await new Promise<void>((resolve) => embedder.listen(0, '127.0.0.1', resolve));
  // Another port of the same host: the browser does send the cookie along.
  const context = await browser.newContext({ baseURL: baseURL! });
  const page = await context.newPage();
  try {
    await signIn(page, me);
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    await page.goto(`http://127.0.0.1:${(embedder.address() as AddressInfo).port}/`);
    await expect.poll(() => refused.filter((text) => /frame-ancestors|X-Frame-Options/i.test(text)).length).toBeGreaterThanOrEqual(2);
    for (const name of ['framed', 'door']) {
      const frame = page.frame({ name })!;
      expect(frame.url()).not.toContain(baseURL!);
      await expect(frame.getByText(/API keys|Sign in/)).toHaveCount(0);
    }
    await page.getByRole('button', { name: 'Win' }).click();
    await expect(page.getByText('This request did not come from a page of this site, so it was rejected.')).toBeVisible();
    await open(page, '/account-settings');
    await expect(page.getByRole('banner')).toContainText('Grace Hopper');
  } finally {
    await context.close();
    embedder.close();
  }
});
