import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

/**
 * Counts the spans that wait in a processor behind it, and drops those for which there is no place: the one of
 * OpenTelemetry drops them too, but tells nobody.
 */
export class BoundedProcessor implements SpanProcessor {
  readonly #inner: SpanProcessor;
  readonly #most: number;
  readonly #onDropped: () => void;
  #waiting = 0;
  #closed = false;

  /** @param most spans that may wait */
  constructor(inner: SpanProcessor, most: number, onDropped: () => void) {
    this.#inner = inner;
    this.#most = most;
    this.#onDropped = onDropped;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    // Such as that of an answer which is still being read, for its connection's sake.
    if (this.#closed) return;
    if (this.#waiting >= this.#most) {
      this.#onDropped();
      return;
    }
    this.#waiting++;
    this.#inner.onEnd(span);
  }

  /** They wait no more. */
  taken(spans: number): void {
    this.#waiting -= spans;
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    this.#closed = true;
    return this.#inner.shutdown();
  }
}
