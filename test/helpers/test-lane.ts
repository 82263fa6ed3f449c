import type { Socket } from 'node:net';
import { FastLane } from '../../src/http/fast/inbound/fast-lane.ts';
import { FullLane, type FullLaneOptions } from '../../src/http/full/inbound-server.ts';
import type { ServerLimits } from '../../src/http/full/server-limits.ts';
import type { InboundReply, InboundRequest, RequestHandler } from '../../src/http/message.ts';
import { RawClient } from './raw-client.ts';

/** Generous, so that no limit but the one a test sets can end it on a slow machine. */
const LIMITS: ServerLimits = {
  headerTimeoutMs: 60_000,
  bodyTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  sendTimeoutMs: 60_000,
  maxHeaderBytes: 32_768,
  maxHeaderCount: 100,
  maxTargetBytes: 8_192,
  maxBodyBytes: 1_000_000,
  maxConnections: null,
};

/** A request that reached the handler. */
export interface Handled {
  readonly request: InboundRequest;
  readonly reply: InboundReply;
}

/** Which lane's code is under test. */
export type LaneKind = 'full' | 'fast';

/** The lane that the inbound tests run in: the behaviour of both must be the same. */
const KIND = process.env.BREAKWATER_TEST_LANE ?? 'fast';
if (KIND !== 'full' && KIND !== 'fast')
  throw new Error(`BREAKWATER_TEST_LANE is "${KIND}", not full or fast.`);

const LANES: Record<LaneKind, typeof FullLane> = { full: FullLane, fast: FastLane };

/** A lane that keeps the sockets it was given, for tests that look at them. */
function watchedLane(kind: LaneKind, sockets: Socket[], options: FullLaneOptions): FullLane {
  class WatchedLane extends LANES[kind] {
    override accept(socket: Socket): void {
      sockets.push(socket);
      socket.once('close', () => sockets.splice(sockets.indexOf(socket), 1));
      super.accept(socket);
    }
  }
  return new WatchedLane(options);
}

/** An inbound lane on a port of its own, with a handler that keeps what it got. */
export class TestLane {
  readonly lane: FullLane;
  readonly handled: Handled[] = [];
  /** What the lane reported as its own failure. */
  readonly reports: unknown[] = [];
  /** Codes of what it refused before there was a request, with the peer's address. */
  readonly refused: string[] = [];
  /** The lane's ends of its open connections. */
  readonly sockets: Socket[] = [];
  readonly #clients: RawClient[] = [];
  #port = 0;

  constructor(handler: RequestHandler, limits: Partial<ServerLimits>, kind: LaneKind) {
    this.lane = watchedLane(kind, this.sockets, {
      handler: (request, reply) => {
        this.handled.push({ request, reply });
        handler(request, reply);
      },
      limits: { ...LIMITS, ...limits },
      log: { error: (details) => this.reports.push(details) },
      onHeadRefused: ({ code }, remoteAddress) => this.refused.push(`${code} ${remoteAddress}`),
    });
  }

  static async start(
    handler: RequestHandler = echo,
    limits: Partial<ServerLimits> = {},
    { port = 0, kind = KIND as LaneKind }: { port?: number; kind?: LaneKind } = {},
  ): Promise<TestLane> {
    const lane = new TestLane(handler, limits, kind);
    lane.#port = (await lane.lane.listen({ host: '127.0.0.1', port })).port;
    return lane;
  }

  get port(): number {
    return this.#port;
  }

  async connect(): Promise<RawClient> {
    const client = await RawClient.connect(this.#port);
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.lane.closeNow();
    await this.lane.stop(0);
  }
}

/** Answers with the request's target, or with its body when it has one. */
export function echo(request: InboundRequest, reply: InboundReply): void {
  readBody(request, (body) => answer(reply, body ?? request.target));
}

/** Answers 200 with a text, framed by its length. */
export function answer(reply: InboundReply, body: string | Buffer, headers: readonly string[] = []): void {
  const bytes = Buffer.from(body as string, 'latin1');
  reply.head(200, 'OK', [...headers, 'Content-Length', String(bytes.length)]);
  reply.end(bytes);
}

/** Reads a body to its end; null when there is none. A broken one ends nothing. */
export function readBody(request: Pick<InboundRequest, 'body'>, done: (body: Buffer | null) => void): void {
  if (request.body === null) {
    done(null);
    return;
  }
  const chunks: Buffer[] = [];
  request.body.start({
    onChunk: (chunk) => chunks.push(chunk),
    onEnd: () => done(Buffer.concat(chunks)),
    onError: () => {},
  });
}

/** Keeps each reply open and notes when its client has gone. */
export async function waitingLane(beforehand: (reply: InboundReply) => void = () => {}) {
  const gone: InboundReply[] = [];
  const lane = await TestLane.start((_, reply) => {
    reply.onClientGone(() => gone.push(reply));
    beforehand(reply);
  });
  return { lane, gone };
}
