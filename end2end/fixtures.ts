// What every test begins with: an account of its own, and browsers in which nothing may go wrong unnoticed.

import AxeBuilder from '@axe-core/playwright';
import {
  type APIRequestContext,
  type APIResponse,
  type BrowserContext,
  type CDPSession,
  type Locator,
  type Page,
  type Request,
  expect,
  test as base,
} from '@playwright/test';

import { type Account, createUser, DAY } from './database.ts';
import { type ProjectKeys, type Server, latchkey, need, serve } from './program.ts';

export { expect } from '@playwright/test';
export * from './database.ts';

/** Whether a page of ours sends this: to change something, or to bring a part of itself up to date. */
function mustNameViewer(request: Request): boolean {
  const { pathname } = new URL(request.url());
  if (request.method() === 'POST') return /^\/(fn|account-settings)\//.test(pathname) && !['/fn/sign-in', '/fn/sign-up', '/fn/password/reset'].includes(pathname);
  return request.resourceType() === 'fetch' && pathname.startsWith('/account-settings');
}

/** Whether a request says whom its page was made for. Playwright does not show the headers that follow a redirect. */
function namesViewer(request: Request): boolean {
  const before = request.redirectedFrom();
  return (
    'x-latchkey-viewer' in request.headers() ||
    new URLSearchParams(request.postData() ?? '').has('viewer') ||
    (before !== null && namesViewer(before))
  );
}

/** Watches browsers: an error on the console, an exception, a question or a request elsewhere fails the test. */
export class Guard {
  private readonly problems: string[] = [];
  private readonly declared: RegExp[] = [];
  /** How often a page asked before it let itself be left. */
  asked = 0;
  /** Whether to leave such a page. */
  leaves = false;

  private readonly origins: string[];

  /** Requests may go to these origins and no others. */
  constructor(...origins: string[]) {
    this.origins = origins;
  }

  /** Requests may go to this origin as well. */
  allow(origin: string): void {
    this.origins.push(origin);
  }

  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`console: ${message.text()}`);
    });
    context.on('weberror', (error) => this.problems.push(`exception: ${error.error().stack || error.error().message}`));
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (!['blob:', 'data:'].includes(url.protocol) && !this.origins.includes(url.origin)) {
        this.problems.push(`request elsewhere: ${url}`);
      }
      if (mustNameViewer(request) && !namesViewer(request)) this.problems.push(`does not say whom its page was made for: ${url}`);
    });
    context.on('dialog', async (dialog) => {
      if (dialog.type() === 'beforeunload') this.asked += 1;
      else this.problems.push(`${dialog.type()}: ${dialog.message()}`);
      await (this.leaves ? dialog.accept() : dialog.dismiss());
    });
  }

  /** The test means the server to refuse something; Chromium notes that on its console. */
  expects(...statuses: number[]): void {
    for (const status of statuses) this.declared.push(new RegExp(`Failed to load resource: .* status of ${status} `));
  }

  /** The test means answers to get lost. */
  expectsLostAnswers(): void {
    this.declared.push(/Failed to load resource: net::ERR_FAILED/);
  }

  /** The test takes the WebAssembly away; the script that fetches it says so. */
  expectsNoWasm(): void {
    this.expectsLostAnswers();
    this.declared.push(/^exception: TypeError: Failed to fetch/);
  }

  /** The test breaks the WebAssembly, or takes it away altogether; the browser says that it cannot compile it. */
  expectsBrokenWasm(): void {
    this.declared.push(/^exception: (CompileError: )?WebAssembly\./, /^exception: ReferenceError: WebAssembly is not defined/);
  }

  report(): string[] {
    return this.problems.filter((problem) => !this.declared.some((declared) => declared.test(problem)));
  }
}

type Credentials = Pick<Account, 'email' | 'password'>;

interface Fixtures {
  guard: Guard;
  /** The test's own account in the project Acme. */
  me: Account;
  /** A guarded page of another browser, signed in. */
  visit: (account: Credentials, options?: { url?: string }) => Promise<Page>;
  /** A server for a project of the test's own, whose switches it may change. */
  site: Site;
}

export interface Site {
  url: string;
  project: string;
  /** What the project's own programs prove themselves with. */
  keys: ProjectKeys;
  config(...switches: string[]): Promise<string>;
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => use(need('LATCHKEY_TEST_URL')),
  guard: async ({ context, baseURL }, use) => {
    const guard = new Guard(baseURL!);
    guard.watch(context);
    await use(guard);
    expect(guard.report(), 'what went wrong in the browser').toEqual([]);
  },
  page: async ({ page, guard: _ }, use) => use(page),
  me: async ({}, use) => use(await createUser('Grace Hopper')),
  visit: async ({ browser, contextOptions, baseURL, javaScriptEnabled }, use) => {
    const opened: { context: BrowserContext; guard: Guard }[] = [];
    await use(async (account, { url = baseURL! } = {}) => {
      const context = await browser.newContext({ ...contextOptions, javaScriptEnabled, baseURL: url });
      const guard = new Guard(url);
      guard.watch(context);
      opened.push({ context, guard });
      const page = await context.newPage();
      await signIn(page, account);
      return page;
    });
    for (const { context, guard } of opened) {
      expect(guard.report(), 'what went wrong in the other browser').toEqual([]);
      await context.close();
    }
  },
  site: async ({}, use, info) => {
    const config = {
      allow_user_api_keys: true,
      allow_team_api_keys: true,
      client_team_creation_enabled: true,
    };
    const made = await latchkey('project', 'create', '--name', info.testId, '--config', JSON.stringify(config), '--json');
    const keys = JSON.parse(made) as ProjectKeys;
    const project = keys.id;
    const server: Server = await serve(info.outputPath('server.log'), { LATCHKEY_PROJECT: project, LATCHKEY_LOG: 'info' });
    await use({
      url: server.url,
      project,
      keys,
      config: (...switches) => latchkey('project', 'config', project, ...switches),
    });
    await server.stop();
  },
});

/** Signs in without the sign-in page. */
export async function signIn(page: Page, account: Credentials): Promise<void> {
  const url = new URL((await page.request.get('/livez')).url()).origin;
  const response = await post(page.request, '/fn/sign-in', { email: account.email, password: account.password }, { url });
  expect(response.status()).toBe(200);
}

/** Posts a form as our own pages do, or, with other headers, as they do not. */
export function post(
  request: APIRequestContext,
  path: string,
  form: Record<string, string> | string,
  { url = need('LATCHKEY_TEST_URL'), headers = {} }: { url?: string; headers?: Record<string, string> } = {},
): Promise<APIResponse> {
  return request.fetch(url + path, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    data: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    maxRedirects: 0,
  });
}

/** Opens a page and waits for its script. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await live(page);
}

/** Waits until the page's script has started. */
export async function live(page: Page): Promise<void> {
  await expect(page.locator('html.live')).toBeAttached();
}

/** Loads the page again with a clock that only the test moves on. */
export async function stopTheClock(page: Page): Promise<void> {
  await page.clock.install();
  await reload(page);
  await page.clock.pauseAt(Date.now() + DAY);
}

/** Marks the document, to prove later that it was not replaced. */
export async function mark(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(window, { marked: true }));
  return async () => {
    expect(await page.evaluate(() => 'marked' in window), 'the page was not loaded again').toBe(true);
  };
}

/** Everything a page holds that somebody could read: its markup, and what stands in its fields. */
export async function everythingOn(page: Page): Promise<string> {
  const fields = await page
    .locator('input, textarea')
    .evaluateAll((all) => all.map((field) => (field as HTMLInputElement).value).join('\n'));
  return `${await page.content()}\n${fields}`;
}

export const dialog = (page: Page): Locator => page.getByRole('dialog');
export const rowOf = (page: Page, description: string): Locator => page.getByRole('row').filter({ hasText: description });
export const saidAloud = (page: Page): Locator => page.getByRole('status');
export const secretField = (page: Page): Locator => page.getByLabel('API key', { exact: true });

/** Waits for the end of a rename. The open form gives its row the name that is typed, so the row's name alone says nothing. */
export async function expectRenamed(page: Page, description: string): Promise<void> {
  await expect(page.getByRole('textbox', { name: 'New name' })).toHaveCount(0);
  await expect(page.getByRole('rowheader', { name: description })).toBeVisible();
}

/** Loads the page again and waits until its script has started. */
export async function reload(page: Page): Promise<void> {
  await page.reload();
  await live(page);
}

const CELLS = ['Key', 'Status', 'Created', 'Expires', 'Last used'] as const;
export const cell = (row: Locator, name: (typeof CELLS)[number] | 'Created by'): Locator =>
  row.getByRole('cell').nth(name === 'Created by' ? CELLS.length : CELLS.indexOf(name));

export const OWN_KEYS = '/account-settings/api-keys';
export const teamPage = (team: string): string => `/account-settings/teams/${team}`;

/** Whether a request is one for pages or functions, and not for what pages are made of. */
export const isForData = (request: Request): boolean => ['document', 'fetch', 'xhr'].includes(request.resourceType()) && !request.url().endsWith('.wasm');

/** The requests that the page sends from now on, as they are sent. */
export function requestsOf(page: Page, wanted: (request: Request) => boolean = isForData): Request[] {
  const sent: Request[] = [];
  page.on('request', (request) => wanted(request) && sent.push(request));
  return sent;
}

/** The forms that the page posts from now on. */
export const postsOf = (page: Page): Request[] => requestsOf(page, (request) => request.method() === 'POST');

export interface Held {
  /** The first of the requests was sent. */
  asked: Promise<void>;
  /** Lets them through, and all that follow. */
  release: () => void;
}

/** Keeps requests from the server until they are released. */
export async function holdBack(page: Page, url: string): Promise<Held> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let arrive = () => {};
  const asked = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(url, async (route) => {
    arrive();
    await released;
    await route.continue();
  });
  return { asked, release };
}

/** What the WebAssembly is fetched by. */
export const WASM = '**/*.wasm';

/**
 * The texts of the status regions that the browser exposes to assistive technology now. What lies outside an open
 * modal dialog is not exposed, which Playwright's roles do not know.
 */
export async function statusRegions(page: Page): Promise<string[]> {
  const browser: CDPSession = await page.context().newCDPSession(page);
  const { nodes } = await browser.send('Accessibility.getFullAXTree');
  await browser.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const textOf = (id: string): string => {
    const node = byId.get(id);
    if (!node) return '';
    if (node.role?.value === 'StaticText') return String(node.name?.value ?? '');
    return (node.childIds ?? []).map(textOf).join('');
  };
  return nodes.filter((node) => !node.ignored && node.role?.value === 'status').map((node) => textOf(node.nodeId));
}

/** The focus is on something within. */
export async function expectFocusWithin(where: Locator, message = 'the focus is not lost'): Promise<void> {
  await expect(where.locator(':focus'), message).toHaveCount(1);
}

/** The shape of a secret, with its random part. */
export const SECRET = /^sk_([0-9a-hjkmnp-tv-z]{45})[0-9a-f]{32}(?:user|team)1574ck4u7h[0-9a-f]{8}$/;

/** Opens the dialog that makes a key. */
export async function openCreateDialog(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Create API key' }).first().click();
  const form = dialog(page);
  await expect(form).toBeVisible();
  return form;
}

/** Makes a key in the dialog and leaves the dialog open at the secret. */
export async function createKey(page: Page, description: string, expires?: string): Promise<string> {
  const form = await openCreateDialog(page);
  await form.getByLabel('Description').fill(description);
  if (expires) await form.getByLabel('Expires').selectOption(expires);
  await form.getByRole('button', { name: 'Create API key' }).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  return secretField(page).inputValue();
}

/** Closes the dialog with the secret, as somebody who has saved it. The dialog then leaves its entry in the history, which takes a moment. */
export async function finish(page: Page): Promise<void> {
  const left = page.evaluate(() => new Promise<void>((done) => addEventListener('popstate', () => done(), { once: true })));
  await page.getByLabel('I have saved this key').check();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(dialog(page)).toBeHidden();
  await left;
}

/** Axe finds nothing, or nothing about colours. */
export async function audit(page: Page, what: string, coloursOnly = false): Promise<void> {
  // The pages have no frames, so the mode for a single document does, and is much faster.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (coloursOnly) axe.withRules(['color-contrast', 'link-in-text-block']);
  else axe.options({ rules: { 'target-size': { enabled: true } } });
  const { violations } = await axe.analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.target.join(' ')}\n  ${node.failureSummary?.replaceAll('\n', '\n  ')}`),
  );
  expect(found, what).toEqual([]);
  const problems = await page.locator('.form-error').filter({ visible: true }).allTextContents();
  expect(problems, `${what}: no box without words`).not.toContain('');
}
