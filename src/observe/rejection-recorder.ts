import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';
import { RequestLayout, type RouteLabels } from './request-layout.ts';

/** Words that all threads' counts of rejections take. @param routes how many the configuration has */
export function rejectionWords(routes: number): number {
  return routes + 1;
}

/** Counts the requests that a breaker or a bulkhead refused and no fallback answered, by route, for all threads together. */
export class RejectionRecorder implements ExchangeObserver {
  /** A count for each place of the RequestLayout; unsigned, after 4,294,967,295 comes 0. */
  readonly memory: Int32Array;
  readonly #layout: RequestLayout;

  /** @param memory `rejectionWords(routes.length)` words that all threads may share. @default private memory */
  constructor(
    routes: readonly RouteLabels[],
    memory: Int32Array = new Int32Array(rejectionWords(routes.length)),
  ) {
    this.#layout = new RequestLayout(routes);
    this.memory = memory;
  }

  finished({ outcome, route, upstream }: ExchangeRecord): void {
    if (outcome === 'rejected') Atomics.add(this.memory, this.#layout.place(route, upstream), 1);
  }
}
