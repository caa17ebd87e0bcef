// The program under test: its commands and its servers.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export function need(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the suite with “make browser”`);
  return value;
}

/** Without DATABASE_URL the program joins the Postgres in LATCHKEY_DATA_DIR, which is already running. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, ...env } = process.env;
  return { ...env, NO_COLOR: '1', ...more };
}

export interface Said {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a program to its end. */
export function run(program: string, args: string[], input = '', env = process.env): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env });
    const said: Said = { code: null, out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...said, code }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** A command of `latchkey`, whatever becomes of it. */
export function attempt(args: string[], input = ''): Promise<Said> {
  return run(need('LATCHKEY_PROGRAM'), args, input, environment());
}

/** A command of `latchkey` that must succeed; what it printed. */
export async function latchkey(...args: string[]): Promise<string> {
  const said = await attempt(args);
  if (said.code !== 0) throw new Error(`latchkey ${args.join(' ')}: ${said.code}\n${said.err}`);
  return said.out;
}

/** What `latchkey project create --json` prints. */
export interface ProjectKeys {
  id: string;
  publishable_client_key: string;
  secret_server_key: string;
  super_secret_admin_key: string;
}

export interface Server {
  url: string;
  log: string;
  stop(): Promise<void>;
}

/** Starts a server, on a port that is free unless the environment names one, and waits until it is ready. */
export async function serve(log: string, env: Record<string, string> = {}): Promise<Server> {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'w');
  const child = spawn(need('LATCHKEY_PROGRAM'), ['serve'], {
    // All tests come from one address, and clients that have ended their work keep connections.
    env: environment({ LATCHKEY_LISTEN: '127.0.0.1:0', LATCHKEY_LOG: 'trace', LATCHKEY_MAX_CONNECTIONS_PER_ADDRESS: '2048', ...env }),
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await ready(child, log);
  return {
    url,
    log,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function ready(child: ChildProcess, log: string): Promise<string> {
  for (let waited = 0; waited < 30_000; waited += 50) {
    const url = /is ready at (\S+)/.exec(readFileSync(log, 'utf8'))?.[1];
    if (url) return url;
    if (child.exitCode !== null) break;
    await pause(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not start:\n${readFileSync(log, 'utf8')}`);
}
