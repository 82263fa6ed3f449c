import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'vitest';
import { parseConfig, type RunningGateway, startGateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/observe/log.ts';

export interface TestGateway extends RunningGateway {
  /** `http://127.0.0.1:port` of the gateway's own port. */
  readonly url: string;
  readonly adminUrl: string | null;
  /** Every log line so far, parsed. */
  readonly logLines: readonly Record<string, unknown>[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** The one switch by which every test of a whole gateway runs without its fast lane: BREAKWATER_TEST_LANE=full. */
const FULL_LANE = process.env.BREAKWATER_TEST_LANE === 'full';

/**
 * And the one by which it has several workers: BREAKWATER_TEST_WORKERS=2. Text that names a number of workers has its own.
 */
export const TEST_WORKERS = Number(process.env.BREAKWATER_TEST_WORKERS ?? 1);

/** For what can only be seen, or only holds, where everything happens in one thread: with several workers it is no test. */
export const itInOneThread: typeof it =
  TEST_WORKERS === 1 ? it : (Object.assign(() => {}, { each: () => () => {} }) as unknown as typeof it);

/**
 * A real gateway in this process, from YAML as a user would write it. Ports are chosen by the system unless the
 * text says otherwise.
 */
export async function startTestGateway(
  yaml: string,
  { admin = false, env = {} }: { admin?: boolean; env?: Record<string, string> } = {},
): Promise<TestGateway> {
  const listen = yaml.includes('server:') ? '' : 'server: { listen: 127.0.0.1:0 }\n';
  const adminListen = admin ? 'admin: { listen: 127.0.0.1:0 }\n' : '';
  const parsed = parseConfig(`${listen}${adminListen}${yaml}`, { file: 'test.yaml', env });
  const { workers, fastLane } = parsed.server;
  const server = {
    ...parsed.server,
    fastLane: fastLane && !FULL_LANE,
    workers: workers === 'auto' ? TEST_WORKERS : workers,
  };
  const config = { ...parsed, server };
  const logLines: Record<string, unknown>[] = [];
  const log = createLogger({
    level: 'info',
    destination: { write: (line: string) => void logLines.push(JSON.parse(line)) },
  });
  const gateway = await startGateway(config, { log });
  return {
    ...gateway,
    url: `http://127.0.0.1:${gateway.address.port}`,
    adminUrl: gateway.adminAddress === null ? null : `http://127.0.0.1:${gateway.adminAddress.port}`,
    logLines,
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}

export interface TestUpstream {
  readonly url: string;
  readonly server: Server;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A node:http server to stand behind the gateway; tests of framing use the raw one instead. */
export async function startTestUpstream(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestUpstream> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
