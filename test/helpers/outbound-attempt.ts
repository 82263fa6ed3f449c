import type { TargetConfig } from '../../src/config/gateway-config.ts';
import { FastOutboundLane } from '../../src/http/fast/outbound/fast-outbound-lane.ts';
import { maySpeakH2 } from '../../src/http/full/may-speak-h2.ts';
import { UndiciLane, type UndiciLaneOptions } from '../../src/http/full/undici-lane.ts';
import {
  type Attempt,
  type AttemptSink,
  type HeaderList,
  type InboundBody,
  InboundBodyError,
  type InboundBodySink,
  type OutboundLane,
  type OutboundRequest,
  type UpstreamError,
} from '../../src/http/message.ts';
import { until } from './until.ts';

/** An attempt whose sink keeps what it was told. */
export class OutboundAttempt implements AttemptSink {
  readonly attempt: Attempt;
  /** Names of the calls in order; runs of `data` are one. */
  readonly calls: string[] = [];
  readonly interims: { status: number; headers: HeaderList }[] = [];
  readonly chunks: Buffer[] = [];
  head: { status: number; reason: string; headers: HeaderList } | null = null;
  trailers: HeaderList | null = null;
  error: UpstreamError | null = null;
  /** True: every chunk is answered with "hold". */
  hold = false;

  constructor(lane: OutboundLane, request: Partial<OutboundRequest> = {}) {
    this.attempt = lane.start(
      { method: 'GET', path: '/', headers: ['Host', 'upstream.test'], body: null, ...request },
      this,
    );
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  get over(): boolean {
    return this.trailers !== null || this.error !== null;
  }

  /** All values of a field of the head. */
  all(name: string): string[] {
    const headers = this.head?.headers ?? [];
    return headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name.toLowerCase());
  }

  /** Waits for onEnd or onError. */
  async done(): Promise<this> {
    await until(() => this.over);
    return this;
  }

  /** Waits for onEnd; throws what onError said. */
  async ended(): Promise<this> {
    await this.done();
    if (this.error !== null) throw this.error;
    return this;
  }

  onInterim(status: number, headers: HeaderList): void {
    this.#called('interim');
    this.interims.push({ status, headers });
  }

  onHead(status: number, reason: string, headers: HeaderList): void {
    this.#called('head');
    this.head = { status, reason, headers };
  }

  onData(chunk: Buffer): boolean {
    if (this.calls.at(-1) !== 'data') this.#called('data');
    this.chunks.push(chunk);
    return !this.hold;
  }

  onEnd(trailers: HeaderList): void {
    this.#called('end');
    this.trailers = trailers;
  }

  onError(error: UpstreamError): void {
    this.#called('error');
    this.error = error;
  }

  #called(name: string): void {
    this.calls.push(name);
  }
}

/** A request body whose client is the test. */
export class ClientBody implements InboundBody {
  readonly length: number | null;
  complete = false;
  arrived = 0;
  paused = false;
  discarded = false;
  #sink: InboundBodySink | null = null;

  constructor(length: number | null = null) {
    this.length = length;
  }

  get started(): boolean {
    return this.#sink !== null;
  }

  start(sink: InboundBodySink): void {
    if (this.#sink !== null) throw new Error('started twice');
    this.#sink = sink;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  discard(): void {
    this.discarded = true;
  }

  async send(chunk: string | Buffer): Promise<void> {
    await until(() => this.started);
    this.#sink?.onChunk(Buffer.from(chunk as string, 'latin1'));
  }

  async end(chunk?: string): Promise<void> {
    if (chunk !== undefined) await this.send(chunk);
    await until(() => this.started);
    this.complete = true;
    this.#sink?.onEnd();
  }

  async fail(code: InboundBodyError['code']): Promise<void> {
    await until(() => this.started);
    this.#sink?.onError(new InboundBodyError(code, `The body is ${code}.`));
  }
}

export type OutboundKind = 'undici' | 'fast';

/** The lane that the suite runs in. */
export const OUTBOUND: OutboundKind = process.env.BREAKWATER_TEST_LANE === 'full' ? 'undici' : 'fast';

/** A lane to an origin such as `http://127.0.0.1:8081`, with limits that no test reaches by being slow. */
export function outboundLane(
  url: string,
  options: Partial<UndiciLaneOptions> = {},
  kind: OutboundKind = OUTBOUND,
) {
  const { protocol, hostname, port } = new URL(url);
  const target: TargetConfig = {
    url,
    protocol: protocol as 'http:' | 'https:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    weight: 1,
  };
  const limits: UndiciLaneOptions = {
    connectTimeoutMs: 30_000,
    responseTimeoutMs: 30_000,
    idleBodyTimeoutMs: 30_000,
    maxConnections: 16,
    keepAliveMs: 30_000,
    allowH2: true,
    ...options,
  };
  const Lane = kind === 'fast' && !maySpeakH2(target, limits) ? FastOutboundLane : UndiciLane;
  const lane = new Lane(target, limits);
  return Object.assign(lane, {
    async [Symbol.asyncDispose]() {
      lane.destroy();
      await lane.close();
    },
  });
}
