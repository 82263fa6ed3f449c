import type { Logger } from 'pino';

/** Milliseconds between two lines: a collector that is gone for a night must not fill the log. */
const EVERY_MS = 60_000;

export interface ExportLogOptions {
  readonly log: Pick<Logger, 'warn'>;
  /** For people, without secrets. */
  readonly endpoint: string;
  /** Milliseconds, monotonic; for tests. @default performance.now */
  readonly now?: () => number;
}

/** Counts spans that are lost, and says so once in a while. */
export class ExportLog {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #endpoint: string;
  readonly #now: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #dropped = 0;
  #reason: string | null = null;

  constructor({ log, endpoint, now = () => performance.now() }: ExportLogOptions) {
    this.#log = log;
    this.#endpoint = endpoint;
    this.#now = now;
  }

  /** Spans that the collector did not get, or did not take. */
  lost(spans: number, reason: string): void {
    if (spans === 0) return;
    this.#lost += spans;
    this.#reason = reason;
    this.#tellInTime();
  }

  /** Spans for which there was no place in the queue. */
  dropped(spans: number): void {
    this.#dropped += spans;
    this.#tellInTime();
  }

  /** What has not been told yet. */
  close(): void {
    if (this.#lost + this.#dropped > 0) this.#tell(this.#now());
  }

  #tellInTime(): void {
    const now = this.#now();
    if (now - this.#toldAt >= EVERY_MS) this.#tell(now);
  }

  #tell(now: number): void {
    const [lost, dropped, reason] = [this.#lost, this.#dropped, this.#reason];
    const fields = {
      event: 'spans_lost',
      endpoint: this.#endpoint,
      lost,
      dropped,
      reason: reason ?? undefined,
    };
    this.#toldAt = now;
    this.#lost = 0;
    this.#dropped = 0;
    this.#reason = null;
    const why = reason === null ? 'too many wait to be sent' : reason;
    this.#log.warn(fields, `${lost + dropped} spans are lost: ${why}`);
  }
}
