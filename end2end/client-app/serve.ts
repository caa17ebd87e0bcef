// The client application, bundled with a version of the SDK and served on an origin of its own.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import type { Version } from '../sdk.ts';

const PACKAGES: Record<Version, string> = { '2.8.108': 'sdk-new', '2.8.102': 'sdk-old' };
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const bundles = new Map<Version, Promise<string>>();

/** The page's script, bundled once in each worker. */
function bundled(version: Version): Promise<string> {
  const text = bundles.get(version) ?? bundle(version);
  bundles.set(version, text);
  return text;
}

async function bundle(version: Version): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here('page.ts')],
    alias: { 'sdk-new': PACKAGES[version] },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

export interface ClientSite {
  origin: string;
  stop(): Promise<void>;
}

export async function serveClientApp(version: Version): Promise<ClientSite> {
  const files: Record<string, [type: string, text: string]> = {
    '/': ['text/html', await readFile(here('index.html'), 'utf8')],
    '/page.js': ['text/javascript', await bundled(version)],
  };
  const server = createServer((request, response) => {
    const [type, text] = files[new URL(request.url ?? '/', 'http://client').pathname] ?? [];
    if (text === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
