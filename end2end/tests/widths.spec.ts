// Whatever the width of the window: no page scrolls sideways, no word falls apart, nothing is cut off, and nothing lies
// on something else.

import type { Page } from '@playwright/test';

import {
  type Account,
  createKeys,
  createTeam,
  createUser,
  DAY,
  expect,
  join,
  joinTeams,
  open,
  OWN_KEYS,
  type Site,
  sql,
  teamPage,
  test,
} from '../fixtures.ts';
import { latchkey } from '../program.ts';

const WIDTHS = [
  ...Array.from({ length: 60 }, (_, n) => 320 + n * 20),
  ...Array.from({ length: 11 }, (_, n) => 1_560 + n * 100),
];
const LONG_NAME = 'Grace Brewster Murray Hopper, Rear Admiral of the United States Navy Reserve';
const PROJECT_NAME = 'Analytical Engines, Difference Engines and Other Machinery of Great Britain';
const PROJECT = '/account-settings/project';

/** What is wrong with how the page lies in the window now. It runs in the browser. */
function faults(): string[] {
  const LONGEST_WORD = 16;
  const found: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the document is ${root.scrollWidth - root.clientWidth} px too wide`);
  const isClipped = (element: Element | null): boolean => element !== null && (getComputedStyle(element).clipPath !== 'none' || isClipped(element.parentElement));
  const isShown = (element: Element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !element.closest('.skip') && !isClipped(element);
  const name = (element: Element) =>
    `<${element.localName} class="${element.getAttribute('class') ?? ''}"> ${(element.textContent || (element as HTMLInputElement).value || '').trim().slice(0, 40)}`;
  const all = [...document.body.querySelectorAll('*')].filter((element) => !element.closest('svg, script, datalist') && isShown(element));

  // Words, but not those of ids, codes and addresses, nor longer ones than any language needs.
  const range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement!;
    if (!node.nodeValue!.trim() || parent.closest('code, .mono, script, style, option, textarea, svg') || !isShown(parent)) continue;
    for (const token of node.nodeValue!.matchAll(/\S+/g)) {
      if (token[0].includes('@')) continue;
      for (const word of token[0].matchAll(/[^\p{Pd}/]+/gu)) {
        if (word[0].length > LONGEST_WORD) continue;
        range.setStart(node, token.index + word.index);
        range.setEnd(node, token.index + word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top)));
        if (lines.size > 1) found.push(`“${word[0]}” is on ${lines.size} lines in ${name(parent)}`);
      }
    }
  }

  // Contents and the boxes that they are in.
  const pen = document.createElement('canvas').getContext('2d')!;
  for (const element of all) {
    const style = getComputedStyle(element);
    const { display, overflowX, textOverflow } = style;
    if (display === 'contents' || display.startsWith('inline') && !display.includes('-') || ['auto', 'scroll'].includes(overflowX)) continue;
    const isCutWithTitle = textOverflow === 'ellipsis' && overflowX !== 'visible' && element.closest('[title]');
    const isTyped = element.matches('input:not([readonly])');
    if (element.scrollWidth > element.clientWidth + 1 && !isCutWithTitle && !isTyped && element.clientWidth > 0) {
      found.push(`${element.scrollWidth - element.clientWidth} px too much in ${name(element)}`);
    }
    if (element instanceof HTMLSelectElement) {
      pen.font = style.font;
      const needed = pen.measureText(element.selectedOptions[0]?.text ?? '').width + parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
      if (needed > element.clientWidth + 1) found.push(`“${element.selectedOptions[0]?.text}” does not fit its field`);
    }
    const height = element.getBoundingClientRect().height;
    if (element.matches('input, select, .button') && height > 48) found.push(`${height} px high: ${name(element)}`);
    if (element.matches('.badge, .tag, .range') && height > 28) found.push(`not on one line: ${name(element)}`);
    if (element.matches('header') && height > 64) found.push(`${height} px high: the masthead`);
  }

  // Controls and cells: none on another.
  const boxes = all
    .filter((element) => element.matches('a[href], button, input:not([type=hidden]), select, textarea, summary, td, tbody th, thead th'))
    .map((element) => ({ element, rects: [...element.getClientRects()].filter(({ width, height }) => width > 1 && height > 1) }));
  for (const [at, one] of boxes.entries()) {
    for (const other of boxes.slice(at + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const meet = one.rects.some((a) =>
        other.rects.some((b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1),
      );
      if (meet) found.push(`${name(one.element)} lies on ${name(other.element)}`);
    }
  }
  return found;
}

/** Sees the page at every width. One report for each kind of fault, with the widths at which it is there. */
async function sweep(page: Page): Promise<Record<string, string>> {
  const widths = new Map<string, number[]>();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const fault of new Set(await page.evaluate(faults))) widths.set(fault, [...(widths.get(fault) ?? []), width]);
  }
  return Object.fromEntries([...widths].map(([fault, at]) => [fault, `${at[0]}–${at.at(-1)} px, ${at.length} widths`]));
}

/** A project with a long name, and somebody with a long name who administers it. */
async function furnish(site: Site): Promise<{ me: Account; team: string }> {
  await sql(`UPDATE projects SET display_name = :'name' WHERE project_id = :'project'`, { name: PROJECT_NAME, project: site.project });
  const me = await createUser(LONG_NAME, site.project);
  await latchkey('user', 'admin', '--project', me.project, '--email', me.email, 'true');
  const team = await createTeam(me, 'Analytics and everything that has to do with it');
  const ada = await createUser('Augusta Ada King, Countess of Lovelace', site.project);
  await join(team, ada, 'team_member');
  await join(team, ada, '$manage_api_keys');
  const nameless = await createUser('x', site.project);
  await sql(
    `UPDATE users SET display_name = NULL, primary_email = 'somebody.with.a.very.long.address@subsidiary.example.com' WHERE user_id = :'user'`,
    { user: nameless.id },
  );
  const kinds = [
    { description: 'Laptop', created: -12 * DAY, expires: 78 * DAY, used: -DAY, lastFour: 'wwww' },
    { description: 'Continuous integration of everything that we have ever built together', created: -27 * DAY, expires: 3 * DAY },
    { description: 'Administrators’ documentation servers', created: -200 * DAY, expires: 340 * DAY, used: -350 * DAY },
    { description: 'Conference', created: -90 * DAY, expires: -60 * DAY, used: -61 * DAY },
    { description: 'x'.repeat(255), created: -400 * DAY, revoked: -35 * DAY },
  ];
  await createKeys(me, kinds);
  await createKeys(ada, kinds, team);
  await createKeys(nameless, kinds);
  return { me, team };
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'live' : 'without a script', () => {
    test.use({ javaScriptEnabled });
    const see = (page: Page, path: string) => (javaScriptEnabled ? open(page, path) : page.goto(path));

    for (const [what, path] of Object.entries({
      'own keys': () => `${OWN_KEYS}?inactive=1`,
      'own keys, sorted': () => `${OWN_KEYS}?inactive=1&sort=last-used&dir=desc`,
      'nothing found': () => `${OWN_KEYS}?q=nothing`,
      'a team': (team: string) => `${teamPage(team)}?inactive=1`,
      'the project': () => `${PROJECT}?inactive=1&size=25`,
      teams: () => '/account-settings/teams',
      'a new team': () => '/account-settings/teams/new',
      'a new key': () => `${OWN_KEYS}/new`,
      home: () => '/account-settings',
      profile: () => '/account-settings/profile',
      settings: () => '/account-settings/settings',
    })) {
      test(`at every width: ${what}`, async ({ site, visit }) => {
        test.slow();
        const { me, team } = await furnish(site);
        if (what === 'teams') await joinTeams(me, 60);
        const page = await visit(me, { url: site.url });
        await page.emulateMedia({ reducedMotion: 'reduce' });
        await see(page, path(team));
        expect(await sweep(page)).toEqual({});
      });
    }

    test('at every width: the sign-in page and the API reference', async ({ page }) => {
      test.slow();
      await see(page, '/sign-in');
      expect(await sweep(page)).toEqual({});
      await see(page, '/api-reference');
      const check = page.locator('details').filter({ hasText: '/user-api-keys/check' });
      await check.locator('summary').click();
      await expect(check.getByText('API_KEY_REVOKED')).toBeVisible();
      expect(await sweep(page)).toEqual({});
    });
  });
}
