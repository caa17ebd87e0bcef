// Nothing moves by itself, however slow the machine and the network: not while a page arrives piece by piece, and not
// when it becomes live.

import type { CDPSession, Page } from '@playwright/test';

import { createKeys, createTeam, createUser, DAY, expect, join, live, OWN_KEYS, signIn, teamPage, test } from '../fixtures.ts';

declare global {
  interface Window {
    /** What has moved so far, how far, and from where to where. */
    moved: () => string[];
  }
}

/** Has every page from now on note what moves without anybody having clicked or typed. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const moved: string[] = [];
    const place = ({ x, y, width, height }: DOMRectReadOnly) => `${width}×${height} at ${x},${y}`;
    const note = (entries: PerformanceEntryList) => {
      for (const entry of entries as unknown as LayoutShift[]) {
        if (entry.hadRecentInput) continue;
        const sources = entry.sources.map(({ node, previousRect, currentRect }) => {
          const what = node instanceof Element ? node.outerHTML : node?.textContent;
          return `\n  ${what?.slice(0, 120)}: ${place(previousRect)} → ${place(currentRect)}`;
        });
        moved.push(`${entry.value} after ${Math.round(entry.startTime)} ms${sources.join('')}`);
      }
    };
    interface LayoutShift {
      value: number;
      startTime: number;
      hadRecentInput: boolean;
      sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
    }
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    window.moved = () => {
      note(observer.takeRecords());
      return moved;
    };
  });
}

/** A processor some six times slower, and a network on which a page comes in several pieces. */
async function slowDown(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  await network(session, SLOW);
  return session;
}

/** Kilobytes a second. */
const SLOW = 32;
const FAST = 32_768;
const network = (session: CDPSession, kilobytes: number) =>
  session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 20,
    downloadThroughput: kilobytes * 1024,
    uploadThroughput: -1,
  });

/** Two frames: whatever was about to be painted has been. */
const frames = (page: Page) =>
  page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

const everyKind = [
  { description: 'Laptop', created: -12 * DAY, expires: 78 * DAY, used: -DAY },
  { description: 'Continuous integration of everything that we have ever built together', created: -27 * DAY, expires: 3 * DAY },
  { description: 'Home server', created: -200 * DAY, used: -2 * DAY },
  { description: 'Conference', created: -90 * DAY, expires: -60 * DAY, used: -61 * DAY },
  { description: 'x'.repeat(255), created: -400 * DAY, revoked: -35 * DAY },
];
const many = Array.from({ length: 20 }, (_, n) => ({ description: `Service ${n}`, created: -n * DAY, expires: 30 * DAY }));

for (const width of [1440, 900, 390]) {
  test(`nothing moves while a page arrives and becomes live, ${width} px`, async ({ page, me, guard }) => {
    test.slow();
    guard.expects(404);
    const empty = await createTeam(me, 'Without keys');
    const team = await createTeam(me, 'Analytics and everything that has to do with it');
    await join(team, await createUser('Ada Lovelace'), 'team_member');
    await createKeys(me, [...everyKind, ...many]);
    await createKeys(me, everyKind, team);
    await signIn(page, me);

    let release = () => {};
    let held = Promise.resolve();
    await page.route('**/*.wasm', async (route) => {
      await held;
      await route.continue();
    });
    await watch(page);
    await page.setViewportSize({ width, height: 900 });
    const session = await slowDown(page);

    const paths = [
      `${OWN_KEYS}?inactive=1&size=25`, `${OWN_KEYS}?q=nothing`, `${OWN_KEYS}/new`, teamPage(team), teamPage(empty),
      '/account-settings', '/account-settings/profile', '/account-settings/settings', '/account-settings/teams/new', '/nothing', '/sign-in',
    ];
    for (const path of paths) {
      if (path === '/sign-in') await page.context().clearCookies();
      held = new Promise((resolve) => (release = resolve));
      await network(session, SLOW);
      await page.goto(path, { waitUntil: 'domcontentloaded' });
      await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
      await frames(page);
      await expect(page.locator('html.live'), `${path} is painted before its script has come`).toHaveCount(0);
      await network(session, FAST);
      release();
      await live(page);
      await frames(page);
      expect(await page.evaluate(() => window.moved()), path).toEqual([]);
    }
  });
}
