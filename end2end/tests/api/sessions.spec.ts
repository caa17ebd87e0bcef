// Sessions and their tokens, through the published SDK.

import { createPublicKey, verify } from 'node:crypto';

import { expect, test, tokensOf, withEachSdk } from '../../sdk.ts';

const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

withEachSdk(() => {
  test('an access token says who somebody is, and the project’s public keys prove it', async ({ project }) => {
    const { app, user, email } = await project.signUp();
    const [header, claims, signature] = (await tokensOf(app)).accessToken.split('.') as [string, string, string];
    const said = read(claims);
    expect(said).toEqual({
      sub: user.id,
      iat: expect.any(Number),
      exp: (said['iat'] as number) + 600,
      iss: `${project.url}/api/v1/projects/${project.id}`,
      aud: project.id,
      project_id: project.id,
      branch_id: 'main',
      refresh_token_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      role: 'authenticated',
      name: null,
      email,
      email_verified: false,
      selected_team_id: null,
      signed_up_at: Math.floor(user.signedUpAt.getTime() / 1000),
      is_anonymous: false,
      is_restricted: false,
      restricted_reason: null,
      requires_totp_mfa: false,
    });

    const { body } = await project.ask<{ keys: Record<string, string>[] }>('GET', `/projects/${project.id}/.well-known/jwks.json`);
    const { alg, kid } = read(header);
    expect(alg).toBe('ES256');
    const key = body.keys.find((key) => key['kid'] === kid)!;
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' });
    expect(key, 'no private part').not.toHaveProperty('d');
    const proves = (text: string) =>
      verify('sha256', Buffer.from(text), { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    expect(proves(`${header}.${claims}`)).toBe(true);
    expect(proves(`${header}.${claims}x`)).toBe(false);
  });

  test('a token that was tampered with is nobody’s', async ({ project }) => {
    const { app } = await project.signUp();
    const tokens = await tokensOf(app);
    const other = await project.signUp();
    const [header, claims, signature] = tokens.accessToken.split('.') as [string, string, string];
    const forged = Buffer.from(JSON.stringify({ ...read(claims), sub: other.user.id })).toString('base64url');
    const thief = project.client({ tokenStore: { accessToken: `${header}.${forged}.${signature}`, refreshToken: 'x'.repeat(45) } });
    expect(await thief.getUser()).toBeNull();
  });

  test('a session goes on in another program', async ({ project }) => {
    const { app, user } = await project.signUp();
    const other = project.client({ tokenStore: await tokensOf(app) });
    expect((await other.getUser({ or: 'throw' })).id).toBe(user.id);
    expect(await user.currentSession.getTokens()).toEqual(await tokensOf(app));
  });

  test('a session that was ended elsewhere is over', async ({ project }) => {
    const { app, user } = await project.signUp();
    const tokens = await tokensOf(app);
    const other = project.client({ tokenStore: tokens });
    const there = await other.getUser({ or: 'throw' });
    await user.signOut();
    expect(await other.getUser()).toBeNull();
    await expect(there.createApiKey({ description: 'Too late', expiresAt: null })).rejects.toThrow();
    await expect(there.listApiKeys()).rejects.toThrow();
    expect(await project.client({ tokenStore: tokens }).getUser(), 'in a program that starts now').toBeNull();
    const server = project.server();
    expect(await server.getUser({ tokenStore: tokens }), 'on the developer’s server').toBeNull();
    expect(await (await server.getUser(user.id))!.listApiKeys()).toHaveLength(0);
  });

  test('ending one session leaves the others', async ({ project }) => {
    const here = await project.signUp();
    const there = await project.signIn(here);
    await here.user.signOut();
    await there.user.createApiKey({ description: 'Still here', expiresAt: null });
    expect((await there.app.getUser({ or: 'throw' })).id).toBe(here.user.id);
  });

  test('one may sign in again after a session was ended elsewhere', async ({ project }) => {
    const { app, user, email, password } = await project.signUp();
    const other = project.client({ tokenStore: await tokensOf(app) });
    await other.signOut();
    // This program does not know yet, and sends the dead token along.
    expect(await app.signInWithCredential({ email, password, noRedirect: true })).toMatchObject({ status: 'ok' });
    expect((await app.getUser({ or: 'throw' })).id).toBe(user.id);
  });

  test('the developer’s server knows somebody by what their program sends', async ({ project }) => {
    const { app, user, email } = await project.signUp();
    const server = project.server();
    expect(await server.getUser(), 'it has no session of its own').toBeNull();
    expect(await server.getUser({ tokenStore: await tokensOf(app) })).toMatchObject({ id: user.id, primaryEmail: email });
    const authorization = await app.getAuthorizationHeader();
    const request = { headers: { get: (name: string) => (name.toLowerCase() === 'authorization' ? authorization : null) } };
    expect(await server.getUser({ tokenStore: request })).toMatchObject({ id: user.id });
  });

  test('a token counts in its own project only', async ({ project, createProject }) => {
    const { app } = await project.signUp();
    const elsewhere = await createProject();
    expect(await elsewhere.client({ tokenStore: await tokensOf(app) }).getUser()).toBeNull();
  });

  test('the developer’s server begins a session for somebody', async ({ project }) => {
    const { user } = await project.signUp();
    const begun = await (await project.server().getUser(user.id))!.createSession({ expiresInMillis: 60_000 });
    const { accessToken, refreshToken } = await begun.getTokens();
    const app = project.client({ tokenStore: { accessToken: accessToken!, refreshToken: refreshToken! } });
    const there = await app.getUser({ or: 'throw' });
    expect(there.id).toBe(user.id);
    await there.createApiKey({ description: 'On their behalf', expiresAt: null });
    expect(await user.listApiKeys()).toMatchObject([{ description: 'On their behalf' }]);
  });
});
