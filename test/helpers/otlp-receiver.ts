import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { eventually } from './eventually.ts';

export interface ReceivedEvent {
  readonly name: string;
  readonly timeUnixNano: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly traceState: string | null;
  readonly flags: number;
  readonly name: string;
  /** SpanKind of trace.proto. */
  readonly kind: 'server' | 'client';
  readonly start: bigint;
  readonly end: bigint;
  /** StatusCode of trace.proto. */
  readonly status: 'unset' | 'error';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly ReceivedEvent[];
  readonly resource: Readonly<Record<string, unknown>>;
}

/** What it does with a request; the default is to keep its spans and answer 200. */
export type Behaviour = (response: ServerResponse) => void;

/** A small collector: takes OTLP over HTTP as JSON, strictly, and keeps what it gets. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly requests: {
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
    readonly spans: number;
  }[] = [];
  /** What was wrong about a request. */
  readonly complaints: string[] = [];
  /** Null: the default. */
  behaviour: Behaviour | null = null;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#take(request, response).catch((error) => this.complaints.push(String(error)));
    });
  }

  static async start(port = 0): Promise<OtlpReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return new OtlpReceiver(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1/traces`;
  }

  /** Waits for the spans that `which` accepts, until there are so many. */
  async spansWhere(which: (span: ReceivedSpan) => boolean, count = 1): Promise<ReceivedSpan[]> {
    return eventually(() => {
      const found = this.spans.filter(which);
      if (found.length < count) {
        const all = this.spans.map(({ kind, name }) => `${kind} ${name}`).join(', ');
        throw new Error(`${found.length} of ${count} spans: there are ${all || 'none'}. ${this.complaints}`);
      }
      return found;
    });
  }

  /** Waits for the server span, and so many client spans, of the request with this id; clients in order of their begin. */
  async exchange(requestId: string, clients: number): Promise<[ReceivedSpan, ...ReceivedSpan[]]> {
    const [server] = await this.spansWhere(
      ({ kind, attributes }) => kind === 'server' && attributes['breakwater.request_id'] === requestId,
    );
    const { traceId, spanId } = server as ReceivedSpan;
    const children = await this.spansWhere(
      (span) => span.traceId === traceId && span.parentSpanId === spanId,
      clients,
    );
    if (children.length > clients) throw new Error(`${children.length} client spans instead of ${clients}`);
    children.sort((a, b) => Number(a.start - b.start));
    return [server as ReceivedSpan, ...children];
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    const spans = readRequest(JSON.parse(text.toString()));
    this.requests.push({ url: request.url ?? '', headers: request.headers, spans: spans.length });
    if (request.method !== 'POST') this.complaints.push(`${request.method} is not POST`);
    if (request.headers['content-type'] !== 'application/json') this.complaints.push('not application/json');
    if (this.behaviour !== null) {
      this.behaviour(response);
      return;
    }
    this.spans.push(...spans);
    response.setHeader('Content-Type', 'application/json');
    response.end('{"partialSuccess":{}}');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON from a wire, of which each part is looked at
type Json = any;

function readRequest(json: Json): ReceivedSpan[] {
  return json.resourceSpans.flatMap(({ resource, scopeSpans }: Json) =>
    scopeSpans.flatMap(({ spans }: Json) =>
      spans.map((span: Json) => readSpan(span, attributesOf(resource.attributes))),
    ),
  );
}

const KINDS: Record<number, 'server' | 'client'> = { 2: 'server', 3: 'client' };

function readSpan(span: Json, resource: ReceivedSpan['resource']): ReceivedSpan {
  const kind = KINDS[span.kind];
  if (kind === undefined) throw new Error(`kind ${span.kind}`);
  return {
    traceId: matching(/^[0-9a-f]{32}$/, span.traceId),
    spanId: matching(/^[0-9a-f]{16}$/, span.spanId),
    parentSpanId: span.parentSpanId === undefined ? null : matching(/^[0-9a-f]{16}$/, span.parentSpanId),
    traceState: span.traceState ?? null,
    flags: span.flags,
    name: matching(/./, span.name),
    kind,
    start: BigInt(matching(/^\d{19}$/, span.startTimeUnixNano)),
    end: BigInt(matching(/^\d{19}$/, span.endTimeUnixNano)),
    status: span.status.code === 2 ? 'error' : 'unset',
    attributes: attributesOf(span.attributes),
    events: span.events.map((event: Json) => ({
      name: event.name,
      timeUnixNano: BigInt(matching(/^\d{19}$/, event.timeUnixNano)),
      attributes: attributesOf(event.attributes),
    })),
    resource,
  };
}

function matching(pattern: RegExp, value: unknown): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new Error(`${value} is not ${pattern}`);
  return value;
}

function attributesOf(list: Json): Record<string, unknown> {
  return Object.fromEntries(
    list.map(({ key, value }: Json) => {
      const [[type, content]] = Object.entries(value) as [[string, unknown]];
      if (!/^(string|int|double|bool)Value$/.test(type)) throw new Error(`${key} is a ${type}`);
      return [key, type === 'intValue' ? Number(content) : content];
    }),
  );
}
