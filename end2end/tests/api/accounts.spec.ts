// Accounts, through the published SDK.

import { PASSWORD, expect, test, withEachSdk } from '../../sdk.ts';

const NEW = { email: 'ada@example.com', password: PASSWORD, noRedirect: true, noVerificationCallback: true } as const;

withEachSdk(() => {
  test('somebody signs up and is signed in', async ({ project }) => {
    const app = project.client();
    expect(await app.getUser()).toBeNull();
    expect(await app.signUpWithCredential({ ...NEW, email: 'Ada.Lovelace@Example.COM' })).toMatchObject({ status: 'ok' });
    const user = await app.getUser({ or: 'throw' });
    expect(user).toMatchObject({
      primaryEmail: 'ada.lovelace@example.com',
      primaryEmailVerified: false,
      displayName: null,
      profileImageUrl: null,
      clientMetadata: null,
      clientReadOnlyMetadata: null,
      hasPassword: true,
      emailAuthEnabled: true,
      otpAuthEnabled: false,
      passkeyAuthEnabled: false,
      isMultiFactorRequired: false,
      isAnonymous: false,
      isRestricted: false,
      restrictedReason: null,
      oauthProviders: [],
      selectedTeam: null,
    });
    expect(Math.abs(user.signedUpAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(await app.getPartialUser({ from: 'token' })).toMatchObject({ id: user.id, primaryEmail: user.primaryEmail, displayName: null });
  });

  test('somebody signs out, and in again with the address in other letters', async ({ project }) => {
    const { app, user } = await project.signUp('ada@example.com');
    await user.signOut();
    expect(await app.getUser()).toBeNull();
    expect(await app.getAuthJson()).toEqual({ accessToken: null, refreshToken: null });
    const again = await app.signInWithCredential({ email: 'ADA@example.com', password: PASSWORD, noRedirect: true });
    expect(again).toMatchObject({ status: 'ok' });
    expect((await app.getUser({ or: 'throw' })).id).toBe(user.id);
  });

  test('an address is taken once, in whatever letters', async ({ project }) => {
    const first = await project.signUp('ada@example.com');
    const app = project.client();
    for (const email of ['ada@example.com', 'ADA@example.com']) {
      const again = await app.signUpWithCredential({ ...NEW, email, password: 'another password' });
      expect(again).toMatchObject({
        status: 'error',
        error: {
          errorCode: 'USER_EMAIL_ALREADY_EXISTS',
          message: 'A user with email "ada@example.com" already exists.',
          details: { email: 'ada@example.com', would_work_if_email_was_verified: false },
        },
      });
    }
    expect(await app.getUser()).toBeNull();
    expect((await project.signIn(first)).user.id, 'the password is the first one').toBe(first.user.id);
  });

  test('an address is free in another project', async ({ project, createProject }) => {
    const here = await project.signUp('ada@example.com');
    const elsewhere = await (await createProject()).signUp('ada@example.com');
    expect(elsewhere.user.id).not.toBe(here.user.id);
  });

  test('a password has at least 8 characters', async ({ project }) => {
    const refused = await project.client().signUpWithCredential({ ...NEW, password: '1234567' });
    expect(refused).toMatchObject({
      status: 'error',
      error: { errorCode: 'PASSWORD_TOO_SHORT', message: 'Password too short. Minimum length is 8.', details: { min_length: 8 } },
    });
    expect(await project.server().listUsers()).toHaveLength(0);
  });

  for (const [what, request, message] of [
    ['a password of more than 70 characters', { password: 'x'.repeat(71) }, 'body.password must be at most 70 characters'],
    ['an address without a domain', { email: 'ada' }, 'body.email must be a valid email'],
    ['an address without a top-level domain', { email: 'ada@localhost' }, 'body.email must be a valid email'],
  ] as const) {
    test(`${what} is refused`, async ({ project }) => {
      await expect(project.client().signUpWithCredential({ ...NEW, ...request })).rejects.toMatchObject({
        errorCode: 'SCHEMA_ERROR',
        message: `Request validation failed on POST /api/v1/auth/password/sign-up:\n  - ${message}`,
      });
      expect(await project.server().listUsers()).toHaveLength(0);
    });
  }

  test('a wrong password and an unknown address are refused alike', async ({ project }) => {
    const { email } = await project.signUp();
    const app = project.client();
    for (const attempt of [
      { email, password: 'wrong horse' },
      { email: 'nobody@example.com', password: PASSWORD },
    ]) {
      expect(await app.signInWithCredential({ ...attempt, noRedirect: true })).toMatchObject({
        status: 'error',
        error: { errorCode: 'EMAIL_PASSWORD_MISMATCH', message: 'Wrong e-mail or password.' },
      });
      expect(await app.getUser()).toBeNull();
    }
  });

  test('sign-up switched off: nobody new, but those who are there', async ({ project }) => {
    const ada = await project.signUp('ada@example.com');
    await project.config('sign_up_enabled=false');
    await expect(project.client().signUpWithCredential({ ...NEW, email: 'new@example.com' })).rejects.toMatchObject({
      errorCode: 'SIGN_UP_NOT_ENABLED',
    });
    expect((await project.signIn(ada)).user.id).toBe(ada.user.id);
    expect(await project.server().listUsers()).toHaveLength(1);
  });

  test('passwords switched off: nobody gets in, those inside stay', async ({ project }) => {
    const { app, user, email, password } = await project.signUp();
    await project.config('credential_enabled=false');
    const refusal = { errorCode: 'PASSWORD_AUTHENTICATION_NOT_ENABLED' };
    const other = project.client();
    await expect(other.signUpWithCredential(NEW)).rejects.toMatchObject(refusal);
    await expect(other.signInWithCredential({ email, password, noRedirect: true })).rejects.toMatchObject(refusal);
    expect((await app.getUser({ or: 'throw' })).id).toBe(user.id);
  });

  test('an address to confirm by may be on this machine, not just anywhere', async ({ project }) => {
    const app = project.client();
    const asks = { email: 'ada@example.com', password: PASSWORD, noRedirect: true } as const;
    await expect(
      app.signUpWithCredential({ ...asks, verificationCallbackUrl: 'https://elsewhere.example/confirm' }),
    ).rejects.toMatchObject({ errorCode: 'REDIRECT_URL_NOT_WHITELISTED' });
    expect(await project.server().listUsers()).toHaveLength(0);
    expect(
      await app.signUpWithCredential({ ...asks, verificationCallbackUrl: 'http://localhost:8080/confirm' }),
    ).toMatchObject({ status: 'ok' });
  });

  test('somebody gives themselves a name', async ({ project }) => {
    const { app, user } = await project.signUp();
    await user.setDisplayName('Ada Lovelace');
    expect((await app.getUser({ or: 'throw' })).displayName).toBe('Ada Lovelace');
    expect((await project.server().getUser(user.id))?.displayName).toBe('Ada Lovelace');
    await user.setDisplayName(null);
    expect((await app.getUser({ or: 'throw' })).displayName).toBeNull();
  });
});
