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
}

/** What the policies of a route have done; may all be 0. */
export interface PolicyTotals {
  readonly labels: { readonly route: string; readonly upstream: string };
  readonly retries: number;
  readonly fallbacks: readonly { readonly fallback: string; readonly count: number }[];
}

const BUCKET_CELLS = DURATION_BUCKETS.length + 1;
const FALLBACKS = Object.entries(FALLBACK_CELLS);

/** What the recorders of all threads have counted, added up when somebody asks. */
export class RequestTotals {
  #series: SeriesTotals[] = [];
  #policies: PolicyTotals[] = [];
  readonly #layout: RequestLayout;
  readonly #regions: readonly Float64Array[];
  readonly #labels = new Map<number, SeriesTotals['labels']>();

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
    for (const [place, labels] of this.#layout.places.entries()) {
      const regions = this.#regions.filter((cells) => cells[place] !== 0);
      if (regions.length === 0) continue;
      const at = this.#layout.cellsOf(place);
      this.#readSeries(labels, regions, at);
      const fallbacks = FALLBACKS.map(([fallback, cell]) => ({ fallback, count: sum(regions, at + cell) }));
      this.#policies.push({ labels, retries: sum(regions, at + RETRIES_CELL), fallbacks });
    }
  }

  #readSeries(route: PolicyTotals['labels'], regions: readonly Float64Array[], placeAt: number): void {
    for (const [methodIndex, method] of METHODS.entries()) {
      for (const [statusIndex, status_class] of STATUS_CLASSES.entries()) {
        const at = placeAt + seriesCells(methodIndex, statusIndex);
        const buckets = new Float64Array(BUCKET_CELLS);
        let count = 0;
        for (let bucket = 0; bucket < BUCKET_CELLS; bucket++) {
          const inBucket = sum(regions, at + bucket);
          buckets[bucket] = inBucket;
          count += inBucket;
        }
        if (count === 0) continue;
        let labels = this.#labels.get(at);
        if (labels === undefined) {
          labels = { ...route, method, status_class };
          this.#labels.set(at, labels);
        }
        this.#series.push({ labels, count, buckets, seconds: sum(regions, at + SUM_CELL) });
      }
    }
  }
}

function sum(regions: readonly Float64Array[], cell: number): number {
  let total = 0;
  for (const cells of regions) total += cells[cell] ?? 0;
  return total;
}
