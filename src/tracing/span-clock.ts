import { performance } from 'node:perf_hooks';
import type { HrTime } from '@opentelemetry/api';

/**
 * From milliseconds of `performance.now` to the time of day. One for all spans of an exchange: a step of the system's clock
 * meanwhile must not make an attempt begin before its exchange.
 */
export class SpanClock {
  readonly #offsetMs = Date.now() - performance.now();

  /** @param ms of `performance.now` */
  at(ms: number): HrTime {
    const unixMs = this.#offsetMs + ms;
    const seconds = Math.floor(unixMs / 1000);
    return [seconds, Math.floor((unixMs - seconds * 1000) * 1e6)];
  }

  now(): HrTime {
    return this.at(performance.now());
  }
}
