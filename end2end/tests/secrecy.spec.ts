// After a key was made in a browser, its secret is nowhere but with the person who made it; nor is the password.

import { readFileSync } from 'node:fs';

import { ACME, createKey, createTeam, everythingOn, expect, finish, live, open, OWN_KEYS, rows, SECRET, secretField, sql, teamPage, test } from '../fixtures.ts';
import { latchkey, need, run } from '../program.ts';

test('secrets are nowhere once they were seen', async ({ page, me, context, visit }) => {
  test.slow();
  const password = `only-here-${me.id}`;
  const email = `canary-${me.email}`;
  const made = await latchkey('user', 'create', '--project', ACME, '--email', email, '--name', 'Canary', '--password', password, '--json');
  const user = { ...me, id: (JSON.parse(made) as { id: string }).id, email, password };
  const team = await createTeam(user);

  await open(page, '/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/account-settings');
  await live(page);
  const secrets: string[] = [];
  for (const path of [OWN_KEYS, teamPage(team)]) {
    await open(page, path);
    secrets.push(await createKey(page, 'Deploy bot'));
    await finish(page);
    await page.goto(path === OWN_KEYS ? `${OWN_KEYS}/new` : `${path}/api-keys/new`);
    await page.getByLabel('Description').fill('Plain bot');
    // As without a script: the form itself is sent, and the answer is a page.
    await page.getByLabel('Description').evaluate((field: HTMLInputElement) => field.form!.submit());
    await expect(secretField(page)).toHaveValue(SECRET);
    secrets.push(await secretField(page).inputValue());
    await page.goto(path);
  }
  const token = (await context.cookies()).find(({ name }) => name.includes('session'))!.value.split('.')[1]!;
  const canaries = [...secrets.map((secret) => SECRET.exec(secret)![1]!), password, token].flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64').slice(0, -4),
  ]);
  const nowhere = (text: string, where: string) => {
    for (const canary of canaries) expect(text.includes(canary), `${canary} ${where}`).toBe(false);
  };

  // The database, in every form in which somebody may come to have it.
  await sql('CHECKPOINT');
  const dump = await run('pg_dump', ['--inserts', need('DATABASE_URL')]);
  expect(dump.code, dump.err).toBe(0);
  expect(dump.out).toContain(email);
  nowhere(dump.out, 'in the dump');
  for (const { name } of await rows<{ name: string }>(`SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'v', 'm') AND relnamespace = 'public'::regnamespace`)) {
    nowhere(await sql(`SELECT t::text FROM ${name} t`), `in ${name}`);
  }
  const files = await run('grep', ['-rlaFf', '/dev/stdin', need('LATCHKEY_DATA_DIR')], canaries.join('\n'));
  expect(files.out, 'in the files of the database, its log of changes included').toBe('');

  const log = readFileSync(need('LATCHKEY_TEST_LOG'), 'utf8');
  expect(log).toContain('/fn/api-keys/create');
  nowhere(log, 'in the server’s log');

  nowhere(JSON.stringify(await context.storageState({ indexedDB: true })).replaceAll(token, ''), 'in the browser’s storage');
  const other = await visit(user);
  for (const reader of [page, other]) {
    for (const path of ['/account-settings', '/account-settings/settings', OWN_KEYS, `${OWN_KEYS}?inactive=1&size=50`, `${OWN_KEYS}/new`, teamPage(team), `${teamPage(team)}/api-keys/new`]) {
      await open(reader, path);
      nowhere(await everythingOn(reader), `on ${path}`);
      const stored = await reader.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, location.href, document.referrer, performance.getEntries()]));
      nowhere(stored, `kept by ${path}`);
    }
  }
});
