// The form on a page of its own, with script.

import { createKey, dialog, expect, finish, keysOf, open, openCreateDialog, OWN_KEYS, SECRET, secretField, signIn, test } from '../fixtures.ts';

const NEW_KEY = `${OWN_KEYS}/new`;

test.beforeEach(async ({ page, me }) => signIn(page, me));

test('pressing the button twice creates one key and shows its secret', async ({ page, me }) => {
  await open(page, NEW_KEY);
  await page.getByLabel('Description').fill('Deploy bot');
  await page.getByRole('button', { name: 'Create API key' }).dblclick();
  await expect(secretField(page)).toHaveValue(SECRET);
  expect(await keysOf(me.id)).toHaveLength(1);
});

test.describe('far from Greenwich', () => {
  test.use({ timezoneId: 'America/New_York' });

  test('a date of one’s own counts in one’s own time, also after an error', async ({ page, me, guard }) => {
    guard.expects(422);
    await open(page, NEW_KEY);
    await page.getByLabel('Description').fill('   ');
    await page.getByLabel('Expires').selectOption('Custom date');
    await page.getByLabel('Date and time').fill('2099-01-31T22:30');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(page.getByLabel('Description')).toHaveAttribute('aria-invalid', 'true');
    await page.getByLabel('Description').fill('Deploy bot');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await expect(secretField(page)).toHaveValue(SECRET);
    expect((await keysOf(me.id))[0]!.expires_at_millis).toBe(Date.parse('2099-02-01T03:30:00Z'));
  });
});

test('a date of a form that was cancelled does not count in the next one', async ({ page, me, guard }) => {
  guard.expects(422);
  await open(page, OWN_KEYS);
  const form = await openCreateDialog(page);
  await form.getByLabel('Expires').selectOption('Custom date');
  await form.getByLabel('Date and time').fill('2099-01-31T22:30');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await openCreateDialog(page);
  await form.getByLabel('Description').fill('Deploy bot');
  await form.getByLabel('Expires').selectOption('Custom date');
  await form.getByRole('button', { name: 'Create API key' }).click();
  await expect(form.getByLabel('Date and time')).toHaveAttribute('aria-invalid', 'true');
  expect(await keysOf(me.id)).toEqual([]);
});

test('Escape at a secret that is saved closes the dialog', async ({ page }) => {
  await open(page, OWN_KEYS);
  await createKey(page, 'Deploy bot');
  await page.getByLabel('I have saved this key').check();
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await createKey(page, 'Night watch');
  await finish(page);
});

test('a rename that was only opened leaves the focus to whoever types in the search', async ({ page }) => {
  await open(page, OWN_KEYS);
  await createKey(page, 'Deploy bot');
  await finish(page);
  await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
  const search = page.getByRole('searchbox');
  await search.pressSequentially('deploy', { delay: 1 });
  await expect(page).toHaveURL(/q=deploy/);
  await expect(search).toBeFocused();
  await expect(search).toHaveValue('deploy');
});
