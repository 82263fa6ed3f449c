import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UpstreamConfig } from '../../src/config/gateway-config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { UndiciLane } from '../../src/http/full/undici-lane.ts';
import type { UpstreamError } from '../../src/http/message.ts';
import { buildUpstreams, type UpstreamsOptions } from '../../src/upstream/build-upstreams.ts';
import type { Target } from '../../src/upstream/target.ts';
import type { TargetEvent } from '../../src/upstream/target-events.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import { OutboundAttempt } from './outbound-attempt.ts';

/** A real upstream `shop`, started, with what it told. */
export function startUpstream(
  url: string,
  overrides: Partial<UpstreamConfig>,
  options: Partial<UpstreamsOptions> = {},
) {
  const yaml = `upstreams: { shop: { targets: [${url}] } }\nroutes: [{ path: /*, upstream: shop }]\n`;
  const config = {
    ...parseConfig(yaml, { file: 'test.yaml', env: {} }).upstreams.get('shop')!,
    ...overrides,
  };
  const upstream = buildUpstreams(new Map([['shop', config]]), {
    makeLane: (target, of) => new UndiciLane(target, of),
    ...options,
  }).get('shop')!;
  const events: TargetEvent[] = [];
  upstream.on((event) => events.push(event));
  upstream.start();
  return {
    upstream,
    events,
    /** As `added http://shop.test (127.0.0.2)`. */
    told: () => events.map(({ type, target }) => `${type} ${target}`),
    async [Symbol.asyncDispose]() {
      upstream.destroy();
      await upstream.close();
    },
  };
}

export interface Answered {
  readonly target: Target;
  /** 0: there was no answer. */
  readonly status: number;
  readonly body: string;
  readonly error: UpstreamError | null;
}

/** Sends one request as an exchange does, but without asking the breaker. */
export async function send(upstream: Upstream, path = '/'): Promise<Answered> {
  const target = upstream.pick(null, []);
  target.started();
  const attempt = new OutboundAttempt(target.lane, { path, headers: ['Host', target.authority] });
  await attempt.done();
  const { error, head, body } = attempt;
  target.judged(
    error !== null ? upstream.classifyError(error.kind) : upstream.classifyStatus(head!.status),
    1,
  );
  target.ended();
  return { target, status: head?.status ?? 0, body, error };
}

/** Servers on one port of several addresses; each answers with its own. */
export class LoopbackServers {
  readonly #servers = new Map<string, Server>();
  readonly #listener: RequestListener;
  port = 0;

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  static async start(
    addresses: readonly string[],
    listener: RequestListener = ({ socket }, response) => response.end(socket.localAddress),
  ): Promise<LoopbackServers> {
    const servers = new LoopbackServers(listener);
    for (const address of addresses) await servers.open(address);
    return servers;
  }

  async open(address: string): Promise<void> {
    const server = createServer({ keepAliveTimeout: 60_000 }, this.#listener);
    this.#servers.set(address, server);
    server.listen(this.port, address);
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  /** Connections that are open at this moment. */
  connections(address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#servers.get(address)!.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  /** Stops listening and cuts what is connected. */
  async close(address: string): Promise<void> {
    const server = this.#servers.get(address);
    this.#servers.delete(address);
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const address of this.#servers.keys()) await this.close(address);
  }
}
