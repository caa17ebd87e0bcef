// A person's own API keys, through the published SDK.

import { crc32 } from 'node:zlib';

import { expect, test, withEachSdk } from '../../sdk.ts';

const HOUR = 60 * 60 * 1000;
const hours = (count: number) => new Date(Date.now() + count * HOUR);

withEachSdk(() => {
  for (const [what, isPublic, prefix, scanner] of [
    ['a key', undefined, 'sk', 1],
    ['a secret key', false, 'sk', 1],
    ['a public key', true, 'pk', 3],
  ] as const) {
    test(`${what} is a string that vouches for itself`, async ({ project }) => {
      const { user } = await project.signUp();
      const options = { description: 'Deploy bot', expiresAt: null };
      const key = await user.createApiKey(isPublic === undefined ? options : { ...options, isPublic });
      const id = key.id.replaceAll('-', '');
      expect(key.value).toMatch(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{45}${id}user${scanner}574ck4u7h[0-9a-f]{8}$`));
      const [body, checksum] = [key.value.slice(0, -8), key.value.slice(-8)];
      expect(crc32(body).toString(16).padStart(8, '0')).toBe(checksum);
      expect((await project.server().getUser({ apiKey: key.value }))?.id).toBe(user.id);
    });
  }

  test('a key is shown whole once, then by its last four', async ({ project }) => {
    const { user } = await project.signUp();
    const expiresAt = hours(1);
    const made = await user.createApiKey({ description: 'Deploy bot', expiresAt });
    const about = { id: made.id, description: 'Deploy bot', expiresAt, type: 'user', userId: user.id, manuallyRevokedAt: null };
    expect(made).toMatchObject(about);
    expect(Math.abs(made.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    const listed = await user.listApiKeys();
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ ...about, createdAt: made.createdAt, value: { lastFour: made.value.slice(-4) } });
    expect(JSON.stringify(listed)).not.toContain(made.value.slice(3, 48));
    for (const key of [made, listed[0]!]) {
      expect(key.isValid()).toBe(true);
      expect(key.whyInvalid()).toBeNull();
    }
  });

  test('keys are listed newest first, dead ones too', async ({ project }) => {
    const { user } = await project.signUp();
    expect(await user.listApiKeys()).toHaveLength(0);
    for (const [description, expiresAt] of [
      ['Endless', null],
      ['Over', hours(-1)],
      ['Revoked', hours(1)],
      ['Both', hours(-1)],
    ] as const) {
      const key = await user.createApiKey({ description, expiresAt });
      if (description === 'Revoked' || description === 'Both') await key.revoke();
    }
    const listed = await user.listApiKeys();
    expect(listed.map((key) => [key.description, key.isValid(), key.whyInvalid()])).toEqual([
      ['Both', false, 'manually-revoked'],
      ['Revoked', false, 'manually-revoked'],
      ['Over', false, 'expired'],
      ['Endless', true, null],
    ]);
    expect(listed[3]!.expiresAt).toBeUndefined();
    expect(listed[1]!.manuallyRevokedAt).toBeInstanceOf(Date);
    expect(listed[2]!.manuallyRevokedAt).toBeNull();
  });

  test('many keys made at once are all there', async ({ project }) => {
    const { user } = await project.signUp();
    const names = Array.from({ length: 30 }, (_, index) => `Key ${index}`);
    const made = await Promise.all(names.map((description) => user.createApiKey({ description, expiresAt: null })));
    expect(new Set(made.map((key) => key.value)).size).toBe(names.length);
    const listed = await user.listApiKeys();
    expect(listed.map((key) => key.description).sort()).toEqual(names.sort());
    const times = listed.map((key) => key.createdAt.getTime());
    expect(times).toEqual(times.toSorted((one, other) => other - one));
  });

  test('a key gets another description', async ({ project }) => {
    const { user } = await project.signUp();
    const made = await user.createApiKey({ description: 'Deploy bot', expiresAt: null });
    await made.update({ description: 'Build bot' });
    const [listed] = await user.listApiKeys();
    expect(listed).toMatchObject({ id: made.id, description: 'Build bot' });
    await listed!.update({ description: '🤖 „Bot“\n\t<b>&amp;' });
    await listed!.update({});
    const [again] = await user.listApiKeys();
    expect(again!.description).toBe('🤖 „Bot“\n\t<b>&amp;');
    expect(again!.isValid(), 'and is otherwise the same').toBe(true);
    expect((await project.server().getUser({ apiKey: made.value }))?.id).toBe(user.id);
  });

  test('a key’s expiry cannot be moved', async ({ project }) => {
    const { user } = await project.signUp();
    const made = await user.createApiKey({ description: 'Deploy bot', expiresAt: hours(1) });
    const path = `/api/v1/user-api-keys/${made.id}`;
    await expect(made.update({ description: 'Longer', expiresAt: null })).rejects.toMatchObject({
      errorCode: 'SCHEMA_ERROR',
      message: `Request validation failed on PATCH ${path}:\n  - body contains unknown properties: expiresAt`,
    });
    const [listed] = await user.listApiKeys();
    expect(listed).toMatchObject({ description: 'Deploy bot', expiresAt: made.expiresAt });
  });

  for (const [how, revoke] of [
    ['revoke()', (key: { revoke(): Promise<void> }) => key.revoke()],
    ['update()', (key: { update(options: { revoked: boolean }): Promise<void> }) => key.update({ revoked: true })],
  ] as const) {
    test(`a key is revoked by ${how}, for good`, async ({ project }) => {
      const { user } = await project.signUp();
      const made = await user.createApiKey({ description: 'Deploy bot', expiresAt: null });
      await revoke(made);
      const [first] = await user.listApiKeys();
      expect(first!.isValid()).toBe(false);
      expect(first!.whyInvalid()).toBe('manually-revoked');
      expect(Math.abs(first!.manuallyRevokedAt!.getTime() - Date.now())).toBeLessThan(60_000);
      await revoke(first!);
      await expect(first!.update({ revoked: false })).rejects.toMatchObject({ errorCode: 'SCHEMA_ERROR' });
      const [second] = await user.listApiKeys();
      expect(second!.manuallyRevokedAt, 'the first revocation stands').toEqual(first!.manuallyRevokedAt);
    });
  }

  test('an expiry may lie anywhere a Date can', async ({ project }) => {
    const { user } = await project.signUp();
    const server = project.server();
    const live = async (apiKey: string) => (await server.getUser({ apiKey })) !== null;
    for (const [millis, valid] of [
      [8.64e15, true],
      [Date.now() + HOUR, true],
      [Date.now() - HOUR, false],
      [-8.64e15, false],
      // The SDK takes 0 for “never” when it shows a key. It is a time like any other, long past.
      [0, false],
    ] as const) {
      const key = await user.createApiKey({ description: `${millis}`, expiresAt: new Date(millis) });
      if (millis !== 0) expect(key.expiresAt, `${millis}`).toEqual(new Date(millis));
      expect(await live(key.value), `${millis}`).toBe(valid);
    }
    await expect(user.createApiKey({ description: 'x', expiresAt: undefined as never })).rejects.toMatchObject({
      errorCode: 'SCHEMA_ERROR',
      message: 'Request validation failed on POST /api/v1/user-api-keys:\n  - body.expires_at_millis must be defined',
    });
    expect(await user.listApiKeys()).toHaveLength(5);
  });

  test('a description may be empty or long, within reason', async ({ project }) => {
    const { user } = await project.signUp();
    for (const description of ['', 'x'.repeat(1000), '🔑'.repeat(400)]) {
      expect((await user.createApiKey({ description, expiresAt: null })).description).toBe(description);
    }
    for (const description of ['x'.repeat(1001), 'NUL \0']) {
      await expect(user.createApiKey({ description, expiresAt: null })).rejects.toMatchObject({ errorCode: 'SCHEMA_ERROR' });
    }
    expect(await user.listApiKeys()).toHaveLength(3);
  });

  test('people see their own keys', async ({ project }) => {
    const [ada, grace] = [await project.signUp(), await project.signUp()];
    await ada.user.createApiKey({ description: 'Ada’s', expiresAt: null });
    await grace.user.createApiKey({ description: 'Grace’s', expiresAt: null });
    expect(await ada.user.listApiKeys()).toMatchObject([{ description: 'Ada’s', userId: ada.user.id }]);
    expect(await grace.user.listApiKeys()).toMatchObject([{ description: 'Grace’s', userId: grace.user.id }]);
  });

  test('the developer’s server keeps somebody’s keys for them', async ({ project }) => {
    const { user } = await project.signUp();
    const there = (await project.server().getUser(user.id))!;
    const made = await there.createApiKey({ description: 'From the server', expiresAt: null });
    expect(made.userId).toBe(user.id);
    const [mine] = await user.listApiKeys();
    expect(mine).toMatchObject({ id: made.id, description: 'From the server', userId: user.id });
    await mine!.update({ description: 'Mine now' });

    const [theirs] = await there.listApiKeys();
    expect(theirs).toMatchObject({ id: made.id, description: 'Mine now' });
    await theirs!.revoke();
    expect((await user.listApiKeys())[0]!.whyInvalid()).toBe('manually-revoked');
  });

  test('people’s keys switched off: none is made, listed, changed or accepted', async ({ project }) => {
    const { user } = await project.signUp();
    const key = await user.createApiKey({ description: 'Deploy bot', expiresAt: null });
    const server = project.server();
    await project.config('allow_user_api_keys=false');
    const off = '400 User API keys are not enabled for this project.';
    await expect(user.createApiKey({ description: 'x', expiresAt: null })).rejects.toThrow(off);
    await expect(user.listApiKeys()).rejects.toThrow(off);
    await expect(key.update({ description: 'x' })).rejects.toThrow(off);
    await expect(key.revoke()).rejects.toThrow(off);
    await expect(server.getUser({ apiKey: key.value })).rejects.toThrow(off);
    await expect((await server.getUser(user.id))!.createApiKey({ description: 'x', expiresAt: null })).rejects.toThrow(off);

    await project.config('allow_user_api_keys=true');
    expect(await user.listApiKeys()).toMatchObject([{ description: 'Deploy bot', manuallyRevokedAt: null }]);
    expect((await server.getUser({ apiKey: key.value }))?.id).toBe(user.id);
  });
});
