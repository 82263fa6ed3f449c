import { forwardRequestHeaders } from '../../../src/http/forwarded-headers.ts';
import type { ServerLimits } from '../../../src/http/full/server-limits.ts';
import type { OutboundLane, RequestHandler, TunnelEnd, UpstreamError } from '../../../src/http/message.ts';
import { webSocketAccept } from '../../../src/http/websocket-key.ts';
import { outboundLane } from '../../helpers/outbound-attempt.ts';
import type { RawClient } from '../../helpers/raw-client.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { answer, TestLane } from '../../helpers/test-lane.ts';

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A request for a WebSocket; `fields` are lines that end in CRLF. */
export function handshake(target = '/chat', fields = ''): string {
  return (
    `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n${fields}\r\n`
  );
}

/** The upstream's yes to `handshake`. */
export const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Accept: ${webSocketAccept(KEY)}\r\n\r\n`;

/** What a handler that passes upgrades on has seen. */
export interface Passed {
  readonly ends: TunnelEnd[];
  readonly errors: UpstreamError[];
  /** Clients that left before they were answered. */
  gone: number;
}

/** Passes upgrades on to an outbound lane; answers all else with its target. */
export function passingOn(
  lane: OutboundLane,
  idleTimeoutMs = 60_000,
): { handler: RequestHandler; passed: Passed } {
  const passed: Passed = { ends: [], errors: [], gone: 0 };
  const handler: RequestHandler = (request, reply) => {
    if (request.upgrade === null) {
      answer(reply, request.target);
      return;
    }
    const headers = forwardRequestHeaders(request, {
      host: request.authority,
      via: 'test',
      trusted: false,
      requestId: 'r',
    });
    const attempt = lane.upgrade(
      { method: request.method, path: request.target, headers, body: null },
      {
        onInterim: (status, fields) => reply.interim(status, fields),
        onHead: (status, reason, fields) => reply.head(status, reason, fields),
        onData: (chunk) => reply.write(chunk),
        onEnd: () => reply.end(),
        onError: (error) => {
          passed.errors.push(error);
          if (reply.headSent) reply.abort();
          else {
            reply.head(502, '', ['Content-Length', '0']);
            reply.end();
          }
        },
        onSwitch: (fields, tunnel) =>
          reply.switchProtocols(fields, tunnel, idleTimeoutMs, (end) => passed.ends.push(end)),
      },
    );
    reply.onDrain(() => attempt.resume());
    reply.onClientGone(() => {
      passed.gone++;
      attempt.abort();
    });
  };
  return { handler, passed };
}

/** Both lanes, and the upstream behind them. */
export async function wired(
  upstreamUrl: string,
  { tunnelIdleMs = 60_000, ...limits }: Partial<ServerLimits> & { tunnelIdleMs?: number } = {},
) {
  const outbound = outboundLane(upstreamUrl);
  const { handler, passed } = passingOn(outbound, tunnelIdleMs);
  const inbound = await TestLane.start(handler, limits);
  return {
    inbound,
    outbound,
    passed,
    async [Symbol.asyncDispose]() {
      await inbound[Symbol.asyncDispose]();
      await outbound[Symbol.asyncDispose]();
    },
  };
}

/** A tunnel with a raw connection at each end, both past their heads. */
export async function openTunnel(options: Parameters<typeof wired>[1] = {}): Promise<
  Awaited<ReturnType<typeof wired>> & {
    upstream: RawUpstream;
    client: RawClient;
    server: UpstreamConnection;
    /** What each end has got since the tunnel stood. */
    toClient(): Buffer;
    toServer(): Buffer;
  }
> {
  const upstream = await RawUpstream.start(async (connection) => {
    await connection.request();
    connection.send(SWITCHED);
  });
  const lanes = await wired(upstream.url, options);
  const client = await lanes.inbound.connect();
  client.send(handshake());
  const head = await client.waitFor('\r\n\r\n');
  const server = await upstream.connection();
  return {
    ...lanes,
    upstream,
    client,
    server,
    toClient: () => client.received.subarray(head.indexOf('\r\n\r\n') + 4),
    toServer: () => server.unconsumed,
    async [Symbol.asyncDispose]() {
      await lanes[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}
