// A proxy in front of a server: a forwarded port, one that changes headers, or one that stops in the middle of an answer.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Proxy {
  url: string;
  stop(): Promise<void>;
}

interface Options {
  /** Changes the headers of a request on its way. */
  headers?: (headers: IncomingHttpHeaders) => void;
  /** Answers with the first half of the body, and then with nothing more. */
  stalls?: (request: IncomingMessage) => boolean;
  /** Does not answer at all. */
  swallows?: (request: IncomingMessage) => boolean;
}

/** Forwards a port to a server. The host that the browser asks for is passed on. */
export async function proxy(to: string, { headers = () => {}, stalls = () => false, swallows = () => false }: Options = {}): Promise<Proxy> {
  const forward = (asked: IncomingMessage, answer: ServerResponse) => {
    const sent = { ...asked.headers };
    headers(sent);
    const passed = send(`${to}${asked.url}`, { method: asked.method, headers: sent, setHost: false }, async (response) => {
      if (swallows(asked)) return;
      answer.writeHead(response.statusCode!, response.headers);
      if (!stalls(asked)) return void response.pipe(answer);
      const body = Buffer.concat((await response.toArray()) as Buffer[]);
      answer.write(body.subarray(0, body.length / 2));
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  };
  const server = createServer(forward);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
