import { get, post, postHead } from '../../helpers/gateway-path.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import type { RawResponse } from '../../helpers/raw-message.ts';
import type { Cell, Kind, Sight } from './cell.ts';
import { WEBSOCKET_KEY } from './faulty-service.ts';

/** In the log lines of the request that a cell is about. */
export const REQUEST_ID = 'cell';

const ID = [`X-Request-Id: ${REQUEST_ID}`];

/** What a client sends by itself. */
const REQUESTS: Readonly<Record<Kind, string>> = {
  GET: get('/cell', ID),
  'POST small': post('a small body', ID, '/cell'),
  'POST streaming': `${postHead('chunked', ID).replace('/upload', '/cell')}5\r\nfirst\r\n`,
  WebSocket: get('/cell', [
    ...ID,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${WEBSOCKET_KEY}`,
  ]),
};

/** The client of one cell, on one connection, which has taken an answer of another service before. */
export class CellClient {
  readonly #client: RawClient;
  readonly #cell: Cell;
  #owesBody: boolean;

  private constructor(client: RawClient, cell: Cell) {
    this.#client = client;
    this.#cell = cell;
    this.#owesBody = cell.kind === 'POST streaming';
  }

  static async connect(port: number, cell: Cell): Promise<CellClient> {
    const client = new CellClient(await RawClient.connect(port), cell);
    await client.#askAnother();
    return client;
  }

  /** Sends the request and tells what comes of it. */
  async ask(): Promise<Sight['answer']> {
    this.#client.send(REQUESTS[this.#cell.kind]);
    let response: RawResponse;
    try {
      response = await this.#client.response({ withinMs: 5_000 });
    } catch (error) {
      if (this.#client.ended === null) throw error;
      return this.#broken();
    }
    if (response.status === 101) return this.#tunnel(response);
    const { code, body } = contentOf(response);
    const fallback = response.header('x-fallback') ?? null;
    let connection: Sight['answer']['connection'] = 'kept';
    const announced = response.header('connection') === 'close';
    // What follows an unfinished body would be taken for the rest of it.
    if (announced || this.#owesBody) connection = await this.#ended();
    else await this.#askAnother();
    if (announced && connection === 'closed') connection = 'closing';
    return { status: response.status, code, body, fallback, connection };
  }

  /** Sends what it still owes of its body. */
  finishRequest(): void {
    if (this.#owesBody) this.#client.send('4\r\nrest\r\n0\r\n\r\n');
    this.#owesBody = false;
  }

  async has(text: string): Promise<void> {
    await this.#client.waitFor(text, 5_000);
  }

  destroy(): void {
    this.#client.destroy();
  }

  /** Its connection works. */
  async #askAnother(): Promise<void> {
    const { status, body } = await this.#client.ask(get('/other'), { withinMs: 5_000 });
    if (status !== 200 || `${body}` !== 'other') throw new Error(`another service: ${status} ${body}`);
  }

  async #ended(): Promise<'closed' | 'cut'> {
    return (await this.#client.closed(5_000)) === 'end' ? 'closed' : 'cut';
  }

  /** An answer in chunks without its end. */
  async #broken(): Promise<Sight['answer']> {
    const text = this.#client.unconsumed.toString('latin1');
    const [, status = 0, fields = '', chunks = ''] =
      /^HTTP\/1\.1 ([0-9]{3}) .*\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
    const fallback = /^x-fallback: (.*)\r$/im.exec(fields)?.[1] ?? null;
    const body = [...chunks.matchAll(/[0-9a-f]+\r\n(.*)\r\n/g)].map(([, data]) => data).join('');
    return { status: Number(status), code: null, body, fallback, connection: await this.#ended() };
  }

  async #tunnel(response: RawResponse): Promise<Sight['answer']> {
    const frame = () => this.#client.unconsumed;
    await this.#client.until(() => frame().length > 2 && frame().length >= 2 + (frame()[1] ?? 0), 'a frame');
    const body = frame().toString('latin1', 2);
    // A tunnel that is well is ended by its client.
    if (body !== 'part') this.#client.end();
    const fallback = response.header('x-fallback') ?? null;
    return { status: 101, code: null, body, fallback, connection: await this.#ended() };
  }
}

/** Of an answer of the gateway's own the code, of any other the body. */
export function contentOf(response: RawResponse): { code: string | null; body: string } {
  const body = response.body.toString();
  if (!body.startsWith('{"error":')) return { code: null, body };
  return { code: String(response.json().error?.code), body: '' };
}
