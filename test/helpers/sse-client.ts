import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { Address } from '../../src/config/gateway-config.ts';
import { until } from './until.ts';

export interface SseMessage {
  readonly event: string;
  readonly id: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test says with its assertions what it expects of the shape
  readonly data: any;
}

/** Somebody who watches a stream of server-sent events, line by line as WHATWG HTML 9.2.6 reads it. */
export class SseClient {
  readonly response: IncomingMessage;
  readonly messages: SseMessage[] = [];
  retryMs: number | null = null;
  /** Null while the stream goes on. */
  ended: 'end' | 'cut' | null = null;
  readonly #request: ClientRequest;
  #rest = '';

  private constructor(outgoing: ClientRequest, response: IncomingMessage) {
    this.#request = outgoing;
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.on('end', () => {
      this.ended ??= 'end';
    });
    response.on('error', () => {
      this.ended ??= 'cut';
    });
  }

  static open(address: Address, path = '/events', headers: OutgoingHttpHeaders = {}): Promise<SseClient> {
    return new Promise((resolve, reject) => {
      const { host, port } = address;
      const all = { Accept: 'text/event-stream', ...headers };
      const outgoing = request({ host, port, path, headers: all, agent: false }, (response) =>
        resolve(new SseClient(outgoing, response)),
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  of(event: string): SseMessage[] {
    return this.messages.filter((message) => message.event === event);
  }

  /** Waits for so many of an event. */
  async first(count: number, event: string): Promise<SseMessage[]> {
    await until(() => this.of(event).length >= count);
    return this.of(event).slice(0, count);
  }

  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#takeBlock(block);
  }

  #takeBlock(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    const retry = fields.get('retry');
    if (retry !== undefined) this.retryMs = Number(retry);
    const data = fields.get('data');
    if (data === undefined) return;
    const id = fields.get('id');
    this.messages.push({
      event: fields.get('event') ?? 'message',
      id: id === undefined ? null : Number(id),
      data: JSON.parse(data),
    });
  }
}
