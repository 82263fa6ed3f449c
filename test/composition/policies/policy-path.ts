import { expect } from 'vitest';
import type { BreakerState, BreakerTotals } from '../../../src/resilience/index.ts';
import { callAdmin } from '../../helpers/admin-client.ts';
import { eventually } from '../../helpers/eventually.ts';
import { get, type Verdicts } from '../../helpers/gateway-path.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import type { RawRequest, RawResponse } from '../../helpers/raw-message.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { startTestGateway, type TestGateway } from '../../helpers/test-gateway.ts';

export interface PolicySettings {
  /** Keys of the route `/*` beside path and upstream, such as `retry: 2`. */
  readonly route?: string;
  /** Keys of an upstream, by name. */
  readonly upstreams?: Readonly<Record<string, string>>;
  /** Keys of an upstream's circuit_breaker, by name. */
  readonly breakers?: Readonly<Record<string, string>>;
  readonly server?: string;
  /** Whole lines at the top of the file, such as `bulkheads: { … }`. */
  readonly top?: string;
  /** Routes beside `/*`. */
  readonly routes?: readonly string[];
}

/** One or more origins for each upstream; the first upstream is the route's own. */
export type Origins = Readonly<Record<string, RawUpstream | string | readonly (RawUpstream | string)[]>>;

/** Where nothing listens: port 1 is nobody's. */
export const DEAD = 'http://127.0.0.1:1';

const NONE = { successes: 0, failures: 0, timeouts: 0, rejections: 0, excluded: 0 };

interface UpstreamHealth {
  readonly bulkhead?: { readonly in_use: number; readonly queued: number; readonly rejected: number };
  readonly targets: readonly { readonly in_flight: number; readonly requests: number }[];
}

/** A gateway from YAML with one route and all its policies, before raw upstreams. */
export class PolicyPath {
  readonly gateway: TestGateway;
  readonly #clients: RawClient[] = [];

  constructor(gateway: TestGateway) {
    this.gateway = gateway;
  }

  static async start(origins: Origins, settings: PolicySettings = {}): Promise<PolicyPath> {
    return new PolicyPath(await startTestGateway(yamlOf(origins, settings), { admin: true }));
  }

  async connect(): Promise<RawClient> {
    const client = await RawClient.connect(this.gateway.address.port);
    this.#clients.push(client);
    return client;
  }

  /** One request on a connection of its own. */
  async ask(bytes: string | Buffer, options: { toHead?: boolean } = {}): Promise<RawResponse> {
    return (await this.connect()).ask(bytes, options);
  }

  async breaker(
    upstream = 'api',
  ): Promise<{ state: BreakerState; totals: BreakerTotals; half_open_in_flight: number }> {
    const { address, adminAddress } = this.gateway;
    return (await callAdmin(adminAddress ?? address, `/breakers/${upstream}`)).json() as never;
  }

  /** Waits until the upstream's breaker has given exactly these verdicts. */
  async judged(verdicts: Verdicts & { slow?: number }, upstream = 'api'): Promise<void> {
    await eventually(async () => {
      expect((await this.breaker(upstream)).totals).toMatchObject({ ...NONE, ...verdicts });
    });
  }

  async health(upstream = 'api'): Promise<UpstreamHealth> {
    const answer = await (
      await fetch(`${this.gateway.url}/health`, { headers: { connection: 'close' } })
    ).json();
    return (answer as { data: Record<string, UpstreamHealth> }).data[upstream] as UpstreamHealth;
  }

  /** Waits until nothing is under way at the upstreams: no slot taken, nobody in line, no attempt, no probe. */
  async idle(...upstreams: string[]): Promise<void> {
    for (const upstream of upstreams.length === 0 ? ['api'] : upstreams) {
      await eventually(async () => {
        const { bulkhead, targets } = await this.health(upstream);
        if (bulkhead !== undefined) expect(bulkhead).toMatchObject({ in_use: 0, queued: 0 });
        for (const target of targets) expect([upstream, target.in_flight]).toEqual([upstream, 0]);
        expect((await this.breaker(upstream)).half_open_in_flight).toBe(0);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.gateway.stop();
  }
}

function yamlOf(origins: Origins, settings: PolicySettings): string {
  const also = (text: string | undefined) => (text === undefined ? '' : `, ${text}`);
  const upstreams = Object.entries(origins).map(([name, origin]) => {
    const urls = [origin].flat().map((one) => `'${typeof one === 'string' ? one : one.url}'`);
    const breaker = settings.breakers?.[name] ?? '';
    // Verdicts are counted as long as the circuit stays closed, so it does unless a test says otherwise.
    const threshold = breaker.includes('failure_threshold') ? '' : 'failure_threshold: 1000, ';
    const fields = `targets: [${urls}]${also(settings.upstreams?.[name])}`;
    return `  ${name}: { ${fields}, circuit_breaker: { ${threshold}${breaker} } }`;
  });
  const [own] = Object.keys(origins);
  const routes = [`{ path: /*, upstream: ${own}${also(settings.route)} }`, ...(settings.routes ?? [])];
  return `
server: { listen: '127.0.0.1:0', shutdown_timeout: 500ms${also(settings.server)} }
${settings.top ?? ''}
upstreams:
${upstreams.join('\n')}
routes:
${routes.map((route) => `  - ${route}`).join('\n')}
`;
}

/** An upstream that does this with each whole request; `nth` counts over all its connections, from 0. */
export function handling(
  act: (connection: UpstreamConnection, request: RawRequest, nth: number) => void,
): Promise<RawUpstream> {
  let nth = 0;
  return RawUpstream.start(async (connection) => {
    for (;;) act(connection, await connection.request({ withinMs: 600_000 }), nth++);
  });
}

/** A client's and an upstream's side of the handshake in RFC 6455 §1.3. */
export function upgrade(target = '/'): string {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  return get(target, ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key]);
}

export const SWITCHED = `${[
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
].join('\r\n')}\r\n\r\n`;

/** A path to an upstream that does this with its first request, with a breaker and an upstream configured so. */
export async function once(script: (connection: UpstreamConnection) => void, breaker = '', upstream = '') {
  const raw = await RawUpstream.start(async (connection) => {
    await connection.request();
    script(connection);
  });
  const path = await PolicyPath.start(
    { api: raw },
    { breakers: { api: breaker }, ...(upstream === '' ? {} : { upstreams: { api: upstream } }) },
  );
  return Object.assign(path, {
    upstream: raw,
    async [Symbol.asyncDispose]() {
      await PolicyPath.prototype[Symbol.asyncDispose].call(path);
      await raw.close();
    },
  });
}
