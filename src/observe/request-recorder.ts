import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';
import {
  DURATION_BUCKETS,
  FALLBACK_CELLS,
  RETRIES_CELL,
  RequestLayout,
  type RouteLabels,
  SUM_CELL,
  seriesCells,
} from './request-layout.ts';

const OTHER_METHOD = 7;
const NO_STATUS = 5;
const BOUNDS = Float64Array.from(DURATION_BUCKETS);

/**
 * Counts finished exchanges and how long they took, of one thread, into memory that it writes alone: no label, no hash,
 * no atomic operation per request (docs/performance.md has what that saves). RequestTotals reads it.
 */
export class RequestRecorder implements ExchangeObserver {
  /** Where it counts: all zero when nothing is counted yet. */
  readonly memory: Int32Array;
  readonly #layout: RequestLayout;
  readonly #cells: Float64Array;

  /**
   * @param routes as configured, in the same order in all threads
   * @param memory `requestMetricsWords(routes.length)` words, aligned to 8 bytes, that no other thread writes.
   *   Whoever takes the place of a thread that has died goes on with its memory. @default private memory
   * @throws InvalidOptionError `memory` is too small or not aligned
   */
  constructor(routes: readonly RouteLabels[], memory?: Int32Array) {
    this.#layout = new RequestLayout(routes);
    this.memory = memory ?? this.#layout.privateMemory();
    this.#cells = this.#layout.cells(this.memory);
  }

  finished(record: ExchangeRecord): void {
    const cells = this.#cells;
    const place = this.#layout.place(record.route, record.upstream);
    const at = this.#layout.cellsOf(place);
    const series = at + seriesCells(methodIndex(record.method), statusIndex(record.status));
    const seconds = record.durationMs / 1000;
    cells[place] = 1;
    add(cells, series + bucketIndex(seconds), 1);
    add(cells, series + SUM_CELL, seconds);
    if (record.attempts > 1) add(cells, at + RETRIES_CELL, record.attempts - 1);
    if (record.fallback !== null) add(cells, at + FALLBACK_CELLS[record.fallback], 1);
  }
}

function add(cells: Float64Array, index: number, amount: number): void {
  cells[index] = (cells[index] ?? 0) + amount;
}

/** Its index in METHODS. */
function methodIndex(method: string): number {
  switch (method) {
    case 'GET':
      return 0;
    case 'HEAD':
      return 1;
    case 'POST':
      return 2;
    case 'PUT':
      return 3;
    case 'PATCH':
      return 4;
    case 'DELETE':
      return 5;
    case 'OPTIONS':
      return 6;
    default:
      return OTHER_METHOD;
  }
}

/** Its index in STATUS_CLASSES. */
function statusIndex(status: number): number {
  return status >= 100 && status < 600 ? Math.floor(status / 100) - 1 : NO_STATUS;
}

/** Its index in DURATION_BUCKETS, or the one behind the last. */
function bucketIndex(seconds: number): number {
  let index = 0;
  while (index < BOUNDS.length && seconds > (BOUNDS[index] ?? 0)) index++;
  return index;
}
