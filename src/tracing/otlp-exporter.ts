import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Collector } from './collector.ts';
import type { ExportLog } from './export-log.ts';
import { otlpJson } from './otlp-json.ts';

type Done = Parameters<SpanExporter['export']>[1];

/** Milliseconds before the second try; each further one waits twice as long, half of it at random. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

const SUCCESS = 0;
const FAILED = 1;

export interface OtlpExporterParts {
  readonly collector: Pick<Collector, 'send' | 'destroy'>;
  readonly log: ExportLog;
  /** For one batch, further tries included. */
  readonly timeoutMs: number;
  /** Told how many spans have left the queue. */
  readonly onTaken: (spans: number) => void;
}

/**
 * Sends batches of spans, and tries again as long as that may help. Not the exporter of OpenTelemetry for JavaScript
 * (0.301): its tries cannot be ended and keep the process alive, and it takes header fields from the environment.
 */
export class OtlpExporter implements SpanExporter {
  readonly #parts: OtlpExporterParts;
  readonly #underWay = new Set<Promise<void>>();
  /** Ends the waits between two tries. */
  readonly #hurry = new AbortController();

  constructor(parts: OtlpExporterParts) {
    this.#parts = parts;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#parts.onTaken(spans.length);
    const delivery = this.#deliver(spans)
      .then(
        () => done({ code: SUCCESS }),
        (error: Error) => done({ code: FAILED, error }),
      )
      .finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }

  async #deliver(spans: ReadableSpan[]): Promise<void> {
    const { collector, log, timeoutMs } = this.#parts;
    const deadline = performance.now() + timeoutMs;
    const body = otlpJson(spans);
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      // Known before the try: whoever hurries gets one that has not begun yet, and no other.
      const last = this.#hurry.signal.aborted;
      const delivery = await collector.send(body, deadline - performance.now());
      if (delivery.arrived) {
        log.lost(delivery.rejected, 'the collector did not take them');
        return;
      }
      // A collector that says 0 must not be asked again and again without a pause.
      const pauseMs = Math.max(delivery.afterMs ?? 0, (waitMs * (1 + Math.random())) / 2);
      if (last || !delivery.again || performance.now() + pauseMs >= deadline) {
        log.lost(spans.length, delivery.reason);
        throw new Error(delivery.reason);
      }
      await wait(pauseMs, undefined, { ref: false, signal: this.#hurry.signal }).catch(() => {});
    }
  }

  /** What is under way gets one more try, at once. */
  hurry(): void {
    this.#hurry.abort();
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  /** Ends what is under way; its spans are lost. */
  destroy(): void {
    this.#hurry.abort();
    this.#parts.collector.destroy();
  }
}
