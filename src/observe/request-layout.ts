import type { FallbackSource } from '../proxy/fallback-step.ts';
import type { CacheResult } from './cache-result.ts';
import { countingCells } from './counting-cells.ts';

/** What the metrics need of a route's configuration. */
export interface RouteLabels {
  readonly path: string;
  /** The upstream's name. */
  readonly upstream: string;
}

/**
 * Seconds: finer where a healthy service answers, out to the default limit of a route. With those above all of them and
 * the sum they are 16 cells.
 */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** A method is any token a client likes; only these become labels, so that nobody can grow the metrics. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;

/** `none`: the client left, or was cut off, before it was told a status. */
export const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none'] as const;

/** Where each kind of fallback is counted, from the start of a place. */
export const FALLBACK_CELLS: Readonly<Record<FallbackSource, number>> = {
  secondary: 1,
  stale: 2,
  static: 3,
  mock: 4,
};

/** Bytes of bodies, from clients and to them. */
export const BYTES_IN_CELL = 5;
export const BYTES_OUT_CELL = 6;

/** Where each thing that a cache did for a request is counted, from the start of a place. */
export const CACHE_CELLS: Readonly<Record<CacheResult, number>> = {
  hit: 8,
  stale: 9,
  revalidated: 10,
  miss: 11,
  bypass: 12,
};

/**
 * One region per thread, which writes it alone. Cells are doubles: a 32-bit count would wrap in five days at 10,000
 * requests a second, and these are exact up to 2^53. On every 64-bit machine an aligned one is read and written whole.
 *
 * First a cell per place, which is 1 once the place has been used, then the places. A place: retries, fallbacks and
 * bytes in a cache line, what its cache did in another one, then its series by method and status class, each in two cache
 * lines: exchanges by the bucket of their duration (not cumulative), those above all buckets, the sum of seconds. A system gives zeroed memory when it is
 * first written to, so a route that nobody asks costs one cell.
 */
export const RETRIES_CELL = 0;
const POLICY_CELLS = 16;
/** Of one histogram of durations. */
export const HISTOGRAM_CELLS = DURATION_BUCKETS.length + 2;
export const SUM_CELL = DURATION_BUCKETS.length + 1;
const SERIES_PER_PLACE = METHODS.length * STATUS_CLASSES.length;
export const PLACE_CELLS = POLICY_CELLS + SERIES_PER_PLACE * HISTOGRAM_CELLS;
const CACHE_LINE_CELLS = 8;

/** Where exchanges are counted that got no further than the front door. */
const NO_ROUTE = 0;

/** Several routes may have one path, for different hosts or methods. */
interface PlaceOfPath {
  readonly upstream: string;
  readonly place: number;
  readonly next: PlaceOfPath | undefined;
}

/**
 * Words that the request metrics of one thread take. A multiple of a cache line, so that threads whose regions lie side
 * by side do not slow each other down.
 *
 * @param routes how many the configuration has
 */
export function requestMetricsWords(routes: number): number {
  const places = routes + 1;
  return (placesAt(places) + places * PLACE_CELLS) * 2;
}

function placesAt(places: number): number {
  return Math.ceil(places / CACHE_LINE_CELLS) * CACHE_LINE_CELLS;
}

/** Where what is counted: the same in all threads that have the same routes in the same order. */
export class RequestLayout {
  /** What each place is for; the first is for exchanges without a route. */
  readonly places: readonly { readonly route: string; readonly upstream: string }[];
  readonly #byPath = new Map<string, PlaceOfPath>();
  readonly #words: number;
  readonly #placesAt: number;

  constructor(routes: readonly RouteLabels[]) {
    const places = [{ route: 'none', upstream: 'none' }];
    for (const { path, upstream } of routes) {
      this.#byPath.set(path, { upstream, place: places.length, next: this.#byPath.get(path) });
      places.push({ route: path, upstream });
    }
    this.places = places;
    this.#words = requestMetricsWords(routes.length);
    this.#placesAt = placesAt(routes.length + 1);
  }

  /** A route that is not in the configuration counts as none, because an observer must not throw. */
  place(route: string | null, upstream: string | null): number {
    if (route === null) return NO_ROUTE;
    let found = this.#byPath.get(route);
    while (found !== undefined && found.upstream !== upstream) found = found.next;
    return found === undefined ? NO_ROUTE : found.place;
  }

  /** The first cell of a place. */
  cellsOf(place: number): number {
    return this.#placesAt + place * PLACE_CELLS;
  }

  /** @throws InvalidOptionError too small for these routes, or not aligned */
  cells(memory: Int32Array): Float64Array {
    return countingCells(memory, this.#words);
  }

  /** Zeroed memory for one thread that shares it with no other. */
  privateMemory(): Int32Array {
    return new Int32Array(this.#words);
  }
}

/** The first cell of a series, from the start of its place. */
export function seriesCells(method: number, statusClass: number): number {
  return POLICY_CELLS + (method * STATUS_CLASSES.length + statusClass) * HISTOGRAM_CELLS;
}
