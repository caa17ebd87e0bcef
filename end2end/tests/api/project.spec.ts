// A project's switches and keys, through the published SDK.

import { randomUUID } from 'node:crypto';

import { type ProjectKeys, latchkey } from '../../program.ts';
import { expect, test, withEachSdk } from '../../sdk.ts';

const DEFAULTS = {
  signUpEnabled: true,
  credentialEnabled: true,
  magicLinkEnabled: false,
  passkeyEnabled: false,
  clientTeamCreationEnabled: false,
  clientUserDeletionEnabled: false,
  allowUserApiKeys: false,
  allowTeamApiKeys: false,
  oauthProviders: [],
};

withEachSdk(() => {
  for (const [given, shown] of [
    [{}, {}],
    [{ allow_user_api_keys: true }, { allowUserApiKeys: true }],
    [{ allow_team_api_keys: true }, { allowTeamApiKeys: true }],
    [{ client_team_creation_enabled: true }, { clientTeamCreationEnabled: true }],
    [{ sign_up_enabled: false, credential_enabled: false }, { signUpEnabled: false, credentialEnabled: false }],
  ] as const) {
    test(`shows its switches: ${JSON.stringify(given)}`, async ({ createProject }, { testId }) => {
      const project = await createProject(given);
      const seen = await project.client().getProject();
      expect(seen).toMatchObject({ id: project.id, displayName: testId });
      expect(seen.config).toEqual({ ...DEFAULTS, ...shown });
    });
  }

  test('a switch counts from the moment it is set', async ({ createProject }) => {
    const project = await createProject();
    const app = project.client();
    expect((await app.getProject()).config).toMatchObject({ allowUserApiKeys: false });
    await project.config('allow_user_api_keys=true');
    expect((await app.getProject()).config).toMatchObject({ allowUserApiKeys: true });
  });

  test('a publishable client key may be left out, but not be wrong', async ({ project, createProject }) => {
    const { publishable_client_key: foreign } = (await createProject()).keys;
    expect(await project.client({ publishableClientKey: undefined }).getProject()).toMatchObject({ id: project.id });
    for (const publishableClientKey of [`pck_${'0'.repeat(45)}`, foreign]) {
      await expect(project.client({ publishableClientKey }).getProject()).rejects.toMatchObject({
        errorCode: 'INVALID_PUBLISHABLE_CLIENT_KEY',
        details: { project_id: project.id },
      });
    }
    expect(await project.server({ publishableClientKey: foreign }).listUsers(), 'a server does not need it').toHaveLength(0);
  });

  test('a secret server key must be the project’s', async ({ project, createProject }) => {
    const { secret_server_key: foreign } = (await createProject()).keys;
    for (const secretServerKey of [`ssk_${'0'.repeat(45)}`, foreign, project.keys.publishable_client_key]) {
      await expect(project.server({ secretServerKey }).listTeams()).rejects.toMatchObject({
        errorCode: 'INVALID_SECRET_SERVER_KEY',
        details: { project_id: project.id },
      });
    }
  });

  test('a project that does not exist is said not to', async ({ project }) => {
    const projectId = randomUUID();
    const refusal = { errorCode: 'CURRENT_PROJECT_NOT_FOUND', details: { project_id: projectId } };
    await expect(project.client({ projectId }).getProject()).rejects.toMatchObject(refusal);
    await expect(project.server({ projectId }).listUsers()).rejects.toMatchObject(refusal);
  });

  test('new keys replace the old ones', async ({ project }) => {
    const fresh = JSON.parse(await latchkey('project', 'rotate-keys', project.id, '--json')) as ProjectKeys;
    await expect(project.server().listTeams()).rejects.toMatchObject({ errorCode: 'INVALID_SECRET_SERVER_KEY' });
    expect(await project.server({ secretServerKey: fresh.secret_server_key }).listTeams()).toHaveLength(0);
    await expect(project.client().getProject()).rejects.toMatchObject({ errorCode: 'INVALID_PUBLISHABLE_CLIENT_KEY' });
  });
});
