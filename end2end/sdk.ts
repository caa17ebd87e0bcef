// The published SDK as programs use it, in two versions: up to 2.8.102 it sends `x-stack-…` headers,
// since 2.8.108 `x-hexclave-…`.

import { randomUUID } from 'node:crypto';

import { test as base } from '@playwright/test';
import * as newer from 'sdk-new';
import * as older from 'sdk-old';

import { type ProjectKeys, latchkey, need } from './program.ts';

export { expect } from '@playwright/test';

type Sdk = Pick<typeof newer, 'StackClientApp' | 'StackServerApp'>;
export type ClientApp = newer.StackClientApp<true>;
export type ServerApp = newer.StackServerApp<true>;
export type User = newer.CurrentUser;
export type Tokens = { accessToken: string; refreshToken: string };

const SDKS = {
  '2.8.108': newer,
  // Declared alike; but each version's symbols are its own, so the compiler sees two types.
  '2.8.102': older as unknown as Sdk,
} satisfies Record<string, Sdk>;
export type Version = keyof typeof SDKS;
export const VERSIONS = Object.keys(SDKS) as Version[];

interface Overrides {
  projectId?: string;
  publishableClientKey?: string | undefined;
  secretServerKey?: string;
  tokenStore?: 'memory' | Tokens;
}

export interface Person {
  app: ClientApp;
  user: User;
  email: string;
  password: string;
}

export const PASSWORD = 'correct horse';

/** A project, and the programs that its people and its servers run. */
export class Project {
  readonly id: string;

  constructor(
    private readonly version: Version,
    readonly url: string,
    readonly keys: ProjectKeys,
  ) {
    this.id = keys.id;
  }

  private options(): { baseUrl: string; projectId: string; publishableClientKey: string; tokenStore: 'memory' } {
    const { id: projectId, publishable_client_key: publishableClientKey } = this.keys;
    return { baseUrl: this.url, projectId, publishableClientKey, tokenStore: 'memory' };
  }

  /** A program on somebody's own machine, with a session of its own. */
  client(overrides: Overrides = {}): ClientApp {
    return new SDKS[this.version].StackClientApp({ ...this.options(), ...overrides } as never) as ClientApp;
  }

  /** A program on the developer's server. */
  server(overrides: Overrides = {}): ServerApp {
    const secretServerKey = this.keys.secret_server_key;
    return new SDKS[this.version].StackServerApp({ ...this.options(), secretServerKey, ...overrides } as never) as ServerApp;
  }

  /** Somebody new, signed in to a program. */
  async signUp(email = `${randomUUID()}@example.com`): Promise<Person> {
    const app = this.client();
    const result = await app.signUpWithCredential({ email, password: PASSWORD, noVerificationCallback: true, noRedirect: true });
    if (result.status === 'error') throw result.error;
    return { app, user: await app.getUser({ or: 'throw' }), email, password: PASSWORD };
  }

  /** The same person in another program. */
  async signIn({ email, password }: Pick<Person, 'email' | 'password'>): Promise<Person> {
    const app = this.client();
    const result = await app.signInWithCredential({ email, password, noRedirect: true });
    if (result.status === 'error') throw result.error;
    return { app, user: await app.getUser({ or: 'throw' }), email, password };
  }

  config(...switches: string[]): Promise<string> {
    return latchkey('project', 'config', this.id, ...switches);
  }

  /** What a server is answered that does without the SDK. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<{ status: number; body: T }> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        'x-stack-access-type': 'server',
        'x-stack-project-id': this.id,
        'x-stack-secret-server-key': this.keys.secret_server_key,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }
}

const EVERYTHING = { allow_user_api_keys: true, allow_team_api_keys: true, client_team_creation_enabled: true };

interface Fixtures {
  version: Version;
  /** Makes projects; what their config does not name has its default. */
  createProject: (config?: Record<string, boolean>) => Promise<Project>;
  /** The test's own project, in which everything is allowed. */
  project: Project;
}

export const test = base.extend<Fixtures>({
  version: ['2.8.108', { option: true }],
  createProject: async ({ version }, use, info) => {
    await use(async (config = {}) => {
      const made = await latchkey('project', 'create', '--name', info.testId, '--config', JSON.stringify(config), '--json');
      return new Project(version, need('LATCHKEY_TEST_URL'), JSON.parse(made) as ProjectKeys);
    });
  },
  project: async ({ createProject }, use) => use(await createProject(EVERYTHING)),
});

/** Has tests run with each version of the SDK. */
export function withEachSdk(tests: () => void): void {
  for (const version of VERSIONS) {
    test.describe(`SDK ${version}`, () => {
      test.use({ version });
      tests();
    });
  }
}

/** The tokens of a session, to take to another program. */
export async function tokensOf(app: ClientApp): Promise<Tokens> {
  const { accessToken, refreshToken } = await app.getAuthJson();
  if (!accessToken || !refreshToken) throw new Error('nobody is signed in');
  return { accessToken, refreshToken };
}
