// A button whose form waits for an answer: it cannot be pressed again, and nothing else changes.

import type { Locator, Page } from '@playwright/test';

import {
  type Account,
  createKeys,
  createTeam,
  dialog,
  expect,
  type Held,
  holdBack,
  open,
  openCreateDialog,
  OWN_KEYS,
  postsOf,
  secretField,
  signIn,
  teamPage,
  test,
} from '../fixtures.ts';

interface Form {
  /** Where it is posted. */
  path: string;
  /** Shows it, filled in. */
  show: (page: Page, me: Account) => Promise<Locator>;
  /** What its button says. */
  label: string;
  /** What it says meanwhile. */
  pending: string;
  /** It was done. */
  done: (page: Page) => Promise<void>;
}

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const settled = (text: string) => async (page: Page) => {
  await expect(page.getByRole('status').filter({ hasText: text })).toBeAttached();
};

const FORMS: Record<string, Form> = {
  create: {
    path: '/fn/api-keys/create',
    show: async (page, me) => {
      await signIn(page, me);
      await open(page, OWN_KEYS);
      const form = await openCreateDialog(page);
      await form.getByLabel('Description').fill('Night watch');
      return form.locator('form').filter({ has: page.getByLabel('Description') });
    },
    label: 'Create API key',
    pending: 'Creating…',
    done: (page) => expect(secretField(page)).toBeVisible(),
  },
  'save one’s name': {
    path: '/fn/profile/rename',
    show: async (page, me) => {
      await signIn(page, me);
      await open(page, '/account-settings/profile');
      await page.getByRole('textbox', { name: 'Display name' }).fill('Amazing Grace');
      return page.locator('form').filter({ has: page.getByRole('textbox', { name: 'Display name' }) });
    },
    label: 'Save',
    pending: 'Working…',
    done: settled('Display name changed.'),
  },
  'save a team’s name': {
    path: '/fn/teams/rename',
    show: async (page, me) => {
      await signIn(page, me);
      await open(page, teamPage(await createTeam(me)));
      await page.getByRole('textbox', { name: 'Team name' }).fill('Compilers');
      return page.locator('form').filter({ has: page.getByRole('textbox', { name: 'Team name' }) });
    },
    label: 'Save',
    pending: 'Working…',
    done: settled('Team renamed.'),
  },
  'save a key’s name': {
    path: '/fn/api-keys/rename',
    show: async (page, me) => {
      await createKeys(me, [{ description: 'Deploy bot' }]);
      await signIn(page, me);
      await open(page, OWN_KEYS);
      await page.getByRole('link', { name: 'Rename “Deploy bot”' }).click();
      await page.getByRole('textbox', { name: 'New name' }).fill('Release bot');
      return page.locator('form').filter({ has: page.getByRole('textbox', { name: 'New name' }) });
    },
    label: 'Save',
    pending: 'Working…',
    done: settled('Description changed.'),
  },
  revoke: {
    path: '/fn/api-keys/revoke',
    show: async (page, me) => {
      await createKeys(me, [{ description: 'Deploy bot' }]);
      await signIn(page, me);
      await open(page, OWN_KEYS);
      await page.getByRole('button', { name: 'Revoke “Deploy bot”' }).click();
      await dialog(page).getByLabel('I understand').check();
      return dialog(page);
    },
    label: 'Revoke key',
    pending: 'Working…',
    done: settled('Key revoked.'),
  },
  'sign in': {
    path: '/fn/sign-in',
    show: async (page, me) => {
      await open(page, '/sign-in');
      await page.getByLabel('E-mail').fill(me.email);
      await page.getByLabel('Password').fill(me.password);
      return page.locator('form');
    },
    label: 'Sign in',
    pending: 'Working…',
    done: (page) => expect(page).toHaveURL('/account-settings'),
  },
};

const button = (form: Locator) => form.locator('button[type=submit]');

/** Where everything that can be pressed or filled in stands, to the pixel. */
const places = (form: Locator) =>
  form.locator('button, a, input:not([type=hidden]), select').evaluateAll((all) =>
    all.map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return { what: element.getAttribute('name') ?? element.getAttribute('type') ?? element.tagName, x, y, width, height };
    }),
  );

for (const [name, { path, show, label, pending, done }] of Object.entries(FORMS)) {
  test.describe(name, () => {
    let held: Held;
    test.beforeEach(async ({ page }) => {
      held = await holdBack(page, `**${path}`);
    });

    test('the button keeps the focus, and says that it cannot be pressed', async ({ page, me }) => {
      const form = await show(page, me);
      await expect(button(form)).not.toHaveAttribute('aria-disabled', 'true');
      await button(form).press('Enter');
      await held.asked;
      await expect(button(form)).toHaveAttribute('aria-disabled', 'true');
      await expect(button(form), 'so that it keeps the focus').not.toHaveAttribute('disabled');
      await expect(button(form)).toHaveAccessibleName(pending);
      await expect(button(form)).toBeFocused();
      held.release();
      await done(page);
    });

    test('the button can be pressed again once it was refused', async ({ page, me, guard }) => {
      guard.expectsLostAnswers();
      const form = await show(page, me);
      await page.route(`**${path}`, (route) => route.abort(), { times: 1 });
      await button(form).press('Enter');
      await expect(form.getByRole('alert').filter({ hasText: /^The server (did not respond|could not answer)\./ })).toBeVisible();
      await expect(button(form)).not.toHaveAttribute('aria-disabled', 'true');
      await expect(button(form)).toHaveAccessibleName(label);
      await expect(button(form)).toBeFocused();
      held.release();
      await page.keyboard.press('Enter');
      await done(page);
    });

    test('nothing moves while it waits', async ({ page, me }) => {
      const form = await show(page, me);
      await button(form).focus();
      const before = await places(form);
      await page.keyboard.press('Enter');
      await held.asked;
      await expect(button(form)).toHaveAccessibleName(pending);
      expect(await places(form)).toEqual(before);
      held.release();
      await done(page);
    });

    test('a second press sends nothing', async ({ page, me }) => {
      const form = await show(page, me);
      const sent = postsOf(page);
      await button(form).press('Enter');
      await held.asked;
      await expect(button(form)).toHaveAccessibleName(pending);
      // A person presses where the button is, whatever it says of itself.
      await button(form).click({ force: true });
      await button(form).press('Enter');
      await button(form).press('Space');
      const field = form.locator('input:not([type=hidden]):not([type=checkbox])').first();
      if (await field.count()) await field.press('Enter');
      held.release();
      await done(page);
      expect(sent).toHaveLength(1);
    });
  });
}
