// JavaScript is on, but its WebAssembly never comes: refused by the browser, or lost on the way.

import { cell, createKeys, DAY, dialog, expect, keysOf, OWN_KEYS, rowOf, SECRET, secretField, signIn, test } from '../fixtures.ts';

test.beforeEach(async ({ page, me, guard }) => {
  guard.expectsNoWasm();
  await page.route('**/*.wasm', (route) => route.abort());
  await createKeys(me, [
    { description: 'Deploy bot', created: -9 * DAY },
    { description: 'Night watch', created: -8 * DAY },
  ]);
  await signIn(page, me);
  await page.goto(OWN_KEYS);
});

test('the list is still searched', async ({ page }) => {
  await page.getByRole('searchbox').fill('night');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  await expect(rowOf(page, 'Night watch')).toBeVisible();
});

test('a key is still made, renamed and revoked', async ({ page, me }) => {
  await page.getByRole('link', { name: 'Create API key' }).click();
  await expect(page).toHaveURL(`${OWN_KEYS}/new`);
  await page.getByLabel('Description').fill('Fallback');
  await page.getByLabel('Expires').selectOption('Custom date');
  await expect(page.getByText('In UTC.')).toBeVisible();
  await page.getByLabel('Expires').selectOption('90 days');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(secretField(page)).toHaveValue(SECRET);
  await page.getByLabel('I have saved this key').check();
  await page.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('link', { name: 'Rename “Fallback”' }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill('Plan B');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Revoke “Plan B”' }).click();
  await dialog(page).getByLabel('I understand').check();
  await dialog(page).getByRole('button', { name: 'Revoke key' }).click();
  await expect(cell(rowOf(page, 'Plan B'), 'Status')).toHaveText('Revoked');
  expect((await keysOf(me.id)).map((key) => key.description)).toEqual(['Deploy bot', 'Night watch', 'Plan B']);
});
