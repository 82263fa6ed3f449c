import type { Duplex } from 'node:stream';
import type { HeaderList, InboundReply, InboundRequest, TunnelEnd } from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { AnswerFacts, AnswerFields } from './answer-fields.ts';
import type { FallbackSource } from './fallback-step.ts';
import { sendRefusal } from './reply.ts';

/** An answer that is there as a whole. */
export interface ReadyAnswer {
  readonly status: number;
  readonly reason?: string;
  /** End-to-end fields, Content-Length among them where there is a body. */
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** The way back to the client of one exchange: adds the gateway's fields and keeps count of what was told. */
export class ExchangeReply {
  /** `Cache-Status` of what is going to be told; null: no cache was asked. */
  cacheStatus: string | null = null;
  /** Where the answer comes from, if not from the route's upstream. */
  fallback: FallbackSource | null = null;
  readonly #reply: InboundReply;
  readonly #request: InboundRequest;
  readonly #fields: AnswerFields;
  readonly #requestId: string;
  /** Replaced, never changed. */
  #asked: readonly Upstream[] = [];
  #status = 0;
  #bytesOut = 0;
  #tunnelBytesIn = 0;
  #holdsBack = false;
  #interimSent = false;

  constructor(reply: InboundReply, request: InboundRequest, fields: AnswerFields, requestId: string) {
    this.#reply = reply;
    this.#request = request;
    this.#fields = fields;
    this.#requestId = requestId;
  }

  /** What the client was told; 0 when no final head was sent. */
  get status(): number {
    return this.#status;
  }

  /** Body bytes handed to the client. */
  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** Bytes that the client has sent through a tunnel that has ended; else 0. */
  get tunnelBytesIn(): number {
    return this.#tunnelBytesIn;
  }

  get headSent(): boolean {
    return this.#reply.headSent;
  }

  /** True once the client has heard anything: what follows must go on from there. */
  get begun(): boolean {
    return this.#interimSent || this.#reply.headSent;
  }

  /** True while the client does not take what is there for it. */
  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  /** The upstream's breaker is told of in the answer. */
  asks(upstream: Upstream): void {
    if (!this.#asked.includes(upstream)) this.#asked = [...this.#asked, upstream];
  }

  onClientGone(listener: () => void): void {
    this.#reply.onClientGone(listener);
  }

  interim(status: number, headers: HeaderList): void {
    // What the lane keeps to itself has told the client nothing: 100, and all of them to HTTP/1.0.
    if (status === 100 || this.#request.httpVersion === '1.0') return;
    this.#interimSent = true;
    this.#reply.interim(status, this.#fields.forward(headers, this.#facts(undefined)));
  }

  head(
    answer: { readonly status: number; readonly reason: string; readonly headers: HeaderList },
    upstreamMs: number | undefined,
  ): void {
    this.#status = answer.status;
    this.#reply.head(
      answer.status,
      answer.reason,
      this.#fields.forward(answer.headers, this.#facts(upstreamMs)),
    );
  }

  /** Returns false to hold the upstream back. */
  write(chunk: Buffer): boolean {
    this.#bytesOut += chunk.length;
    const goOn = this.#reply.write(chunk);
    this.#holdsBack = !goOn;
    return goOn;
  }

  /** After `write` has returned false. @param listener called when the client takes bytes again */
  whenDrained(listener: () => void): void {
    this.#reply.onDrain(() => {
      this.#holdsBack = false;
      listener();
    });
  }

  end(trailers: HeaderList): void {
    this.#reply.end(undefined, this.#fields.forwardTrailers(trailers));
  }

  /** Head and body at once. */
  send({ status, reason = '', headers, body }: ReadyAnswer): void {
    this.#status = status;
    this.#reply.head(status, reason, this.#fields.forward(headers, this.#facts(undefined)));
    if (body.length === 0 || this.#request.method === 'HEAD') this.#reply.end();
    else {
      this.#bytesOut = body.length;
      this.#reply.end(body);
    }
  }

  refuse(refusal: Refusal): void {
    this.#status = refusal.status;
    const also = this.#fields.ofRefusal(this.#facts(undefined));
    this.#bytesOut = sendRefusal(refusal, this.#request, this.#reply, {
      requestId: this.#requestId,
      also,
    });
  }

  switchProtocols(
    headers: HeaderList,
    tunnel: Duplex,
    idleTimeoutMs: number,
    onEnd: (end: TunnelEnd) => void,
  ): void {
    this.#status = 101;
    this.#reply.onClientGone(null);
    const fields = this.#fields.forward(headers, this.#facts(undefined));
    this.#reply.switchProtocols(fields, tunnel, idleTimeoutMs, (end) => {
      this.#bytesOut = end.bytesOut;
      this.#tunnelBytesIn = end.bytesIn;
      onEnd(end);
    });
  }

  /** Cuts the connection: what was told so far can then not look complete. */
  abort(): void {
    this.#reply.abort();
  }

  /** Nothing is listened for any more. */
  detach(): void {
    this.#reply.onDrain(null);
    this.#reply.onClientGone(null);
  }

  #facts(upstreamMs: number | undefined): AnswerFacts {
    return {
      requestId: this.#requestId,
      upstreams: this.#asked,
      fallback: this.fallback,
      upstreamMs,
      cacheStatus: this.cacheStatus,
    };
  }
}
