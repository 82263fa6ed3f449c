import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** A request as node's parser understands it. */
export interface NodeRequest {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  /** Whitespace around values removed. */
  readonly headers: readonly string[];
  body: string;
  /** Its last byte has come. */
  complete: boolean;
}

export interface NodeReading {
  readonly requests: readonly NodeRequest[];
  /** What the parser has said beside: the code of its refusal, or that a connection is to be a tunnel. */
  readonly refusal: string | null;
}

interface Open {
  readonly requests: NodeRequest[];
  readonly messages: IncomingMessage[];
  refusal: string | null;
}

/** Turns of the event loop in which a stream delivers all that it was given. */
const TURNS = 2;

/** Bare node:http in its strict mode, without sockets: what llhttp makes of bytes. */
export class NodeReader {
  readonly #server: Server;
  readonly #open = new WeakMap<object, Open>();

  constructor() {
    const server = createServer({
      insecureHTTPParser: false,
      requireHostHeader: false,
      maxHeaderSize: 1 << 20,
    });
    this.#server = server;
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      server.on(event, (message: IncomingMessage) => this.#found(message));
    }
    for (const event of ['connect', 'upgrade']) {
      server.on(event, (message: IncomingMessage) => {
        this.#found(message);
        this.#refused(message.socket, event);
      });
    }
    server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
      this.#refused(socket, error.code ?? 'error'),
    );
  }

  /** Gives each of these to a connection of its own, and reads until nothing more can be found in it. */
  async read(...streams: readonly Buffer[]): Promise<NodeReading[]> {
    const connections = streams.map((bytes) => {
      const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      const reading: Open = { requests: [], messages: [], refusal: null };
      this.#open.set(connection, reading);
      connection.on('error', () => {});
      this.#server.emit('connection', connection);
      if (bytes.length > 0) connection.push(bytes);
      return { connection, reading };
    });
    for (let count = 0; count < TURNS; count++) await turn();
    return connections.map(({ connection, reading }) => {
      reading.messages.forEach(({ complete }, nth) => {
        (reading.requests[nth] as NodeRequest).complete = complete;
      });
      const { requests, refusal } = reading;
      const result = { requests: [...requests], refusal };
      connection.destroy();
      return result;
    });
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }

  #found(message: IncomingMessage): void {
    const { method = '', url = '', httpVersion, rawHeaders } = message;
    const headers = rawHeaders.map((part, at) => (at % 2 === 0 ? part : trimmed(part)));
    const request: NodeRequest = { method, target: url, httpVersion, headers, body: '', complete: false };
    message.on('error', () => {});
    message.on('data', (chunk: Buffer) => {
      request.body += chunk.toString('latin1');
    });
    const reading = this.#open.get(message.socket);
    reading?.requests.push(request);
    reading?.messages.push(message);
  }

  #refused(socket: object, code: string): void {
    const reading = this.#open.get(socket);
    if (reading !== undefined) reading.refusal ??= code;
  }
}

/** RFC 9110 §5.5 */
export function trimmed(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '');
}
