// Before all tests: the demo project and one server. After them: nothing they did may have been a
// fault of the server's.

import { readFileSync } from 'node:fs';

import { latchkey, serve } from './program.ts';

export default async function setup(): Promise<() => Promise<void>> {
  await latchkey('demo');
  const listen = process.env.LATCHKEY_TEST_LISTEN;
  const server = await serve('test-results/server.log', listen ? { LATCHKEY_LISTEN: listen } : {});
  process.env.LATCHKEY_TEST_URL = server.url;
  process.env.LATCHKEY_TEST_LOG = server.log;
  return async () => {
    await server.stop();
    const faults = readFileSync(server.log, 'utf8')
      .split('\n')
      .filter((line) => /panicked|internal error|request .*status=5\d\d/.test(line));
    if (faults.length > 0) throw new Error(`the server had faults:\n${faults.join('\n')}`);
  };
}
