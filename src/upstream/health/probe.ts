import type { HealthCheckConfig } from '../../config/gateway-config.ts';
import type { Attempt, AttemptSink, HeaderList, OutboundLane, UpstreamError } from '../../http/message.ts';
import type { Clock, StopTimer, Timer } from '../../resilience/index.ts';
import type { ProbeResult } from './probe-record.ts';

/** How much of a body is read: text beyond it is not looked for, and a longer body is not waited for. */
const MAX_BODY_BYTES = 64 * 1024;

const USER_AGENT = 'breakwater-health-check';

export interface ProbeOptions {
  readonly config: HealthCheckConfig;
  /** For this probe alone: it is destroyed in the end, so that every probe finds out whether one can still connect. */
  readonly lane: OutboundLane;
  /** The Host field. */
  readonly authority: string;
  readonly clock: Clock;
  readonly timer: Timer;
  /** @param result null: none, for the gateway itself has nothing left for a connection */
  readonly onResult: (result: ProbeResult | null) => void;
}

/**
 * One real request that asks whether a target is well. Good is an expected status and a whole body (or its first 64 KiB)
 * that has the expected text, all within the timeout.
 */
export class Probe implements AttemptSink {
  readonly #options: ProbeOptions;
  readonly #startedAt: number;
  readonly #stopTimer: StopTimer;
  readonly #chunks: Buffer[] = [];
  #attempt: Attempt | null = null;
  #bytes = 0;
  #status = 0;
  #over = false;

  constructor(options: ProbeOptions) {
    const { config, clock, timer } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#stopTimer = timer.start(config.timeoutMs, () =>
      this.#finish(false, `no whole answer within ${config.timeoutMs} ms`),
    );
  }

  send(): void {
    const { config, lane, authority } = this.#options;
    const headers = ['Host', authority, 'User-Agent', USER_AGENT, 'Accept', '*/*'];
    try {
      this.#attempt = lane.start({ method: config.method, path: config.path, headers, body: null }, this);
    } catch (error) {
      this.#finish(false, `cannot be sent: ${(error as Error).message}`);
    }
    if (this.#over) this.#attempt?.abort();
  }

  /** Ends it without a result. */
  cancel(): void {
    if (!this.#over) this.#end();
  }

  onInterim(): void {}

  onHead(status: number): void {
    this.#status = status;
    if (
      this.#over ||
      this.#options.config.expectStatuses.some(({ from, to }) => from <= status && status <= to)
    )
      return;
    this.#finish(false, `status ${status}`);
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true;
    if (this.#options.config.expectBody !== null) this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= MAX_BODY_BYTES) this.#judgeBody();
    return true;
  }

  onEnd(_trailers: HeaderList): void {
    if (!this.#over) this.#judgeBody();
  }

  onError(error: UpstreamError): void {
    if (this.#over) return;
    if (error.kind !== 'exhausted') this.#finish(false, `${error.kind}: ${error.message}`);
    else {
      this.#end();
      this.#options.onResult(null);
    }
  }

  #judgeBody(): void {
    const { expectBody } = this.#options.config;
    const body = Buffer.concat(this.#chunks).subarray(0, MAX_BODY_BYTES);
    if (expectBody === null || body.includes(expectBody)) this.#finish(true, `status ${this.#status}`);
    else this.#finish(false, `status ${this.#status} without the expected text`);
  }

  #finish(ok: boolean, detail: string): void {
    this.#end();
    const { clock, onResult } = this.#options;
    onResult({ ok, detail, durationMs: clock.now() - this.#startedAt, at: clock.wallNow() });
  }

  #end(): void {
    this.#over = true;
    this.#stopTimer();
    this.#attempt?.abort();
    // Not at once: this may be a turn of the parser of the connection that would be destroyed.
    queueMicrotask(() => this.#options.lane.destroy());
  }
}
