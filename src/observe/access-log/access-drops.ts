import { type Clock, systemClock } from '../../resilience/index.ts';
import { countLines, type DroppedLines } from '../dropped-lines.ts';
import type { Logger } from '../log.ts';

/** Where a reader is just too slow, lines are dropped and written by turns: it is told no more often. */
const TELL_EVERY_MS = 1_000;

/** Counts lines of the access log that were dropped, and says so in the gateway's log once lines get through again. */
export class AccessDrops {
  readonly #total: DroppedLines;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #clock: Clock;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** @param clock @default systemClock */
  constructor(total: DroppedLines, log: Pick<Logger, 'warn'>, clock: Clock = systemClock) {
    this.#total = total;
    this.#log = log;
    this.#clock = clock;
  }

  dropped(lines: string): void {
    const count = countLines(lines);
    this.#untold += count;
    this.#total.add('access', count);
  }

  /** Something has been written. */
  written(): void {
    if (this.#untold > 0 && this.#clock.now() - this.#toldAt >= TELL_EVERY_MS) this.tell();
  }

  tell(): void {
    if (this.#untold === 0) return;
    this.#log.warn(
      { event: 'log_dropped', log: 'access', lines: this.#untold },
      `${this.#untold} access lines were dropped: whoever reads them was behind`,
    );
    this.#untold = 0;
    this.#toldAt = this.#clock.now();
  }
}
