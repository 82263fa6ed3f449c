import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { OutboundAttempt, type OutboundKind, outboundLane } from '../../helpers/outbound-attempt.ts';
import { until } from '../../helpers/until.ts';

/** What an upstream sends to one request, and what it does then. */
export interface RawAnswer {
  readonly method: string;
  readonly pieces: readonly Buffer[];
  readonly end: 'fin' | 'rst' | 'silence';
  /** The client takes one piece of the body at a time. */
  readonly held?: boolean;
}

/** What a lane has told of an answer. */
export interface Told {
  readonly calls: string;
  readonly interims: string;
  readonly head: string;
  readonly reason: string;
  readonly body: string;
  readonly trailers: string;
  /** Null: none, or it is still waiting. */
  readonly error: string | null;
  /** The next request came over the same connection; null: nobody can know. */
  readonly reused: boolean | null;
}

/** More than there are pieces in any answer. */
const HELD_TURNS = 30;

const PROBE = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** A server that gives both lanes the same bytes. */
export class TwoLanes {
  readonly #server: Server;
  #answer: RawAnswer = { method: 'GET', pieces: [], end: 'silence' };
  #settleMs = 0;
  /** The connection that the answer goes to, once it has been played. */
  #played: Socket | null = null;
  #probed: Socket | null = null;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        if (!text.endsWith('\r\n\r\n')) return;
        const isProbe = text.includes(' /probe ');
        text = '';
        if (!isProbe) void this.#play(socket);
        else {
          this.#probed = socket;
          socket.end(PROBE);
        }
      });
    });
  }

  static async start(): Promise<TwoLanes> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TwoLanes(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  /** @param settleMs time for what was sent to be read, beside some turns of the event loop */
  async tell(kind: OutboundKind, answer: RawAnswer, settleMs = 0): Promise<Told> {
    this.#answer = answer;
    this.#settleMs = settleMs;
    this.#played = null;
    this.#probed = null;
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    await using lane = outboundLane(url, {}, kind);
    const attempt = new OutboundAttempt(lane, { method: answer.method });
    attempt.hold = answer.held === true;
    await soon(() => this.#played !== null);
    for (let turn = 0; answer.held === true && turn < HELD_TURNS; turn++) {
      attempt.attempt.resume();
      await new Promise((resolve) => setImmediate(resolve));
    }
    attempt.hold = false;
    attempt.attempt.resume();
    if (answer.end !== 'silence') await soon(() => attempt.over);
    const told = toldBy(attempt);
    let reused: boolean | null = null;
    if (answer.end === 'silence' && attempt.over) {
      const probe = new OutboundAttempt(lane, { path: '/probe' });
      await soon(() => probe.over);
      if (probe.error !== null) throw probe.error;
      reused = this.#probed === this.#played;
    }
    attempt.attempt.abort();
    (this.#played as Socket | null)?.destroy();
    return { ...told, reused };
  }

  async #play(socket: Socket): Promise<void> {
    const { pieces, end } = this.#answer;
    for (const piece of pieces) {
      if (piece.length === 0 || socket.destroyed) continue;
      socket.write(piece);
      await this.#settle();
    }
    await this.#settle();
    if (end === 'fin') socket.end();
    else if (end === 'rst') socket.resetAndDestroy();
    this.#played = socket;
  }

  async #settle(): Promise<void> {
    if (this.#settleMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#settleMs));
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Looks at once again: thousands of cases have no time for the pauses of a poll. */
async function soon(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 300 && !condition(); turn++)
    await new Promise((resolve) => setImmediate(resolve));
  await until(condition);
}

function toldBy(attempt: OutboundAttempt): Omit<Told, 'reused'> {
  const { calls, interims, head, body, trailers, error } = attempt;
  return {
    calls: calls.join(),
    interims: JSON.stringify(interims),
    head: JSON.stringify(head === null ? null : [head.status, head.headers]),
    reason: head?.reason ?? '',
    body,
    trailers: JSON.stringify(trailers),
    error: error?.kind ?? null,
  };
}
