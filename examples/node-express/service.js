// A service whose users and teams have API keys: Express and @stackframe/js.
//
// Anyone who can reach the routes below /user/… and /team/… can manage that owner's keys: put your own sign-in in front.

import { StackServerApp } from '@stackframe/js';
import express from 'express';

const baseUrl = need('LATCHKEY_URL').replace(/\/$/, '');
const projectId = need('LATCHKEY_PROJECT_ID');
const secretServerKey = need('LATCHKEY_SECRET_SERVER_KEY');
const latchkey = new StackServerApp({ baseUrl, projectId, secretServerKey, tokenStore: null });

// Both find an owner by id, or by a valid API key: { apiKey }.
const find = {
  user: (by) => latchkey.getUser(by),
  team: (by) => latchkey.getTeam(by),
};

// Errors that are the caller's fault. Any other is a fault of this service or of Latchkey.
const CALLERS_FAULT = ['SCHEMA_ERROR', 'USER_NOT_FOUND', 'TEAM_NOT_FOUND', 'API_KEY_NOT_FOUND'];

const app = express();
app.use(express.json());
app.disable('x-powered-by');

for (const kind of ['user', 'team']) {
  app.post(`/${kind}/:owner/keys`, async (request, response) => {
    const owner = await ownerOf(kind, request, response);
    if (!owner) return;
    const { description, expires_at_millis: expiresAtMillis = null } = request.body ?? {};
    const expiresAt = expiresAtMillis === null ? null : new Date(expiresAtMillis);
    // An invalid Date becomes null in JSON, which would create a key that never expires.
    if (expiresAt && (typeof expiresAtMillis !== 'number' || Number.isNaN(expiresAt.getTime()))) {
      return void response.status(400).json({ error: 'expires_at_millis must be a time in milliseconds.' });
    }
    const key = await owner.createApiKey({ description, expiresAt });
    // The only response with the whole key; later ones have only its last four characters.
    response.status(201).set('Cache-Control', 'no-store').json({ ...shown(key), api_key: key.value });
  });

  app.get(`/${kind}/:owner/keys`, async (request, response) => {
    const owner = await ownerOf(kind, request, response);
    if (owner) response.json({ keys: (await owner.listApiKeys()).map(shown) });
  });

  app.post(`/${kind}/:owner/keys/:id/revoke`, async (request, response) => {
    const owner = await ownerOf(kind, request, response);
    if (!owner) return;
    const ofOwner = async () => (await owner.listApiKeys()).find((key) => key.id === request.params.id);
    const key = await ofOwner();
    if (!key) return void response.status(404).json({ error: 'There is no such API key.' });
    await key.revoke();
    response.json(shown(await ofOwner()));
  });

  app.post(`/${kind}/validity`, async (request, response) => {
    response.json({ validity: await validity(kind, request.body?.api_key) });
  });

  app.get(`/protected/${kind}`, async (request, response) => {
    const apiKey = request.get('X-Stack-Api-Key');
    const owner = apiKey ? await find[kind]({ apiKey }) : null;
    if (!owner) return void response.status(401).json({ error: `A valid API key of a ${kind} is required.` });
    response.json({ [`${kind}_id`]: owner.id });
  });
}

async function ownerOf(kind, request, response) {
  const { owner: id } = request.params;
  const owner = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? await find[kind](id) : null;
  if (!owner) response.status(404).json({ error: `There is no such ${kind}.` });
  return owner;
}

/** Why a key does not count: getUser and getTeam answer only whether it does. */
async function validity(kind, apiKey) {
  const answer = await fetch(`${baseUrl}/api/v1/${kind}-api-keys/check`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-stack-access-type': 'server',
      'x-stack-project-id': projectId,
      'x-stack-secret-server-key': secretServerKey,
    },
    body: JSON.stringify({ api_key: apiKey }),
    redirect: 'error',
    signal: AbortSignal.timeout(5_000),
  });
  if (answer.ok) return 'valid';
  const errorCode = answer.headers.get('x-stack-known-error');
  if (errorCode === 'API_KEY_REVOKED') return 'manually-revoked';
  if (errorCode === 'API_KEY_EXPIRED') return 'expired';
  // A key of the other kind is treated as unknown.
  if (errorCode === 'API_KEY_NOT_FOUND' || errorCode === 'WRONG_API_KEY_TYPE') return 'unknown';
  throw Object.assign(new Error(await answer.text()), { errorCode, statusCode: answer.status });
}

/** What callers see of a key. */
function shown(key) {
  return {
    id: key.id,
    description: key.description,
    expires_at_millis: key.expiresAt?.getTime() ?? null,
    validity: key.whyInvalid() ?? 'valid',
  };
}

app.use((error, _request, response, next) => {
  if (response.headersSent) return next(error);
  // `expose` marks errors of Express itself, such as invalid JSON.
  if (error.expose || CALLERS_FAULT.includes(error.errorCode)) {
    return void response.status(error.statusCode).json({ error: error.message });
  }
  console.error('Latchkey:', error.message);
  response.status(503).json({ error: 'API keys are not available at the moment.' });
});

const server = app.listen(Number(process.env.PORT ?? 8000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
