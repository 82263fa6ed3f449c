import type { CacheResult } from './cache-result.ts';
import {
  BYTES_IN_CELL,
  BYTES_OUT_CELL,
  CACHE_CELLS,
  DURATION_BUCKETS,
  FALLBACK_CELLS,
  METHODS,
  PLACE_CELLS,
  RETRIES_CELL,
  RequestLayout,
  type RouteLabels,
  STATUS_CLASSES,
  SUM_CELL,
  seriesCells,
} from './request-layout.ts';

export const SERIES_LABELS = ['route', 'upstream', 'method', 'status_class'] as const;

/** All exchanges that have the same labels. */
export interface SeriesTotals {
  /** The same object at every reading. */
  readonly labels: Readonly<Record<(typeof SERIES_LABELS)[number], string>>;
  /** 1 or more. */
  readonly count: number;
  /** Exchanges in each bucket of DURATION_BUCKETS, not cumulative; those above all of them come last. */
  readonly buckets: Float64Array;
  readonly seconds: number;
  /** Its place, and the first of its cells from the start of it. */
  readonly place: number;
  readonly at: number;
}

/** What a route has passed on, and what its policies have done; may all be 0. */
export interface PolicyTotals {
  readonly labels: { readonly route: string; readonly upstream: string };
  readonly retries: number;
  readonly fallbacks: readonly { readonly fallback: string; readonly count: number }[];
  readonly cache: readonly { readonly result: CacheResult; readonly count: number }[];
  /** Of bodies, from clients and to them. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const BUCKET_CELLS = DURATION_BUCKETS.length + 1;
const FALLBACKS = Object.entries(FALLBACK_CELLS);
const CACHE_RESULTS = Object.entries(CACHE_CELLS) as [CacheResult, number][];

/** What the recorders of all threads have counted, added up when somebody asks. */
export class RequestTotals {
  #series: SeriesTotals[] = [];
  #policies: PolicyTotals[] = [];
  readonly #layout: RequestLayout;
  readonly #regions: readonly Float64Array[];
  readonly #labels = new Map<number, SeriesTotals['labels']>();
  /** A place, added up. */
  readonly #sums = new Float64Array(PLACE_CELLS);

  /**
   * @param routes as the recorders have them
   * @param memories one of each thread
   * @throws InvalidOptionError one is too small or not aligned
   */
  constructor(routes: readonly RouteLabels[], memories: readonly Int32Array[]) {
    this.#layout = new RequestLayout(routes);
    this.#regions = memories.map((memory) => this.#layout.cells(memory));
  }

  /** What the last reading found, without series that nothing has been counted in. */
  get series(): readonly SeriesTotals[] {
    return this.#series;
  }

  get policies(): readonly PolicyTotals[] {
    return this.#policies;
  }

  /**
   * Reads once for all metrics, so that those of one scrape agree. Other threads go on counting meanwhile: what they
   * finish now is in this reading or in the next one.
   */
  read(): void {
    this.#series = [];
    this.#policies = [];
    const sums = this.#sums;
    for (const [place, labels] of this.#layout.places.entries()) {
      const regions = this.#regions.filter((cells) => cells[place] !== 0);
      if (regions.length === 0) continue;
      sums.fill(0);
      const at = this.#layout.cellsOf(place);
      for (const cells of regions) addTo(sums, cells, at);
      this.#readSeries(place, labels);
      this.#policies.push({
        labels,
        retries: sums[RETRIES_CELL] ?? 0,
        fallbacks: FALLBACKS.map(([fallback, cell]) => ({ fallback, count: sums[cell] ?? 0 })),
        cache: CACHE_RESULTS.map(([result, cell]) => ({ result, count: sums[cell] ?? 0 })),
        bytesIn: sums[BYTES_IN_CELL] ?? 0,
        bytesOut: sums[BYTES_OUT_CELL] ?? 0,
      });
    }
  }

  #readSeries(place: number, route: PolicyTotals['labels']): void {
    for (const [methodIndex, method] of METHODS.entries()) {
      for (const [statusIndex, status_class] of STATUS_CLASSES.entries()) {
        const at = seriesCells(methodIndex, statusIndex);
        let count = 0;
        for (let cell = at; cell < at + BUCKET_CELLS; cell++) count += this.#sums[cell] ?? 0;
        if (count === 0) continue;
        const key = place * PLACE_CELLS + at;
        let labels = this.#labels.get(key);
        if (labels === undefined) {
          labels = { ...route, method, status_class };
          this.#labels.set(key, labels);
        }
        const buckets = this.#sums.slice(at, at + BUCKET_CELLS);
        this.#series.push({ labels, count, buckets, seconds: this.#sums[at + SUM_CELL] ?? 0, place, at });
      }
    }
  }
}

function addTo(sums: Float64Array, cells: Float64Array, at: number): void {
  for (let cell = 0; cell < PLACE_CELLS; cell++) sums[cell] = (sums[cell] ?? 0) + (cells[at + cell] ?? 0);
}
