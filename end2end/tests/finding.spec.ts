// What is found: keys that are pasted, keys that no longer work, and keys without a name.

import { createHash, randomInt } from 'node:crypto';

import type { Page } from '@playwright/test';

import {
  type Account,
  createKey,
  createKeys,
  createTeam,
  createUser,
  DAY,
  dialog,
  everythingOn,
  expect,
  finish,
  holdBack,
  keysOf,
  mark,
  open,
  OWN_KEYS,
  reload,
  requestsOf,
  rowOf,
  signIn,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';

const names = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('rowheader');
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });
/** What stands above the list, beside what is said aloud. */
const found = (page: Page) => page.getByRole('paragraph').filter({ hasText: 'This is the key that you pasted.' });
const range = (page: Page) => page.getByRole('navigation', { name: 'Pages' });

/** A key that nobody has. */
function unknownKey(): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  const random = Array.from({ length: 45 }, () => alphabet[randomInt(32)]).join('');
  return `sk_${random}${'1'.repeat(32)}user1574ck4u7h00000000`;
}

/** Gives a key this text as its secret. */
async function hasSecret(id: string, secret: string): Promise<void> {
  const digest = createHash('sha256').update(secret).digest('hex');
  await sql(`UPDATE api_keys SET digest = decode(:'digest', 'hex') WHERE api_key_id = :'id'`, { id, digest });
}

/** Pastes a text as a browser does: at once. */
const paste = (page: Page, text: string): Promise<void> => search(page).fill(text);

/** Nothing of the key is where it could be read, and nothing but its digest was sent. */
async function expectNoTrace(page: Page, key: string, sent: ReturnType<typeof requestsOf>): Promise<void> {
  expect(await everythingOn(page)).not.toContain(key.slice(3, 40));
  expect(page.url()).not.toContain(key.slice(3, 40));
  for (const request of sent) {
    expect(`${request.url()} ${request.postData() ?? ''}`).not.toContain(key.slice(3, 40));
    expect(request.url(), 'nor is the digest in an address').not.toMatch(/[0-9a-f]{64}/);
  }
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]))).not.toContain(key.slice(3, 40));
}

test('a whole key that is pasted into the search is found, and only its digest is sent', async ({ page, me }) => {
  await createKeys(me, Array.from({ length: 12 }, (_, n) => ({ description: `Service ${n}`, created: -n * DAY })));
  await signIn(page, me);
  await open(page, OWN_KEYS);
  const key = await createKey(page, 'The one');
  await finish(page);
  await open(page, OWN_KEYS);
  const unmoved = await mark(page);
  const sent = requestsOf(page);
  for (const text of [key, ` ${key} `, `Bearer ${key}`, `"${key}"`, `\`${key}\``, `LATCHKEY_API_KEY=${key}`]) {
    await paste(page, text);
    await expect(found(page)).toBeVisible();
    await expect(names(page)).toHaveText([/The one/]);
    await expect(search(page), 'the key does not stay').toHaveValue('');
    await expectNoTrace(page, key, sent);
    await page.getByRole('link', { name: 'Show all keys' }).click();
    await expect(range(page)).toContainText('of 13');
  }
  await paste(page, `sk_…${key.slice(-4)}`);
  await expect(names(page)).toHaveText([/The one/]);
  await unmoved();
  await page.evaluate(() => history.back());
  await expect(search(page)).toHaveValue('');
  await expect(range(page)).toContainText('of 13');
  await page.evaluate(() => history.back());
  await expect(found(page)).toBeVisible();
  await reload(page);
  await expect(names(page)).toHaveText([/The one/]);
});

test('a key of nobody and a key of somebody else are none of yours, and it is said aloud', async ({ page, me }) => {
  const other = await createUser('Eve');
  const [theirs] = await createKeys(other, [{ description: 'Hers' }]);
  const foreign = unknownKey();
  await hasSecret(theirs!, foreign);
  await createKeys(me, [{ description: 'Mine' }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  const sent = requestsOf(page);
  for (const key of [unknownKey(), foreign, foreign.slice(0, 60)]) {
    await paste(page, key);
    await expect(page.getByRole('heading', { name: 'This is not one of your keys' })).toBeVisible();
    await expect(page).toHaveURL(`${OWN_KEYS}?key=none`);
    await expect(page.getByRole('status').filter({ hasText: 'This is not one of your keys' })).toBeAttached();
    await expectNoTrace(page, key, sent);
    await page.getByRole('link', { name: 'Show all keys' }).click();
    await expect(names(page)).toHaveText([/Mine/]);
  }
  await open(page, `${OWN_KEYS}?key=${theirs}`);
  await expect(page.getByRole('heading', { name: 'This is not one of your keys' })).toBeVisible();
});

test('a key that was revoked is found as well', async ({ page, me }) => {
  const [id] = await createKeys(me, [{ description: 'Leaked', revoked: -DAY }, { description: 'Works' }]);
  const key = unknownKey();
  await hasSecret(id!, key);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await paste(page, key);
  await expect(rowOf(page, 'Leaked')).toContainText('Revoked');
});

test('a key that is pasted into a team’s search is looked for among the team’s', async ({ page, me }) => {
  const team = await createTeam(me);
  const [theirs] = await createKeys(me, [{ description: 'Ours' }], team);
  const [own] = await createKeys(me, [{ description: 'Mine' }]);
  const [inTeam, outside] = [unknownKey(), unknownKey()];
  await hasSecret(theirs!, inTeam);
  await hasSecret(own!, outside);
  await signIn(page, me);
  await open(page, teamPage(team));
  await paste(page, inTeam);
  await expect(found(page)).toBeVisible();
  await paste(page, outside);
  await expect(page.getByRole('heading', { name: 'This is not one of this team’s keys' })).toBeVisible();
});

test('a key is looked up again when the server did not answer', async ({ page, me, guard }) => {
  guard.expectsLostAnswers();
  const [id] = await createKeys(me, [{ description: 'Mine' }, { description: 'Other' }]);
  const key = unknownKey();
  await hasSecret(id!, key);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await page.route(`**${OWN_KEYS}`, (route) => route.abort(), { times: 1 });
  await paste(page, key);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(found(page)).toBeVisible();
  await expect(names(page)).toHaveText([/Mine/]);
});

test('where the browser computes no digests, the form is sent, and the key is in no address', async ({ page, me }) => {
  const [id] = await createKeys(me, [{ description: 'Mine' }, { description: 'Other' }]);
  const key = unknownKey();
  await hasSecret(id!, key);
  await page.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }));
  await signIn(page, me);
  await open(page, OWN_KEYS);
  const sent = requestsOf(page);
  await paste(page, key);
  await expect(page).toHaveURL(`${OWN_KEYS}?key=${id}`);
  await expect(names(page)).toHaveText([/Mine/]);
  for (const request of sent) expect(request.url()).not.toContain(key.slice(3, 40));
});

test('an address with a key in it leads to the list without it', async ({ page, me }) => {
  await createKeys(me, [{ description: 'Mine' }]);
  await signIn(page, me);
  const key = unknownKey();
  await open(page, `${OWN_KEYS}?q=${key}&size=25`);
  await expect(page).toHaveURL(`${OWN_KEYS}?size=25`);
  expect(await everythingOn(page)).not.toContain(key.slice(3, 40));
});

test('a search finds keys that no longer work, and says so', async ({ page, me }) => {
  await createKeys(me, [
    { description: 'Deploy bot' },
    { description: 'Old deploy bot', expires: -DAY },
    { description: 'Leaked', revoked: -DAY },
  ]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await expect(names(page)).toHaveText([/Deploy bot/]);
  await search(page).fill('deploy');
  await expect(names(page)).toHaveText([/^Deploy bot/, /Old deploy bot/]);
  await expect(rowOf(page, 'Old deploy bot')).toContainText('Expired');
  await expect(page.getByText('1 inactive key matches.')).toBeVisible();
  await search(page).fill('leaked');
  await expect(rowOf(page, 'Leaked')).toContainText('Revoked');
  await expect(page.getByText('1 inactive key matches.')).toBeVisible();
  await search(page).fill('');
  await expect(page.getByRole('link', { name: 'Show inactive (2)' })).toBeVisible();
});

test('what is typed while Back loads is not lost', async ({ page, me }) => {
  await createKeys(me, [{ description: 'Clipboard' }, { description: 'Deploy bot' }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await search(page).fill('clip');
  await expect(names(page)).toHaveText([/Clipboard/]);
  const held = await holdBack(page, `**${OWN_KEYS}`);
  await page.evaluate(() => history.back());
  await held.asked;
  await search(page).fill('deploy');
  held.release();
  await expect(names(page)).toHaveText([/Deploy bot/]);
  await expect(search(page)).toHaveValue('deploy');
  await expect(page).toHaveURL(`${OWN_KEYS}?q=deploy`);
  await page.evaluate(() => history.back());
  await expect(search(page)).toHaveValue('');
  await expect(names(page)).toHaveCount(2);
});

/** Descriptions that programs gave keys, and how each reads in a sentence. */
const HOSTILE: [string, string][] = [
  ['', 'Untitled key'],
  ['\u200b\u202e', 'Untitled key'],
  ['gpj\u202e.exe', 'gpj.exe'],
  ['iso\u2066late\u200f', 'isolate'],
  ['two\nlines\u0007', 'two lines'],
  ['מפתח', '\u2068מפתח\u2069'],
  ['\u0301lone', '\u25cc\u0301lone'],
];

async function expectInSentences(page: Page, me: Account, team = ''): Promise<void> {
  const ids = await createKeys(me, HOSTILE.map(([description], n) => ({ description, created: -n * DAY })), team);
  await open(page, team ? teamPage(team) : OWN_KEYS);
  for (const [n, [, name]] of HOSTILE.entries()) {
    const row = page.locator(`#key-${ids[n]}`);
    await expect(row.getByRole('link', { name: 'Rename' })).toHaveAttribute('aria-label', `Rename “${name}”`);
    await expect(row.getByRole('button', { name: 'Revoke' })).toHaveAttribute('aria-label', `Revoke “${name}”`);
    await row.getByRole('button', { name: 'Revoke' }).click();
    await expect(dialog(page).getByRole('heading')).toHaveText(`Revoke “${name}”?`);
    await page.keyboard.press('Escape');
    await expect(dialog(page)).toBeHidden();
  }
}

test('what a program called a key cannot turn a sentence round', async ({ page, me }) => {
  await signIn(page, me);
  await expectInSentences(page, me);
  await expect(names(page).filter({ hasText: 'Untitled key' })).toHaveCount(2);
  await expectInSentences(page, me, await createTeam(me, 'מחקר'));
  await expect(page).toHaveTitle('\u2068מחקר\u2069 · Acme');
});

test('a description that is saved unchanged stays as it was, to the letter', async ({ page, me }) => {
  await createKeys(me, [{ description: 'two\r\nlines\u0007 gpj\u202e.exe ' }]);
  const [before] = await keysOf(me.id);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  const sent = requestsOf(page, (request) => request.method() === 'POST');
  await page.getByRole('link', { name: /^Rename/ }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('textbox', { name: 'New name' })).toHaveCount(0);
  expect((await keysOf(me.id))[0]!.description).toBe(before!.description);
  expect(sent).toEqual([]);
});

test('a key without a name can be given one', async ({ page, me }) => {
  await createKeys(me, [{ description: '' }]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
  await page.getByRole('link', { name: 'Rename “Untitled key”' }).click();
  const field = page.getByRole('textbox', { name: 'New name' });
  await expect(field).toHaveValue('');
  await expect(field).toHaveAttribute('placeholder', 'e.g. Development, Production, CI/CD');
  await field.fill('Deploy bot');
  await field.press('Enter');
  await expect(names(page)).toHaveText([/Deploy bot/]);
});
