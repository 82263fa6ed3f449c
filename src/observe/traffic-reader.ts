import {
  DURATION_BUCKETS,
  FALLBACK_CELLS,
  METHODS,
  RETRIES_CELL,
  RequestLayout,
  type RouteLabels,
  STATUS_CLASSES,
  SUM_CELL,
  seriesCells,
} from './request-layout.ts';
import { type CountingTotals, newTotals, type TrafficReading, TrafficSums } from './traffic-sums.ts';

export interface TrafficSources {
  /** In the order of the configuration. */
  readonly routes: readonly RouteLabels[];
  /** Of the RequestRecorder of each thread. */
  readonly requests: readonly Int32Array[];
  /** Of the RejectionRecorder of all threads. */
  readonly rejections: Int32Array;
}

/** Where exchanges are counted that had no route. */
const NO_ROUTE = 0;
const BUCKETS = DURATION_BUCKETS.length + 1;
const SOURCES = Object.entries(FALLBACK_CELLS) as [keyof CountingTotals['fallbacks'], number][];

/** From the start of a place to each of its series, by status class. */
const SERIES = STATUS_CLASSES.map(
  (statusClass, at) => [statusClass, METHODS.map((_, method) => seriesCells(method, at))] as const,
);

/** Adds up what the threads have counted: over all routes, for each upstream and for each route. */
export class TrafficReader {
  readonly #layout: RequestLayout;
  readonly #regions: readonly Float64Array[];
  readonly #rejections: Int32Array;

  /** @throws InvalidOptionError a memory is too small or not aligned */
  constructor({ routes, requests, rejections }: TrafficSources) {
    this.#layout = new RequestLayout(routes);
    this.#regions = requests.map((memory) => this.#layout.cells(memory));
    this.#rejections = rejections;
  }

  /**
   * With 1,000 routes, each asked with two methods, answered with two classes of status, in two threads: 5 ms; 0.1 ms when
   * none of them was asked. Not by RequestTotals, whose series with their labels take 22 ms: this happens every two
   * seconds, and every second while somebody watches.
   */
  read(): TrafficReading {
    const sums = new TrafficSums();
    for (const [place, { route, upstream }] of this.#layout.places.entries()) {
      if (place === NO_ROUTE) continue;
      const rejected = Atomics.load(this.#rejections, place) >>> 0;
      const regions = this.#regions.filter((cells) => cells[place] !== 0);
      if (regions.length === 0 && rejected === 0) continue;
      const totals = newTotals();
      totals.rejected = rejected;
      for (const cells of regions) addPlace(totals, sums.durations, cells, this.#layout.cellsOf(place));
      sums.add({ path: route, upstream }, totals);
    }
    return sums;
  }
}

function addPlace(totals: CountingTotals, durations: Float64Array, cells: Float64Array, at: number): void {
  for (const [statusClass, series] of SERIES) {
    let count = 0;
    for (const offset of series) {
      const start = at + offset;
      // Most are empty. What took no time at all, and adds nothing to the sum, is in the first bucket.
      if (cells[start + SUM_CELL] === 0 && cells[start] === 0) continue;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const counted = cells[start + bucket]!;
        count += counted;
        durations[bucket] = durations[bucket]! + counted;
      }
    }
    totals.classes[statusClass] += count;
    totals.requests += count;
  }
  totals.retries += cells[at + RETRIES_CELL]!;
  for (const [source, cell] of SOURCES) totals.fallbacks[source] += cells[at + cell]!;
}
