// A rename that is open: there is one at most, and nothing but its end takes away what was typed.

import type { Locator, Page } from '@playwright/test';

import {
  cell,
  createKeys,
  DAY,
  expect,
  expectRenamed,
  holdBack,
  keysOf,
  mark,
  open,
  OWN_KEYS,
  rowOf,
  rows,
  signIn,
  sql,
  stopTheClock,
  test,
} from '../fixtures.ts';

const pencil = (page: Page, description: string) => page.getByRole('link', { name: `Rename “${description}”` });
const newName = (page: Page | Locator) => page.getByRole('textbox', { name: 'New name' });
const range = (page: Page) => page.getByRole('navigation', { name: 'Pages' });
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });
const described = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('rowheader').locator('bdi');

const TYPED = 'Release b';

test.beforeEach(async ({ page, me }) => {
  await createKeys(me, [
    { description: 'Deploy bot' },
    { description: 'Night watch', created: -DAY },
    ...Array.from({ length: 10 }, (_, n) => ({ description: `Service ${n}`, created: (-2 - n) * DAY })),
  ]);
  await signIn(page, me);
  await open(page, OWN_KEYS);
});

/** Types half a name. */
async function beginRename(page: Page): Promise<void> {
  await pencil(page, 'Deploy bot').click();
  await expect(newName(page)).toBeFocused();
  await newName(page).fill(TYPED);
}

/** The rename is as it was left, and can be finished. */
async function expectRename(page: Page): Promise<void> {
  await expect(newName(page)).toBeVisible();
  await expect(newName(page)).toHaveValue(TYPED);
  await newName(page).focus();
  await page.keyboard.press('End');
  await page.keyboard.type('ot');
  await page.keyboard.press('Enter');
  await expectRenamed(page, 'Release bot');
}

const shownDescription = (page: Page) => page.getByRole('rowheader').getByText('Deploy bot', { exact: true });

test('a second rename closes the first', async ({ page, me }) => {
  const unmoved = await mark(page);
  await beginRename(page);
  await pencil(page, 'Night watch').click();
  await expect(newName(page), 'one form is open').toHaveCount(1);
  await expect(newName(page)).toHaveValue('Night watch');
  await expect(newName(page)).toBeFocused();
  await expect(shownDescription(page)).toBeVisible();
  await newName(page).fill('Day watch');
  await page.keyboard.press('Enter');
  await expectRenamed(page, 'Day watch');
  expect((await keysOf(me.id)).map((key) => key.description)).toEqual(expect.arrayContaining(['Deploy bot', 'Day watch']));

  await pencil(page, 'Deploy bot').click();
  await expect(newName(page), 'the first begins afresh').toHaveValue('Deploy bot');
  await unmoved();
});

test('a second rename closes the first, with its error', async ({ page, guard }) => {
  guard.expects(422);
  await pencil(page, 'Deploy bot').click();
  await newName(page).fill('   ');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'This field is required.' })).toBeVisible();
  await pencil(page, 'Night watch').click();
  await expect(newName(page)).toHaveCount(1);
  await expect(page.getByRole('alert').filter({ hasText: 'This field is required.' })).toHaveCount(0);
  await pencil(page, 'Deploy bot').click();
  await expect(newName(page)).toHaveCount(1);
  await expect(newName(page)).toHaveValue('Deploy bot');
  await expect(newName(page)).not.toHaveAttribute('aria-invalid');
});

const VIEWS: Record<string, (page: Page) => Promise<void>> = {
  sorting: async (page) => {
    await page.getByRole('columnheader', { name: 'Description' }).getByRole('link').click();
    await expect(page).toHaveURL(/sort=description/);
    await expect(page.getByRole('columnheader', { name: 'Description' })).toHaveAttribute('aria-sort', 'ascending');
  },
  'searching for something else': async (page) => {
    await search(page).fill('service');
    await expect(range(page)).toContainText('of 10');
    await expect(newName(page)).toHaveCount(0);
    await search(page).fill('');
    await expect(range(page)).toContainText('of 12');
  },
  'searching for the same': async (page) => {
    await search(page).fill('bot');
    await expect(described(page)).toHaveCount(1);
  },
  'the pages after and before': async (page) => {
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('11–12 of 12');
    await expect(newName(page)).toHaveCount(0);
    await page.getByRole('link', { name: 'Previous' }).click();
    await expect(range(page)).toContainText('1–10 of 12');
  },
  'a page after and Back': async (page) => {
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(range(page)).toContainText('11–12 of 12');
    await page.evaluate(() => history.back());
    await expect(range(page)).toContainText('1–10 of 12');
  },
  'changing the page size': async (page) => {
    await page.getByRole('combobox', { name: 'Keys per page' }).selectOption('25 per page');
    await expect(range(page)).toContainText('1–12 of 12');
  },
};

for (const [what, change] of Object.entries(VIEWS)) {
  test(`a rename survives ${what}`, async ({ page, me }) => {
    const unmoved = await mark(page);
    await beginRename(page);
    await change(page);
    await expectRename(page);
    await unmoved();
    expect((await keysOf(me.id)).map((key) => key.description)).toContain('Release bot');
  });
}

test('a rename survives a list that is brought up to date', async ({ page, me }) => {
  await sql(`UPDATE api_keys SET revoked_at_millis = now_millis() WHERE owner_user_id = :'user' AND description = 'Night watch'`, { user: me.id });
  const unmoved = await mark(page);
  await beginRename(page);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(rowOf(page, 'Night watch'), 'it is brought up to date').toHaveCount(0);
  await expect(newName(page), 'somebody is typing in it').toBeFocused();
  await expectRename(page);
  await unmoved();
});

test('a rename survives another key’s being revoked', async ({ page, me }) => {
  await open(page, `${OWN_KEYS}?size=25`);
  await beginRename(page);
  await page.getByRole('button', { name: 'Revoke “Night watch”' }).click();
  await page.getByLabel('I understand').filter({ visible: true }).check();
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await expect(cell(rowOf(page, 'Night watch'), 'Status')).toHaveText('Revoked');
  await expectRename(page);
  expect(await rows(`SELECT description FROM api_keys WHERE owner_user_id = :'user' AND revoked_at_millis IS NOT NULL`, { user: me.id })).toEqual([
    { description: 'Night watch' },
  ]);
});

test('a rename that survived can be cancelled', async ({ page, me }) => {
  await beginRename(page);
  await page.getByRole('columnheader', { name: 'Description' }).getByRole('link').click();
  await expect(page).toHaveURL(/sort=description/);
  await expect(newName(page)).toHaveValue(TYPED);
  await newName(page).press('Escape');
  await expect(newName(page)).toHaveCount(0);
  await expect(shownDescription(page)).toBeVisible();
  await page.getByRole('columnheader', { name: 'Description' }).getByRole('link').click();
  await expect(page.getByRole('columnheader', { name: 'Description' })).toHaveAttribute('aria-sort', 'descending');
  await expect(newName(page), 'and stays so').toHaveCount(0);
  await search(page).fill('deploy');
  await expect(described(page).filter({ visible: true })).toHaveText(['Deploy bot']);
  await expect(newName(page)).toHaveCount(0);
  expect((await keysOf(me.id)).map((key) => key.description)).toContain('Deploy bot');
});

test('Escape meant for an input method does not cancel, and one’s own does', async ({ page }) => {
  await beginRename(page);
  const escape = (isComposing: boolean) =>
    newName(page).evaluate(
      (field, composing) => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', isComposing: composing, bubbles: true, cancelable: true })),
      isComposing,
    );
  expect(await escape(true), 'the input method gets it').toBe(true);
  await expect(newName(page)).toBeVisible();
  await expect(newName(page)).toHaveValue(TYPED);
  await expect(newName(page)).toBeFocused();
  await newName(page).press('Escape');
  await expect(newName(page)).toHaveCount(0);
  await expect(shownDescription(page)).toBeVisible();
  await expect(pencil(page, 'Deploy bot')).toBeFocused();
});

test('what is typed into the search while a name is saved is searched for', async ({ page }) => {
  await stopTheClock(page);
  await pencil(page, 'Deploy bot').click();
  await newName(page).fill('Release bot');
  const saving = await holdBack(page, '**/fn/api-keys/rename');
  await page.keyboard.press('Enter');
  await saving.asked;
  await search(page).fill('release');
  saving.release();
  await expect(page.getByRole('status').filter({ hasText: 'Renamed to “Release bot”.' })).toBeAttached();
  await expect(search(page)).toHaveValue('release');
  await page.clock.runFor(1_000);
  await expect(page).toHaveURL(/q=release/);
  await expect(described(page)).toHaveText(['Release bot']);
});
