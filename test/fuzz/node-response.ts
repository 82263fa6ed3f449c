import { Agent, type IncomingMessage, request } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { trimmed } from './node-reading.ts';

/** An answer as one reader understands it. */
export interface ResponseReading {
  /** Status and fields of each 1xx. */
  readonly interims: (readonly [number, readonly string[]])[];
  status: number;
  reason: string;
  headers: readonly string[];
  body: string;
  trailers: readonly string[];
  complete: boolean;
}

export interface NodeResponse extends ResponseReading {
  refusal: string | null;
  /** Node would send another request over the connection. */
  kept: boolean;
}

const TURNS = 4;

/** Lends out one connection, and is told when it could be lent again. */
class OneConnection extends Agent {
  readonly #connection: Duplex;
  kept = false;

  constructor(connection: Duplex) {
    super({ keepAlive: true });
    this.#connection = connection;
  }

  override createConnection(): Duplex {
    return this.#connection;
  }

  override keepSocketAlive(): boolean {
    this.kept = true;
    return false;
  }
}

/** What node's own HTTP client makes of bytes that come in answer to a request, without sockets. */
export async function readByNodeClient(method: string, bytes: Buffer): Promise<NodeResponse> {
  const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const agent = new OneConnection(connection);
  const reading: NodeResponse = {
    interims: [],
    status: 0,
    reason: '',
    headers: [],
    body: '',
    trailers: [],
    complete: false,
    refusal: null,
    kept: false,
  };
  const message: { current: IncomingMessage | null } = { current: null };
  const call = request({
    method,
    agent,
    host: 'a',
    path: '/',
    insecureHTTPParser: false,
    maxHeaderSize: 1 << 20,
  });
  call.maxHeadersCount = 0;
  const refused = (reason: string) => {
    reading.refusal ??= reason;
  };
  call.on('information', ({ statusCode, rawHeaders }) => {
    reading.interims.push([statusCode, withoutBlanks(rawHeaders)]);
  });
  call.on('continue', () => refused('continue'));
  call.on('upgrade', () => refused('upgrade'));
  call.on('error', (error: NodeJS.ErrnoException) => refused(error.code ?? error.message));
  call.on('response', (response) => {
    message.current = response;
    reading.status = response.statusCode ?? 0;
    reading.reason = response.statusMessage ?? '';
    reading.headers = withoutBlanks(response.rawHeaders);
    response.on('data', (chunk: Buffer) => {
      reading.body += chunk.toString('latin1');
    });
    response.on('error', (error: NodeJS.ErrnoException) => refused(error.code ?? error.message));
  });
  call.end();
  await turn();
  connection.push(bytes);
  for (let count = 0; count < TURNS; count++) await turn();
  reading.complete = message.current?.complete === true;
  reading.trailers = withoutBlanks(message.current?.rawTrailers ?? []);
  reading.kept = agent.kept;
  const result = { ...reading };
  call.destroy();
  connection.destroy();
  return result;
}

function withoutBlanks(fields: readonly string[]): string[] {
  return fields.map((part, at) => (at % 2 === 0 ? part : trimmed(part)));
}
