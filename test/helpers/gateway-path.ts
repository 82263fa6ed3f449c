import { expect } from 'vitest';
import type { BreakerState, BreakerTotals } from '../../src/resilience/index.ts';
import { callAdmin } from './admin-client.ts';
import { eventually } from './eventually.ts';
import { RawClient } from './raw-client.ts';
import type { RawResponse } from './raw-message.ts';
import { RawUpstream, type UpstreamScript } from './raw-upstream.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

/** Keys of the YAML file beyond what a path needs, such as `request_timeout: 1s`. */
export interface PathSettings {
  readonly server?: string;
  readonly upstream?: string;
  readonly breaker?: string;
  readonly route?: string;
  /** Where the upstream is; default: the raw one. */
  readonly target?: string;
}

/** What is counted; names without a number are zero. */
export type Verdicts = Partial<Omit<BreakerTotals, 'slow' | 'wouldReject'>>;

const NONE = { successes: 0, failures: 0, timeouts: 0, rejections: 0, excluded: 0 };

/**
 * The whole way of a request: raw clients, a gateway from YAML with one route to one upstream, and a raw upstream. The
 * breaker's verdicts are asked of the admin API.
 */
export class GatewayPath {
  readonly gateway: TestGateway;
  readonly upstream: RawUpstream;
  readonly #clients: RawClient[] = [];

  constructor(gateway: TestGateway, upstream: RawUpstream) {
    this.gateway = gateway;
    this.upstream = upstream;
  }

  /** @param upstream a script, or the upstream itself; it is closed with the path */
  static async start(
    upstream: RawUpstream | UpstreamScript,
    settings: PathSettings = {},
  ): Promise<GatewayPath> {
    const raw = upstream instanceof RawUpstream ? upstream : await RawUpstream.start(upstream);
    return new GatewayPath(await startTestGateway(yamlOf(raw.url, settings), { admin: true }), raw);
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

  /** What `GET /breakers/{name}` says. */
  async breaker(): Promise<{ state: BreakerState; totals: BreakerTotals; halfOpenInFlight: number }> {
    const { address, adminAddress } = this.gateway;
    const reply = await callAdmin(adminAddress ?? address, '/breakers/api');
    if (reply.status !== 200) throw new Error(`GET /breakers/api: ${reply.status} ${reply.text}`);
    const json = reply.json() as Record<string, never>;
    return {
      state: json.state as never,
      totals: json.totals as never,
      halfOpenInFlight: json.half_open_in_flight as never,
    };
  }

  /** Waits until the breaker has given exactly these verdicts. */
  async judged(verdicts: Verdicts): Promise<void> {
    await eventually(async () => {
      expect((await this.breaker()).totals).toMatchObject({ ...NONE, ...verdicts });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.upstream.close();
    await this.gateway.stop();
  }
}

function yamlOf(url: string, settings: PathSettings): string {
  const also = (text: string | undefined) => (text === undefined ? '' : `, ${text}`);
  // Verdicts are counted as long as the circuit stays closed, so it does unless a test says otherwise.
  const threshold = settings.breaker?.includes('failure_threshold') ? '' : 'failure_threshold: 1000, ';
  const shutdown = settings.server?.includes('shutdown_timeout') ? '' : ', shutdown_timeout: 500ms';
  return `
server: { listen: '127.0.0.1:0'${shutdown}${also(settings.server)} }
upstreams:
  api:
    { targets: ['${settings.target ?? url}']${also(settings.upstream)},
      circuit_breaker: { ${threshold}${settings.breaker ?? ''} } }
routes:
  - { path: /*, upstream: api${also(settings.route)} }
`;
}

/** A whole answer, framed by its length. */
export function answerWith(body: string, fields: readonly string[] = [], status = '200 OK'): string {
  const lines = [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${Buffer.byteLength(body)}`];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** A GET with the fields given; Host is there. */
export function get(target = '/', fields: readonly string[] = [], version = '1.1'): string {
  return `${[`GET ${target} HTTP/${version}`, 'Host: gateway.test', ...fields].join('\r\n')}\r\n\r\n`;
}

/** A POST whose whole body is there. */
export function post(body: string, fields: readonly string[] = [], target = '/'): string {
  const lines = [`POST ${target} HTTP/1.1`, 'Host: gateway.test', ...fields];
  return `${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A POST that announces more than it has sent so far. */
export function postHead(length: number | 'chunked', fields: readonly string[] = []): string {
  const framing = length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  return `${['POST /upload HTTP/1.1', 'Host: gateway.test', ...fields, framing].join('\r\n')}\r\n\r\n`;
}
