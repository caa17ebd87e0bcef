// Text that was typed before the page was live is counted as soon as it is.

import type { Locator, Page } from '@playwright/test';

import { createTeam, expect, holdBack, type Held, live, OWN_KEYS, signIn, teamPage, test, WASM } from '../fixtures.ts';

let wasm: Held;

test.beforeEach(async ({ page, me }) => {
  await signIn(page, me);
  wasm = await holdBack(page, WASM);
});

const description = (within: Page | Locator) => within.getByLabel('Description');

/** Types, lets the page become live, and types on. */
async function countsWhatWasTyped(page: Page, within: Page | Locator): Promise<void> {
  await wasm.asked;
  await description(within).fill('  Deploy bot ');
  await expect(page.locator('html.live')).toHaveCount(0);
  wasm.release();
  await live(page);
  await expect(within.getByText('10/255'), 'without the space around it').toBeVisible();
  await expect(description(within), 'what was typed stays').toHaveValue('  Deploy bot ');
  await description(within).pressSequentially('s');
  await expect(within.getByText('12/255')).toBeVisible();
}

test('on the page that makes a key', async ({ page }) => {
  await page.goto(`${OWN_KEYS}/new`);
  await countsWhatWasTyped(page, page);
});

test('on the page that makes a team’s key', async ({ page, me }) => {
  await page.goto(`${teamPage(await createTeam(me))}/api-keys/new`);
  await countsWhatWasTyped(page, page);
});

test('in the dialog', async ({ page }) => {
  await page.goto(OWN_KEYS);
  const form = page.locator('dialog').filter({ has: page.locator('input[name=description]') });
  // What a browser does that fills in a form again.
  await form.evaluate((dialog: HTMLDialogElement) => dialog.showModal());
  await countsWhatWasTyped(page, form);
});

test('also where it is too long', async ({ page }) => {
  await page.goto(`${OWN_KEYS}/new`);
  await wasm.asked;
  await description(page).fill('x'.repeat(256));
  wasm.release();
  await live(page);
  await expect(page.getByText('256/255')).toHaveClass(/over/);
});

test('and an empty field counts nothing', async ({ page }) => {
  await page.goto(`${OWN_KEYS}/new`);
  wasm.release();
  await live(page);
  await expect(page.getByText('0/255')).toBeVisible();
});
