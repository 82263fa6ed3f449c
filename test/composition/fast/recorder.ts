import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type {
  InboundBody,
  InboundBodySink,
  InboundReply,
  InboundRequest,
} from '../../../src/http/message.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import type { ConnectionEnd } from '../../helpers/raw-connection.ts';
import { answer, type LaneKind, readBody, TestLane } from '../../helpers/test-lane.ts';
import { needsLuck } from './request-streams.ts';

/** Turns of the event loop in which nothing happens until nothing is taken to happen any more. */
const QUIET_TURNS = 6;
const LONGEST_MS = 20_000;

/** What came of a stream of requests, as far as both sides can see it. */
export interface Outcome {
  /** Requests and bodies as the handler saw them, and who left. */
  readonly seen: string[];
  /** Everything the client got, but for what differs from one answer to the next. */
  readonly text: string;
  /** Whether the lane would have taken another request, before the client ended its side. */
  readonly keptOpen: boolean;
  readonly end: ConnectionEnd;
}

/** A lane whose handler writes down all it sees, and answers in as many ways as there are. */
export class Recorder {
  readonly #lane: TestLane;
  #seen: string[] = [];
  /** Grows with whatever happens to a body. */
  #moves = 0;

  private constructor(lane: TestLane) {
    this.#lane = lane;
  }

  static async start(kind: LaneKind): Promise<Recorder> {
    const limits = { maxBodyBytes: 5_000, maxHeaderBytes: 8_192, maxTargetBytes: 2_000 };
    const lane = await TestLane.start((request, reply) => recorder.#handle(request, reply), limits, { kind });
    const recorder = new Recorder(lane);
    return recorder;
  }

  /** Sends the pieces one by one, each when the one before has been read; then ends the client's side. */
  async outcomeOf(pieces: readonly Buffer[]): Promise<Outcome> {
    this.#seen = [];
    // Not by the lane, which keeps its clients, each with what it got.
    const client = await RawClient.connect(this.#lane.port);
    const deadline = performance.now() + LONGEST_MS;
    while (this.#lane.sockets.length === 0) await turn();
    const socket = this.#lane.sockets[0]!;
    let sent = 0;
    for (const piece of pieces) {
      if (socket.destroyed) break;
      client.send(piece);
      sent += piece.length;
      while (socket.bytesRead < sent && !socket.isPaused() && !socket.destroyed) {
        inTime(deadline);
        await turn();
      }
      await this.#quiet(socket);
    }
    const keptOpen = !socket.destroyed && !socket.writableEnded;
    client.end();
    const end = await client.closed();
    client.destroy();
    while (this.#lane.sockets.length > 0) {
      inTime(deadline);
      await turn();
    }
    if (this.#lane.reports.length > 0)
      throw new Error('The lane has failed.', { cause: this.#lane.reports[0] });
    this.#lane.handled.length = 0;
    const text = withoutChance(client.text);
    return { seen: this.#seen, text: needsLuck(pieces) ? withoutLuck(text) : text, keptOpen, end };
  }

  async close(): Promise<void> {
    await this.#lane[Symbol.asyncDispose]();
  }

  async #quiet(socket: Socket): Promise<void> {
    let before = '';
    for (let still = 0; still < QUIET_TURNS; still++) {
      await turn();
      const now = [
        socket.bytesRead,
        socket.bytesWritten,
        this.#seen.length,
        this.#moves,
        socket.destroyed,
      ].join();
      if (now !== before) still = 0;
      before = now;
    }
  }

  #handle(request: InboundRequest, reply: InboundReply): void {
    const { body, header: _, ...facts } = request;
    this.#seen.push(JSON.stringify({ ...facts, length: body === null ? 'none' : body.length }));
    reply.onClientGone(() => this.#seen.push('gone'));
    switch (request.target) {
      case '/discarded':
        body?.discard();
        answer(reply, 'discarded');
        return;
      case '/unread':
        answer(reply, 'unread');
        return;
      case '/cut':
        reply.abort();
        return;
      default:
        readBody(this.#watched(request, reply), (bytes) => {
          // What is told of a body whose request has been answered is a matter of turns.
          if (reply.closed) return;
          this.#seen.push(`body ${bytes?.toString('latin1') ?? ''}, complete: ${body?.complete}`);
          this.#answer(request, reply);
        });
    }
  }

  /** The request with a body that is read as its target says. */
  #watched(request: InboundRequest, reply: InboundReply): Pick<InboundRequest, 'body'> {
    const { body, target } = request;
    if (body === null) return request;
    const start = (sink: InboundBodySink) => {
      const hold = () => {
        this.#moves++;
        body.pause();
        setImmediate(() => body.resume());
      };
      body.start({
        onChunk: (chunk) => {
          sink.onChunk(chunk);
          if (target === '/held') hold();
          if (target === '/early' && !reply.headSent) answer(reply, 'early');
        },
        onEnd: () => sink.onEnd(),
        onError: ({ code }) => {
          if (reply.headSent) return;
          this.#seen.push(`body ${code}`);
          if (code === 'aborted') return;
          reply.head(400, '', ['Content-Length', '0']);
          reply.end();
        },
      });
      if (target === '/held') hold();
    };
    return { body: { ...body, start } as InboundBody };
  }

  #answer(request: InboundRequest, reply: InboundReply): void {
    switch (request.target) {
      case '/later':
        setImmediate(() => setImmediate(() => answer(reply, 'late')));
        return;
      case '/chunked':
        reply.head(200, 'Fine', ['Trailer', 'X-Sum', 'X-A', '\xe9', 'Set-Cookie', 'a', 'set-cookie', 'b']);
        reply.write(Buffer.from('one'));
        // Not at once: how many chunks are made of what is written together is nobody's business.
        setImmediate(() => reply.end(Buffer.alloc(300, 'x'), ['X-Sum', '3']));
        return;
      case '/hints':
        reply.interim(103, ['Link', '</a>']);
        reply.head(404, '', ['Content-Length', '5', 'Date', 'Sun, 06 Nov 1994 08:49:37 GMT']);
        reply.write(Buffer.from('he'));
        reply.end(Buffer.from('llo'));
        return;
      case '/empty':
        reply.head(204, '', ['X-A', '1', 'Upgrade', 'x']);
        reply.end();
        return;
      default:
        answer(reply, request.target);
    }
  }
}

function inTime(deadline: number): void {
  if (performance.now() > deadline) throw new Error(`Not within ${LONGEST_MS} ms.`);
}

function withoutChance(text: string): string {
  return text
    .replace(/\r\nDate: \w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT\r\n/g, '\r\nDate: …\r\n')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '…');
}

/**
 * The full lane cannot tell where a request begins that comes in one piece with a body before it, nor what stands behind
 * the 4 KiB it looks at. So the words, and the status, in which it refuses a request that node's parser could not read
 * are a matter of luck then.
 */
function withoutLuck(text: string): string {
  return text.replace(UNREADABLE, 'UNREADABLE $1$2');
}

const UNREADABLE =
  /HTTP\/1\.1 [45]\d\d [^\r\n]+\r\n(Content-Type: [^\r\n]+\r\n)Content-Length: \d+((?:\r\n[^\r\n]+)+\r\n\r\n)\{"error":\{"code":"(?:BAD_REQUEST|METHOD_NOT_IMPLEMENTED|HTTP_VERSION_NOT_SUPPORTED|URI_TOO_LONG|HEADERS_TOO_LARGE)","message":"[^"]*"/g;
