import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';
import { cacheResult } from './cache-result.ts';
import { count } from './counting-cells.ts';
import { bucketOf } from './duration-bucket.ts';
import type { ExemplarRecorder } from './exemplar-recorder.ts';
import {
  BYTES_IN_CELL,
  BYTES_OUT_CELL,
  CACHE_CELLS,
  FALLBACK_CELLS,
  RETRIES_CELL,
  RequestLayout,
  type RouteLabels,
  SUM_CELL,
  seriesCells,
} from './request-layout.ts';

const OTHER_METHOD = 7;
const NO_STATUS = 5;

/**
 * Counts finished exchanges and how long they took, of one thread, into memory that it writes alone: no label, no hash,
 * no atomic operation per request (docs/performance.md has what that saves). RequestTotals reads it.
 */
export class RequestRecorder implements ExchangeObserver {
  /** Where it counts: all zero when nothing is counted yet. */
  readonly memory: Int32Array;
  readonly #layout: RequestLayout;
  readonly #cells: Float64Array;
  readonly #exemplars: ExemplarRecorder | null;

  /**
   * @param routes as configured, in the same order in all threads
   * @param memory `requestMetricsWords(routes.length)` words, aligned to 8 bytes, that no other thread writes.
   *   Whoever takes the place of a thread that has died goes on with its memory. @default private memory
   * @param exemplars of this thread. @default none
   * @throws InvalidOptionError `memory` is too small or not aligned
   */
  constructor(
    routes: readonly RouteLabels[],
    memory?: Int32Array,
    exemplars: ExemplarRecorder | null = null,
  ) {
    this.#layout = new RequestLayout(routes);
    this.memory = memory ?? this.#layout.privateMemory();
    this.#cells = this.#layout.cells(this.memory);
    this.#exemplars = exemplars;
  }

  finished(record: ExchangeRecord): void {
    const cells = this.#cells;
    const place = this.#layout.place(record.route, record.upstream);
    const at = this.#layout.cellsOf(place);
    const inPlace = seriesCells(methodIndex(record.method), statusIndex(record.status));
    const seconds = record.durationMs / 1000;
    const bucket = bucketOf(seconds);
    cells[place] = 1;
    count(cells, at + inPlace + bucket, 1);
    count(cells, at + inPlace + SUM_CELL, seconds);
    count(cells, at + BYTES_OUT_CELL, record.bytesOut);
    if (record.bytesIn > 0) count(cells, at + BYTES_IN_CELL, record.bytesIn);
    if (record.attempts > 1) count(cells, at + RETRIES_CELL, record.attempts - 1);
    if (record.fallback !== null) count(cells, at + FALLBACK_CELLS[record.fallback], 1);
    if (record.cacheStatus !== null) count(cells, at + CACHE_CELLS[cacheResult(record.cacheStatus)], 1);
    // Of a trace that is not recorded there is nothing to be found.
    if (record.traceSampled && record.traceId !== null && this.#exemplars !== null) {
      this.#exemplars.note(place, inPlace + bucket, seconds, record.traceId);
    }
  }
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
