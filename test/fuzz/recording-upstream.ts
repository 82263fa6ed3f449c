import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { parseRequest, type RawRequest } from '../helpers/raw-message.ts';

/** What an upstream sends to one request, and what it does then. */
export interface UpstreamAnswer {
  readonly pieces: readonly Buffer[];
  readonly end: 'keep' | 'fin' | 'reset';
}

/** Turns of the event loop between two pieces, so that most are read one by one. */
const TURNS = 3;

/** A TCP server that keeps every byte of the requests that come, and answers the nth with the nth of the answers. */
export class RecordingUpstream {
  readonly #server: Server;
  readonly #sockets = new Map<Socket, Buffer>();
  #answers: readonly UpstreamAnswer[] = [];
  #expected = 0;
  #settleMs = 0;
  /** Grows with everything that happens here. */
  moves = 0;
  /** Whole requests of all connections, in the order in which they ended. */
  seen: RawRequest[] = [];
  /** Why what came is no request. */
  invalid: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.moves++;
      socket.setNoDelay(true);
      this.#sockets.set(socket, Buffer.alloc(0));
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (bytes: Buffer) => this.#received(socket, bytes));
    });
  }

  static async start(): Promise<RecordingUpstream> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RecordingUpstream(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Heads of requests that have not come whole. */
  get begun(): string[] {
    const heads = [...this.#sockets.values()].map(
      (bytes) => bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '',
    );
    return heads.filter((head) => head !== '').sort();
  }

  /**
   * Forgets what has been, and answers so from now on; connections are cut.
   *
   * @param expected requests that may come: no connection is reset before the last of them, or it would be a matter of
   *   time which of them it hits
   */
  begin(answers: readonly UpstreamAnswer[], expected: number, settleMs: number): void {
    this.cut();
    this.#expected = expected;
    this.#answers = answers;
    this.#settleMs = settleMs;
    this.seen = [];
    this.invalid = [];
  }

  cut(): void {
    for (const socket of [...this.#sockets.keys()]) socket.destroy();
    this.#sockets.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #received(socket: Socket, bytes: Buffer): void {
    const before = this.#sockets.get(socket);
    if (before === undefined) return;
    this.moves++;
    const all = Buffer.concat([before, bytes]);
    this.#sockets.set(socket, all);
    let parsed: ReturnType<typeof parseRequest>;
    try {
      parsed = parseRequest(all);
    } catch (error) {
      this.invalid.push((error as Error).message);
      socket.destroy();
      return;
    }
    if (parsed === null) return;
    // Nothing is ever sent behind a request that has not been answered.
    if (parsed.length < all.length) this.invalid.push('bytes behind a request');
    this.#sockets.set(socket, all.subarray(parsed.length));
    const answer = this.#answers[this.seen.length % this.#answers.length] as UpstreamAnswer;
    this.seen.push(parsed.value);
    void this.#play(socket, answer);
  }

  async #play(socket: Socket, { pieces, end }: UpstreamAnswer): Promise<void> {
    const isLast = this.seen.length >= this.#expected;
    for (const [nth, piece] of pieces.entries()) {
      if (socket.destroyed) return;
      this.moves++;
      // With its last bytes, so that it cannot cross the next request.
      if (end === 'fin' && nth === pieces.length - 1) socket.end(piece);
      else socket.write(piece);
      await this.#settle();
    }
    if (end === 'reset' && isLast) socket.resetAndDestroy();
    this.moves++;
  }

  async #settle(): Promise<void> {
    if (this.#settleMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#settleMs));
    for (let count = 0; count < TURNS; count++) {
      this.moves++;
      await turn();
    }
  }
}
