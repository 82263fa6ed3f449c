import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { RawClient } from '../helpers/raw-client.ts';
import { startProcess } from '../helpers/start-process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;
const MINUTE = 60_000;
/** The program itself has about 25 open; clients take the rest. */
const OPEN_FILES = 64;
const ASK = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a gateway that has no file descriptor left', { timeout: 3 * MINUTE }, () => {
  it('answers 503 and blames no upstream, and serves again when there are some', async () => {
    await using folder = await temporaryFolder();
    const upstream = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    const clients: RawClient[] = [];
    try {
      await once(upstream, 'listening');
      const { port: target } = upstream.address() as AddressInfo;
      const file = join(folder.path, 'gateway.yaml');
      await writeFile(
        file,
        `server: { listen: 127.0.0.1:0 }
upstreams:
  api: { targets: [http://127.0.0.1:${target}], keep_alive: 1ms, circuit_breaker: { failure_threshold: 1 } }
routes: [{ path: /*, upstream: api }]
`,
      );
      await using gateway = await startProcess({
        name: 'breakwater',
        command: 'sh',
        args: ['-c', `ulimit -n ${OPEN_FILES}; exec "$0" "$@"`, process.execPath, CLI, 'start', '-c', file],
        env: { PATH: process.env.PATH },
        readyWhen: ({ msg }) => msg.startsWith('stops on SIGTERM'),
        readyTimeoutMs: MINUTE,
      });
      const port = Number(/listens on http:\S+:(\d+)/.exec(gateway.output)![1]);
      // The first is accepted before they run out, and keeps its connection.
      const first = await RawClient.connect(port);
      clients.push(first);
      expect((await first.ask(ASK)).status).toBe(200);
      for (let left = OPEN_FILES; left > 0; left--) clients.push(await RawClient.connect(port));
      await eventually(async () => {
        // One more for each connection to the upstream that has ended since.
        clients.push(await RawClient.connect(port));
        const answer = await first.ask(ASK);
        expect(answer.status).toBe(503);
        expect(answer.body.toString()).toContain('"SHUTTING_DOWN"');
      });
      for (const client of clients.slice(1)) client.destroy();
      await eventually(async () => expect((await first.ask(ASK)).status).toBe(200));
      expect(gateway.output).not.toContain('circuit breaker OPENED');
    } finally {
      for (const client of clients) client.destroy();
      upstream.closeAllConnections();
      upstream.close();
    }
  });
});
