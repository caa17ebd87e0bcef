// How long checks of keys take while one user searches 60,000 keys of their own, 16 searches at once: idle, beside the
// searches, and idle again. Run by `make bench`; no time is asserted.

import { spawn, spawnSync } from 'node:child_process';

const KEYS = 60_000;
const SEARCHES = 16;
const CHECKS = 2_000;
const CHECKERS = 2;

const program = process.env.LATCHKEY_PROGRAM;
const database = process.env.DATABASE_URL;
// The program joins the Postgres in LATCHKEY_DATA_DIR, which is already running.
const { DATABASE_URL: _, ...env } = process.env;

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', env, ...options });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.trim();
}

const latchkey = (...args) => run(program, args);
const sql = (text) => run('psql', ['-XqtA', '-v', 'ON_ERROR_STOP=1', database], { input: text });

async function serve() {
  const server = spawn(program, ['serve'], { env: { ...env, LATCHKEY_LISTEN: '127.0.0.1:0', LATCHKEY_LOG: 'warn' } });
  server.stderr.pipe(process.stderr);
  process.on('exit', () => server.kill('SIGTERM'));
  for await (const text of server.stdout.setEncoding('utf8')) {
    const url = /is ready at (\S+)/.exec(text)?.[1];
    if (url) return { url, stop: () => server.kill('SIGTERM') };
  }
  throw new Error('the server did not start');
}

const quantile = (times, part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];

async function checks(check) {
  const times = [];
  await Promise.all(
    Array.from({ length: CHECKERS }, async () => {
      for (let n = 0; n < CHECKS / CHECKERS; n++) {
        const began = performance.now();
        const status = await check();
        if (status !== 200) throw new Error(`a check was answered with ${status}`);
        times.push(performance.now() - began);
      }
    }),
  );
  return times.sort((a, b) => a - b);
}

function print(what, times) {
  const [median, p99] = [0.5, 0.99].map((part) => quantile(times, part).toFixed(1));
  console.log(`${what.padEnd(24)} median ${median} ms   p99 ${p99} ms`);
}

const project = JSON.parse(latchkey('project', 'create', '--name', 'Bench', '--config', '{"allow_user_api_keys":true}', '--json'));
const password = 'correct horse battery';
for (const name of ['noisy', 'other']) {
  latchkey('user', 'create', '--project', project.id, '--email', `${name}@example.com`, '--password', password);
}
sql(`INSERT INTO api_keys (project_id, api_key_id, owner_user_id, description, digest, last_four)
  SELECT project_id, new_id(), user_id, 'key ' || n, sha256(n::text::bytea), '0000'
  FROM users, generate_series(1, ${KEYS}) n WHERE primary_email = 'noisy@example.com' AND project_id = '${project.id}';
  VACUUM ANALYZE api_keys;`);

env.LATCHKEY_PROJECT = project.id;
const server = await serve();
const headers = {
  'content-type': 'application/json',
  'x-stack-access-type': 'server',
  'x-stack-project-id': project.id,
  'x-stack-secret-server-key': project.secret_server_key,
};
const call = async (path, body) => {
  const response = await fetch(`${server.url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};
const other = sql(`SELECT user_id FROM users WHERE project_id = '${project.id}' AND primary_email = 'other@example.com'`);
const key = await call('/user-api-keys', { user_id: other, description: 'checked', is_public: false, expires_at_millis: null });
const body = JSON.stringify({ api_key: key.value });
const check = async () => {
  const response = await fetch(`${server.url}/api/v1/user-api-keys/check`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response.status;
};
const signIn = await fetch(`${server.url}/fn/sign-in`, {
  method: 'POST',
  redirect: 'manual',
  headers: { origin: server.url, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ email: 'noisy@example.com', password }),
});
const cookie = signIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');

await checks(check);
print('checks, idle', await checks(check));
let searching = true;
const statuses = {};
const searches = Array.from({ length: SEARCHES }, async () => {
  while (searching) {
    const response = await fetch(`${server.url}/account-settings/api-keys?q=zzzz&sort=description`, { headers: { cookie } });
    await response.arrayBuffer();
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
  }
});
print(`checks, ${SEARCHES} searches`, await checks(check));
searching = false;
await Promise.all(searches);
print('checks, idle again', await checks(check));
console.log('answers to searches', statuses);
server.stop();
